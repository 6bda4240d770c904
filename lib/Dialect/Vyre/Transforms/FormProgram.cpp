//===- FormProgram.cpp - From functions of loops to programs --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   func.func @f(%x: memref<?xf32>) -> memref<?xf32> {
//     %y = memref.alloc(%n)
//     scf.parallel (%i) = (%c0) to (%n) step (%c1) { y[i] = 2 * x[i] }
//     return %y
//   }
//
//     ->  vyre.program @f(%x: memref<?xf32> {vyre.binding = ...},
//                         %y: memref<?xf32> {vyre.binding = ...}) -> ... {
//           vyre.extents %y[%n]
//           vyre.stage @loop_0 (%i) in (%n) reads(%x) writes(%y) { ... }
//           vyre.return %y
//         }
//
// What the steps are, and in which order they run, FormProgram.h tells.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/VectorInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#define DEBUG_TYPE "vyre-form-program"

namespace vyre {
#define GEN_PASS_DEF_FORMPROGRAM
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// The signature
//===----------------------------------------------------------------------===//

LogicalResult
vyre::verifyArgumentType(Type type,
                         function_ref<InFlightDiagnostic()> emitError) {
  if (isa<BaseMemRefType>(type))
    return verifyBufferType(type, emitError);
  if (isDeviceElementType(type))
    return success();
  return emitError() << "has type " << type
                     << ", expected a memref or a scalar of type f16, bf16, "
                        "f32, f64, i1, i8, i16, i32, i64 or index";
}

/// A count is another result, of one integer.
static LogicalResult verifyCounts(func::FuncOp function) {
  for (unsigned i = 0, e = function.getNumResults(); i != e; ++i) {
    auto attribute = function.getResultAttrOfType<IntegerAttr>(
        i, VyreDialect::kCountResultAttrName);
    if (!attribute)
      continue;
    auto emitError = [&] {
      return function.emitOpError("result ")
             << i << " has " << VyreDialect::kCountResultAttrName << " = "
             << attribute.getInt() << ", ";
    };
    int64_t position = attribute.getInt();
    if (position < 0 || position >= int64_t(e) || position == int64_t(i))
      return emitError() << "expected another of the " << e << " results";
    auto counted = dyn_cast<MemRefType>(function.getResultTypes()[i]);
    if (!counted || counted.getRank() == 0)
      return emitError() << "and type " << function.getResultTypes()[i]
                         << ", expected rows to count";
    Type count = function.getResultTypes()[position];
    Type element = getElementTypeOrSelf(count);
    auto memref = dyn_cast<MemRefType>(count);
    if (!element.isIntOrIndex() || element.isInteger(1) ||
        (memref && (!memref.hasStaticShape() || memref.getNumElements() != 1)))
      return emitError() << "which has type " << count
                         << ", expected one integer";
  }
  return success();
}

/// What to do about a type that no program can have.
static StringRef getTypeFix(Type type) {
  if (isa<UnrankedMemRefType, UnrankedTensorType>(type))
    return "give it a rank";
  if (isa<ComplexType>(getElementTypeOrSelf(type)))
    return "pass real and imaginary parts by themselves, or in a dimension of "
           "their own";
  if (!isDeviceElementType(getElementTypeOrSelf(type)))
    return "convert it to one of these before it is passed";
  if (isa<VectorType>(type))
    return "pass its elements in a memref";
  auto memref = dyn_cast<MemRefType>(type);
  if (memref && !memref.getLayout().isIdentity())
    return "pass the whole buffer and make the view in the function, by "
           "memref.subview";
  if (memref && memref.getMemorySpace())
    return "leave the memory space to the program";
  if (isa<TensorType>(type))
    return "run vyre-input-pipeline, which bufferizes";
  return "pass less in one buffer";
}

static LogicalResult verifySignature(func::FuncOp function) {
  auto emitErrorOf = [&](StringRef what, unsigned index, Type type) {
    InFlightDiagnostic diag = function.emitOpError(what) << " " << index << " ";
    diag.attachNote() << "fix: " << getTypeFix(type);
    return diag;
  };
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto emitError = [&, index = index, type = type] {
      return emitErrorOf("argument", index, type);
    };
    if (failed(verifyArgumentType(type, emitError)))
      return failure();
  }
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    auto emitError = [&, index = index, type = type] {
      return emitErrorOf("result", index, type);
    };
    // A view may have any layout: it is copied.
    Type copied = type;
    if (auto memref = dyn_cast<MemRefType>(copied))
      copied = MemRefType::get(memref.getShape(), memref.getElementType());
    if (failed(verifyArgumentType(copied, emitError)))
      return failure();
  }
  if (failed(verifyCounts(function)))
    return failure();
  return verifyOneBlock(function);
}

/// An empty program with the signature of the function and all of its
/// attributes but those of bufferization; the body moves over.
static ProgramOp moveIntoProgram(func::FuncOp function) {
  OpBuilder builder(function);
  auto program =
      ProgramOp::create(builder, function.getLoc(), function.getSymName(),
                        function.getFunctionType());
  program.getBody().takeBody(function.getBody());
  for (NamedAttribute attribute : function->getDiscardableAttrs())
    program->setDiscardableAttr(attribute.getName(), attribute.getValue());
  for (unsigned i = 0, e = function.getNumArguments(); i != e; ++i)
    for (NamedAttribute attribute :
         mlir::function_interface_impl::getArgAttrs(function, i))
      if (!isa_and_nonnull<bufferization::BufferizationDialect>(
              attribute.getNameDialect()))
        program.setArgAttr(i, attribute.getName(), attribute.getValue());
  if (ArrayAttr attributes = function.getResAttrsAttr())
    program.setResAttrsAttr(attributes);
  function.erase();
  return program;
}

static LogicalResult formProgram(func::FuncOp function, int64_t maxUnroll,
                                 uint64_t defaultCapacity) {
  if (failed(verifySignature(function)))
    return failure();
  ProgramOp program = moveIntoProgram(function);
  if (failed(tieCallResults(program)) ||
      failed(removeSequentialLoops(program, maxUnroll)) ||
      failed(formCalls(program)))
    return failure();
  expandSizes(program);
  if (failed(formRequirements(program)) || failed(isolateResults(program)) ||
      failed(eraseDeallocations(program)) || failed(foldTransposes(program)))
    return failure();
  foldSplatLoads(program);
  if (failed(formStages(program)) || failed(sinkIntoStages(program)) ||
      failed(bindMemory(program, defaultCapacity)))
    return failure();
  unsigned count = llvm::range_size(program.getOps<StageLikeOpInterface>());
  remark::passed(program.getLoc(), remark::RemarkOpts::name("formed-program")
                                       .category(kFormProgramRemarks)
                                       .function(program.getSymName()))
      << remark::metric("stages", count);
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

struct FormProgram : vyre::impl::FormProgramBase<FormProgram> {
  using FormProgramBase::FormProgramBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(normalize(module)))
      return signalPassFailure();
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      if (!becomesProgram(function))
        continue;
      if (failed(formProgram(function, maxUnroll, defaultCapacity)))
        return signalPassFailure();
    }
    eraseUnusedPrivateFunctions(module);
  }

  /// Brings calls and affine loops to what the steps know, where there are any.
  LogicalResult normalize(ModuleOp module) {
    bool hasTransfers = module
                            .walk([](VectorTransferOpInterface) {
                              return WalkResult::interrupt();
                            })
                            .wasInterrupted();
    if (hasTransfers && failed(lowerTransfers(module)))
      return failure();
    bool makesCalls = false, hasAffineLoops = false;
    module.walk([&](Operation *op) {
      makesCalls |= isa<func::CallOp>(op);
      hasAffineLoops |=
          isa<affine::AffineForOp, affine::AffineParallelOp, affine::AffineIfOp,
              affine::AffineLoadOp, affine::AffineStoreOp>(op);
    });
    OpPassManager pipeline(ModuleOp::getOperationName());
    if (makesCalls)
      pipeline.addPass(createInlinerPass());
    if (hasAffineLoops)
      pipeline.addNestedPass<func::FuncOp>(createLowerAffinePass());
    return runPipeline(pipeline, module);
  }

  /// What was inlined everywhere is no longer needed.
  static void eraseUnusedPrivateFunctions(ModuleOp module) {
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (function.isPrivate() && function.symbolKnownUseEmpty(module))
        function.erase();
  }
};

} // namespace
