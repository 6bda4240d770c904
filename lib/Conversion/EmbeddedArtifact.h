//===- EmbeddedArtifact.h - An artifact inside a module ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What host code needs to dispatch programs, as globals and functions in the
// LLVM dialect: the artifact's bytes, the structs of vyre-c/Embedded.h, and a
// function that looks at a status.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_EMBEDDEDARTIFACT_H
#define VYRE_LIB_CONVERSION_EMBEDDEDARTIFACT_H

#include "vyre-c/Embedded.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace vyre {

/// The runtime's name for an element type that isDeviceElementType accepts.
VyreElementType getRuntimeElementType(mlir::Type type);

class EmbeddedArtifact {
public:
  /// Puts the artifact of file `path` into `module`, for dispatches of
  /// `programs` on `device`. Fails with a diagnostic where the file is no
  /// artifact, or where one of the programs is not in it or takes other
  /// arguments. A failed dispatch calls `handler`, a function that takes the
  /// status; if it is empty, the process says what failed and aborts.
  static mlir::FailureOr<EmbeddedArtifact>
  create(mlir::ModuleOp module, llvm::ArrayRef<ProgramOp> programs,
         llvm::StringRef path, llvm::StringRef device, llvm::StringRef handler);

  /// The VyreEmbeddedProgram of a program.
  mlir::LLVM::GlobalOp getProgram(mlir::StringAttr name) const {
    return programs.lookup(name);
  }
  mlir::LLVM::LLVMFuncOp getDispatchFunction() const { return dispatch; }
  /// Takes a status and returns if it is a success.
  mlir::LLVM::LLVMFuncOp getCheckFunction() const { return check; }

private:
  llvm::DenseMap<mlir::StringAttr, mlir::LLVM::GlobalOp> programs;
  mlir::LLVM::LLVMFuncOp dispatch, check;
};

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_EMBEDDEDARTIFACT_H
