//===- LinearizeAccesses.cpp - Accesses through views that run backwards --===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream lowers memref.load and memref.store as if no stride were negative:
// the products of indices and strides, their sum and the step from the view's
// first element are all marked as not wrapping (nuw). LLVM may then extend a
// negative step of 32 bits by zeros. Counted from the buffer's beginning, the
// place of an element is never negative, whatever the strides are.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "vyre/Conversion/Passes.h"

namespace vyre {
#define GEN_PASS_DEF_LINEARIZEACCESSES
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// Whether one of a view's own strides is negative or not known here.
static bool hasUnprovenStride(OffsetSizeAndStrideOpInterface view) {
  return llvm::any_of(view.getStaticStrides(), [](int64_t stride) {
    return ShapedType::isDynamic(stride) || stride < 0;
  });
}

/// Whether a stride of `memref` may be negative: its type says so, or leaves it
/// open and a view on the way to the buffer does not tell.
static bool mayRunBackwards(Value memref) {
  while (true) {
    auto type = cast<MemRefType>(memref.getType());
    if (type.getLayout().isIdentity())
      return false;
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(type.getStridesAndOffset(strides, offset)))
      return false; // no such access can be lowered
    if (!llvm::any_of(strides, ShapedType::isDynamic))
      return llvm::any_of(strides, [](int64_t stride) { return stride < 0; });
    Operation *op = memref.getDefiningOp();
    if (auto view = dyn_cast_if_present<memref::ReinterpretCastOp>(op))
      return hasUnprovenStride(view);
    if (auto view = dyn_cast_if_present<memref::SubViewOp>(op))
      if (hasUnprovenStride(view))
        return true;
    if (!isa_and_present<ViewLikeOpInterface, memref::TransposeOp>(op) ||
        !isa<MemRefType>(op->getOperand(0).getType()))
      return true;
    memref = op->getOperand(0); // what these are views of
  }
}

/// The place of an element, counted from the first one of the buffer.
static Value buildPlace(OpBuilder &builder, Location loc,
                        memref::ExtractStridedMetadataOp metadata,
                        ValueRange indices) {
  Value place = metadata.getOffset();
  for (auto [index, stride] : llvm::zip_equal(indices, metadata.getStrides())) {
    Value step = arith::MulIOp::create(builder, loc, index, stride);
    place = arith::AddIOp::create(builder, loc, place, step);
  }
  return place;
}

/// Lets a load or store go to its place in a view of the whole buffer up to
/// there: only the place matters for what is accessed.
template <typename AccessOp> static void linearize(AccessOp access) {
  if (!mayRunBackwards(access.getMemRef()))
    return;
  OpBuilder builder(access);
  Location loc = access.getLoc();
  auto metadata = memref::ExtractStridedMetadataOp::create(builder, loc,
                                                           access.getMemRef());
  Value place = buildPlace(builder, loc, metadata, access.getIndices());
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value size = arith::AddIOp::create(builder, loc, place, one);
  auto type = MemRefType::get(
      {ShapedType::kDynamic}, access.getMemRefType().getElementType(),
      MemRefLayoutAttrInterface(), access.getMemRefType().getMemorySpace());
  auto buffer = memref::ReinterpretCastOp::create(
      builder, loc, type, metadata.getBaseBuffer(), builder.getIndexAttr(0),
      ArrayRef<OpFoldResult>{size},
      ArrayRef<OpFoldResult>{builder.getIndexAttr(1)});
  access.getMemrefMutable().assign(buffer);
  access.getIndicesMutable().assign(place);
}

namespace {

struct LinearizeAccesses
    : vyre::impl::LinearizeAccessesBase<LinearizeAccesses> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (auto load = dyn_cast<memref::LoadOp>(op))
        linearize(load);
      else if (auto store = dyn_cast<memref::StoreOp>(op))
        linearize(store);
    });
  }
};

} // namespace
