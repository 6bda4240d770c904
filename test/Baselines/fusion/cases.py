# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compare.py compares: programs as MLIR, as numpy in float64, in torch and in jax."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DIGITS = Path(__file__).resolve().parents[3] / "docs/examples/digits"

MATRIX = "affine_map<(d0, d1) -> (d0, d1)>"
ROW = "affine_map<(d0, d1) -> (d0)>"
COLUMN = "affine_map<(d0, d1) -> (d1)>"


def hexadecimal(value):
    """A float32 constant, bit for bit."""
    return f"0x{np.float32(value).view(np.uint32):08X}"


@dataclass
class Case:
    """One program over one shape; `count` and `columns` as Kernels.cu takes them."""

    kind: str
    count: int
    columns: int
    # Whether the frameworks have something of their own here, and not another case's.
    inFrameworks = True

    @property
    def name(self):
        if self.kind == "chain":
            return f"chain{self.columns}_{self.count}"
        return f"{self.kind}_{self.count}x{self.columns}"

    @property
    def shape(self):
        return (self.count,) if self.kind == "chain" else (self.count, self.columns)

    @property
    def bytes(self):
        return 8 * int(np.prod(self.shape))

    def factors(self):
        """Multipliers and addends of a chain; gain and bias of a norm."""
        rng = np.random.default_rng(7)
        if self.kind == "chain":
            both = np.zeros((2, 64), np.float32)
            both[0] = rng.uniform(0.9, 1.05, 64)
            both[1] = rng.uniform(-0.5, 0.5, 64)
            return both
        return rng.uniform(-1, 1, (2, self.columns)).astype(np.float32)

    def arguments(self):
        x = np.random.default_rng(11).standard_normal(self.shape, np.float32)
        taken = {"layernorm": 2, "rmsnorm": 1}.get(self.kind, 0)
        return [x, *self.factors()[:taken]]

    def resultShapes(self):
        return [self.shape]

    def source(self):
        return SOURCES[self.kind](self)

    def sample(self, rng):
        """Rows of the result that are compared with float64: the ends and some between."""
        if self.kind == "chain":
            wanted, edge = 1 << 18, 1 << 12
        else:
            wanted, edge = 64, 4
        if self.count <= wanted:
            return np.arange(self.count)
        between = rng.integers(0, self.count, wanted - 2 * edge)
        ends = np.r_[0:edge, self.count - edge : self.count]
        return np.concatenate([ends, between])

    def problems(self, arguments, results, rng):
        """Why `results` are wrong, or None: every element is finite, a sample is close."""
        (found,) = results
        rows = self.sample(rng)
        x = arguments[0][rows].astype(np.float64)
        expected = self.reference(x, self.factors().astype(np.float64))
        if not np.isfinite(found).all():
            return f"{np.count_nonzero(~np.isfinite(found))} elements are not finite"
        error = np.abs(found[rows] - expected).max()
        # Rounding: a chain's grows with its length, the exponential's argument and a
        # row's sums cost the more the longer the row is.
        bound = 3e-5 * max(1.0, np.abs(expected).max())
        if error > bound:
            return f"largest error {error:.3g}, expected at most {bound:.3g}"
        return None

    def reference(self, x, factors):
        if self.kind == "chain":
            for multiply, add in factors.T[: self.columns]:
                x = x * multiply + add
            return x
        if self.kind == "softmax":
            powers = np.exp(x - x.max(1, keepdims=True))
            return powers / powers.sum(1, keepdims=True)
        gain, bias = factors
        if self.kind == "layernorm":
            x = x - x.mean(1, keepdims=True)
        else:
            bias = 0
        return x / np.sqrt((x * x).mean(1, keepdims=True) + 1e-5) * gain + bias


def chainSource(case):
    lines = [f"func.func @run(%x0: tensor<{case.count}xf32>) -> tensor<{case.count}xf32> {{"]
    of = f"tensor<{case.count}xf32>"
    lines.append(f"  %e = tensor.empty() : {of}")
    identity = "affine_map<(d0) -> (d0)>"
    for i, (multiply, add) in enumerate(case.factors().T[: case.columns]):
        lines += [
            f"  %m{i} = arith.constant {hexadecimal(multiply)} : f32",
            f"  %a{i} = arith.constant {hexadecimal(add)} : f32",
            f"  %x{i + 1} = linalg.generic {{indexing_maps = [{identity}, {identity}],"
            ' iterator_types = ["parallel"]}',
            f"      ins(%x{i} : {of}) outs(%e : {of}) {{",
            "  ^bb0(%v: f32, %o: f32):",
            f"    %r = math.fma %v, %m{i}, %a{i} : f32",
            "    linalg.yield %r : f32",
            f"  }} -> {of}",
        ]
    return "\n".join([*lines, f"  return %x{case.columns} : {of}", "}", ""])


def softmaxSource(case):
    of = f"tensor<{case.count}x{case.columns}xf32>"
    return f"""func.func @run(%x: {of}) -> {of} {{
  %e = tensor.empty() : {of}
  %r = linalg.softmax dimension(1) ins(%x : {of}) outs(%e : {of}) -> {of}
  return %r : {of}
}}
"""


def layernormSource(case):
    of = f"tensor<{case.count}x{case.columns}xf32>"
    row = f"tensor<{case.count}xf32>"
    column = f"tensor<{case.columns}xf32>"
    return f"""func.func @run(%x: {of}, %gain: {column}, %bias: {column}) -> {of} {{
  %zero = arith.constant 0.0 : f32
  %epsilon = arith.constant {hexadecimal(1e-5)} : f32
  %count = arith.constant {case.columns}.0 : f32
  %e = tensor.empty() : {row}
  %init = linalg.fill ins(%zero : f32) outs(%e : {row}) -> {row}
  %sum = linalg.reduce {{ arith.addf }} ins(%x : {of}) outs(%init : {row}) dimensions = [1]
  %squares = linalg.generic {{indexing_maps = [{MATRIX}, {ROW}, {ROW}],
      iterator_types = ["parallel", "reduction"]}}
      ins(%x, %sum : {of}, {row}) outs(%init : {row}) {{
  ^bb0(%a: f32, %s: f32, %o: f32):
    %mean = arith.divf %s, %count : f32
    %difference = arith.subf %a, %mean : f32
    %square = arith.mulf %difference, %difference : f32
    %next = arith.addf %o, %square : f32
    linalg.yield %next : f32
  }} -> {row}
  %out = tensor.empty() : {of}
  %r = linalg.generic {{indexing_maps = [{MATRIX}, {ROW}, {ROW}, {COLUMN}, {COLUMN}, {MATRIX}],
      iterator_types = ["parallel", "parallel"]}}
      ins(%x, %sum, %squares, %gain, %bias : {of}, {row}, {row}, {column}, {column})
      outs(%out : {of}) {{
  ^bb0(%a: f32, %s: f32, %q: f32, %g: f32, %b: f32, %o: f32):
    %mean = arith.divf %s, %count : f32
    %variance = arith.divf %q, %count : f32
    %guarded = arith.addf %variance, %epsilon : f32
    %deviation = math.sqrt %guarded : f32
    %difference = arith.subf %a, %mean : f32
    %normal = arith.divf %difference, %deviation : f32
    %scaled = arith.mulf %normal, %g : f32
    %shifted = arith.addf %scaled, %b : f32
    linalg.yield %shifted : f32
  }} -> {of}
  return %r : {of}
}}
"""


def rmsnormSource(case):
    of = f"tensor<{case.count}x{case.columns}xf32>"
    row = f"tensor<{case.count}xf32>"
    column = f"tensor<{case.columns}xf32>"
    return f"""func.func @run(%x: {of}, %gain: {column}) -> {of} {{
  %zero = arith.constant 0.0 : f32
  %epsilon = arith.constant {hexadecimal(1e-5)} : f32
  %count = arith.constant {case.columns}.0 : f32
  %e = tensor.empty() : {row}
  %init = linalg.fill ins(%zero : f32) outs(%e : {row}) -> {row}
  %squares = linalg.generic {{indexing_maps = [{MATRIX}, {ROW}],
      iterator_types = ["parallel", "reduction"]}}
      ins(%x : {of}) outs(%init : {row}) {{
  ^bb0(%a: f32, %o: f32):
    %square = arith.mulf %a, %a : f32
    %next = arith.addf %o, %square : f32
    linalg.yield %next : f32
  }} -> {row}
  %out = tensor.empty() : {of}
  %r = linalg.generic {{indexing_maps = [{MATRIX}, {ROW}, {COLUMN}, {MATRIX}],
      iterator_types = ["parallel", "parallel"]}}
      ins(%x, %squares, %gain : {of}, {row}, {column}) outs(%out : {of}) {{
  ^bb0(%a: f32, %q: f32, %g: f32, %o: f32):
    %mean = arith.divf %q, %count : f32
    %guarded = arith.addf %mean, %epsilon : f32
    %root = math.sqrt %guarded : f32
    %normal = arith.divf %a, %root : f32
    %scaled = arith.mulf %normal, %g : f32
    linalg.yield %scaled : f32
  }} -> {of}
  return %r : {of}
}}
"""


SOURCES = {
    "chain": chainSource,
    "softmax": softmaxSource,
    "layernorm": layernormSource,
    "rmsnorm": rmsnormSource,
}


class DigitsCase(Case):
    """docs/examples/digits over `count` images; it has no hand-written kernel."""

    def __init__(self, count):
        super().__init__("digits", count, 64)

    @property
    def bytes(self):
        return 108 * self.count

    def source(self):
        return (DIGITS / "digits.mlir").read_text()

    def weights(self):
        shapes = {"w1": (64, -1), "b1": (-1,), "w2": (-1, 10), "b2": (10,)}
        for name, shape in shapes.items():
            blob = bytes.fromhex(re.search(rf'{name}: "0x(\w+)"', self.source())[1])
            yield np.frombuffer(blob[4:], "<f4").reshape(shape)

    def arguments(self):
        images = np.load(DIGITS / "images.npy")[:, :64].view(np.int8)
        return [np.resize(images, (self.count, 64))]

    def resultShapes(self):
        return [(self.count, 10), (self.count,)]

    def problems(self, arguments, results, rng):
        w1, b1, w2, b2 = (one.astype(np.float64) for one in self.weights())
        hidden = np.maximum(arguments[0] / 16.0 @ w1 + b1, 0)
        logits = hidden @ w2 + b2
        powers = np.exp(logits - logits.max(1, keepdims=True))
        expected = powers / powers.sum(1, keepdims=True)
        error = np.abs(results[0] - expected).max()
        if not error <= 3e-5:
            return f"largest error {error:.3g}, expected at most 3e-05"
        wrong = np.count_nonzero(results[1].view(np.int32) != expected.argmax(1))
        return f"{wrong} digits are wrong" if wrong else None


class ProductCase(Case):
    """A matrix product of count x inner by inner x columns; torch has the library's kernel."""

    def __init__(self, count, inner, columns):
        super().__init__("product", count, columns)
        self.inner = inner

    @property
    def name(self):
        return f"product_{self.count}x{self.inner}x{self.columns}"

    @property
    def bytes(self):
        return 4 * (self.count * self.inner + (self.count + self.inner) * self.columns)

    def source(self):
        a = f"tensor<{self.count}x{self.inner}xf32>"
        b = f"tensor<{self.inner}x{self.columns}xf32>"
        of = f"tensor<{self.count}x{self.columns}xf32>"
        return f"""func.func @run(%a: {a}, %b: {b}) -> {of} {{
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : {of}
  %init = linalg.fill ins(%zero : f32) outs(%e : {of}) -> {of}
  %r = linalg.matmul ins(%a, %b : {a}, {b}) outs(%init : {of}) -> {of}
  return %r : {of}
}}
"""

    def arguments(self):
        rng = np.random.default_rng(11)
        shapes = (self.count, self.inner), (self.inner, self.columns)
        return [rng.standard_normal(shape, np.float32) for shape in shapes]

    def problems(self, arguments, results, rng):
        a, b = arguments
        rows = self.sample(rng)
        exact = a[rows].astype(np.float64)
        error = np.abs(results[0][rows] - exact @ b) / (np.abs(exact) @ np.abs(b))
        bound = self.inner * 2.0**-24
        if not error.max() <= bound:
            return f"largest relative error {error.max():.3g}, expected at most {bound:.3g}"
        return None


class ContractedProductCase(ProductCase):
    """The same where the source says that a product and a sum may be one operation."""

    inFrameworks = False

    @property
    def name(self):
        return "contracted_" + super().name

    def source(self):
        a = f"tensor<{self.count}x{self.inner}xf32>"
        b = f"tensor<{self.inner}x{self.columns}xf32>"
        of = f"tensor<{self.count}x{self.columns}xf32>"
        maps = ["(d0, d2)", "(d2, d1)", "(d0, d1)"]
        maps = ", ".join(f"affine_map<(d0, d1, d2) -> {one}>" for one in maps)
        return f"""func.func @run(%a: {a}, %b: {b}) -> {of} {{
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : {of}
  %init = linalg.fill ins(%zero : f32) outs(%e : {of}) -> {of}
  %r = linalg.generic {{indexing_maps = [{maps}],
      iterator_types = ["parallel", "parallel", "reduction"]}}
      ins(%a, %b : {a}, {b}) outs(%init : {of}) {{
  ^bb0(%p: f32, %q: f32, %o: f32):
    %m = arith.mulf %p, %q fastmath<contract> : f32
    %s = arith.addf %o, %m fastmath<contract> : f32
    linalg.yield %s : f32
  }} -> {of}
  return %r : {of}
}}
"""


class SumCase(Case):
    """The sum of all elements, or of each row or column; torch has the library's kernel."""

    DIMENSIONS = {"all": (0, 1), "columns": (0,), "rows": (1,)}

    def __init__(self, of, count, columns):
        super().__init__("sum", count, columns)
        self.of = of

    @property
    def name(self):
        return f"sum_{self.of}_{self.count}x{self.columns}"

    @property
    def bytes(self):
        return 4 * self.count * self.columns

    def resultShapes(self):
        return [{"all": (), "columns": (self.columns,), "rows": (self.count,)}[self.of]]

    def source(self):
        x = f"tensor<{self.count}x{self.columns}xf32>"
        of = "tensor<" + "".join(f"{n}x" for n in self.resultShapes()[0]) + "f32>"
        dimensions = list(self.DIMENSIONS[self.of])
        return f"""func.func @run(%x: {x}) -> {of} {{
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : {of}
  %init = linalg.fill ins(%zero : f32) outs(%e : {of}) -> {of}
  %r = linalg.reduce {{ arith.addf }} ins(%x : {x}) outs(%init : {of}) dimensions = {dimensions}
  return %r : {of}
}}
"""

    def problems(self, arguments, results, rng):
        (x,) = arguments
        axes = self.DIMENSIONS[self.of]
        expected = x.reshape(self.count, -1).sum(axes, dtype=np.float64)
        bound = 2.0**-18 * np.sqrt(x.size / expected.size)
        error = np.abs(results[0] - expected).max()
        if not error <= bound:
            return f"largest error {error:.3g}, expected at most {bound:.3g}"
        return None


class UnknownSumCase(SumCase):
    """The same where only the dispatch knows the extents, of a matrix or of one vector."""

    inFrameworks = False

    def __init__(self, of, count, columns):
        super().__init__("all" if of == "vector" else of, count, columns)
        self.isVector = of == "vector"

    @property
    def name(self):
        if self.isVector:
            return f"sum_unknown_{self.count * self.columns}"
        return super().name.replace("sum_", "sum_unknown_")

    @property
    def shape(self):
        return (self.count * self.columns,) if self.isVector else super().shape

    def source(self):
        x = "tensor<?xf32>" if self.isVector else "tensor<?x?xf32>"
        dimensions = [0] if self.isVector else list(self.DIMENSIONS[self.of])
        kept = {"all": None, "columns": 1, "rows": 0}[self.of]
        of = "tensor<f32>" if kept is None else "tensor<?xf32>"
        extent, size = "", ""
        if kept is not None:
            extent = f"""  %c = arith.constant {kept} : index
  %n = tensor.dim %x, %c : {x}
"""
            size = "%n"
        return f"""func.func @run(%x: {x}) -> {of} {{
{extent}  %zero = arith.constant 0.0 : f32
  %e = tensor.empty({size}) : {of}
  %init = linalg.fill ins(%zero : f32) outs(%e : {of}) -> {of}
  %r = linalg.reduce {{ arith.addf }} ins(%x : {x}) outs(%init : {of}) dimensions = {dimensions}
  return %r : {of}
}}
"""


class UnknownSoftmaxCase(Case):
    """A softmax whose extents only the dispatch knows."""

    inFrameworks = False

    @property
    def name(self):
        return super().name.replace("softmax_", "softmax_unknown_")

    def source(self):
        of = "tensor<?x?xf32>"
        return f"""func.func @run(%x: {of}) -> {of} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : {of}
  %m = tensor.dim %x, %c1 : {of}
  %e = tensor.empty(%n, %m) : {of}
  %r = linalg.softmax dimension(1) ins(%x : {of}) outs(%e : {of}) -> {of}
  return %r : {of}
}}
"""


def allCases():
    for length in (4, 16, 64):
        for exponent in (10, 15, 20, 24, 27):
            yield Case("chain", 1 << exponent, length)
    for kind in ("softmax", "layernorm", "rmsnorm"):
        for rows, columns in ((8192, 1024), (64, 65536), (512, 512), (32768, 4096)):
            yield Case(kind, rows, columns)
    yield DigitsCase(8192)
    for shape in ((512,) * 3, (1024,) * 3, (2048,) * 3, (4096,) * 3, (8, 4096, 4096)):
        yield ProductCase(*shape)
    for shape in ((1024,) * 3, (4096,) * 3, (8, 4096, 4096)):
        yield ContractedProductCase(*shape)
    for shape in ((32768, 4096), (256, 4096)):
        yield SumCase("all", *shape)
        yield UnknownSumCase("vector", *shape)
    yield UnknownSumCase("all", 32768, 4096)
    for of, *shape in (
        ("rows", 64, 65536),
        ("rows", 8192, 1024),
        ("columns", 65536, 32),
        ("columns", 8192, 1024),
    ):
        yield SumCase(of, *shape)
        yield UnknownSumCase(of, *shape)
    yield UnknownSoftmaxCase("softmax", 8192, 1024)
    yield UnknownSoftmaxCase("softmax", 32768, 4096)


def smokeCases():
    yield Case("chain", 1000, 4)
    yield Case("chain", 1024, 16)
    for kind in ("softmax", "layernorm", "rmsnorm"):
        yield Case(kind, 8, 512)
    yield DigitsCase(96)
    yield ProductCase(64, 96, 80)
    yield ContractedProductCase(64, 96, 80)
    for of in SumCase.DIMENSIONS:
        yield SumCase(of, 96, 80)
    for of in ("vector", *SumCase.DIMENSIONS):
        yield UnknownSumCase(of, 96, 800)
    yield UnknownSoftmaxCase("softmax", 8, 512)
