// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{max-group-bytes=1024}))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s --check-prefix=BUDGET
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{max-group-bytes=1024 strategy=optimal}))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s --check-prefix=OPTIMAL
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{max-group-bytes=1024 accounting=live}))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s --check-prefix=LIVE
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{max-stages-per-launch=2}))' --remarks-filter=vyre-fuse-launches -o /dev/null 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-fuse-launches{reorder=false}))' | FileCheck %s --check-prefix=ORDER

// Five stages of 64 floats: the first needs 512 bytes, each further one 256 more.

// ALL: [Passed] fused | Category:vyre-fuse-launches | Function=chain | AvoidedBytes=1024, AvoidedLaunches=4, Remark="launch @a_b_c_d_e holds @a, @b, @c, @d, @e", RequiredBytes=1536, Stages=5

// BUDGET: AvoidedBytes=512, AvoidedLaunches=2, Remark="launch @a_b_c holds @a, @b, @c", RequiredBytes=1024, Stages=3
// BUDGET: Function=chain | Reason="together they need 1280 bytes, more than max-group-bytes = 1024", Remark="@d does not join @c"
// BUDGET: AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @d_e holds @d, @e", RequiredBytes=768, Stages=2

// Two launches in either case; the optimum is the first of those that avoid as
// much.
// OPTIMAL: launch @a_b holds @a, @b
// OPTIMAL: Function=chain | Reason="other groups make fewer launches or avoid more bytes", Remark="@c does not join @b"
// OPTIMAL: launch @c_d_e holds @c, @d, @e

// What only the launch reads does not count.
// LIVE: AvoidedBytes=1024, AvoidedLaunches=4, Remark="launch @a_b_c_d_e holds @a, @b, @c, @d, @e", RequiredBytes=512, Stages=5

// TWO: AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @a_b holds @a, @b", RequiredBytes=768, Stages=2
// TWO: Reason="the launch has max-stages-per-launch = 2 stages", Remark="@c does not join @b"
// TWO: AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @c_d holds @c, @d", RequiredBytes=768, Stages=2
// TWO: Remark="@e does not join @d"
vyre.program @chain(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %t = vyre.intermediate() : memref<64xf32>
  %u = vyre.intermediate() : memref<64xf32>
  %v = vyre.intermediate() : memref<64xf32>
  %w = vyre.intermediate() : memref<64xf32>
  vyre.stage @a (%i) in (%n) reads(%x : memref<64xf32>) writes(%t : memref<64xf32>) {
    %0 = memref.load %x[%i] : memref<64xf32>
    memref.store %0, %t[%i] : memref<64xf32>
  }
  vyre.stage @b (%i) in (%n) reads(%t : memref<64xf32>) writes(%u : memref<64xf32>) {
    %0 = memref.load %t[%i] : memref<64xf32>
    memref.store %0, %u[%i] : memref<64xf32>
  }
  vyre.stage @c (%i) in (%n) reads(%u : memref<64xf32>) writes(%v : memref<64xf32>) {
    %0 = memref.load %u[%i] : memref<64xf32>
    memref.store %0, %v[%i] : memref<64xf32>
  }
  vyre.stage @d (%i) in (%n) reads(%v : memref<64xf32>) writes(%w : memref<64xf32>) {
    %0 = memref.load %v[%i] : memref<64xf32>
    memref.store %0, %w[%i] : memref<64xf32>
  }
  vyre.stage @e (%i) in (%n) reads(%w : memref<64xf32>) writes(%y : memref<64xf32>) {
    %0 = memref.load %w[%i] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  vyre.return %y : memref<64xf32>
}

// Without reordering, stages over another space between two stages keep them
// apart; with it they join.
// ALL:       launch @p_r holds @p, @r
// ORDER-LABEL: vyre.program @between
// ORDER-NOT:   vyre.launch
vyre.program @between(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %y: memref<32xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %z: memref<64xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> memref<64xf32> {
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @p (%i) in (%c64) writes(%x : memref<64xf32>) {
    memref.store %v, %x[%i] : memref<64xf32>
  }
  vyre.stage @q (%i) in (%c32) writes(%y : memref<32xf32>) {
    memref.store %v, %y[%i] : memref<32xf32>
  }
  vyre.stage @r (%i) in (%c64) writes(%z : memref<64xf32>) {
    memref.store %v, %z[%i] : memref<64xf32>
  }
  vyre.return %x : memref<64xf32>
}

// A layout hash that was given keeps stages apart that would match.
// ORDER-LABEL: vyre.program @hashes
// ALL:       Function=hashes | Reason="its layout hash is 8, that of @s 7", Remark="@t does not join @s"
vyre.program @hashes(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @s (%i) in (%n) writes(%x : memref<64xf32>) attributes {layout_hash = 7 : i64} {
    memref.store %v, %x[%i] : memref<64xf32>
  }
  vyre.stage @t (%i) in (%n) writes(%y : memref<64xf32>) attributes {layout_hash = 8 : i64} {
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.return %x : memref<64xf32>
}

// A hash that both were given lets them join; one that only one was given does not.
// ALL:       launch @s_t holds @s, @t
// ALL:       Function=given | Reason="its layout hash is {{[0-9]+}}, that of @t 7", Remark="@u does not join @t"
vyre.program @given(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>},
    %y: memref<64xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>},
    %z: memref<64xf32> {vyre.binding = #vyre.binding<slot = 2, role = output>})
    -> memref<64xf32> {
  %n = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @s (%i) in (%n) writes(%x : memref<64xf32>) attributes {layout_hash = 7 : i64} {
    memref.store %v, %x[%i] : memref<64xf32>
  }
  vyre.stage @t (%i) in (%n) writes(%y : memref<64xf32>) attributes {layout_hash = 7 : i64} {
    memref.store %v, %y[%i] : memref<64xf32>
  }
  vyre.stage @u (%i) in (%n) writes(%z : memref<64xf32>) {
    memref.store %v, %z[%i] : memref<64xf32>
  }
  vyre.return %x : memref<64xf32>
}

// What only its launch reads does not count, as t; u, which a stage reads that does not
// join, does.
// LIVE: AvoidedBytes=256, AvoidedLaunches=1, Remark="launch @k_l holds @k, @l", RequiredBytes=768, Stages=2
// LIVE: Function=read_elsewhere | {{.*}} Remark="@shifted does not join @l"
vyre.program @read_elsewhere(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<63xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<63xf32> {
  %c1 = arith.constant 1 : index
  %n = arith.constant 64 : index
  %m = arith.constant 63 : index
  %t = vyre.intermediate() : memref<64xf32>
  %u = vyre.intermediate() : memref<64xf32>
  vyre.stage @k (%i) in (%n) reads(%x : memref<64xf32>) writes(%t, %u : memref<64xf32>, memref<64xf32>) {
    %0 = memref.load %x[%i] : memref<64xf32>
    memref.store %0, %t[%i] : memref<64xf32>
    memref.store %0, %u[%i] : memref<64xf32>
  }
  vyre.stage @l (%i) in (%n) reads(%t : memref<64xf32>) updates(%u : memref<64xf32>) {
    %0 = memref.load %t[%i] : memref<64xf32>
    %1 = memref.load %u[%i] : memref<64xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %u[%i] : memref<64xf32>
  }
  vyre.stage @shifted (%i) in (%m) reads(%u : memref<64xf32>) writes(%y : memref<63xf32>) {
    %k = arith.addi %i, %c1 : index
    %0 = memref.load %u[%k] : memref<64xf32>
    memref.store %0, %y[%i] : memref<63xf32>
  }
  vyre.return %y : memref<63xf32>
}

// A launch that is there already stays where it is, and nothing moves past it.
// ALL-NOT: Function=around
// ORDER-LABEL: vyre.program @around
// ORDER:       vyre.stage @before
// ORDER:       vyre.launch @there
// ORDER:       vyre.stage @behind
vyre.program @around(
    %x: memref<64xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>},
    %y: memref<32xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<32xf32> {
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %v = arith.constant 1.0 : f32
  vyre.stage @before (%i) in (%c64) updates(%x : memref<64xf32>) {
    %0 = memref.load %x[%i] : memref<64xf32>
    %1 = arith.addf %0, %v : f32
    memref.store %1, %x[%i] : memref<64xf32>
  }
  vyre.launch @there {
    vyre.stage @read (%i) in (%c32) reads(%x : memref<64xf32>) writes(%y : memref<32xf32>) {
      %0 = memref.load %x[%i] : memref<64xf32>
      memref.store %0, %y[%i] : memref<32xf32>
    }
  }
  vyre.stage @behind (%i) in (%c64) updates(%x : memref<64xf32>) {
    %0 = memref.load %x[%i] : memref<64xf32>
    %1 = arith.mulf %0, %0 : f32
    memref.store %1, %x[%i] : memref<64xf32>
  }
  vyre.return %y : memref<32xf32>
}
