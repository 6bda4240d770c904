//===- CUDAPersistent.cpp - Dispatches by a persistent kernel ---*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of one small launch whose kernel is on the device already: the host
// writes inputs to mapped memory, rings, and polls. The kernel copies them to
// the device, all at once, and writes results where the host reads them. No
// call to the driver, unless the kernel has left or buffers have moved.
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"

#include <algorithm>
#include <thread>

namespace vyre::runtime::internal::cuda {
namespace {

/// How long the host polls before it asks the driver, which knows of failures;
/// and how long who need not spin then sleeps.
constexpr std::chrono::microseconds kPollTime(200);
constexpr std::chrono::microseconds kSleepTime(50);

/// A launch of as many blocks is small enough for one block to do it all.
constexpr uint32_t kMaxBlocks = 32;

} // namespace

/// Why a dispatch is not one for a persistent kernel; NULL if it is.
const char *
CudaExecution::whyNotPersistent(const DispatchPlan &plan,
                                const DispatchOptions &options) const {
  const Program &program = plan.getProgram();
  if (program.launches.size() != 1)
    return "the program has not one launch";
  if (!executable.kernel(0).persistent)
    return "the artifact was compiled without persistent entries";
  if (options.stream)
    return "the caller passes a stream";
  const LaunchSizes &sizes = plan.launches[0];
  if (sizes.isEmpty)
    return "there is nothing to launch";
  if (sizes.grid[0] > kMaxBlocks || sizes.grid[1] != 1 || sizes.grid[2] != 1)
    return "the launch is too large for one block";
  if (plan.readback.countedResults() != 0)
    return "the device counts results";
  for (const BoundBuffer &buffer : plan.buffers)
    if (!buffer.isOnDevice() && buffer.byteSize > kMaxMappedBytes)
      return "a host buffer is larger than 64 KiB";
  const std::vector<artifact::ReplaySafety> &replay = program.capture.replay;
  if (plan.hasUnchanged &&
      std::count(replay.begin(), replay.end(),
                 artifact::ReplaySafety::escaping_result) != 0)
    return "results would have to be cleared";
  return nullptr;
}

Status CudaExecution::choosePersistent(const DispatchPlan &plan,
                                       const DispatchOptions &options) {
  isPersistent = false;
  noPersistentReason = nullptr;
  if (options.persistent != VYRE_PERSISTENT_ON &&
      options.persistent != VYRE_PERSISTENT_REQUIRE)
    return Status();
  noPersistentReason = whyNotPersistent(plan, options);
  isPersistent = !noPersistentReason;
  if (isPersistent || options.persistent == VYRE_PERSISTENT_ON)
    return Status();
  return failure(VYRE_STATUS_UNSUPPORTED, "program '", plan.getProgram().name,
                 "' cannot run by a persistent kernel: ", noPersistentReason,
                 ". Fix: compile it with --persistent to one small launch, or "
                 "pass VYRE_PERSISTENT_ON.");
}

Status CudaExecution::arrangePersistent(const DispatchPlan &plan,
                                        const DispatchOptions &options) {
  if (Status status = arrange(plan, options); status.failed())
    return status;
  const Kernel &kernel = executable.kernel(0);
  return persistent.prepare(
      {kernel.persistent, kernel.persistentThreads, options.persistentIdleNs});
}

Status CudaExecution::startPersistent(const DispatchPlan &plan,
                                      const DispatchOptions &options) {
  noReplayReason = "a persistent kernel runs it";
  graphs.builds = graphs.updates = 0;
  areCountsRead = true;
  copies = waits = 0;
  current = &plan;
  spins = options.waitMode == VYRE_WAIT_SPIN;
  // It makes no call to the driver.
  Status status = timer.begin(stream, /*isWanted=*/false);
  bool isArranged = persistent.isUp() && !mustLayOut(plan) &&
                    boundVersion == plan.bindingsVersion() &&
                    persistentIdleNs == options.persistentIdleNs;
  if (isArranged) {
    chooseUploads(plan);
  } else {
    ContextScope scope(device);
    if (scope.failed())
      return scope.takeStatus();
    boundVersion = 0;
    status.update(arrangePersistent(plan, options));
    if (status.failed())
      return status;
    persistentIdleNs = options.persistentIdleNs;
  }
  status.update(bind(plan));
  if (!status.failed())
    status.update(enqueueInputs(plan));
  if (!status.failed()) {
    persistent.ring(staged(uploads), staged(results), values);
    if (!persistent.isUp())
      status.update(restartPersistent());
  }
  if (status.failed()) {
    boundVersion = 0;
    forgetUploads();
    return status;
  }
  keepUploads(plan);
  return status;
}

Status CudaExecution::restartPersistent() {
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  return persistent.start();
}

/// Polls until the kernel answers, or a time.
PersistentKernel::Answer CudaExecution::pollPersistent(Clock::time_point end) {
  constexpr unsigned kPollsBetweenClocks = 64;
  do {
    for (unsigned i = 0; i < kPollsBetweenClocks; ++i)
      if (auto answer = persistent.ask();
          answer != PersistentKernel::Answer::waiting)
        return answer;
  } while (Clock::now() < end);
  return PersistentKernel::Answer::waiting;
}

Status CudaExecution::waitPersistent(const Deadline &deadline, bool &isDone) {
  isDone = true;
  while (true) {
    Clock::time_point end = Clock::now() + kPollTime;
    if (deadline)
      end = std::min(end, *deadline);
    PersistentKernel::Answer answer = pollPersistent(end);
    if (answer == PersistentKernel::Answer::done) {
      ++waits;
      deliverResults(*current);
      return Status();
    }
    if (answer == PersistentKernel::Answer::waiting && deadline &&
        Clock::now() >= *deadline) {
      isDone = false;
      return Status();
    }
    ContextScope scope = ContextScope::toEnd(device);
    Status status = scope.failed() ? scope.takeStatus()
                    : answer == PersistentKernel::Answer::gone
                        ? persistent.start()
                        : persistent.watch();
    if (status.failed()) {
      boundVersion = 0;
      forgetUploads();
      // Nothing may be under way any more.
      status.update(persistent.leave());
      return status;
    }
    if (answer == PersistentKernel::Answer::waiting && !spins)
      std::this_thread::sleep_for(kSleepTime);
  }
}

} // namespace vyre::runtime::internal::cuda
