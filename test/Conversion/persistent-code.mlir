// With --persistent, programs of one launch get an entry that waits on the device.
// RUN: vyre-compile %s --persistent --targets=sm_90 --emit=gpu | FileCheck %s -check-prefix=GPU
// RUN: vyre-compile %s --persistent --targets=sm_90 --emit=ptx | FileCheck %s -check-prefix=PTX -enable-var-scope
// RUN: vyre-compile %s --targets=sm_90 --emit=ptx | FileCheck %s -check-prefix=WITHOUT

// GPU: gpu.module @one_{{.*}} attributes {{.*}}vyre.persistent
// GPU: gpu.module @two_
// GPU-NOT: vyre.persistent
// GPU-SAME: {

// The kernel may keep what it loads; the entry must not, since the host writes there.
// PTX: .entry [[kernel:one_[a-z0-9_]+]](
// PTX: ld.global.nc
// PTX: .entry [[kernel]]$persistent(
// PTX-NOT: ld.global.nc
// PTX: ld.acquire.sys
// PTX-NOT: ld.global.nc
// PTX: st.release.sys
// PTX: .entry two_
// PTX-NOT: $persistent

// WITHOUT-NOT: persistent

#id = affine_map<(d0) -> (d0)>
func.func @one(%x: tensor<1024xf32>) -> tensor<1024xf32> {
  %empty = tensor.empty() : tensor<1024xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<1024xf32>) outs(%empty : tensor<1024xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<1024xf32>
  return %y : tensor<1024xf32>
}

func.func @two(%x: tensor<1024xf32>, %z: tensor<33xf32>) -> (tensor<1024xf32>, tensor<33xf32>) {
  %empty = tensor.empty() : tensor<1024xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<1024xf32>) outs(%empty : tensor<1024xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.mulf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<1024xf32>
  %other = tensor.empty() : tensor<33xf32>
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%z : tensor<33xf32>) outs(%other : tensor<33xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.mulf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<33xf32>
  return %y, %w : tensor<1024xf32>, tensor<33xf32>
}
