#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Trains the digit classifier and writes the network with its weights.

    train.py [--folder DIR]

From images.npy it makes, with a fixed seed:

digits.mlir    the network as linalg on tensors, its weights as constants
expected.npz   what the network must give for the held-out half, computed here by numpy
               in float64: `probabilities` (n x 10), `digits` (n), and which images of
               images.npy these are, `places` (n)

Both are in the repository; running this again writes the same network, up to the order
in which numpy's matrix product adds.
"""

import argparse
from pathlib import Path

import numpy as np

SEED = 20
HIDDEN = 48
EPOCHS = 60
BATCH = 32
RATE = 2e-3

HEADER = """\
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Classifies images of handwritten digits: 8 x 8 pixels of 0 to 16 per row of the
// batch. Gives the probability of each digit and the likeliest one. Written by
// train.py, weights included.
"""

NETWORK = """
#matrix = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>

func.func @classify(%images: tensor<?x64xi8>) -> (tensor<?x10xf32>, tensor<?xi32>) {{
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %first = arith.constant 0 : i32
  %w1 = arith.constant dense_resource<w1> : tensor<64x{hidden}xf32>
  %b1 = arith.constant dense_resource<b1> : tensor<{hidden}xf32>
  %w2 = arith.constant dense_resource<w2> : tensor<{hidden}x10xf32>
  %b2 = arith.constant dense_resource<b2> : tensor<10xf32>
  %n = tensor.dim %images, %c0 : tensor<?x64xi8>

  // Pixels to [0, 1].
  %e0 = tensor.empty(%n) : tensor<?x64xf32>
  %x = linalg.generic {{indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}}
      ins(%images : tensor<?x64xi8>) outs(%e0 : tensor<?x64xf32>) {{
  ^bb0(%pixel: i8, %o: f32):
    %sixteenth = arith.constant 0.0625 : f32
    %value = arith.uitofp %pixel : i8 to f32
    %scaled = arith.mulf %value, %sixteenth : f32
    linalg.yield %scaled : f32
  }} -> tensor<?x64xf32>

  // relu(x * w1 + b1)
  %e1 = tensor.empty(%n) : tensor<?x{hidden}xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<?x{hidden}xf32>) -> tensor<?x{hidden}xf32>
  %p1 = linalg.matmul ins(%x, %w1 : tensor<?x64xf32>, tensor<64x{hidden}xf32>)
      outs(%z1 : tensor<?x{hidden}xf32>) -> tensor<?x{hidden}xf32>
  %h = linalg.generic {{indexing_maps = [#matrix, #column, #matrix], iterator_types = ["parallel", "parallel"]}}
      ins(%p1, %b1 : tensor<?x{hidden}xf32>, tensor<{hidden}xf32>) outs(%e1 : tensor<?x{hidden}xf32>) {{
  ^bb0(%p: f32, %b: f32, %o: f32):
    %sum = arith.addf %p, %b : f32
    %positive = arith.maximumf %sum, %zero : f32
    linalg.yield %positive : f32
  }} -> tensor<?x{hidden}xf32>

  // softmax(h * w2 + b2)
  %e2 = tensor.empty(%n) : tensor<?x10xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<?x10xf32>) -> tensor<?x10xf32>
  %p2 = linalg.matmul ins(%h, %w2 : tensor<?x{hidden}xf32>, tensor<{hidden}x10xf32>)
      outs(%z2 : tensor<?x10xf32>) -> tensor<?x10xf32>
  %logits = linalg.generic {{indexing_maps = [#matrix, #column, #matrix], iterator_types = ["parallel", "parallel"]}}
      ins(%p2, %b2 : tensor<?x10xf32>, tensor<10xf32>) outs(%e2 : tensor<?x10xf32>) {{
  ^bb0(%p: f32, %b: f32, %o: f32):
    %sum = arith.addf %p, %b : f32
    linalg.yield %sum : f32
  }} -> tensor<?x10xf32>
  %probabilities = linalg.softmax dimension(1) ins(%logits : tensor<?x10xf32>)
      outs(%e2 : tensor<?x10xf32>) -> tensor<?x10xf32>

  // The place of the largest, the first of equal ones.
  %e3 = tensor.empty(%n) : tensor<?xf32>
  %e4 = tensor.empty(%n) : tensor<?xi32>
  %best = linalg.fill ins(%lowest : f32) outs(%e3 : tensor<?xf32>) -> tensor<?xf32>
  %place = linalg.fill ins(%first : i32) outs(%e4 : tensor<?xi32>) -> tensor<?xi32>
  %largest:2 = linalg.generic {{indexing_maps = [#matrix, #row, #row], iterator_types = ["parallel", "reduction"]}}
      ins(%probabilities : tensor<?x10xf32>) outs(%best, %place : tensor<?xf32>, tensor<?xi32>) {{
  ^bb0(%p: f32, %b: f32, %at: i32):
    %i = linalg.index 1 : index
    %digit = arith.index_cast %i : index to i32
    %greater = arith.cmpf ogt, %p, %b : f32
    %value = arith.select %greater, %p, %b : f32
    %choice = arith.select %greater, %digit, %at : i32
    linalg.yield %value, %choice : f32, i32
  }} -> (tensor<?xf32>, tensor<?xi32>)
  return %probabilities, %largest#1 : tensor<?x10xf32>, tensor<?xi32>
}}

{{-#
  dialect_resources: {{
    builtin: {{
{resources}
    }}
  }}
#-}}
"""


def forward(x, weights):
    """The network in numpy: pixels in [0, 1] to probabilities, and the hidden layer."""
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)
    logits = hidden @ w2 + b2
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True), hidden


def gradients(x, labels, weights):
    """Of the mean cross-entropy, by each weight."""
    probabilities, hidden = forward(x, weights)
    logits = probabilities
    logits[np.arange(len(labels)), labels] -= 1
    logits /= len(labels)
    hidden_gradient = (logits @ weights[2].T) * (hidden > 0)
    return [
        x.T @ hidden_gradient,
        hidden_gradient.sum(0),
        hidden.T @ logits,
        logits.sum(0),
    ]


def train(x, labels, rng):
    """Adam (Kingma and Ba 2015) over shuffled batches."""
    weights = [
        rng.standard_normal((64, HIDDEN)) * (2 / 64) ** 0.5,
        np.zeros(HIDDEN),
        rng.standard_normal((HIDDEN, 10)) * (2 / HIDDEN) ** 0.5,
        np.zeros(10),
    ]
    means = [np.zeros_like(w) for w in weights]
    squares = [np.zeros_like(w) for w in weights]
    step = 0
    for _ in range(EPOCHS):
        for batch in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            step += 1
            for i, g in enumerate(gradients(x[batch], labels[batch], weights)):
                means[i] += 0.1 * (g - means[i])
                squares[i] += 0.001 * (g * g - squares[i])
                mean = means[i] / (1 - 0.9**step)
                square = squares[i] / (1 - 0.999**step)
                weights[i] -= RATE * mean / (np.sqrt(square) + 1e-8)
    return [w.astype(np.float32) for w in weights]


def resource(name, array):
    # A resource blob begins with its alignment, as a little-endian 32-bit number.
    data = array.astype("<f4").tobytes()
    return f'      {name}: "0x04000000{data.hex().upper()}"'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).resolve().parent
    parser.add_argument("--folder", type=Path, default=here)
    folder = parser.parse_args().folder

    images = np.load(here / "images.npy")
    pixels, labels = images[:, :64] / 16.0, images[:, 64].astype(np.int64)
    rng = np.random.default_rng(SEED)
    shuffled = rng.permutation(len(images))
    training, held_out = np.sort(shuffled[: len(images) // 2]), shuffled[len(images) // 2 :]
    held_out = np.sort(held_out)
    weights = train(pixels[training], labels[training], rng)

    names = ("w1", "b1", "w2", "b2")
    resources = ",\n".join(resource(n, w) for n, w in zip(names, weights))
    network = NETWORK.format(hidden=HIDDEN, resources=resources)
    (folder / "digits.mlir").write_text(HEADER + network)

    probabilities, _ = forward(
        pixels[held_out], [w.astype(np.float64) for w in weights]
    )
    digits = probabilities.argmax(1)
    np.savez_compressed(
        folder / "expected.npz",
        probabilities=probabilities,
        digits=digits.astype(np.int32),
        places=held_out.astype(np.int32),
    )
    right = (digits == labels[held_out]).mean()
    print(f"trained on {len(training)} images, right on {right:.1%} of the others")


if __name__ == "__main__":
    main()
