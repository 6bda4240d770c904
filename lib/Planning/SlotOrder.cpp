//===- SlotOrder.cpp - Results by ascending slot --------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SlotOrder.h"

#include <algorithm>
#include <cstring>

using namespace vyre::planning;

/// A bucket of more slots than this is not sorted by insertion.
static constexpr uint32_t kLargestBucket = 16;

SlotOrder::SlotOrder(Span<const ResultSlot> slots, const Survey &survey,
                     FlatArray<uint64_t> &sorted,
                     FlatArray<uint32_t> &bucketStarts)
    : slots(slots), sorted(sorted.data()), form(Form::SortedBytes) {
  uint32_t range = survey.greatest - survey.least;
  // An empty list and a list of one are ascending and descending.
  if (survey.isAscending) {
    form = Form::Ascending;
    return;
  }
  if (survey.isDescending) {
    form = Form::Descending;
    return;
  }
  // All ones are no result's: see place().
  if (survey.byteBits >= UINT32_MAX)
    form = Form::SortedPlaces;
  if (range < slots.size())
    place(survey.least);
  else
    distribute(survey.least, range, bucketStarts.data());
}

/// As many numbers as slots, or fewer: either each slot has a place of its own,
/// or one is repeated.
void SlotOrder::place(uint32_t least) {
  constexpr uint64_t kFree = ~uint64_t(0);
  std::fill_n(sorted, slots.size(), kFree);
  for (size_t i = 0; i < slots.size(); ++i) {
    uint64_t &place = sorted[slots[i].slot - least];
    isRepeated |= place != kFree;
    place = makeKey(i);
  }
}

void SlotOrder::distribute(uint32_t least, uint32_t range, uint32_t *starts) {
  // The least shift that leaves no more buckets than slots. Neither operand of
  // the logarithms is 0: there are two slots or more, and numbers between them.
  int logRange = 31 - __builtin_clz(range);
  int logCount = 63 - __builtin_clzll(slots.size());
  unsigned shift = std::max(0, logRange - logCount);
  while ((range >> shift) >= slots.size())
    ++shift;
  size_t buckets = (range >> shift) + 1;

  // Counts, and then where each bucket starts.
  std::memset(starts, 0, buckets * sizeof(uint32_t));
  for (const ResultSlot &slot : slots)
    ++starts[(slot.slot - least) >> shift];
  uint32_t next = 0;
  uint32_t largest = 0;
  for (size_t i = 0; i < buckets; ++i) {
    uint32_t count = starts[i];
    largest = std::max(largest, count);
    starts[i] = next;
    next += count;
  }
  for (size_t i = 0; i < slots.size(); ++i)
    sorted[starts[(slots[i].slot - least) >> shift]++] = makeKey(i);
  if (largest > kLargestBucket)
    std::sort(sorted, sorted + slots.size());
  sortNeighbours();
}

/// Sorts a list that is nearly in order, and looks for equal neighbours.
void SlotOrder::sortNeighbours() {
  for (size_t i = 1; i < slots.size(); ++i) {
    uint64_t key = sorted[i];
    size_t place = i;
    for (; place > 0 && getSlot(key) < getSlot(sorted[place - 1]); --place)
      sorted[place] = sorted[place - 1];
    sorted[place] = key;
    isRepeated |= place > 0 && getSlot(sorted[place - 1]) == getSlot(key);
  }
}

std::optional<uint32_t>
vyre::planning::findRepeatedSlot(Span<const ResultSlot> slots,
                                 FlatArray<uint64_t> &sorted) {
  uint64_t *keys = sorted.data();
  for (size_t i = 0; i < slots.size(); ++i)
    keys[i] = uint64_t(slots[i].slot) << 32 | i;
  std::sort(keys, keys + slots.size());
  std::optional<uint32_t> first;
  for (size_t i = 1; i < slots.size(); ++i)
    if (keys[i] >> 32 == keys[i - 1] >> 32)
      first = std::min(first.value_or(~0u), uint32_t(keys[i]));
  return first;
}
