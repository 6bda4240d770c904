//===- MergeStages.cpp - One stage for each launch ------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.launch @l {
//     vyre.stage @a (%i, %j) in (%m, %n)      vyre.launch @l {
//       reads(%x) writes(%t) { A }              vyre.stage @l (%i) in (%m)
//     vyre.stage @b (%i) in (%m)         ->       reads(%x) writes(%y) {
//       reads(%t) writes(%y) { B }                scf.parallel (%j) = 0 to %n
//   }                                               { A }
//                                                 B
//                                               }
//                                             }
//
// and then what the bodies hand each other goes through registers: inner loops
// over the same points are fused, accumulators of sequential loops promoted,
// stores forwarded to loads, cheap elements computed again, and what nobody
// reads is erased.
//
//===----------------------------------------------------------------------===//

#include "LaunchVerification.h"
#include "StageBodies.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/CSE.h"
#include "vyre/Analysis/BufferBounds.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"

#define DEBUG_TYPE "vyre-merge-stages"

namespace vyre {
#define GEN_PASS_DEF_MERGESTAGES
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// Bodies one after the other
//===----------------------------------------------------------------------===//

/// Moves the ops of a stage's body, the terminator left out, to the end of a
/// block.
static void moveBody(StageOp stage, Block *target, ValueRange indices) {
  Block &body = stage.getBody().front();
  for (auto [old, index] : llvm::zip_equal(body.getArguments(), indices))
    old.replaceAllUsesWith(index);
  target->getOperations().splice(target->end(), body.getOperations(),
                                 body.begin(), std::prev(body.end()));
}

/// Appends the body of a stage to that of the merged stage; its inner indices
/// become those of a loop.
static void appendBody(StageOp stage, StageOp merged, OpBuilder &builder) {
  unsigned rank = merged.getRank();
  Block *target = &merged.getBody().front();
  SmallVector<Value> indices(merged.getIndices());
  ValueRange inner = stage.getExtents().drop_front(rank);
  builder.setInsertionPointToEnd(target);
  if (inner.empty())
    return moveBody(stage, target, indices);
  Location loc = stage.getLoc();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  auto loop = scf::ParallelOp::create(
      builder, loc, SmallVector<Value>(inner.size(), zero), inner,
      SmallVector<Value>(inner.size(), one));
  llvm::append_range(indices, loop.getInductionVars());
  Block *body = loop.getBody();
  if (!body->empty())
    body->back().erase();
  moveBody(stage, body, indices);
  builder.setInsertionPointToEnd(body);
  scf::ReduceOp::create(builder, loc);
}

/// Makes the declared accesses those of the body.
static void declareAccesses(StageOp stage) {
  SmallVector<BufferAccess> accesses;
  [[maybe_unused]] auto unknown =
      collectBufferAccesses(stage.getBody(), accesses);
  assert(!unknown && "the stages that were merged had known accesses");
  llvm::MapVector<Value, std::pair<bool, bool>> touched;
  for (OperandRange range :
       {stage.getReads(), stage.getWrites(), stage.getUpdates()})
    for (Value buffer : range)
      touched[buffer] = {false, false};
  for (const BufferAccess &access : accesses) {
    auto known = touched.find(access.buffer);
    if (known == touched.end())
      continue; // The body's own memory.
    known->second.first |= access.reads;
    known->second.second |= access.writes;
  }
  SmallVector<Value> reads, writes, updates;
  for (auto &[buffer, access] : touched) {
    auto [isRead, isWritten] = access;
    if (isRead || isWritten)
      (isRead ? isWritten ? updates : reads : writes).push_back(buffer);
  }
  stage.getReadsMutable().assign(reads);
  stage.getWritesMutable().assign(writes);
  stage.getUpdatesMutable().assign(updates);
}

/// Merges the stages of a launch into a new one in their place.
static StageOp mergeBodies(LaunchOp launch, StringRef name) {
  SmallVector<StageOp> stages(launch.getBody().getOps<StageOp>());
  unsigned rank = getLaunchRank(launch);
  OpBuilder builder(stages.front());
  SmallVector<Location> locations;
  SmallVector<Value> buffers;
  llvm::SmallDenseSet<Value> seen;
  uint64_t scratchBytes = 0;
  for (StageOp stage : stages) {
    locations.push_back(stage.getLoc());
    scratchBytes =
        llvm::SaturatingAdd(scratchBytes, stage.getScratchByteCount());
    for (OperandRange range :
         {stage.getReads(), stage.getWrites(), stage.getUpdates()})
      for (Value buffer : range)
        if (seen.insert(buffer).second)
          buffers.push_back(buffer);
  }
  auto merged = StageOp::create(builder, builder.getFusedLoc(locations), name,
                                stages.front().getExtents().take_front(rank),
                                ValueRange(), ValueRange(), buffers,
                                [](OpBuilder &, Location, ValueRange) {});
  merged.getBody().front().clear();
  if (scratchBytes != 0)
    merged.setScratchBytes(
        std::min<uint64_t>(scratchBytes, std::numeric_limits<int64_t>::max()));
  merged.setHostBoundary(stages.front().getHostBoundary());
  for (StageOp stage : stages) {
    appendBody(stage, merged, builder);
    stage.erase();
  }
  builder.setInsertionPointToEnd(&merged.getBody().front());
  YieldOp::create(builder, merged.getLoc());
  return merged;
}

//===----------------------------------------------------------------------===//
// What merging leaves behind
//===----------------------------------------------------------------------===//

static void eraseUnusedOps(StageOp stage) {
  stage->walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
    if (op != stage && isOpTriviallyDead(op))
      op->erase();
  });
}

/// Keeps in registers what the body of a stage hands itself in memory.
static void optimizeBody(StageOp stage, SymbolicValues &symbols) {
  IRRewriter rewriter(stage.getContext());
  DominanceInfo dominance(stage);
  eliminateCommonSubExpressions(rewriter, dominance, stage);
  promoteAccumulators(stage, symbols);
  forwardStores(stage, symbols);
  fuseInnerLoops(stage, symbols);
  forwardStores(stage, symbols);
  eraseUnusedOps(stage);
  declareAccesses(stage);
  recomputeElements(stage, symbols);
  forwardStores(stage, symbols);
  eraseDeadStores(stage, symbols);
  DominanceInfo newDominance(stage);
  eliminateCommonSubExpressions(rewriter, newDominance, stage);
  eraseUnusedOps(stage);
  declareAccesses(stage);
}

/// Whether nothing touches an intermediate but to ask for its extents.
static bool isUnused(IntermediateOp intermediate) {
  int64_t rank = cast<MemRefType>(intermediate.getMemory().getType()).getRank();
  return llvm::all_of(intermediate->getUsers(), [&](Operation *user) {
    auto dim = dyn_cast<memref::DimOp>(user);
    std::optional<int64_t> position =
        dim ? dim.getConstantIndex() : std::nullopt;
    return position && *position >= 0 && *position < rank;
  });
}

/// Erases such an intermediate; its extents come from where it had them.
static void eraseUnused(IntermediateOp intermediate) {
  auto type = cast<MemRefType>(intermediate.getMemory().getType());
  for (Operation *user : llvm::make_early_inc_range(intermediate->getUsers())) {
    auto dim = cast<memref::DimOp>(user);
    int64_t position = *dim.getConstantIndex();
    OpBuilder builder(dim);
    Value extent =
        type.isDynamicDim(position)
            ? intermediate.getExtents()[type.getDynamicDimIndex(position)]
            : arith::ConstantIndexOp::create(builder, dim.getLoc(),
                                             type.getDimSize(position));
    dim.replaceAllUsesWith(extent);
    dim.erase();
  }
  intermediate.erase();
}

namespace {

class MergeStages : public vyre::impl::MergeStagesBase<MergeStages> {
public:
  void runOnOperation() override {
    ProgramOp program = getOperation();
    SymbolicValues symbols(program);
    MeetingSolver solver(symbols);
    stageNames.clear();
    unused.clear();
    BufferBounds bounds(program, symbols);
    program.walk([&](StageLikeOpInterface stage) {
      stageNames.insert(stage.getStageName());
    });
    for (LaunchOp launch :
         llvm::make_early_inc_range(program.getBody().getOps<LaunchOp>()))
      if (failed(runOnLaunch(launch, symbols, solver, bounds)))
        return signalPassFailure();
    // Only now: the analyses know the values of the top level.
    for (IntermediateOp intermediate : unused)
      eraseUnused(intermediate);
  }

private:
  LogicalResult runOnLaunch(LaunchOp launch, SymbolicValues &symbols,
                            MeetingSolver &solver, BufferBounds &bounds) {
    SmallVector<StageOp> stages(launch.getBody().getOps<StageOp>());
    if (stages.empty() || launch.getKernel() || launch.getCpuEntry())
      return success();
    if (failed(verifyLaunch(launch, symbols, solver)))
      return failure();
    SmallVector<IntermediateOp> intermediates = getIntermediates(launch);
    StageOp merged = stages.front();
    Location front = merged.getLoc();
    if (stages.size() > 1) {
      SmallVector<Attribute> names;
      for (StageOp stage : stages) {
        stageNames.erase(stage.getStageName());
        names.push_back(stage.getStageNameAttr());
      }
      launch->setAttr(kMergedStagesAttrName,
                      ArrayAttr::get(&getContext(), names));
      std::string name = launch.getLaunchName().str();
      for (unsigned i = 0; !stageNames.insert(name).second; ++i)
        name = (launch.getLaunchName() + "_" + Twine(i)).str();
      merged = mergeBodies(launch, name);
    }
    optimizeBody(merged, symbols);

    uint64_t bytesNotWritten = 0;
    unsigned erased = 0;
    for (IntermediateOp intermediate : intermediates) {
      if (!isUnused(intermediate))
        continue;
      bytesNotWritten = llvm::SaturatingAdd(
          bytesNotWritten, bounds.getByteBound(intermediate.getMemory()));
      unused.push_back(intermediate);
      ++erased;
    }
    if (stages.size() > 1)
      remark::passed(front, remark::RemarkOpts::name("merged")
                                .category(DEBUG_TYPE)
                                .function(getOperation().getSymName()))
          << remark::add("launch @{0} is one stage", launch.getLaunchName())
          << remark::metric("Stages", stages.size())
          << remark::metric("IntermediatesErased", erased)
          << remark::metric("BytesNotWritten", bytesNotWritten);
    if (merged.getWrites().empty() && merged.getUpdates().empty())
      launch.erase();
    return success();
  }

  /// The intermediates that a launch touches, in program order.
  static SmallVector<IntermediateOp> getIntermediates(LaunchOp launch) {
    llvm::SetVector<IntermediateOp> found;
    for (auto stage : launch.getBody().getOps<StageOp>())
      for (OperandRange range :
           {stage.getReads(), stage.getWrites(), stage.getUpdates()})
        for (Value buffer : range)
          if (auto intermediate = buffer.getDefiningOp<IntermediateOp>())
            found.insert(intermediate);
    return found.takeVector();
  }

  llvm::StringSet<> stageNames;
  SmallVector<IntermediateOp> unused;
};

} // namespace
