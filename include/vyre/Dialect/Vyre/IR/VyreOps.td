//===- VyreOps.td - Programs and their memory ---------------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREOPS
#define VYRE_DIALECT_VYRE_IR_VYREOPS

include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "vyre/Dialect/Vyre/IR/VyreAttributes.td"
include "vyre/Dialect/Vyre/IR/VyreBase.td"
include "vyre/Dialect/Vyre/IR/VyreInterfaces.td"
include "vyre/Dialect/Vyre/IR/VyreStageOps.td"

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

def Vyre_ProgramOp : Vyre_Op<"program", [
    AffineScope, AutomaticAllocationScope, FunctionOpInterface,
    IsolatedFromAbove, SingleBlock, Symbol]> {
  let summary = "a sequence of stages over bindings";
  let description = [{
    The unit that is compiled and dispatched; it always has a body. Its arguments
    are scalars (integers, floats, `index`), passed by value, and memrefs with a
    binding. Its results are the output bindings that `vyre.return` names.

    A memref argument is row-major and contiguous (identity layout, default memory
    space) and carries `vyre.binding`; slots are unique. An output with dynamic
    dimensions has exactly one `vyre.extents`.

    At the top level stand ops of this dialect, constants, `memref.dim` and pure
    arithmetic on scalars. An op that touches memory there is refused: it belongs
    into a stage.

    Two bindings may be the same memory only where no stage writes either of them;
    the runtime checks that at every dispatch.

    Example:

    ```mlir
    vyre.program @scale(
        %a: f32,
        %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
        %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, capacity = 4096>})
        -> memref<?xf32> {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      vyre.extents %y[%n] : memref<?xf32>
      vyre.stage @mul (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
        %v = memref.load %x[%i] : memref<?xf32>
        %r = arith.mulf %v, %a : f32
        memref.store %r, %y[%i] : memref<?xf32>
      }
      vyre.return %y : memref<?xf32>
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<StrAttr>:$sym_visibility,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region AnyRegion:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name,
                                 "::mlir::FunctionType":$type)>];
  let extraClassDeclaration = [{
    //===------------------------------------------------------------------===//
    // FunctionOpInterface
    //===------------------------------------------------------------------===//
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }

    /// The binding of a memref argument; null for a scalar.
    BindingAttr getBinding(unsigned argument);
    void setBinding(unsigned argument, BindingAttr binding);

    /// The arguments that a dispatch passes: all but `shared` and `state` ones.
    ::llvm::SmallVector<unsigned> getPassedArguments();

    /// The op that states the extents of an output argument; null where its type
    /// is static or the argument is not an output.
    ExtentsOp getExtentsOf(::mlir::BlockArgument output);

    /// The terminator.
    ReturnOp getReturnOp();
  }];
}

def Vyre_ExtentsOp : Vyre_Op<"extents", [HasParent<"ProgramOp">]> {
  let summary = "the dynamic extents of an output binding";
  let description = [{
    Says how large an output of the program is, one value for each dynamic
    dimension of its type, from the scalar arguments and the extents that the caller
    states. The runtime evaluates them before a dispatch to size the result. A result
    needs one; of another output without one the caller states the extents.

    Example:

    ```mlir
    vyre.extents %out[%m, %n] : memref<?x?xf32>
    ```
  }];
  // Written to state a fact: it must neither go nor move past another.
  let arguments = (ins Arg<AnyMemRef, "the output", [MemWrite]>:$output,
                       Variadic<Index>:$extents);
  let assemblyFormat = "$output `[` $extents `]` attr-dict `:` type($output)";
  let hasVerifier = 1;
}

def Vyre_RequireOp : Vyre_Op<"require", [
    HasParent<"ProgramOp">, MemoryEffects<[MemWrite]>]> {
  let summary = "what a program needs to hold of its sizes";
  let description = [{
    The runtime refuses a dispatch where `found` is less than `least`, before
    anything is launched; the text says what `found` is. The pass
    `vyre-require-bounds` states what keeps the stages' accesses inside of their
    buffers; other requirements may be written by hand.

    Example:

    ```mlir
    vyre.program @copy(
        %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, capacity = 4096>},
        %y: memref<8xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) {
      %c0 = arith.constant 0 : index
      %c8 = arith.constant 8 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      vyre.stage @copy (%i) in (%c8) reads(%x : memref<?xf32>) writes(%y : memref<8xf32>) {
        %v = memref.load %x[%i] : memref<?xf32>
        memref.store %v, %y[%i] : memref<8xf32>
      }
      vyre.require "extent 0 of argument 0" %n at_least %c8
      vyre.return
    }
    ```
  }];
  // Said to write so that it stays: nobody uses what it states.
  let arguments = (ins StrAttr:$subject, Index:$found, Index:$least);
  let assemblyFormat = "$subject $found `at_least` $least attr-dict";
  let hasVerifier = 1;
}

def Vyre_ReturnOp : Vyre_Op<"return", [
    HasParent<"ProgramOp">, Terminator, ReturnLike, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "the results of a program";
  let description = [{
    Every result is an output binding of the program, each at most once. A result
    may carry a count: only that many leading rows (dimension 0) of it are
    meaningful. A count is an `index` value known at the dispatch, or a memref with
    one integer element that the device writes.

    Example:

    ```mlir
    vyre.return %sum : memref<f32>, %hits count(%n : memref<1xi32>) : memref<4096xi32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyMemRef>:$results,
    Variadic<AnyType>:$counts,
    // For each result the position of its count, or -1.
    DefaultValuedAttr<DenseI32ArrayAttr, "{}">:$count_of);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$results)>];
  let extraClassDeclaration = [{
    /// The count of a result; null where all of it is meaningful.
    ::mlir::Value getCountOf(unsigned result);
  }];
}

def Vyre_ReadbackOp : Vyre_Op<"readback", [
    HasParent<"ProgramOp">, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "how a program's results come back";
  let description = [{
    Names every result of the program once. Those in the `slab` are small: they are
    packed and come back together, each at its place in `offsets`, in bytes. Those
    that are `direct` come back each by itself. Of those that are `late` a dispatch
    or the device decides how many bytes are meaningful, and with that which of the
    two they are.

    `max_record_bytes` is the most that a record of the slab takes,
    `record_alignment` what its place is a multiple of, `max_slab_bytes` where the
    slab ends at the latest. `full_bytes` is what all results take, `slab_bytes` and
    `direct_bytes` what the slab and the direct ones take, at most.

    Example:

    ```mlir
    vyre.readback slab(%sum : memref<f32>) direct(%table : memref<4096xi32>)
        {direct_bytes = 16384 : i64, full_bytes = 16388 : i64, max_record_bytes = 4096 : i64,
         offsets = array<i64: 0>, record_alignment = 16 : i64, slab_bytes = 4 : i64}
    ```
  }];
  let arguments = (ins
    Variadic<AnyMemRef>:$slab,
    Variadic<AnyMemRef>:$direct,
    Variadic<AnyMemRef>:$late,
    DenseI64ArrayAttr:$offsets,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$max_record_bytes,
    ConfinedAttr<I64Attr, [IntPositive]>:$record_alignment,
    OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$max_slab_bytes,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$full_bytes,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$slab_bytes,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$direct_bytes);
  let assemblyFormat = [{
    (`slab` `(` $slab^ `:` type($slab) `)`)?
    (`direct` `(` $direct^ `:` type($direct) `)`)?
    (`late` `(` $late^ `:` type($late) `)`)?
    attr-dict
  }];
  let hasVerifier = 1;
}

def Vyre_DispatchOp : Vyre_Op<"dispatch", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "runs a program from host code";
  let description = [{
    Takes one operand for each argument of the program, outputs included, with the
    argument's type, and returns when the outputs hold the results. Inputs are only
    read. `shared` and `state` arguments have no operand: their memory is not the
    caller's.

    Example:

    ```mlir
    vyre.program @copy(
        %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
        %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
        -> memref<4xf32> {
      %c4 = arith.constant 4 : index
      vyre.stage @copy (%i) in (%c4) reads(%x : memref<4xf32>) writes(%y : memref<4xf32>) {
        %v = memref.load %x[%i] : memref<4xf32>
        memref.store %v, %y[%i] : memref<4xf32>
      }
      vyre.return %y : memref<4xf32>
    }
    func.func @host(%x: memref<4xf32>, %y: memref<4xf32>) {
      vyre.dispatch @copy(%x, %y) : memref<4xf32>, memref<4xf32>
      return
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$program, Variadic<AnyType>:$arguments);
  let assemblyFormat = [{
    $program `(` $arguments `)` attr-dict (`:` type($arguments)^)?
  }];
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

def Vyre_IntermediateOp : Vyre_Op<"intermediate", [HasParent<"ProgramOp">]> {
  let summary = "device memory that the program owns";
  let description = [{
    Its contents are undefined before the first write and gone after the dispatch.
    Takes one extent for each dynamic dimension. All intermediates of a program
    share one arena, packed by their lifetimes.

    Example:

    ```mlir
    vyre.program @fourth(
        %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>}) {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      %t = vyre.intermediate(%n) : memref<?xf32>
      vyre.stage @square (%i) in (%n) reads(%x : memref<?xf32>) writes(%t : memref<?xf32>) {
        %v = memref.load %x[%i] : memref<?xf32>
        %s = arith.mulf %v, %v : f32
        memref.store %s, %t[%i] : memref<?xf32>
      }
      vyre.stage @again (%i) in (%n) reads(%t : memref<?xf32>) writes(%x : memref<?xf32>) {
        %v = memref.load %t[%i] : memref<?xf32>
        %s = arith.mulf %v, %v : f32
        memref.store %s, %x[%i] : memref<?xf32>
      }
      vyre.return
    }
    ```
  }];
  let arguments = (ins Variadic<Index>:$extents);
  let results = (outs Res<AnyMemRef, "", [MemAlloc]>:$memory);
  let assemblyFormat = "`(` $extents `)` attr-dict `:` type($memory)";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def Vyre_ConstantOp : Vyre_Op<"constant", [HasParent<"ProgramOp">, Pure]> {
  let summary = "data that the artifact carries";
  let description = [{
    A weight or a table: uploaded once per device, read only.

    Example:

    ```mlir
    vyre.program @weigh(
        %x: memref<2xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
      %c2 = arith.constant 2 : index
      %w = vyre.constant dense<[1.0, 2.0]> : tensor<2xf32> as memref<2xf32>
      vyre.stage @weigh (%i) in (%c2) reads(%w : memref<2xf32>) updates(%x : memref<2xf32>) {
        %a = memref.load %w[%i] : memref<2xf32>
        %b = memref.load %x[%i] : memref<2xf32>
        %c = arith.mulf %a, %b : f32
        memref.store %c, %x[%i] : memref<2xf32>
      }
      vyre.return
    }
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyStaticShapeMemRef:$memory);
  let assemblyFormat = "$value `as` type($memory) attr-dict";
  let hasVerifier = 1;
}

#endif // VYRE_DIALECT_VYRE_IR_VYREOPS
