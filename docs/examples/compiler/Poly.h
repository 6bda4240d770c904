//===- Poly.h - A dialect of polynomials, and its lowering ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POLY_H
#define POLY_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"

#include "PolyDialect.h.inc"

#define GET_OP_CLASSES
#include "Poly.h.inc"

namespace poly {

/// A pass on functions: what is of the dialect becomes linalg on tensors.
std::unique_ptr<mlir::Pass> createLowerPoly();

} // namespace poly

#endif // POLY_H
