// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-compact-results))' | FileCheck %s
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-compact-results,vyre-compact-results))' | FileCheck %s
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-compact-results{max-compact-record-bytes=8 record-alignment=1}))' | FileCheck %s --check-prefix=SMALL
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-compact-results{max-slab-bytes=20}))' | FileCheck %s --check-prefix=SLAB
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-compact-results))' --remarks-filter='.*' 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: vyre-opt %s -pass-pipeline='builtin.module(vyre.program(vyre-compact-results))' --emit-bytecode | vyre-opt | FileCheck %s

// Sizes that the types state: by slot, each at a multiple of what its binding asks for.
// CHECK-LABEL: vyre.program @static
// CHECK-SAME:    %[[BIG:[a-z0-9]+]]: memref<4096xf32>
// CHECK-SAME:    %[[A:[a-z0-9]+]]: memref<3xi16>
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<f64>
// CHECK:         vyre.readback slab(%[[A]], %[[B]] : memref<3xi16>, memref<f64>) direct(%[[BIG]] : memref<4096xf32>)
// CHECK-SAME:      direct_bytes = 16384 : i64, full_bytes = 16398 : i64, max_record_bytes = 4096 : i64
// CHECK-SAME:      offsets = array<i64: 0, 16>, record_alignment = 16 : i64, slab_bytes = 24 : i64
// CHECK-NEXT:    vyre.return %[[B]] : memref<f64>, %[[BIG]] : memref<4096xf32>, %[[A]] : memref<3xi16>
// SMALL-LABEL: vyre.program @static
// SMALL:         offsets = array<i64: 0, 6>, record_alignment = 1 : i64, slab_bytes = 14 : i64
// A record that would end beyond the slab comes back by itself.
// SLAB-LABEL:  vyre.program @static
// SLAB-SAME:     %[[BIG:[a-z0-9]+]]: memref<4096xf32>
// SLAB-SAME:     %[[A:[a-z0-9]+]]: memref<3xi16>
// SLAB-SAME:     %[[B:[a-z0-9]+]]: memref<f64>
// SLAB:          vyre.readback slab(%[[A]] : memref<3xi16>) direct(%[[BIG]], %[[B]] : memref<4096xf32>, memref<f64>)
// SLAB-SAME:       max_slab_bytes = 20
// REMARK:      Function=static | Bytes=16384, Capacity=16384, Reason="it is larger than max-compact-record-bytes", Remark="result 1 is direct", Slot=0
// REMARK:      Bytes=6, Capacity=6, Reason="it fits a record", Remark="result 2 is a record", Slot=1
// REMARK:      compacted
// REMARK-SAME: AvoidedBasisPoints=0, AvoidedBytes=0, Direct=1, FullBytes=16398, Late=0, Records=2, SelectedBytes=16398, SlabBytes=24
vyre.program @static(
    %big: memref<4096xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, alignment = 16>},
    %a: memref<3xi16> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>},
    %b: memref<f64> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>})
    -> (memref<f64>, memref<4096xf32>, memref<3xi16>) {
  vyre.return %b : memref<f64>, %big : memref<4096xf32>, %a : memref<3xi16>
}

// Counts: a constant one says how many bytes come back, of one that a dispatch or the
// device decides on the capacity says whether the result is a record.
// CHECK-LABEL: vyre.program @counted
// CHECK-SAME:    %{{[a-z0-9]+}}: index, %[[N:[a-z0-9]+]]: memref<1xi32>
// CHECK-SAME:    %[[C:[a-z0-9]+]]: memref<4096xi32>
// CHECK-SAME:    %[[D:[a-z0-9]+]]: memref<16xi32>
// CHECK-SAME:    %[[E:[a-z0-9]+]]: memref<4096xi32>
// CHECK-SAME:    %[[F:[a-z0-9]+]]: memref<4096xi32>
// CHECK-SAME:    %[[Z:[a-z0-9]+]]: memref<0xi32>
// CHECK:         vyre.readback slab(%[[N]], %[[C]], %[[D]], %[[Z]] : {{.*}}) late(%[[E]], %[[F]] :
// CHECK-SAME:      offsets = array<i64: 0, 16, 32, 32>
// REMARK:      Function=counted | Bytes=4, Capacity=4, Reason="it fits a record", Remark="result 0 is a record", Slot=0
// REMARK:      Bytes=12, Capacity=16384, Reason="it fits a record", Remark="result 1 is a record", Slot=1
// REMARK:      Bytes=64, Capacity=64, Reason="its capacity fits a record, whatever its size becomes", Remark="result 2 is a record", Slot=2
// REMARK:      Reason="only the device knows its size", Remark="result 3 is decided late", Slot=3
// REMARK:      Reason="only a dispatch knows its size", Remark="result 4 is decided late", Slot=4
// REMARK:      Bytes=0, Capacity=0, Reason="it is empty", Remark="result 5 is a record", Slot=5
// REMARK:      AvoidedBytes=16372
vyre.program @counted(
    %rows: index,
    %n: memref<1xi32> {vyre.binding = #vyre.binding<slot = 0, role = output, alignment = 16>},
    %c: memref<4096xi32> {vyre.binding = #vyre.binding<slot = 1, role = output, alignment = 16>},
    %d: memref<16xi32> {vyre.binding = #vyre.binding<slot = 2, role = output, alignment = 16>},
    %e: memref<4096xi32> {vyre.binding = #vyre.binding<slot = 3, role = output, alignment = 16>},
    %f: memref<4096xi32> {vyre.binding = #vyre.binding<slot = 4, role = output, alignment = 16>},
    %z: memref<0xi32> {vyre.binding = #vyre.binding<slot = 5, role = output, alignment = 16>})
    -> (memref<1xi32>, memref<4096xi32>, memref<16xi32>, memref<4096xi32>, memref<4096xi32>, memref<0xi32>) {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  vyre.stage @count (%i) in (%c1) writes(%n : memref<1xi32>) {
    %k = arith.constant 7 : i32
    memref.store %k, %n[%i] : memref<1xi32>
  }
  vyre.return %n : memref<1xi32>, %c count(%c3 : index) : memref<4096xi32>,
      %d count(%n : memref<1xi32>) : memref<16xi32>, %e count(%n : memref<1xi32>) : memref<4096xi32>,
      %f count(%rows : index) : memref<4096xi32>, %z : memref<0xi32>
}

// Nothing comes back from a program without results.
// CHECK-LABEL: vyre.program @none
// CHECK-NOT:     vyre.readback
vyre.program @none() {
  vyre.return
}
