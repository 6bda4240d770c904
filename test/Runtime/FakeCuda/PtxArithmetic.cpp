//===- PtxArithmetic.cpp - What instructions of PTX compute -----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers have 64 bits, of which an instruction looks at those of its type.
// Results are exact as a GPU's are, but for the approximate functions, which
// are the host's.
//
//===----------------------------------------------------------------------===//

#include "PtxGrid.h"

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>

using namespace vyre::fakecuda::ptx;

namespace {

using Sources = std::array<uint64_t, 4>;

[[noreturn]] void refuse(const char *what) {
  throw Fault(std::string(what) + " is not interpreted");
}

template <typename To, typename From> To bitCast(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &value, sizeof(to));
  return to;
}

/// A value as the type has it, in 64 bits.
int64_t read(uint64_t value, Type type) {
  unsigned unused = 64 - type.bits;
  if (type.kind == Kind::Signed)
    return int64_t(value << unused) >> unused;
  return int64_t(value << unused >> unused);
}

/// The host's rounding for the time of an operation.
class RoundingScope {
public:
  explicit RoundingScope(Rounding rounding) {
    static constexpr int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD,
                                    FE_UPWARD};
    if (rounding != Rounding::Nearest)
      std::fesetround(modes[size_t(rounding)]);
    isSet = rounding != Rounding::Nearest;
  }
  ~RoundingScope() {
    if (isSet)
      std::fesetround(FE_TONEAREST);
  }

private:
  bool isSet;
};

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Sums with a carry, of 32 bits.
uint64_t addCarry(const Instruction &made, uint64_t a, uint64_t b,
                  bool &carry) {
  if (made.type.bits != 32)
    refuse("a carry of other than 32 bits");
  bool isSub = made.op == Op::Sub;
  uint64_t sum = (a & UINT32_MAX) + ((isSub ? ~b : b) & UINT32_MAX);
  sum += made.takesCarry ? carry : isSub;
  if (made.givesCarry)
    carry = sum >> 32 != 0;
  return sum & UINT32_MAX;
}

uint64_t multiply(const Instruction &made, const Sources &from, bool &carry) {
  bool isSigned = made.type.kind == Kind::Signed;
  int64_t a = read(from[0], made.type), b = read(from[1], made.type);
  __int128 product =
      isSigned ? __int128(a) * b
               : __int128((unsigned __int128)(uint64_t(a)) * uint64_t(b));
  uint64_t result = made.half == Half::High
                        ? uint64_t(product >> made.type.bits)
                        : uint64_t(product);
  if (made.op != Op::Mad)
    return result;
  if (made.givesCarry || made.takesCarry)
    return addCarry(made, result, from[2], carry);
  return result + from[2];
}

uint64_t divide(const Instruction &made, const Sources &from) {
  int64_t a = read(from[0], made.type), b = read(from[1], made.type);
  bool isDiv = made.op == Op::Div;
  if (b == 0)
    return isDiv ? ~uint64_t(0) : uint64_t(a);
  if (made.type.kind != Kind::Signed)
    return isDiv ? uint64_t(a) / uint64_t(b) : uint64_t(a) % uint64_t(b);
  if (b == -1)
    return isDiv ? ~uint64_t(a) + 1 : 0;
  return uint64_t(isDiv ? a / b : a % b);
}

uint64_t shift(const Instruction &made, const Sources &from) {
  uint64_t by = from[1] & UINT32_MAX;
  int64_t value = read(from[0], made.type);
  bool isGone = by >= made.type.bits;
  if (made.op == Op::ShiftLeft)
    return isGone ? 0 : uint64_t(value) << by;
  if (made.type.kind == Kind::Signed)
    return uint64_t(value >> (isGone ? 63 : by));
  return isGone ? 0 : uint64_t(value) >> by;
}

uint64_t extractBits(const Instruction &made, const Sources &from) {
  uint64_t place = from[1] & 255, length = from[2] & 255;
  if (made.type.kind == Kind::Signed)
    refuse("bfe of signed numbers");
  uint64_t value = uint64_t(read(from[0], made.type));
  value = place >= 64 ? 0 : value >> place;
  return length >= 64 ? value : value & ((uint64_t(1) << length) - 1);
}

uint64_t permuteBytes(const Sources &from) {
  uint64_t bytes = (from[1] & UINT32_MAX) << 32 | (from[0] & UINT32_MAX);
  uint64_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    uint64_t selector = from[2] >> 4 * i & 15;
    uint64_t byte = bytes >> 8 * (selector & 7) & 255;
    if (selector & 8)
      byte = byte & 128 ? 255 : 0;
    result |= byte << 8 * i;
  }
  return result;
}

uint64_t funnelShift(const Instruction &made, const Sources &from) {
  uint64_t pair = (from[1] & UINT32_MAX) << 32 | (from[0] & UINT32_MAX);
  uint64_t by = from[2] & UINT32_MAX;
  bool isLeft = made.variant[0] == 'l';
  by = made.variant.find("wrap") != std::string::npos
           ? by & 31
           : std::min<uint64_t>(by, 32);
  return isLeft ? (pair << by) >> 32 : (pair >> by) & UINT32_MAX;
}

uint64_t countOrReverse(const Instruction &made, uint64_t value) {
  unsigned bits = made.type.bits;
  value = uint64_t(read(value, {Kind::Bits, bits}));
  uint64_t reversed = 0, ones = 0, leading = 0;
  for (unsigned i = 0; i < bits; ++i) {
    uint64_t bit = value >> i & 1;
    reversed |= bit << (bits - 1 - i);
    ones += bit;
    leading = bit ? 0 : leading + 1;
  }
  return made.op == Op::Reverse           ? reversed
         : made.op == Op::PopulationCount ? ones
                                          : leading;
}

uint64_t computeInteger(const Instruction &made, const Sources &from,
                        bool &carry) {
  int64_t a = read(from[0], made.type), b = read(from[1], made.type);
  bool isLess =
      made.type.kind == Kind::Signed ? a < b : uint64_t(a) < uint64_t(b);
  switch (made.op) {
  case Op::Add:
  case Op::Sub:
    if (made.isSaturated)
      refuse("a saturated sum");
    if (made.givesCarry || made.takesCarry)
      return addCarry(made, from[0], from[1], carry);
    return made.op == Op::Add ? from[0] + from[1] : from[0] - from[1];
  case Op::Mul:
  case Op::Mad:
    return multiply(made, from, carry);
  case Op::Div:
  case Op::Rem:
    return divide(made, from);
  case Op::Min:
    return uint64_t(isLess ? a : b);
  case Op::Max:
    return uint64_t(isLess ? b : a);
  case Op::Abs:
    return a < 0 ? ~uint64_t(a) + 1 : uint64_t(a);
  case Op::Neg:
    return ~uint64_t(a) + 1;
  case Op::And:
    return from[0] & from[1];
  case Op::Or:
    return from[0] | from[1];
  case Op::Xor:
    return from[0] ^ from[1];
  case Op::Not:
    return made.type.kind == Kind::Predicate ? ~from[0] & 1 : ~from[0];
  case Op::ShiftLeft:
  case Op::ShiftRight:
    return shift(made, from);
  case Op::ExtractBits:
    return extractBits(made, from);
  case Op::Reverse:
  case Op::PopulationCount:
  case Op::LeadingZeros:
    return countOrReverse(made, from[0]);
  case Op::Permute:
    return permuteBytes(from);
  case Op::FunnelShift:
    return funnelShift(made, from);
  case Op::Select:
    return from[2] & 1 ? from[0] : from[1];
  case Op::Move:
    return made.type.kind == Kind::Predicate ? from[0] != 0 : from[0];
  default:
    refuse("an operation on integers");
  }
}

/// Of floats as well, where a NaN makes only the variants that end in 'u' true.
template <typename T>
bool compare(const std::string &variant, T a, T b, bool isUnordered) {
  if (variant == "num" || variant == "nan")
    return isUnordered == (variant == "nan");
  if (isUnordered)
    return variant.back() == 'u';
  std::string name = variant.substr(0, 2);
  return name == "eq"   ? a == b
         : name == "ne" ? a != b
         : name == "lt" ? a < b
         : name == "le" ? a <= b
         : name == "gt" ? a > b
                        : a >= b;
}

//===----------------------------------------------------------------------===//
// Floating point
//===----------------------------------------------------------------------===//

template <typename T> T flush(T value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(T(0), value)
                                                : value;
}

template <typename T> T roundToInteger(T value, Rounding rounding) {
  switch (rounding) {
  case Rounding::Nearest:
    return std::nearbyint(value);
  case Rounding::Zero:
    return std::trunc(value);
  case Rounding::Down:
    return std::floor(value);
  case Rounding::Up:
    return std::ceil(value);
  }
  return value;
}

template <typename T> T choose(const Instruction &made, T a, T b) {
  if (std::isnan(a) || std::isnan(b)) {
    if (made.keepsNan)
      return std::numeric_limits<T>::quiet_NaN();
    return std::isnan(a) ? b : a;
  }
  bool isLess = a < b || (a == b && std::signbit(a) && !std::signbit(b));
  return isLess == (made.op == Op::Min) ? a : b;
}

template <typename T> T computeFloat(const Instruction &made, T a, T b, T c) {
  RoundingScope scope(made.toInteger ? Rounding::Nearest : made.rounding);
  // Not before the mode is set, nor after it is back.
  volatile T x = a, y = b, result;
  switch (made.op) {
  case Op::Add:
    result = x + y;
    return result;
  case Op::Sub:
    result = x - y;
    return result;
  case Op::Mul:
    result = x * y;
    return result;
  case Op::Div:
    result = x / y;
    return result;
  case Op::Mad:
    result = std::fma(T(x), T(y), c);
    return result;
  case Op::Reciprocal:
    result = T(1) / x;
    return result;
  case Op::SquareRoot:
    result = std::sqrt(T(x));
    return result;
  case Op::InverseSquareRoot:
    return T(1) / std::sqrt(a);
  case Op::Exp2:
    return std::exp2(a);
  case Op::Log2:
    return std::log2(a);
  case Op::Sine:
    return std::sin(a);
  case Op::Cosine:
    return std::cos(a);
  case Op::Min:
  case Op::Max:
    return choose(made, a, b);
  case Op::Abs:
    return std::fabs(a);
  case Op::Neg:
    return -a;
  case Op::CopySign:
    return std::copysign(b, a);
  default:
    refuse("an operation on floats");
  }
}

template <typename T, typename Bits>
uint64_t computeFloatBits(const Instruction &made, const Sources &from) {
  auto get = [&](size_t i) {
    T value = bitCast<T>(Bits(from[i]));
    return made.flushes ? flush(value) : value;
  };
  if (made.op == Op::Select)
    return from[2] & 1 ? from[0] : from[1];
  if (made.op == Op::Move)
    return from[0];
  if (made.op == Op::Compare) {
    T a = get(0), b = get(1);
    return compare(made.variant, a, b, std::isnan(a) || std::isnan(b));
  }
  T result = computeFloat<T>(made, get(0), get(1), get(2));
  if (made.flushes)
    result = flush(result);
  if (made.isSaturated)
    result =
        std::isnan(result) ? T(0) : std::fmin(std::fmax(result, T(0)), T(1));
  return bitCast<Bits>(result);
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

double readFloat(uint64_t value, Type type) {
  if (type.bits == 32)
    return bitCast<float>(uint32_t(value));
  if (type.bits == 64)
    return bitCast<double>(value);
  refuse("a float of 16 bits");
}

uint64_t writeFloat(double value, Type type, Rounding rounding) {
  if (type.bits == 64)
    return bitCast<uint64_t>(value);
  if (type.bits != 32)
    refuse("a float of 16 bits");
  RoundingScope scope(rounding);
  volatile double exact = value;
  volatile float result = float(exact);
  return bitCast<uint32_t>(float(result));
}

/// Beyond the type it is the end of the type, and NaN is zero.
uint64_t toInteger(double value, Type type) {
  if (std::isnan(value))
    return 0;
  bool isSigned = type.kind == Kind::Signed;
  double end = std::ldexp(1.0, int(type.bits) - (isSigned ? 1 : 0));
  double low = isSigned ? -end : 0.0;
  if (value < low)
    return isSigned ? uint64_t(1) << (type.bits - 1) : 0;
  if (value >= end)
    return isSigned ? (uint64_t(1) << (type.bits - 1)) - 1
                    : ~uint64_t(0) >> (64 - type.bits);
  return isSigned ? uint64_t(int64_t(value)) : uint64_t(value);
}

uint64_t convert(const Instruction &made, uint64_t from) {
  bool isFromFloat = made.from.kind == Kind::Float;
  if (made.type.kind != Kind::Float) {
    if (isFromFloat)
      return toInteger(
          roundToInteger(readFloat(from, made.from), made.rounding), made.type);
    if (made.isSaturated)
      refuse("a saturated conversion");
    return uint64_t(read(read(from, made.from), made.type));
  }
  if (!isFromFloat) {
    int64_t value = read(from, made.from);
    bool isSigned = made.from.kind == Kind::Signed;
    RoundingScope scope(made.rounding);
    if (made.type.bits == 32) {
      volatile float result = isSigned ? float(value) : float(uint64_t(value));
      return bitCast<uint32_t>(float(result));
    }
    volatile double result = isSigned ? double(value) : double(uint64_t(value));
    return bitCast<uint64_t>(double(result));
  }
  double value = readFloat(from, made.from);
  if (made.flushes)
    value = std::fabs(value) < std::numeric_limits<float>::min()
                ? std::copysign(0.0, value)
                : value;
  if (made.toInteger)
    value = roundToInteger(value, made.rounding);
  if (made.isSaturated)
    value = std::isnan(value) ? 0.0 : std::fmin(std::fmax(value, 0.0), 1.0);
  return writeFloat(value, made.type,
                    made.toInteger ? Rounding::Nearest : made.rounding);
}

} // namespace

uint64_t vyre::fakecuda::ptx::compute(const Instruction &made,
                                      const Sources &from, bool &carry) {
  if (made.op == Op::Convert)
    return convert(made, from[0]);
  if (made.type.kind == Kind::Float) {
    if (made.type.bits == 32)
      return computeFloatBits<float, uint32_t>(made, from);
    if (made.type.bits == 64)
      return computeFloatBits<double, uint64_t>(made, from);
    refuse("a float of 16 bits");
  }
  if (made.op == Op::Compare) {
    int64_t a = read(from[0], made.type), b = read(from[1], made.type);
    if (made.type.kind == Kind::Signed)
      return compare(made.variant, a, b, false);
    return compare(made.variant, uint64_t(a), uint64_t(b), false);
  }
  return computeInteger(made, from, carry);
}
