//===- VyreInterfaces.td - Interfaces of the dialect --------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREINTERFACES
#define VYRE_DIALECT_VYRE_IR_VYREINTERFACES

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def StageLikeOpInterface : OpInterface<"StageLikeOpInterface", [MemoryEffectsOpInterface]> {
  let cppNamespace = "::vyre";
  let description = [{
    One step of a program on the device: which index space it covers, which
    buffers it reads and writes, and what else the planners need to know. Ops of
    other dialects take part in fusion, compaction and capture planning by
    implementing it.

    A buffer appears in at most one of the three access lists. What an op
    declares is an upper bound of what it does, never less.

    Inside a program this is verified: the body has one `index` argument for each
    extent; every buffer is a binding, intermediate or constant of the program, and
    one that may be written where it is written. Elsewhere, an op that implements
    the interface is left alone.
  }];
  let verify = "return ::vyre::detail::verifyStageLike($_op);";
  let methods = [
    InterfaceMethod<"The stage's name, unique in its program.",
      "::llvm::StringRef", "getStageName">,
    InterfaceMethod<"The extents of the index space, outermost first. Empty with a null body: not known.",
      "::mlir::OperandRange", "getIndexSpace">,
    InterfaceMethod<"Buffers that are read and not written.",
      "::mlir::OperandRange", "getReadBuffers">,
    InterfaceMethod<"Buffers that are written and not read.",
      "::mlir::OperandRange", "getWrittenBuffers">,
    InterfaceMethod<"Buffers that are read and written.",
      "::mlir::OperandRange", "getUpdatedBuffers">,
    InterfaceMethod<"Device memory that the stage needs besides its buffers, in bytes.",
      "uint64_t", "getScratchByteCount">,
    InterfaceMethod<"Whether what the stage reads must be visible to the host before it starts.",
      "bool", "isHostBoundary">,
    InterfaceMethod<[{
        The body that runs once per point of the index space, its arguments the
        indices; null for a stage whose code is not known.
      }],
      "::mlir::Region *", "getStageBody">
  ];
}

#endif // VYRE_DIALECT_VYRE_IR_VYREINTERFACES
