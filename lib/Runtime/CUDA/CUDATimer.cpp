//===- CUDATimer.cpp - How long a GPU took ----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDATimer.h"

namespace vyre::runtime::internal::cuda {

Status CudaTimer::begin(CUstream stream, bool isWanted) {
  elapsed.reset();
  isRunning = false;
  if (!isWanted || !device.driver().eventElapsedTime)
    return Status();
  for (CUevent &event : events)
    if (!event)
      if (Status status = device.check(
              device.driver().eventCreate(&event, CU_EVENT_DEFAULT),
              "cuEventCreate");
          status.failed())
        return status;
  isRunning = true;
  return device.check(device.driver().eventRecord(events[0], stream),
                      "cuEventRecord");
}

Status CudaTimer::end(CUstream stream) {
  if (!isRunning)
    return Status();
  return device.check(device.driver().eventRecord(events[1], stream),
                      "cuEventRecord");
}

void CudaTimer::read() {
  if (!isRunning)
    return;
  isRunning = false;
  float milliseconds = 0;
  // Looked at for being sticky.
  if (!device
           .check(device.driver().eventElapsedTime(&milliseconds, events[0],
                                                   events[1]),
                  "cuEventElapsedTime")
           .failed())
    elapsed = static_cast<uint64_t>(static_cast<double>(milliseconds) * 1e6);
}

Status CudaTimer::close() {
  Status status;
  for (CUevent &event : events) {
    if (event)
      status.update(
          device.giveBack([&] { return device.driver().eventDestroy(event); },
                          "cuEventDestroy"));
    event = nullptr;
  }
  return status;
}

} // namespace vyre::runtime::internal::cuda
