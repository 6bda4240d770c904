//===- MathAccuracy.cpp - How far math functions may be off ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers are what the libraries' makers found in tests, not what anyone
// proved: for libm those of the GNU C Library manual ("Known Maximum Errors in
// Math Functions", x86_64), for libdevice those of the CUDA programming guide
// ("Mathematical Functions", full range). What neither lists is unknown, and so
// are upstream's polynomials, for which nobody states a bound.
//
//===----------------------------------------------------------------------===//

#include "MathAccuracy.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <map>

using namespace mlir;
using namespace vyre;

namespace {
struct Accuracy {
  StringLiteral function;
  uint32_t cpuF32, cpuF64, gpuF32, gpuF64;
};
} // namespace

static constexpr Accuracy kAccuracies[] = {
    {"acos", 1, 1, 2, 2},
    {"acosh", 2, 2, 4, 3},
    {"asin", 1, 1, 2, 2},
    {"asinh", 2, 2, 3, 3},
    {"atan", 1, 1, 2, 2},
    {"atan2", 2, 1, 3, 2},
    {"atanh", 2, 2, 3, 2},
    {"cbrt", 1, 4, 1, 1},
    {"cos", 1, 1, 2, 2},
    {"cosh", 2, 2, 2, 1},
    {"erf", 1, 1, 2, 2},
    {"erfc", 3, 5, 4, 5},
    {"exp", 1, 1, 2, 1},
    {"exp2", 1, 1, 2, 1},
    {"expm1", 1, 1, 1, 1},
    {"log", 1, 1, 1, 1},
    {"log10", 2, 2, 2, 1},
    {"log1p", 1, 1, 1, 1},
    {"log2", 1, 2, 1, 1},
    {"powf", 1, 1, 4, 2},
    // On the CPU 1 / sqrt(x), each correctly rounded.
    {"rsqrt", 2, 2, 2, 1},
    {"sin", 1, 1, 2, 2},
    {"sincos", 1, 1, 2, 2},
    {"sinh", 2, 2, 3, 2},
    {"tan", 1, 1, 4, 2},
    {"tanh", 2, 2, 2, 1},
};

/// Functions with one right result, which every backend gives.
static bool isExact(StringRef function) {
  return llvm::StringSwitch<bool>(function)
      .Cases({"absf", "absi", "ceil", "clampf", "copysign", "ctlz", "ctpop",
              "cttz", "floor", "fma", "ipowi", "isfinite", "isinf", "isnan",
              "isnormal", "round", "roundeven", "sqrt", "trunc"},
             true)
      .Default(false);
}

/// What one op of a body calls, or nothing to speak of.
static std::optional<MathUse> getMathUse(Operation *op, MathMode math) {
  if (op->getNumResults() == 0)
    return std::nullopt;
  Type type = getElementTypeOrSelf(op->getResult(0).getType());
  if (!isa<FloatType>(type))
    return std::nullopt;
  StringRef function = op->getName().stripDialect();
  std::string typeName;
  llvm::raw_string_ostream(typeName) << type;
  MathUse use;
  use.name = (function + "." + typeName).str();
  // fmod is exact; what LLVM makes of a remainder for a GPU is a division,
  // rounded, and multiplied again.
  if (isa<arith::RemFOp>(op)) {
    use.cpuUlp = 0;
    return use;
  }
  if (!isa_and_nonnull<math::MathDialect>(op->getDialect()) ||
      isExact(function))
    return std::nullopt;
  if (math == MathMode::Portable)
    return use;
  const Accuracy *known =
      llvm::find_if(kAccuracies, [&](const Accuracy &accuracy) {
        return accuracy.function == function;
      });
  if (known == std::end(kAccuracies))
    return use;
  if (type.isF64()) {
    use.cpuUlp = known->cpuF64;
    use.gpuUlp = known->gpuF64;
  } else if (type.isF32()) {
    use.cpuUlp = known->cpuF32;
    use.gpuUlp = known->gpuF32;
  } else if (type.isF16() || type.isBF16()) {
    // Computed in f32 and rounded, which moves the result by one at most.
    use.cpuUlp = use.gpuUlp = 1;
  }
  return use;
}

std::vector<MathUse> vyre::collectMathUses(ProgramOp program, MathMode math) {
  std::map<std::string, MathUse> uses;
  auto add = [&](MathUse use) { uses.emplace(use.name, use); };
  program.walk([&](Operation *op) {
    if (auto opaque = dyn_cast<OpaqueStageOp>(op))
      add({"kernel '" + opaque.getKernel().getLeafReference().str() +
           "' of another compiler"});
    else if (auto call = dyn_cast<CallStageOp>(op))
      add({"function '" + call.getCallee().str() + "' of the host"});
    else if (std::optional<MathUse> use = getMathUse(op, math))
      add(*use);
  });
  std::vector<MathUse> list;
  for (auto &[name, use] : uses)
    list.push_back(use);
  return list;
}
