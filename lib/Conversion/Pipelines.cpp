//===- Pipelines.cpp - From kernels to the LLVM dialect -------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Conversion/Pipelines.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ComplexToStandard/ComplexToStandard.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "vyre/Conversion/Passes.h"

using namespace mlir;

namespace vyre {

/// What both backends do first, so that both compute the same.
static void addCommonPasses(OpPassManager &manager, MathMode math) {
  LegalizeFloatsOptions floats;
  floats.math = math == MathMode::Portable ? "portable" : "library";
  manager.addPass(createLegalizeFloats(floats));
  manager.addPass(createLinearizeAccesses());
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  manager.addPass(createConvertVectorToSCFPass(
      VectorTransferToSCFOptions().enableFullUnroll()));
  manager.addPass(createConvertComplexToStandardPass());
  manager.addPass(arith::createArithExpandOpsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void buildGPULoweringPipeline(OpPassManager &manager, unsigned indexBitwidth,
                              MathMode math) {
  manager.addPass(createLoadKernelPointers());
  ExpandReductionsOptions reductions;
  reductions.lanes = "stack";
  manager.addPass(createExpandReductions(reductions));
  addCommonPasses(manager, math);
  manager.addPass(createShareReciprocals());
  manager.addPass(createSCFToControlFlowPass());
  ConvertIndexToLLVMPassOptions index;
  index.indexBitwidth = indexBitwidth;
  manager.addPass(createConvertIndexToLLVMPass(index));
  ConvertGpuOpsToNVVMOpsOptions nvvm;
  nvvm.indexBitwidth = indexBitwidth;
  nvvm.useBarePtrCallConv = true;
  manager.addPass(createConvertGpuOpsToNVVMOps(nvvm));
  manager.addPass(createConvertExactMathToLLVM());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createAddPersistentEntries());
}

void buildCPULoweringPipeline(OpPassManager &manager, MathMode math) {
  manager.addPass(createExpandReductions());
  addCommonPasses(manager, math);
  manager.addPass(createSCFToControlFlowPass());
  ConvertMathToLLVMPassOptions mathToLLVM;
  mathToLLVM.approximateLog1p = false;
  manager.addPass(createConvertMathToLLVMPass(mathToLLVM));
  manager.addPass(createConvertMathToLibmPass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  ConvertFuncToLLVMPassOptions func;
  func.useBarePtrCallConv = true;
  manager.addPass(createConvertFuncToLLVMPass(func));
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

} // namespace vyre
