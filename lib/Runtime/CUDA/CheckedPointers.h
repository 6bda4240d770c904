//===- CheckedPointers.h - Device memory that was found good ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a set in flight knows of the addresses it was given: good for so many
// bytes, until this library frees device memory. The last two addresses of each
// argument come first, since callers tend to pass the same again, or two in
// turn; then some more, by a hash. What a caller frees by itself is not
// noticed: see "Device memory" in docs/Runtime.md.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CHECKEDPOINTERS_H
#define VYRE_LIB_RUNTIME_CUDA_CHECKEDPOINTERS_H

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace vyre::runtime::internal::cuda {

class CheckedPointers {
public:
  /// Whether nothing was freed since begin().
  bool isOf(uint64_t frees) const {
    return !last.empty() && freeCount == frees;
  }

  /// Forgets everything if something was freed. `frees` counts that.
  void begin(uint64_t frees, size_t arguments) {
    if (isOf(frees) && last.size() == arguments)
      return;
    freeCount = frees;
    last.assign(arguments, {});
    others.assign(kSets, {});
  }

  bool isKnown(size_t argument, const void *data, uint64_t byteSize) {
    Pair &pair = last[argument];
    if (pair.first.covers(data, byteSize))
      return true;
    if (pair.second.covers(data, byteSize)) {
      std::swap(pair.first, pair.second);
      return true;
    }
    for (const Checked &one : others[hash(data)].ways)
      if (one.covers(data, byteSize)) {
        keep(pair, one);
        return true;
      }
    return false;
  }

  void remember(size_t argument, const void *data, uint64_t byteSize) {
    keep(last[argument], {data, byteSize});
  }

private:
  struct Checked {
    const void *data = nullptr;
    uint64_t byteSize = 0;
    bool covers(const void *other, uint64_t bytes) const {
      return data == other && byteSize >= bytes;
    }
  };
  struct Pair {
    Checked first, second;
  };
  struct Set {
    Checked ways[4];
  };
  static constexpr size_t kSets = 128;

  /// Allocations begin at multiples of 256 bytes.
  static size_t hash(const void *data) {
    uint64_t granule = reinterpret_cast<uintptr_t>(data) >> 8;
    return (granule * 0x9e3779b97f4a7c15u) >> 57;
  }

  /// As the last one of an argument; the one before the last goes where all
  /// arguments find it. `made` may be one of those that move.
  void keep(Pair &pair, Checked made) {
    Checked old = pair.second;
    pair.second = pair.first;
    pair.first = made;
    Set &set = others[hash(old.data)];
    bool isThere = !old.data;
    for (const Checked &one : set.ways)
      isThere |= one.covers(old.data, old.byteSize);
    if (isThere)
      return;
    for (size_t i = 3; i > 0; --i)
      set.ways[i] = set.ways[i - 1];
    set.ways[0] = old;
  }

  uint64_t freeCount = 0;
  /// One per argument.
  std::vector<Pair> last;
  std::vector<Set> others;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CHECKEDPOINTERS_H
