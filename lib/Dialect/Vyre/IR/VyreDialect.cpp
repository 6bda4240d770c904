//===- VyreDialect.cpp - The Vyre dialect ---------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/IR/VyreDialect.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "vyre/Dialect/Vyre/IR/VyreAttributes.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

using namespace mlir;
using namespace vyre;

#include "vyre/Dialect/Vyre/IR/VyreDialect.cpp.inc"

void VyreDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "vyre/Dialect/Vyre/IR/VyreOps.cpp.inc"
      >();
}

LogicalResult VyreDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attribute) {
  // What convert-vyre-to-gpu says about the code that it builds.
  if (attribute.getName() == "vyre.index_bitwidth") {
    auto bitwidth = dyn_cast<IntegerAttr>(attribute.getValue());
    if (bitwidth && (bitwidth.getValue() == 32 || bitwidth.getValue() == 64))
      return success();
    return op->emitOpError("has vyre.index_bitwidth = ")
           << attribute.getValue() << ", expected 32 or 64";
  }
  if (attribute.getName() == "vyre.points_per_block" ||
      attribute.getName() == "vyre.block_count" ||
      attribute.getName() == "vyre.cluster_blocks" ||
      attribute.getName() == "vyre.pointer_table" ||
      attribute.getName() == "vyre.threads" ||
      attribute.getName() == "vyre.columns") {
    auto count = dyn_cast<IntegerAttr>(attribute.getValue());
    if (count && count.getType().isInteger(64) && count.getInt() > 0)
      return success();
    return op->emitOpError("has ")
           << attribute.getName().getValue() << " = " << attribute.getValue()
           << ", expected a positive i64";
  }
  if (attribute.getName() == "vyre.tile_loop" ||
      attribute.getName() == "vyre.one_lane" ||
      attribute.getName() == "vyre.persistent") {
    if (isa<UnitAttr>(attribute.getValue()))
      return success();
    return op->emitOpError("has ")
           << attribute.getName().getValue() << " = " << attribute.getValue()
           << ", expected no value";
  }
  // A call of the host's.
  if (attribute.getName() == kCallAttrName) {
    auto function = dyn_cast<FunctionOpInterface>(op);
    if (function && function.isExternal() &&
        isa<CallAttr>(attribute.getValue()))
      return success();
    return op->emitOpError("has vyre.call = ")
           << attribute.getValue()
           << ", expected a #vyre.call on a function without a body";
  }
  // What vyre-lower-linalg says about the loops that it builds.
  if (attribute.getName() == kStageNameAttrName) {
    if (isa<StringAttr>(attribute.getValue()))
      return success();
    return op->emitOpError("has vyre.stage_name = ")
           << attribute.getValue() << ", expected a string";
  }
  if (attribute.getName() == kCoversAttrName) {
    if (isa<UnitAttr>(attribute.getValue()))
      return success();
    return op->emitOpError("has vyre.covers = ")
           << attribute.getValue() << ", expected no value";
  }
  // The arguments of a program whose capacity is that of an option.
  if (attribute.getName() == kDefaultCapacityAttrName) {
    auto program = dyn_cast<ProgramOp>(op);
    auto positions = dyn_cast<DenseI32ArrayAttr>(attribute.getValue());
    bool isSound =
        program && positions &&
        llvm::all_of(positions.asArrayRef(), [&](int32_t position) {
          return position >= 0 &&
                 unsigned(position) < program.getArgumentTypes().size();
        });
    if (isSound)
      return success();
    return op->emitOpError("has vyre.default_capacity = ")
           << attribute.getValue()
           << ", expected the positions of arguments of a program";
  }
  // How a program is captured. Whether the plan still fits the program is
  // looked at where it is used: any pass may change that.
  if (attribute.getName() == kCapturePlanAttrName) {
    if (isa<ProgramOp>(op) && isa<CapturePlanAttr>(attribute.getValue()))
      return success();
    return op->emitOpError("has vyre.capture_plan = ")
           << attribute.getValue()
           << ", expected a #vyre.capture_plan on a program";
  }
  // The stages that vyre-merge-stages made one of.
  if (attribute.getName() == kMergedStagesAttrName) {
    auto names = dyn_cast<ArrayAttr>(attribute.getValue());
    if (isa<LaunchOp>(op) && names &&
        llvm::all_of(names, llvm::IsaPred<StringAttr>))
      return success();
    return op->emitOpError("has vyre.merged_stages = ")
           << attribute.getValue() << ", expected the names of a launch's "
           << "stages";
  }
  return op->emitOpError("has unknown attribute '")
         << attribute.getName().getValue() << "'";
}

LogicalResult VyreDialect::verifyRegionArgAttribute(Operation *op,
                                                    unsigned regionIndex,
                                                    unsigned argIndex,
                                                    NamedAttribute attribute) {
  // A program checks its bindings itself; elsewhere only a function may carry
  // one, as a wish for the program that will be formed from it.
  if (attribute.getName() == kBindingAttrName) {
    if (!isa<BindingAttr>(attribute.getValue()))
      return op->emitOpError("argument ")
             << argIndex << ": '" << kBindingAttrName << "' is "
             << attribute.getValue() << ", expected a #vyre.binding";
    return success();
  }
  return op->emitOpError("argument ") << argIndex << " has unknown attribute '"
                                      << attribute.getName().getValue() << "'";
}

LogicalResult
VyreDialect::verifyRegionResultAttribute(Operation *op, unsigned regionIndex,
                                         unsigned resultIndex,
                                         NamedAttribute attribute) {
  if (attribute.getName() == kCountResultAttrName) {
    if (isa<ProgramOp>(op))
      return op->emitOpError("result ")
             << resultIndex << " has '" << kCountResultAttrName
             << "', expected a count in vyre.return";
    auto position = dyn_cast<IntegerAttr>(attribute.getValue());
    if (!position || !position.getType().isInteger(64))
      return op->emitOpError("result ")
             << resultIndex << ": '" << kCountResultAttrName << "' is "
             << attribute.getValue() << ", expected an i64";
    return success();
  }
  return op->emitOpError("result ") << resultIndex << " has unknown attribute '"
                                    << attribute.getName().getValue() << "'";
}
