//===- Literal.cpp - Scalars from the command line --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Literal.h"

#include <cerrno>
#include <cmath>
#include <cstring>

namespace vyre::run {
namespace {

bool isFloat(uint32_t type) {
  return type == VYRE_ELEMENT_F16 || type == VYRE_ELEMENT_BF16 ||
         type == VYRE_ELEMENT_F32 || type == VYRE_ELEMENT_F64;
}

/// Rounds to a binary format of 16 bits with this many explicit mantissa bits.
uint16_t roundTo16(double value, int mantissaBits) {
  int exponentBits = 15 - mantissaBits;
  int bias = (1 << (exponentBits - 1)) - 1;
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  uint16_t infinity =
      static_cast<uint16_t>(((1 << exponentBits) - 1) << mantissaBits);
  if (std::isnan(value))
    return static_cast<uint16_t>(sign | infinity | 1 << (mantissaBits - 1));
  double magnitude = std::fabs(value);
  if (std::isinf(value))
    return sign | infinity;
  // In units of the last place that the format has at this magnitude.
  int exponent = magnitude == 0 ? 1 - bias : std::ilogb(magnitude);
  exponent = exponent < 1 - bias ? 1 - bias : exponent;
  // Exact: scaling by a power of two, then one rounding in the default mode.
  auto units = static_cast<uint64_t>(
      std::nearbyint(std::ldexp(magnitude, mantissaBits - exponent)));
  // A subnormal has exponent field 0; a carry moves into the field by itself.
  uint64_t bits = units;
  if (units >= uint64_t(1) << mantissaBits)
    bits = units + (static_cast<uint64_t>(exponent + bias - 1) << mantissaBits);
  return static_cast<uint16_t>(sign | (bits > infinity ? infinity : bits));
}

template <typename T> HostArray makeScalar(uint32_t type, T value) {
  HostArray array = HostArray::allocate(type, {}, "a scalar");
  std::memcpy(array.data.get(), &value, array.byteSize);
  return array;
}

[[noreturn]] void failRange(const std::string &text, uint32_t type,
                            const std::string &what) {
  throw UserError("'" + text + "' is not a value of " + what +
                  ", which is of type " + vyreElementTypeName(type) +
                  ". Fix: pass a number in its range.");
}

std::optional<HostArray> parseInteger(const std::string &text, uint32_t type,
                                      const std::string &what) {
  const char *begin = text.c_str();
  char *end = nullptr;
  errno = 0;
  bool isNegative = text[0] == '-';
  long long low = std::strtoll(begin, &end, 0);
  bool overflows = errno == ERANGE;
  if (end == begin || *end != '\0') {
    // A number after all, but not an integer?
    std::strtod(begin, &end);
    if (end != begin && *end == '\0')
      failRange(text, type, what);
    return std::nullopt;
  }
  uint64_t bits = static_cast<uint64_t>(low);
  if (overflows && !isNegative) {
    errno = 0;
    bits = std::strtoull(begin, &end, 0);
    overflows = errno == ERANGE;
  }
  if (overflows)
    failRange(text, type, what);
  unsigned width =
      type == VYRE_ELEMENT_I1 ? 1 : 8 * unsigned(vyreElementTypeSize(type));
  if (width < 64) {
    uint64_t most = (uint64_t(1) << width) - 1;
    int64_t least = width == 1 ? 0 : -(int64_t(1) << (width - 1));
    if (isNegative ? low < least : bits > most)
      failRange(text, type, what);
  }
  return makeScalar(type, bits);
}

} // namespace

uint16_t roundToF16(double value) { return roundTo16(value, 10); }

uint16_t roundToBf16(double value) { return roundTo16(value, 7); }

std::optional<HostArray> parseLiteral(const std::string &text, uint32_t type,
                                      const std::string &what) {
  if (text.empty() || std::isspace(static_cast<unsigned char>(text[0])))
    return std::nullopt;
  if (type == VYRE_ELEMENT_I1 && (text == "true" || text == "false"))
    return makeScalar(type, uint64_t(text == "true"));
  if (!isFloat(type))
    return parseInteger(text, type, what);

  // Infinity is a value where it is written as such.
  auto checkRange = [&](bool isInfinite) {
    if (isInfinite && text.find_first_of("iI") == std::string::npos)
      failRange(text, type, what);
  };
  char *end = nullptr;
  if (type == VYRE_ELEMENT_F32) {
    // Not by way of double, which would round twice.
    float value = std::strtof(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0')
      return std::nullopt;
    checkRange(std::isinf(value));
    return makeScalar(type, value);
  }
  double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0')
    return std::nullopt;
  if (type == VYRE_ELEMENT_F64) {
    checkRange(std::isinf(value));
    return makeScalar(type, value);
  }
  bool isF16 = type == VYRE_ELEMENT_F16;
  uint16_t bits = isF16 ? roundToF16(value) : roundToBf16(value);
  uint16_t infinity = isF16 ? 0x7c00 : 0x7f80;
  checkRange((bits & 0x7fff) == infinity);
  return makeScalar(type, uint64_t(bits));
}

} // namespace vyre::run
