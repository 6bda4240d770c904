//===- SlotOrder.h - Result slots by ascending id ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A list of slots is looked at once, and put into ascending order only if it is
// not in order, or in reverse order, already. Then one of two ways is taken,
// both linear for the lists that they are for:
//
//   - Ids that lie close together (at most 4 numbers from the least to the
//     greatest for each slot) go into a table, each to its own place.
//   - Other ids are distributed by their upper bits to as many buckets as there
//     are slots, and the little disorder that is left is sorted by insertion.
//     Where a bucket gets many, the list is sorted by comparison instead.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_PLANNING_SLOTORDER_H
#define VYRE_LIB_PLANNING_SLOTORDER_H

#include "vyre/Planning/ResultCompaction.h"

namespace vyre::planning {

/// The working storage of a SlotOrder; room is reserved for the list's slots.
struct SlotOrderStorage {
  /// An element a slot.
  FlatArray<uint64_t> &sortedIds;
  /// kOrderedIndicesPerSlot elements a slot.
  FlatArray<uint32_t> &orderedIndices;
};
inline constexpr size_t kOrderedIndicesPerSlot = 4;

class SlotOrder {
public:
  /// What one look at a list says.
  struct Survey {
    bool isAscending = true;
    bool isDescending = true;
    uint32_t least = 0;
    uint32_t greatest = 0;
  };

  /// Orders the slots; there are fewer than 2^32.
  SlotOrder(Span<const ResultSlot> slots, const Survey &survey,
            SlotOrderStorage storage);

  /// Two slots have one id; the order is then not complete.
  bool hasRepeatedId() const { return isRepeated; }

  /// Calls visit(slot) for each slot by ascending id.
  template <typename Visitor> void forEach(Visitor &&visit) const {
    size_t count = slots.size();
    switch (form) {
    case Form::Ascending:
      for (size_t i = 0; i < count; ++i)
        visit(slots[i]);
      return;
    case Form::Descending:
      for (size_t i = count; i-- > 0;)
        visit(slots[i]);
      return;
    case Form::Indices:
      for (size_t i = 0; i < count; ++i)
        visit(slots[storage.orderedIndices.data()[i]]);
      return;
    case Form::SortedIds:
      for (size_t i = 0; i < count; ++i)
        visit(slots[uint32_t(storage.sortedIds.data()[i])]);
      return;
    }
  }

private:
  enum class Form : uint8_t { Ascending, Descending, Indices, SortedIds };

  void placeInTable(const Survey &survey, size_t places);
  void distribute(const Survey &survey);

  Span<const ResultSlot> slots;
  SlotOrderStorage storage;
  Form form;
  bool isRepeated = false;
};

/// The index of the first slot whose id occurs earlier in the list.
std::optional<uint32_t> findRepeatedSlot(Span<const ResultSlot> slots,
                                         FlatArray<uint64_t> &sortedIds);

} // namespace vyre::planning

#endif // VYRE_LIB_PLANNING_SLOTORDER_H
