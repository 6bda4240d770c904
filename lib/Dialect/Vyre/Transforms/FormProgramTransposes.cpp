//===- FormProgramTransposes.cpp - Accesses to transposed buffers ---------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   %t = memref.transpose %x (i, j) -> (j, i)
//   %v = memref.load %t[%a, %b]                 ->  %v = memref.load %x[%b, %a]
//
// A copy becomes a parallel loop of such accesses.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace vyre;

/// A copy from or to a transposed buffer  ->  a parallel loop.
static LogicalResult expandCopy(memref::CopyOp copy) {
  OpBuilder builder(copy);
  Location loc = copy.getLoc();
  FailureOr<SmallVector<Value>> extents =
      buildExtents(builder, loc, copy.getTarget());
  if (failed(extents))
    extents = buildExtents(builder, loc, copy.getSource());
  if (failed(extents))
    return refuseOp(copy, "copies a view whose extents are not known");
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  SmallVector<Value> lower(extents->size(), zero), steps(extents->size(), one);
  auto loop = scf::ParallelOp::create(
      builder, loc, lower, *extents, steps,
      [&](OpBuilder &nested, Location, ValueRange point) {
        Value value =
            memref::LoadOp::create(nested, loc, copy.getSource(), point);
        memref::StoreOp::create(nested, loc, value, copy.getTarget(), point);
      });
  loop->setAttr(VyreDialect::kStageNameAttrName,
                builder.getStringAttr("transpose"));
  copy.erase();
  return success();
}

/// The same access to what `op` transposes.
static void accessSource(memref::TransposeOp op, Operation *user) {
  auto permute = [&](MutableOperandRange indices) {
    SmallVector<Value> permuted(indices.size());
    for (auto [position, index] : llvm::enumerate(OperandRange(indices)))
      permuted[op.getPermutation().getDimPosition(position)] = index;
    indices.assign(permuted);
  };
  if (auto load = dyn_cast<memref::LoadOp>(user)) {
    permute(load.getIndicesMutable());
    load.getMemrefMutable().assign(op.getIn());
  } else {
    auto store = cast<memref::StoreOp>(user);
    permute(store.getIndicesMutable());
    store.getMemrefMutable().assign(op.getIn());
  }
}

LogicalResult vyre::foldTransposes(ProgramOp program) {
  SmallVector<memref::TransposeOp> transposes;
  program.walk([&](memref::TransposeOp op) { transposes.push_back(op); });
  // The last one first: it may be one of another.
  for (memref::TransposeOp op : llvm::reverse(transposes)) {
    for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
      if (auto copy = dyn_cast<memref::CopyOp>(user);
          copy && failed(expandCopy(copy)))
        return failure();
    for (Operation *user : llvm::make_early_inc_range(op->getUsers())) {
      if (!isa<memref::LoadOp, memref::StoreOp>(user))
        return refuseOp(user,
                        "uses a transposed buffer other than by loads, "
                        "stores and copies",
                        "make the view before it is transposed, or copy it");
      accessSource(op, user);
    }
    op.erase();
  }
  return success();
}
