//===- RequestSchema.cpp - What a request may hold ------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RequestSchema.h"

#include <algorithm>

using namespace vyre::plan_tool;
using namespace vyre::planning;

using Type = FieldType;

//===----------------------------------------------------------------------===//
// The tables
//===----------------------------------------------------------------------===//

static void ignore(Request &, uint64_t) {}

static constexpr Field kStageFields[] = {
    {"id", Type::Unsigned32, true,
     [](Request &r, uint64_t v) { r.stages.back().id = uint32_t(v); }},
    {"layout_hash", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.stages.back().layoutHash = v; }},
    {"input_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.stages.back().inputBytes = v; }},
    {"output_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.stages.back().outputBytes = v; }},
    {"scratch_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.stages.back().scratchBytes = v; }},
    {"requires_host_materialization", Type::Boolean, true,
     [](Request &r, uint64_t v) {
       r.stages.back().requiresHostMaterialization = v != 0;
     }},
    {"first_legal_start", Type::Unsigned64, false,
     [](Request &r, uint64_t v) { r.stages.back().firstLegalStart = v; }},
    {"forwarded_bytes", Type::Unsigned64, false,
     [](Request &r, uint64_t v) { r.stages.back().forwardedBytes = v; }},
};

static constexpr Field kSlotFields[] = {
    {"slot", Type::Unsigned32, true,
     [](Request &r, uint64_t v) { r.slots.back().slot = uint32_t(v); }},
    {"meaningful_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.slots.back().meaningfulBytes = v; }},
    {"capacity_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.slots.back().capacityBytes = v; }},
};

// The planner reads role and indices; the rest is checked and dropped.
static constexpr Field kBindingFields[] = {
    {"name", Type::Text, false, ignore},
    {"binding", Type::Unsigned32, false, ignore},
    {"buffer_index", Type::Unsigned64, false, ignore},
    {"role", Type::Word, true,
     [](Request &r, uint64_t v) { r.binding.role = BindingRole(v); },
     "input output input_output shared state"},
    {"element_size", Type::Unsigned64, false, ignore},
    {"preferred_alignment", Type::Unsigned64, false, ignore},
    {"element_count", Type::Unsigned64, false, ignore},
    {"static_byte_len", Type::Unsigned64, false, ignore},
    {"input_index", Type::Unsigned64, false,
     [](Request &r, uint64_t v) { r.binding.inputIndex = v; }},
    {"output_index", Type::Unsigned64, false,
     [](Request &r, uint64_t v) { r.binding.outputIndex = v; }},
};

static constexpr Field kRequestFields[] = {
    {"plan", Type::Word, true,
     [](Request &r, uint64_t v) { r.plan = PlanKind(v); },
     "fusion compaction queue capture cache-audit"},

    {"stages", Type::Objects, true, nullptr, nullptr, PlanKind::Fusion},
    {"max_group_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.fusion.maxGroupBytes = v; }, nullptr,
     PlanKind::Fusion},
    {"strategy", Type::Word, false,
     [](Request &r, uint64_t v) {
       r.fusion.strategy = LaunchFusionStrategy(v);
     },
     "greedy optimal", PlanKind::Fusion},
    {"accounting", Type::Word, false,
     [](Request &r, uint64_t v) {
       r.fusion.accounting = LaunchFusionAccounting(v);
     },
     "sum live", PlanKind::Fusion},

    {"slots", Type::Objects, true, nullptr, nullptr, PlanKind::Compaction},
    {"max_compact_record_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.compaction.maxCompactRecordBytes = v; },
     nullptr, PlanKind::Compaction},
    {"record_alignment", Type::Unsigned64, false,
     [](Request &r, uint64_t v) {
       r.compaction.recordAlignment = v;
       r.shapesSlab = true;
     },
     nullptr, PlanKind::Compaction},
    {"max_slab_bytes", Type::Unsigned64, false,
     [](Request &r, uint64_t v) {
       r.compaction.maxSlabBytes = v;
       r.shapesSlab = true;
     },
     nullptr, PlanKind::Compaction},

    {"initial_items", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.queue.initialItems = v; }, nullptr,
     PlanKind::Queue},
    {"queue_capacity", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.queue.queueCapacity = v; }, nullptr,
     PlanKind::Queue},
    {"entry_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.queue.entryBytes = v; }, nullptr,
     PlanKind::Queue},
    {"control_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.queue.controlBytes = v; }, nullptr,
     PlanKind::Queue},
    {"budget_bytes", Type::Unsigned64, true,
     [](Request &r, uint64_t v) { r.queue.budgetBytes = v; }, nullptr,
     PlanKind::Queue},
    {"host_sync", Type::Word, true,
     [](Request &r, uint64_t v) { r.queue.hostSync = WorkQueueHostSync(v); },
     "final_only host_participates", PlanKind::Queue},
    {"max_items_per_drain_launch", Type::Unsigned64, false,
     [](Request &r, uint64_t v) { r.maxItemsPerDrainLaunch = v; }, nullptr,
     PlanKind::Queue},

    {"bindings", Type::Objects, true, nullptr, nullptr, PlanKind::Capture},

    {"observations", Type::Observations, true, nullptr, nullptr,
     PlanKind::CacheAudit},
    {"alarm_threshold_bps", Type::Unsigned32, true,
     [](Request &r, uint64_t v) { r.alarmThresholdBps = uint32_t(v); }, nullptr,
     PlanKind::CacheAudit},
};

template <size_t count> static Schema makeSchema(const Field (&fields)[count]) {
  static_assert(count <= 32, "a mask of 32 bits tells which were seen");
  return {fields, unsigned(count)};
}

Schema vyre::plan_tool::getRequestSchema() {
  return makeSchema(kRequestFields);
}

Schema vyre::plan_tool::getItemSchema(PlanKind plan) {
  switch (plan) {
  case PlanKind::Fusion:
    return makeSchema(kStageFields);
  case PlanKind::Compaction:
    return makeSchema(kSlotFields);
  default:
    return makeSchema(kBindingFields);
  }
}

//===----------------------------------------------------------------------===//
// Looking into them
//===----------------------------------------------------------------------===//

const Field *Schema::find(std::string_view name, unsigned start) const {
  for (unsigned i = 0; i < count; ++i) {
    const Field &field = fields[(start + i) % count];
    if (name == field.name)
      return &field;
  }
  return nullptr;
}

std::string Schema::list(std::optional<PlanKind> plan) const {
  std::string list = "one of";
  for (unsigned i = 0; i < count; ++i)
    if (i == 0 || !plan || fields[i].plan == *plan)
      list += std::string(i == 0 ? " " : ", ") + fields[i].name;
  return list;
}

std::optional<unsigned> vyre::plan_tool::findWord(std::string_view words,
                                                  std::string_view word) {
  for (unsigned index = 0; !words.empty(); ++index) {
    std::string_view first = words.substr(0, words.find(' '));
    if (first == word)
      return index;
    words.remove_prefix(std::min(words.size(), first.size() + 1));
  }
  return std::nullopt;
}

/// "a", "b" or "c", from words separated by spaces.
static std::string listWords(std::string_view words) {
  std::string list = "\"";
  for (size_t i = 0; i < words.size(); ++i)
    if (words[i] != ' ')
      list += words[i];
    else
      list += words.find(' ', i + 1) == words.npos ? "\" or \"" : "\", \"";
  return list + '"';
}

std::string Field::describe() const {
  switch (type) {
  case Type::Unsigned32:
    return "an integer from 0 to 4294967295";
  case Type::Unsigned64:
    return "an integer from 0 to 18446744073709551615";
  case Type::Boolean:
    return "true or false";
  case Type::Text:
    return "a string";
  case Type::Word:
    return listWords(words);
  case Type::Objects:
    return "an array of objects";
  case Type::Observations:
    return "an array of true, false and null";
  }
  return "a value";
}
