//===- KernelBuilder.cpp - Stage bodies as code ---------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"

#include "NeighbouringPoints.h"
#include "ThreadMapping.h"
#include "VectorPoints.h"
#include "WorkgroupTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "vyre/Conversion/ReductionOrder.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace vyre {

/// What the runtime guarantees for memory of its own.
static constexpr uint64_t kOwnAlignment = 64;

SmallVector<Type> KernelBuilder::getArgumentTypes() {
  SmallVector<Type> types;
  for (Value buffer : signature.getBuffers()) {
    auto type = cast<MemRefType>(buffer.getType());
    types.push_back(MemRefType::get({}, type.getElementType()));
  }
  types.append(signature.getScalars().size(),
               IntegerType::get(stage.getContext(), 64));
  return types;
}

uint64_t getBufferAlignment(StageOp stage, Value buffer) {
  auto argument = dyn_cast<BlockArgument>(buffer);
  if (!argument)
    return kOwnAlignment;
  auto program = stage->getParentOfType<ProgramOp>();
  uint64_t alignment =
      program.getBinding(argument.getArgNumber()).getAlignment();
  return alignment != 0
             ? alignment
             : getElementByteCount(getElementTypeOrSelf(buffer.getType()));
}

SmallVector<DictionaryAttr> KernelBuilder::getArgumentAttrs() {
  Builder builder(stage.getContext());
  SmallVector<DictionaryAttr> attrs;
  for (Value buffer : signature.getBuffers()) {
    uint64_t alignment = getBufferAlignment(stage, buffer);
    SmallVector<NamedAttribute> attributes;
    attributes.push_back(
        builder.getNamedAttr(LLVM::LLVMDialect::getAlignAttrName(),
                             builder.getI64IntegerAttr(alignment)));
    // Bindings that a stage writes overlap no other, as the runtime checks.
    attributes.push_back(builder.getNamedAttr(
        LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr()));
    if (llvm::is_contained(stage.getReads(), buffer))
      attributes.push_back(builder.getNamedAttr(
          LLVM::LLVMDialect::getReadonlyAttrName(), builder.getUnitAttr()));
    attrs.push_back(builder.getDictionaryAttr(attributes));
  }
  attrs.append(signature.getScalars().size(), builder.getDictionaryAttr({}));
  return attrs;
}

/// The value of a scalar from its 64-bit form.
static Value decodeScalar(OpBuilder &builder, Location loc, Value bits,
                          Type type) {
  if (type.isIndex())
    return arith::IndexCastOp::create(builder, loc, type, bits);
  unsigned width = type.getIntOrFloatBitWidth();
  if (width < 64)
    bits = arith::TruncIOp::create(builder, loc, builder.getIntegerType(width),
                                   bits);
  return bits.getType() == type
             ? bits
             : arith::BitcastOp::create(builder, loc, type, bits);
}

void KernelBuilder::buildPrologue(OpBuilder &builder, ValueRange arguments) {
  Location loc = stage.getLoc();
  unsigned bufferCount = signature.getBuffers().size();
  for (auto [scalar, bits] : llvm::zip_equal(
           signature.getScalars(), arguments.drop_front(bufferCount))) {
    Type type =
        scalar.isExtent() ? builder.getIndexType() : scalar.value.getType();
    scalars.push_back(decodeScalar(builder, loc, bits, type));
  }
  for (auto [buffer, pointer] : llvm::zip_equal(
           signature.getBuffers(), arguments.take_front(bufferCount))) {
    auto type = cast<MemRefType>(buffer.getType());
    if (type.getRank() == 0) {
      mapping.map(buffer, pointer);
      continue;
    }
    SmallVector<OpFoldResult> sizes, strides(type.getRank());
    for (unsigned i = 0, e = type.getRank(); i != e; ++i) {
      if (type.isDynamicDim(i))
        sizes.push_back(materialize(builder, resolveExtent(buffer, i)));
      else
        sizes.push_back(builder.getIndexAttr(type.getDimSize(i)));
    }
    // Row-major: a stride is static where all extents behind it are.
    OpFoldResult stride = builder.getIndexAttr(1);
    for (unsigned i = type.getRank(); i-- > 0;) {
      strides[i] = stride;
      auto constant = dyn_cast<Attribute>(stride);
      auto extent = dyn_cast<Attribute>(sizes[i]);
      if (constant && extent) {
        stride = builder.getIndexAttr(cast<IntegerAttr>(constant).getInt() *
                                      cast<IntegerAttr>(extent).getInt());
      } else {
        auto asValue = [&](OpFoldResult value) {
          return getValueOrCreateConstantIndexOp(builder, loc, value);
        };
        stride = arith::MulIOp::create(builder, loc, asValue(stride),
                                       asValue(sizes[i]))
                     .getResult();
      }
    }
    mapping.map(buffer,
                memref::ReinterpretCastOp::create(
                    builder, loc, type, pointer,
                    OpFoldResult(builder.getIndexAttr(0)), sizes, strides));
  }
}

Value KernelBuilder::materialize(OpBuilder &builder, ProgramScalar scalar) {
  int64_t position = signature.getPosition(scalar);
  if (position >= 0)
    return scalars[position];
  assert(!scalar.isExtent() && "extents are always passed");
  if (Value known = mapping.lookupOrNull(scalar.value))
    return known;
  Operation *op = scalar.value.getDefiningOp();
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(materialize(builder, operand));
  Operation *clone = builder.clone(*op);
  clone->setOperands(operands);
  return mapping.lookupOrDefault(scalar.value) == scalar.value
             ? clone->getResult(cast<OpResult>(scalar.value).getResultNumber())
             : mapping.lookup(scalar.value);
}

Value KernelBuilder::materialize(OpBuilder &builder, Value value) {
  return materialize(builder, resolveProgramScalar(value));
}

SmallVector<Value> KernelBuilder::getExtents(OpBuilder &builder) {
  SmallVector<Value> extents;
  for (Value extent : stage.getExtents())
    extents.push_back(materialize(builder, extent));
  return extents;
}

Value KernelBuilder::buildHasLanes(OpBuilder &builder, int64_t most) {
  Location loc = stage.getLoc();
  Value all = arith::ConstantIntOp::create(builder, loc, 1, 1);
  for (auto loop : stage.getBody().getOps<scf::ParallelOp>()) {
    if (loop.getNumResults() == 0 || hasOneLane(loop))
      continue;
    Value points = arith::ConstantIndexOp::create(builder, loc, 1);
    for (auto [lower, upper, step] : llvm::zip_equal(
             loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
      auto get = [&](Value bound) -> Value {
        if (std::optional<int64_t> known = getConstantIntValue(bound))
          return arith::ConstantIndexOp::create(builder, loc, *known);
        return materialize(builder, bound);
      };
      Value extent =
          arith::SubIOp::create(builder, loc, get(upper), get(lower));
      extent = arith::CeilDivSIOp::create(builder, loc, extent, get(step));
      points = arith::MulIOp::create(builder, loc, points, extent);
    }
    Value lanes = buildReductionLanes(builder, loc, points);
    Value isFew = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ule, lanes,
        arith::ConstantIndexOp::create(builder, loc, most));
    all = arith::AndIOp::create(builder, loc, all, isFew);
  }
  return all;
}

void KernelBuilder::buildPoint(OpBuilder &builder, ValueRange indices) {
  buildTile(builder, SmallVector<Value>(indices), /*neighbours=*/1);
}

void KernelBuilder::mapOperands(OpBuilder &builder, Operation *op,
                                IRMapping &values) {
  Region &body = stage.getBody();
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands())
      if (!body.isAncestor(operand.getParentRegion()) &&
          !values.contains(operand))
        values.map(operand, materialize(builder, operand));
  });
}

void KernelBuilder::buildRuns(OpBuilder &builder,
                              ArrayRef<SmallVector<Value>> firsts,
                              int64_t count) {
  Location loc = stage.getLoc();
  SmallVector<SmallVector<Value>> points;
  for (const SmallVector<Value> &first : firsts)
    for (int64_t i = 0; i < count; ++i) {
      points.push_back(first);
      if (i == 0)
        continue;
      Value offset = arith::ConstantIndexOp::create(builder, loc, i);
      points.back().back() =
          arith::AddIOp::create(builder, loc, first.back(), offset);
    }
  buildTile(builder, points, /*neighbours=*/count);
}

void KernelBuilder::buildTile(OpBuilder &builder,
                              ArrayRef<SmallVector<Value>> tile,
                              int64_t neighbours, WorkgroupTile *shared,
                              const TilePosition *position) {
  Region &body = stage.getBody();
  // What one point computes is not there for another.
  IRMapping values = mapping;
  for (Operation &op : body.front())
    mapOperands(builder, &op, values);
  SmallVector<IRMapping> points(tile.size(), values);
  for (auto [indices, point] : llvm::zip_equal(tile, points))
    point.map(stage.getIndices(), indices);
  Value last = stage.getIndices().empty() ? Value() : stage.getIndices().back();
  auto buildShared = [&](Operation &op, MutableArrayRef<IRMapping> points) {
    if (!shared || &op != shared->getLoop())
      return false;
    shared->build(builder, *position, stage.getIndices(), points);
    return true;
  };
  clonePoints(builder, body.front(), last, neighbours, stage.getIndices(),
              points, buildShared);
}

void KernelBuilder::buildVectors(OpBuilder &builder,
                                 ArrayRef<SmallVector<Value>> firsts,
                                 const VectorPoints &points, int64_t lanes) {
  IRMapping values = mapping;
  for (Operation &op : stage.getBody().front())
    mapOperands(builder, &op, values);
  SmallVector<IRMapping> rows(firsts.size(), values);
  for (auto [indices, row] : llvm::zip_equal(firsts, rows))
    row.map(stage.getIndices(), indices);
  points.build(builder, rows, lanes);
}

void KernelBuilder::buildPart(OpBuilder &builder, ValueRange indices,
                              ArrayRef<Operation *> operations) {
  IRMapping values = mapping;
  values.map(stage.getIndices(), indices);
  for (Operation *op : operations) {
    mapOperands(builder, op, values);
    builder.clone(*op, values);
  }
}

SmallVector<Value> delinearize(OpBuilder &builder, Location loc, Value linear,
                               ValueRange extents) {
  SmallVector<Value> point(extents.size());
  for (unsigned i = extents.size(); i-- > 1;) {
    point[i] = arith::RemUIOp::create(builder, loc, linear, extents[i]);
    linear = arith::DivUIOp::create(builder, loc, linear, extents[i]);
  }
  if (!point.empty())
    point[0] = linear;
  return point;
}

Value buildProduct(OpBuilder &builder, Location loc, ValueRange values) {
  if (values.empty())
    return arith::ConstantIndexOp::create(builder, loc, 1);
  Value product = values.front();
  for (Value value : values.drop_front())
    product = arith::MulIOp::create(builder, loc, product, value);
  return product;
}

std::string makeKernelName(ProgramOp program, LaunchOp launch,
                           llvm::StringSet<> &taken) {
  std::string base =
      (program.getSymName() + "_" + launch.getLaunchName()).str();
  for (char &c : base)
    if (!llvm::isAlnum(c))
      c = '_';
  if (llvm::isDigit(base.front()))
    base.insert(base.begin(), '_');
  std::string name = base;
  for (unsigned i = 1; !taken.insert(name).second; ++i)
    name = base + "_" + std::to_string(i);
  return name;
}

} // namespace vyre
