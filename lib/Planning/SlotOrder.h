//===- SlotOrder.h - Results by ascending slot ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A list of results is looked at once, and put into ascending order only if it
// is not in order, or in reverse order, already. Then one of three ways is
// taken:
//
//   - Slots that leave out no number go straight to their places.
//   - Others are distributed by their upper bits to about as many buckets as
//     there are slots, and the little disorder that is left within the buckets
//     is sorted by insertion.
//
// Where a bucket gets many, the list is sorted by comparison instead.
//
// What is put in order is 8 bytes a result: its slot above its meaningful bytes
// or, where some result has too many for 32 bits, above its place in the list.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_PLANNING_SLOTORDER_H
#define VYRE_LIB_PLANNING_SLOTORDER_H

#include "vyre/Planning/ResultCompaction.h"

namespace vyre::planning {

class SlotOrder {
public:
  /// What one look at a list says.
  struct Survey {
    bool isAscending = true;
    bool isDescending = true;
    uint32_t least = 0;
    uint32_t greatest = 0;
    /// All bits that are set in any result's meaningful bytes.
    uint64_t byteBits = 0;
  };

  /// Orders the results, of which there are fewer than 2^32. Room is reserved
  /// in `sorted` for one of each, in `bucketStarts` for a number of each.
  SlotOrder(Span<const ResultSlot> slots, const Survey &survey,
            FlatArray<uint64_t> &sorted, FlatArray<uint32_t> &bucketStarts);

  /// Two results have one slot; the order is then not complete.
  bool hasRepeatedSlot() const { return isRepeated; }

  /// Calls visit(slot, meaningful bytes) for each result by ascending slot.
  template <typename Visitor> void forEach(Visitor &&visit) const {
    size_t count = slots.size();
    switch (form) {
    case Form::Ascending:
      for (size_t i = 0; i < count; ++i)
        visit(slots[i].slot, slots[i].meaningfulBytes);
      return;
    case Form::Descending:
      for (size_t i = count; i-- > 0;)
        visit(slots[i].slot, slots[i].meaningfulBytes);
      return;
    case Form::SortedBytes:
      for (size_t i = 0; i < count; ++i)
        visit(getSlot(sorted[i]), getLower(sorted[i]));
      return;
    case Form::SortedPlaces:
      for (size_t i = 0; i < count; ++i)
        visit(getSlot(sorted[i]), slots[getLower(sorted[i])].meaningfulBytes);
      return;
    }
  }

private:
  enum class Form : uint8_t {
    Ascending,
    Descending,
    SortedBytes,
    SortedPlaces
  };

  static uint32_t getSlot(uint64_t key) { return uint32_t(key >> 32); }
  static uint32_t getLower(uint64_t key) { return uint32_t(key); }
  /// The key of result number `i`.
  uint64_t makeKey(size_t i) const {
    uint64_t lower =
        form == Form::SortedBytes ? slots[i].meaningfulBytes : uint64_t(i);
    return uint64_t(slots[i].slot) << 32 | lower;
  }

  void place(uint32_t least);
  void distribute(uint32_t least, uint32_t range, uint32_t *starts);
  void sortNeighbours();

  Span<const ResultSlot> slots;
  uint64_t *sorted;
  Form form;
  bool isRepeated = false;
};

/// The index of the first result whose slot occurs earlier in the list.
/// `sorted` has room for one of each.
std::optional<uint32_t> findRepeatedSlot(Span<const ResultSlot> slots,
                                         FlatArray<uint64_t> &sorted);

} // namespace vyre::planning

#endif // VYRE_LIB_PLANNING_SLOTORDER_H
