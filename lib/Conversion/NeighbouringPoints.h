//===- NeighbouringPoints.h - A body for several points ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A body for several points of one thread. What it accesses is accessed as
// vectors where points are neighbours in memory too:
//
//   %a = memref.load %x[%i, %j]        %v = vector.load %x[%i, %j0]
//   %b = arith.mulf %a, %a        ->   %a0 = %v[0] ... %a3 = %v[3]
//   memref.store %b, %y[%i, %j]        %b0 = arith.mulf %a0, %a0 ...
//                                      vector.store (%b0, ..., %b3), %y[%i,
//                                      %j0]
//
// A sequential loop that is the same for all points becomes one loop that
// carries the values of all of them, so that they share what it loads:
//
//   %s = scf.for %k ... (%t = %zero)   %s0, ..., %s3 = scf.for %k ...
//     %p = a[%i, %k] * b[%k, %j]  ->     %v = vector.load %b[%k, %j0]
//     yield %t + %p                      yield %t0 + a[%i, %k] * %v[0], ...
//
// Points do not depend on one another, so an op may be built for all of them
// before the next one is.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_NEIGHBOURINGPOINTS_H
#define VYRE_LIB_CONVERSION_NEIGHBOURINGPOINTS_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace vyre {

/// How an access moves through memory when an index grows by one.
enum class Stride { None, One, Other };

/// That of an access at `indices`, in a row-major buffer.
Stride getStride(mlir::ValueRange indices, mlir::Value index);

/// The indices of a memref.load or memref.store; none for another op.
std::optional<mlir::ValueRange> getAccessIndices(mlir::Operation *op);

/// Whether `loop`, in a body for points at `indices`, runs alike for all
/// points.
bool isUniform(mlir::scf::ForOp loop, mlir::ValueRange indices);

/// Clones the ops of `body` before its terminator once for each mapping. Each
/// run of `neighbours` mappings maps `index` to a multiple of their number plus
/// 0, 1, 2, ...; the points of a body are told apart by `indices`. An op that
/// `buildOp` returns true for is not cloned: it has mapped the results.
using BuildOp = llvm::function_ref<bool(
    mlir::Operation &, llvm::MutableArrayRef<mlir::IRMapping>)>;
void clonePoints(mlir::OpBuilder &builder, mlir::Block &body, mlir::Value index,
                 int64_t neighbours, mlir::ValueRange indices,
                 llvm::MutableArrayRef<mlir::IRMapping> points,
                 BuildOp buildOp = nullptr);

/// Unrolls a loop of several points, if it has no other loop in it: what some
/// iterations load is then on its way together.
void unrollTileLoop(mlir::scf::ForOp loop);

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_NEIGHBOURINGPOINTS_H
