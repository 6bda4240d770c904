//===- CapturePlanner.cpp - How a program is captured and replayed --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the analyses to the attribute, with the planners of capture tables and
// of the arena in between.
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/Transforms/CapturePlanner.h"

#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "vyre/Planning/GraphCapture.h"

using namespace mlir;
using namespace vyre;

CapturePlanner::CapturePlanner(ProgramOp program, const CaptureOptions &options)
    : program(program), options(options), dependences(program),
      liveness(dependences), safety(dependences) {}

LogicalResult CapturePlanner::checkForm() {
  for (auto stage : program.getBody().getOps<StageLikeOpInterface>()) {
    InFlightDiagnostic diag =
        stage->emitOpError("stands in no launch, expected a program in "
                           "physical form");
    diag.attachNote() << "fix: run vyre-form-launches before vyre-plan-capture";
    return diag;
  }
  return success();
}

/// What keeps every graph from holding the whole program.
LogicalResult CapturePlanner::checkObstacles() {
  bool isRequired = options.policy == CapturePolicy::Require;
  if (StageLikeOpInterface stage = safety.getHostBoundary()) {
    LaunchOp before = safety.getLaunchBeforeBoundary();
    obstacle = ("stage @" + stage.getStageName() +
                " waits for the host to see what launch @" +
                before.getLaunchName() + " wrote")
                   .str();
    if (!isRequired)
      return success();
    InFlightDiagnostic diag =
        stage->emitOpError("waits for the host to see what an earlier launch "
                           "wrote, expected a program that is captured as one "
                           "graph");
    diag.attachNote(before.getLoc()) << "the launch is here";
    diag.attachNote() << "fix: leave out host_boundary, or plan with "
                         "capture=auto";
    return diag;
  }
  for (LaunchOp launch : dependences.getLaunches()) {
    auto call = dyn_cast<CallStageOp>(launch.getBody().front().front());
    if (!call || call.isCapturable())
      continue;
    obstacle = ("stage @" + call.getStageName() + " calls @" +
                call.getCallee() + ", which must not be captured")
                   .str();
    if (!isRequired)
      return success();
    InFlightDiagnostic diag = call.emitOpError("calls ")
                              << call.getCalleeAttr()
                              << ", which must not be captured, expected a "
                                 "program that is captured as one graph";
    diag.attachNote() << "fix: leave out no_capture, or plan with capture=auto";
    return diag;
  }
  if (!dependences.getLaunches().empty())
    return success();
  obstacle = "it has no launch";
  if (!isRequired)
    return success();
  return program.emitOpError("has no launch, expected one to capture");
}

FailureOr<CaptureTablesAttr> CapturePlanner::planTables() {
  std::vector<planning::Binding> bindings;
  uint64_t inputs = 0, outputs = 0;
  for (unsigned i = 0, e = program.getNumArguments(); i != e; ++i) {
    BindingAttr attribute = program.getBinding(i);
    if (!attribute)
      continue;
    planning::Binding binding;
    binding.binding = attribute.getSlot();
    Role role = attribute.getRole();
    // The two enumerations list the same roles in the same order.
    binding.role = planning::BindingRole(role);
    if (role == Role::Input || role == Role::InputOutput)
      binding.inputIndex = inputs++;
    if (role == Role::Output || role == Role::InputOutput)
      binding.outputIndex = outputs++;
    bindings.push_back(binding);
  }
  auto planned =
      planning::planGraphCaptureBindings({bindings.data(), bindings.size()});
  if (planned.failed()) {
    std::string message = std::visit(
        [](const auto &error) { return error.message(); }, planned.error());
    return program.emitOpError("has bindings that can't be planned: ")
           << message;
  }
  return CaptureTablesAttr::get(
      program.getContext(), planned->inputDeviceCapacity,
      planned->outputDeviceCapacity, planned->outputReadbackCapacity,
      planned->kernelPointerCapacity, planned->kernelArgumentCapacity,
      planned->residentInputReplaySafe && safety.isResidentReplaySafe());
}

ArrayAttr CapturePlanner::getNodes() {
  MLIRContext *context = program.getContext();
  SmallVector<Attribute> nodes;
  for (const DispatchStep &step : dependences.getSteps()) {
    int32_t argument = -1;
    FlatSymbolRefAttr launch;
    if (step.kind == CaptureNodeKind::Launch) {
      LaunchOp op = dependences.getLaunches()[step.index];
      launch = FlatSymbolRefAttr::get(op.getLaunchNameAttr());
    } else if (step.kind != CaptureNodeKind::Pack) {
      argument = int32_t(step.index);
    }
    nodes.push_back(
        CaptureNodeAttr::get(context, step.kind, argument, launch, step.after));
  }
  return ArrayAttr::get(context, nodes);
}

FailureOr<ArenaPlanAttr> CapturePlanner::planArena() {
  auto values = liveness.getArenaValues();
  if (!values)
    return ArenaPlanAttr();
  planning::ArenaOptions arenaOptions;
  arenaOptions.maxBytes = options.maxArenaBytes;
  auto planned = planning::planArena(
      dependences.getGraph(), {values->data(), values->size()}, arenaOptions);
  if (planned.failed()) {
    if (auto *over = std::get_if<planning::ArenaOverBudget>(&planned.error())) {
      InFlightDiagnostic diag =
          program.emitOpError("has intermediates that take ")
          << over->requiredBytes
          << " bytes with one launch after the other, expected at most "
          << over->budgetBytes;
      diag.attachNote() << "fix: raise max-arena-bytes";
      return diag;
    }
    std::string message = std::visit(
        [](const auto &error) { return error.message(); }, planned.error());
    return program.emitOpError("has intermediates that can't be planned: ")
           << message;
  }
  if (planned->concurrentByteSize > uint64_t(INT64_MAX))
    return program.emitOpError("has intermediates that take ")
           << planned->concurrentByteSize << " bytes, expected less than 2^63";
  SmallVector<int32_t> edges;
  for (const planning::LaunchEdge &edge : planned->addedEdges)
    edges.append({int32_t(edge.earlier), int32_t(edge.later)});
  SmallVector<int64_t> offsets(planned->offsets.begin(),
                               planned->offsets.end());
  Builder builder(program.getContext());
  return ArenaPlanAttr::get(
      program.getContext(), planned->byteSize, planned->concurrentByteSize,
      planned->inOrderByteSize, builder.getDenseI64ArrayAttr(offsets),
      builder.getDenseI32ArrayAttr(edges));
}

FailureOr<CapturePlanAttr> CapturePlanner::plan() {
  if (failed(checkForm()) || failed(checkObstacles()))
    return failure();
  FailureOr<CaptureTablesAttr> tables = planTables();
  FailureOr<ArenaPlanAttr> arena = planArena();
  if (failed(tables) || failed(arena))
    return failure();
  SmallVector<ReplaySafety> replay;
  for (const BindingSafety &binding : safety.getBindings())
    replay.push_back(binding.safety);
  return CapturePlanAttr::get(
      program.getContext(),
      obstacle.empty() ? options.policy : CapturePolicy::Never,
      options.maxArenaBytes ? int64_t(*options.maxArenaBytes) : -1, *tables,
      getNodes(), *arena, replay);
}

FailureOr<CapturePlanAttr> vyre::getCapturePlan(ProgramOp program) {
  auto found = program->getAttrOfType<CapturePlanAttr>(kCapturePlanAttrName);
  if (!found)
    return CapturePlanAttr();
  CaptureOptions options;
  options.policy = found.getPolicy();
  if (found.getMaxArenaBytes() >= 0)
    options.maxArenaBytes = found.getMaxArenaBytes();
  FailureOr<CapturePlanAttr> expected = CapturePlanner(program, options).plan();
  if (failed(expected))
    return failure();
  if (*expected == found)
    return found;
  InFlightDiagnostic diag =
      program.emitOpError("has a capture plan that is not its own any more");
  diag.attachNote() << "found " << found;
  diag.attachNote() << "expected " << *expected;
  diag.attachNote() << "fix: run vyre-plan-capture after the passes that "
                       "change the program";
  return diag;
}
