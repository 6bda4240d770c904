//===- FormProgramTransfers.cpp - Vector transfers as loads and stores ----===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vector.transfer_read %x[%i], %pad : memref<?xf32>, vector<4xf32>
//
//     ->  for each of the four elements:
//           scf.if (it is inside of %x) { memref.load } else { %pad }
//
// and a vector.load where all of them are said to be inside. Not every target
// lowers transfers, and the analyses know loads and stores alone.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace vyre;

LogicalResult vyre::lowerTransfers(ModuleOp module) {
  RewritePatternSet patterns(module.getContext());
  populateVectorToSCFConversionPatterns(
      patterns, VectorTransferToSCFOptions().enableFullUnroll());
  vector::populateVectorTransferLoweringPatterns(patterns,
                                                 /*maxTransferRank=*/1);
  vector::populateVectorMaskMaterializationPatterns(
      patterns, /*force32BitVectorIndices=*/false);
  vector::populateVectorMaskedLoadStoreEmulationPatterns(patterns);
  return applyPatternsGreedily(module, std::move(patterns));
}
