//===- Latency.cpp - One call after the other -----------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Latency.h"

#include <memory>

/// Times `count` calls, after `untimed` that are not. Each function returns 0,
/// or -1 with the reason in `message`.
extern "C" int timeCalls(Callable *callable, uint32_t untimed, uint32_t count,
                         double *times, char *message, size_t messageSize) {
  return guarded(message, messageSize, [&] {
    for (uint32_t i = 0; i < untimed; ++i)
      callable->call(callable->next++);
    for (uint32_t i = 0; i < count; ++i) {
      auto begin = std::chrono::steady_clock::now();
      callable->call(callable->next++);
      times[i] = microsecondsSince(begin);
    }
  });
}

/// Brings the last call's result, measures what one more takes on the device if
/// that is asked for, and ends what was opened in any case.
extern "C" int closeCallable(Callable *callable, uint64_t *deviceBytes,
                             char *message, size_t messageSize) {
  std::unique_ptr<Callable> owned(callable);
  return guarded(message, messageSize, [&] {
    owned->finish(owned->next - 1);
    if (deviceBytes)
      *deviceBytes = owned->measureDeviceBytes();
  });
}
