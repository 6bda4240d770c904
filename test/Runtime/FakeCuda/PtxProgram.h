//===- PtxProgram.h - PTX, decoded ------------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of PTX that this compiler generates, as instructions that PtxThread
// interprets, so that a machine without a GPU runs the code that is meant for
// one. What is not known is refused, with its line; nothing is skipped.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_RUNTIME_FAKECUDA_PTXPROGRAM_H
#define VYRE_TEST_RUNTIME_FAKECUDA_PTXPROGRAM_H

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace vyre::fakecuda::ptx {

/// Why a module is refused, or what a kernel does that it must not.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Kind : uint8_t { Bits, Unsigned, Signed, Float, Predicate };

struct Type {
  Kind kind = Kind::Bits;
  unsigned bits = 0;

  uint64_t bytes() const { return bits / 8; }
};

enum class Space : uint8_t { Generic, Global, Shared, Cluster, Local, Param };

enum class Special : uint8_t {
  ThreadX,
  ThreadY,
  ThreadZ,
  BlockSizeX,
  BlockSizeY,
  BlockSizeZ,
  BlockX,
  BlockY,
  BlockZ,
  GridX,
  GridY,
  GridZ,
  Lane,
  RankInCluster,
  ClusterSize,
  Time,
};

/// The place of dynamic shared memory, which begins where a kernel's own ends.
constexpr uint64_t kDynamic = UINT64_MAX;

/// A register, a number, or an address that is known as soon as the thread is.
struct Operand {
  enum Form : uint8_t { None, Register, Immediate, Variable, SpecialRegister };
  Form form = None;
  Space space = Space::Generic; // of a variable
  Special special = Special::ThreadX;
  uint32_t index = 0; // of a register
  uint64_t value = 0; // of a number; of a variable, its place in its space
};

enum class Op : uint8_t {
  // clang-format off
  Add, Sub, Mul, Mad, Div, Rem, Min, Max, Abs, Neg, And, Or, Xor, Not,
  ShiftLeft, ShiftRight, ExtractBits, Reverse, LeadingZeros, PopulationCount,
  Permute, FunnelShift, Select, Compare, Move, Convert, Load, Store, Atomic,
  Branch, Return, Barrier, WarpBarrier, ClusterArrive, ClusterWait, Shuffle,
  MapShared, DependencyWait, Fence, Reciprocal, SquareRoot, InverseSquareRoot,
  Exp2, Log2, Sine, Cosine, CopySign,
  // clang-format on
};

enum class Rounding : uint8_t { Nearest, Zero, Down, Up };

enum class Half : uint8_t { Low, High, Wide };

struct Instruction {
  Op op;
  Type type;
  Type from; // of a conversion
  unsigned line = 0;
  /// A predicate register, or -1.
  int32_t guard = -1;
  bool isGuardNegated = false;

  Rounding rounding = Rounding::Nearest;
  Half half = Half::Low;
  Space space = Space::Generic;
  /// Comparisons, atomics, shuffles: which one.
  std::string variant;
  bool toInteger = false;   // rounds to an integer
  bool isSaturated = false; // to 0 .. 1
  bool flushes = false;     // subnormal numbers to zero
  bool keepsNan = false;    // minima and maxima
  bool takesCarry = false, givesCarry = false;
  bool isReadOnly = false; // through the non-coherent path
  bool isOrdered = false;  // more than a plain access

  unsigned resultCount = 0, sourceCount = 0;
  std::array<Operand, 4> results, sources;
  /// Of an access: what it adds the offset to.
  Operand address;
  int64_t offset = 0;
  uint32_t target = 0; // of a branch
};

struct Parameter {
  std::string name;
  uint64_t offset = 0, size = 0;
};

struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  uint64_t parameterBytes = 0, sharedBytes = 0, localBytes = 0;
  uint32_t registerCount = 0;
  unsigned clusterSize = 1;
  unsigned maxThreads = 1024;
  /// It waits for what it comes after, before it touches memory.
  bool waits = false;
  std::vector<Instruction> instructions;
};

struct Module {
  std::map<std::string, std::shared_ptr<const Kernel>> kernels;
  /// Constants of the module.
  std::vector<std::unique_ptr<std::vector<uint8_t>>> globals;
};

/// Whether an image of a module is PTX.
bool isPtx(const char *image);

/// Throws a Fault that names the line.
Module parse(const char *text);

/// What one instruction is, from its words between dots.
Instruction decode(const std::vector<std::string> &words);

} // namespace vyre::fakecuda::ptx

#endif // VYRE_TEST_RUNTIME_FAKECUDA_PTXPROGRAM_H
