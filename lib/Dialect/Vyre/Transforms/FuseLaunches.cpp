//===- FuseLaunches.cpp - Neighbouring stages into one launch -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.stage @a (%i) in (%n) ...        vyre.launch @a_b {
//   vyre.stage @b (%i) in (%n) ...          vyre.stage @a (%i) in (%n) ...
//                                    ->     vyre.stage @b (%i) in (%n) ...
//   vyre.stage @c (%i) in (%k) ...        }
//                                         vyre.stage @c (%i) in (%k) ...
//
// LaunchWindow says how far back a launch with each stage may begin; the
// planner chooses groups by that, by bytes and by the budget (LaunchPlanner);
// LaunchFormation rewrites. A stage that joins no other stays where it is:
// vyre-form-launches gives it a launch of its own.
//
//===----------------------------------------------------------------------===//

#include "LaunchFormation.h"
#include "LaunchPlanner.h"
#include "LaunchVerification.h"
#include "mlir/IR/Remarks.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#define DEBUG_TYPE "vyre-fuse-launches"

namespace vyre {
#define GEN_PASS_DEF_FUSELAUNCHES
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

static remark::RemarkOpts makeRemark(StringRef name, ProgramOp program) {
  return remark::RemarkOpts::name(name)
      .category(DEBUG_TYPE)
      .function(program.getSymName());
}

/// Says what became of a plan; `launches` has null for a stage that is alone.
static void remarkOn(const LaunchPlan &plan, ArrayRef<LaunchOp> launches,
                     LaunchPlanner &planner, ProgramOp program) {
  // Reasons take longer to put into words than to find.
  if (!program.getContext()->getRemarkEngine())
    return;
  for (auto [group, launch] : llvm::zip_equal(plan.groups, launches)) {
    unsigned stages = group.last - group.first + 1;
    if (launch) {
      std::string names;
      for (unsigned i = group.first; i <= group.last; ++i)
        names += (i == group.first ? "" : ", ") + plan.getName(i);
      // At one place: what is written to files has no others.
      StageLikeOpInterface front = plan.stages[group.first];
      remark::passed(front->getLoc(), makeRemark("fused", program))
          << remark::add("launch @{0} holds {1}",
                         LaunchOp(launch).getLaunchName(), names)
          << remark::metric("Stages", stages)
          << remark::metric("RequiredBytes", group.requiredBytes)
          << remark::metric("AvoidedLaunches", stages - 1)
          << remark::metric("AvoidedBytes", group.avoidedBytes);
    }
    if (group.last + 1 == plan.stages.size())
      continue;
    StageLikeOpInterface next = plan.stages[group.last + 1];
    remark::missed(next->getLoc(), makeRemark("not-fused", program))
        << remark::add("{0} does not join {1}", plan.getName(group.last + 1),
                       plan.getName(group.last))
        << remark::reason("{0}", planner.explain(plan, group));
  }
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Whether stages may move past an op of the top level: it computes a size,
/// states one, or makes memory.
static bool isTransparent(Operation *op) {
  return isa<IntermediateOp, vyre::ConstantOp, ExtentsOp, RequireOp>(op) ||
         isMemoryEffectFree(op);
}

/// Puts stages into another order; what they use comes before all of them.
static void reorderStages(ArrayRef<StageLikeOpInterface> from,
                          ArrayRef<StageLikeOpInterface> to) {
  Operation *first = StageLikeOpInterface(from.front());
  Operation *end = StageLikeOpInterface(from.back())->getNextNode();
  for (Operation *op = first->getNextNode(); op != end;) {
    Operation *next = op->getNextNode();
    if (!isa<StageLikeOpInterface>(op))
      op->moveBefore(first);
    op = next;
  }
  for (StageLikeOpInterface stage : to)
    stage->moveBefore(end);
}

/// Plans a run of stages and forms its launches.
static LogicalResult fuse(ArrayRef<StageLikeOpInterface> stages,
                          LaunchPlanner &planner, ProgramOp program,
                          llvm::StringSet<> &launchNames) {
  FailureOr<LaunchPlan> plan = planner.plan(stages);
  if (failed(plan))
    return failure();
  if (plan->stages != stages)
    reorderStages(stages, plan->stages);
  LaunchFormation formation(plan->stages, plan->placements, launchNames);
  SmallVector<LaunchOp> launches;
  for (const StageGroup &group : plan->groups)
    launches.push_back(group.first == group.last
                           ? LaunchOp()
                           : formation.form(group.first, group.last));
  remarkOn(*plan, launches, planner, program);
  return success();
}

static LogicalResult fuse(ProgramOp program, const FusionSettings &settings) {
  LaunchPlanner planner(program, settings);
  llvm::StringSet<> launchNames;
  // Runs of stages that nothing else with an effect stands between.
  std::vector<SmallVector<StageLikeOpInterface>> runs(1);
  for (Operation &op : program.getBody().front()) {
    if (auto launch = dyn_cast<LaunchOp>(op))
      launchNames.insert(launch.getLaunchName());
    if (auto stage = dyn_cast<StageLikeOpInterface>(op))
      runs.back().push_back(stage);
    else if (!isTransparent(&op) && !runs.back().empty())
      runs.emplace_back();
  }
  for (ArrayRef<StageLikeOpInterface> stages : runs)
    if (failed(fuse(stages, planner, program, launchNames)))
      return failure();
  return success();
}

namespace {

class FuseLaunches : public vyre::impl::FuseLaunchesBase<FuseLaunches> {
public:
  using FuseLaunchesBase::FuseLaunchesBase;

  void runOnOperation() override {
    FailureOr<FusionSettings> settings = readOptions();
    if (failed(settings) || failed(fuse(getOperation(), *settings)))
      return signalPassFailure();
#ifndef NDEBUG
    if (failed(verifyLaunches(getOperation())))
      signalPassFailure();
#endif
  }

private:
  FailureOr<FusionSettings> readOptions() {
    auto emitError = [&] {
      return getOperation().emitError("vyre-fuse-launches: ");
    };
    using Strategy = planning::LaunchFusionStrategy;
    using Accounting = planning::LaunchFusionAccounting;
    FusionSettings settings;
    settings.reorder = reorder;
    settings.maxStagesPerLaunch = maxStagesPerLaunch;
    if (!maxGroupBytes.empty()) {
      uint64_t bytes;
      if (StringRef(maxGroupBytes).getAsInteger(10, bytes) || bytes == 0) {
        InFlightDiagnostic diag = emitError()
                                  << "max-group-bytes is '" << maxGroupBytes
                                  << "', expected a number of bytes from 1 on";
        diag.attachNote() << "fix: leave it out for no limit";
        return diag;
      }
      settings.budget = bytes;
    }
    if (strategy == "greedy" || strategy == "optimal")
      settings.strategy =
          strategy == "greedy" ? Strategy::Greedy : Strategy::Optimal;
    else
      return emitError() << "strategy is '" << strategy
                         << "', expected greedy or optimal";
    if (accounting == "sum" || accounting == "live")
      settings.accounting =
          accounting == "sum" ? Accounting::Sum : Accounting::Live;
    else
      return emitError() << "accounting is '" << accounting
                         << "', expected sum or live";
    return settings;
  }
};

} // namespace
