//===- Passes.td - Conversions of the dialect ---------------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_CONVERSION_PASSES
#define VYRE_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertVyreToGPU : Pass<"convert-vyre-to-gpu", "::mlir::ModuleOp"> {
  let summary = "build a gpu.module with one kernel for each launch";
  let description = [{
    For every `vyre.launch` that holds one stage with a body and names no kernel yet,
    builds a `gpu.module` of one `gpu.func` and names it in the launch, which keeps
    its stage. Launches of opaque stages have their kernel already.

    The kernel takes a pointer for each buffer (a rank-0 memref, to be lowered by
    the bare pointer convention), then an `i64` for each scalar. Its threads walk the
    index space, row-major, in a grid-stride loop, so that any grid will do. The
    stage's body and extents choose how:

    * A body that reduces rows (what neighbouring iterations of its parallel loops
      access are neighbours in memory), or a space of at most 2,048 points: a group of
      threads computes a point together. The loops are marked with the group's size
      in `vyre.threads`, a warp for up to 128 lanes, a block for more (where only the
      kernel knows how many there are, it has code for both), and shared
      by `vyre-expand-reductions`; stores outside them are the first thread's, and
      barriers stand where one thread needs what another has written. Of at most 66
      points with 4,096 lanes each, a cluster of two blocks or four computes one: the
      kernel for that has `$clustered` behind its name, the other one, for GPUs before
      sm_90, is launched in the same blocks and leaves all but the first of a cluster idle.
    * A body whose sequential loops run alike for all points and load elements that
      several points share, over enough points (or a number that is not known): a
      thread computes a tile of up to 8 x 8 points. One loop carries the values of all
      of them, `vyre.tile_loop`, and `vyre-expand-reductions` unrolls it. Points beyond
      an edge are that of the edge once more. Where tiles of 32 x 32 to 64 x 64 points
      make up the whole space, and 16 steps of the loop at a time all of it, the block
      loads what its tile needs into workgroup memory, the next part while it computes
      with the present one. Elements are of whole bytes, aligned to 16 bytes, and the
      stage only reads them.
    * Other bodies whose loops are long reductions (or of a number of points that is
      not known), over at most 32,768 points or a number that is not known: a block
      computes 8 points side by side, such as columns, each with 32 threads. The loops
      are marked with both numbers, `vyre.threads` and `vyre.columns`. Where it turns
      out that each reduction takes one lane, a thread computes a point instead; the
      loops of that code are marked `vyre.one_lane`.
    * An elementwise body over at least 32,768 points: a thread computes 16 bytes'
      worth of neighbouring points (of a body bound by arithmetic, over millions of
      points, four runs of them, as far apart as the block has threads) and accesses
      them as vectors where buffers and rows are proved to be aligned; where a single
      row may end within a vector, a thread takes its last points one by one.
    * A body without loops or with loops that only read, which stores to eight buffers
      or more, over a known number of points that leaves most of a GPU idle: it is cut
      into parts by the buffers that they store to, and a thread computes one part of
      one point.
    * Else a thread computes one point.

    Of the gpu.module, `vyre.index_bitwidth` says whether 32-bit indices are proved to
    be enough, and `vyre.points_per_block` how many points a block computes in one
    turn of its loop. Where points are cut into parts, `vyre.block_count` is the grid.
    `vyre.cluster_blocks` is the number of blocks in a cluster, if there are any.
    `vyre.pointer_table` is the number of buffers where there are more than
    `max-pointers`: `vyre-load-kernel-pointers` lets the kernel take these from memory.

    With `persistent`, that of a program's only launch is marked with
    `vyre.persistent`, for `vyre-add-persistent-entries`, if it takes at most 128
    parameters and any grid.

    Example:

    ```mlir
    vyre.launch @scale { vyre.stage @scale (%i) in (%n) ... }
    // becomes
    gpu.module @p_scale { gpu.func @p_scale(%x: memref<f32>, %n: i64) kernel { ... } }
    vyre.launch @scale kernel @p_scale::@p_scale { vyre.stage @scale ... }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::memref::MemRefDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
  let options = [
    Option<"persistent", "persistent", "bool", "false",
           "mark the kernels of programs of one launch">,
    Option<"maxPointers", "max-pointers", "uint64_t", "256",
           "the most buffers whose pointers are the kernel's own parameters">];
}

def AddPersistentEntries
    : Pass<"vyre-add-persistent-entries", "::mlir::gpu::GPUModuleOp"> {
  let summary = "let kernels wait on the device for dispatches";
  let description = [{
    Of a `gpu.module` that is marked with `vyre.persistent` and lowered to LLVM: every
    kernel gains an entry `<kernel>$persistent` of one block, which takes all points
    in turn. It gets the address of a control block in mapped page-locked memory, and a
    number, and waits until the host rings; then it copies inputs from there, runs the
    kernel's body, says that it is done, and waits again. It leaves when the host says so, or
    when nothing came for as long as the control block states. Where threads of a block have nothing
    in common, its block is several of the kernel's.
    `vyre/Target/PersistentControl.h` is the protocol.

    The body is a function of its own, which is inlined. What is known of a kernel's
    parameters (`llvm.noalias`, `llvm.readonly`) does not hold of its: the host writes
    buffers between two dispatches, which a GPU must read again.

    Example:

    ```mlir
    gpu.module @p attributes {vyre.persistent} {
      llvm.func @p_scale(%x: !llvm.ptr, %n: i64) attributes {nvvm.kernel} {
        llvm.return
      }
    }
    ```

    gains

    ```mlir
    llvm.func @p_scale$persistent(%control: !llvm.ptr, %number: i64) attributes {nvvm.kernel} { ... }
    ```
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect"];
}

def ConvertVyreToCPU : Pass<"convert-vyre-to-cpu", "::mlir::ModuleOp"> {
  let summary = "build a host function for each launch";
  let description = [{
    The CPU's counterpart of `convert-vyre-to-gpu`: a `func.func` for each launch, all
    in one nested module `@vyre_cpu`. It takes the same pointers and scalars and then
    the range of work items to compute, out of the linearised index space, so that a
    thread pool can share a launch. The innermost dimension is a loop of its own that
    LLVM can vectorise. Where the body has sequential loops, such as a contraction's,
    and all of it has a form for vectors, 128 bytes' worth of neighbouring points are
    vectors already, then 32 bytes' worth, and the rest one by one.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def ShareKernels : Pass<"vyre-share-kernels", "::mlir::ModuleOp"> {
  let summary = "keep one of each set of equal kernels";
  let description = [{
    Launches whose kernels are equal but for their names, and so CPU functions, get the
    first of them, and the others go. A GPU then finds the instructions of a chain of
    equal launches in its caches, and there is less code to compile and to load.

    Example:

    ```mlir
    vyre.launch @a kernel @p_a::@p_a { vyre.stage @a ... }
    vyre.launch @b kernel @p_b::@p_b { vyre.stage @b ... }
    // becomes, if @b does to its buffers what @a does to its own,
    vyre.launch @a kernel @p_a::@p_a { vyre.stage @a ... }
    vyre.launch @b kernel @p_a::@p_a { vyre.stage @b ... }
    ```
  }];
}

def ExpandReductions : Pass<"vyre-expand-reductions"> {
  let summary = "give reductions of free order their fixed order";
  let description = [{
    Rewrites every `scf.parallel` in a kernel to sequential loops. Without a
    reduction it becomes a loop nest. A reduction of extent `e` (the product of its
    dimensions, points numbered row-major) is computed in `L` lanes:

    | extent | below 64 | to 2048 | to 16384 | above |
    |---|---|---|---|---|
    | lanes `L` | 1 | 128 | 1024 | 4096 |

    Lane `l` starts with the neutral element and combines the points `l`, `l + L`,
    `l + 2L`, ... in this order. Then lane `l` takes lane `l + s` in, for
    `s = L/2, L/4, ..., 1` and all `l < s`. Last, the initial value is combined with
    lane 0, the initial value on the left. The order depends on the extent alone, so
    every backend and every way to share the work among threads gives the same bits.

    A combiner without a known neutral element is applied point by point, from the
    initial value on.

    With `lanes=memory` all lanes are kept in an array and advance together, which a
    CPU vectorises; with `lanes=stack` they are computed one after the other and
    combined as a tree grows, which takes few registers and suits a GPU thread. Both
    perform the same operations, and so do the threads of a group that
    `convert-vyre-to-gpu` has marked a loop for: each takes some lanes, and the tree
    is combined through workgroup memory and shuffles.
  }];
  let options = [
    Option<"lanes", "lanes", "std::string", "\"memory\"",
           "where partial results are kept: memory | stack">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def LegalizeFloats : Pass<"vyre-legalize-floats"> {
  let summary = "compute in f32 and f64 alone, alike on every backend";
  let description = [{
    Arithmetic on f16 and bf16 becomes arithmetic on f32 with a rounding after each
    op; for + - * / and sqrt that is the correctly rounded result. Conversions
    between these types and others are expanded to integer arithmetic where targets
    differ in what they have, so that no target needs a run-time library for them.

    Math functions go to the backend's library (`math=library`) or are expanded to
    polynomials (`math=portable`), which gives the same bits on every backend.

    Example:

    ```mlir
    %c = arith.addf %a, %b : f16
    // becomes
    %a32 = arith.extf %a : f16 to f32
    %b32 = arith.extf %b : f16 to f32
    %c32 = arith.addf %a32, %b32 : f32
    %c = arith.truncf %c32 : f32 to f16
    ```

    where the casts are integer arithmetic in turn.
  }];
  let options = [
    Option<"math", "math", "std::string", "\"library\"",
           "how math functions are computed: library | portable">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect"];
}

def LinearizeAccesses : Pass<"vyre-linearize-accesses"> {
  let summary = "count elements of views that may run backwards from the buffer's first";
  let description = [{
    The lowering of `memref.load` and `memref.store` takes strides to be non-negative: it
    marks the step from a view's first element as one that does not wrap. For an access
    through a view with a negative stride, or with one that may be negative (a dynamic stride
    of `memref.subview` or `memref.reinterpret_cast`), the element is counted from the
    beginning of the buffer instead. Strides that only follow from dynamic sizes are not
    negative and left as they are.

    To be run before `expand-strided-metadata`.

    Example:

    ```mlir
    %last_first = memref.reinterpret_cast %a to offset: [3], sizes: [4], strides: [-1]
        : memref<4xf32> to memref<4xf32, strided<[-1], offset: 3>>
    %x = memref.load %last_first[%i] : memref<4xf32, strided<[-1], offset: 3>>
    // becomes, with %place = 3 - %i
    %up_to = memref.reinterpret_cast %base to offset: [0], sizes: [%place + 1], strides: [1]
        : memref<f32> to memref<?xf32>
    %x = memref.load %up_to[%place] : memref<?xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def ShareReciprocals : Pass<"vyre-share-reciprocals"> {
  let summary = "compute several divisions by one divisor with its reciprocal";
  let description = [{
    Four divisions of f32 or more, by the same value and in one block, none of which needs
    another one's result, share the divisor's reciprocal: each becomes four operations, and
    all together have one test for exponents near the ends of the range (and for zeros,
    infinities and NaN) instead of one each. The results are those of the divisions, bit for
    bit: the file of the pass has the proof, a test its cases. Divisions that may be done by
    reciprocals (`arcp`), and those by powers of two, are left to LLVM.

    For GPUs, where a division is such a sequence anyway. To be run before
    `convert-scf-to-cf`.

    Example:

    ```mlir
    %q0 = arith.divf %x0, %d : f32
    %q1 = arith.divf %x1, %d : f32
    %q2 = arith.divf %x2, %d : f32
    %q3 = arith.divf %x3, %d : f32
    // becomes, with %r + %low the reciprocal of %d,
    %q:4 = scf.if %are_usual -> (f32, f32, f32, f32) {
      %part = arith.mulf %x0, %low : f32
      %near = math.fma %x0, %r, %part : f32
      %error = math.fma %near, %minus_d, %x0 : f32
      %q0 = math.fma %error, %r, %near : f32
      ...
    } else {
      %q0 = arith.divf %x0, %d : f32
      ...
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
}

def LoadKernelPointers : Pass<"vyre-load-kernel-pointers", "::mlir::gpu::GPUModuleOp"> {
  let summary = "let a kernel of many buffers take their pointers from memory";
  let description = [{
    Parameters are part of every launch, and thousands of bytes of them cost more than
    the kernel that they are for. Where the gpu.module has `vyre.pointer_table` = N, the
    first N parameters of its kernel become one: the address of N pointers, which the
    runtime writes where they change and not for each launch. Each is loaded where it is
    used. To be run right after `convert-vyre-to-gpu`, for that index bitwidth.

    Example:

    ```mlir
    gpu.module @k attributes {vyre.pointer_table = 2 : i64} {
      gpu.func @k(%x: memref<f32>, %y: memref<f32>, %n: i64) kernel {
        %v = memref.load %x[] : memref<f32>
        memref.store %v, %y[] : memref<f32>
        gpu.return
      }
    }
    ```

    becomes

    ```mlir
    gpu.func @k(%table: memref<2xi64>, %n: i64) kernel {
      %0 = memref.load %table[%c0] : memref<2xi64>
      // %x, the memref at this address
      %v = memref.load %x[] : memref<f32>
      ...
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect"];
}

def ConvertExactMathToLLVM : Pass<"convert-exact-math-to-llvm"> {
  let summary = "compute math that has one right result by LLVM intrinsics";
  let description = [{
    Square roots, fused multiply-adds, roundings, magnitudes and bit counts have one
    result that every target computes: they need no math library. To be run after
    `convert-gpu-to-nvvm`, which turns some of them into calls of libdevice, whose
    square root may be an approximate one, and leaves others.

    Example:

    ```mlir
    %r = llvm.call @__nv_sqrtf(%x) : (f32) -> f32
    // becomes
    %r = llvm.intr.sqrt(%x) : (f32) -> f32
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def ConvertVyreToLLVM : Pass<"convert-vyre-to-llvm", "::mlir::ModuleOp"> {
  let summary = "let host code call the runtime";
  let description = [{
    Puts the artifact that `vyre-compile` made of this module into it, as bytes, and
    turns every `vyre.dispatch` into a call of the runtime (`vyre-c/Embedded.h`).
    The programs go: their code is in the artifact, which is read here already, so
    that one that does not fit the module is an error now and not in the field.

    A dispatch that fails calls `failure-handler`, a C function or `llvm.func` that
    takes the `VyreStatus *` and owns it; after it returns, so does the dispatch.
    Without one, the process writes the message to standard error and aborts.

    Only dispatches become LLVM; what is around them is upstream's to convert. The
    result is linked to `libvyre_runtime`.

    Example:

    ```mlir
    vyre.dispatch @f(%x) : memref<?xf32>
    // becomes, with %bindings on the stack
    %program = llvm.mlir.addressof @vyre_program_f : !llvm.ptr
    %status = llvm.call @vyreEmbeddedDispatch(%program, %bindings, %c1) : (!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr
    llvm.call @vyre_check(%status) : (!llvm.ptr) -> ()
    ```
  }];
  let options = [
    Option<"artifact", "artifact", "std::string", "\"\"",
           "file of the artifact with the programs that are dispatched">,
    Option<"device", "device", "std::string", "\"auto\"",
           "where they run: auto | cpu | cuda:N">,
    Option<"handler", "failure-handler", "std::string", "\"\"",
           "function that a failed dispatch calls with its status">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // VYRE_CONVERSION_PASSES
