//===- StreamedBuffers.cpp - What a launch reads only a few times ---------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/StreamedBuffers.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "vyre/Analysis/StageAccesses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace vyre;

/// More reads of an element from the host cost more than a copy of the buffer.
static constexpr unsigned kMaxReads = 4;

/// So do reads that one thread makes one after the other, if they are more than
/// this: each waits for the bus.
static constexpr uint64_t kMaxSteps = 16;

/// Whether a sequential loop is known to be short.
static bool isShort(scf::ForOp loop) {
  std::optional<APInt> trips = loop.getStaticTripCount();
  return trips && trips->ule(kMaxSteps);
}

/// Whether no two points, or iterations of the loops around the access, touch
/// the same element: each of their indices is an index of the buffer. None of
/// the loops is a long sequential one.
static bool isStreamed(const ElementAccess &access, Operation *stage) {
  const AccessRelation &relation = access.relation;
  unsigned loops = 0;
  for (Operation *op = access.op->getParentOp(); op && op != stage;
       op = op->getParentOp()) {
    auto sequential = dyn_cast<scf::ForOp>(op);
    if (sequential && !isShort(sequential))
      return false;
    loops += isa<LoopLikeOpInterface>(op);
  }
  if (relation.numDims != relation.rank + loops)
    return false;
  llvm::SmallBitVector isIndex(relation.numDims);
  for (AffineExpr index : relation.indices)
    if (auto dim = dyn_cast<AffineDimExpr>(index))
      isIndex.set(dim.getPosition());
  return isIndex.all();
}

SmallVector<Value> vyre::findStreamedBuffers(LaunchOp launch,
                                             SymbolicValues &symbols) {
  llvm::SmallMapVector<Value, unsigned, 8> reads;
  for (Operation &op : launch.getBody().front()) {
    auto stage = dyn_cast<StageLikeOpInterface>(op);
    if (!stage)
      continue;
    StageAccesses accesses(stage, symbols);
    for (const ElementAccess &access : accesses.getAccesses())
      if (access.reads)
        reads[access.buffer] +=
            accesses.isKnown() && isStreamed(access, &op) ? 1 : kMaxReads + 1;
  }
  SmallVector<Value> streamed;
  for (auto [buffer, count] : reads)
    if (count <= kMaxReads)
      streamed.push_back(buffer);
  return streamed;
}
