//===- CaptureDecision.cpp - Whether capturing pays -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts have 32 bits and costs 64, so that a dispatch's time fits 128 bits.
// The number of dispatches is never multiplied: it is compared with the
// quotient of what building costs and what a replay saves.
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/CaptureDecision.h"

#include "vyre/Planning/CheckedArithmetic.h"

#include <algorithm>
#include <limits>

using namespace vyre::planning;

/// The time of calls that are prepared and run as a pipeline.
static Uint128 pipelineTime(uint32_t calls, uint64_t prepare, Uint128 run) {
  if (calls == 0)
    return 0;
  return calls * std::max<Uint128>(prepare, run) +
         std::min<Uint128>(prepare, run);
}

/// What a kernel takes, of `calls` in a dispatch that took `plainTime`: the
/// inverse of pipelineTime(), less the gap.
static Uint128 kernelTime(uint32_t calls, uint64_t plainTime,
                          const CaptureCosts &costs) {
  Uint128 prepare = costs.plainDispatch + Uint128(calls) * costs.plainCall;
  if (calls == 0 || plainTime <= prepare)
    return 0;
  Uint128 run = plainTime - prepare;
  if (run > costs.plainCall)
    run = (run - costs.plainCall) / calls + costs.plainCall;
  return run - std::min<Uint128>(run, costs.plainGap);
}

/// What a replay saves of a dispatch whose kernels take `kernel` each; 0 where
/// it takes longer.
static Uint128 savedTime(uint32_t calls, Uint128 kernel,
                         const CaptureCosts &costs) {
  Uint128 plain = costs.plainDispatch +
                  pipelineTime(calls, costs.plainCall, kernel + costs.plainGap);
  Uint128 replay =
      costs.replayDispatch + pipelineTime(calls, costs.node, kernel);
  return plain > replay ? plain - replay : 0;
}

/// The fewest dispatches that pay for a graph; none where the number does not
/// fit or nothing is saved.
static std::optional<uint64_t> breakEven(Uint128 build, Uint128 saved) {
  if (saved == 0 || build / saved >= std::numeric_limits<uint64_t>::max())
    return std::nullopt;
  return static_cast<uint64_t>(build / saved) + 1;
}

CaptureDecision vyre::planning::decideCapture(const CaptureCandidate &candidate,
                                              const CaptureCosts &costs) {
  uint32_t calls = candidate.calls;
  Uint128 build = costs.graphBuild + Uint128(calls) * costs.nodeBuild;
  Uint128 saved = savedTime(calls, 0, costs);
  CaptureDecision decision;
  if (candidate.plainTime) {
    saved =
        savedTime(calls, kernelTime(calls, *candidate.plainTime, costs), costs);
    // The host waits for what the calls before it enqueued.
    Uint128 busy = Uint128(calls) * costs.plainCall;
    Uint128 idle =
        *candidate.plainTime > busy ? *candidate.plainTime - busy : 0;
    decision.buildsBehind = std::min(build, idle) > saved;
    build -= std::min(build, idle);
    if (saved * 100 < *candidate.plainTime)
      saved = 0;
  }
  decision.breakEven = breakEven(build, saved);
  if (!decision.breakEven) {
    decision.reason = CaptureReason::SavesTooLittle;
    return decision;
  }
  if (!candidate.dispatches)
    return decision;

  auto pays = [&](std::optional<uint64_t> fewest) {
    return fewest && *fewest <= *candidate.dispatches;
  };
  if (!pays(decision.breakEven)) {
    decision.reason = CaptureReason::TooFewDispatches;
    return decision;
  }
  // What a replay saves changes in one direction as kernels grow, and no longer
  // once they take more than preparing them: the ends bound what is between.
  Uint128 longest = std::max(costs.plainCall, costs.node);
  bool isKnown = candidate.plainTime ||
                 pays(breakEven(build, savedTime(calls, longest, costs)));
  decision.reason =
      isKnown ? CaptureReason::Pays : CaptureReason::KernelTimeUnknown;
  return decision;
}

const char *vyre::planning::describe(CaptureReason reason) {
  switch (reason) {
  case CaptureReason::Pays:
    return "the graph is built while the device works";
  case CaptureReason::SavesTooLittle:
    return "a graph saves less than a hundredth of a dispatch";
  case CaptureReason::TooFewDispatches:
    return "too few dispatches are expected to pay for a graph";
  case CaptureReason::DispatchesUnknown:
    return "too few dispatches of these sizes so far to pay for a graph";
  case CaptureReason::KernelTimeUnknown:
    return "how long the kernels take is not known yet";
  }
  return "";
}
