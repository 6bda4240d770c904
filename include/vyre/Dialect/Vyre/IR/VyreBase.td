//===- VyreBase.td - The Vyre dialect -----------------------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREBASE
#define VYRE_DIALECT_VYRE_IR_VYREBASE

include "mlir/IR/OpBase.td"

def Vyre_Dialect : Dialect {
  let name = "vyre";
  let cppNamespace = "::vyre";
  let summary = "What the host does to run a sequence of kernels";
  let description = [{
    Other dialects say what a kernel computes; this one says what the host has to
    do to run a sequence of them: how many launches there are, on which buffers
    they work, and which bytes come back.

    A `vyre.program` is a straight line of stages over bindings. Its arguments are
    scalars, passed by value, or row-major memrefs that carry a
    `#vyre.binding`. At its top level stand only ops of this dialect and pure
    arithmetic on scalars; memory is touched inside stages alone. That makes
    every size of a dispatch an expression over the extents of its inputs and
    its scalars, known before anything is launched.

    There are two levels. In the *logical* form a program holds stages. In the
    *physical* form each stage stands inside a `vyre.launch`, one device launch.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();

    /// The name of the argument attribute that holds a binding.
    static constexpr ::llvm::StringLiteral kBindingAttrName = "vyre.binding";

    /// The name of the result attribute that says which result of a function
    /// counts the leading rows that are meaningful.
    static constexpr ::llvm::StringLiteral kCountResultAttrName = "vyre.count_result";

    /// The name of the attribute of an external function that says that it is a call
    /// of the host's.
    static constexpr ::llvm::StringLiteral kCallAttrName = "vyre.call";

    /// The name of the attribute that says after what a stage is to be named.
    static constexpr ::llvm::StringLiteral kStageNameAttrName = "vyre.stage_name";

    /// The name of the unit attribute of a loop or stage whose points, where a store's
    /// indices are all of theirs, are those of the whole buffer: its source demands that.
    static constexpr ::llvm::StringLiteral kCoversAttrName = "vyre.covers";
  }];
}

class Vyre_Op<string mnemonic, list<Trait> traits = []>
    : Op<Vyre_Dialect, mnemonic, traits>;

#endif // VYRE_DIALECT_VYRE_IR_VYREBASE
