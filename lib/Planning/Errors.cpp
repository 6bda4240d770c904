//===- Errors.cpp - What the planners' errors say -------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/PlanResult.h"

#include <limits>

using namespace vyre::planning;

/// "N bytes" in the plural or the singular.
static std::string bytes(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string ByteCountOverflow::message() const {
  return std::string("\"") + field +
         "\" does not fit its type; expected byte counts below 2^64 and counts "
         "of launches or records below 2^32. Fix: look for an item whose bytes "
         "are not what they should be, or plan fewer items at once.";
}

std::string StorageReserveFailed::message() const {
  return "could not reserve " + std::to_string(requested) + " elements of " +
         field +
         "; expected the process to have that much memory left. Fix: plan "
         "fewer "
         "items at once, or give the process more memory.";
}

std::string ZeroBudget::message() const {
  return "the budget of a group is 0 bytes; expected at least 1. Fix: set "
         "max_group_bytes to the device memory that one launch may need, or to "
         "2^64 - 1 for no limit.";
}

std::string DuplicateStage::message() const {
  return "stage id " + std::to_string(id) +
         " occurs more than once; expected each stage to have an id of its "
         "own. "
         "Fix: number the stages by their position.";
}

std::string InvalidStage::message() const {
  std::string stage = "stage " + std::to_string(id);
  if (reason == Reason::StartsBehindItself)
    return stage + " has first_legal_start " + std::to_string(found) +
           "; expected at most its own index, " + std::to_string(limit) +
           ". Fix: give the index of the earliest stage with which it may "
           "share "
           "a launch, its own if there is none.";
  return stage + " forwards " + bytes(found) + "; expected at most the " +
         bytes(limit) +
         " that it writes. Fix: count in forwarded_bytes only what is part of "
         "output_bytes.";
}

std::string StageOverBudget::message() const {
  return "stage " + std::to_string(id) + " needs " + bytes(requiredBytes) +
         " alone; expected at most the budget of " + bytes(budgetBytes) +
         ". Fix: raise max_group_bytes to " + std::to_string(requiredBytes) +
         " or more, or split the stage.";
}

std::string DuplicateSlot::message() const {
  return "slot " + std::to_string(slot) +
         " occurs more than once; expected each result to have a slot of its "
         "own. Fix: list each result once.";
}

std::string MeaningfulExceedsCapacity::message() const {
  return "slot " + std::to_string(slot) + " has " + bytes(meaningfulBytes) +
         " that mean something; expected at most its capacity of " +
         bytes(capacityBytes) +
         ". Fix: raise the capacity, or look for what counted too many.";
}

std::string InvalidAlignment::message() const {
  return "the alignment of records is " + std::to_string(alignment) +
         "; expected a power of two. Fix: use 1 for none, or the alignment of "
         "the widest element.";
}

std::string ZeroCapacity::message() const {
  return "the queue has room for 0 items; expected at least 1. Fix: set "
         "queue_capacity to the most items that are in the queue at one time.";
}

std::string ZeroEntryBytes::message() const {
  return "an item of the queue has 0 bytes; expected at least 1. Fix: set "
         "entry_bytes to the size of an item.";
}

std::string ZeroDrainChunk::message() const {
  return "a drain launch may take 0 items; expected at least 1. Fix: set "
         "max_items_per_drain_launch to what one launch can work off, or leave "
         "it out to drain the whole queue in one.";
}

std::string InitialItemsExceedCapacity::message() const {
  return "the queue starts with " + std::to_string(initialItems) +
         " items; expected at most its capacity of " +
         std::to_string(queueCapacity) +
         ". Fix: raise queue_capacity, or push the rest later.";
}

std::string HostParticipationRejected::message() const {
  return "the host takes part while the queue is drained (host_participates); "
         "expected final_only. Fix: let the device push and pop, and read the "
         "results after the last drain.";
}

std::string OverBudget::message() const {
  return "the queue needs " + bytes(requiredBytes) +
         " with its control block; expected at most the budget of " +
         bytes(budgetBytes) +
         ". Fix: raise budget_bytes, or lower queue_capacity or entry_bytes.";
}

std::string CapacityOverflow::message() const {
  return std::string("the ") + table + " has more than " +
         std::to_string(std::numeric_limits<size_t>::max()) +
         " entries; expected a count that fits size_t. Fix: record a smaller "
         "graph.";
}
