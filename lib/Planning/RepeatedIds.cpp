//===- RepeatedIds.cpp - Finding an id that was there before --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RepeatedIds.h"

#include <algorithm>
#include <cstring>

using namespace vyre::planning;

/// Log2 of the words of a filter with at least 32 bits an id.
static unsigned getFilterLog2(size_t ids) {
  unsigned log2 = 0;
  while ((size_t(2) << log2) < ids)
    ++log2;
  return log2;
}

size_t vyre::planning::getRepeatedIdFilterSize(size_t ids) {
  // Half of the address space is more than any reservation gets.
  if (ids > ~size_t(0) / 4)
    return ~size_t(0);
  return size_t(1) << getFilterLog2(ids);
}

namespace {

/// A set of bits that the hashes of ids pick.
class Filter {
public:
  /// An empty filter for so many ids. The multiplier makes the hash.
  Filter(FlatArray<uint64_t> &storage, size_t ids, uint32_t multiplier)
      : words(storage.data()), multiplier(multiplier) {
    // A hash picks one of at most 2^32 bits.
    unsigned log2 = std::min(getFilterLog2(ids), 26u);
    shift = 26 - log2;
    std::memset(words, 0, sizeof(uint64_t) << log2);
  }

  bool contains(uint32_t id) const {
    uint32_t bit = pickBit(id);
    return (words[bit / 64] >> (bit % 64)) & 1;
  }
  /// Adds an id; whether its bit was set before.
  bool insert(uint32_t id) {
    uint32_t bit = pickBit(id);
    uint64_t before = words[bit / 64];
    words[bit / 64] = before | uint64_t(1) << (bit % 64);
    return (before >> (bit % 64)) & 1;
  }

private:
  // The upper bits of the product depend on all bits of the id.
  uint32_t pickBit(uint32_t id) const { return (id * multiplier) >> shift; }

  uint64_t *words;
  uint32_t multiplier;
  unsigned shift;
};

} // namespace

// Odd, so that the hash of 32 bits is a bijection; the golden ratio and the
// square root of two, which spread consecutive ids evenly.
static constexpr uint32_t kMultipliers[] = {0x9e3779b1, 0xb504f333};

/// An id and where it is, ordered by id and then by place.
static uint64_t makeKey(uint32_t id, uint32_t index) {
  return uint64_t(id) << 32 | index;
}
static uint32_t getId(uint64_t key) { return uint32_t(key >> 32); }
static uint32_t getIndex(uint64_t key) { return uint32_t(key); }

/// Steps 1 and 2 on the ids themselves. Leaves the suspects, in order.
static void collectSuspects(Span<const uint32_t> ids,
                            FlatArray<uint64_t> &filter,
                            FlatArray<uint64_t> &suspects) {
  uint64_t *out = suspects.data();
  size_t hits = 0;
  Filter seen(filter, ids.size(), kMultipliers[0]);
  for (size_t i = 0; i < ids.size(); ++i) {
    out[hits] = makeKey(ids[i], uint32_t(i));
    hits += seen.insert(ids[i]);
  }
  size_t count = 0;
  if (hits != 0) {
    Filter wanted(filter, hits, kMultipliers[1]);
    for (size_t i = 0; i < hits; ++i)
      wanted.insert(getId(out[i]));
    for (size_t i = 0; i < ids.size(); ++i) {
      out[count] = makeKey(ids[i], uint32_t(i));
      count += wanted.contains(ids[i]);
    }
  }
  suspects.setSize(count);
}

/// Steps 1 and 2 once more, among the suspects.
static void narrowSuspects(FlatArray<uint64_t> &filter,
                           FlatArray<uint64_t> &suspects) {
  size_t hits = 0;
  // Moves the hits to the front, so that nothing is lost.
  Filter seen(filter, suspects.size(), kMultipliers[1]);
  for (uint64_t &suspect : suspects)
    if (seen.insert(getId(suspect)))
      std::swap(suspects[hits++], suspect);
  if (hits == 0) {
    suspects.clear();
    return;
  }
  Filter wanted(filter, hits, kMultipliers[0]);
  for (size_t i = 0; i < hits; ++i)
    wanted.insert(getId(suspects[i]));
  auto rest =
      std::remove_if(suspects.begin(), suspects.end(), [&](uint64_t suspect) {
        return !wanted.contains(getId(suspect));
      });
  suspects.setSize(rest - suspects.begin());
}

std::optional<uint32_t>
vyre::planning::findRepeatedId(Span<const uint32_t> ids,
                               FlatArray<uint64_t> &filter,
                               FlatArray<uint64_t> &suspects) {
  collectSuspects(ids, filter, suspects);
  if (suspects.empty())
    return std::nullopt;
  narrowSuspects(filter, suspects);
  std::sort(suspects.begin(), suspects.end());
  std::optional<uint32_t> first;
  for (size_t i = 1; i < suspects.size(); ++i)
    if (getId(suspects[i]) == getId(suspects[i - 1]))
      first = std::min(first.value_or(~0u), getIndex(suspects[i]));
  return first;
}
