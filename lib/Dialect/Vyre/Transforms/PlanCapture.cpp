//===- PlanCapture.cpp - What of a program is captured and replayed -------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.program @f(...) { vyre.launch @a {...} vyre.launch @b {...} ... }
//
//     ->  vyre.program @f(...) attributes {vyre.capture_plan =
//             #vyre.capture_plan<policy = auto, ...>} { ... }
//
// The program itself does not change. A plan that is there already is replaced:
// with the same options and the same program, by the same plan.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Remarks.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "vyre/Dialect/Vyre/Transforms/CapturePlanner.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#define DEBUG_TYPE "vyre-plan-capture"

namespace vyre {
#define GEN_PASS_DEF_PLANCAPTURE
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

class PlanCapture : public vyre::impl::PlanCaptureBase<PlanCapture> {
public:
  using PlanCaptureBase::PlanCaptureBase;

  void runOnOperation() override {
    ProgramOp program = getOperation();
    CaptureOptions options;
    if (failed(readOptions(program, options)))
      return signalPassFailure();
    CapturePlanner planner(program, options);
    FailureOr<CapturePlanAttr> plan = planner.plan();
    if (failed(plan))
      return signalPassFailure();
    remarkOn(planner, *plan);
    program->setAttr(kCapturePlanAttrName, *plan);
    markAllAnalysesPreserved();
  }

private:
  LogicalResult readOptions(ProgramOp program, CaptureOptions &options);
  void remarkOn(const CapturePlanner &planner, CapturePlanAttr plan);
  remark::RemarkOpts name(StringRef name) {
    return remark::RemarkOpts::name(name)
        .category(DEBUG_TYPE)
        .function(getOperation().getSymName());
  }
};

} // namespace

LogicalResult PlanCapture::readOptions(ProgramOp program,
                                       CaptureOptions &options) {
  auto emitError = [&] { return program.emitError("vyre-plan-capture: "); };
  auto policy = symbolizeCapturePolicy(capture);
  if (!policy)
    return emitError() << "capture is '" << capture.getValue()
                       << "', expected auto, never or require";
  options.policy = *policy;
  if (maxArenaBytes.empty())
    return success();
  uint64_t bytes;
  if (StringRef(maxArenaBytes).getAsInteger(10, bytes) ||
      bytes > uint64_t(INT64_MAX)) {
    InFlightDiagnostic diag =
        emitError() << "max-arena-bytes is '" << maxArenaBytes.getValue()
                    << "', expected a number of bytes below 2^63";
    diag.attachNote() << "fix: leave it out for no limit";
    return diag;
  }
  options.maxArenaBytes = bytes;
  return success();
}

void PlanCapture::remarkOn(const CapturePlanner &planner,
                           CapturePlanAttr plan) {
  Location loc = getOperation().getLoc();
  for (auto [position, binding] :
       llvm::enumerate(planner.getSafety().getBindings())) {
    if (binding.safety == ReplaySafety::Value)
      continue;
    remark::analysis(loc, name("argument"))
        << remark::add("argument {0} is {1}", position,
                       stringifyReplaySafety(binding.safety))
        << remark::reason("{0}", binding.reason);
  }
  if (!planner.getObstacle().empty())
    remark::missed(loc, name("capture"))
        << remark::add("the program is never captured")
        << remark::reason("{0}", planner.getObstacle());

  size_t edges = 0;
  for (const std::vector<uint32_t> &earlier :
       planner.getDependences().getPredecessors())
    edges += earlier.size();
  auto planned = remark::passed(loc, name("planned"));
  planned << remark::metric("Launches",
                            planner.getDependences().getLaunches().size())
          << remark::metric("Dependences", edges)
          << remark::metric("Intermediates",
                            planner.getLiveness().getIntermediates().size());
  ArenaPlanAttr arena = plan.getArena();
  if (!arena) {
    planned << remark::reason("the arena depends on the sizes of a dispatch");
    return;
  }
  planned << remark::metric("ArenaBytes", arena.getBytes())
          << remark::metric("ConcurrentBytes", arena.getConcurrentBytes())
          << remark::metric("InOrderBytes", arena.getInOrderBytes())
          << remark::metric("AddedEdges", arena.getEdges().size() / 2);
}
