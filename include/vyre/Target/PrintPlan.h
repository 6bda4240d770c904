//===- PrintPlan.h - A program's plan as text ----------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TARGET_PRINTPLAN_H
#define VYRE_TARGET_PRINTPLAN_H

#include "mlir/IR/BuiltinOps.h"

namespace vyre {

/// Prints for each program its bindings, and its launches with their stages,
/// what they read and write, for a person to read.
void printPlan(mlir::ModuleOp module, llvm::raw_ostream &os);

} // namespace vyre

#endif // VYRE_TARGET_PRINTPLAN_H
