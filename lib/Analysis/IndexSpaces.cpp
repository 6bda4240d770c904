//===- IndexSpaces.cpp - Spaces in another shape --------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both shapes are cut into groups with equal products, as small as possible:
//   (128)    as (8, 16):   own 0 = 16 * d0 + d1
//   (8, 16)  as (128):     own 0 = d0 floordiv 16, own 1 = d0 mod 16
//   (8, 16)  as (16, 8):   the same, with 8 * d0 + d1 for d0
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

/// How many of each side have equal products, as few as possible; zeros where
/// no numbers of them have.
static std::pair<unsigned, unsigned> matchProducts(ArrayRef<AffineExpr> left,
                                                   ArrayRef<AffineExpr> right) {
  auto getProducts = [](ArrayRef<AffineExpr> extents) {
    SmallVector<AffineExpr> products = {extents.front()};
    for (AffineExpr extent : extents.drop_front())
      if (AffineExpr product = getProduct(products.back(), extent))
        products.push_back(product);
      else
        break;
    return products;
  };
  SmallVector<AffineExpr> wanted = getProducts(right);
  for (auto [position, product] : llvm::enumerate(getProducts(left))) {
    auto other = llvm::find(wanted, product);
    if (other != wanted.end())
      return {position + 1, other - wanted.begin() + 1};
  }
  return {0, 0};
}

static bool areInnerConstant(ArrayRef<AffineExpr> extents) {
  return llvm::all_of(extents.drop_front(), [](AffineExpr extent) {
    auto constant = dyn_cast<AffineConstantExpr>(extent);
    return constant && constant.getValue() > 0;
  });
}

/// Row-major: several indices as one.
static AffineExpr putTogether(ArrayRef<AffineExpr> extents, unsigned firstDim) {
  MLIRContext *context = extents.front().getContext();
  AffineExpr index = getAffineDimExpr(firstDim, context);
  for (unsigned k = 1, e = extents.size(); k != e; ++k)
    index = index * extents[k] + getAffineDimExpr(firstDim + k, context);
  return index;
}

/// And one as several.
static SmallVector<AffineExpr> takeApart(AffineExpr index,
                                         ArrayRef<AffineExpr> extents) {
  SmallVector<AffineExpr> indices(extents.size());
  for (unsigned k = extents.size(); k-- > 1;) {
    indices[k] = index % extents[k];
    index = index.floorDiv(extents[k]);
  }
  indices[0] = index;
  return indices;
}

std::optional<StageAccesses::Reshape>
reshapeSpace(ArrayRef<AffineExpr> own, ArrayRef<AffineExpr> wanted) {
  if (own.empty() || wanted.empty())
    return std::nullopt;
  MLIRContext *context = own.front().getContext();
  AffineExpr zero = getAffineConstantExpr(0, context);
  StageAccesses::Reshape reshape;
  llvm::append_range(reshape.extents, wanted);
  unsigned i = 0, j = 0;
  while (i != own.size() && j != wanted.size()) {
    unsigned mine = 1, theirs = matchProduct(wanted.drop_front(j), own[i]);
    if (theirs == 0) {
      mine = matchProduct(own.drop_front(i), wanted[j]);
      theirs = 1;
    }
    if (mine == 0)
      std::tie(mine, theirs) =
          matchProducts(own.drop_front(i), wanted.drop_front(j));
    if (mine == 0)
      return std::nullopt;
    ArrayRef<AffineExpr> from = own.slice(i, mine),
                         to = wanted.slice(j, theirs);
    int fromOnly = findOnlyIndex(from), toOnly = findOnlyIndex(to);
    if ((fromOnly < 0 && !areInnerConstant(from)) ||
        (toOnly < 0 && !areInnerConstant(to)))
      return std::nullopt;
    AffineExpr index =
        toOnly < 0 ? putTogether(to, j) : getAffineDimExpr(j + toOnly, context);
    SmallVector<AffineExpr> indices(mine, zero);
    if (fromOnly < 0)
      indices = takeApart(index, from);
    else
      indices[fromOnly] = index;
    llvm::append_range(reshape.ownIndices, indices);
    i += mine;
    j += theirs;
  }
  // What is left has one point.
  for (; i != own.size(); ++i) {
    if (!isOne(own[i]))
      return std::nullopt;
    reshape.ownIndices.push_back(zero);
  }
  if (!llvm::all_of(wanted.drop_front(j), isOne))
    return std::nullopt;
  return reshape;
}

} // namespace vyre
