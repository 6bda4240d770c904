//===- VerifyLaunches.cpp - Check that launches are right -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch runs its stages point by point: at each point of the leading indices
// that all of them share, the first stage, then the second, and so on. That
// gives what the stages one after the other would give if
//  * these leading indices have equal extents in all of them;
//  * every dependence between two of them stays at equal leading indices;
//  * only the first waits for the host.
// All of this is derived from the IR, whoever formed the launch.
//
//===----------------------------------------------------------------------===//

#include "LaunchVerification.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#define DEBUG_TYPE "vyre-verify-launches"

namespace vyre {
#define GEN_PASS_DEF_VERIFYLAUNCHES
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

static SmallVector<StageOp> getStages(LaunchOp launch) {
  return llvm::to_vector(launch.getBody().getOps<StageOp>());
}

unsigned vyre::getLaunchRank(LaunchOp launch) {
  unsigned rank = std::numeric_limits<unsigned>::max();
  for (StageOp stage : getStages(launch))
    rank = std::min(rank, stage.getRank());
  return rank;
}

static LogicalResult verifySpaces(LaunchOp launch, unsigned rank,
                                  SymbolicValues &symbols) {
  SmallVector<StageOp> stages = getStages(launch);
  for (StageOp stage : ArrayRef(stages).drop_front()) {
    if (stage.getHostBoundary()) {
      InFlightDiagnostic diag = launch.emitOpError("holds the stage @")
                                << stage.getStageName()
                                << ", which waits for the host, behind others";
      diag.attachNote(stage.getLoc()) << "the stage is here";
      diag.attachNote() << "fix: begin a launch with it";
      return diag;
    }
    for (unsigned i = 0; i != rank; ++i) {
      AffineExpr found = symbols.getExpr(stage.getExtents()[i]);
      AffineExpr expected = symbols.getExpr(stages[0].getExtents()[i]);
      if (found == expected)
        continue;
      InFlightDiagnostic diag =
          launch.emitOpError("holds the stages @")
          << stages[0].getStageName() << " and @" << stage.getStageName()
          << ", whose extents of index " << i << " are not proved to be equal";
      diag.attachNote(stage.getLoc())
          << "found " << symbols.describe(found) << ", expected "
          << symbols.describe(expected);
      return diag;
    }
  }
  return success();
}

static LogicalResult verifyDependences(LaunchOp launch, unsigned rank,
                                       SymbolicValues &symbols,
                                       MeetingSolver &solver) {
  IndexMatch match;
  for (unsigned i = 0; i != rank; ++i)
    match.push_back({i, i});

  struct Touch {
    const ElementAccess *access;
    unsigned relation;
    StageOp stage;
  };
  llvm::SmallDenseMap<Value, SmallVector<Touch, 2>, 8> touches;
  std::vector<std::unique_ptr<StageAccesses>> analyses;
  for (StageOp stage : getStages(launch)) {
    analyses.push_back(std::make_unique<StageAccesses>(
        cast<StageLikeOpInterface>(stage.getOperation()), symbols));
    ArrayRef<ElementAccess> accesses = analyses.back()->getAccesses();
    for (const ElementAccess &access : accesses) {
      unsigned relation = solver.getNumber(access.relation);
      for (const Touch &touch : touches.lookup(access.buffer)) {
        auto kind = getDependenceKind(*touch.access, access);
        if (!kind)
          continue;
        const Meeting &meeting = solver.solve(touch.relation, relation, match);
        if (meeting.distance == DependenceDistance::None ||
            meeting.distance == DependenceDistance::SameIndex)
          continue;
        Dependence dependence{*kind, access.buffer, touch.access, &access,
                              &meeting};
        InFlightDiagnostic diag = launch.emitOpError("holds the stages @")
                                  << StageOp(touch.stage).getStageName()
                                  << " and @" << stage.getStageName()
                                  << ", whose points are not independent: "
                                  << describeDependence(dependence, symbols);
        diag.attachNote(touch.access->op->getLoc()) << "the earlier access";
        diag.attachNote(access.op->getLoc()) << "the later access";
        diag.attachNote() << "fix: put the stages into launches of their own";
        return diag;
      }
    }
    // Only now: the points of one stage are independent of each other.
    for (const ElementAccess &access : accesses) {
      SmallVector<Touch, 2> &list = touches[access.buffer];
      unsigned relation = solver.getNumber(access.relation);
      bool isKnown = llvm::any_of(list, [&](const Touch &touch) {
        return touch.relation == relation &&
               touch.access->writes == access.writes &&
               touch.access->reads == access.reads;
      });
      if (!isKnown)
        list.push_back({&access, relation, stage});
    }
  }
  return success();
}

LogicalResult vyre::verifyLaunch(LaunchOp launch, SymbolicValues &symbols,
                                 MeetingSolver &solver) {
  // A single stage, or an opaque one, which the launch's verifier keeps alone.
  if (getStages(launch).size() < 2)
    return success();
  unsigned rank = getLaunchRank(launch);
  return failure(failed(verifySpaces(launch, rank, symbols)) ||
                 failed(verifyDependences(launch, rank, symbols, solver)));
}

LogicalResult vyre::verifyLaunches(ProgramOp program) {
  SymbolicValues symbols(program);
  MeetingSolver solver(symbols);
  LogicalResult result = success();
  for (LaunchOp launch : program.getBody().getOps<LaunchOp>())
    if (failed(verifyLaunch(launch, symbols, solver)))
      result = failure();
  return result;
}

namespace {

struct VerifyLaunches : vyre::impl::VerifyLaunchesBase<VerifyLaunches> {
  void runOnOperation() override {
    if (failed(verifyLaunches(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace
