//===- ReadbackOp.cpp - How results come back -----------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The verifier and the memory effects of vyre.readback.
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/IR/Counted.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vyre;

LogicalResult ReadbackOp::verify() {
  auto program = cast<ProgramOp>((*this)->getParentOp());
  for (Operation &op : program.getBody().front()) {
    auto other = dyn_cast<ReadbackOp>(op);
    if (!other || other == *this)
      continue;
    InFlightDiagnostic diag = emitOpError("is one of several, expected one");
    diag.attachNote(other.getLoc()) << "another one is here";
    return diag;
  }
  if (getOffsets().size() != getSlab().size())
    return emitOpError("has ")
           << counted(getOffsets().size(), "offset") << " for "
           << counted(getSlab().size(), "result") << " in the slab";
  if (!llvm::isPowerOf2_64(getRecordAlignment()))
    return emitOpError("has record_alignment = ")
           << getRecordAlignment() << ", expected a power of two";
  int64_t end = 0;
  for (int64_t offset : getOffsets()) {
    if (offset < end || offset % getRecordAlignment() != 0)
      return emitOpError("has the offset ")
             << offset << ", expected a multiple of " << getRecordAlignment()
             << " from " << end << " on";
    end = offset;
  }

  // The terminator may be wrong itself; its own verifier says so.
  auto terminator = dyn_cast<ReturnOp>(program.getBody().front().back());
  if (!terminator)
    return success();
  llvm::SmallDenseSet<Value> named;
  for (Value buffer : getOperands()) {
    if (!llvm::is_contained(terminator.getResults(), buffer))
      return emitOpError("names memory of type ")
             << buffer.getType() << " that is no result of the program";
    if (!named.insert(buffer).second)
      return emitOpError("names a result twice");
  }
  if (named.size() != terminator.getResults().size())
    return emitOpError("names ")
           << counted(named.size(), "result") << ", expected all "
           << terminator.getResults().size() << " of the program";
  return success();
}

void ReadbackOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  for (OpOperand &operand : (*this)->getOpOperands())
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
  // It says what happens: it must not go.
  effects.emplace_back(MemoryEffects::Write::get());
}
