//===- CheckedArithmetic.h - Arithmetic that cannot wrap --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Byte counts are uint64_t and no planner lets one wrap: every sum and product
// goes through here, and the caller turns a failed one into the error that
// names the quantity.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_CHECKEDARITHMETIC_H
#define VYRE_PLANNING_CHECKEDARITHMETIC_H

#include <cstdint>
#include <limits>
#include <type_traits>

namespace vyre::planning {

/// Wide enough for the sum of any 2^64 byte counts and the product of any two.
__extension__ typedef unsigned __int128 Uint128;

/// total += value. False, with total unchanged, where the sum does not fit.
template <typename T> [[nodiscard]] bool checkedAdd(T &total, T value) {
  static_assert(std::is_unsigned<T>::value, "counts are unsigned");
  T sum;
  if (__builtin_add_overflow(total, value, &sum))
    return false;
  total = sum;
  return true;
}

/// product = a * b. False where it does not fit; product is then unspecified.
[[nodiscard]] inline bool checkedMultiply(uint64_t a, uint64_t b,
                                          uint64_t &product) {
  return !__builtin_mul_overflow(a, b, &product);
}

/// narrow = wide. False where it does not fit.
[[nodiscard]] inline bool checkedNarrow(uint64_t wide, uint32_t &narrow) {
  narrow = static_cast<uint32_t>(wide);
  return narrow == wide;
}

/// value rounded up to a multiple of a power of two, which may need a 65th bit.
inline Uint128 alignUp(uint64_t value, uint64_t powerOfTwo) {
  return (Uint128(value) + (powerOfTwo - 1)) & ~Uint128(powerOfTwo - 1);
}

inline bool isPowerOfTwo(uint64_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

/// ceil(value / divisor) for any value, also 2^64 - 1; the divisor is not 0.
inline uint64_t ceilDiv(uint64_t value, uint64_t divisor) {
  return value / divisor + (value % divisor != 0);
}

/// part / whole in basis points (hundredths of a percent), rounded down; 0
/// where whole is 0, 2^32 - 1 where it is more than that.
inline uint32_t basisPoints(uint64_t part, uint64_t whole) {
  if (whole == 0)
    return 0;
  Uint128 points = Uint128(part) * 10000 / whole;
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  return points < kMost ? static_cast<uint32_t>(points) : kMost;
}

} // namespace vyre::planning

#endif // VYRE_PLANNING_CHECKEDARITHMETIC_H
