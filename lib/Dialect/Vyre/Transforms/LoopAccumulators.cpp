//===- LoopAccumulators.cpp - Accumulators in registers -------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   scf.for %k {                         %0 = load %c[%i]
//     %a = load %c[%i]                   %1 = scf.for %k iter_args(%a = %0) {
//     %b = combine %a, ...       ->        %b = combine %a, ...
//     store %b, %c[%i]                     yield %b
//   }                                    }
//                                        store %1, %c[%i]
//
// The load in front runs even where the loop does not, so that it must be known
// to be in bounds.
//
//===----------------------------------------------------------------------===//

#include "StageBodies.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

using namespace mlir;
using namespace vyre;

namespace {

/// An element that a loop loads and stores, and nothing else of its buffer.
struct Accumulator {
  Value buffer;
  SmallVector<AffineExpr> element;
  /// In the loop's order.
  SmallVector<Operation *> accesses;
  Type type;

  bool isStored() const {
    return llvm::any_of(accesses,
                        [](Operation *op) { return isa<memref::StoreOp>(op); });
  }
};

/// Promotes the accumulators of the loops of one body.
class AccumulatorPromoter {
public:
  AccumulatorPromoter(StageOp stage, SymbolicValues &symbols)
      : stage(stage), symbols(symbols), resolver(stage, symbols) {}

  /// Promotes what it can of a loop, from which it has taken all inner ones.
  void run(scf::ForOp loop);

private:
  SmallVector<Accumulator> find(scf::ForOp loop);
  bool isSafeBefore(scf::ForOp loop, const Accumulator &accumulator);
  bool runsAtLeastOnce(scf::ForOp loop);
  bool isTouchedBefore(scf::ForOp loop, const Accumulator &accumulator);
  bool isInBounds(const Accumulator &accumulator);

  StageOp stage;
  SymbolicValues &symbols;
  IndexResolver resolver;
};

} // namespace

static ValueRange getIndices(Operation *access) {
  if (auto load = dyn_cast<memref::LoadOp>(access))
    return load.getIndices();
  return cast<memref::StoreOp>(access).getIndices();
}

static Value getMemref(Operation *access) {
  if (auto load = dyn_cast<memref::LoadOp>(access))
    return load.getMemref();
  return cast<memref::StoreOp>(access).getMemref();
}

/// The constant bounds of the loop say that it has an iteration.
bool AccumulatorPromoter::runsAtLeastOnce(scf::ForOp loop) {
  auto difference =
      dyn_cast<AffineConstantExpr>(resolver.getExpr(loop.getUpperBound()) -
                                   resolver.getExpr(loop.getLowerBound()));
  return difference && difference.getValue() > 0;
}

/// The element was loaded or stored in front of the loop, or of a loop around
/// it, at this point.
bool AccumulatorPromoter::isTouchedBefore(scf::ForOp loop,
                                          const Accumulator &accumulator) {
  for (Operation *op = loop; op != stage; op = op->getParentOp())
    for (Operation *before = op->getPrevNode(); before;
         before = before->getPrevNode())
      if (isa<memref::LoadOp, memref::StoreOp>(before) &&
          getUnderlyingBuffer(getMemref(before)) == accumulator.buffer &&
          resolver.getElement(before) == accumulator.element)
        return true;
  return false;
}

/// Each index is one of the stage's own, over the extent of the buffer.
bool AccumulatorPromoter::isInBounds(const Accumulator &accumulator) {
  for (auto [position, index] : llvm::enumerate(accumulator.element)) {
    AffineExpr extent = symbols.getExtent(accumulator.buffer, position);
    auto dim = dyn_cast<AffineDimExpr>(index);
    if (dim && dim.getPosition() < stage.getRank() &&
        symbols.getExpr(stage.getExtents()[dim.getPosition()]) == extent)
      continue;
    auto constant = dyn_cast<AffineConstantExpr>(index);
    auto limit = dyn_cast<AffineConstantExpr>(extent);
    if (!constant || !limit || constant.getValue() < 0 ||
        constant.getValue() >= limit.getValue())
      return false;
  }
  return true;
}

bool AccumulatorPromoter::isSafeBefore(scf::ForOp loop,
                                       const Accumulator &accumulator) {
  Operation *first = accumulator.accesses.front();
  auto isOutside = [&](Value value) {
    return loop.isDefinedOutsideOfLoop(value);
  };
  return isOutside(getMemref(first)) &&
         llvm::all_of(getIndices(first), isOutside) &&
         (runsAtLeastOnce(loop) || isInBounds(accumulator) ||
          isTouchedBefore(loop, accumulator));
}

/// The accumulators of a loop that can be kept in registers.
SmallVector<Accumulator> AccumulatorPromoter::find(scf::ForOp loop) {
  SmallVector<BufferAccess> accesses;
  if (collectBufferAccesses(loop, accesses))
    return {};
  // In the order of first access, so that the result does not depend on
  // addresses.
  llvm::MapVector<Value, Accumulator> candidates;
  llvm::SmallDenseSet<Value> refused;
  for (const BufferAccess &access : accesses) {
    bool isDirect = access.op->getBlock() == loop.getBody() &&
                    isa<memref::LoadOp, memref::StoreOp>(access.op);
    auto element = isDirect ? resolver.getElement(access.op) : std::nullopt;
    Accumulator &candidate = candidates[access.buffer];
    if (!element ||
        (!candidate.accesses.empty() && candidate.element != *element)) {
      refused.insert(access.buffer);
      continue;
    }
    candidate.buffer = access.buffer;
    candidate.element = *element;
    candidate.accesses.push_back(access.op);
    candidate.type = getElementTypeOrSelf(access.buffer.getType());
  }
  SmallVector<Accumulator> found;
  for (auto &[buffer, candidate] : candidates)
    if (!refused.contains(buffer) && candidate.isStored() &&
        isSafeBefore(loop, candidate))
      found.push_back(candidate);
  return found;
}

/// Rewrites the loop.
static void promote(scf::ForOp loop, ArrayRef<Accumulator> accumulators) {
  Location loc = loop.getLoc();
  IRRewriter rewriter(loop);
  SmallVector<Value> initial;
  for (const Accumulator &accumulator : accumulators) {
    Operation *first = accumulator.accesses.front();
    initial.push_back(memref::LoadOp::create(rewriter, loc, getMemref(first),
                                             getIndices(first)));
  }
  auto getYields = [&](OpBuilder &, Location,
                       ArrayRef<BlockArgument> arguments) {
    SmallVector<Value> yields;
    for (auto [accumulator, argument] :
         llvm::zip_equal(accumulators, arguments)) {
      Value current = argument;
      for (Operation *access : accumulator.accesses) {
        if (auto store = dyn_cast<memref::StoreOp>(access)) {
          current = store.getValueToStore();
          continue;
        }
        access->getResult(0).replaceAllUsesWith(current);
      }
      yields.push_back(current);
    }
    return yields;
  };
  unsigned ownResults = loop.getNumResults();
  auto replaced = cast<scf::ForOp>(
      *cast<LoopLikeOpInterface>(loop.getOperation())
           .replaceWithAdditionalYields(rewriter, initial,
                                        /*replaceInitOperandUsesInLoop=*/false,
                                        getYields));
  rewriter.setInsertionPointAfter(replaced);
  for (auto [accumulator, value] : llvm::zip_equal(
           accumulators, replaced.getResults().drop_front(ownResults)))
    memref::StoreOp::create(rewriter, loc, value,
                            getMemref(accumulator.accesses.front()),
                            getIndices(accumulator.accesses.front()));
  for (const Accumulator &accumulator : accumulators)
    for (Operation *access : accumulator.accesses)
      rewriter.eraseOp(access);
}

void AccumulatorPromoter::run(scf::ForOp loop) {
  SmallVector<Accumulator> accumulators = find(loop);
  if (accumulators.empty())
    return;
  // Nobody asks for anything inside of it any more.
  resolver.forget(loop);
  promote(loop, accumulators);
}

void vyre::promoteAccumulators(StageOp stage, SymbolicValues &symbols) {
  // Indices that a loop computes anew in each iteration go in front of it.
  stage.getBody().walk(
      [](LoopLikeOpInterface loop) { moveLoopInvariantCode(loop); });

  // Inner loops first: what they leave behind is an access of the outer.
  SmallVector<scf::ForOp> loops;
  stage.getBody().walk([&](scf::ForOp loop) { loops.push_back(loop); });
  if (loops.empty())
    return;
  AccumulatorPromoter promoter(stage, symbols);
  for (scf::ForOp loop : loops)
    promoter.run(loop);
}
