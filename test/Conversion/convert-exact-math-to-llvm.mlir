// RUN: vyre-opt %s -convert-exact-math-to-llvm | FileCheck %s -enable-var-scope

llvm.func @__nv_sqrtf(f32) -> f32
llvm.func @__nv_sqrt(f64) -> f64
llvm.func @__nv_expf(f32) -> f32

// A square root has one right result; an exponential is the library's.
// CHECK-LABEL: llvm.func @calls
// CHECK:         %[[A:.*]] = llvm.intr.sqrt(%{{.*}}) : (f32) -> f32
// CHECK:         llvm.call @__nv_expf(%[[A]])
// CHECK:         llvm.intr.sqrt(%{{.*}}) : (f64) -> f64
llvm.func @calls(%x: f32, %y: f64) -> f64 {
  %a = llvm.call @__nv_sqrtf(%x) : (f32) -> f32
  %b = llvm.call @__nv_expf(%a) : (f32) -> f32
  %c = llvm.call @__nv_sqrt(%y) : (f64) -> f64
  llvm.return %c : f64
}

// CHECK-LABEL: llvm.func @ops
// CHECK:         llvm.intr.fma
// CHECK:         llvm.intr.floor
// CHECK:         llvm.intr.fabs
// CHECK:         llvm.intr.ctpop
// CHECK:         math.sin
llvm.func @ops(%x: f32, %y: f32, %i: i32) -> f32 {
  %a = math.fma %x, %y, %x : f32
  %b = math.floor %a : f32
  %c = math.absf %b : f32
  %d = math.ctpop %i : i32
  %e = math.sin %c : f32
  llvm.return %e : f32
}
