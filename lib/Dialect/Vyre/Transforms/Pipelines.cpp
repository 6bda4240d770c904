//===- Pipelines.cpp - From other dialects to programs --------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/Transforms/Pipelines.h"

#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

using namespace mlir;

namespace vyre {

static void addCleanup(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

static void addTosaLowering(OpPassManager &manager) {
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(tosa::createTosaOptionalDecompositionsPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(tosa::createTosaInferShapesPass());
  function.addPass(tosa::createTosaMakeBroadcastablePass());
  // What has a region or an index operand that linalg has no form for.
  function.addPass(createPrepareTensors());
  function.addPass(createTosaToSCFPass());
  function.addPass(tosa::createTosaToLinalgNamed());
  function.addPass(createCanonicalizerPass());
  function.addPass(tosa::createTosaLayerwiseConstantFoldPass());
  function.addPass(tosa::createTosaMakeBroadcastablePass());
  function.addPass(tosa::createTosaToLinalg());
  TosaToArithPassOptions arith;
  arith.includeApplyRescale = true;
  function.addPass(createTosaToArithPass(arith));
  function.addPass(createTosaToTensorPass());
}

static void addBufferization(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  // Extents from the inputs they come from: equal ones are then the same value.
  manager.addNestedPass<func::FuncOp>(
      memref::createResolveRankedShapeTypeResultDimsPass());
  addCleanup(manager);
  PrepareTensorsOptions prepare;
  prepare.verify = true;
  manager.addNestedPass<func::FuncOp>(createPrepareTensors(prepare));
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  // Loops that yield a fresh buffer each time are unrolled later.
  options.allowReturnAllocsFromLoops = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  options.unknownTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  manager.addPass(bufferization::createOneShotBufferizePass(options));
}

void buildInputPipeline(OpPassManager &manager,
                        const InputPipelineOptions &options) {
  // Before canonicalization, which the inliner does too, moves what the source
  // states.
  manager.addNestedPass<func::FuncOp>(createAssertShapes());
  manager.addPass(createInlinerPass());
  manager.addPass(createSymbolDCEPass());
  addTosaLowering(manager);
  addBufferization(manager);
  addCleanup(manager);
  manager.addNestedPass<func::FuncOp>(createForallToParallelLoopPass());
  manager.addNestedPass<func::FuncOp>(createLowerLinalg());
  addCleanup(manager);
  FormProgramOptions form;
  form.defaultCapacity = options.defaultCapacity;
  form.maxUnroll = options.maxUnroll;
  manager.addPass(createFormProgram(form));
  addCleanup(manager);
  manager.addPass(createSymbolDCEPass());
}

void registerVyrePipelines() {
  PassPipelineRegistration<InputPipelineOptions>(
      "vyre-input-pipeline",
      "From functions on tensors or memrefs to programs in logical form.",
      buildInputPipeline);
}

} // namespace vyre
