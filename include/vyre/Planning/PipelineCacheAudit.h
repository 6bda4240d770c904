//===- PipelineCacheAudit.h - How often a pipeline cache hits ---*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An audit of a pipeline cache: it is told of each look-up how it ended and
// says how often the cache helped. Observations may be unknown, since not every
// backend can tell. It is not synchronised: one thread at a time.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_PIPELINECACHEAUDIT_H
#define VYRE_PLANNING_PIPELINECACHEAUDIT_H

#include <cstdint>
#include <optional>

namespace vyre::planning {

enum class PipelineCacheObservation : uint8_t { Hit, Miss, Unknown };

struct PipelineCacheAuditReport {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t unknowns = 0;
  /// Hits per look-up whose end is known, in basis points; none without one.
  std::optional<uint32_t> hitRateBps;
  /// There is a hit rate, an alarm threshold other than 0, and the rate is
  /// below it.
  bool belowAlarmThreshold = false;
};

class PipelineCacheAudit {
public:
  void observe(PipelineCacheObservation observation);

  /// The counts so far. An alarm threshold of 0 basis points means none.
  PipelineCacheAuditReport snapshot(uint32_t alarmThresholdBps) const;

private:
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t unknowns = 0;
};

} // namespace vyre::planning

#endif // VYRE_PLANNING_PIPELINECACHEAUDIT_H
