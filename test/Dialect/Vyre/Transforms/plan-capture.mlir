// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture))' | FileCheck %s
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture,vyre-plan-capture))' | FileCheck %s
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture{max-arena-bytes=1024}))' | FileCheck %s --check-prefix=LESS
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture))' --emit-bytecode | vyre-opt | FileCheck %s
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture))' --mlir-print-op-generic | vyre-opt | FileCheck %s
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture))' --remarks-filter=vyre-plan-capture -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-plan-capture{max-arena-bytes=1024}))' --remarks-filter=vyre-plan-capture -o /dev/null 2>&1 | FileCheck %s --check-prefix=LESS-REMARK
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// How a program is captured: its steps as a graph, its arena, and what a replay sees.

// Two branches over one input, which meet at the end. They do not wait for each other, so that
// their intermediates share no bytes; with less memory the second waits for the first.
// CHECK-LABEL: vyre.program @branches
// CHECK-SAME:  vyre.capture_plan = #vyre.capture_plan<policy = auto,
// CHECK-SAME:  tables = <inputs = 1, outputs = 1, readbacks = 1, pointers = 2, arguments = 3, resident_replay = true>,
// CHECK-SAME:  nodes = [#vyre.capture_node<kind = upload, argument = 0>,
// CHECK-SAME:  #vyre.capture_node<kind = launch, launch = @a0, after = 0>,
// CHECK-SAME:  #vyre.capture_node<kind = launch, launch = @a1, after = 1>,
// CHECK-SAME:  #vyre.capture_node<kind = launch, launch = @b0, after = 0>,
// CHECK-SAME:  #vyre.capture_node<kind = launch, launch = @b1, after = 3>,
// CHECK-SAME:  #vyre.capture_node<kind = launch, launch = @join, after = 2, 4>,
// CHECK-SAME:  #vyre.capture_node<kind = download, argument = 1, after = 5>],
// CHECK-SAME:  arena = <bytes = 1536, concurrent_bytes = 1536, in_order_bytes = 1024,
// CHECK-SAME:  edges = []>,
// CHECK-SAME:  replay = read_only, wholly_written>
// LESS-LABEL:  vyre.program @branches
// LESS-SAME:   policy = auto, max_arena_bytes = 1024,
// LESS-SAME:   arena = <bytes = 1024, concurrent_bytes = 1536, in_order_bytes = 1024,
// LESS-SAME:   edges = [1, 2]>
// REMARK:      Function=branches | Reason="no launch writes it", Remark="argument 0 is read_only"
// REMARK:      Reason="stage @join writes all of it first", Remark="argument 1 is wholly_written"
// REMARK:      planned
// REMARK-SAME: AddedEdges=0, ArenaBytes=1536, ConcurrentBytes=1536, Dependences=4, InOrderBytes=1024, Intermediates=4, Launches=5
// LESS-REMARK: AddedEdges=1, ArenaBytes=1024, ConcurrentBytes=1536, Dependences=4, InOrderBytes=1024, Intermediates=4, Launches=5
vyre.program @branches(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %s = vyre.intermediate() : memref<128xf32>
  %a = vyre.intermediate() : memref<64xf32>
  %t = vyre.intermediate() : memref<128xf32>
  %b = vyre.intermediate() : memref<64xf32>
  vyre.launch @a0 {
    vyre.stage @a0 (%i) in (%c64) reads(%x : memref<64xf32>) writes(%s : memref<128xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %s[%i] : memref<128xf32>
    }
  }
  vyre.launch @a1 {
    vyre.stage @a1 (%i) in (%c64) reads(%s : memref<128xf32>) writes(%a : memref<64xf32>) {
      %v = memref.load %s[%i] : memref<128xf32>
      memref.store %v, %a[%i] : memref<64xf32>
    }
  }
  vyre.launch @b0 {
    vyre.stage @b0 (%i) in (%c64) reads(%x : memref<64xf32>) writes(%t : memref<128xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %t[%i] : memref<128xf32>
    }
  }
  vyre.launch @b1 {
    vyre.stage @b1 (%i) in (%c64) reads(%t : memref<128xf32>) writes(%b : memref<64xf32>) {
      %v = memref.load %t[%i] : memref<128xf32>
      memref.store %v, %b[%i] : memref<64xf32>
    }
  }
  vyre.launch @join {
    vyre.stage @join (%i) in (%c64) reads(%a, %b : memref<64xf32>, memref<64xf32>) writes(%y : memref<64xf32>) {
      %v = memref.load %a[%i] : memref<64xf32>
      %w = memref.load %b[%i] : memref<64xf32>
      %z = arith.addf %v, %w : f32
      memref.store %z, %y[%i] : memref<64xf32>
    }
  }
  vyre.return %y : memref<64xf32>
}

// Sizes that only a dispatch knows: the runtime places the intermediates. State, and what is
// updated, keep a replay from leaving out the uploads.
// CHECK-LABEL: vyre.program @dynamic
// CHECK-SAME:  tables = <inputs = 1, outputs = 1, readbacks = 1, pointers = 2, arguments = 3, resident_replay = false>
// CHECK-NOT:   arena
// CHECK-SAME:  replay = value, read_modify_write, state>
// REMARK:      Function=dynamic | Reason="a launch writes what the caller gave", Remark="argument 1 is read_modify_write"
// REMARK:      Function=dynamic | Reason="it is meant to outlive a dispatch", Remark="argument 2 is state"
// REMARK:      Function=dynamic | Dependences=1, Intermediates=1, Launches=2, Reason="the arena depends on the sizes of a dispatch"
vyre.program @dynamic(
    %k: f32,
    %x: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output, capacity = 4096>},
    %n: memref<1xf32> {vyre.binding = #vyre.binding<slot = 1, role = state>}) {
  %c0 = arith.constant 0 : index
  %d = memref.dim %x, %c0 : memref<?xf32>
  %t = vyre.intermediate(%d) : memref<?xf32>
  vyre.launch @first {
    vyre.stage @first (%i) in (%d) reads(%x : memref<?xf32>) writes(%t : memref<?xf32>) {
      %v = memref.load %x[%i] : memref<?xf32>
      memref.store %v, %t[%i] : memref<?xf32>
    }
  }
  vyre.launch @second {
    vyre.stage @second (%i) in (%d) reads(%t, %n : memref<?xf32>, memref<1xf32>) writes(%x : memref<?xf32>) {
      %z = arith.constant 0 : index
      %v = memref.load %t[%i] : memref<?xf32>
      %w = memref.load %n[%z] : memref<1xf32>
      %s = arith.mulf %v, %w : f32
      memref.store %s, %x[%i] : memref<?xf32>
    }
  }
  vyre.return
}

// An output under a condition may keep what the last replay left. Small results are packed, and
// what is counted comes back after its count.
// CHECK-LABEL: vyre.program @packed
// CHECK-SAME:  #vyre.capture_node<kind = launch, launch = @pick, after = 0>
// CHECK-SAME:  #vyre.capture_node<kind = pack, after = 1>
// CHECK-SAME:  #vyre.capture_node<kind = download, argument = 1, after = 2>
// CHECK-SAME:  replay = read_only, escaping_result, wholly_written>
// REMARK:      Reason="stage @pick is not proved to write all of it first", Remark="argument 1 is escaping_result"
vyre.program @packed(
    %x: memref<64xi32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xi32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %n: memref<1xi32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> (memref<64xi32>, memref<1xi32>) {
  %c1 = arith.constant 1 : index
  vyre.launch @pick {
    vyre.stage @pick (%i) in (%c1) reads(%x : memref<64xi32>) writes(%y, %n : memref<64xi32>, memref<1xi32>) {
      %c0 = arith.constant 0 : i32
      %v = memref.load %x[%i] : memref<64xi32>
      %isPositive = arith.cmpi sgt, %v, %c0 : i32
      scf.if %isPositive {
        memref.store %v, %y[%i] : memref<64xi32>
      }
      memref.store %v, %n[%i] : memref<1xi32>
    }
  }
  vyre.readback slab(%n : memref<1xi32>) late(%y : memref<64xi32>)
      {direct_bytes = 0 : i64, full_bytes = 260 : i64, max_record_bytes = 16 : i64,
       offsets = array<i64: 0>, record_alignment = 4 : i64, slab_bytes = 4 : i64}
  vyre.return %y count(%n : memref<1xi32>) : memref<64xi32>, %n : memref<1xi32>
}

// A host that looks on in between: no graph holds the whole program.
// CHECK-LABEL: vyre.program @boundary
// CHECK-SAME:  policy = never
// CHECK-SAME:  replay = host_boundary>
// REMARK:      argument 0 is host_boundary
// REMARK:      [Missed] capture | Category:vyre-plan-capture | Function=boundary | Reason="stage @second waits for the host to see what launch @first wrote", Remark="the program is never captured"
vyre.program @boundary(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  %c64 = arith.constant 64 : index
  vyre.launch @first {
    vyre.stage @first (%i) in (%c64) updates(%x : memref<64xf32>) {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %x[%i] : memref<64xf32>
    }
  }
  vyre.launch @second {
    vyre.stage @second (%i) in (%c64) updates(%x : memref<64xf32>) host_boundary {
      %v = memref.load %x[%i] : memref<64xf32>
      memref.store %v, %x[%i] : memref<64xf32>
    }
  }
  vyre.return
}

// A program without launches has nothing to capture.
// CHECK-LABEL: vyre.program @nothing
// CHECK-SAME:  policy = never, tables = <inputs = 0, outputs = 0, readbacks = 0, pointers = 0, arguments = 1, resident_replay = true>, nodes = []
// REMARK:      Reason="it has no launch"
vyre.program @nothing() {
  vyre.return
}
