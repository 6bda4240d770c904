//===- ResultCompaction.cpp - Which results share one readback ------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/ResultCompaction.h"

#include "Reservation.h"
#include "SlotOrder.h"

#include <algorithm>

using namespace vyre::planning;

using MaybeError = std::optional<ResultCompactionError>;

std::optional<StorageReserveFailed>
ResultCompactionScratch::reserve(size_t slots) {
  if (auto failed = planning::reserve(sorted, slots, "scratch ids"))
    return failed;
  if (auto failed =
          planning::reserve(bucketStarts, slots, "scratch ordered indices"))
    return failed;
  if (auto failed =
          planning::reserve(plan.compactRecords, slots, "compact records"))
    return failed;
  return planning::reserve(plan.directSlots, slots, "direct slots");
}

namespace vyre::planning {

/// Plans one list of slots into a scratch. The functions return the error that
/// ends the run, if there is one.
class ResultCompactionPlanner {
public:
  ResultCompactionPlanner(Span<const ResultSlot> slots,
                          const ResultCompactionOptions &options,
                          ResultCompactionScratch &scratch)
      : slots(slots), options(options), scratch(scratch), plan(scratch.plan) {}

  MaybeError run();
  const ResultCompactionPlan *getPlan() const { return &plan; }

private:
  void reset();
  MaybeError findFirstError();
  void packSlab(const SlotOrder &order);
  MaybeError packAlignedSlab(const SlotOrder &order);
  void addTotals();

  Span<const ResultSlot> slots;
  const ResultCompactionOptions &options;
  ResultCompactionScratch &scratch;
  ResultCompactionPlan &plan;
};

} // namespace vyre::planning

void ResultCompactionPlanner::reset() {
  plan.compactRecords.clear();
  plan.directSlots.clear();
  plan.fullCapacityBytes = plan.compactBytes = plan.directBytes = 0;
  plan.selectedReadbackBytes = plan.avoidedReadbackBytes = plan.slabBytes = 0;
  plan.avoidedReadbackBasisPoints = 0;
}

/// The first error in the order of the list, of which something has told that
/// there is one.
MaybeError ResultCompactionPlanner::findFirstError() {
  std::optional<uint32_t> repeated = findRepeatedSlot(slots, scratch.sorted);
  uint64_t full = 0;
  for (size_t i = 0; i < slots.size(); ++i) {
    const ResultSlot &slot = slots[i];
    if (repeated == i)
      return DuplicateSlot{slot.slot};
    if (slot.meaningfulBytes > slot.capacityBytes)
      return MeaningfulExceedsCapacity{slot.slot, slot.meaningfulBytes,
                                       slot.capacityBytes};
    if (!checkedAdd(full, slot.capacityBytes))
      return ByteCountOverflow{"full capacity bytes"};
  }
  return std::nullopt;
}

/// Records one behind the other. Meaningful bytes sum to at most the
/// capacities, whose sum is known to fit, so nothing wraps.
void ResultCompactionPlanner::packSlab(const SlotOrder &order) {
  CompactResultRecord *records = plan.compactRecords.data();
  uint32_t *direct = plan.directSlots.data();
  size_t recordCount = 0, directCount = 0;
  uint64_t compactBytes = 0, directBytes = 0;
  // Which list a result goes to is hard to foretell for a processor, so it is
  // written to both and counted in one.
  uint64_t most = options.maxCompactRecordBytes;
  order.forEach([&](uint32_t slot, uint64_t bytes) {
    bool isDirect = bytes > most;
    bool isRecord = !isDirect & (bytes != 0);
    records[recordCount] = {slot, compactBytes, bytes};
    recordCount += isRecord;
    compactBytes += isRecord ? bytes : 0;
    direct[directCount] = slot;
    directCount += isDirect;
    directBytes += isDirect ? bytes : 0;
  });
  plan.compactRecords.setSize(recordCount);
  plan.directSlots.setSize(directCount);
  plan.compactBytes = plan.slabBytes = compactBytes;
  plan.directBytes = directBytes;
}

/// Records at multiples of the alignment, within the slab's limit.
MaybeError ResultCompactionPlanner::packAlignedSlab(const SlotOrder &order) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  bool overflows = false;
  order.forEach([&](uint32_t slot, uint64_t bytes) {
    if (bytes == 0)
      return;
    if (bytes <= options.maxCompactRecordBytes) {
      Uint128 offset = alignUp(plan.slabBytes, options.recordAlignment);
      Uint128 end = offset + bytes;
      if (end <= options.maxSlabBytes.value_or(kMost)) {
        plan.compactRecords.append({slot, uint64_t(offset), bytes});
        plan.compactBytes += bytes;
        plan.slabBytes = uint64_t(end);
        return;
      }
      overflows |= !options.maxSlabBytes;
    }
    plan.directSlots.append(slot);
    plan.directBytes += bytes;
  });
  if (overflows)
    return ByteCountOverflow{"slab bytes"};
  return std::nullopt;
}

void ResultCompactionPlanner::addTotals() {
  plan.selectedReadbackBytes = plan.compactBytes + plan.directBytes;
  plan.avoidedReadbackBytes =
      plan.fullCapacityBytes - plan.selectedReadbackBytes;
  plan.avoidedReadbackBasisPoints =
      basisPoints(plan.avoidedReadbackBytes, plan.fullCapacityBytes);
}

MaybeError ResultCompactionPlanner::run() {
  reset();
  if (!isPowerOfTwo(options.recordAlignment))
    return InvalidAlignment{options.recordAlignment};
  if (slots.empty())
    return std::nullopt;
  // Slots are found by 32-bit indices.
  if (slots.size() > UINT32_MAX)
    return ByteCountOverflow{"compact record count"};
  if (auto failed = scratch.reserve(slots.size()))
    return *failed;

  SlotOrder::Survey survey;
  survey.least = survey.greatest = slots[0].slot;
  uint32_t previous = slots[0].slot;
  bool isSuspicious = false;
  for (size_t i = 0; i < slots.size(); ++i) {
    const ResultSlot &slot = slots[i];
    isSuspicious |= slot.meaningfulBytes > slot.capacityBytes;
    isSuspicious |= !checkedAdd(plan.fullCapacityBytes, slot.capacityBytes);
    survey.isAscending &= i == 0 || previous < slot.slot;
    survey.isDescending &= i == 0 || previous > slot.slot;
    survey.least = std::min(survey.least, slot.slot);
    survey.greatest = std::max(survey.greatest, slot.slot);
    survey.byteBits |= slot.meaningfulBytes;
    previous = slot.slot;
  }
  SlotOrder order(slots, survey, scratch.sorted, scratch.bucketStarts);
  if (isSuspicious || order.hasRepeatedSlot())
    return findFirstError();

  if (options.recordAlignment == 1 && !options.maxSlabBytes)
    packSlab(order);
  else if (MaybeError error = packAlignedSlab(order))
    return error;
  addTotals();
  return std::nullopt;
}

PlanResult<const ResultCompactionPlan *, ResultCompactionError>
vyre::planning::planResultCompaction(Span<const ResultSlot> slots,
                                     const ResultCompactionOptions &options,
                                     ResultCompactionScratch &scratch) {
  ResultCompactionPlanner planner(slots, options, scratch);
  if (MaybeError error = planner.run())
    return *error;
  return planner.getPlan();
}

PlanResult<ResultCompactionPlan, ResultCompactionError>
vyre::planning::planResultCompaction(Span<const ResultSlot> slots,
                                     const ResultCompactionOptions &options) {
  ResultCompactionScratch scratch;
  auto plan = planResultCompaction(slots, options, scratch);
  if (!plan)
    return plan.error();
  return scratch.takePlan();
}
