//===- BufferAccess.h - Which buffers a body touches ---------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that says which buffers the ops of a stage body read and write.
// The verifier, the passes that form and fuse stages and the analyses ask it.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_BUFFERACCESS_H
#define VYRE_DIALECT_VYRE_IR_BUFFERACCESS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Region.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

namespace vyre {

/// One op's access to one buffer.
struct BufferAccess {
  mlir::Operation *op;
  /// The memref at the end of the chain of views: a block argument, an
  /// allocation or a `vyre.intermediate` / `vyre.constant`.
  mlir::Value buffer;
  bool reads;
  bool writes;
};

/// Follows views (subview, cast, collapse, expand, reinterpret, ...) to the
/// buffer that they look at. Null where the memref is not one known buffer: the
/// result of a select, a call or a region.
mlir::Value getUnderlyingBuffer(mlir::Value memref);

/// What keeps the accesses of a body from being known.
struct UnknownAccess {
  mlir::Operation *op;
  llvm::StringRef reason;
};

/// Appends all accesses of the ops in `region`, nested ones included. Returns
/// the first op whose effects are not known or whose buffer cannot be told.
std::optional<UnknownAccess>
collectBufferAccesses(mlir::Region &region,
                      llvm::SmallVectorImpl<BufferAccess> &accesses);

/// The same for one op and what it contains.
std::optional<UnknownAccess>
collectBufferAccesses(mlir::Operation *op,
                      llvm::SmallVectorImpl<BufferAccess> &accesses);

} // namespace vyre

#endif // VYRE_DIALECT_VYRE_IR_BUFFERACCESS_H
