//===- CaptureDecisionTest.cpp - Whether capturing pays ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decision against a simulation that issues and runs call after call and
// adds up whole dispatches, and at the ends of what its numbers may be.
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/CaptureDecision.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <limits>

using namespace vyre::planning;

namespace {

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

/// In the proportions of a GPU.
constexpr CaptureCosts kCosts{
    /*plainDispatch=*/6000, /*replayDispatch=*/5600,
    /*plainCall=*/2800,
    /*node=*/1200,          /*graphBuild=*/20000,
    /*nodeBuild=*/2000};

/// The same with a gap between kernels of calls.
constexpr CaptureCosts kCostsWithGap{6000, 5600, 2800, 1200, 20000, 2000, 900};

/// When the last of the kernels is done: each starts once it is prepared and
/// the one before it has run.
uint64_t simulateCalls(uint32_t calls, uint64_t prepare, uint64_t run) {
  uint64_t prepared = 0, done = 0;
  for (uint32_t i = 0; i < calls; ++i) {
    prepared += prepare;
    done = std::max(prepared, done) + run;
  }
  return done;
}

struct Simulation {
  uint64_t plain, replay, build;

  Simulation(uint32_t calls, uint64_t kernel, const CaptureCosts &costs)
      : plain(costs.plainDispatch +
              simulateCalls(calls, costs.plainCall, kernel + costs.plainGap)),
        replay(costs.replayDispatch + simulateCalls(calls, costs.node, kernel)),
        build(costs.graphBuild + calls * costs.nodeBuild) {
    uint64_t busy = calls * costs.plainCall;
    build -= std::min(build, plain - busy);
  }
  bool graphIsFaster(uint64_t dispatches) const {
    uint64_t separate = 0, graph = build;
    for (uint64_t i = 0; i < dispatches; ++i) {
      separate += plain;
      graph += replay;
    }
    return graph < separate;
  }
  bool savesEnough() const {
    return plain > replay && (plain - replay) * 100 >= plain;
  }
};

// Every cell of a grid is decided as the simulation says, and the break-even
// number is the first one with which the graph is faster.
TEST(CaptureDecision, AgreesWithASimulation) {
  unsigned captured = 0, declined = 0;
  auto check = [&](const CaptureCosts &costs, uint32_t calls, uint64_t kernel,
                   uint64_t dispatches) {
    SCOPED_TRACE(testing::Message()
                 << calls << " calls of " << kernel << ", " << dispatches);
    Simulation simulation(calls, kernel, costs);
    CaptureDecision decision =
        decideCapture({calls, simulation.plain, dispatches}, costs);
    bool isFaster =
        simulation.savesEnough() && simulation.graphIsFaster(dispatches);
    EXPECT_EQ(decision.captures(), isFaster);
    ++(isFaster ? captured : declined);
    EXPECT_EQ(decision.breakEven.has_value(), simulation.savesEnough());
    if (decision.breakEven) {
      EXPECT_TRUE(simulation.graphIsFaster(*decision.breakEven));
      EXPECT_FALSE(simulation.graphIsFaster(*decision.breakEven - 1));
    }
  };
  for (const CaptureCosts &costs : {kCosts, kCostsWithGap})
    for (uint32_t calls : {1, 2, 7, 64})
      for (uint64_t kernel : {0, 500, 1200, 2000, 2800, 2801, 10000, 1000000})
        for (uint64_t dispatches : {0, 1, 3, 10, 100, 1000})
          check(costs, calls, kernel, dispatches);
  EXPECT_GT(captured, 40u);
  EXPECT_GT(declined, 40u);
}

// Where the number of dispatches is open, what is known is how many pay.
TEST(CaptureDecision, LeavesDispatchesOpen) {
  CaptureDecision decision = decideCapture({64}, kCosts);
  EXPECT_EQ(decision.reason, CaptureReason::DispatchesUnknown);
  EXPECT_FALSE(decision.captures());
  // (20000 + 64 * 2000) / (6000 + 64 * 2800 - 5600 - 64 * 1200) = 1.4.
  EXPECT_EQ(decision.breakEven, 2u);
}

// An unknown kernel time matters between the best and the worst case alone.
TEST(CaptureDecision, KernelTimeMattersOnlyWhereTheEndsDiffer) {
  auto reasonWith = [](uint64_t dispatches) {
    return decideCapture({8, std::nullopt, dispatches}, kCosts).reason;
  };
  // Building takes 36000; short kernels save 13200 a dispatch, long ones 2000.
  EXPECT_EQ(reasonWith(2), CaptureReason::TooFewDispatches);
  EXPECT_EQ(reasonWith(3), CaptureReason::KernelTimeUnknown);
  EXPECT_EQ(reasonWith(18), CaptureReason::KernelTimeUnknown);
  EXPECT_EQ(reasonWith(19), CaptureReason::Pays);
}

// What is between the ends has the ends' decision, also on a device whose graph
// nodes are dearer than its calls.
TEST(CaptureDecision, TheEndsBoundEveryKernelTime) {
  CaptureCosts dearNodes = kCosts;
  dearNodes.node = 5000;
  dearNodes.replayDispatch = 1000;
  for (const CaptureCosts &costs : {kCosts, kCostsWithGap, dearNodes})
    for (uint32_t calls : {1, 2, 5, 8})
      for (uint64_t dispatches : {1, 2, 5, 10, 14, 40}) {
        CaptureDecision open =
            decideCapture({calls, std::nullopt, dispatches}, costs);
        if (!open.captures())
          continue;
        for (uint64_t kernel = 0; kernel < 8000; kernel += 100)
          EXPECT_TRUE(
              Simulation(calls, kernel, costs).graphIsFaster(dispatches));
      }
}

// However long kernels are, what lies between them is saved.
TEST(CaptureDecision, SavesTheGapsBetweenLongKernels) {
  // 64 kernels of 50 us: 64 gaps of 0.9 us and 2 us at the ends, of 3.3 ms.
  EXPECT_TRUE(decideCapture({64, 3266400, 10}, kCostsWithGap).captures());
  EXPECT_FALSE(decideCapture({64, 3208800, 10}, kCosts).captures());
}

// A dispatch whose kernels take long saves nothing worth a graph.
TEST(CaptureDecision, DeclinesWhatSavesTooLittle) {
  CaptureDecision decision = decideCapture({1, 400000, 1000000}, kCosts);
  EXPECT_EQ(decision.reason, CaptureReason::SavesTooLittle);
  EXPECT_FALSE(decision.breakEven);
  EXPECT_EQ(decideCapture({0, std::nullopt, 5}, {1, 1, 9, 2, 0, 0}).reason,
            CaptureReason::SavesTooLittle);
}

// The host builds while it would wait, unless there is nothing to wait for.
TEST(CaptureDecision, BuildsBehindLongKernels) {
  EXPECT_TRUE(decideCapture({8, 100000, 100}, kCosts).buildsBehind);
  EXPECT_EQ(decideCapture({8, 100000, 100}, kCosts).breakEven, 1u);
  EXPECT_FALSE(decideCapture({8, 28400, 100}, kCosts).buildsBehind);
}

// Equal cost is no reason to build, and one dispatch more is.
TEST(CaptureDecision, ATieIsDeclined) {
  CaptureCosts costs{/*plainDispatch=*/11,
                     /*replayDispatch=*/10, 0, 0,
                     /*graphBuild=*/100,    0};
  EXPECT_FALSE(decideCapture({1, std::nullopt, 100}, costs).captures());
  EXPECT_TRUE(decideCapture({1, std::nullopt, 101}, costs).captures());
}

// Nothing wraps: the largest numbers give the decision that they imply.
TEST(CaptureDecision, LargestNumbers) {
  constexpr uint32_t kCount = std::numeric_limits<uint32_t>::max();
  CaptureCosts plainIsDear{kMost, 0, kMost, 0, kMost, kMost};
  EXPECT_TRUE(
      decideCapture({kCount, std::nullopt, kMost}, plainIsDear).captures());
  EXPECT_FALSE(
      decideCapture({kCount, kMost, kMost}, {0, kMost, 0, kMost, kMost, kMost})
          .captures());
  // A replay saves a nanosecond, and a graph takes longer to build than 2^64
  // of them make up for.
  CaptureCosts buildIsDear{1, 0, 0, 0, 0, kMost};
  CaptureDecision decision =
      decideCapture({kCount, std::nullopt, kMost}, buildIsDear);
  EXPECT_FALSE(decision.captures());
  EXPECT_FALSE(decision.breakEven);
}

TEST(CaptureDecision, EveryReasonHasAPhrase) {
  for (CaptureReason reason :
       {CaptureReason::Pays, CaptureReason::SavesTooLittle,
        CaptureReason::TooFewDispatches, CaptureReason::DispatchesUnknown,
        CaptureReason::KernelTimeUnknown})
    EXPECT_STRNE(describe(reason), "");
}

} // namespace
