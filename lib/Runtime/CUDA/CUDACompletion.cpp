//===- CUDACompletion.cpp - Waiting for a GPU -------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Until a dispatch is done, or a time limit ends the wait.
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace vyre::runtime::internal::cuda {
namespace {

/// How long a flag is polled before the driver is asked too: where the device
/// fails, the flag never comes.
constexpr std::chrono::microseconds kPollTime(200);

/// How long a wait with a limit asks without pause, and how long it then sleeps
/// between two questions.
constexpr std::chrono::microseconds kSpinTime(100);
constexpr std::chrono::microseconds kSleepTime(50);

} // namespace

/// Whether the graph raises the flag before a time, or before the driver is to
/// be asked. What the device wrote before the flag can then be read.
bool CudaExecution::isRaisedBefore(const Deadline &deadline) const {
  constexpr unsigned kPollsBetweenClocks = 64;
  const auto &raised =
      *reinterpret_cast<const std::atomic<uint32_t> *>(flag.data());
  Clock::time_point end = Clock::now() + kPollTime;
  if (deadline)
    end = std::min(end, *deadline);
  do {
    for (unsigned i = 0; i < kPollsBetweenClocks; ++i)
      if (raised.load(std::memory_order_acquire))
        return true;
  } while (Clock::now() < end);
  return false;
}

CUresult CudaExecution::waitForDevice(const Deadline &deadline,
                                      const char *&call) const {
  bool ownsStream = stream == ownStream;
  call = isPolled || ownsStream ? "cuStreamQuery" : "cuEventQuery";
  while (isPolled) {
    CUresult result = driver.streamQuery(stream);
    if (result != CUDA_ERROR_NOT_READY || isRaisedBefore(deadline))
      return result == CUDA_ERROR_NOT_READY ? CUDA_SUCCESS : result;
    if (deadline && Clock::now() >= *deadline)
      return CUDA_ERROR_NOT_READY;
  }
  if (!deadline && !spins) {
    call = ownsStream ? "cuStreamSynchronize" : "cuEventSynchronize";
    return ownsStream ? driver.streamSynchronize(stream)
                      : driver.eventSynchronize(event);
  }
  Clock::time_point begin = Clock::now();
  while (true) {
    CUresult result =
        ownsStream ? driver.streamQuery(stream) : driver.eventQuery(event);
    Clock::time_point now = Clock::now();
    if (result != CUDA_ERROR_NOT_READY || (deadline && now >= *deadline))
      return result;
    if (!spins && now - begin > kSpinTime)
      std::this_thread::sleep_for(
          std::min<Clock::duration>(kSleepTime, *deadline - now));
  }
}

Status CudaExecution::wait(const Deadline &deadline, bool &isDone) {
  if (isPersistent)
    return waitPersistent(deadline, isDone);
  isDone = true;
  // Recorded, not run: there is nothing to wait for.
  if (isCapturing)
    return Status();
  if (isPolled && isRaisedBefore(deadline)) {
    ++waits;
    deliverResults(*current);
    return Status();
  }
  ContextScope scope = ContextScope::toEnd(device);
  if (scope.failed())
    return scope.takeStatus();
  while (true) {
    const char *call = nullptr;
    CUresult result = waitForDevice(deadline, call);
    if (result == CUDA_ERROR_NOT_READY) {
      isDone = false;
      return Status();
    }
    Status status = device.check(result, call);
    ++waits;
    uint64_t before = copies;
    if (!status.failed() && !areCountsRead) {
      status = enqueueCounted(*current);
      if (!status.failed() && copies != before && stream != ownStream)
        status =
            device.check(driver.eventRecord(event, stream), "cuEventRecord");
    }
    if (status.failed()) {
      forgetUploads();
      // Whatever the error was, nothing may be under way any more.
      status.update(device.synchronize(stream));
      return status;
    }
    if (copies == before)
      break;
  }
  endPlain();
  timer.read();
  deliverResults(*current);
  return Status();
}

} // namespace vyre::runtime::internal::cuda
