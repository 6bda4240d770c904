//===- Registration.h - All of Vyre at once ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For tools that want every dialect and pass: vyre-opt and the plugin take them
// from here, so that one has what the other has.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_REGISTRATION_H
#define VYRE_REGISTRATION_H

#include "vyre/Conversion/Passes.h"
#include "vyre/Dialect/Vyre/IR/VyreDialect.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"
#include "vyre/Dialect/Vyre/Transforms/Pipelines.h"

#include "mlir/IR/DialectRegistry.h"

namespace vyre {

/// Adds the dialect to `registry`. It is loaded when it is first met.
inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<VyreDialect>();
}

/// Makes all passes and pipelines known by name to the process. Once per
/// process: a second registration of a pipeline is an error of MLIR's.
inline void registerAllPasses() {
  registerVyreConversionPasses();
  registerVyrePasses();
  registerVyrePipelines();
}

} // namespace vyre

#endif // VYRE_REGISTRATION_H
