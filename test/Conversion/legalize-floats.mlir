// RUN: vyre-opt %s -vyre-legalize-floats | FileCheck %s -enable-var-scope
// RUN: vyre-opt %s -vyre-legalize-floats=math=portable | FileCheck %s --check-prefix=PORTABLE
// RUN: not vyre-opt %s -vyre-legalize-floats=math=exact 2>&1 | FileCheck %s --check-prefix=OPTION

// OPTION: error: option math is 'exact', expected 'library' or 'portable'

// The sum of two halves is that of two floats, rounded; casts are integer
// arithmetic, so that no target needs a library for them.
// CHECK-LABEL: func.func @half
// CHECK-SAME:    (%[[A:.*]]: f16, %[[B:.*]]: f16)
// CHECK-NOT:     arith.extf
// CHECK-DAG:     arith.bitcast %[[A]] : f16 to i16
// CHECK-DAG:     arith.bitcast %[[B]] : f16 to i16
// CHECK:         arith.addf %{{.*}}, %{{.*}} : f32
// CHECK-NOT:     arith.truncf
// CHECK:         arith.bitcast %{{.*}} : i16 to f16
func.func @half(%a: f16, %b: f16) -> f16 {
  %c = arith.addf %a, %b : f16
  return %c : f16
}

// CHECK-LABEL: func.func @compare
// CHECK:         arith.cmpf olt, %{{.*}}, %{{.*}} : f32
func.func @compare(%a: bf16, %b: bf16) -> i1 {
  %c = arith.cmpf olt, %a, %b : bf16
  return %c : i1
}

// f32 and f64 stay as they are.
// CHECK-LABEL: func.func @single
// CHECK-NEXT:    arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK-NEXT:    return
func.func @single(%a: f32, %b: f32) -> f32 {
  %c = arith.mulf %a, %b : f32
  return %c : f32
}

// An exponential is the library's, or a polynomial.
// CHECK-LABEL:    func.func @exponential
// CHECK:            math.exp %{{.*}} : f32
// PORTABLE-LABEL: func.func @exponential
// PORTABLE-NOT:     math.exp
// PORTABLE:         math.fma
func.func @exponential(%a: f32) -> f32 {
  %c = math.exp %a : f32
  return %c : f32
}
