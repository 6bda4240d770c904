//===- FormProgramCalls.cpp - Calls of the host's as stages ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   func.func private @sort(memref<?xf32> {bufferization.access = "read"},
//                           memref<?xf32> {bufferization.access = "write"})
//       -> memref<?xf32> attributes {vyre.call = #vyre.call}
//
//   %r = call @sort(%x, %y)   ->   vyre.call_stage @sort @sort
//   ... %r ...                         reads(%x) writes(%y)
//                                  ... %y ...
//
// In two steps: before loops are unrolled what a call returns becomes what it
// was passed, since stages return nothing. When buffers are known after that,
// each call becomes a stage; of what is passed as a part of a buffer, or as a
// view of it, the stage gets a copy.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Remarks.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace vyre;

func::FuncOp vyre::getHostFunction(Operation *op) {
  auto call = dyn_cast<func::CallOp>(op);
  if (!call)
    return nullptr;
  auto function = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  bool isHosts = function && function.isExternal() &&
                 function->hasAttr(VyreDialect::kCallAttrName);
  return isHosts ? function : nullptr;
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

namespace {
/// What a function does with one of its buffers.
struct Access {
  bool reads = true, writes = true;
};
} // namespace

/// What a declaration says of an argument, by upstream's attribute, which its
/// dialect verifies; the most where it says nothing.
static Access getAccess(func::FuncOp function, unsigned argument) {
  auto stated = function.getArgAttrOfType<StringAttr>(
      argument, bufferization::BufferizationDialect::kBufferAccessAttrName);
  StringRef access = stated ? stated.getValue() : "read-write";
  if (access == "write")
    return Access{false, true};
  return Access{true, access == "read-write"};
}

static LogicalResult verifyParameterType(func::FuncOp function,
                                         unsigned argument) {
  Type type = function.getArgumentTypes()[argument];
  auto emitError = [&] {
    return function.emitOpError("argument ")
           << argument << " of a call of the host's ";
  };
  return verifyArgumentType(type, emitError);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Replaces what calls return by what they wrote, in order.
LogicalResult vyre::tieCallResults(ProgramOp program) {
  auto result = program.walk([&](func::CallOp call) {
    func::FuncOp function = getHostFunction(call);
    if (!function || call.getNumResults() == 0)
      return WalkResult::advance();
    SmallVector<Value> written;
    for (auto [position, operand] : llvm::enumerate(call.getOperands())) {
      if (getAccess(function, position).writes &&
          isa<BaseMemRefType>(operand.getType()))
        written.push_back(operand);
    }
    OpBuilder builder(call);
    builder.setInsertionPointAfter(call);
    for (OpResult value : call.getResults()) {
      unsigned number = value.getResultNumber();
      bool isTied = number < written.size() &&
                    written[number].getType() == value.getType();
      if (!isTied) {
        InFlightDiagnostic diag =
            call.emitOpError("returns ")
            << value.getType() << " as result " << number << ", expected "
            << (number < written.size()
                    ? "what it writes as buffer " + Twine(number)
                    : Twine("one for each buffer that it writes"));
        diag.attachNote(function.getLoc()) << "it is declared here";
        diag.attachNote() << "fix: return the buffers that it writes, in "
                             "order, or nothing";
        return WalkResult::interrupt();
      }
      value.replaceAllUsesWith(written[number]);
    }
    func::CallOp::create(builder, call.getLoc(), call.getCalleeAttr(),
                         TypeRange(), call.getOperands())
        ->setDiscardableAttrs(call->getDiscardableAttrDictionary());
    call.erase();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

/// Memory of the program's own for a view that a function is passed, with a
/// copy there before the call, if it reads, and one back behind it, if it
/// writes.
static FailureOr<Value> copyView(func::CallOp call, unsigned argument,
                                 Value view, Access access) {
  auto type = cast<MemRefType>(view.getType());
  OpBuilder builder(call);
  FailureOr<SmallVector<Value>> extents =
      buildExtents(builder, call.getLoc(), view);
  if (failed(extents))
    return refuseOp(call,
                    "passes a view whose extents are not known as argument " +
                        Twine(argument),
                    "make it by memref.subview or memref.expand_shape, which "
                    "state their extents");
  SmallVector<Value> sizes;
  for (auto [position, extent] : llvm::enumerate(*extents))
    if (type.isDynamicDim(position))
      sizes.push_back(extent);
  remark::missed(
      call.getLoc(),
      remark::RemarkOpts::name("copied-argument").category(kFormProgramRemarks))
      << remark::reason("it is a view, expected a whole buffer")
      << remark::metric("argument", argument);
  Value memory = memref::AllocOp::create(
      builder, call.getLoc(),
      MemRefType::get(type.getShape(), type.getElementType()), sizes);
  if (access.reads)
    memref::CopyOp::create(builder, call.getLoc(), view, memory);
  if (access.writes) {
    builder.setInsertionPointAfter(call);
    memref::CopyOp::create(builder, call.getLoc(), memory, view);
  }
  return memory;
}

/// Whether a memref is all of a buffer, with its shape.
static bool isWholeBuffer(Value memref) {
  if (isa<BlockArgument>(memref))
    return true;
  return isa<memref::AllocOp, memref::AllocaOp, memref::GetGlobalOp>(
             memref.getDefiningOp()) &&
         cast<MemRefType>(memref.getType()).getLayout().isIdentity();
}

namespace {
/// What a call passes, by buffer.
struct PassedBuffers {
  llvm::MapVector<Value, Access> accesses;
  /// In the order of the function.
  SmallVector<Value> order;
};
} // namespace

static FailureOr<PassedBuffers> collectBuffers(func::CallOp call,
                                               func::FuncOp function) {
  PassedBuffers passed;
  DenseMap<Value, Value> copies;
  for (unsigned i = 0, e = call.getNumOperands(); i != e; ++i) {
    Access access = getAccess(function, i);
    if (failed(verifyParameterType(function, i)))
      return failure();
    if (!isa<BaseMemRefType>(call.getOperand(i).getType()))
      continue;
    Value buffer = peelCasts(call.getOperand(i));
    if (!getUnderlyingBuffer(buffer))
      return refuseOp(call,
                      "passes a buffer that is not one known buffer as "
                      "argument " +
                          Twine(i),
                      "pass an argument, an allocation or a view of one");
    if (!isWholeBuffer(buffer)) {
      FailureOr<Value> copy = copyView(call, i, buffer, access);
      if (failed(copy))
        return failure();
      buffer = *copy;
    }
    auto [entry, isNew] = passed.accesses.try_emplace(buffer, access);
    if (!isNew) {
      entry->second.reads |= access.reads;
      entry->second.writes |= access.writes;
    }
    passed.order.push_back(buffer);
  }
  return passed;
}

/// Why a call does not stand where a stage can.
static LogicalResult refusePlace(func::CallOp call) {
  std::string what = ("calls @" + call.getCallee() + " in '" +
                      call->getParentOp()->getName().getStringRef() + "'")
                         .str();
  return refuseOp(call, what + ", expected the top level of the function",
                  "call a function of the host's once for all points, under no "
                  "condition");
}

static LogicalResult formCall(func::CallOp call, func::FuncOp function) {
  FailureOr<PassedBuffers> passed = collectBuffers(call, function);
  if (failed(passed))
    return failure();
  SmallVector<Value> reads, writes, updates, scalars;
  for (auto [buffer, access] : passed->accesses)
    (access.reads ? access.writes ? updates : reads : writes).push_back(buffer);
  for (Value operand : call.getOperands())
    if (!isa<BaseMemRefType>(operand.getType()))
      scalars.push_back(operand);
  SmallVector<Value> grouped;
  for (ArrayRef<Value> group : {reads, writes, updates})
    llvm::append_range(grouped, group);
  SmallVector<int32_t> order;
  for (Value buffer : passed->order)
    order.push_back(llvm::find(grouped, buffer) - grouped.begin());

  OpBuilder builder(call);
  auto info = cast<CallAttr>(function->getAttr(VyreDialect::kCallAttrName));
  Value scratch;
  if (info.getScratchBytes() != 0)
    scratch = memref::AllocOp::create(
        builder, call.getLoc(),
        MemRefType::get({int64_t(info.getScratchBytes())},
                        builder.getI8Type()));
  CallStageOp::create(
      builder, call.getLoc(), call.getCallee(), call.getCallee(), reads, writes,
      scratch, updates, scalars,
      passed->order == grouped ? DenseI32ArrayAttr()
                               : builder.getDenseI32ArrayAttr(order),
      info.getHostBoundary(), info.getNoCapture());
  call.erase();
  return success();
}

LogicalResult vyre::formCalls(ProgramOp program) {
  SmallVector<func::CallOp> calls;
  program.walk([&](func::CallOp call) {
    if (getHostFunction(call))
      calls.push_back(call);
  });
  for (func::CallOp call : calls) {
    if (call->getParentOp() != program)
      return refusePlace(call);
    if (failed(formCall(call, getHostFunction(call))))
      return failure();
  }
  return success();
}
