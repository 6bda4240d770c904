//===- FormProgramDeallocations.cpp - Memory that is freed ----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a program allocates lives until the end of the dispatch, so that a
// dealloc says nothing but where memory is used last. Where the source frees
// what is not its own, or uses what it has freed, it is wrong, and refused.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"

using namespace mlir;
using namespace vyre;

/// The first op that touches `buffer` after `dealloc` has freed it, by a view
/// too; null if there is none. Its extents may still be asked for.
static Operation *findUseAfter(memref::DeallocOp dealloc, Value buffer) {
  Block *outer = buffer.getDefiningOp()->getBlock();
  auto isAfter = [&](Operation *op) {
    for (Block *block : {dealloc->getBlock(), outer}) {
      Operation *freed = block->findAncestorOpInBlock(*dealloc);
      Operation *user = block->findAncestorOpInBlock(*op);
      if (user && user != freed)
        return freed->isBeforeInBlock(user);
    }
    return false;
  };
  SmallVector<Value> worklist = {buffer};
  Operation *first = nullptr;
  while (!worklist.empty()) {
    for (Operation *user : worklist.pop_back_val().getUsers()) {
      if (user->getNumResults() > 0 && getViewOp(user->getResult(0))) {
        llvm::append_range(worklist, user->getResults());
        continue;
      }
      if (user == dealloc || isa<memref::DimOp>(user) || !isAfter(user))
        continue;
      bool isEarlier = first && user->getBlock() == first->getBlock() &&
                       user->isBeforeInBlock(first);
      if (!first || isEarlier)
        first = user;
    }
  }
  return first;
}

/// Checks that a dealloc frees memory of the program, once, after its last use.
static LogicalResult verifyDeallocation(memref::DeallocOp op) {
  Value buffer = getUnderlyingBuffer(op.getMemref());
  if (!buffer)
    return refuseOp(op, "frees memory that is not one known buffer",
                    "leave it out: what a program allocates is freed after the "
                    "dispatch");
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    return refuseOp(op,
                    "frees argument " + Twine(argument.getArgNumber()) +
                        ", which belongs to the caller",
                    "leave it to the caller");
  Operation *source = buffer.getDefiningOp();
  if (!isa<memref::AllocOp, memref::AllocaOp>(source))
    return refuseOp(op, "frees memory that was not allocated", "leave it out");
  for (Operation *parent = op->getParentOp(); parent != source->getParentOp();
       parent = parent->getParentOp())
    if (isa<LoopLikeOpInterface>(parent))
      return refuseOp(op,
                      "frees in a loop what was allocated outside of it, which "
                      "the next iteration would free again",
                      "free it after the loop");
  Operation *user = findUseAfter(op, buffer);
  if (!user)
    return success();
  bool isFreedTwice = isa<memref::DeallocOp>(user);
  InFlightDiagnostic diag =
      user->emitOpError(isFreedTwice ? "frees memory that was freed before"
                                     : "uses memory that was freed before");
  diag.attachNote(op.getLoc()) << "it is freed here";
  diag.attachNote() << "fix: free it once, after its last use";
  return diag;
}

/// Memory that a program allocates is freed after the dispatch; no other is its
/// to free.
LogicalResult vyre::eraseDeallocations(ProgramOp program) {
  SmallVector<memref::DeallocOp> ops;
  program.walk([&](memref::DeallocOp op) { ops.push_back(op); });
  for (memref::DeallocOp op : ops)
    if (failed(verifyDeallocation(op)))
      return failure();
  for (memref::DeallocOp op : ops)
    op.erase();
  return success();
}
