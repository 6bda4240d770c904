//===- ReductionOrder.h - The fixed order of reductions ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vyre-expand-reductions documents the order; whoever shares a reduction among
// threads takes the number of lanes from here.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_CONVERSION_REDUCTIONORDER_H
#define VYRE_CONVERSION_REDUCTIONORDER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"

namespace vyre {

/// The most lanes of any reduction.
inline constexpr int64_t kMaxLanes = 4096;

/// The lanes of a reduction over `extent` points: a power of two.
int64_t getReductionLanes(int64_t extent);

/// The same for an extent that is only known at run time.
mlir::Value buildReductionLanes(mlir::OpBuilder &builder, mlir::Location loc,
                                mlir::Value extent);

/// The most points of a reduction in so many lanes; none where there may be any
/// number of them.
std::optional<int64_t> getMostPoints(int64_t lanes);

/// The value that a combiner (a region of scf.reduce) maps every other value
/// to itself with; none where the combiner is not a single known op.
std::optional<mlir::TypedAttr> getReductionNeutral(mlir::Region &combiner);

} // namespace vyre

#endif // VYRE_CONVERSION_REDUCTIONORDER_H
