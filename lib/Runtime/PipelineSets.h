//===- PipelineSets.h - Sets in flight, taken and given back ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Included by the files that implement Pipeline.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_PIPELINESETS_H
#define VYRE_LIB_RUNTIME_PIPELINESETS_H

#include "Pipeline.h"

#include <utility>

namespace vyre::runtime::internal {

/// A set that is taken, and given back at the end of the scope unless a
/// dispatch is under way in it.
class Pipeline::TakenSet {
public:
  explicit TakenSet(Pipeline &pipeline) : pipeline(pipeline) {}
  TakenSet(const TakenSet &) = delete;
  TakenSet &operator=(const TakenSet &) = delete;
  ~TakenSet() {
    if (set)
      pipeline.release(*set);
  }

  Status take(uint32_t limit, const Deadline &deadline) {
    return pipeline.acquire(limit, deadline, set);
  }
  /// Takes over a set that the caller holds.
  void adopt(InFlight &taken) { set = &taken; }
  /// Null where the deadline came first.
  InFlight *get() { return set; }
  InFlight &keep() { return *std::exchange(set, nullptr); }

private:
  Pipeline &pipeline;
  InFlight *set = nullptr;
};

/// While a dispatch is started on this thread: functions of the host's that its
/// program calls may make others, but none that would wait for it.
class Pipeline::Starting {
public:
  explicit Starting(const Pipeline &pipeline);
  Starting(const Starting &) = delete;
  Starting &operator=(const Starting &) = delete;
  ~Starting();

  /// Success unless that pipeline is being started.
  static Status check(const Pipeline &pipeline);

private:
  const Pipeline &pipeline;
  const Starting *const outer;
  static thread_local const Starting *innermost;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_PIPELINESETS_H
