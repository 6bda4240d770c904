//===- InnerLoopFusion.cpp - Loops over the same inner points -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   scf.parallel (%j) = 0 to %n {              scf.parallel (%j) = 0 to %n
//     store %v, %t[%i, %j]                         init (%z) {
//   }                                    ->      store %v, %t[%i, %j]
//   scf.parallel (%j) = 0 to %n init (%z) {      %a = load %t[%i, %j]
//     %a = load %t[%i, %j]                       scf.reduce(%a) { add }
//     scf.reduce(%a) { add }                   }
//   }
//
// Legal where the two loops meet in memory at equal indices only, and where
// nothing between them has to stay there: it comes before the first loop or
// behind the second. A reduction has the same extent as before, and so the same
// order.
//
//===----------------------------------------------------------------------===//

#include "StageBodies.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace vyre;

namespace {

/// An access by an op at the top of the body, with the element where it is
/// known.
struct Access {
  Value buffer;
  bool writes;
  std::optional<SmallVector<AffineExpr>> element;
};

/// Fuses the loops of one body.
class LoopFuser {
public:
  LoopFuser(StageOp stage, SymbolicValues &symbols)
      : stage(stage), resolver(stage, symbols) {}

  /// Fuses the first pair that can be; whether there was one.
  bool fuseOnePair();

private:
  struct Accesses {
    SmallVector<Access> list;
    bool isUnknown = false;
  };

  const Accesses &getAccesses(Operation *op);
  bool areBoundsEqual(scf::ParallelOp left, scf::ParallelOp right);
  bool conflict(Operation *left, Operation *right);
  bool meetAtEqualIndices(scf::ParallelOp left, scf::ParallelOp right);
  bool dependsOn(Operation *later, Operation *earlier);
  bool canFuse(scf::ParallelOp first, scf::ParallelOp second,
               SmallVectorImpl<Operation *> &needed);
  void fuse(scf::ParallelOp first, scf::ParallelOp second,
            ArrayRef<Operation *> needed);

  StageOp stage;
  IndexResolver resolver;
  DenseMap<Operation *, std::unique_ptr<Accesses>> accessesOf;
};

} // namespace

const LoopFuser::Accesses &LoopFuser::getAccesses(Operation *op) {
  std::unique_ptr<Accesses> &known = accessesOf[op];
  if (known)
    return *known;
  known = std::make_unique<Accesses>();
  SmallVector<BufferAccess> accesses;
  known->isUnknown = collectBufferAccesses(op, accesses).has_value();
  for (const BufferAccess &access : accesses)
    known->list.push_back(
        {access.buffer, access.writes, resolver.getElement(access.op)});
  return *known;
}

bool LoopFuser::areBoundsEqual(scf::ParallelOp left, scf::ParallelOp right) {
  if (left.getNumLoops() != right.getNumLoops())
    return false;
  auto areEqual = [&](auto pair) {
    return resolver.getExpr(std::get<0>(pair)) ==
           resolver.getExpr(std::get<1>(pair));
  };
  return llvm::all_of(
             llvm::zip_equal(left.getLowerBound(), right.getLowerBound()),
             areEqual) &&
         llvm::all_of(
             llvm::zip_equal(left.getUpperBound(), right.getUpperBound()),
             areEqual) &&
         llvm::all_of(llvm::zip_equal(left.getStep(), right.getStep()),
                      areEqual);
}

/// Whether two ops at the top of the body have to keep their order.
bool LoopFuser::conflict(Operation *left, Operation *right) {
  if (isMemoryEffectFree(left) || isMemoryEffectFree(right))
    return false;
  const Accesses &a = getAccesses(left);
  const Accesses &b = getAccesses(right);
  if (a.isUnknown || b.isUnknown)
    return true;
  for (const Access &x : a.list)
    for (const Access &y : b.list)
      if (x.buffer == y.buffer && (x.writes || y.writes))
        return true;
  return false;
}

/// Whether the loops touch a common element, if at all, at equal indices: each
/// index of the loop can be read off the element, in the same way on both
/// sides.
bool LoopFuser::meetAtEqualIndices(scf::ParallelOp left,
                                   scf::ParallelOp right) {
  const Accesses &a = getAccesses(left);
  const Accesses &b = getAccesses(right);
  if (a.isUnknown || b.isUnknown)
    return false;
  auto isTied = [&](const Access &x, const Access &y, Value leftIndex,
                    Value rightIndex) {
    AffineExpr leftExpr = resolver.getExpr(leftIndex);
    AffineExpr rightExpr = resolver.getExpr(rightIndex);
    for (auto [e, f] : llvm::zip_equal(*x.element, *y.element))
      if (e - leftExpr == f - rightExpr &&
          (e - leftExpr).isSymbolicOrConstant())
        return true;
    return false;
  };
  for (const Access &x : a.list)
    for (const Access &y : b.list) {
      if (x.buffer != y.buffer || !(x.writes || y.writes))
        continue;
      if (!x.element || !y.element)
        return false;
      if (areDifferentElements(*x.element, *y.element))
        continue;
      for (auto [leftIndex, rightIndex] :
           llvm::zip_equal(left.getInductionVars(), right.getInductionVars()))
        if (!isTied(x, y, leftIndex, rightIndex))
          return false;
    }
  return true;
}

/// Whether an op has to stay behind another: it uses a result of it, or the two
/// meet in memory.
bool LoopFuser::dependsOn(Operation *later, Operation *earlier) {
  for (Operation *user : earlier->getUsers())
    if (later->isAncestor(user))
      return true;
  return conflict(earlier, later);
}

/// Collects into `needed`, in order, what stands between the loops and has to
/// come before the second.
bool LoopFuser::canFuse(scf::ParallelOp first, scf::ParallelOp second,
                        SmallVectorImpl<Operation *> &needed) {
  if (!areBoundsEqual(first, second) || !meetAtEqualIndices(first, second))
    return false;
  for (Operation *user : first->getUsers())
    if (second->isAncestor(user))
      return false;
  for (Operation *op = second->getPrevNode(); op != first;
       op = op->getPrevNode()) {
    bool isNeeded =
        dependsOn(second, op) || llvm::any_of(needed, [&](Operation *later) {
          return dependsOn(later, op);
        });
    if (!isNeeded)
      continue;
    if (dependsOn(op, first))
      return false;
    needed.push_back(op);
  }
  std::reverse(needed.begin(), needed.end());
  return true;
}

void LoopFuser::fuse(scf::ParallelOp first, scf::ParallelOp second,
                     ArrayRef<Operation *> needed) {
  for (Operation *op : needed)
    op->moveBefore(first);
  IRRewriter rewriter(stage.getContext());
  rewriter.setInsertionPoint(first);
  SmallVector<Value> initial(first.getInitVals());
  llvm::append_range(initial, second.getInitVals());
  auto fused = scf::ParallelOp::create(
      rewriter, rewriter.getFusedLoc({first.getLoc(), second.getLoc()}),
      first.getLowerBound(), first.getUpperBound(), first.getStep(), initial);

  Block *body = fused.getBody();
  if (!body->empty())
    body->back().erase();
  SmallVector<Value> reduced;
  SmallVector<Region *> combiners;
  for (scf::ParallelOp loop : {first, second}) {
    auto reduce = cast<scf::ReduceOp>(loop.getBody()->getTerminator());
    llvm::append_range(reduced, reduce.getOperands());
    for (Region &region : reduce.getReductions())
      combiners.push_back(&region);
  }
  for (scf::ParallelOp loop : {first, second}) {
    for (auto [old, index] :
         llvm::zip_equal(loop.getInductionVars(), fused.getInductionVars()))
      old.replaceAllUsesWith(index);
    body->getOperations().splice(body->end(), loop.getBody()->getOperations(),
                                 loop.getBody()->begin(),
                                 std::prev(loop.getBody()->end()));
  }
  rewriter.setInsertionPointToEnd(body);
  auto reduce = scf::ReduceOp::create(rewriter, fused.getLoc(), reduced);
  for (auto [target, source] :
       llvm::zip_equal(reduce.getReductions(), combiners))
    target.takeBody(*source);

  auto results = fused.getResults();
  first.replaceAllUsesWith(results.take_front(first.getNumResults()));
  second.replaceAllUsesWith(results.drop_front(first.getNumResults()));
  first.erase();
  second.erase();
}

bool LoopFuser::fuseOnePair() {
  SmallVector<scf::ParallelOp> loops;
  for (auto loop : stage.getBody().getOps<scf::ParallelOp>()) {
    for (scf::ParallelOp earlier : llvm::reverse(loops)) {
      SmallVector<Operation *> needed;
      if (canFuse(earlier, loop, needed)) {
        fuse(earlier, loop, needed);
        return true;
      }
    }
    loops.push_back(loop);
  }
  return false;
}

void vyre::fuseInnerLoops(StageOp stage, SymbolicValues &symbols) {
  while (LoopFuser(stage, symbols).fuseOnePair())
    ;
}
