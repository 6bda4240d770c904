//===- HostArray.cpp - An array in host memory ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostArray.h"

#include <algorithm>
#include <cstring>

namespace vyre::run {
namespace {

/// The most that an artifact may ask for, in bytes.
constexpr size_t kAlignment = 4096;

} // namespace

HostArray HostArray::allocate(uint32_t elementType,
                              std::vector<int64_t> extents,
                              const std::string &what) {
  uint64_t bytes = vyreElementTypeSize(elementType);
  if (std::find(extents.begin(), extents.end(), 0) != extents.end())
    bytes = 0;
  for (int64_t extent : extents)
    if (bytes != 0 &&
        __builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes))
      throw UserError(what + " with shape " + formatShape(extents) +
                      " takes more than 2^64 bytes. Fix: pass a smaller "
                      "shape.");
  HostArray array;
  array.elementType = elementType;
  array.extents = std::move(extents);
  array.byteSize = bytes;
  if (bytes < uint64_t(PTRDIFF_MAX) - kAlignment)
    array.data.reset(static_cast<uint8_t *>(
        std::aligned_alloc(kAlignment, (bytes / kAlignment + 1) * kAlignment)));
  if (!array.data)
    throw UserError("there is no memory for " + what + ", which takes " +
                    std::to_string(bytes) +
                    " bytes. Fix: pass a smaller shape.");
  std::memset(array.data.get(), 0, bytes);
  return array;
}

HostArray HostArray::clone() const {
  HostArray copy = allocate(elementType, extents, "a copy");
  std::memcpy(copy.data.get(), data.get(), byteSize);
  return copy;
}

std::string formatShape(const std::vector<int64_t> &extents) {
  if (extents.empty())
    return "scalar";
  std::string text;
  for (int64_t extent : extents)
    text += (text.empty() ? "" : "x") +
            (extent < 0 ? std::string("?") : std::to_string(extent));
  return text;
}

} // namespace vyre::run
