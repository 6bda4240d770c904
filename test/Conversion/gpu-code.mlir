// RUN: vyre-compile %s --targets=sm_80 --math=portable --emit=ptx -o - | FileCheck %s -enable-var-scope

// What a thread loads and stores is 16 bytes, and read-only data goes through the
// non-coherent path.
// CHECK-LABEL: .entry chain_
// CHECK:         ld.global.nc.v4.b32
// CHECK-NOT:     ld.global
// CHECK:         st.global.v4.b32
// CHECK:         ret;
func.func @chain(%x: tensor<64x1024xf32>) -> tensor<64x1024xf32> {
  %e = tensor.empty() : tensor<64x1024xf32>
  %y = linalg.exp ins(%x : tensor<64x1024xf32>) outs(%e : tensor<64x1024xf32>) -> tensor<64x1024xf32>
  %z = linalg.add ins(%x, %y : tensor<64x1024xf32>, tensor<64x1024xf32>) outs(%e : tensor<64x1024xf32>) -> tensor<64x1024xf32>
  return %z : tensor<64x1024xf32>
}

// Softmax over rows of 1,024: a warp for each row, which it reads once. One reciprocal, a
// test for 16 divisions each, and the stores after each.
// CHECK-LABEL: .entry softmax_
// CHECK-NOT:     bar.sync
// CHECK-COUNT-4: st.global.v4.b32
// CHECK-NOT:     st.global
// CHECK-COUNT-8: ld.global.nc.v4.b32
// CHECK-NOT:     ld.global
// CHECK:         rcp.approx.ftz.f32
// CHECK-NOT:     rcp.approx.ftz.f32
// CHECK-NOT:     bar.sync
// CHECK-COUNT-4: st.global.v4.b32
// CHECK-NOT:     st.global
// CHECK:         ret;
func.func @softmax(%x: tensor<256x1024xf32>) -> tensor<256x1024xf32> {
  %e = tensor.empty() : tensor<256x1024xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<256x1024xf32>) outs(%e : tensor<256x1024xf32>) -> tensor<256x1024xf32>
  return %y : tensor<256x1024xf32>
}
