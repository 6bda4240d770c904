//===- GroupBody.cpp - Bodies that a group of threads shares --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupBody.h"

#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Conversion/ReductionOrder.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace vyre {

int64_t getClusterBlocks(Operation *op) {
  auto function = dyn_cast<gpu::GPUFuncOp>(op);
  if (!function)
    function = op->getParentOfType<gpu::GPUFuncOp>();
  auto blocks = function ? function->getAttrOfType<DenseI32ArrayAttr>(
                               NVVM::NVVMDialect::getClusterDimAttrName())
                         : DenseI32ArrayAttr();
  return blocks && !blocks.empty() ? blocks[0] : 1;
}

static int64_t getClusterBlocks(OpBuilder &builder) {
  return getClusterBlocks(builder.getInsertionBlock()->getParentOp());
}

Value buildGroupThread(OpBuilder &builder, Location loc, int64_t threads) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value thread = gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x);
  int64_t blocks = getClusterBlocks(builder);
  if (blocks == 1)
    return arith::RemUIOp::create(builder, loc, thread, constant(threads));
  Value block = gpu::BlockIdOp::create(builder, loc, gpu::Dimension::x);
  Value rank = arith::RemUIOp::create(builder, loc, block, constant(blocks));
  Value warp = arith::DivUIOp::create(builder, loc, thread, constant(kWarp));
  Value ofWarp = arith::RemUIOp::create(builder, loc, thread, constant(kWarp));
  Value ofGroup = arith::AddIOp::create(
      builder, loc, arith::MulIOp::create(builder, loc, warp, constant(blocks)),
      rank);
  return arith::AddIOp::create(
      builder, loc,
      arith::MulIOp::create(builder, loc, ofGroup, constant(kWarp)), ofWarp);
}

void buildGroupBarrier(OpBuilder &builder, Location loc, int64_t threads) {
  if (threads > kWarp && getClusterBlocks(builder) > 1) {
    UnitAttr aligned = builder.getUnitAttr();
    NVVM::ClusterArriveOp::create(builder, loc, aligned);
    NVVM::ClusterWaitOp::create(builder, loc, aligned);
    return;
  }
  if (threads > kWarp) {
    gpu::BarrierOp::create(builder, loc);
    return;
  }
  // The block's other warps may be at other points.
  Value all = arith::ConstantIntOp::create(builder, loc, -1, 32);
  NVVM::SyncWarpOp::create(builder, loc, all);
}

/// Whether the threads share the loop, or each runs all of it.
static bool isShared(scf::ParallelOp loop) {
  return loop.getNumResults() == 0 || !hasOneLane(loop);
}

namespace {

/// What the threads have accessed since they last met.
class PendingAccesses {
public:
  /// Whether `accesses` must come after a barrier.
  bool needBarrier(ArrayRef<BufferAccess> accesses) const {
    return llvm::any_of(accesses, [&](const BufferAccess &access) {
      return written.contains(access.buffer) ||
             (access.writes && read.contains(access.buffer));
    });
  }
  void add(ArrayRef<BufferAccess> accesses) {
    for (const BufferAccess &access : accesses)
      (access.writes ? written : read).insert(access.buffer);
  }
  void clear() {
    written.clear();
    read.clear();
  }

private:
  llvm::SmallPtrSet<Value, 8> read, written;
};

} // namespace

/// Groups of `columns` points, in whose loops and barriers all of their threads
/// take part.
static void shareBody(Block &body, Value isFirst, int64_t threads,
                      int64_t columns) {
  PendingAccesses pending;
  SmallVector<Operation *> ops;
  for (Operation &op : body.without_terminator())
    ops.push_back(&op);
  for (Operation *op : ops) {
    SmallVector<BufferAccess> accesses;
    // Unknown ones were no stage's.
    (void)collectBufferAccesses(op, accesses);
    OpBuilder builder(op);
    if (pending.needBarrier(accesses)) {
      buildGroupBarrier(builder, op->getLoc(), threads * columns);
      pending.clear();
    }
    pending.add(accesses);
    if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
      if (!isShared(loop))
        continue;
      loop->setAttr(kThreadsAttrName, builder.getI64IntegerAttr(threads));
      if (columns > 1)
        loop->setAttr(kColumnsAttrName, builder.getI64IntegerAttr(columns));
      continue;
    }
    if (!isa<memref::StoreOp>(op))
      continue;
    auto guard = scf::IfOp::create(builder, op->getLoc(), isFirst);
    op->moveBefore(guard.thenBlock()->getTerminator());
  }
}

void shareBody(Block &body, Value isFirst, int64_t threads) {
  shareBody(body, isFirst, threads, /*columns=*/1);
}

void shareColumns(Block &body, Value isFirst, int64_t threads,
                  int64_t columns) {
  shareBody(body, isFirst, threads, columns);
}

} // namespace vyre
