//===- CUDAExecution.h - One dispatch on a GPU ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A set in flight: staging memory, an arena, the values of all kernel
// parameters, a stream and an event. Laid out when sizes change; otherwise a
// dispatch only fills in values and enqueues.
//
// Small host buffers are copied to and from page-locked memory. What a kernel
// reads or writes once there it does in place. Everything else travels
// together: in the block lie first buffers that are only read, then those that
// are read and written, then those that are only written, so that one transfer
// takes all inputs up and one takes all results down. Large ones are copied
// each by itself, straight from and to the caller's memory. The arena comes
// last. Which way is taken is in TransferCosts.h.
//
// One class, in six files:
//
//   CUDAExecution.cpp    its life, and enqueueing launches
//   CUDACapture.cpp      whether it becomes a graph
//   CUDAChecks.cpp       what only the device can refuse
//   CUDALayout.cpp       routes, placements, addresses
//   CUDATransfers.cpp    copies up and down
//   CUDACompletion.cpp   waiting
//   CUDAPersistent.cpp   dispatches by a persistent kernel
//
// Calls of the host's are in CUDACalls.h.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDAEXECUTION_H
#define VYRE_LIB_RUNTIME_CUDA_CUDAEXECUTION_H

#include "Backend.h"
#include "CUDA/CUDACalls.h"
#include "CUDA/CUDADevice.h"
#include "CUDA/CUDAExecutable.h"
#include "CUDA/CUDAGraph.h"
#include "CUDA/CUDAReadback.h"
#include "CUDA/CUDATimer.h"
#include "CUDA/CheckedPointers.h"
#include "CUDA/PersistentKernel.h"

#include <memory>
#include <optional>
#include <vector>

namespace vyre::runtime::internal::cuda {

class CudaExecution final : public Execution {
public:
  static Expected<std::unique_ptr<Execution>>
  create(CudaExecutable &executable);

  Status check(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status start(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status wait(const Deadline &deadline, bool &isDone) override;
  ReadbackTraffic traffic() const override {
    return {isCapturing ? nullptr : readback.counts(), provided.data(), copies,
            waits};
  }
  void describe(VyreDispatchReport &report) const override;
  void describeTimes(VyreDispatchReport &report) const override;
  Status prewarm(const DispatchPlan &plan,
                 const DispatchOptions &options) override;
  Status close() override;

private:
  /// How a buffer argument reaches the device.
  enum class Route : uint8_t {
    none,
    /// It is there already.
    resident,
    /// Through page-locked memory, with others.
    staged,
    /// By a copy of its own.
    direct,
    /// Few accesses an element, of one launch: the kernel works on it in mapped
    /// page-locked memory.
    mapped,
    /// A result whose size the device tells: see CUDAReadback.h.
    counted,
    /// Such a size, which comes back with all of them.
    count,
  };
  struct Placement {
    Route route = Route::none;
    /// A VyreMemoryLocation.
    uint32_t location = VYRE_MEMORY_HOST;
    uint64_t offset = 0;
    /// Of a small counted result: room in page-locked memory.
    uint64_t stagingOffset = 0;
  };
  /// A range of the block.
  struct Range {
    uint64_t begin = 0, end = 0;
    uint64_t size() const { return end - begin; }
  };

  explicit CudaExecution(CudaExecutable &executable);

  const char *whyNotPersistent(const DispatchPlan &plan,
                               const DispatchOptions &options) const;
  Status choosePersistent(const DispatchPlan &plan,
                          const DispatchOptions &options);
  Status arrangePersistent(const DispatchPlan &plan,
                           const DispatchOptions &options);
  Status startPersistent(const DispatchPlan &plan,
                         const DispatchOptions &options);
  Status restartPersistent();
  PersistentKernel::Answer pollPersistent(Clock::time_point end);
  Status waitPersistent(const Deadline &deadline, bool &isDone);
  Status checkPointers(const DispatchPlan &plan);
  Status checkPointer(const DispatchPlan &plan, uint32_t argument);
  Status checkShared(const DispatchPlan &plan) const;
  Status checkCapture(const DispatchPlan &plan);
  bool readsAtOnce(const DispatchPlan &plan) const;
  Route chooseRoute(const DispatchPlan &plan, uint32_t argument) const;
  bool mustLayOut(const DispatchPlan &plan) const;
  /// Decides for every argument; the context is current.
  Status chooseRoutes(const DispatchPlan &plan);
  Status computeLayout(const DispatchPlan &plan);
  Status reserveMemory(const DispatchPlan &plan);
  void fillParameters(const DispatchPlan &plan);
  Status uploadTables();
  /// What follows from where buffers are; nothing of it if that is as before.
  Status bind(const DispatchPlan &plan);
  void bindCounted(const DispatchPlan &plan);
  CUdeviceptr address(const DispatchPlan &plan, const MemoryRef &memory) const;
  /// Decides which inputs go up; the layout stands.
  void chooseUploads(const DispatchPlan &plan);
  /// What went up is on the device from now on; or nothing is.
  void keepUploads(const DispatchPlan &plan);
  void forgetUploads();
  /// Clears what a dispatch without uploads would find of the one before.
  Status clearResults(const DispatchPlan &plan);
  bool canPoll(const DispatchPlan &plan, const DispatchOptions &options) const;
  /// Everything that start() does before it enqueues.
  Status arrange(const DispatchPlan &plan, const DispatchOptions &options);
  Status enqueue(const DispatchPlan &plan, const DispatchOptions &options);
  Status enqueueInputs(const DispatchPlan &plan);
  /// The transfers of what is staged, and all launches.
  Status enqueueGraph(const DispatchPlan &plan, const DispatchOptions &options,
                      bool &isEnqueued);
  GraphContent graphContent(const DispatchPlan &plan);
  Status prepareGraph(const DispatchPlan &plan, const DispatchOptions &options,
                      bool mustBuild, CudaGraph *&graph);
  Status makeGraph(const GraphContent &content, const DispatchOptions &options,
                   CudaGraph *&graph);
  Status declineFailed(Status failed, const GraphContent &content,
                       const DispatchOptions &options);
  Status decideGraph(uint32_t calls, const DispatchOptions &options,
                     bool &buildsNow);
  uint32_t countCalls(const DispatchPlan &plan) const;
  void beginPlain(const DispatchPlan &plan, const DispatchOptions &options);
  void endPlain();
  Status concludeDecision(const DispatchPlan &plan,
                          const DispatchOptions &options);
  Status enqueueOneByOne(const DispatchPlan &plan);
  Status showHost(const DispatchPlan &plan);
  Status enqueueTransfer(const Transfer &transfer, bool isUp);
  Transfer staged(Range range) const;
  /// Whether a kernel packs counted results after the launches.
  bool packs(const DispatchPlan &plan) const {
    return plan.readback.countedResults() != 0 && !isCapturing;
  }
  Status enqueueLaunch(const DispatchPlan &plan, size_t launch);
  Status enqueueCall(const DispatchPlan &plan, size_t launch);
  Status enqueueResults(const DispatchPlan &plan);
  Status enqueueCopy(const DispatchPlan &plan, uint32_t argument,
                     uint64_t byteSize);
  Status enqueueCounted(const DispatchPlan &plan);
  bool isStagedLate(const DispatchPlan &plan, uint32_t argument) const;
  void deliverUncounted() const;
  void deliverResults(const DispatchPlan &plan);
  void deliverCounted(const DispatchPlan &plan, const ResultReadback &result,
                      const int64_t &count);
  void deliver(const DispatchPlan &plan, uint32_t argument, Route route,
               const void *from, uint64_t byteSize);
  bool isRaisedBefore(const Deadline &deadline) const;
  /// `call` is set to the driver call that the result is of.
  CUresult waitForDevice(const Deadline &deadline, const char *&call) const;

  CudaExecutable &executable;
  CudaDevice &device;
  const DriverTable &driver;
  CUstream ownStream = nullptr;
  CUevent event = nullptr;
  std::unique_ptr<DeviceBlock> block;
  PinnedBlock staging, flag;
  CUfunction copyKernel = nullptr;
  CudaCalls hostCalls;
  CudaReadback readback;
  PersistentKernel persistent;
  /// How long it waits at present.
  uint64_t persistentIdleNs = 0;
  CudaTimer timer;
  /// The device's memory among the buffers, and the version of the bindings
  /// that all of it was found good for, or 0.
  CheckedPointers checkedPointers;
  uint64_t pointersVersion = 0;
  /// Memory that a caller's graph refers to, kept until the end.
  std::vector<std::unique_ptr<DeviceBlock>> captured;

  // The layout, valid for one version of the plan's sizes.
  uint64_t layoutVersion = 0;
  bool isLaidOutPersistent = false;
  /// The version of its bindings that `values` and `delivered` are of.
  uint64_t boundVersion = 0;
  std::vector<Placement> placements;
  Range inputs, results;
  /// Of `inputs`, what goes up in this dispatch.
  Range uploads;
  /// Behind what the block shares with it, page-locked memory holds what is
  /// mapped and what is copied after the counts are known.
  uint64_t stagingBytes = 0;
  /// An input that went up before, and stayed where it is now.
  struct Kept {
    const void *from = nullptr;
    uint64_t byteSize = 0;
    uint64_t content = 0;
  };
  /// One per argument; and which of them go up now.
  std::vector<Kept> kept;
  std::vector<bool> goesUp;
  /// Per argument: one launch writes it and none reads it; one launch reads it,
  /// with few accesses to an element, and none writes it; it is a count.
  std::vector<bool> isWrittenOnce, isReadOnce, isCount;
  uint64_t blockBytes = 0, blockAlignment = 256, arenaOffset = 0;
  /// A caller's graph refers to the present block.
  bool isBlockCaptured = false;

  /// The values of all launches' parameters, and the addresses of the values,
  /// as the driver wants them.
  std::vector<uint64_t> values;
  std::vector<void *> valueAddresses;
  /// Scalars are passed by value, so that values change without the bindings.
  bool hasScalars = false;
  /// The first value of each launch.
  std::vector<size_t> firstValue;
  /// The pointers that kernels take from memory, launch after launch, and that
  /// memory.
  std::vector<uint64_t> tables;
  DeviceBlock tableBlock;

  /// The buffers that the program reads, and the results that it may leave
  /// parts of as they are: what a dispatch of a thousand results looks at is
  /// what it has to.
  std::vector<uint32_t> readArguments, clearedResults;
  /// The written arguments that come back by a copy each.
  std::vector<uint32_t> directResults;
  /// The program's first launch that waits for the host, or null.
  const Launch *hostBoundary;
  /// What the host copies from page-locked memory to the caller's.
  struct Delivery {
    void *to;
    const void *from;
    uint64_t byteSize;
  };
  std::vector<Delivery> delivered;
  bool mustDeliverCounted = false;
  /// One per argument: where a result is that stays with the pipeline.
  std::vector<const void *> provided;

  CudaGraphCache graphs;
  /// See GraphContent; whether its graph has a flag.
  uint64_t generation = 1;
  bool canBePolled = false;

  // The dispatch under way.
  const DispatchPlan *current = nullptr;
  CUstream stream = nullptr;
  bool isCapturing = false;
  /// A persistent kernel runs it; or why not, if that was asked for.
  bool isPersistent = false;
  const char *noPersistentReason = nullptr;
  /// The caller keeps asking, and the graph raises the flag.
  bool spins = false, isPolled = false;
  /// The counts came back, and what they call for is enqueued.
  bool areCountsRead = false;
  uint64_t copies = 0, waits = 0;
  uint64_t residentBytes = 0;
  /// NULL if it is a replay.
  const char *noReplayReason = nullptr;
  /// The policy is `auto` and there is no graph; one is to be built behind this
  /// dispatch; with how many dispatches one pays, 0 where that is not known.
  bool isUndecided = false, buildsBehind = false;
  uint64_t graphPaysAfter = 0;
  /// When it began, if it is timed for the capture policy.
  std::optional<Clock::time_point> plainBegin;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDAEXECUTION_H
