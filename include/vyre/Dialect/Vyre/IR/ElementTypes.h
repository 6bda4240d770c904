//===- ElementTypes.h - What buffers and scalars may hold ----- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_ELEMENTTYPES_H
#define VYRE_DIALECT_VYRE_IR_ELEMENTTYPES_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Types.h"
#include "mlir/Support/LLVM.h"

namespace vyre {

/// The types that device memory and scalar arguments may have: f16, bf16, f32,
/// f64, i1, i8, i16, i32, i64 and index.
bool isDeviceElementType(mlir::Type type);

/// The size of an element in memory, in bytes: i1 takes one, index eight.
uint64_t getElementByteCount(mlir::Type type);

/// Checks that `type` is a memref that stages can use: ranked, row-major with
/// identity layout, default memory space, device element type, its static size
/// below 2^63 bytes. `emitError` starts the diagnostic.
llvm::LogicalResult
verifyBufferType(mlir::Type type,
                 llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

} // namespace vyre

#endif // VYRE_DIALECT_VYRE_IR_ELEMENTTYPES_H
