//===- PipelineCacheAuditTest.cpp - Tests of the cache audit --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/PipelineCacheAudit.h"

#include <gtest/gtest.h>

using namespace vyre::planning;

namespace {

PipelineCacheAudit observe(unsigned hits, unsigned misses, unsigned unknowns) {
  PipelineCacheAudit audit;
  while (hits--)
    audit.observe(PipelineCacheObservation::Hit);
  while (misses--)
    audit.observe(PipelineCacheObservation::Miss);
  while (unknowns--)
    audit.observe(PipelineCacheObservation::Unknown);
  return audit;
}

TEST(PipelineCacheAudit, Example) {
  PipelineCacheAuditReport report = observe(2, 1, 1).snapshot(7000);
  EXPECT_EQ(report.hits, 2u);
  EXPECT_EQ(report.misses, 1u);
  EXPECT_EQ(report.unknowns, 1u);
  EXPECT_EQ(report.hitRateBps, 6666u);
  EXPECT_TRUE(report.belowAlarmThreshold);
}

TEST(PipelineCacheAudit, WithoutData) {
  PipelineCacheAuditReport report = observe(0, 0, 5).snapshot(10000);
  EXPECT_EQ(report.unknowns, 5u);
  EXPECT_FALSE(report.hitRateBps.has_value());
  EXPECT_FALSE(report.belowAlarmThreshold);
}

TEST(PipelineCacheAudit, Threshold) {
  EXPECT_FALSE(observe(2, 1, 0).snapshot(6666).belowAlarmThreshold);
  EXPECT_TRUE(observe(2, 1, 0).snapshot(6667).belowAlarmThreshold);
  EXPECT_FALSE(observe(0, 1, 0).snapshot(0).belowAlarmThreshold);
  EXPECT_TRUE(observe(0, 1, 0).snapshot(1).belowAlarmThreshold);
  EXPECT_EQ(observe(0, 1, 0).snapshot(1).hitRateBps, 0u);
  EXPECT_TRUE(observe(1, 0, 0).snapshot(~0u).belowAlarmThreshold);
}

} // namespace
