//===- FormProgramLoops.cpp - No loop around stages -----------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program is a straight line of stages, so a sequential loop that holds
// parallel ones has to go. Where the points of the parallel loop are
// independent of each other over all iterations, the loops change places:
//
//   scf.for %k { scf.parallel (%j) { s[j] += x[k, j] } }
//     ->  scf.parallel (%j) { scf.for %k { s[j] += x[k, j] } }
//
// Else the loop is unrolled, up to a limit. Loops without parallel work are
// left alone: they run inside a stage.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vyre;

bool vyre::isParallelLoop(Operation *op) {
  auto loop = dyn_cast<scf::ParallelOp>(op);
  return loop && loop.getNumResults() == 0;
}

//===----------------------------------------------------------------------===//
// Interchange
//===----------------------------------------------------------------------===//

/// The only parallel loop of a sequential one that holds nothing else but pure
/// ops, which do not decide the parallel loop's bounds.
static scf::ParallelOp getInterchangeable(scf::ForOp loop) {
  if (loop.getNumResults() != 0)
    return nullptr;
  scf::ParallelOp inner;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (isParallelLoop(&op) && !inner)
      inner = cast<scf::ParallelOp>(op);
    else if (!isMemoryEffectFree(&op) || op.getNumRegions() != 0)
      return nullptr;
  }
  if (!inner)
    return nullptr;
  for (Value bound : inner->getOperands())
    if (!loop.isDefinedOutsideOfLoop(bound))
      return nullptr;
  return inner;
}

/// Whether no two points of `inner` touch the same element of memory that
/// `loop` writes, in any two iterations: for each index of a point there is a
/// dimension of the buffer along which all accesses are at that index.
static bool arePointsIndependent(scf::ForOp loop, scf::ParallelOp inner) {
  SmallVector<BufferAccess> accesses;
  if (collectBufferAccesses(loop, accesses))
    return false;
  DenseSet<Value> written;
  for (const BufferAccess &access : accesses)
    if (access.writes)
      written.insert(access.buffer);

  // For each buffer and index of a point, the dimensions that do.
  DenseMap<std::pair<Value, Value>, llvm::SmallBitVector> dimensionsOf;
  for (const BufferAccess &access : accesses) {
    if (!written.contains(access.buffer))
      continue;
    Value memref;
    OperandRange indices(nullptr, 0);
    if (auto load = dyn_cast<memref::LoadOp>(access.op)) {
      memref = load.getMemRef();
      indices = load.getIndices();
    } else if (auto store = dyn_cast<memref::StoreOp>(access.op)) {
      memref = store.getMemRef();
      indices = store.getIndices();
    }
    if (memref != access.buffer)
      return false;
    for (Value iv : inner.getInductionVars()) {
      llvm::SmallBitVector here(indices.size());
      for (auto [dimension, index] : llvm::enumerate(indices))
        here[dimension] = index == iv;
      auto [known, isNew] = dimensionsOf.try_emplace({access.buffer, iv}, here);
      if (!isNew)
        known->second &= here;
      if (known->second.none())
        return false;
    }
  }
  return true;
}

static void interchange(scf::ForOp loop, scf::ParallelOp inner) {
  OpBuilder builder(loop);
  auto outer =
      scf::ParallelOp::create(builder, inner.getLoc(), inner.getLowerBound(),
                              inner.getUpperBound(), inner.getStep());
  outer->setDiscardableAttrs(inner->getDiscardableAttrDictionary());
  loop->moveBefore(outer.getBody()->getTerminator());
  for (auto [from, to] :
       llvm::zip_equal(inner.getInductionVars(), outer.getInductionVars()))
    from.replaceAllUsesWith(to);
  inner.getBody()->getTerminator()->erase();
  Block *body = loop.getBody();
  body->getOperations().splice(inner->getIterator(),
                               inner.getBody()->getOperations());
  inner.erase();
}

//===----------------------------------------------------------------------===//
// Unrolling
//===----------------------------------------------------------------------===//

bool vyre::holdsStages(Operation *op) {
  auto isStage = [](Operation *inner) {
    if (isParallelLoop(inner) || getHostFunction(inner))
      return true;
    auto copy = dyn_cast<memref::CopyOp>(inner);
    return copy && cast<BaseMemRefType>(copy.getSource().getType()).getRank();
  };
  return op
      ->walk([&](Operation *inner) {
        return isStage(inner) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

static bool carriesBuffers(scf::ForOp loop) {
  return llvm::any_of(loop.getResultTypes(),
                      [](Type type) { return isa<BaseMemRefType>(type); });
}

/// How often a loop runs, where its bounds are constants.
static std::optional<int64_t> getTripCount(scf::ForOp loop) {
  std::optional<int64_t> from = getConstantIntValue(loop.getLowerBound());
  std::optional<int64_t> to = getConstantIntValue(loop.getUpperBound());
  std::optional<int64_t> by = getConstantIntValue(loop.getStep());
  // Signed and unsigned agree on what is not negative.
  if (loop.getUnsignedCmp() && (!from || !to || *from < 0 || *to < 0))
    return std::nullopt;
  int64_t span;
  if (!from || !to || !by || *by <= 0 || llvm::SubOverflow(*to, *from, span))
    return std::nullopt;
  return span <= 0 ? 0 : int64_t(llvm::divideCeil(span, *by));
}

/// Replaces a loop by `count` copies of its body, constants folded.
static void unroll(scf::ForOp loop, int64_t count) {
  OpBuilder builder(loop);
  int64_t from = *getConstantIntValue(loop.getLowerBound());
  int64_t by = *getConstantIntValue(loop.getStep());
  SmallVector<Value> carried(loop.getInitArgs());
  for (int64_t i = 0; i != count; ++i) {
    IRMapping mapping;
    Type type = loop.getInductionVar().getType();
    mapping.map(
        loop.getInductionVar(),
        arith::ConstantOp::create(builder, loop.getLoc(),
                                  builder.getIntegerAttr(type, from + i * by)));
    mapping.map(loop.getRegionIterArgs(), carried);
    for (Operation &op : loop.getBody()->without_terminator()) {
      Operation *clone = builder.clone(op, mapping);
      SmallVector<Value> folded;
      if (failed(builder.tryFold(clone, folded)) || folded.empty())
        continue;
      mapping.map(op.getResults(), folded);
      clone->erase();
    }
    for (auto [value, yielded] : llvm::zip_equal(
             carried, loop.getBody()->getTerminator()->getOperands()))
      value = mapping.lookupOrDefault(yielded);
  }
  loop->replaceAllUsesWith(carried);
  loop.erase();
}

/// Unrolls the loops between `first` and `last` that hold stages; what stands
/// there stands there `copies` times already.
static LogicalResult unrollLoops(Block &block, int64_t maxUnroll) {
  // Copies of the body of each op that came from unrolling.
  DenseMap<Operation *, int64_t> copiesOf;
  for (Operation *op = &block.front(); op;) {
    Operation *next = op->getNextNode();
    auto loop = dyn_cast<scf::ForOp>(op);
    if (!loop || !(holdsStages(loop) || carriesBuffers(loop))) {
      op = next;
      continue;
    }
    std::optional<int64_t> count = getTripCount(loop);
    if (!count) {
      InFlightDiagnostic diag = loop.emitOpError(
          holdsStages(loop)
              ? "runs stages a number of times that is not a constant"
              : "exchanges buffers a number of times that is not a constant");
      diag.attachNote() << "fix: give it constant bounds, or put the loop into "
                           "the body of a parallel one";
      return diag;
    }
    int64_t copies = copiesOf.lookup_or(loop, 1);
    if (*count > maxUnroll / copies) {
      InFlightDiagnostic diag = loop.emitOpError("runs stages ")
                                << *count << " times";
      if (copies > 1)
        diag << " in a loop that was unrolled " << copies << " times";
      diag << ", expected at most " << maxUnroll << " copies in all";
      diag.attachNote() << "fix: raise the option max-unroll";
      return diag;
    }
    Operation *previous = loop->getPrevNode();
    remark::passed(
        loop.getLoc(),
        remark::RemarkOpts::name("unrolled-loop").category(kFormProgramRemarks))
        << remark::metric("copies", *count);
    unroll(loop, *count);
    // Go on with the first op that the loop left behind.
    op = previous ? previous->getNextNode() : &block.front();
    for (Operation *copy = op; copy != next; copy = copy->getNextNode())
      if (isa<scf::ForOp>(copy))
        copiesOf[copy] = copies * std::max<int64_t>(*count, 1);
  }
  return success();
}

LogicalResult vyre::removeSequentialLoops(ProgramOp program,
                                          int64_t maxUnroll) {
  // Inner loops first: what they give way to may let outer ones follow.
  program.walk([](scf::ForOp loop) {
    scf::ParallelOp inner = getInterchangeable(loop);
    if (!inner || !arePointsIndependent(loop, inner))
      return;
    remark::passed(loop.getLoc(), remark::RemarkOpts::name("interchanged-loop")
                                      .category(kFormProgramRemarks))
        << remark::reason("the points of its parallel loop are independent");
    interchange(loop, inner);
  });
  return unrollLoops(program.getBody().front(), maxUnroll);
}
