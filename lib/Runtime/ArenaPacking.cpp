//===- ArenaPacking.cpp - Memory shared by liveness -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A sweep over the launches: what dies gives its bytes back, what is born takes
// the smallest hole that holds it, or grows the arena. All sizes are rounded to
// one granule that also satisfies every alignment, so that any hole of enough
// bytes is good.
//
//===----------------------------------------------------------------------===//

#include "ArenaPacking.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace vyre::runtime::internal {
namespace {

/// The free ranges of the arena below its end.
class Holes {
public:
  /// Takes `size` bytes from the smallest hole with enough. Returns false if
  /// there is none.
  bool take(uint64_t size, uint64_t &offset) {
    auto found = bySize.lower_bound({size, 0});
    if (found == bySize.end())
      return false;
    auto [holeSize, holeOffset] = *found;
    erase(holeOffset, holeSize);
    if (holeSize > size)
      insert(holeOffset + size, holeSize - size);
    offset = holeOffset;
    return true;
  }

  /// Takes the hole that ends at `end`, if there is one; returns its size.
  uint64_t takeLast(uint64_t end) {
    if (byOffset.empty())
      return 0;
    auto last = std::prev(byOffset.end());
    if (last->first + last->second != end)
      return 0;
    uint64_t size = last->second;
    erase(last->first, size);
    return size;
  }

  /// Gives bytes back, and joins them with the holes beside them.
  void give(uint64_t offset, uint64_t size) {
    auto next = byOffset.lower_bound(offset);
    if (next != byOffset.end() && next->first == offset + size) {
      uint64_t nextSize = next->second;
      erase(offset + size, nextSize);
      size += nextSize;
    }
    auto previous = byOffset.lower_bound(offset);
    if (previous != byOffset.begin()) {
      --previous;
      auto [previousOffset, previousSize] = *previous;
      if (previousOffset + previousSize == offset) {
        erase(previousOffset, previousSize);
        offset = previousOffset;
        size += previousSize;
      }
    }
    insert(offset, size);
  }

private:
  void insert(uint64_t offset, uint64_t size) {
    byOffset.emplace(offset, size);
    bySize.emplace(size, offset);
  }
  void erase(uint64_t offset, uint64_t size) {
    byOffset.erase(offset);
    bySize.erase({size, offset});
  }

  std::map<uint64_t, uint64_t> byOffset;
  std::set<std::pair<uint64_t, uint64_t>> bySize;
};

std::vector<uint32_t> sortedBy(const Program &program,
                               uint32_t Intermediate::*member) {
  std::vector<uint32_t> order(program.intermediates.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return program.intermediates[a].*member < program.intermediates[b].*member;
  });
  return order;
}

} // namespace

uint64_t arenaAlignment(const Program &program) {
  uint64_t alignment = 256;
  for (const Intermediate &value : program.intermediates)
    alignment = std::max<uint64_t>(alignment, value.alignment);
  return alignment;
}

bool packArena(const Program &program, const std::vector<uint64_t> &sizes,
               std::vector<uint64_t> &offsets, uint64_t &arenaBytes) {
  uint64_t granule = arenaAlignment(program);
  std::vector<uint32_t> births = sortedBy(program, &Intermediate::firstUse);
  std::vector<uint32_t> deaths = sortedBy(program, &Intermediate::lastUse);
  auto rounded = [&](uint32_t value) {
    return (sizes[value] + granule - 1) / granule * granule;
  };

  Holes holes;
  arenaBytes = 0;
  size_t nextDeath = 0;
  for (uint32_t value : births) {
    uint32_t now = program.intermediates[value].firstUse;
    for (; nextDeath < deaths.size() &&
           program.intermediates[deaths[nextDeath]].lastUse < now;
         ++nextDeath)
      if (uint64_t size = rounded(deaths[nextDeath]))
        holes.give(offsets[deaths[nextDeath]], size);
    offsets[value] = 0;
    if (sizes[value] == 0)
      continue;
    if (sizes[value] > uint64_t(INT64_MAX) - granule)
      return false;
    uint64_t size = rounded(value);
    if (holes.take(size, offsets[value]))
      continue;
    offsets[value] = arenaBytes - holes.takeLast(arenaBytes);
    if (size > uint64_t(INT64_MAX) - offsets[value])
      return false;
    arenaBytes = offsets[value] + size;
  }
  return true;
}

} // namespace vyre::runtime::internal
