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

def AssertShapes : Pass<"vyre-assert-shapes", "::mlir::func::FuncOp"> {
  let summary = "assert what casts and reshapes take for granted of extents";
  let description = [{
    A cast to a static extent, an `expand_shape` and a `reshape` are undefined where the
    extents at run time do not fit. This pass states for each of them, by `cf.assert`,
    that they do; `vyre-form-program` makes a `vyre.require` of that, so that the
    runtime refuses such a dispatch.

    To be run once, before passes that move or drop casts.

    Example:

    ```mlir
    %y = tensor.cast %x : tensor<?xf32> to tensor<4xf32>
    // then has before it
    %n = tensor.dim %x, %c0 : tensor<?xf32>
    %enough = arith.cmpi sge, %n, %c4 : index
    cf.assert %enough, "extent 0 of a tensor<?xf32> that is cast to tensor<4xf32>"
    %fits = arith.cmpi sge, %c4, %n : index
    cf.assert %fits, "extent 0 of tensor<4xf32> that a tensor<?xf32> is cast to"
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::memref::MemRefDialect", "::mlir::tensor::TensorDialect"];
}

def RequireBounds : Pass<"vyre-require-bounds", "::vyre::ProgramOp"> {
  let summary = "state what keeps a program's accesses inside of their buffers";
  let description = [{
    Where extents of different arguments, or scalars, decide how far a stage reads or
    writes, nothing in the program says that they agree. This pass adds a
    `vyre.require` for every access whose range it can tell and can't prove to be
    inside: an index that is linear in the indices of the stage and of loops, also of
    triangular and tiled ones, under conditions that are linear too (`scf.if` on
    comparisons of indices), one of several such indices (`arith.minsi`, `arith.maxsi`,
    `arith.select`), or the quotient or remainder of such an index by a constant.
    An access under any other condition, or at an index that was loaded from memory, is
    the source's to keep inside: out of bounds it is undefined, as in the dialects that
    the program came from.

    Run before fusion, when every stage still has its own index space. Run twice, it
    adds nothing.

    Example:

    ```mlir
    // %n is extent 0 of %x, %m that of %y
    vyre.stage @add (%i) in (%n) reads(%x, %y) ... { x[i] + y[i] }
    // then has beside it
    vyre.require "extent 0 of argument 1, which stage 'add' reads" %m at_least %n
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def GuardDivisions : Pass<"vyre-guard-divisions", "::vyre::ProgramOp"> {
  let summary = "make integer divisions in stages that can't trap";
  let description = [{
    Dividing an integer by zero, or the least one by -1, is undefined in the source and
    ends the process on x86, which is the caller's. In every stage, a divisor for which
    that could be so becomes 1 then: `x / 0` is `x`, `x % 0` is 0, and the quotient of
    the least integer and -1 wraps to itself, on every backend. A constant divisor
    needs nothing. Run twice, it adds nothing.

    Example:

    ```mlir
    %q = arith.divui %x, %y : i32
    // becomes
    %c1 = arith.constant 1 : i32
    %d = arith.maxui %y, %c1 : i32
    %q = arith.divui %x, %d : i32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def SettleFastMath : Pass<"vyre-settle-fast-math", "::vyre::ProgramOp"> {
  let summary = "use in each stage what fast-math flags permit, and take them away";
  let description = [{
    Makes the result of every float operation in a stage one that no longer depends on
    what stands around it, so that a program gives the same bits whether its stages are
    fused or not, and products are contracted alike on all backends.

    * A sum or difference with `contract` takes in a product with `contract` that is one
      of its operands: `math.fma`, which every backend rounds once.
    * `contract`, `reassoc`, `arcp` and `nsz` go. `nnan`, `ninf` and `afn`, which speak
      of one operation, stay.

    Example:

    ```mlir
    %p = arith.mulf %a, %b fastmath<fast> : f32
    %s = arith.addf %p, %c fastmath<fast> : f32
    // becomes
    %s = math.fma %a, %b, %c fastmath<nnan,ninf,afn> : f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

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

def FormProgram : Pass<"vyre-form-program", "::mlir::ModuleOp"> {
  let summary = "make a program of each public function of loops over memrefs";
  let description = [{
    Takes functions after upstream lowering: `scf.parallel`, `scf.for`, loads, stores
    and copies over memrefs. Private callees are inlined and affine loops lowered
    first. Functions that hold a `vyre.dispatch` are host code and stay.

    * A parallel loop or a copy becomes a stage; perfectly nested parallel loops
      share one index space, which starts at 0 and has step 1. Loads, stores and
      sequential code between them become stages of rank 0.
    * A sequential loop around parallel ones is interchanged with them where their
      points are independent, else unrolled up to `max-unroll` copies.
    * A memref argument is an `input` if no stage writes it, an `output` if the first
      stage that touches it is proved to write all of it, else `input_output`. Where
      that follows from a structured op's operands having one shape, a `vyre.require`
      says so, as it does for results and intermediates. A binding that the function's argument carries already is kept.
    * A returned allocation becomes an output after the arguments; a returned scalar,
      view, constant or argument is stored or copied to one. Other allocations become
      intermediates, globals constants; a load from a global whose elements are all
      the same is that number.

    * A `cf.assert` on sizes becomes a `vyre.require`.
    * A call of an external function that carries `vyre.call` becomes a
      `vyre.call_stage`. What it is passed as a part of a buffer is copied, to memory of
      the program's and back.
    * Vector transfers become loads and stores, guarded where they may be outside, and
      accesses to a `memref.transpose` those to the buffer itself.

    What can't be a program is refused with an error on the op: control flow on the
    host over stages, sizes that depend on device memory, buffers that are not known
    at compile time, other calls.

    Example:

    ```mlir
    func.func @twice(%x: memref<?xf32>) -> memref<?xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      %y = memref.alloc(%n) : memref<?xf32>
      scf.parallel (%i) = (%c0) to (%n) step (%c1) {
        %v = memref.load %x[%i] : memref<?xf32>
        %s = arith.addf %v, %v : f32
        memref.store %s, %y[%i] : memref<?xf32>
        scf.reduce
      }
      return %y : memref<?xf32>
    }
    ```

    becomes

    ```mlir
    vyre.program @twice(
        %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input, alignment = 16, capacity = 1073741824>},
        %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16, capacity = 1073741824>})
        -> memref<?xf32> {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      vyre.extents %y[%n] : memref<?xf32>
      vyre.stage @loop_0 (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
        %v = memref.load %x[%i] : memref<?xf32>
        %s = arith.addf %v, %v : f32
        memref.store %s, %y[%i] : memref<?xf32>
      }
      vyre.return %y : memref<?xf32>
    }
    ```
  }];
  let options = [
    Option<"defaultCapacity", "default-capacity", "uint64_t", "uint64_t(1) << 30",
           "the most bytes of a binding with a dynamic dimension">,
    Option<"maxUnroll", "max-unroll", "int64_t", "64",
           "the most copies that a sequential loop around stages is unrolled to">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::vyre::VyreDialect"];
}

def LowerLinalg : Pass<"vyre-lower-linalg"> {
  let summary = "lower linalg on buffers to parallel loops, reductions included";
  let description = [{
    Each structured op becomes an `scf.parallel` over its parallel iterators, named
    after it by `vyre.stage_name`. Its reduction iterators become an `scf.parallel`
    with `scf.reduce` where every output is combined by one associative op (add, mul,
    min, max, and, or, xor), which keeps their order free; else they become
    sequential loops. So do those of contractions over more than 2,048 points (or a
    number that is not known): two inputs or more that move along with the reductions,
    each the same for many points, such as the factors of a matrix product. They start
    from the output and go through the reduction iterators in order.

    A long reduction of known extents over few points becomes two nests, since a launch
    computes a point within one block: parts of the first reduction iterator are reduced
    to a buffer, from the neutral value on, and the parts of each point from the output
    on. Parts are as long as leaves nothing over: of 2^18 elements and more over at most
    64 points, 1,024 to 16,384 elements; of columns (the innermost index of no input is
    a reduction iterator) of 1,024 elements and more over at most 16,384 points, 16 to 63.
    Of rows whose first extent only a dispatch knows, the others being known, whole parts of at
    most 16,384 elements are taken, and what is left over is reduced with the parts. Columns
    whose extent only a dispatch knows, over at most 16,384 points or a number that is not
    known, are cut into parts of 32, the last of which may be shorter. Several reduction
    iterators become one first where only that can be split and they are behind each other
    in all operands.

    Example:

    ```mlir
    linalg.reduce { arith.addf } ins(%x : memref<?x?xf32>) outs(%s : memref<?xf32>) dimensions = [1]
    // becomes
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %init = memref.load %s[%i] : memref<?xf32>
      %sum = scf.parallel (%j) = (%c0) to (%m) step (%c1) init (%init) -> f32 {
        %v = memref.load %x[%i, %j] : memref<?x?xf32>
        scf.reduce(%v : f32) {
        ^bb0(%a: f32, %b: f32):
          %c = arith.addf %a, %b : f32
          scf.reduce.return %c : f32
        }
      }
      memref.store %sum, %s[%i] : memref<?xf32>
    } {vyre.stage_name = "reduce"}
    ```
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::vyre::VyreDialect"];
}

def PrepareTensors : Pass<"vyre-prepare-tensors", "::mlir::func::FuncOp"> {
  let summary = "rewrite what upstream can't bufferize, and keep arguments unwritten";
  let description = [{
    The last step before bufferization. `linalg.softmax` is decomposed; `tensor.gather`
    becomes `tensor.generate`; `tensor.reshape` to a shape of known scalars becomes
    `tensor.collapse_shape` and `tensor.expand_shape`. An operand that tosa broadcasts in
    an `scf.if`, because one of its dynamic extents may be one, is read at index 0 or at
    the point's own, which is decided in the loop. A `linalg.fill` that several ops write
    over is repeated. Tensor arguments are values: they get
    `bufferization.writable = false`.
  }];
  let options = [
    Option<"verify", "verify", "bool", "false",
           "emit an error on an op that bufferization does not know">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}

def FuseLaunches : Pass<"vyre-fuse-launches", "::vyre::ProgramOp"> {
  let summary = "put stages that follow each other point by point into one launch";
  let description = [{
    Groups neighbouring stages into `vyre.launch` ops. Two stages share a launch only
    if every dependence between them is proved to stay at equal points of the indices
    that they have in common: then each point can run one stage after the other. The
    spaces of a launch's stages are equal, also after permuting, splitting or
    collapsing indices, or the smallest is a part of all others, whose further
    indices run inside a point. What is not known is refused: opaque kernels,
    indices that depend on data, extents that are not proved to be equal.

    Among the legal groups the fusion planner chooses by bytes, which come from types
    and capacities. A stage with `host_boundary` joins nothing before it, and stages
    with different `layout_hash` attributes never share a launch.

    A stage that joins no other stays where it is; `vyre-form-launches` gives it a
    launch of its own. Launches that are there already stay as they are.

    A remark says for each launch what it holds and saves, and for each two
    neighbours that were not joined the reason.

    Example:

    ```mlir
    vyre.program @p(
        %a: f32,
        %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
        %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
        -> memref<64xf32> {
      %n = arith.constant 64 : index
      %t = vyre.intermediate() : memref<64xf32>
      vyre.stage @scale (%i) in (%n) reads(%x : memref<64xf32>) writes(%t : memref<64xf32>) {
        %v = memref.load %x[%i] : memref<64xf32>
        %s = arith.mulf %v, %a : f32
        memref.store %s, %t[%i] : memref<64xf32>
      }
      vyre.stage @square (%i) in (%n) reads(%t : memref<64xf32>) writes(%y : memref<64xf32>) {
        %v = memref.load %t[%i] : memref<64xf32>
        %s = arith.mulf %v, %v : f32
        memref.store %s, %y[%i] : memref<64xf32>
      }
      vyre.return %y : memref<64xf32>
    }
    // Both stages are now in: vyre.launch @scale_square { ... }
    ```
  }];
  let options = [
    Option<"maxGroupBytes", "max-group-bytes", "std::string", "\"\"",
           "the most bytes that the stages of a launch may need; not set: no limit">,
    Option<"strategy", "strategy", "std::string", "\"greedy\"",
           "greedy: join from the first stage on; optimal: the fewest launches">,
    Option<"accounting", "accounting", "std::string", "\"sum\"",
           "sum: all that the stages write counts; live: not what only a later stage of the launch reads">,
    Option<"reorder", "reorder", "bool", "true",
           "stages that do not depend on each other may change places">,
    Option<"maxStagesPerLaunch", "max-stages-per-launch", "uint64_t", "1024",
           "the most stages of a launch; 0: no limit">];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def VerifyLaunches : Pass<"vyre-verify-launches", "::vyre::ProgramOp"> {
  let summary = "check that every launch computes what its stages would";
  let description = [{
    A launch of several stages runs them point by point, over the leading indices
    that all of them share: as many as the stage of least rank has. The pass checks,
    from the IR alone and whoever formed the launch, that these indices have equal
    extents, that every dependence between two stages stays at equal points of
    them, and that no stage but the first waits for the host. It changes nothing.
  }];
}

def MergeStages : Pass<"vyre-merge-stages", "::vyre::ProgramOp"> {
  let summary = "make the stages of a launch one stage, with values in registers";
  let description = [{
    Puts the bodies of a launch's stages one after the other into one stage over the
    leading indices that they share. Further indices of a stage become those of an
    `scf.parallel` in the body; between two of these loops all points of the first
    are complete before the second begins.

    What the bodies handed each other then goes through registers: inner loops over
    the same points are fused, an element that a sequential loop updates is kept in
    an `iter_args`, a load takes the value that was stored or loaded before, and an
    element that a few operations make is made again where a later inner loop reads
    it. Stores and intermediates that nobody reads are erased; an intermediate that
    cannot live in a register stays in memory. No operation is reordered within a
    point, so that the results have the same bits.

    A launch that `vyre-verify-launches` would refuse is an error. Launches of one
    stage get the same treatment of their body; those that have code already stay.

    A remark for each merged launch says which intermediates it no longer writes.

    Example:

    ```mlir
    vyre.launch @scale_shift {
      vyre.stage @scale (%i) in (%n) reads(%x : memref<?xf32>) writes(%t : memref<?xf32>) {
        %v = memref.load %x[%i] : memref<?xf32>
        %s = arith.mulf %v, %a : f32
        memref.store %s, %t[%i] : memref<?xf32>
      }
      vyre.stage @shift (%i) in (%n) reads(%t : memref<?xf32>) writes(%y : memref<?xf32>) {
        %v = memref.load %t[%i] : memref<?xf32>
        %s = arith.addf %v, %b : f32
        memref.store %s, %y[%i] : memref<?xf32>
      }
    }
    // becomes
    vyre.launch @scale_shift {
      vyre.stage @scale_shift (%i) in (%n) reads(%x : memref<?xf32>) writes(%y : memref<?xf32>) {
        %v = memref.load %x[%i] : memref<?xf32>
        %s = arith.mulf %v, %a : f32
        %r = arith.addf %s, %b : f32
        memref.store %r, %y[%i] : memref<?xf32>
      }
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def CompactResults : Pass<"vyre-compact-results", "::vyre::ProgramOp"> {
  let summary = "plan which results come back together";
  let description = [{
    Puts a `vyre.readback` before the `vyre.return`: small results share a slab that
    comes back as one, large ones come back each by itself. The result compaction
    planner decides by the bytes that are meaningful: those of the type, or of a
    constant count. Where only the dispatch or the device knows them, a result whose
    capacity fits a record is in the slab all the same; of any other the runtime
    decides, with the same planner and the same limits.

    A program without results stays as it is, and so does one that has a
    `vyre.readback`. A remark says for each result what it is and why, and one what
    is saved of the whole.

    Example:

    ```mlir
    vyre.program @sums(
        %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
        %s: memref<f32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>},
        %y: memref<4096xf32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>})
        -> (memref<f32>, memref<4096xf32>) {
      vyre.return %s : memref<f32>, %y : memref<4096xf32>
    }
    // Before the vyre.return stands now:
    // vyre.readback slab(%s : memref<f32>) direct(%y : memref<4096xf32>) {...}
    ```
  }];
  let options = [
    Option<"maxCompactRecordBytes", "max-compact-record-bytes", "uint64_t", "4096",
           "the most bytes of a result in the slab">,
    Option<"recordAlignment", "record-alignment", "uint64_t", "0",
           "what a record's place is a multiple of; 0: what the results' bindings ask for">,
    Option<"maxSlabBytes", "max-slab-bytes", "std::string", "\"\"",
           "where the slab ends at the latest; not set: no limit">];
}

def PlanCapture : Pass<"vyre-plan-capture", "::vyre::ProgramOp"> {
  let summary = "plan how a program is captured as a graph and replayed";
  let description = [{
    Attaches a `#vyre.capture_plan` to a program in physical form:

    * the steps of a dispatch (uploads, launches, the packing of small results,
      downloads) and which of them wait for which, from the buffers that each
      reads and writes. What is not ordered may run side by side;
    * where the intermediates lie in the arena, if all sizes are known. Launches
      that may run side by side do not share memory, unless the arena would pass
      `max-arena-bytes`: then some of them wait for each other, and the plan says
      so. Without that option an arena above 256 MiB is not made larger than it
      has to be;
    * for each binding what a replay sees of the last one: `read_only`;
      `wholly_written` before it is read; `read_modify_write`; `state`;
      `escaping_result`, which is not proved to be wholly written, so that a
      replay would hand out what the last one left; `host_boundary`; `workgroup`;
    * what the tables of the graph need, and whether a replay may leave out the
      uploads.

    A program with a stage whose `host_boundary` lies behind an earlier launch is
    never captured; with `capture=require` that is an error on the stage.

    The program itself stays as it is. Passes that change it afterwards make the
    plan stale, which is an error where the plan is used: run this pass last. An
    older plan is replaced.

    Remarks say for each binding what it is and why, and for the program what the
    arena takes: as planned, with all launches side by side that may be, and with
    all in their order.

    Example:

    ```mlir
    vyre.program @square(
        %x: memref<16xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
        %y: memref<16xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
        -> memref<16xf32> {
      %c16 = arith.constant 16 : index
      vyre.launch @square {
        vyre.stage @square (%i) in (%c16) reads(%x : memref<16xf32>) writes(%y : memref<16xf32>) {
          %v = memref.load %x[%i] : memref<16xf32>
          %s = arith.mulf %v, %v : f32
          memref.store %s, %y[%i] : memref<16xf32>
        }
      }
      vyre.return %y : memref<16xf32>
    }
    // The program has now the attribute vyre.capture_plan.
    ```
  }];
  let options = [
    Option<"capture", "capture", "std::string", "\"auto\"",
           "auto: the runtime decides; never; require: an error where it can't be">,
    Option<"maxArenaBytes", "max-arena-bytes", "std::string", "\"\"",
           "the most bytes of the arena; not set: no limit">];
}

#endif // VYRE_DIALECT_VYRE_TRANSFORMS_PASSES
