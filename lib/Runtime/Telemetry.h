//===- Telemetry.h - What the runtime counts --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counters of a pipeline, which also count for the process. Nothing of it takes
// a lock.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_TELEMETRY_H
#define VYRE_LIB_RUNTIME_TELEMETRY_H

#include "vyre-c/Telemetry.h"

#include <atomic>
#include <cstdint>
#include <string>

/// The fields of VyreTelemetry, as X(name).
#define VYRE_TELEMETRY_COUNTERS(X)                                             \
  X(dispatches)                                                                \
  X(launches)                                                                  \
  X(replays)                                                                   \
  X(graph_builds)                                                              \
  X(updates)                                                                   \
  X(input_bytes)                                                               \
  X(output_bytes)                                                              \
  X(output_slots)                                                              \
  X(output_slots_reused)                                                       \
  X(output_slots_moved)                                                        \
  X(output_slots_appended)                                                     \
  X(output_bytes_reused)                                                       \
  X(output_bytes_moved)                                                        \
  X(output_bytes_appended)                                                     \
  X(cache_hits)                                                                \
  X(cache_misses)

namespace vyre::runtime::internal {

class Telemetry {
public:
  /// Counters that count for the process too.
  Telemetry() : total(&process()) {}
  Telemetry(const Telemetry &) = delete;
  Telemetry &operator=(const Telemetry &) = delete;

  static Telemetry &process();

  static_assert(std::atomic<uint64_t>::is_always_lock_free,
                "counting takes no lock");
  using Counter = std::atomic<uint64_t> Telemetry::*;
  void add(Counter counter, uint64_t amount) {
    if (amount == 0)
      return;
    (this->*counter).fetch_add(amount, std::memory_order_relaxed);
    if (total)
      (total->*counter).fetch_add(amount, std::memory_order_relaxed);
  }
  VyreTelemetry snapshot() const;

#define VYRE_COUNTER(name) std::atomic<uint64_t> name{0};
  VYRE_TELEMETRY_COUNTERS(VYRE_COUNTER)
#undef VYRE_COUNTER

private:
  explicit Telemetry(Telemetry *total) : total(total) {}
  Telemetry *total;
};

/// See vyreTelemetryWriteJson.
std::string toJson(const VyreTelemetry &telemetry);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_TELEMETRY_H
