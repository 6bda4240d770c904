// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// So many operations over so many points that a thread takes several runs of
// neighbours: with a rest behind the last run of all threads, in one row and in rows.
// A point that is missing, or computed twice, changes both digests.

func.func @row(%a: i32, %b: i32) -> (tensor<i32>, tensor<i32>) {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<4194310xi32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} outs(%e : tensor<4194310xi32>) {
  ^bb0(%o: i32):
    %i = linalg.index 0 : index
    %v0 = arith.index_cast %i : index to i32
    %v1 = arith.muli %v0, %a : i32
    %v2 = arith.xori %v1, %b : i32
    %v3 = arith.muli %v2, %a : i32
    %v4 = arith.xori %v3, %b : i32
    %v5 = arith.muli %v4, %a : i32
    %v6 = arith.xori %v5, %b : i32
    %v7 = arith.muli %v6, %a : i32
    %v8 = arith.xori %v7, %b : i32
    %v9 = arith.muli %v8, %a : i32
    %v10 = arith.xori %v9, %b : i32
    %v11 = arith.muli %v10, %a : i32
    %v12 = arith.xori %v11, %b : i32
    %v13 = arith.muli %v12, %a : i32
    %v14 = arith.xori %v13, %b : i32
    %v15 = arith.muli %v14, %a : i32
    %v16 = arith.xori %v15, %b : i32
    %v17 = arith.muli %v16, %a : i32
    %v18 = arith.xori %v17, %b : i32
    %v19 = arith.muli %v18, %a : i32
    %v20 = arith.xori %v19, %b : i32
    %v21 = arith.muli %v20, %a : i32
    %v22 = arith.xori %v21, %b : i32
    %v23 = arith.muli %v22, %a : i32
    %v24 = arith.xori %v23, %b : i32
    %v25 = arith.muli %v24, %a : i32
    %v26 = arith.xori %v25, %b : i32
    %v27 = arith.muli %v26, %a : i32
    %v28 = arith.xori %v27, %b : i32
    %v29 = arith.muli %v28, %a : i32
    %v30 = arith.xori %v29, %b : i32
    %v31 = arith.muli %v30, %a : i32
    %v32 = arith.xori %v31, %b : i32
    %v33 = arith.muli %v32, %a : i32
    %v34 = arith.xori %v33, %b : i32
    linalg.yield %v34 : i32
  } -> tensor<4194310xi32>
  %esum = tensor.empty() : tensor<i32>
  %isum = linalg.fill ins(%zero : i32) outs(%esum : tensor<i32>) -> tensor<i32>
  %sum = linalg.reduce { arith.addi } ins(%y : tensor<4194310xi32>)
      outs(%isum : tensor<i32>) dimensions = [0]
  %exor = tensor.empty() : tensor<i32>
  %ixor = linalg.fill ins(%zero : i32) outs(%exor : tensor<i32>) -> tensor<i32>
  %xor = linalg.reduce { arith.xori } ins(%y : tensor<4194310xi32>)
      outs(%ixor : tensor<i32>) dimensions = [0]
  return %sum, %xor : tensor<i32>, tensor<i32>
}

func.func @rows(%a: i32, %b: i32) -> (tensor<i32>, tensor<i32>) {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<2050x2052xi32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]} outs(%e : tensor<2050x2052xi32>) {
  ^bb0(%o: i32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c = arith.constant 2052 : index
    %r = arith.muli %i, %c : index
    %p = arith.addi %r, %j : index
    %v0 = arith.index_cast %p : index to i32
    %v1 = arith.muli %v0, %a : i32
    %v2 = arith.xori %v1, %b : i32
    %v3 = arith.muli %v2, %a : i32
    %v4 = arith.xori %v3, %b : i32
    %v5 = arith.muli %v4, %a : i32
    %v6 = arith.xori %v5, %b : i32
    %v7 = arith.muli %v6, %a : i32
    %v8 = arith.xori %v7, %b : i32
    %v9 = arith.muli %v8, %a : i32
    %v10 = arith.xori %v9, %b : i32
    %v11 = arith.muli %v10, %a : i32
    %v12 = arith.xori %v11, %b : i32
    %v13 = arith.muli %v12, %a : i32
    %v14 = arith.xori %v13, %b : i32
    %v15 = arith.muli %v14, %a : i32
    %v16 = arith.xori %v15, %b : i32
    %v17 = arith.muli %v16, %a : i32
    %v18 = arith.xori %v17, %b : i32
    %v19 = arith.muli %v18, %a : i32
    %v20 = arith.xori %v19, %b : i32
    %v21 = arith.muli %v20, %a : i32
    %v22 = arith.xori %v21, %b : i32
    %v23 = arith.muli %v22, %a : i32
    %v24 = arith.xori %v23, %b : i32
    %v25 = arith.muli %v24, %a : i32
    %v26 = arith.xori %v25, %b : i32
    %v27 = arith.muli %v26, %a : i32
    %v28 = arith.xori %v27, %b : i32
    %v29 = arith.muli %v28, %a : i32
    %v30 = arith.xori %v29, %b : i32
    %v31 = arith.muli %v30, %a : i32
    %v32 = arith.xori %v31, %b : i32
    %v33 = arith.muli %v32, %a : i32
    %v34 = arith.xori %v33, %b : i32
    linalg.yield %v34 : i32
  } -> tensor<2050x2052xi32>
  %esum = tensor.empty() : tensor<i32>
  %isum = linalg.fill ins(%zero : i32) outs(%esum : tensor<i32>) -> tensor<i32>
  %sum = linalg.reduce { arith.addi } ins(%y : tensor<2050x2052xi32>)
      outs(%isum : tensor<i32>) dimensions = [0, 1]
  %exor = tensor.empty() : tensor<i32>
  %ixor = linalg.fill ins(%zero : i32) outs(%exor : tensor<i32>) -> tensor<i32>
  %xor = linalg.reduce { arith.xori } ins(%y : tensor<2050x2052xi32>)
      outs(%ixor : tensor<i32>) dimensions = [0, 1]
  return %sum, %xor : tensor<i32>, tensor<i32>
}
