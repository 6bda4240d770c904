//===- Passes.td - Passes over the dialect ------------------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_TRANSFORMS_PASSES
#define VYRE_DIALECT_VYRE_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def FormLaunches : Pass<"vyre-form-launches", "::vyre::ProgramOp"> {
  let summary = "give every stage that is in no launch one of its own";
  let description = [{
    Takes a program from the logical to the physical form. Launches that are there
    already stay as they are, so that the pass can follow fusion, or stand in for it.

    Example:

    ```mlir
    vyre.stage @a (%i) in (%n) ...
    // becomes
    vyre.launch @a { vyre.stage @a (%i) in (%n) ... }
    ```
  }];
}

#endif // VYRE_DIALECT_VYRE_TRANSFORMS_PASSES
