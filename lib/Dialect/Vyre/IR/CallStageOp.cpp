//===- CallStageOp.cpp - Stages that a function of the host enqueues ------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A call names an external function, whose signature says what it takes; the
// op's operands are grouped by access, since that is what everybody else asks
// for, and `order` brings them back into the function's order.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "vyre/Dialect/Vyre/IR/Counted.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace vyre;

OperandRange CallStageOp::getIndexSpace() {
  return getOperation()->getOperands().take_front(0);
}
OperandRange CallStageOp::getReadBuffers() { return getReads(); }
/// The scratch stands right behind the writes.
OperandRange CallStageOp::getWrittenBuffers() {
  return getOperation()->getOperands().slice(
      getReads().size(), getWrites().size() + (getScratch() ? 1 : 0));
}
OperandRange CallStageOp::getUpdatedBuffers() { return getUpdates(); }
/// The scratch is one of the buffers.
uint64_t CallStageOp::getScratchByteCount() { return 0; }
bool CallStageOp::isHostBoundary() { return getHostBoundary(); }
Region *CallStageOp::getStageBody() { return nullptr; }

void CallStageOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  detail::appendStageEffects(*this, effects);
  // One that writes nothing is called for what it does on the host.
  if (getWrites().empty() && getUpdates().empty())
    effects.emplace_back(MemoryEffects::Write::get());
}

SmallVector<Value> CallStageOp::getCallBuffers() {
  SmallVector<Value> buffers;
  for (OperandRange range : {getReads(), getWrites(), getUpdates()})
    llvm::append_range(buffers, range);
  std::optional<ArrayRef<int32_t>> order = getOrder();
  if (!order)
    return buffers;
  SmallVector<Value> ordered;
  for (int32_t position : *order)
    ordered.push_back(buffers[position]);
  return ordered;
}

LogicalResult CallStageOp::verify() {
  if (Value scratch = getScratch()) {
    auto type = dyn_cast<MemRefType>(scratch.getType());
    bool isBytes =
        type && type.getRank() == 1 && type.getElementType().isInteger(8);
    if (!isBytes || !scratch.getDefiningOp<IntermediateOp>())
      return emitOpError("has scratch of type ")
             << scratch.getType()
             << ", expected an intermediate of rank 1 and type i8";
  }
  std::optional<ArrayRef<int32_t>> order = getOrder();
  if (!order)
    return success();
  int64_t count = getReads().size() + getWrites().size() + getUpdates().size();
  llvm::SmallBitVector isPassed(count);
  for (int32_t position : *order) {
    if (position < 0 || position >= count)
      return emitOpError("has ")
             << position << " in 'order', expected positions among its "
             << counted(count, "buffer");
    isPassed.set(position);
  }
  if (int64_t missing = isPassed.find_first_unset(); missing >= 0)
    return emitOpError("does not pass buffer ")
           << missing << " of its " << counted(count, "buffer")
           << ", expected each in 'order'";
  return success();
}

/// Whether a buffer of type `from` can be passed where `to` is declared: what
/// that leaves open, it may be.
static bool isPassable(Type from, Type to) {
  auto buffer = dyn_cast<MemRefType>(from);
  auto parameter = dyn_cast<MemRefType>(to);
  return buffer && parameter && buffer.getRank() == parameter.getRank() &&
         buffer.getElementType() == parameter.getElementType() &&
         parameter.getLayout().isIdentity() && !parameter.getMemorySpace() &&
         llvm::all_of(llvm::zip_equal(buffer.getShape(), parameter.getShape()),
                      [](auto extents) {
                        auto [own, declared] = extents;
                        return own == declared ||
                               ShapedType::isDynamic(declared);
                      });
}

LogicalResult CallStageOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto function = symbols.lookupNearestSymbolFrom<FunctionOpInterface>(
      *this, getCalleeAttr());
  if (!function) {
    InFlightDiagnostic diag = emitOpError("calls ")
                              << getCalleeAttr() << ", which is no function";
    diag.attachNote() << "fix: declare it, as a private func.func without a "
                         "body";
    return diag;
  }
  if (!function.isExternal()) {
    InFlightDiagnostic diag = emitOpError("calls ")
                              << getCalleeAttr()
                              << ", which has a body, expected a function of "
                                 "the host";
    diag.attachNote(function.getLoc()) << "it is defined here";
    diag.attachNote() << "fix: form stages of its body instead";
    return diag;
  }
  SmallVector<Type> buffers, scalars;
  for (Type type : function.getArgumentTypes())
    (isa<BaseMemRefType>(type) ? buffers : scalars).push_back(type);
  SmallVector<Value> passed = getCallBuffers();
  auto refuseCount = [&](StringRef what, size_t found, size_t expected) {
    InFlightDiagnostic diag = emitOpError("passes ")
                              << counted(found, what) << " to "
                              << getCalleeAttr() << ", which takes "
                              << expected;
    diag.attachNote(function.getLoc()) << "it is declared here";
    return diag;
  };
  if (passed.size() != buffers.size())
    return refuseCount("buffer", passed.size(), buffers.size());
  if (getParams().size() != scalars.size())
    return refuseCount("scalar", getParams().size(), scalars.size());
  auto refuseType = [&](StringRef what, size_t position, Type found,
                        Type expected) {
    InFlightDiagnostic diag = emitOpError("passes ")
                              << found << " as " << what << " " << position
                              << " of " << getCalleeAttr() << ", which takes "
                              << expected;
    diag.attachNote(function.getLoc()) << "it is declared here";
    return diag;
  };
  for (auto [position, value] : llvm::enumerate(passed))
    if (!isPassable(value.getType(), buffers[position]))
      return refuseType("buffer", position, value.getType(), buffers[position]);
  for (auto [position, value] : llvm::enumerate(getParams()))
    if (value.getType() != scalars[position])
      return refuseType("scalar", position, value.getType(), scalars[position]);
  return success();
}
