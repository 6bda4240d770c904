//===- PipelineCacheAudit.cpp - How often a pipeline cache hits -----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/PipelineCacheAudit.h"

#include "vyre/Planning/CheckedArithmetic.h"

using namespace vyre::planning;

void PipelineCacheAudit::observe(PipelineCacheObservation observation) {
  // One at a time, 64 bits are enough for centuries.
  switch (observation) {
  case PipelineCacheObservation::Hit:
    ++hits;
    return;
  case PipelineCacheObservation::Miss:
    ++misses;
    return;
  case PipelineCacheObservation::Unknown:
    ++unknowns;
    return;
  }
}

PipelineCacheAuditReport
PipelineCacheAudit::snapshot(uint32_t alarmThresholdBps) const {
  PipelineCacheAuditReport report;
  report.hits = hits;
  report.misses = misses;
  report.unknowns = unknowns;
  if (hits + misses != 0)
    report.hitRateBps = basisPoints(hits, hits + misses);
  report.belowAlarmThreshold = alarmThresholdBps != 0 && report.hitRateBps &&
                               *report.hitRateBps < alarmThresholdBps;
  return report;
}
