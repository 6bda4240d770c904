//===- Poly.td - A dialect of polynomials -------------------*- tablegen -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POLY
#define POLY

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Poly_Dialect : Dialect {
  let name = "poly";
  let cppNamespace = "::poly";
}

def Poly_EvaluateOp : Op<Poly_Dialect, "evaluate", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "the value of a polynomial at each element";
  let description = [{
    `poly.evaluate %x, [a, b, c]` is `a + b * x + c * x * x`.
  }];
  let arguments = (ins 1DTensorOf<[F32]>:$x, DenseF32ArrayAttr:$coefficients);
  let results = (outs 1DTensorOf<[F32]>:$y);
  let assemblyFormat = "$x `,` $coefficients attr-dict `:` type($x)";
}

#endif // POLY
