// RUN: %run-case %s
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// i8 products summed in i32: exact, signed and unsigned.

func.func @product(%a: tensor<?x?xi8>, %b: tensor<?x5xi8>) -> (tensor<?x5xi32>, tensor<?x5xi32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %n = tensor.dim %a, %c0 : tensor<?x?xi8>
  %e = tensor.empty(%n) : tensor<?x5xi32>
  %init = linalg.fill ins(%zero : i32) outs(%e : tensor<?x5xi32>) -> tensor<?x5xi32>
  %signed = linalg.matmul ins(%a, %b : tensor<?x?xi8>, tensor<?x5xi8>) outs(%init : tensor<?x5xi32>) -> tensor<?x5xi32>
  %unsigned = linalg.matmul {cast = #linalg.type_fn<cast_unsigned>}
      ins(%a, %b : tensor<?x?xi8>, tensor<?x5xi8>) outs(%init : tensor<?x5xi32>) -> tensor<?x5xi32>
  return %signed, %unsigned : tensor<?x5xi32>, tensor<?x5xi32>
}
