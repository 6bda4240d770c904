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

using SortedSlot = SlotOrder::SortedSlot;

/// A bucket of more slots than this is not sorted by insertion.
static constexpr uint32_t kLargestBucket = 16;

static bool isLess(const SortedSlot &a, const SortedSlot &b) {
  return a.slot < b.slot;
}

SlotOrder::SlotOrder(Span<const ResultSlot> slots, const Survey &survey,
                     FlatArray<SortedSlot> &sorted,
                     FlatArray<uint32_t> &bucketStarts)
    : slots(slots), sorted(sorted.data()), form(Form::Sorted) {
  uint32_t range = survey.greatest - survey.least;
  // An empty list and a list of one are ascending and descending.
  if (survey.isAscending)
    form = Form::Ascending;
  else if (survey.isDescending)
    form = Form::Descending;
  else if (range < slots.size())
    place(survey.least);
  else
    distribute(survey.least, range, bucketStarts.data());
}

/// As many numbers as slots, or fewer: either each slot has a place of its own,
/// or one is repeated.
void SlotOrder::place(uint32_t least) {
  std::memset(sorted, 0, slots.size() * sizeof(SortedSlot));
  for (const ResultSlot &slot : slots) {
    SortedSlot &place = sorted[slot.slot - least];
    isRepeated |= place.isTaken;
    place = {slot.slot, true, slot.meaningfulBytes};
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
  for (const ResultSlot &slot : slots)
    sorted[starts[(slot.slot - least) >> shift]++] = {slot.slot, true,
                                                      slot.meaningfulBytes};
  if (largest > kLargestBucket)
    std::sort(sorted, sorted + slots.size(), isLess);
  sortNeighbours();
}

/// Sorts a list that is nearly in order, and looks for equal neighbours.
void SlotOrder::sortNeighbours() {
  for (size_t i = 1; i < slots.size(); ++i) {
    SortedSlot slot = sorted[i];
    size_t place = i;
    for (; place > 0 && slot.slot < sorted[place - 1].slot; --place)
      sorted[place] = sorted[place - 1];
    sorted[place] = slot;
    isRepeated |= place > 0 && sorted[place - 1].slot == slot.slot;
  }
}

std::optional<uint32_t>
vyre::planning::findRepeatedSlot(Span<const ResultSlot> slots,
                                 FlatArray<SortedSlot> &sorted) {
  // Here the bytes say where the slot is in the list.
  SortedSlot *entries = sorted.data();
  for (size_t i = 0; i < slots.size(); ++i)
    entries[i] = {slots[i].slot, true, i};
  std::sort(entries, entries + slots.size(),
            [](const SortedSlot &a, const SortedSlot &b) {
              return a.slot != b.slot ? a.slot < b.slot
                                      : a.meaningfulBytes < b.meaningfulBytes;
            });
  std::optional<uint32_t> first;
  for (size_t i = 1; i < slots.size(); ++i)
    if (entries[i].slot == entries[i - 1].slot)
      first =
          std::min(first.value_or(~0u), uint32_t(entries[i].meaningfulBytes));
  return first;
}
