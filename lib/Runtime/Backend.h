//===- Backend.h - What a backend is ----------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface between the runtime's common part (artifacts, checks, plans,
// waiting in line) and what differs between a CPU and a GPU. A device makes a
// program ready (Executable); that makes the sets in flight (Execution), each
// of which carries out one dispatch at a time.
//
// Objects that hold something of a driver have close(), which gives everything
// back even if some of it fails, and returns the first failure. It is called
// exactly once, before the destructor.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_BACKEND_H
#define VYRE_LIB_RUNTIME_BACKEND_H

#include "Artifact.h"
#include "DispatchPlan.h"
#include "PipelineConfig.h"
#include "Status.h"

#include "vyre-c/Runtime.h"
#include "vyre/Planning/CaptureDecision.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace vyre::runtime::internal {

using Clock = std::chrono::steady_clock;
/// When a wait ends; none waits as long as it takes.
using Deadline = std::optional<Clock::time_point>;

/// How one dispatch is to be run.
struct DispatchOptions {
  /// A CUstream of the caller, or NULL.
  void *stream = nullptr;
  /// The caller waits at once: no need to return before the work is done.
  bool waitsAtOnce = false;
  /// Times are to be measured.
  bool isTimed = false;
  /// What the caller calls the dispatch.
  const char *label = "";
  /// Where to describe the results, or null.
  VyreResultInfo *results = nullptr;
  size_t resultCount = 0;
  /// Memory of the runtime that is borrowed like the caller's.
  std::shared_ptr<void> keptAlive;
  /// What the caller sets for this dispatch alone.
  PipelineConfig overrides;
  /// Never `default` once they reach an execution.
  VyreCapturePolicy capture = VYRE_CAPTURE_DEFAULT;
  VyreWaitMode waitMode = VYRE_WAIT_DEFAULT;
  /// Of the same sizes, where somebody knows.
  std::optional<uint64_t> expectedDispatches;
  /// Whether by a persistent kernel, and how long that waits.
  VyrePersistentMode persistent = VYRE_PERSISTENT_DEFAULT;
  uint64_t persistentIdleNs = kDefaultPersistentIdleNs;
  /// Shapes that an execution keeps graphs of.
  uint32_t graphShapes = kDefaultGraphShapes;
};

/// One set in flight: memory and everything else that a dispatch needs for
/// itself. Used by one dispatch at a time.
class Execution {
public:
  virtual ~Execution() = default;

  /// Refuses bindings that only the device can judge. Changes nothing.
  virtual Status check(const DispatchPlan &plan,
                       const DispatchOptions &options) = 0;
  /// Starts a checked plan, which stays as it is until wait() says that it is
  /// done. After a failure nothing is under way.
  virtual Status start(const DispatchPlan &plan,
                       const DispatchOptions &options) = 0;
  /// Waits for what start() began, and hands the results to the caller's
  /// memory. `isDone` says whether the deadline came first; the status is that
  /// of the work.
  virtual Status wait(const Deadline &deadline, bool &isDone) = 0;
  /// Of the dispatch that wait() said is done.
  virtual ReadbackTraffic traffic() const = 0;
  /// Adds what start() did to the report of the plan.
  virtual void describe(VyreDispatchReport &) const {}
  /// Of a timed dispatch that is done: adds how long the device took, if that
  /// is known.
  virtual void describeTimes(VyreDispatchReport &) const {}
  /// Does for a checked plan what can be done before it is started.
  virtual Status prewarm(const DispatchPlan &, const DispatchOptions &) {
    return Status();
  }
  virtual Status close() = 0;
};

/// A program that is ready to run on a device.
class Executable {
public:
  virtual ~Executable() = default;

  /// Whether its code was found ready-made; none where the backend does not
  /// tell.
  std::optional<bool> cacheHit;
  /// Of a program that the backend compiled in its own way: the pipeline's id.
  /// Empty where dispatches are the backend's plain ones.
  std::string nativeId;

  virtual Expected<std::unique_ptr<Execution>> createExecution() = 0;
  virtual Status resetState() = 0;
  /// `argument` is a state argument and `byteSize` its size. Nothing is under
  /// way.
  virtual Status readState(uint32_t argument, void *data,
                           uint64_t byteSize) = 0;
  virtual Status writeState(uint32_t argument, const void *data,
                            uint64_t byteSize) = 0;
  virtual Status close() = 0;
};

/// Who a device is.
struct DeviceIdentity {
  std::string id;
  std::string backend;
  std::string name;
  std::string architecture;
};

class Device {
public:
  explicit Device(DeviceIdentity identity);
  virtual ~Device() = default;

  const DeviceIdentity &getIdentity() const { return identity; }
  virtual DispatchPlan::Target target() const = 0;
  /// Whether dispatches may be replayed as graphs.
  virtual bool captures() const { return false; }
  /// What graphs cost, measured if need be; UNSUPPORTED without them.
  virtual Expected<planning::CaptureCosts> graphCosts();

  /// Success if the artifact has code for this device.
  virtual Status supports(const Artifact &artifact) const = 0;
  /// Loads what the program needs, or finds it loaded.
  virtual Expected<std::unique_ptr<Executable>>
  load(std::shared_ptr<const Artifact> artifact, const Program &program) = 0;
  /// Success unless the device is lost, another process's, or not to be waited
  /// for on this thread.
  Status health() const;
  /// Whether a process opened it that forked this one, in which its threads and
  /// contexts are not there. It can only be forgotten.
  bool isInherited() const;
  /// Success unless it is.
  Status checkProcess() const;

  /// Memory of the device. Each allocation holds the device open.
  Expected<void *> allocate(uint64_t byteSize);
  Status free(void *memory);

  virtual Status upload(void *target, const void *source,
                        uint64_t byteSize) = 0;
  virtual Status download(void *target, const void *source,
                          uint64_t byteSize) = 0;
  virtual Status close() = 0;

  /// The handle, its pipelines and its allocations each hold a device open;
  /// the last one that lets go closes it.
  void retain() { holders.fetch_add(1, std::memory_order_relaxed); }
  Status letGo() {
    if (holders.fetch_sub(1, std::memory_order_acq_rel) == 1)
      return close();
    return Status();
  }

  /// How often code was found loaded, and how often it had to be loaded.
  std::atomic<uint64_t> cacheHits{0}, cacheMisses{0};

protected:
  virtual Expected<void *> allocateMemory(uint64_t byteSize) = 0;
  virtual Status freeMemory(void *memory, uint64_t byteSize) = 0;
  /// The part of health() that differs between devices.
  virtual Status checkUse() const { return Status(); }

private:
  DeviceIdentity identity;
  /// How many forks there had been when it was opened.
  const uint64_t forks;
  std::atomic<uint32_t> holders{1};
  /// What allocate() gave, with sizes.
  std::mutex allocationMutex;
  std::map<void *, uint64_t> allocations;
};

class Backend {
public:
  virtual ~Backend() = default;
  virtual const char *id() const = 0;
  virtual Expected<uint32_t> deviceCount() = 0;
  virtual Expected<std::shared_ptr<Device>>
  open(uint32_t ordinal, const VyreDeviceConfig &config) = 0;
};

Backend &cpuBackend();
Backend &cudaBackend();

/// The id of a pipeline that cpu or cuda make: the same wherever the program is
/// compiled.
std::string builtInPipelineId(const char *backend, const Program &program);
/// The end of every id: the program's name and the beginning of its digest.
std::string programId(const Program &program);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_BACKEND_H
