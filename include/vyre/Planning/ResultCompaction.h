//===- ResultCompaction.h - Which results share one readback ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner of result compaction. A program's results lie in device memory
// with a capacity each, of which only some bytes mean anything. Small results
// are packed into one slab that comes back in one copy; large ones come back
// directly, each in a copy of its own; empty ones do not come back.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_RESULTCOMPACTION_H
#define VYRE_PLANNING_RESULTCOMPACTION_H

#include "vyre/Planning/CheckedArithmetic.h"
#include "vyre/Planning/PlanResult.h"
#include "vyre/Planning/Storage.h"

#include <optional>

namespace vyre::planning {

/// A result.
struct ResultSlot {
  /// Its place among the bindings; no two results have the same.
  uint32_t slot = 0;
  /// Bytes that the program wrote for the host, at most capacityBytes.
  uint64_t meaningfulBytes = 0;
  /// Bytes that the result takes in device memory.
  uint64_t capacityBytes = 0;
};

struct ResultCompactionOptions {
  /// A result of more meaningful bytes comes back directly.
  uint64_t maxCompactRecordBytes = 0;
  /// A record starts at a multiple of it; a power of two.
  uint64_t recordAlignment = 1;
  /// A record that would end beyond it comes back directly.
  std::optional<uint64_t> maxSlabBytes = std::nullopt;
};

/// A result's place in the slab.
struct CompactResultRecord {
  uint32_t slot;
  /// From the start of the slab, in bytes.
  uint64_t compactOffset;
  uint64_t bytes;
};

struct ResultCompactionPlan {
  /// Both by ascending slot.
  FlatArray<CompactResultRecord> compactRecords;
  FlatArray<uint32_t> directSlots;
  /// Capacities of all results: what would come back without a plan.
  uint64_t fullCapacityBytes = 0;
  /// Meaningful bytes of the records, of the direct slots, and of both.
  uint64_t compactBytes = 0;
  uint64_t directBytes = 0;
  uint64_t selectedReadbackBytes = 0;
  /// fullCapacityBytes - selectedReadbackBytes, and that per fullCapacityBytes.
  uint64_t avoidedReadbackBytes = 0;
  uint32_t avoidedReadbackBasisPoints = 0;
  /// Where the last record ends: compactBytes and what alignment adds.
  uint64_t slabBytes = 0;
};

/// ByteCountOverflow names one of "full capacity bytes", "compact record
/// count", "slab bytes"; the other sums of a plan are at most
/// fullCapacityBytes. StorageReserveFailed names one of "scratch ids", "scratch
/// ordered indices", "compact records", "direct slots".
using ResultCompactionError =
    std::variant<DuplicateSlot, MeaningfulExceedsCapacity, InvalidAlignment,
                 ByteCountOverflow, StorageReserveFailed>;

/// Where result compaction works and where its plan lies. It may be used for
/// any number of plans, one after the other; storage grows to what the largest
/// needed and stays, so that planning again allocates nothing.
class ResultCompactionScratch {
public:
  ResultCompactionScratch() = default;
  /// Reserves for so many slots. Where that fails the capacities say so, and
  /// planning tries again.
  explicit ResultCompactionScratch(size_t slots) { (void)reserve(slots); }

  /// Makes room for so many slots.
  std::optional<StorageReserveFailed> reserve(size_t slots);

  /// Slots for which there is room.
  size_t getIdCapacity() const { return sorted.capacity(); }
  size_t getOrderedIndexCapacity() const { return bucketStarts.capacity(); }
  size_t getCompactRecordCapacity() const {
    return plan.compactRecords.capacity();
  }
  size_t getDirectSlotCapacity() const { return plan.directSlots.capacity(); }

  /// Moves the last plan out, with its storage.
  ResultCompactionPlan takePlan() { return std::move(plan); }

private:
  friend class ResultCompactionPlanner;

  ResultCompactionPlan plan;
  /// For the order of the slots; see SlotOrder.h.
  FlatArray<uint64_t> sorted;
  FlatArray<uint32_t> bucketStarts;
};

/// Plans in the scratch's storage. The plan stays there, valid until the
/// scratch is used again or goes.
///
/// Errors, in the order in which they are looked for: InvalidAlignment; then
/// for each slot in the order given DuplicateSlot, MeaningfulExceedsCapacity
/// and "full capacity bytes"; then, by ascending slot, "slab bytes".
PlanResult<const ResultCompactionPlan *, ResultCompactionError>
planResultCompaction(Span<const ResultSlot> slots,
                     const ResultCompactionOptions &options,
                     ResultCompactionScratch &scratch);

/// The same in storage of its own.
PlanResult<ResultCompactionPlan, ResultCompactionError>
planResultCompaction(Span<const ResultSlot> slots,
                     const ResultCompactionOptions &options);

} // namespace vyre::planning

#endif // VYRE_PLANNING_RESULTCOMPACTION_H
