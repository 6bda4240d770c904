//===- ResultSlots.cpp - Dispatching into the caller's slots ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes each slot large enough for its result, binds it, and tells afterwards
// what became of it.
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"

#include <algorithm>
#include <cstdlib>

namespace vyre::runtime::internal {
namespace {

/// What every slot is aligned to, at least.
constexpr uint64_t kSlotAlignment = 64;

/// Makes room; keeps the memory if it is large enough. False if there is none
/// left.
bool reserve(VyreResultSlot &slot, uint64_t byteSize, uint64_t alignment) {
  if (slot.data && byteSize <= slot.capacity_bytes &&
      alignment <= slot.alignment)
    return true;
  uint64_t unit = std::max(alignment, kSlotAlignment);
  if (byteSize > uint64_t(PTRDIFF_MAX) - 2 * unit)
    return false;
  uint64_t size = (byteSize / unit + 1) * unit;
  void *fresh = std::aligned_alloc(unit, size);
  if (!fresh)
    return false;
  std::free(slot.data);
  slot.data = fresh;
  slot.capacity_bytes = size;
  slot.alignment = unit;
  return true;
}

bool reserveExtents(VyreResultSlot &slot, uint32_t rank) {
  slot.rank = 0;
  if (rank > slot.extent_capacity) {
    void *fresh = std::realloc(slot.extents, rank * sizeof(int64_t));
    if (!fresh)
      return false;
    slot.extents = static_cast<int64_t *>(fresh);
    slot.extent_capacity = rank;
  }
  slot.rank = rank;
  return true;
}

Status outOfMemory(const Program &program, uint32_t argument,
                   uint64_t byteSize) {
  return failure(VYRE_STATUS_OUT_OF_MEMORY, "the host has no ", byteSize,
                 " bytes of memory left for ",
                 describeArgument(program, argument),
                 ". Fix: free memory, or pass smaller extents.");
}

} // namespace

/// Binds the slots instead of what the caller has for the results.
Status Pipeline::bindSlots(std::vector<VyreBinding> &bindings,
                           const PipelineConfig &effective,
                           VyreResultSlot *slots) {
  for (const Result &result : program.results) {
    const Argument &argument = program.arguments[result.argument];
    VyreBinding &binding = bindings[result.argument];
    binding = {};
    binding.element_type = static_cast<uint32_t>(argument.elementType);
    binding.rank = argument.rank();
    if (argument.extentExprs.empty())
      binding.extents = argument.extents.data();
  }
  // One thread at a time asks how large results are.
  std::lock_guard<std::mutex> lock(slotMutex);
  if (!slotPlan)
    slotPlan.emplace(program, DispatchPlan::Target::none);
  if (Status status = slotPlan->inferResults(bindings.data(), bindings.size());
      status.failed())
    return status;
  // Before memory is taken for them.
  if (Status status = checkLimits(*slotPlan, effective); status.failed())
    return status;
  for (size_t i = 0; i < program.results.size(); ++i) {
    uint32_t position = program.results[i].argument;
    const Argument &argument = program.arguments[position];
    VyreResultSlot &slot = slots[i];
    if (!reserveExtents(slot, argument.rank()))
      return outOfMemory(program, position, argument.rank() * sizeof(int64_t));
    std::copy_n(slotPlan->shapeOf(position), argument.rank(), slot.extents);
    uint64_t bytes = slotPlan->buffers[position].byteSize;
    if (!reserve(slot, bytes, argument.alignment))
      return outOfMemory(program, position, bytes);
    slot.element_type = static_cast<uint32_t>(argument.elementType);
  }
  for (size_t i = 0; i < program.results.size(); ++i) {
    uint32_t position = program.results[i].argument;
    bindings[position].data = slots[i].data;
    bindings[position].byte_length = slotPlan->buffers[position].byteSize;
    bindings[position].extents = slots[i].extents;
  }
  return Status();
}

Status Pipeline::dispatchInto(const VyreBinding *bindings, size_t count,
                              DispatchOptions options, VyreResultSlot *slots,
                              size_t slotCount, VyreDispatchReport *report,
                              VyreSlotReport &slotReport) {
  if (Status status = device->health(); status.failed())
    return status;
  const size_t resultCount = program.results.size();
  if (slotCount < resultCount)
    return invalid("program '", program.name, "' has ", resultCount,
                   " results, found ", slotCount,
                   " slots. Fix: pass one for each result.");
  if (count != program.arguments.size())
    return dispatch(bindings, count, options, report); // which refuses it
  for (size_t i = resultCount; i < slotCount; ++i)
    vyreResultSlotRelease(&slots[i]);

  std::shared_ptr<SlotScratch> scratch = takeScratch();
  scratch->bindings.assign(bindings, bindings + count);
  scratch->infos.assign(resultCount, VyreResultInfo());
  scratch->before.clear();
  for (size_t i = 0; i < resultCount; ++i)
    scratch->before.push_back(slots[i].data);
  Status status = bindSlots(scratch->bindings, effectiveConfig(options), slots);
  if (!status.failed()) {
    options.results = scratch->infos.data();
    options.resultCount = resultCount;
    options.keptAlive = scratch;
    status = dispatch(scratch->bindings.data(), count, options, report);
  }
  if (!status.failed() || status.code() == VYRE_STATUS_INVALID_RESULT)
    finishSlots(*scratch, slots, slotReport);
  if (status.code() != VYRE_STATUS_DEADLINE_EXCEEDED)
    giveScratch(std::move(scratch));
  return status;
}

/// Room of a dispatch that is over, or new.
std::shared_ptr<SlotScratch> Pipeline::takeScratch() {
  std::lock_guard<std::mutex> lock(slotMutex);
  if (idleScratch.empty())
    return std::make_shared<SlotScratch>();
  std::shared_ptr<SlotScratch> scratch = std::move(idleScratch.back());
  idleScratch.pop_back();
  return scratch;
}

void Pipeline::giveScratch(std::shared_ptr<SlotScratch> scratch) {
  std::lock_guard<std::mutex> lock(slotMutex);
  idleScratch.push_back(std::move(scratch));
}

/// Describes the results of a dispatch that is done, and counts them.
void Pipeline::finishSlots(const SlotScratch &scratch, VyreResultSlot *slots,
                           VyreSlotReport &slotReport) {
  for (size_t i = 0; i < program.results.size(); ++i) {
    VyreResultSlot &slot = slots[i];
    slot.info = scratch.infos[i];
    if (slot.rank)
      slot.extents[0] = slot.info.rows;
    bool isReused = slot.data == scratch.before[i];
    bool isAppended = !scratch.before[i];
    (isAppended ? slotReport.appended_slots
     : isReused ? slotReport.reused_slots
                : slotReport.moved_slots) += 1;
    (isAppended ? slotReport.appended_bytes
     : isReused ? slotReport.reused_bytes
                : slotReport.moved_bytes) += slot.info.meaningful_bytes;
  }
  telemetry.add(&Telemetry::output_slots_reused, slotReport.reused_slots);
  telemetry.add(&Telemetry::output_slots_moved, slotReport.moved_slots);
  telemetry.add(&Telemetry::output_slots_appended, slotReport.appended_slots);
  telemetry.add(&Telemetry::output_bytes_reused, slotReport.reused_bytes);
  telemetry.add(&Telemetry::output_bytes_moved, slotReport.moved_bytes);
  telemetry.add(&Telemetry::output_bytes_appended, slotReport.appended_bytes);
}

} // namespace vyre::runtime::internal

void vyreResultSlotRelease(VyreResultSlot *slot) {
  if (!slot)
    return;
  std::free(slot->data);
  std::free(slot->extents);
  *slot = VyreResultSlot();
}
