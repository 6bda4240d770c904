//===- Passes.h - Passes over the dialect --------------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_TRANSFORMS_PASSES_H
#define VYRE_DIALECT_VYRE_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

#define GEN_PASS_DECL
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"

} // namespace vyre

#endif // VYRE_DIALECT_VYRE_TRANSFORMS_PASSES_H
