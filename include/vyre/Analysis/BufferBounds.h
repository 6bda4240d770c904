//===- BufferBounds.h - How large a buffer may be ------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Planners reckon in bytes. A static type says how many a buffer has; where a
// dimension is dynamic, the capacities of the bindings bound it.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_BUFFERBOUNDS_H
#define VYRE_ANALYSIS_BUFFERBOUNDS_H

#include "vyre/Analysis/SymbolicValues.h"

namespace vyre {

/// Upper bounds of the sizes of a program's buffers.
class BufferBounds {
public:
  /// What a dynamic buffer is taken to have at most where nothing bounds it, in
  /// bytes: the default of the option default-capacity.
  static constexpr uint64_t kDefaultBytes = uint64_t(1) << 30;

  BufferBounds(ProgramOp program, SymbolicValues &symbols);

  /// The most bytes that a buffer of the program (an argument, an intermediate
  /// or a constant) may have. Exact for a static type.
  uint64_t getByteBound(mlir::Value buffer);

private:
  uint64_t compute(mlir::Value buffer);
  /// The largest value of an extent, if it is bounded.
  std::optional<uint64_t> getExtentBound(mlir::AffineExpr extent) const;
  /// The dynamic extents of a buffer, sorted.
  std::vector<mlir::AffineExpr> getDynamicExtents(mlir::Value buffer);

  ProgramOp program;
  SymbolicValues &symbols;
  llvm::DenseMap<mlir::Value, uint64_t> bytes;
  /// The most that an extent, or a product of extents, can be beside a
  /// binding's capacity.
  std::map<std::vector<const void *>, uint64_t> productBounds;
};

} // namespace vyre

#endif // VYRE_ANALYSIS_BUFFERBOUNDS_H
