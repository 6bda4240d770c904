//===- VyreStageOps.td - Stages and launches ----------------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYRESTAGEOPS
#define VYRE_DIALECT_VYRE_IR_VYRESTAGEOPS

include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "vyre/Dialect/Vyre/IR/VyreBase.td"
include "vyre/Dialect/Vyre/IR/VyreInterfaces.td"

def Vyre_StageOp : Vyre_Op<"stage", [
    ParentOneOf<["ProgramOp", "LaunchOp"]>, AttrSizedOperandSegments,
    SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<StageLikeOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "one data-parallel step";
  let description = [{
    Runs its body once for each point of an index space of rank 0 or more; points
    are independent of each other and run in no particular order. A point may read
    what another point writes only where both write the same value or neither reads.

    `reads`, `writes` and `updates` name every buffer that the body touches, each
    once: read only, written only, read and written. The body uses the program's
    values directly. Besides these buffers it may touch memory that it allocates
    itself (`memref.alloca`).

    An `scf.parallel` with `scf.reduce` in the body is a reduction whose order is
    free; its lowering gives it one fixed order that depends on its extent alone.
    Loops of other kinds keep theirs.

    `host_boundary` says that what the stage reads must be visible to the host
    before it starts. `layout_hash` overrides what the fusion planner derives.

    Example:

    ```mlir
    vyre.stage @add (%i, %j) in (%m, %n)
        reads(%x, %bias : memref<?x?xf32>, memref<?xf32>)
        writes(%y : memref<?x?xf32>) {
      %a = memref.load %x[%i, %j] : memref<?x?xf32>
      %b = memref.load %bias[%j] : memref<?xf32>
      %s = arith.addf %a, %b : f32
      memref.store %s, %y[%i, %j] : memref<?x?xf32>
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$stage_name,
    Variadic<Index>:$extents,
    Variadic<AnyMemRef>:$reads,
    Variadic<AnyMemRef>:$writes,
    Variadic<AnyMemRef>:$updates,
    OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$scratch_bytes,
    OptionalAttr<I64Attr>:$layout_hash,
    UnitAttr:$host_boundary);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins
    "::llvm::StringRef":$name, "::mlir::ValueRange":$extents,
    "::mlir::ValueRange":$reads, "::mlir::ValueRange":$writes,
    "::mlir::ValueRange":$updates,
    CArg<"::llvm::function_ref<void(::mlir::OpBuilder &, ::mlir::Location, ::mlir::ValueRange)>",
         "nullptr">:$body)>];
  let extraClassDeclaration = [{
    /// The indices of the current point, outermost first.
    ::mlir::Block::BlockArgListType getIndices() { return getBody().getArguments(); }
    unsigned getRank() { return getExtents().size(); }
  }];
}

// The types that ElementTypes.h lists.
def Vyre_Scalar : AnyTypeOf<[I1, I8, I16, I32, I64, F16, BF16, F32, F64, Index]>;

def Vyre_OpaqueStageOp : Vyre_Op<"opaque_stage", [
    ParentOneOf<["ProgramOp", "LaunchOp"]>, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<StageLikeOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "a stage whose kernel another compiler made";
  let description = [{
    Launches `kernel`, a `gpu.func` in a `gpu.module`, with the given grid and block.
    The kernel takes one pointer for each buffer that is named here: those of the
    program's arguments by their slots, then intermediates, then constants, both in
    program order; then the scalars of `params`, each in its own type's size.
    `shared` bindings have no pointer; their bytes add to `dynamic_shared`.

    It never joins another stage in a launch and has no CPU code.

    Example:

    ```mlir
    vyre.program @shift(
        %x: memref<?xi32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
        %y: memref<?xi32> {vyre.binding = #vyre.binding<slot = 1, role = input_output, capacity = 4096>},
        %by: i32) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c256 = arith.constant 256 : index
      %n = memref.dim %x, %c0 : memref<?xi32>
      %blocks = arith.ceildivsi %n, %c256 : index
      vyre.opaque_stage @shift @kernels::@shift
          grid(%blocks, %c1, %c1) block(256, 1, 1)
          reads(%x : memref<?xi32>) updates(%y : memref<?xi32>) params(%n, %by : index, i32)
      vyre.return
    }
    gpu.module @kernels {
      gpu.func @shift(%x: !llvm.ptr, %y: !llvm.ptr, %n: i64, %by: i32) kernel {
        gpu.return
      }
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$stage_name,
    SymbolRefAttr:$kernel,
    Variadic<Index>:$grid,
    DenseI32ArrayAttr:$block,
    OptionalAttr<DenseI32ArrayAttr>:$cluster,
    Optional<Index>:$dynamic_shared,
    Variadic<AnyMemRef>:$reads,
    Variadic<AnyMemRef>:$writes,
    Variadic<AnyMemRef>:$updates,
    Variadic<AnyMemRef>:$shared,
    Variadic<Vyre_Scalar>:$params,
    OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$scratch_bytes,
    UnitAttr:$host_boundary);
  let assemblyFormat = [{
    $stage_name $kernel `grid` `(` $grid `)` `block` `` custom<Extents>($block)
    (`cluster` `` custom<OptionalExtents>($cluster)^)?
    (`dynamic_shared` `(` $dynamic_shared^ `)`)?
    (`reads` `(` $reads^ `:` type($reads) `)`)?
    (`writes` `(` $writes^ `:` type($writes) `)`)?
    (`updates` `(` $updates^ `:` type($updates) `)`)?
    (`shared` `(` $shared^ `:` type($shared) `)`)?
    (`params` `(` $params^ `:` type($params) `)`)?
    attr-dict
  }];
  let hasVerifier = 1;
}

def Vyre_CallStageOp : Vyre_Op<"call_stage", [
    ParentOneOf<["ProgramOp", "LaunchOp"]>, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<StageLikeOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "a stage that a function of the host enqueues";
  let description = [{
    Calls `callee`, a function of the host that enqueues work on the stream it is
    given: a library's matrix product or sort. The function is no part of the
    artifact: whoever runs the program registers one under that name
    (`vyre-c/Call.h`). Here it is an external `func.func`, which says what it takes.

    Its memrefs are the buffers of `reads`, `writes` and `updates`, in this order, or
    as `order` says: for each memref of the function the position of its buffer among
    these, each of which is there at least once. Its scalars are those of `params`. A
    function that writes a buffer writes nothing outside of it and, if the buffer is
    in `writes`, reads nothing of it.

    * `scratch` is an intermediate that the function may use as it likes, passed
      beside the others.
    * `host_boundary`: as of any stage, what earlier ones wrote of what it reads is
      visible to the host when it is called.
    * `no_capture`: it must not be called while its stream is captured. Without it, it
      becomes a child graph where the program is replayed.

    It never joins another stage in a launch. A function may be called more often than
    the program is dispatched, while its stream is captured, and not at all by a
    replay: what it does besides enqueuing must not matter.

    Example:

    ```mlir
    func.func private @sgemm(memref<?x?xf32>, memref<?x?xf32>, memref<?x?xf32>, f32)
    vyre.program @project(
        %x: memref<?x64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 65536>},
        %w: memref<64x64xf32> {vyre.binding = #vyre.binding<slot = 1, role = input>},
        %y: memref<?x64xf32> {vyre.binding = #vyre.binding<slot = 2, role = input_output, capacity = 65536>},
        %alpha: f32) {
      %t = vyre.intermediate() : memref<4096xi8>
      vyre.call_stage @project @sgemm
          reads(%x, %w : memref<?x64xf32>, memref<64x64xf32>) scratch(%t : memref<4096xi8>)
          updates(%y : memref<?x64xf32>) params(%alpha : f32)
      vyre.return
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$stage_name,
    FlatSymbolRefAttr:$callee,
    Variadic<AnyMemRef>:$reads,
    Variadic<AnyMemRef>:$writes,
    // Behind the writes, of which it is one for everybody but the callee.
    Optional<AnyMemRef>:$scratch,
    Variadic<AnyMemRef>:$updates,
    Variadic<Vyre_Scalar>:$params,
    OptionalAttr<DenseI32ArrayAttr>:$order,
    UnitAttr:$host_boundary,
    UnitAttr:$no_capture);
  let assemblyFormat = [{
    $stage_name $callee
    (`reads` `(` $reads^ `:` type($reads) `)`)?
    (`writes` `(` $writes^ `:` type($writes) `)`)?
    (`scratch` `(` $scratch^ `:` type($scratch) `)`)?
    (`updates` `(` $updates^ `:` type($updates) `)`)?
    (`params` `(` $params^ `:` type($params) `)`)?
    attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The buffers in the order in which the function takes them, without the
    /// scratch.
    ::llvm::SmallVector<::mlir::Value> getCallBuffers();
    /// Whether the function may be called while its stream is captured.
    bool isCapturable() { return !getNoCapture(); }
  }];
}

def Vyre_YieldOp : Vyre_Op<"yield", [HasParent<"StageOp">, Pure, Terminator]> {
  let summary = "ends the body of a stage";
  let description = [{
    Implicit in the custom form.

    Example:

    ```mlir
    vyre.program @nothing(%n: index) {
      vyre.stage @nothing (%i) in (%n) {
        vyre.yield
      }
      vyre.return
    }
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Vyre_LaunchOp : Vyre_Op<"launch", [
    HasParent<"ProgramOp">, NoTerminator, NoRegionArguments, SingleBlock,
    RecursiveMemoryEffects]> {
  let summary = "one device launch";
  let description = [{
    Holds the stages that were fused into it, in order. `kernel` and `cpu_entry` name
    the code that was generated for it, once there is some.

    Example:

    ```mlir
    vyre.program @square(
        %x: memref<16xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
      %c16 = arith.constant 16 : index
      vyre.launch @square {
        vyre.stage @square (%i) in (%c16) updates(%x : memref<16xf32>) {
          %v = memref.load %x[%i] : memref<16xf32>
          %s = arith.mulf %v, %v : f32
          memref.store %s, %x[%i] : memref<16xf32>
        }
      }
      vyre.return
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$launch_name,
    OptionalAttr<SymbolRefAttr>:$kernel,
    OptionalAttr<SymbolRefAttr>:$cpu_entry);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $launch_name (`kernel` $kernel^)? (`cpu` $cpu_entry^)? attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

#endif // VYRE_DIALECT_VYRE_IR_VYRESTAGEOPS
