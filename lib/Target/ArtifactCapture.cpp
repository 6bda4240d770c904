//===- ArtifactCapture.cpp - Capture plans as data ------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The plan that vyre-plan-capture left on the program, if it is still the plan
// of that program.
//
//===----------------------------------------------------------------------===//

#include "ArtifactWriter.h"
#include "vyre/Dialect/Vyre/Transforms/CapturePlanner.h"

using namespace mlir;
using namespace vyre;
using flatbuffers::Offset;

static artifact::CapturePolicy getPolicy(CapturePolicy policy) {
  switch (policy) {
  case CapturePolicy::Auto:
    return artifact::CapturePolicy::auto_;
  case CapturePolicy::Never:
    return artifact::CapturePolicy::never;
  case CapturePolicy::Require:
    return artifact::CapturePolicy::require;
  }
  llvm_unreachable("all policies are listed");
}

static artifact::ReplaySafety getReplaySafety(ReplaySafety safety) {
  switch (safety) {
  case ReplaySafety::Value:
    return artifact::ReplaySafety::value;
  case ReplaySafety::ReadOnly:
    return artifact::ReplaySafety::read_only;
  case ReplaySafety::WhollyWritten:
    return artifact::ReplaySafety::wholly_written;
  case ReplaySafety::ReadModifyWrite:
    return artifact::ReplaySafety::read_modify_write;
  case ReplaySafety::State:
    return artifact::ReplaySafety::state;
  case ReplaySafety::EscapingResult:
    return artifact::ReplaySafety::escaping_result;
  case ReplaySafety::HostBoundary:
    return artifact::ReplaySafety::host_boundary;
  case ReplaySafety::Workgroup:
    return artifact::ReplaySafety::workgroup;
  }
  llvm_unreachable("all kinds are listed");
}

static artifact::PlanNodeKind getNodeKind(CaptureNodeKind kind) {
  switch (kind) {
  case CaptureNodeKind::Upload:
    return artifact::PlanNodeKind::upload;
  case CaptureNodeKind::Launch:
    return artifact::PlanNodeKind::launch;
  case CaptureNodeKind::Pack:
    return artifact::PlanNodeKind::pack;
  case CaptureNodeKind::Download:
    return artifact::PlanNodeKind::download;
  }
  llvm_unreachable("all kinds are listed");
}

FailureOr<Offset<artifact::CapturePlan>>
ArtifactWriter::writeCapturePlan(ProgramOp program,
                                 const LaunchDependences &dependences) {
  FailureOr<CapturePlanAttr> found = getCapturePlan(program);
  if (failed(found))
    return failure();
  if (!*found)
    return Offset<artifact::CapturePlan>();
  CapturePlanAttr plan = *found;
  std::vector<Offset<artifact::PlanNode>> nodes;
  for (const DispatchStep &step : dependences.getSteps()) {
    auto after = builder.CreateVector(step.after.data(), step.after.size());
    nodes.push_back(artifact::CreatePlanNode(builder, getNodeKind(step.kind),
                                             step.index, after));
  }
  std::vector<artifact::ReplaySafety> replay;
  for (ReplaySafety safety : plan.getReplay())
    replay.push_back(getReplaySafety(safety));
  std::vector<uint64_t> offsets;
  std::vector<artifact::LaunchEdge> edges;
  uint64_t bytes = 0;
  if (ArenaPlanAttr arena = plan.getArena()) {
    llvm::append_range(offsets, arena.getOffsets().asArrayRef());
    ArrayRef<int32_t> ends = arena.getEdges().asArrayRef();
    for (size_t i = 0; i < ends.size(); i += 2)
      edges.emplace_back(ends[i], ends[i + 1]);
    bytes = arena.getBytes();
  }
  auto nodesOffset = builder.CreateVector(nodes);
  auto replayOffset = builder.CreateVector(replay);
  auto offsetsOffset = builder.CreateVector(offsets);
  auto edgesOffset = builder.CreateVectorOfStructs(edges);
  int64_t limit = plan.getMaxArenaBytes();
  return artifact::CreateCapturePlan(
      builder, getPolicy(plan.getPolicy()), nodesOffset, replayOffset,
      plan.getTables().getResidentReplay(), offsetsOffset, bytes, edgesOffset,
      limit < 0 ? UINT64_MAX : uint64_t(limit));
}
