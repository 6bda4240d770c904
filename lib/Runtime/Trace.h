//===- Trace.h - Recording single dispatches --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// While a recording goes on, every dispatch leaves events: one from its begin
// to its end, which may overlap others, and one for each thing that a host
// thread did for it. The file is in the Trace Event Format of Chrome, which
// Perfetto opens.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_TRACE_H
#define VYRE_LIB_RUNTIME_TRACE_H

#include "Status.h"

#include "vyre-c/Dispatch.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace vyre::runtime::internal {

class Trace {
public:
  using Clock = std::chrono::steady_clock;

  static Trace &process();

  /// Whether a recording goes on; costs one load.
  bool isOn() const { return on.load(std::memory_order_relaxed); }

  Status begin();
  /// Writes what was recorded, whether or not it is complete by now.
  Status end(const char *path);

  /// What the calling thread has done from `start` until now.
  void recordStep(const char *step, std::string_view label,
                  Clock::time_point start) noexcept;
  /// A dispatch on `pipeline`, from `start` until now.
  void recordDispatch(std::string_view label, std::string_view pipeline,
                      Clock::time_point start, const VyreDispatchReport &report,
                      bool hasFailed) noexcept;

private:
  struct Event {
    /// Of a step what it is; of a dispatch NULL.
    const char *step;
    std::string label;
    std::string pipeline;
    Clock::time_point start, stop;
    uint64_t thread;
    VyreDispatchReport report;
    bool hasFailed;
  };
  void record(Event event);
  void countLost();

  std::atomic<bool> on{false};
  std::mutex mutex;
  Clock::time_point epoch;
  std::vector<Event> events;
  /// Events for which there was no room.
  uint64_t dropped = 0;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_TRACE_H
