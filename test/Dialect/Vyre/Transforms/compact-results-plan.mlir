// RUN: vyre-compile %s --emit=plan | FileCheck %s
// RUN: vyre-compile %s --emit=plan --compact='max-compact-record-bytes=4' | FileCheck %s --check-prefix=FOUR
// RUN: vyre-compile %s --emit=plan --compact=off | FileCheck %s --check-prefix=OFF
// RUN: not vyre-compile %s --emit=plan --compact='max-bytes=4' 2>&1 | FileCheck %s --check-prefix=WRONG

// What vyre-compile says of the readback, with its options.
// CHECK: readback of at most 16424 bytes, slab of 52 bytes: arg2 at 0, arg4 at 32, arg5 at 48, direct arg3
// FOUR:  readback of at most 16424 bytes, slab of 20 bytes: arg4 at 0, arg5 at 16, direct arg3, decided late arg2
// OFF-NOT: readback
// WRONG: error: the options of compaction can't be used: {{.*}}no such option{{.*}}max-bytes
func.func @f(%x: memref<8xi32>, %y: memref<4096xf32>)
    -> (memref<8xi32> {vyre.count_result = 2 : i64}, memref<4096xf32>, memref<i32>, i32) {
  %c0 = arith.constant 0 : index
  %a = memref.alloc() : memref<8xi32>
  %b = memref.alloc() : memref<4096xf32>
  %n = memref.alloc() : memref<i32>
  memref.copy %x, %a : memref<8xi32> to memref<8xi32>
  memref.copy %y, %b : memref<4096xf32> to memref<4096xf32>
  %v = memref.load %x[%c0] : memref<8xi32>
  memref.store %v, %n[] : memref<i32>
  return %a, %b, %n, %v : memref<8xi32>, memref<4096xf32>, memref<i32>, i32
}
