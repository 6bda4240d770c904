//===- VyreAttributes.td - Attributes of the dialect --------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREATTRIBUTES
#define VYRE_DIALECT_VYRE_IR_VYREATTRIBUTES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "vyre/Dialect/Vyre/IR/VyreBase.td"

def Vyre_Role : I32EnumAttr<"Role", "how a program uses a binding", [
    I32EnumAttrCase<"Input", 0, "input">,
    I32EnumAttrCase<"Output", 1, "output">,
    I32EnumAttrCase<"InputOutput", 2, "input_output">,
    I32EnumAttrCase<"Shared", 3, "shared">,
    I32EnumAttrCase<"State", 4, "state">]> {
  let cppNamespace = "::vyre";
  let genSpecializedAttr = 0;
}

def Vyre_BindingAttr : AttrDef<Vyre_Dialect, "Binding"> {
  let mnemonic = "binding";
  let summary = "how a memref argument of a program is bound at a dispatch";
  let description = [{
    * `slot`: the position among the kernel's pointers; unique in a program, below 2^31.
    * `role`: `input` is read only; `output` is wholly written before any read, so
      that its former contents do not matter; `input_output` is read and written;
      `shared` is workgroup memory of opaque kernels and has no pointer; `state` is
      device memory that outlives the dispatch and belongs to the pipeline.
    * `alignment`: of the first byte, a power of two. Left out: the element's size.
    * `capacity`: the most bytes that the argument may have, below 2^63. Needed
      where a dimension is dynamic, implied by the type where none is. `shared`
      and `state` have no dynamic dimension.
    * `initial`: what a `state` starts as. Left out: zero.

    Example:

    ```mlir
    #vyre.binding<slot = 0, role = input, alignment = 16, capacity = 4096>
    ```
  }];
  let parameters = (ins
    "uint32_t":$slot,
    "Role":$role,
    OptionalParameter<"uint64_t">:$alignment,
    OptionalParameter<"uint64_t">:$capacity,
    OptionalParameter<"::mlir::ElementsAttr">:$initial
  );
  let builders = [
    AttrBuilder<(ins "uint32_t":$slot, "Role":$role,
                     CArg<"uint64_t", "0">:$alignment,
                     CArg<"uint64_t", "0">:$capacity), [{
      return $_get($_ctxt, slot, role, alignment, capacity,
                   ::mlir::ElementsAttr());
    }]>
  ];
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// Whether a dispatch passes memory for it. It does not for `shared`, which
    /// is a workgroup's, and `state`, which is the pipeline's.
    bool isPassedByCaller() const {
      return getRole() != Role::Shared && getRole() != Role::State;
    }
  }];
  let genVerifyDecl = 1;
}

#endif // VYRE_DIALECT_VYRE_IR_VYREATTRIBUTES
