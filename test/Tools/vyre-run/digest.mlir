// The digest is over what affects the results: neither where the source lies, nor how the
// program is captured, nor how the compiler prints IR has a say in it.
//
// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-run %t.vyre --fill 1 --device cpu --manifest %t.json
// RUN: cp %s %t.elsewhere.mlir
// RUN: vyre-compile %t.elsewhere.mlir --targets=cpu -o %t.1.vyre
// RUN: vyre-run %t.1.vyre --fill 1 --from-manifest %t.json
// RUN: vyre-compile %s --targets=cpu --capture=never -o %t.2.vyre
// RUN: vyre-run %t.2.vyre --fill 1 --from-manifest %t.json
// RUN: vyre-compile %s --targets=cpu --capture=off -o %t.3.vyre
// RUN: vyre-run %t.3.vyre --fill 1 --from-manifest %t.json
// RUN: vyre-compile %s --targets=cpu --mlir-elide-elementsattrs-if-larger=1 \
// RUN:   --mlir-print-debuginfo --mlir-print-skip-regions -o %t.4.vyre
// RUN: vyre-run %t.4.vyre --fill 1 --from-manifest %t.json

// Constants have, also those that the compiler was told not to print, and so has the
// arithmetic.
//
// RUN: sed -e 's/7.0, 4.0/7.0, 5.0/' %s > %t.constants.mlir
// RUN: vyre-compile %t.constants.mlir --targets=cpu --mlir-elide-elementsattrs-if-larger=1 -o %t.5.vyre
// RUN: not vyre-run %t.5.vyre --fill 1 --from-manifest %t.json 2>&1 | FileCheck %s
// RUN: vyre-compile %s --targets=cpu --math=portable -o %t.6.vyre
// RUN: not vyre-run %t.6.vyre --fill 1 --from-manifest %t.json 2>&1 | FileCheck %s

// CHECK: the manifest is of the program with the digest {{[0-9a-f]+}}, the artifact has 'shift' {{[0-9a-f]+}}
func.func @shift(%x: tensor<4xf32>) -> tensor<4xf32> {
  %table = arith.constant dense<[1.0, 2.0, 7.0, 4.0]> : tensor<4xf32>
  %0 = arith.addf %x, %table : tensor<4xf32>
  %1 = math.exp %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}
