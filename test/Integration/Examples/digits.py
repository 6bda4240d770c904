# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#

import re
from pathlib import Path

import numpy as np
from casekit import Run, exact, within

DIGITS = Path(__file__).resolve().parents[3] / "docs/examples/digits"
SOURCE = DIGITS / "digits.mlir"


def cases(rng):
    images = np.load(DIGITS / "images.npy")[:, :64].view(np.int8)
    for n in (0, 1, 300):
        yield Run([images[:n].copy()])


def weights():
    """The constants of the network, from its text."""
    text = SOURCE.read_text()
    shapes = {"w1": (64, -1), "b1": (-1,), "w2": (-1, 10), "b2": (10,)}
    for name, shape in shapes.items():
        blob = bytes.fromhex(re.search(rf'{name}: "0x(\w+)"', text)[1])
        yield np.frombuffer(blob[4:], "<f4").reshape(shape).astype(np.float64)


def reference(images):
    w1, b1, w2, b2 = weights()
    x = images.astype(np.float64) / 16
    u = 2.0**-24
    hidden = x @ w1 + b1
    slack = 66 * u * (np.abs(x) @ np.abs(w1) + np.abs(b1))
    hidden = np.maximum(hidden, 0)
    logits = hidden @ w2 + b2
    terms = w2.shape[0] + 2
    slack = slack @ np.abs(w2) + terms * u * (hidden @ np.abs(w2) + np.abs(b2))
    powers = np.exp(logits - logits.max(1, keepdims=True))
    value = powers / powers.sum(1, keepdims=True)
    bound = value * (2 * slack.max(1, keepdims=True) + 100 * u) + 1e-38
    # The likeliest digit is certain: no two probabilities are within the bound.
    two = np.sort(value, axis=1)[:, -2:]
    assert ((two[:, 1] - two[:, 0]) > 2 * bound.max(1, initial=0)).all()
    digits = value.argmax(1).astype(np.int32)
    return [within(value, bound, np.float32, transcendental=True), exact(digits)]
