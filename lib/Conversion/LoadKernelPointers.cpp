//===- LoadKernelPointers.cpp - Pointers of a kernel from memory ----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   gpu.func @k(%x: memref<f32>, %y: memref<f32>, %n: i64) kernel { ... %y ...
//   }
//
//     ->  gpu.func @k(%table: memref<2xi64>, %n: i64) kernel {
//           ...
//           %1 = memref.load %table[%c1] : memref<2xi64>
//           %y = (the memref at that address)
//           ... %y ...
//         }
//
// A pointer is loaded in each block that uses it, so that a thread that
// computes a part of the kernel loads what that part needs. For that, what the
// entry makes of a buffer goes along.
//
//===----------------------------------------------------------------------===//

#include "vyre/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/MapVector.h"

#define DEBUG_TYPE "vyre-load-kernel-pointers"

namespace vyre {
#define GEN_PASS_DEF_LOADKERNELPOINTERS
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// Replaces the uses of a value, block by block, by what `make` makes before
/// the first of them.
static void replaceByBlock(Value value,
                           function_ref<Value(OpBuilder &, Location)> make) {
  llvm::MapVector<Block *, SmallVector<OpOperand *>> uses;
  for (OpOperand &use : value.getUses())
    uses[use.getOwner()->getBlock()].push_back(&use);
  for (auto &[block, ofBlock] : uses) {
    Operation *first = ofBlock.front()->getOwner();
    for (OpOperand *use : ofBlock)
      if (use->getOwner()->isBeforeInBlock(first))
        first = use->getOwner();
    OpBuilder builder(first);
    Value made = make(builder, value.getLoc());
    for (OpOperand *use : ofBlock)
      use->set(made);
  }
}

/// Moves what the entry makes of a buffer to where that is used.
static void sinkViews(BlockArgument buffer) {
  for (Operation *user : llvm::make_early_inc_range(buffer.getUsers())) {
    auto view = dyn_cast<memref::ReinterpretCastOp>(user);
    if (!view || view->getBlock() != buffer.getOwner())
      continue;
    replaceByBlock(view.getResult(), [&](OpBuilder &builder, Location) {
      return builder.clone(*view)->getResult(0);
    });
    view.erase();
  }
}

/// The memref of rank 0 at the address that `table` has at `position`. On a
/// device all buffers are in global memory, which LLVM is told by the address
/// space.
static Value loadBuffer(OpBuilder &builder, Location loc, Value table,
                        int64_t position, MemRefType type, Type index) {
  MLIRContext *context = builder.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  Type global = LLVM::LLVMPointerType::get(
      context, unsigned(NVVM::NVVMMemorySpace::Global));
  Value at = arith::ConstantIndexOp::create(builder, loc, position);
  Value bits = memref::LoadOp::create(builder, loc, table, at);
  Value address = LLVM::AddrSpaceCastOp::create(
      builder, loc, pointer,
      LLVM::IntToPtrOp::create(builder, loc, global, bits));
  auto descriptor =
      LLVM::LLVMStructType::getLiteral(context, {pointer, pointer, index});
  Value buffer = LLVM::PoisonOp::create(builder, loc, descriptor);
  Value zero = LLVM::ConstantOp::create(builder, loc, index,
                                        builder.getIntegerAttr(index, 0));
  const Value fields[] = {address, address, zero};
  for (int64_t field = 0; field != 3; ++field)
    buffer =
        LLVM::InsertValueOp::create(builder, loc, buffer, fields[field], field);
  return UnrealizedConversionCastOp::create(builder, loc, type, buffer)
      .getResult(0);
}

/// The first `count` parameters of a kernel become one.
static LogicalResult replaceParameters(gpu::GPUFuncOp kernel, int64_t count,
                                       Type index) {
  ArrayRef<Type> types = kernel.getArgumentTypes();
  auto isBuffer = [](Type type) {
    auto memref = dyn_cast<MemRefType>(type);
    return memref && memref.getRank() == 0;
  };
  if (count < 1 || count > int64_t(types.size()) ||
      !llvm::all_of(types.take_front(count), isBuffer))
    return kernel.emitOpError("has ")
           << types.size() << " parameters, expected " << count
           << " memrefs of rank 0 first, as " << kPointerTableAttrName
           << " says";
  Builder builder(kernel.getContext());
  auto attributes = builder.getDictionaryAttr(
      {builder.getNamedAttr(LLVM::LLVMDialect::getAlignAttrName(),
                            builder.getI64IntegerAttr(8)),
       builder.getNamedAttr(LLVM::LLVMDialect::getNoAliasAttrName(),
                            builder.getUnitAttr()),
       builder.getNamedAttr(LLVM::LLVMDialect::getReadonlyAttrName(),
                            builder.getUnitAttr())});
  auto type = MemRefType::get(count, builder.getI64Type());
  if (failed(kernel.insertArgument(0, type, attributes, kernel.getLoc())))
    return failure();
  Value table = kernel.getArgument(0);
  for (int64_t i = 0; i != count; ++i) {
    BlockArgument buffer = kernel.getArgument(unsigned(i) + 1);
    sinkViews(buffer);
    replaceByBlock(buffer, [&](OpBuilder &builder, Location loc) {
      return loadBuffer(builder, loc, table, i,
                        cast<MemRefType>(buffer.getType()), index);
    });
  }
  llvm::BitVector replaced(kernel.getNumArguments());
  replaced.set(1, unsigned(count) + 1);
  return kernel.eraseArguments(replaced);
}

namespace {

struct LoadKernelPointers
    : vyre::impl::LoadKernelPointersBase<LoadKernelPointers> {
  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    auto count = module->getAttrOfType<IntegerAttr>(kPointerTableAttrName);
    if (!count)
      return;
    auto bitwidth = module->getAttrOfType<IntegerAttr>(kIndexBitwidthAttrName);
    Type index = IntegerType::get(&getContext(),
                                  bitwidth ? unsigned(bitwidth.getInt()) : 64);
    for (auto kernel : module.getOps<gpu::GPUFuncOp>())
      if (kernel.isKernel() &&
          failed(replaceParameters(kernel, count.getInt(), index)))
        return signalPassFailure();
    // It says what the kernel was, so that the pass can be run twice.
    module->removeAttr(kPointerTableAttrName);
  }
};

} // namespace
