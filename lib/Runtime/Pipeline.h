//===- Pipeline.h - A program with its sets in flight -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of dispatching that every backend shares: waiting in line for a free
// set, checking and laying out, starting, and completing.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_PIPELINE_H
#define VYRE_LIB_RUNTIME_PIPELINE_H

#include "Artifact.h"
#include "Backend.h"
#include "DispatchPlan.h"
#include "Status.h"
#include "Telemetry.h"

#include "vyre-c/Dispatch.h"

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace vyre::runtime::internal {

class Pipeline;

/// When a wait of so many nanoseconds, from now on, ends.
Deadline deadlineAfter(uint64_t nanoseconds);

/// The outcome of one dispatch, as soon as there is one.
struct Completion {
  /// The rest is guarded by the pipeline's mutex.
  bool isDone = false;
  Status status;
  VyreDispatchReport report = {};
  /// The caller's, or null.
  VyreResultInfo *results = nullptr;
  size_t resultCount = 0;
  /// When it began, where times are measured or a trace is recorded.
  Clock::time_point begin;
  bool isTimed = false;
  bool isTraced = false;
  /// Of a traced one.
  std::string label;
  std::shared_ptr<void> keptAlive;
  /// The set that carries it out, until done.
  struct InFlight *set = nullptr;
};

/// One set in flight and its use.
struct InFlight {
  enum class State {
    free,
    /// A dispatch is being checked and started.
    reserved,
    running,
    /// Someone waits for the device.
    finishing,
  };

  InFlight(const Program &program, DispatchPlan::Target target)
      : plan(program, target) {}

  DispatchPlan plan;
  std::unique_ptr<Execution> execution;
  State state = State::free;
  /// Orders the running ones.
  uint64_t ticket = 0;
  Completion *completion = nullptr;
};

/// Room for what dispatchInto() passes on.
struct SlotScratch {
  std::vector<VyreBinding> bindings;
  std::vector<VyreResultInfo> infos;
  /// Where the memory of each slot was.
  std::vector<const void *> before;
};

class Pipeline {
public:
  static Expected<std::shared_ptr<Pipeline>>
  create(std::shared_ptr<Device> device,
         std::shared_ptr<const Artifact> artifact, uint32_t program,
         const PipelineConfig &config);

  /// Waits for a set, checks, and starts. On success `completion` must stay
  /// where it is until it is done.
  Status submit(const VyreBinding *bindings, size_t count,
                DispatchOptions options, Completion &completion);
  /// Waits until the completion is done; false if the deadline came first.
  bool wait(Completion &completion, const Deadline &deadline);
  /// Submits and waits, within the time limit. The report is filled in if the
  /// work was done; NULL is fine.
  Status dispatch(const VyreBinding *bindings, size_t count,
                  DispatchOptions options, VyreDispatchReport *report);
  /// See vyrePipelineDispatchInto.
  Status dispatchInto(const VyreBinding *bindings, size_t count,
                      DispatchOptions options, VyreResultSlot *slots,
                      size_t slotCount, VyreDispatchReport *report,
                      VyreSlotReport &slotReport);
  /// See vyrePipelinePrewarm.
  Status prewarm(const VyreBinding *bindings, size_t count,
                 DispatchOptions options);
  /// Waits for what is under way; see vyrePipelineDrain.
  Status drain(const Deadline &deadline);

  /// See vyrePipelineWriteManifest.
  Expected<std::string> manifest() const;
  const Telemetry &getTelemetry() const { return telemetry; }

  Status resetState();
  Status readState(uint32_t argument, void *data, uint64_t byteSize);
  Status writeState(uint32_t argument, const void *data, uint64_t byteSize);

  const Device &getDevice() const { return *device; }
  const Program &getProgram() const { return program; }
  const std::shared_ptr<const Artifact> &getArtifact() const {
    return artifact;
  }

  /// Waits for what is under way and gives everything back.
  Status close();

private:
  class TakenSet;
  class Turn;
  class Starting;

  Pipeline(std::shared_ptr<Device> device,
           std::shared_ptr<const Artifact> artifact, const Program &program)
      : device(std::move(device)), artifact(std::move(artifact)),
        program(program), contents(program.arguments.size()) {
    for (uint32_t i = 0; i < program.arguments.size(); ++i)
      if (program.arguments[i].isBuffer() && program.arguments[i].isRead())
        readArguments.push_back(i);
  }

  /// Makes one more set; the mutex is held or nobody else knows the pipeline.
  Status createSet();
  /// Gives the caller a set of its own, when it is its turn. Where the deadline
  /// comes first `taken` stays null.
  Status acquire(uint32_t limit, const Deadline &deadline, InFlight *&taken);
  /// The same with `limit` sets, in one turn; fewer where the deadline comes
  /// first. The caller gives them back without the mutex.
  Status acquireAll(uint32_t limit, const Deadline &deadline,
                    std::vector<std::unique_ptr<TakenSet>> &taken);
  Status takeSet(uint32_t limit, const Deadline &deadline,
                 std::unique_lock<std::mutex> &lock, InFlight *&taken);
  /// False if the deadline came first.
  bool waitForChange(const Deadline &deadline,
                     std::unique_lock<std::mutex> &lock);
  void release(InFlight &set);
  /// Waits for a running set without the lock, and completes it if it is done.
  bool finish(InFlight &set, const Deadline &deadline,
              std::unique_lock<std::mutex> &lock);
  Status checkState(uint32_t argument, const void *data,
                    uint64_t byteSize) const;
  Status checkUlp(const PipelineConfig &effective) const;
  Status checkLimits(const DispatchPlan &plan,
                     const PipelineConfig &effective) const;
  Status submitBefore(const Deadline &deadline, const VyreBinding *bindings,
                      size_t count, const DispatchOptions &options,
                      const PipelineConfig &effective, Completion &completion);
  PipelineConfig effectiveConfig(DispatchOptions &options) const;
  /// Sets that a dispatch may find in use, counting its own.
  uint32_t setLimit(const PipelineConfig &effective) const;
  /// Checks the bindings with everything that can be known beforehand.
  Status prepare(InFlight &set, const VyreBinding *bindings, size_t count,
                 const DispatchOptions &options,
                 const PipelineConfig &effective);
  void numberContents(DispatchPlan &plan);
  void countStart(const VyreDispatchReport &report);
  void countEnd(Completion &completion, const Execution &execution);
  Status bindSlots(std::vector<VyreBinding> &bindings,
                   const PipelineConfig &effective, VyreResultSlot *slots);
  void finishSlots(const SlotScratch &scratch, VyreResultSlot *slots,
                   VyreSlotReport &slotReport);
  std::shared_ptr<SlotScratch> takeScratch();
  void giveScratch(std::shared_ptr<SlotScratch> scratch);
  /// Keeps what outlived its time limit until it is done; the mutex is held.
  void collectOverdue();

  std::shared_ptr<Device> device;
  std::shared_ptr<const Artifact> artifact;
  const Program &program;
  PipelineConfig config;
  std::string label;
  std::string id;
  std::unique_ptr<Executable> executable;
  Telemetry telemetry;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::unique_ptr<InFlight>> sets;
  /// Callers get sets in the order in which they came.
  Turn *firstTurn = nullptr;
  Turn *lastTurn = nullptr;
  /// Orders dispatches by their begin.
  uint64_t nextTicket = 0;
  /// One per argument: see DispatchPlan::contents; and those that have any.
  std::vector<uint64_t> contents;
  std::vector<uint32_t> readArguments;
  /// Dispatches that nobody waits for any more, and the first failure of those
  /// that are done.
  std::list<Completion> overdue;
  Status overdueStatus;

  /// Guards what dispatches into slots share.
  std::mutex slotMutex;
  std::optional<DispatchPlan> slotPlan;
  std::vector<std::shared_ptr<SlotScratch>> idleScratch;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_PIPELINE_H
