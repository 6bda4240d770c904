//===- AssertShapes.cpp - What casts and reshapes take for granted --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   %y = tensor.cast %x : tensor<?xf32> to tensor<4xf32>
//
//     ->  %n = tensor.dim %x, %c0
//         cf.assert %n >= 4, "extent 0 of a tensor<?xf32> that is cast to
//                             tensor<4xf32>"
//         cf.assert 4 >= %n, "extent 0 of tensor<4xf32> that a tensor<?xf32> is
//                             cast to"
//         %y = tensor.cast ...
//
// Canonicalization may move a cast or drop it, and with it what it says of its
// operand. So this runs before everything else. An assertion is two, one for
// each direction, because vyre-form-program makes a vyre.require of each, which
// then names what was too small.
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#define DEBUG_TYPE "vyre-assert-shapes"

namespace vyre {
#define GEN_PASS_DEF_ASSERTSHAPES
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;

namespace {

/// Puts the assertions of one op in front of it.
class ShapeAsserter {
public:
  explicit ShapeAsserter(Operation *op) : builder(op), loc(op->getLoc()) {}

  void assertCast(Value source, ShapedType target);
  void assertExpansion(StringRef name, Value source,
                       ArrayRef<ReassociationIndices> groups,
                       ArrayRef<OpFoldResult> shape);
  /// Of a reshape to `shape`, where a negative constant is an extent that
  /// follows from the others.
  void assertReshape(StringRef name, Value source,
                     ArrayRef<OpFoldResult> shape);

private:
  void assertAtLeast(Value found, Value least, const Twine &what);
  Value getExtent(Value shaped, int64_t dimension);
  Value multiply(ArrayRef<OpFoldResult> factors);

  OpBuilder builder;
  Location loc;
};

} // namespace

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

void ShapeAsserter::assertAtLeast(Value found, Value least, const Twine &what) {
  Value holds = builder.createOrFold<arith::CmpIOp>(
      loc, arith::CmpIPredicate::sge, found, least);
  if (!matchPattern(holds, m_One()))
    cf::AssertOp::create(builder, loc, holds, what.str());
}

Value ShapeAsserter::getExtent(Value shaped, int64_t dimension) {
  if (isa<TensorType>(shaped.getType()))
    return builder.createOrFold<tensor::DimOp>(loc, shaped, dimension);
  return builder.createOrFold<memref::DimOp>(loc, shaped, dimension);
}

Value ShapeAsserter::multiply(ArrayRef<OpFoldResult> factors) {
  Value product = arith::ConstantIndexOp::create(builder, loc, 1);
  for (OpFoldResult factor : factors)
    product = builder.createOrFold<arith::MulIOp>(
        loc, product, getValueOrCreateConstantIndexOp(builder, loc, factor));
  return product;
}

void ShapeAsserter::assertCast(Value source, ShapedType target) {
  auto type = cast<ShapedType>(source.getType());
  if (!type.hasRank() || !target.hasRank())
    return;
  for (int64_t i = 0, e = type.getRank(); i != e; ++i) {
    if (!type.isDynamicDim(i) || target.isDynamicDim(i))
      continue;
    Value found = getExtent(source, i);
    Value stated =
        arith::ConstantIndexOp::create(builder, loc, target.getDimSize(i));
    std::string extent = "extent " + std::to_string(i) + " of ";
    assertAtLeast(found, stated,
                  extent + "a " + print(type) + " that is cast to " +
                      print(target));
    assertAtLeast(stated, found,
                  extent + print(target) + " that a " + print(type) +
                      " is cast to");
  }
}

void ShapeAsserter::assertExpansion(StringRef name, Value source,
                                    ArrayRef<ReassociationIndices> groups,
                                    ArrayRef<OpFoldResult> shape) {
  auto type = cast<ShapedType>(source.getType());
  for (auto [position, group] : llvm::enumerate(groups)) {
    if (!type.isDynamicDim(position) || group.size() < 2)
      continue;
    Value found = getExtent(source, position);
    Value made = multiply(
        llvm::map_to_vector(group, [&](int64_t i) { return shape[i]; }));
    std::string extent =
        "extent " + std::to_string(position) + " of a " + print(type);
    assertAtLeast(found, made, extent + " that '" + name + "' expands");
    assertAtLeast(made, found, "what '" + name + "' expands " + extent + " to");
  }
}

void ShapeAsserter::assertReshape(StringRef name, Value source,
                                  ArrayRef<OpFoldResult> shape) {
  auto type = cast<ShapedType>(source.getType());
  SmallVector<OpFoldResult> extents, known;
  for (int64_t i = 0, e = type.getRank(); i != e; ++i)
    extents.push_back(getExtent(source, i));
  bool isInferred = false;
  for (OpFoldResult extent : shape) {
    std::optional<int64_t> constant = getConstantIntValue(extent);
    if (constant && *constant == 0)
      return; // nothing to move
    if (constant && *constant < 0)
      isInferred = true;
    else
      known.push_back(extent);
  }
  Value found = multiply(extents), made = multiply(known);
  if (isInferred) {
    Value rows = builder.createOrFold<arith::DivSIOp>(loc, found, made);
    made = builder.createOrFold<arith::MulIOp>(loc, rows, made);
  }
  std::string count = "the number of elements ";
  assertAtLeast(found, made,
                count + "of a " + print(type) + " that '" + name +
                    "' gives another shape");
  assertAtLeast(made, found,
                count + "in the shape that '" + name + "' gives a " +
                    print(type));
}

/// The elements of a shape operand, where they are scalars or constants.
static std::optional<SmallVector<OpFoldResult>> getElements(Value shape) {
  SmallVector<OpFoldResult> elements;
  if (auto op = shape.getDefiningOp<tensor::FromElementsOp>()) {
    for (Value element : op.getElements()) {
      if (!element.getType().isIndex())
        return std::nullopt;
      elements.push_back(element);
    }
    return elements;
  }
  DenseIntElementsAttr constants;
  if (!matchPattern(shape, m_Constant(&constants)))
    return std::nullopt;
  Builder builder(shape.getContext());
  for (APInt extent : constants.getValues<APInt>())
    elements.push_back(builder.getIndexAttr(extent.getSExtValue()));
  return elements;
}

static void assertShapes(Operation *op) {
  StringRef name = op->getName().getStringRef();
  auto assertElements = [&](Value source, Value shape, Type result) {
    auto type = dyn_cast<ShapedType>(source.getType());
    bool isStatic = type && type.hasRank() && type.hasStaticShape() &&
                    cast<ShapedType>(result).hasRank() &&
                    cast<ShapedType>(result).hasStaticShape();
    if (!type || !type.hasRank() || isStatic)
      return;
    if (std::optional<SmallVector<OpFoldResult>> extents = getElements(shape))
      ShapeAsserter(op).assertReshape(name, source, *extents);
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case<tensor::CastOp, memref::CastOp>([&](auto cast) {
        ShapeAsserter(op).assertCast(cast.getSource(),
                                     llvm::cast<ShapedType>(cast.getType()));
      })
      .Case<tensor::ExpandShapeOp, memref::ExpandShapeOp>([&](auto expand) {
        ShapeAsserter(op).assertExpansion(
            name, expand.getSrc(), expand.getReassociationIndices(),
            getMixedValues(expand.getStaticOutputShape(),
                           expand.getOutputShape(), op->getContext()));
      })
      .Case([&](tensor::ReshapeOp reshape) {
        assertElements(reshape.getSource(), reshape.getShape(),
                       reshape.getType());
      })
      .Case([&](tosa::ReshapeOp reshape) {
        assertElements(reshape.getInput1(), reshape.getShape(),
                       reshape.getType());
      });
}

namespace {

struct AssertShapes : vyre::impl::AssertShapesBase<AssertShapes> {
  using AssertShapesBase::AssertShapesBase;

  void runOnOperation() override {
    // Not while walking: assertions are ops too.
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<tensor::CastOp, memref::CastOp, tensor::ExpandShapeOp,
              memref::ExpandShapeOp, tensor::ReshapeOp, tosa::ReshapeOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      assertShapes(op);
  }
};

} // namespace
