//===- MathAccuracy.h - How far math functions may be off -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which functions of a program are not correctly rounded, and by how many units
// in the last place each backend's version of them may differ from the
// correctly rounded result.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_TARGET_MATHACCURACY_H
#define VYRE_LIB_TARGET_MATHACCURACY_H

#include "vyre/Conversion/Pipelines.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

#include <cstdint>
#include <string>
#include <vector>

namespace vyre {

/// Nobody says how far it may be off.
inline constexpr uint32_t kUnknownUlp = UINT32_MAX;

struct MathUse {
  /// "exp.f32", or what else there is to blame.
  std::string name;
  uint32_t cpuUlp = kUnknownUlp;
  uint32_t gpuUlp = kUnknownUlp;
};

/// The functions of a program in physical form, each once, in the order of
/// their names, without those that every backend rounds correctly.
std::vector<MathUse> collectMathUses(ProgramOp program, MathMode math);

} // namespace vyre

#endif // VYRE_LIB_TARGET_MATHACCURACY_H
