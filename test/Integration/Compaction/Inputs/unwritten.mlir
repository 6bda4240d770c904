vyre.program @unwritten(%x: memref<16xi32> {vyre.binding = #vyre.binding<slot = 0, role = output>}, %n: memref<i32> {vyre.binding = #vyre.binding<slot = 1, role = output>}) -> (memref<16xi32>, memref<i32>) {
  %c16 = arith.constant 16 : index
  %c1 = arith.constant 1 : i32
  vyre.launch @l {
    vyre.stage @s (%i) in (%c16) writes(%x : memref<16xi32>) {
      memref.store %c1, %x[%i] : memref<16xi32>
    }
  }
  vyre.return %x count(%n : memref<i32>) : memref<16xi32>, %n : memref<i32>
}
