//===- VyreDialect.h - The Vyre dialect -----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREDIALECT_H
#define VYRE_DIALECT_VYRE_IR_VYREDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"

#include "vyre/Dialect/Vyre/IR/VyreDialect.h.inc"

#endif // VYRE_DIALECT_VYRE_IR_VYREDIALECT_H
