//===- BufferElements.cpp - Elements behind views -------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of IndexResolver that goes through chains of views: what an index
// into a view is in the buffer that it is a view of. An index into a view is in
// bounds wherever the program means something, so that nothing wraps here.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "vyre/Analysis/StageAccesses.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace vyre {

/// The static extents of `dimensions` of a type, the first left out; none where
/// one of them is dynamic.
static std::optional<SmallVector<int64_t>>
getInnerExtents(MemRefType type, ArrayRef<int64_t> dimensions) {
  SmallVector<int64_t> extents;
  for (int64_t dimension : dimensions.drop_front()) {
    if (type.isDynamicDim(dimension) || type.getDimSize(dimension) <= 0)
      return std::nullopt;
    extents.push_back(type.getDimSize(dimension));
  }
  return extents;
}

/// Writes what `index` into several dimensions at once is in each of them.
static void takeApart(AffineExpr index, ArrayRef<int64_t> innerExtents,
                      ArrayRef<int64_t> dimensions,
                      MutableArrayRef<AffineExpr> source) {
  for (unsigned i = dimensions.size(); i-- > 1;) {
    source[dimensions[i]] = index % innerExtents[i - 1];
    index = index.floorDiv(innerExtents[i - 1]);
  }
  source[dimensions.front()] = index;
}

/// memref.collapse_shape: the one index of a group, taken apart.
static std::optional<SmallVector<AffineExpr>>
getElementBeforeCollapse(memref::CollapseShapeOp view,
                         ArrayRef<AffineExpr> indices) {
  SmallVector<AffineExpr> source(view.getSrcType().getRank());
  if (indices.empty())
    source.assign(source.size(), getAffineConstantExpr(0, view.getContext()));
  for (auto [group, index] :
       llvm::zip(view.getReassociationIndices(), indices)) {
    auto inner = getInnerExtents(view.getSrcType(), group);
    if (!inner)
      return std::nullopt;
    takeApart(index, *inner, group, source);
  }
  return source;
}

/// memref.reinterpret_cast of a contiguous buffer: the place in memory, taken
/// apart.
static std::optional<SmallVector<AffineExpr>>
getElementBeforeReinterpret(memref::ReinterpretCastOp view, AffineExpr offset,
                            ArrayRef<AffineExpr> strides,
                            ArrayRef<AffineExpr> indices) {
  auto type = dyn_cast<MemRefType>(view.getSource().getType());
  if (!type || !type.getLayout().isIdentity() || type.getRank() == 0)
    return std::nullopt;
  auto dimensions = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  auto inner = getInnerExtents(type, dimensions);
  if (!inner)
    return std::nullopt;
  AffineExpr place = offset;
  for (auto [index, stride] : llvm::zip_equal(indices, strides)) {
    if (!isa<AffineConstantExpr>(stride))
      return std::nullopt;
    place = place + index * stride;
  }
  SmallVector<AffineExpr> source(type.getRank());
  takeApart(place, *inner, dimensions, source);
  return source;
}

/// memref.expand_shape: the indices of a group, put together.
static std::optional<SmallVector<AffineExpr>>
getElementBeforeExpand(memref::ExpandShapeOp view,
                       ArrayRef<AffineExpr> indices) {
  SmallVector<AffineExpr> source;
  for (const ReassociationIndices &group : view.getReassociationIndices()) {
    auto inner = getInnerExtents(view.getResultType(), group);
    if (!inner)
      return std::nullopt;
    AffineExpr linear = indices[group.front()];
    for (unsigned i = 1, e = group.size(); i != e; ++i)
      linear = linear * (*inner)[i - 1] + indices[group[i]];
    source.push_back(linear);
  }
  return source;
}

std::optional<SmallVector<AffineExpr>>
IndexResolver::getElement(Value memref, ArrayRef<AffineExpr> indices) {
  SmallVector<AffineExpr> element(indices);
  auto getExprOf = [&](OpFoldResult value) {
    if (auto attribute = dyn_cast<Attribute>(value))
      return getAffineConstantExpr(cast<IntegerAttr>(attribute).getInt(),
                                   context);
    return getExpr(cast<Value>(value));
  };
  while (Operation *op = memref.getDefiningOp()) {
    if (auto view = dyn_cast<memref::SubViewOp>(op)) {
      llvm::SmallBitVector dropped = view.getDroppedDims();
      SmallVector<AffineExpr> source;
      auto next = element.begin();
      for (auto [position, offset, stride] :
           llvm::enumerate(view.getMixedOffsets(), view.getMixedStrides())) {
        AffineExpr expr = getExprOf(offset);
        if (!dropped.test(position)) {
          AffineExpr step = getExprOf(stride);
          if (!isa<AffineConstantExpr>(step))
            return std::nullopt;
          expr = expr + *next++ * step;
        }
        source.push_back(expr);
      }
      element = std::move(source);
      memref = view.getSource();
    } else if (auto view = dyn_cast<memref::ReinterpretCastOp>(op)) {
      SmallVector<AffineExpr> strides =
          llvm::map_to_vector(view.getMixedStrides(), getExprOf);
      auto source = getElementBeforeReinterpret(
          view, getExprOf(view.getMixedOffsets().front()), strides, element);
      if (!source)
        return std::nullopt;
      element = std::move(*source);
      memref = view.getSource();
    } else if (auto view = dyn_cast<memref::CastOp>(op)) {
      if (!isa<MemRefType>(view.getSource().getType()))
        return std::nullopt;
      memref = view.getSource();
    } else if (auto view = dyn_cast<memref::CollapseShapeOp>(op)) {
      auto source = getElementBeforeCollapse(view, element);
      if (!source)
        return std::nullopt;
      element = std::move(*source);
      memref = view.getSrc();
    } else if (auto view = dyn_cast<memref::ExpandShapeOp>(op)) {
      auto source = getElementBeforeExpand(view, element);
      if (!source)
        return std::nullopt;
      element = std::move(*source);
      memref = view.getSrc();
    } else {
      break;
    }
  }
  // Only a buffer may stand at the end of the chain.
  if (getUnderlyingBuffer(memref) != memref ||
      !llvm::all_of(element, isTractable))
    return std::nullopt;
  for (AffineExpr &index : element)
    index = simplify(index);
  return element;
}

std::optional<SmallVector<AffineExpr>>
IndexResolver::getElement(Operation *access) {
  auto at = [&](Value memref, ValueRange indices) {
    SmallVector<AffineExpr> element;
    for (Value index : indices)
      element.push_back(getExpr(index));
    return getElement(memref, element);
  };
  auto atMap = [&](Value memref, AffineMap map, ValueRange operands) {
    return getElement(memref, applyMap(map, operands));
  };
  using Element = std::optional<SmallVector<AffineExpr>>;
  return llvm::TypeSwitch<Operation *, Element>(access)
      .Case<memref::LoadOp, memref::StoreOp, memref::AtomicRMWOp,
            memref::GenericAtomicRMWOp>(
          [&](auto op) { return at(op.getMemref(), op.getIndices()); })
      .Case<affine::AffineLoadOp, affine::AffineStoreOp>([&](auto op) {
        return atMap(op.getMemref(), op.getAffineMap(), op.getMapOperands());
      })
      .Default([](Operation *) { return Element(); });
}

} // namespace vyre
