//===- SlotOrder.cpp - Result slots by ascending id -----------------------===//
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

/// An id and the index of its slot, ordered by id and then by index.
static uint64_t makeKey(uint32_t id, size_t index) {
  return uint64_t(id) << 32 | index;
}
static uint32_t getId(uint64_t key) { return uint32_t(key >> 32); }

/// A bucket of more ids than this is not sorted by insertion.
static constexpr uint32_t kLargestBucket = 16;

SlotOrder::SlotOrder(Span<const ResultSlot> slots, const Survey &survey,
                     SlotOrderStorage storage)
    : slots(slots), storage(storage) {
  // An empty list and a list of one are both.
  if (survey.isAscending) {
    form = Form::Ascending;
    return;
  }
  if (survey.isDescending) {
    form = Form::Descending;
    return;
  }
  uint64_t places = uint64_t(survey.greatest) - survey.least + 1;
  if (places <= kOrderedIndicesPerSlot * slots.size())
    placeInTable(survey, places);
  else
    distribute(survey);
}

void SlotOrder::placeInTable(const Survey &survey, size_t places) {
  form = Form::Indices;
  constexpr uint32_t kEmpty = ~0u;
  uint32_t *table = storage.orderedIndices.data();
  std::memset(table, 0xff, places * sizeof(uint32_t));
  for (size_t i = 0; i < slots.size(); ++i) {
    uint32_t &place = table[slots[i].slot - survey.least];
    isRepeated |= place != kEmpty;
    place = uint32_t(i);
  }
  if (places == slots.size() || isRepeated)
    return;
  // Moves the indices together.
  size_t count = 0;
  for (size_t i = 0; i < places; ++i) {
    uint32_t index = table[i];
    table[count] = index;
    count += index != kEmpty;
  }
}

void SlotOrder::distribute(const Survey &survey) {
  form = Form::SortedIds;
  // The fewest upper bits that make at least half as many buckets as slots.
  uint32_t range = survey.greatest - survey.least;
  unsigned shift = 0;
  while ((range >> shift) >= slots.size())
    ++shift;
  size_t buckets = (range >> shift) + 1;
  auto getBucket = [&](uint32_t id) { return (id - survey.least) >> shift; };

  // Counts, and then where each bucket starts.
  uint32_t *starts = storage.orderedIndices.data();
  std::memset(starts, 0, buckets * sizeof(uint32_t));
  for (const ResultSlot &slot : slots)
    ++starts[getBucket(slot.slot)];
  uint32_t next = 0;
  uint32_t largest = 0;
  for (size_t i = 0; i < buckets; ++i) {
    uint32_t count = starts[i];
    largest = std::max(largest, count);
    starts[i] = next;
    next += count;
  }
  uint64_t *keys = storage.sortedIds.data();
  for (size_t i = 0; i < slots.size(); ++i)
    keys[starts[getBucket(slots[i].slot)]++] = makeKey(slots[i].slot, i);

  if (largest > kLargestBucket) {
    std::sort(keys, keys + slots.size());
  } else {
    for (size_t i = 1; i < slots.size(); ++i) {
      uint64_t key = keys[i];
      size_t place = i;
      for (; place > 0 && keys[place - 1] > key; --place)
        keys[place] = keys[place - 1];
      keys[place] = key;
    }
  }
  for (size_t i = 1; i < slots.size(); ++i)
    isRepeated |= getId(keys[i]) == getId(keys[i - 1]);
}

std::optional<uint32_t>
vyre::planning::findRepeatedSlot(Span<const ResultSlot> slots,
                                 FlatArray<uint64_t> &sortedIds) {
  uint64_t *keys = sortedIds.data();
  for (size_t i = 0; i < slots.size(); ++i)
    keys[i] = makeKey(slots[i].slot, i);
  std::sort(keys, keys + slots.size());
  std::optional<uint32_t> first;
  for (size_t i = 1; i < slots.size(); ++i)
    if (getId(keys[i]) == getId(keys[i - 1]))
      first = std::min(first.value_or(~0u), uint32_t(keys[i]));
  return first;
}
