//===- FormProgramRefusals.cpp - What can't be a program ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program is data for a runtime that knows no MLIR: what it can't express is
// refused, with a diagnostic on the op.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

bool vyre::becomesProgram(func::FuncOp function) {
  return function.isPublic() && !function.isExternal() &&
         !function.walk([](DispatchOp) { return WalkResult::interrupt(); })
              .wasInterrupted();
}

LogicalResult vyre::verifyOneBlock(func::FuncOp function) {
  if (function.getBody().hasOneBlock())
    return success();
  InFlightDiagnostic diag = function.emitOpError(
      "branches between blocks, expected a straight line of loops");
  diag.attachNote(function.getBody().front().getTerminator()->getLoc())
      << "the first branch is here";
  diag.attachNote() << "fix: a program has no control flow on the host; move "
                       "the choice into the loops";
  return diag;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult vyre::refuseOp(Operation *op, const Twine &reason,
                             const Twine &fix) {
  InFlightDiagnostic diag = op->emitOpError(reason);
  diag.attachNote() << "fix: " << fix;
  return diag;
}

/// Whether a function calls itself, by others too.
static bool callsItself(FunctionOpInterface function) {
  SmallVector<FunctionOpInterface> worklist = {function};
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (!worklist.empty()) {
    WalkResult walk = worklist.pop_back_val()->walk([&](func::CallOp call) {
      auto callee = SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(
          call, call.getCalleeAttr());
      if (callee == function)
        return WalkResult::interrupt();
      if (callee && seen.insert(callee).second)
        worklist.push_back(callee);
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return true;
  }
  return false;
}

/// The diagnostic for an op that can be part of no stage.
LogicalResult vyre::refuseOp(Operation *op, StringRef reason) {
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(
        call, call.getCalleeAttr());
    if (callee && !callee.isExternal() && callsItself(callee))
      return refuseOp(op,
                      "calls @" + call.getCallee() +
                          ", which can't be inlined because it calls itself",
                      "make a loop of the recursion");
    if (callee && !callee.isExternal())
      return refuseOp(op,
                      "calls @" + call.getCallee() + ", which is not inlined",
                      "take no_inline from the call and the function, and make "
                      "one block of the function's body");
    return refuseOp(
        op, "calls @" + call.getCallee() + ", whose effects are not known",
        "give the function a body, so that it is inlined, or vyre.call if it "
        "is "
        "the host's");
  }
  Dialect *dialect = op->getDialect();
  if (isa_and_nonnull<gpu::GPUDialect>(dialect))
    return refuseOp(op, "belongs to a kernel or launches one, expected loops",
                    "describe a kernel that exists already by a "
                    "vyre.opaque_stage");
  if (isa_and_nonnull<linalg::LinalgDialect>(dialect))
    return refuseOp(op, "is not lowered to loops",
                    "run vyre-lower-linalg first, or vyre-input-pipeline");
  if (isa_and_nonnull<tensor::TensorDialect, tosa::TosaDialect,
                      bufferization::BufferizationDialect>(dialect))
    return refuseOp(op,
                    "can't be part of a program, expected loops over memrefs",
                    "run vyre-input-pipeline, which bufferizes and lowers");
  return refuseOp(op, reason,
                  "a program consists of loops, copies, loads and stores over "
                  "buffers that are known at compile time");
}

/// The first op, itself included, that no stage may hold.
static Operation *findForeignOp(Operation *op) {
  Operation *foreign = nullptr;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    Dialect *dialect = inner->getDialect();
    bool isLowered = isa_and_nonnull<scf::SCFDialect, affine::AffineDialect,
                                     memref::MemRefDialect>(dialect);
    bool isForeign =
        isa_and_nonnull<gpu::GPUDialect, linalg::LinalgDialect,
                        tensor::TensorDialect, tosa::TosaDialect,
                        bufferization::BufferizationDialect>(dialect) ||
        (inner->getNumRegions() > 0 && !isLowered);
    if (!isForeign)
      return WalkResult::advance();
    foreign = inner;
    return WalkResult::interrupt();
  });
  return foreign;
}

LogicalResult vyre::verifyNoForeignOps(Operation *op) {
  Operation *foreign = findForeignOp(op);
  return foreign ? refuseOp(foreign, "can't be lowered as part of a loop")
                 : success();
}

//===----------------------------------------------------------------------===//
// Values that the host knows
//===----------------------------------------------------------------------===//

/// The op because of which the host does not know a scalar before the dispatch;
/// null if it does.
static Operation *getDeviceSource(Value value) {
  SmallVector<Value> worklist = {value};
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (!op || isa<memref::DimOp>(op) || !seen.insert(op).second)
      continue;
    if (!isMemoryEffectFree(op) || op->getNumRegions() != 0)
      return op;
    llvm::append_range(worklist, op->getOperands());
  }
  return nullptr;
}

bool vyre::isKnownOnHost(Value value) { return !getDeviceSource(value); }

LogicalResult vyre::verifyKnownOnHost(Operation *op, ValueRange values,
                                      StringRef what) {
  for (Value value : values) {
    Operation *source = getDeviceSource(value);
    if (!source)
      continue;
    InFlightDiagnostic diag = op->emitOpError("has ")
                              << what
                              << " that the host does not know before the "
                                 "dispatch";
    diag.attachNote(source->getLoc())
        << "it depends on this '" << source->getName() << "'";
    diag.attachNote() << "fix: pass it as a scalar argument of the function";
    return diag;
  }
  return success();
}
