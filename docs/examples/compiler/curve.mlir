// (1 + 2x + 3x^2) / 2, as two steps that become one launch.
func.func @curve(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = poly.evaluate %x, [1.0, 2.0, 3.0] : tensor<?xf32>
  %z = poly.evaluate %y, [0.0, 0.5] : tensor<?xf32>
  return %z : tensor<?xf32>
}
