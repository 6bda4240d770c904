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

def Vyre_CapturePolicy : I32EnumAttr<"CapturePolicy", "whether a program is replayed as a graph", [
    I32EnumAttrCase<"Auto", 0, "auto">,
    I32EnumAttrCase<"Never", 1, "never">,
    I32EnumAttrCase<"Require", 2, "require">]> {
  let cppNamespace = "::vyre";
  let genSpecializedAttr = 0;
}

def Vyre_ReplaySafety : I32EnumAttr<"ReplaySafety", "what a replay sees of the last one", [
    I32EnumAttrCase<"Value", 0, "value">,
    I32EnumAttrCase<"ReadOnly", 1, "read_only">,
    I32EnumAttrCase<"WhollyWritten", 2, "wholly_written">,
    I32EnumAttrCase<"ReadModifyWrite", 3, "read_modify_write">,
    I32EnumAttrCase<"State", 4, "state">,
    I32EnumAttrCase<"EscapingResult", 5, "escaping_result">,
    I32EnumAttrCase<"HostBoundary", 6, "host_boundary">,
    I32EnumAttrCase<"Workgroup", 7, "workgroup">]> {
  let cppNamespace = "::vyre";
  let genSpecializedAttr = 0;
}

def Vyre_CaptureNodeKind : I32EnumAttr<"CaptureNodeKind", "a step of a dispatch", [
    I32EnumAttrCase<"Upload", 0, "upload">,
    I32EnumAttrCase<"Launch", 1, "launch">,
    I32EnumAttrCase<"Pack", 2, "pack">,
    I32EnumAttrCase<"Download", 3, "download">]> {
  let cppNamespace = "::vyre";
  let genSpecializedAttr = 0;
}

def Vyre_CaptureNodeAttr : AttrDef<Vyre_Dialect, "CaptureNode"> {
  let mnemonic = "capture_node";
  let summary = "one step of a dispatch, and what it waits for";
  let description = [{
    * `kind`: the `upload` of an argument, a `launch`, the `pack` of small results
      into the slab, or the `download` of an argument.
    * `argument`: the position of the argument that is copied.
    * `launch`: the name of the launch.
    * `after`: the positions of the steps before it that it waits for, ascending.

    Example:

    ```mlir
    #vyre.capture_node<kind = launch, launch = @scale, after = 0, 1>
    ```
  }];
  let parameters = (ins
    "CaptureNodeKind":$kind,
    DefaultValuedParameter<"int32_t", "-1">:$argument,
    OptionalParameter<"::mlir::FlatSymbolRefAttr">:$launch,
    OptionalArrayRefParameter<"uint32_t">:$after
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Vyre_CaptureTablesAttr : AttrDef<Vyre_Dialect, "CaptureTables"> {
  let mnemonic = "capture_tables";
  let summary = "how many entries the tables of a captured graph need";
  let description = [{
    What the planner of capture bindings counts: device buffers that are uploaded
    to (`inputs`) and others (`outputs`), buffers that are read back (`readbacks`),
    pointers and arguments of a kernel, and whether a replay without uploads reads
    what the caller gave (`resident_replay`).

    Example:

    ```mlir
    #vyre.capture_tables<inputs = 1, outputs = 1, readbacks = 1, pointers = 2, arguments = 3, resident_replay = true>
    ```
  }];
  let parameters = (ins
    "uint64_t":$inputs, "uint64_t":$outputs, "uint64_t":$readbacks,
    "uint64_t":$pointers, "uint64_t":$arguments,
    "bool":$resident_replay);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Vyre_ArenaPlanAttr : AttrDef<Vyre_Dialect, "ArenaPlan"> {
  let mnemonic = "arena_plan";
  let summary = "where intermediates lie in a program's arena";
  let description = [{
    * `bytes`: what the arena takes. `concurrent_bytes` and `in_order_bytes`: what
      it would take with all launches side by side that may be, and with all in
      their order.
    * `offsets`: of each intermediate, by first use, in bytes.
    * `edges`: pairs of launches, the second of which waits for the first only
      because they share bytes.

    Example:

    ```mlir
    #vyre.arena_plan<bytes = 512, concurrent_bytes = 768, in_order_bytes = 512, offsets = array<i64: 0, 256, 0>, edges = array<i32: 0, 2>>
    ```
  }];
  let parameters = (ins
    "uint64_t":$bytes, "uint64_t":$concurrent_bytes, "uint64_t":$in_order_bytes,
    "::mlir::DenseI64ArrayAttr":$offsets, "::mlir::DenseI32ArrayAttr":$edges);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Vyre_CapturePlanAttr : AttrDef<Vyre_Dialect, "CapturePlan"> {
  let mnemonic = "capture_plan";
  let summary = "how a program is captured and replayed";
  let description = [{
    Made by `vyre-plan-capture` and carried by the program as `vyre.capture_plan`.
    A plan that no longer fits its program, since a pass has changed that, is found
    where the artifact is written; planning again replaces it.

    * `policy`: whether the runtime replays the program where a dispatch does not
      say.
    * `max_arena_bytes`: the most bytes of the arena that were asked for; -1 and
      left out where nothing was.
    * `tables`: what the graph's tables need.
    * `nodes`: the steps of a dispatch, as a graph.
    * `arena`: where intermediates lie. Left out where a size depends on the
      dispatch: the runtime places them then, by the same planner.
    * `replay`: for each argument what a replay sees of the last one.

    Example:

    ```mlir
    #vyre.capture_plan<policy = auto,
        tables = <inputs = 1, outputs = 1, readbacks = 1, pointers = 2, arguments = 3, resident_replay = true>,
        nodes = [#vyre.capture_node<kind = upload, argument = 0>,
                 #vyre.capture_node<kind = launch, launch = @scale, after = 0>,
                 #vyre.capture_node<kind = download, argument = 1, after = 1>],
        replay = read_only, wholly_written>
    ```
  }];
  let parameters = (ins
    "CapturePolicy":$policy,
    DefaultValuedParameter<"int64_t", "-1">:$max_arena_bytes,
    "CaptureTablesAttr":$tables,
    "::mlir::ArrayAttr":$nodes,
    OptionalParameter<"ArenaPlanAttr">:$arena,
    OptionalArrayRefParameter<"ReplaySafety">:$replay
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    auto getNodeRange() const { return getNodes().getAsRange<CaptureNodeAttr>(); }
  }];
  let genVerifyDecl = 1;
}

def Vyre_CallAttr : AttrDef<Vyre_Dialect, "Call"> {
  let mnemonic = "call";
  let summary = "an external function that is a call of the host's";
  let description = [{
    As `vyre.call` on an external `func.func`: a call of it becomes a
    `vyre.call_stage`. What the function does with its memrefs or tensors is upstream's
    `bufferization.access` on each: `"read"`; `"write"`, which is to write all of it
    and read nothing; `"read-write"`, which is also what counts where nothing is said.
    A memref or tensor that it returns is, in order, an argument that it writes.

    * `scratch_bytes`: device memory that it is passed beside its arguments.
    * `host_boundary`, `no_capture`: as of `vyre.call_stage`.

    Example:

    ```mlir
    func.func private @sort(
        memref<?xf32> {bufferization.access = "read"},
        memref<?xf32> {bufferization.access = "write"})
        attributes {vyre.call = #vyre.call<scratch_bytes = 4096, no_capture = true>}
    ```
  }];
  let parameters = (ins
    OptionalParameter<"uint64_t">:$scratch_bytes,
    DefaultValuedParameter<"bool", "false">:$host_boundary,
    DefaultValuedParameter<"bool", "false">:$no_capture
  );
  let assemblyFormat = "(`<` struct(params)^ `>`)?";
  let genVerifyDecl = 1;
}

#endif // VYRE_DIALECT_VYRE_IR_VYREATTRIBUTES
