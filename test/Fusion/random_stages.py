# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""What random programs are made of: buffers, accesses, stages."""

from dataclasses import dataclass, field

import numpy as np

# Extents by name. `m` and `n` may be dynamic; the others never are.
DIMENSIONS = ("m", "n")

ELEMENT_TYPES = {
    "bf16": np.float32,  # of which the lower half is zero; intermediates alone
    "f16": np.float16,
    "f32": np.float32,
    "f64": np.float64,
    "i1": np.bool_,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
}


@dataclass
class Buffer:
    name: str
    shape: tuple  # of dimension names
    kind: str  # input, intermediate, output, input_output or state
    type: str = "f32"
    written: bool = False  # has defined contents
    permutation: bool = False  # holds each index once
    # Of a result of which only some rows count: the buffer that says how many, and the
    # argument that it has the number from.
    count: object = None
    rows: object = None


@dataclass
class Access:
    """A read or a write of one element, at a point and an inner index.

    `indices` maps a point (a dict from index names to numbers) to an element, or to
    None where the point does not touch one.
    """

    buffer: Buffer
    writes: bool
    indices: object
    # Inner index names and extents that the access runs over.
    inner: tuple = ()


@dataclass
class Stage:
    name: str
    space: tuple  # of (index name, dimension name or number)
    reads: list
    writes: list
    updates: list
    body: list  # lines of text
    accesses: list
    compute: object  # from the arrays by buffer name, in place
    host_boundary: bool = False


@dataclass
class Program:
    name: str
    sizes: dict
    dynamic: bool
    buffers: list = field(default_factory=list)
    stages: list = field(default_factory=list)

    def extent(self, dimension):
        """The number behind a dimension name or a number."""
        return self.sizes.get(dimension, dimension)

    def shape(self, buffer):
        return tuple(self.extent(d) for d in buffer.shape)

    def type(self, buffer):
        def one(dimension):
            isDynamic = self.dynamic and dimension in DIMENSIONS
            return "?" if isDynamic else str(self.extent(dimension))

        return "memref<%s>" % "x".join([one(d) for d in buffer.shape] + [buffer.type])
