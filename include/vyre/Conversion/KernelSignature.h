//===- KernelSignature.h - What a launch passes to its kernel - -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The calling convention of generated code, in one place: convert-vyre-to-gpu
// and convert-vyre-to-cpu build functions with this signature, the artifact
// writer records what the runtime has to pass.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_CONVERSION_KERNELSIGNATURE_H
#define VYRE_CONVERSION_KERNELSIGNATURE_H

#include "vyre/Conversion/SizeExpressions.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

/// The arguments of a launch's kernel: a pointer for each buffer, then a 64-bit
/// value for each scalar.
class KernelSignature {
public:
  /// Derives the signature of a launch with one stage. Fails with a diagnostic
  /// where a body uses a value that cannot be passed.
  static llvm::FailureOr<KernelSignature> compute(LaunchOp launch);

  /// The buffers that the launch touches: arguments of the program by their
  /// slots, then intermediates, then constants, both in program order.
  llvm::ArrayRef<mlir::Value> getBuffers() const { return buffers; }

  /// What is passed by value: extents of dynamic buffers and of the index
  /// space, and the scalars that the body uses, each once.
  llvm::ArrayRef<ProgramScalar> getScalars() const { return scalars; }

  /// The position of a scalar among getScalars(), or -1.
  int64_t getPosition(ProgramScalar scalar) const;

private:
  llvm::LogicalResult addValue(mlir::Value value, mlir::Operation *user);
  void addScalar(ProgramScalar scalar);

  llvm::SmallVector<mlir::Value> buffers;
  llvm::SmallVector<ProgramScalar> scalars;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, unsigned> positions;
};

/// The buffers of a stage in the order that KernelSignature describes.
llvm::SmallVector<mlir::Value> getOrderedBuffers(StageLikeOpInterface stage);

} // namespace vyre

#endif // VYRE_CONVERSION_KERNELSIGNATURE_H
