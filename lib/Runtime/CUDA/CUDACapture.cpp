//===- CUDACapture.cpp - Which dispatches become graphs ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The capture policy. With `auto` a shape begins without a graph, and its
// dispatches are timed. Where somebody said how many are to be expected, those
// that are left decide. Else a graph is built after as many as would have paid
// for it: what was lost by not building it at once, or by building it for
// nothing, is then at most what building takes. In both cases the host builds
// it while the device works on a dispatch, so that of long kernels it costs
// nothing; also what a new shape is remembered by is made then.
//
// A graph that the driver cannot build is no reason not to run: unless the
// policy is `require`, separate calls do it, and the report says why.
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"
#include "KeptText.h"

#include <algorithm>

namespace vyre::runtime::internal::cuda {

/// Transfers and kernels that the driver is to enqueue, one by one or as nodes.
uint32_t CudaExecution::countCalls(const DispatchPlan &plan) const {
  auto calls = static_cast<uint32_t>(
      std::count_if(plan.launches.begin(), plan.launches.end(),
                    [](const LaunchSizes &launch) { return !launch.isEmpty; }));
  return calls + (uploads.size() != 0) + (results.size() != 0) + packs(plan);
}

/// Makes the graph ready that the dispatch is to be; NULL where it is to be
/// none, with the reason. `mustBuild` says that the policy is not asked.
Status CudaExecution::prepareGraph(const DispatchPlan &plan,
                                   const DispatchOptions &options,
                                   bool mustBuild, CudaGraph *&graph) {
  graph = nullptr;
  isUndecided = buildsBehind = false;
  graphPaysAfter = 0;
  auto decline = [&](const char *reason) {
    noReplayReason = reason;
    return Status();
  };
  graphs.builds = graphs.updates = 0;
  hostCalls.forgetObstacle();
  if (isCapturing)
    return decline("the caller captures the stream");
  if (options.capture == VYRE_CAPTURE_NEVER)
    return decline("the capture policy is never");
  if (!driver.hasGraphs())
    return decline("the CUDA driver cannot build graphs node by node");
  if (hostBoundary)
    return decline("a launch waits for the host to see what an earlier one "
                   "wrote");
  if (const char *reason = hostCalls.whyNeverCaptured())
    return decline(reason);
  uint32_t calls = countCalls(plan);
  if (calls == 0)
    return decline("there is nothing to launch");
  GraphContent content = graphContent(plan);
  graphs.find(content);
  if (!graphs.hasGraph() && !mustBuild) {
    if (graphs.failure())
      return decline(graphs.failure());
    if (Status status = decideGraph(calls, options, mustBuild); status.failed())
      return declineFailed(std::move(status), content, options);
    if (!mustBuild)
      return Status();
  }
  isUndecided = false;
  Status status = makeGraph(content, options, graph);
  if (status.failed())
    return declineFailed(std::move(status), content, options);
  return decline(nullptr);
}

/// Builds the graph of a content that has none, and gives it the values.
Status CudaExecution::makeGraph(const GraphContent &content,
                                const DispatchOptions &options,
                                CudaGraph *&graph) {
  if (!graphs.hasGraph()) {
    if (Status status = graphs.remember(content, options.graphShapes);
        status.failed())
      return status;
    if (Status status = graphs.build(content); status.failed())
      return status;
  }
  return graphs.update(content, graph);
}

/// What the driver could not do for a graph; the same is not tried again for
/// these sizes, but for a call that was prewarmed and not made yet: it gets
/// another try. A failure remains one where a graph is required, and where the
/// device is lost.
Status CudaExecution::declineFailed(Status failed, const GraphContent &content,
                                    const DispatchOptions &options) {
  if (options.capture == VYRE_CAPTURE_REQUIRE || device.health().failed())
    return failed;
  isUndecided = buildsBehind = false;
  noReplayReason = hostCalls.getObstacle();
  if (!noReplayReason)
    noReplayReason = keepForEver(
        concat("the driver could not build the graph: ", failed.message()));
  if (Status status = graphs.remember(content, options.graphShapes);
      status.failed())
    return status;
  // A library makes itself ready when it is first called.
  bool isNew = !graphs.hasGraph() && graphs.history().dispatches == 0;
  if (!isNew || !hostCalls.getObstacle())
    graphs.giveUp(noReplayReason);
  return Status();
}

/// Whether a shape without a graph gets one now, behind this dispatch, or not
/// yet.
Status CudaExecution::decideGraph(uint32_t calls,
                                  const DispatchOptions &options,
                                  bool &buildsNow) {
  isUndecided = true;
  ShapeHistory unknown;
  const ShapeHistory &history = graphs.isKnown() ? graphs.history() : unknown;
  uint64_t before = history.dispatches;
  planning::CaptureCandidate candidate;
  candidate.calls = calls;
  candidate.plainTime = history.plainTime;
  if (options.expectedDispatches.value_or(0) > before)
    candidate.dispatches = *options.expectedDispatches - before;
  noReplayReason = "these sizes are new";
  // A shape that never comes again is not worth a question; and a library makes
  // itself ready when it is first called, which is not to be captured.
  if (before == 0 && (!candidate.dispatches || hostCalls.any()))
    return Status();
  auto costs = device.costsInContext();
  if (costs.failed())
    return costs.takeStatus();
  planning::CaptureDecision decision = decideCapture(candidate, *costs);
  graphPaysAfter = decision.breakEven.value_or(0);
  buildsNow = decision.captures() && !decision.buildsBehind;
  buildsBehind = decision.captures() && decision.buildsBehind;
  if (decision.reason == planning::CaptureReason::DispatchesUnknown &&
      before + 1 >= *decision.breakEven) {
    buildsBehind = true;
    decision.reason = planning::CaptureReason::Pays;
  }
  noReplayReason = planning::describe(decision.reason);
  return Status();
}

/// Begins to time a dispatch by separate calls, where what it takes is the
/// kernels' and the calls' alone.
void CudaExecution::beginPlain(const DispatchPlan &plan,
                               const DispatchOptions &options) {
  if (!isUndecided || !options.waitsAtOnce ||
      plan.readback.countedResults() != 0)
    return;
  for (const Placement &placement : placements)
    if (placement.route == Route::direct)
      return;
  plainBegin = Clock::now();
}

void CudaExecution::endPlain() {
  if (!plainBegin)
    return;
  auto taken = static_cast<uint64_t>(
      std::chrono::nanoseconds(Clock::now() - *plainBegin).count());
  plainBegin.reset();
  std::optional<uint64_t> &least = graphs.history().plainTime;
  least = std::min(taken, least.value_or(taken));
}

/// What a decision leaves to be done while the device works on the dispatch:
/// it is counted, and the graph of the next one is built.
Status CudaExecution::concludeDecision(const DispatchPlan &plan,
                                       const DispatchOptions &options) {
  if (!isUndecided)
    return Status();
  GraphContent content = graphContent(plan);
  if (Status status = graphs.remember(content, options.graphShapes);
      status.failed())
    return status;
  ++graphs.history().dispatches;
  if (!buildsBehind)
    return Status();
  plainBegin.reset();
  Status status = graphs.build(content);
  return status.failed() ? declineFailed(std::move(status), content, options)
                         : std::move(status);
}

} // namespace vyre::runtime::internal::cuda
