// A manifest follows from the program alone: compiled again it is the same, and of another
// program, or with other constants, it is refused with both digests.
//
// RUN: vyre-compile %s --targets=cpu -o %t.vyre
// RUN: vyre-run %t.vyre --fill 1 --device cpu --manifest %t.json
// RUN: FileCheck %s --input-file=%t.json
// RUN: vyre-compile %s --targets=cpu -o %t.again.vyre
// RUN: vyre-run %t.again.vyre --fill 1 --from-manifest %t.json
// RUN: sed -e s/0000803F/00000040/ %s | vyre-compile --targets=cpu -o %t.other.vyre
// RUN: not vyre-run %t.other.vyre --fill 1 --from-manifest %t.json 2>&1 | FileCheck %s --check-prefix=OTHER

// CHECK: {"schema":1,"backend_id":"cpu","pipeline_id":"cpu/shift@{{[0-9a-f]+}}","program_digest":"{{[0-9a-f]+}}","dispatch_policy":"native","cache_hit":false}
// OTHER: the manifest is of the program with the digest {{[0-9a-f]+}}, the artifact has 'shift' {{[0-9a-f]+}}
func.func @shift(%x: tensor<4xf32>) -> tensor<4xf32> {
  %table = arith.constant dense_resource<table> : tensor<4xf32>
  %0 = arith.addf %x, %table : tensor<4xf32>
  return %0 : tensor<4xf32>
}

{-#
  dialect_resources: {
    builtin: {
      table: "0x040000000000803F000000400000404000008040"
    }
  }
#-}
