//===- BufferBounds.cpp - How large a buffer may be -----------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/BufferBounds.h"

#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

/// The element's size times all static extents; none beyond 64 bits.
static uint64_t getStaticBytes(MemRefType type) {
  uint64_t bytes = getElementByteCount(type.getElementType());
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent))
      bytes = llvm::SaturatingMultiply<uint64_t>(bytes, extent);
  return bytes;
}

BufferBounds::BufferBounds(ProgramOp program, SymbolicValues &symbols)
    : program(program), symbols(symbols) {
  auto lower = [&](const std::vector<const void *> &key, uint64_t bound) {
    auto [known, isNew] = productBounds.try_emplace(key, bound);
    if (!isNew)
      known->second = std::min(known->second, bound);
  };
  for (BlockArgument argument : program.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    BindingAttr binding =
        type ? program.getBinding(argument.getArgNumber()) : BindingAttr();
    if (!binding || type.hasStaticShape() || binding.getCapacity() == 0)
      continue;
    uint64_t unit = getStaticBytes(type);
    uint64_t bound = unit == 0 ? 0 : binding.getCapacity() / unit;
    std::vector<const void *> all;
    for (AffineExpr extent : getDynamicExtents(argument)) {
      all.push_back(extent.getAsOpaquePointer());
      // With another extent of zero it may be anything; then there is nothing
      // to reckon with.
      lower({extent.getAsOpaquePointer()}, bound);
    }
    lower(all, bound);
  }
}

std::vector<AffineExpr> BufferBounds::getDynamicExtents(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  std::vector<AffineExpr> extents;
  for (unsigned i = 0, e = type.getRank(); i != e; ++i)
    if (type.isDynamicDim(i))
      extents.push_back(symbols.getExtent(buffer, i));
  llvm::sort(extents, [](AffineExpr left, AffineExpr right) {
    return left.getAsOpaquePointer() < right.getAsOpaquePointer();
  });
  return extents;
}

std::optional<uint64_t> BufferBounds::getExtentBound(AffineExpr extent) const {
  auto known = productBounds.find({extent.getAsOpaquePointer()});
  if (known != productBounds.end())
    return known->second;
  if (auto constant = dyn_cast<AffineConstantExpr>(extent))
    return std::max<int64_t>(constant.getValue(), 0);
  auto binary = dyn_cast<AffineBinaryOpExpr>(extent);
  if (!binary)
    return std::nullopt;
  auto left = getExtentBound(binary.getLHS());
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  switch (extent.getKind()) {
  case AffineExprKind::Add: {
    auto right = getExtentBound(binary.getRHS());
    if (!left || !right)
      return std::nullopt;
    return llvm::SaturatingAdd(*left, *right);
  }
  case AffineExprKind::Mul:
    // By something negative, it is at most zero.
    if (!constant || constant.getValue() < 0)
      return symbols.isNonNegative(binary.getLHS()) && constant
                 ? std::optional<uint64_t>(0)
                 : std::nullopt;
    return left ? std::optional(llvm::SaturatingMultiply<uint64_t>(
                      *left, constant.getValue()))
                : std::nullopt;
  case AffineExprKind::FloorDiv:
    if (!left || !constant || constant.getValue() <= 0)
      return std::nullopt;
    return *left / constant.getValue();
  case AffineExprKind::CeilDiv:
    if (!left || !constant || constant.getValue() <= 0)
      return std::nullopt;
    return llvm::divideCeil(*left, uint64_t(constant.getValue()));
  case AffineExprKind::Mod:
    if (!constant || constant.getValue() <= 0)
      return std::nullopt;
    return constant.getValue() - 1;
  default:
    return std::nullopt;
  }
}

uint64_t BufferBounds::compute(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  uint64_t unit = getStaticBytes(type);
  if (type.hasStaticShape())
    return unit;
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    if (BindingAttr binding = program.getBinding(argument.getArgNumber()))
      if (binding.getCapacity() != 0)
        return binding.getCapacity();
  std::vector<const void *> all;
  uint64_t product = 1;
  bool isBounded = true;
  for (AffineExpr extent : getDynamicExtents(buffer)) {
    all.push_back(extent.getAsOpaquePointer());
    auto bound = getExtentBound(extent);
    isBounded &= bound.has_value();
    product = llvm::SaturatingMultiply(product, bound.value_or(1));
  }
  auto known = productBounds.find(all);
  if (known != productBounds.end())
    return llvm::SaturatingMultiply(unit, known->second);
  if (!isBounded)
    return kDefaultBytes;
  // The product of separate bounds is coarse; it is no reason to refuse.
  return std::min(llvm::SaturatingMultiply(unit, product),
                  std::max(kDefaultBytes, unit));
}

uint64_t BufferBounds::getByteBound(Value buffer) {
  auto known = bytes.find(buffer);
  if (known != bytes.end())
    return known->second;
  uint64_t bound = compute(buffer);
  bytes[buffer] = bound;
  return bound;
}

} // namespace vyre
