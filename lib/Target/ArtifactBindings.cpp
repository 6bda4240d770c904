//===- ArtifactBindings.cpp - Arguments, results and constants as data ----===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a dispatch is given and gives back, and the artifact's own data.
//
//===----------------------------------------------------------------------===//

#include "ArtifactWriter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"

using namespace mlir;
using namespace vyre;
using flatbuffers::Offset;

artifact::ElementType vyre::getElementType(Type type) {
  if (type.isIndex())
    return artifact::ElementType::index;
  if (type.isF16())
    return artifact::ElementType::f16;
  if (type.isBF16())
    return artifact::ElementType::bf16;
  if (type.isF32())
    return artifact::ElementType::f32;
  if (type.isF64())
    return artifact::ElementType::f64;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return artifact::ElementType::i1;
  case 8:
    return artifact::ElementType::i8;
  case 16:
    return artifact::ElementType::i16;
  case 32:
    return artifact::ElementType::i32;
  default:
    return artifact::ElementType::i64;
  }
}

static artifact::Role getRole(Role role) {
  switch (role) {
  case Role::Input:
    return artifact::Role::input;
  case Role::Output:
    return artifact::Role::output;
  case Role::InputOutput:
    return artifact::Role::input_output;
  case Role::Shared:
    return artifact::Role::shared;
  case Role::State:
    return artifact::Role::state;
  }
  llvm_unreachable("all roles are listed");
}

/// The elements as the device's memory holds them, little-endian.
static FailureOr<std::vector<uint8_t>> getBytes(ElementsAttr value,
                                                Location loc) {
  Type type = value.getElementType();
  uint64_t elementBytes = getElementByteCount(type);
  std::vector<uint8_t> bytes;
  bytes.reserve(elementBytes * value.getNumElements());
  auto append = [&](const APInt &bits) {
    uint64_t word = bits.getZExtValue();
    for (uint64_t i = 0; i != elementBytes; ++i)
      bytes.push_back(uint8_t(word >> (8 * i)));
  };
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    uint64_t expected = elementBytes * value.getNumElements();
    if (!blob || blob->getData().size() != expected) {
      InFlightDiagnostic diag = emitError(loc)
                                << "constant has a resource of "
                                << (blob ? blob->getData().size() : 0)
                                << " bytes, expected " << expected;
      diag.attachNote() << "fix: give dense_resource<"
                        << resource.getRawHandle().getKey()
                        << "> all elements in dialect_resources";
      return diag;
    }
    ArrayRef<char> data = blob->getData();
    bytes.assign(data.begin(), data.end());
    return bytes;
  }
  if (auto floats = value.tryGetValues<APFloat>()) {
    for (const APFloat &element : *floats)
      append(element.bitcastToAPInt());
    return bytes;
  }
  if (auto integers = value.tryGetValues<APInt>()) {
    for (const APInt &element : *integers)
      append(element);
    return bytes;
  }
  return emitError(loc) << "has a value whose elements can't be listed";
}

LogicalResult ArtifactWriter::addConstant(Value key, ElementsAttr value,
                                          Location loc) {
  FailureOr<std::vector<uint8_t>> bytes = getBytes(value, loc);
  if (failed(bytes))
    return failure();
  builder.ForceVectorAlignment(bytes->size(), 1, 64);
  auto data = builder.CreateVector(*bytes);
  auto name =
      builder.CreateString("constant" + std::to_string(constants.size()));
  if (key)
    constantIndex[key] = constants.size();
  constants.push_back(
      artifact::CreateConstant(builder, name, kOwnAlignment, data));
  return success();
}

FailureOr<Offset<artifact::Argument>>
ArtifactWriter::writeArgument(ProgramOp program, unsigned index,
                              StringRef name) {
  Type type = program.getArgumentTypes()[index];
  auto nameOffset = builder.CreateString(name.str());
  BindingAttr binding = program.getBinding(index);
  if (!binding)
    return artifact::CreateArgument(builder, nameOffset,
                                    artifact::ArgumentKind::scalar,
                                    getElementType(type));
  auto memref = cast<MemRefType>(type);
  std::vector<int64_t> extents;
  std::vector<int32_t> extentExprs;
  BlockArgument argument = program.getArgument(index);
  ExtentsOp stated = program.getExtentsOf(argument);
  for (unsigned i = 0, e = memref.getRank(); i != e; ++i) {
    bool isDynamic = memref.isDynamicDim(i);
    extents.push_back(isDynamic ? -1 : memref.getDimSize(i));
    if (!stated)
      continue;
    FailureOr<int32_t> node =
        isDynamic
            ? sizes.getNode(stated.getExtents()[memref.getDynamicDimIndex(i)])
            : FailureOr<int32_t>(sizes.getConstant(memref.getDimSize(i)));
    if (failed(node))
      return failure();
    extentExprs.push_back(*node);
  }
  uint64_t elementBytes = getElementByteCount(memref.getElementType());
  uint64_t capacity = binding.getCapacity();
  if (memref.hasStaticShape() && capacity == 0)
    capacity = elementBytes * memref.getNumElements();
  int32_t initial = -1;
  if (ElementsAttr value = binding.getInitial()) {
    initial = constants.size();
    if (failed(addConstant(Value(), value, program.getLoc())))
      return failure();
  }
  auto extentsOffset = builder.CreateVector(extents);
  auto exprsOffset = builder.CreateVector(extentExprs);
  uint64_t alignment =
      binding.getAlignment() ? binding.getAlignment() : elementBytes;
  auto defaults =
      program->getAttrOfType<DenseI32ArrayAttr>(kDefaultCapacityAttrName);
  bool isDefault =
      defaults && llvm::is_contained(defaults.asArrayRef(), int32_t(index));
  return artifact::CreateArgument(
      builder, nameOffset, artifact::ArgumentKind::buffer,
      getElementType(memref.getElementType()), binding.getSlot(),
      getRole(binding.getRole()), extentsOffset, exprsOffset, alignment,
      capacity, isDefault, initial);
}

FailureOr<Offset<artifact::Result>>
ArtifactWriter::writeResult(ReturnOp op, unsigned index) {
  uint32_t argument =
      cast<BlockArgument>(op.getResults()[index]).getArgNumber();
  Value count = op.getCountOf(index);
  if (!count)
    return artifact::CreateResult(builder, argument);
  if (count.getType().isIndex()) {
    FailureOr<int32_t> node = sizes.getNode(count);
    if (failed(node))
      return failure();
    return artifact::CreateResult(builder, argument,
                                  artifact::CountKind::expression, *node);
  }
  auto counter = dyn_cast<BlockArgument>(count);
  if (!counter)
    return op.emitOpError("result ")
           << index << " has a count in memory that is no argument of the "
           << "program";
  return artifact::CreateResult(builder, argument, artifact::CountKind::buffer,
                                counter.getArgNumber());
}
