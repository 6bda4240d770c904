// The artifact tells which functions are not correctly rounded, and a budget refuses those
// that are less precise on the device at hand.
//
// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-run %t.vyre --list | FileCheck %s --check-prefix=LIST
// RUN: not vyre-run %t.vyre --program rounded --fill 1 --device cpu --ulp-budget 0 2>&1 | FileCheck %s --check-prefix=OVER
// RUN: vyre-run %t.vyre --program rounded --fill 1 --device cpu --ulp-budget 4
// RUN: vyre-run %t.vyre --program exact --fill 1 --device cpu --ulp-budget 0
//
// What upstream's polynomials give, nobody says.
// RUN: vyre-compile %s --targets=cpu --math=portable -o %t.portable.vyre
// RUN: not vyre-run %t.portable.vyre --program rounded --fill 1 --device cpu --ulp-budget 1000 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// LIST: program rounded:
// LIST: math cbrt.f64: cpu 4 ulp, gpu 1 ulp
// LIST-NEXT: math exp.f32: cpu 1 ulp, gpu 2 ulp
// LIST-NEXT: math tanh.f16: cpu 1 ulp, gpu 1 ulp
// LIST: program exact:
// LIST-NOT: math
// LIST: code

// OVER: 'cbrt.f64' of program 'rounded' may be off by 4 ulp on 'cpu', expected at most 0 by ulp_budget
// UNKNOWN: 'cbrt.f64' of program 'rounded' may be off by nobody knows how many ulp
func.func @rounded(%x: tensor<8xf32>, %y: tensor<8xf64>, %z: tensor<8xf16>) -> (tensor<8xf32>, tensor<8xf64>, tensor<8xf16>) {
  %0 = math.exp %x : tensor<8xf32>
  %1 = math.cbrt %y : tensor<8xf64>
  %2 = math.tanh %z : tensor<8xf16>
  return %0, %1, %2 : tensor<8xf32>, tensor<8xf64>, tensor<8xf16>
}

// Square roots and divisions have one right result, on every backend.
func.func @exact(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = math.absf %x : tensor<8xf32>
  %1 = math.sqrt %0 : tensor<8xf32>
  %2 = arith.divf %1, %x : tensor<8xf32>
  return %2 : tensor<8xf32>
}
