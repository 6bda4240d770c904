//===- IndexSpaces.cpp - Spaces in another shape --------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both shapes are cut into groups with equal products. A group is one index on
// one side at least:
//   (128)    as (8, 16):   own 0 = 16 * d0 + d1
//   (8, 16)  as (128):     own 0 = d0 floordiv 16, own 1 = d0 mod 16
//   (1, n)   as (n):       own 0 = 0, own 1 = d0
// All extents but the outermost of a group are constants, or all but one are 1:
// else the formula is not affine.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/LaunchWindow.h"

using namespace mlir;

namespace vyre {

static bool isOne(AffineExpr extent) {
  auto constant = dyn_cast<AffineConstantExpr>(extent);
  return constant && constant.getValue() == 1;
}

/// The product of extents; null where it is not affine or leaves the range.
static AffineExpr getProduct(AffineExpr left, AffineExpr right) {
  auto leftConstant = dyn_cast<AffineConstantExpr>(left);
  auto rightConstant = dyn_cast<AffineConstantExpr>(right);
  if (!leftConstant && !rightConstant)
    return nullptr;
  int64_t product;
  if (leftConstant && rightConstant &&
      llvm::MulOverflow(leftConstant.getValue(), rightConstant.getValue(),
                        product))
    return nullptr;
  return left * right;
}

/// How many of `extents` have the product `wanted`, at least one; zero if no
/// number of them has.
static unsigned matchProduct(ArrayRef<AffineExpr> extents, AffineExpr wanted) {
  AffineExpr product = extents.front();
  unsigned count = 1;
  while (product && product != wanted && count != extents.size())
    product = getProduct(product, extents[count++]);
  if (product != wanted)
    return 0;
  // Extents of 1 that follow belong to the group as well, unless another group
  // is to have them.
  return count;
}

/// The one index of a group that is not always zero; -1 where there are more.
static int findOnlyIndex(ArrayRef<AffineExpr> extents) {
  int only = 0;
  unsigned others = 0;
  for (auto [position, extent] : llvm::enumerate(extents))
    if (!isOne(extent)) {
      only = position;
      ++others;
    }
  return others > 1 ? -1 : only;
}

static bool areInnerConstant(ArrayRef<AffineExpr> extents) {
  return llvm::all_of(extents.drop_front(), [](AffineExpr extent) {
    auto constant = dyn_cast<AffineConstantExpr>(extent);
    return constant && constant.getValue() > 0;
  });
}

std::optional<StageAccesses::Reshape>
reshapeSpace(ArrayRef<AffineExpr> own, ArrayRef<AffineExpr> wanted) {
  if (own.empty() || wanted.empty())
    return std::nullopt;
  MLIRContext *context = own.front().getContext();
  auto dim = [&](unsigned position) {
    return getAffineDimExpr(position, context);
  };
  StageAccesses::Reshape reshape;
  llvm::append_range(reshape.extents, wanted);
  unsigned i = 0, j = 0;
  while (i != own.size() && j != wanted.size()) {
    if (unsigned count = matchProduct(wanted.drop_front(j), own[i])) {
      ArrayRef<AffineExpr> group = wanted.slice(j, count);
      int only = findOnlyIndex(group);
      if (only < 0 && !areInnerConstant(group))
        return std::nullopt;
      AffineExpr index = dim(j + std::max(only, 0));
      for (unsigned k = 1; only < 0 && k != count; ++k)
        index = index * group[k] + dim(j + k);
      reshape.ownIndices.push_back(index);
      i += 1;
      j += count;
    } else if (unsigned count = matchProduct(own.drop_front(i), wanted[j])) {
      ArrayRef<AffineExpr> group = own.slice(i, count);
      int only = findOnlyIndex(group);
      if (only < 0 && !areInnerConstant(group))
        return std::nullopt;
      SmallVector<AffineExpr> indices(count, getAffineConstantExpr(0, context));
      AffineExpr rest = dim(j);
      for (unsigned k = count; only < 0 && k-- > 1;) {
        indices[k] = rest % group[k];
        rest = rest.floorDiv(group[k]);
      }
      indices[std::max(only, 0)] = rest;
      llvm::append_range(reshape.ownIndices, indices);
      i += count;
      j += 1;
    } else {
      return std::nullopt;
    }
  }
  // What is left has one point.
  for (; i != own.size(); ++i) {
    if (!isOne(own[i]))
      return std::nullopt;
    reshape.ownIndices.push_back(getAffineConstantExpr(0, context));
  }
  if (!llvm::all_of(wanted.drop_front(j), isOne))
    return std::nullopt;
  return reshape;
}

} // namespace vyre
