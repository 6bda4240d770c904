//===- FormProgramResults.cpp - One allocation for each result ------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   return %x, %s : memref<4xf32>, f32         // %x an argument, %s a scalar
//
//     ->  %0 = memref.alloc() : memref<4xf32>
//         memref.copy %x, %0
//         %1 = memref.alloc() : memref<f32>
//         memref.store %s, %1[]
//         return %0, %1
//
// Afterwards each result is memory that nothing else is, and bindMemory makes
// an output of it.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Remarks.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"

using namespace mlir;
using namespace vyre;

/// Sees through casts that only forget static extents.
Value vyre::peelCasts(Value memref) {
  while (auto op = memref.getDefiningOp<memref::CastOp>()) {
    auto from = dyn_cast<MemRefType>(op.getSource().getType());
    auto to = dyn_cast<MemRefType>(memref.getType());
    if (!from || !to || from.getLayout() != to.getLayout())
      break;
    bool forgets = llvm::all_of(
        llvm::zip_equal(from.getShape(), to.getShape()), [](auto extents) {
          auto [source, target] = extents;
          return source == target || ShapedType::isDynamic(target);
        });
    if (!forgets)
      break;
    memref = op.getSource();
  }
  return memref;
}

/// Why a result can't be an output as it is; empty if it can.
static StringRef getReasonToCopy(Value result, const DenseSet<Value> &taken) {
  if (taken.contains(result))
    return "it is returned twice";
  if (isa<BlockArgument>(result))
    return "it is an argument";
  Operation *op = result.getDefiningOp();
  if (isa<memref::GetGlobalOp>(op))
    return "it is a constant";
  if (!isa<memref::AllocOp, memref::AllocaOp>(op))
    return "it is a view";
  if (!cast<MemRefType>(result.getType()).getLayout().isIdentity())
    return "it is not contiguous";
  return "";
}

LogicalResult vyre::isolateResults(ProgramOp program) {
  auto terminator =
      cast<func::ReturnOp>(program.getBody().front().getTerminator());
  OpBuilder builder(terminator);
  DenseSet<Value> taken;
  for (OpOperand &operand : terminator->getOpOperands()) {
    Value value = operand.get();
    Location loc = terminator.getLoc();
    if (!isa<BaseMemRefType>(value.getType())) {
      Value memory = memref::AllocOp::create(
          builder, loc, MemRefType::get({}, value.getType()));
      memref::StoreOp::create(builder, loc, value, memory);
      operand.set(memory);
      taken.insert(memory);
      continue;
    }
    value = peelCasts(value);
    // Where this is not one known buffer, the op that makes it is refused when
    // stages are formed.
    if (!getUnderlyingBuffer(value))
      continue;
    StringRef reason = getReasonToCopy(value, taken);
    if (!reason.empty()) {
      auto type = cast<MemRefType>(value.getType());
      FailureOr<SmallVector<Value>> extents = buildExtents(builder, loc, value);
      if (failed(extents)) {
        InFlightDiagnostic diag = terminator.emitOpError("returns as result ")
                                  << operand.getOperandNumber()
                                  << " a view whose extents are not known";
        diag.attachNote(value.getLoc()) << "the view is made here";
        diag.attachNote() << "fix: make it by memref.expand_shape or "
                             "memref.subview, which state their extents";
        return diag;
      }
      SmallVector<Value> sizes;
      for (auto [position, extent] : llvm::enumerate(*extents))
        if (type.isDynamicDim(position))
          sizes.push_back(extent);
      remark::missed(loc, remark::RemarkOpts::name("copied-result")
                              .category(kFormProgramRemarks))
          << remark::reason("{0}", reason)
          << remark::metric("result", operand.getOperandNumber());
      Value memory = memref::AllocOp::create(
          builder, loc, MemRefType::get(type.getShape(), type.getElementType()),
          sizes);
      memref::CopyOp::create(builder, loc, value, memory);
      value = memory;
    }
    operand.set(value);
    taken.insert(value);
  }
  return success();
}
