//===- VyreOps.h - Operations of the dialect ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREOPS_H
#define VYRE_DIALECT_VYRE_IR_VYREOPS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Dialect/Vyre/IR/VyreAttributes.h"
#include "vyre/Dialect/Vyre/IR/VyreDialect.h"
#include "vyre/Dialect/Vyre/IR/VyreInterfaces.h"

namespace vyre {
class ExtentsOp;
class ReturnOp;
} // namespace vyre

#define GET_OP_CLASSES
#include "vyre/Dialect/Vyre/IR/VyreOps.h.inc"

#endif // VYRE_DIALECT_VYRE_IR_VYREOPS_H
