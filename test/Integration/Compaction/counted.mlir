// RUN: %run-case %s
// RUN: %run-case %s --option=--compact=off
// RUN: %run-case %s --option=--compact="max-compact-record-bytes=16 record-alignment=64 max-slab-bytes=40"
// Results with counts: small and large ones, counts of several integer types, a row that
// is a vector, and a count that follows from another result.
func.func @counted(%x: tensor<4096xf32>, %rows: tensor<64x3xi16>, %n8: tensor<i8>, %n32: tensor<1xi32>, %n64: tensor<i64>)
    -> (tensor<4096xf32> {vyre.count_result = 3 : i64},
        tensor<64x3xi16> {vyre.count_result = 4 : i64},
        tensor<4096xf32> {vyre.count_result = 5 : i64},
        tensor<1xi32>, tensor<i8>, tensor<i64>, tensor<f32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<4096xf32>
  %double = linalg.add ins(%x, %x : tensor<4096xf32>, tensor<4096xf32>) outs(%e0 : tensor<4096xf32>) -> tensor<4096xf32>
  %e1 = tensor.empty() : tensor<64x3xi16>
  %twice = linalg.add ins(%rows, %rows : tensor<64x3xi16>, tensor<64x3xi16>) outs(%e1 : tensor<64x3xi16>) -> tensor<64x3xi16>
  %e2 = tensor.empty() : tensor<4096xf32>
  %square = linalg.mul ins(%x, %x : tensor<4096xf32>, tensor<4096xf32>) outs(%e2 : tensor<4096xf32>) -> tensor<4096xf32>
  %e3 = tensor.empty() : tensor<f32>
  %f3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<f32>) -> tensor<f32>
  %most = linalg.reduce { arith.maximumf } ins(%x : tensor<4096xf32>) outs(%f3 : tensor<f32>) dimensions = [0]
  return %double, %twice, %square, %n32, %n8, %n64, %most
      : tensor<4096xf32>, tensor<64x3xi16>, tensor<4096xf32>, tensor<1xi32>, tensor<i8>, tensor<i64>, tensor<f32>
}
