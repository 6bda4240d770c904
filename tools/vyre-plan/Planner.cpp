//===- Planner.cpp - Requests in, answers out -----------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Planner.h"

#include "JsonWriter.h"

#include <new>

using namespace vyre::plan_tool;
using namespace vyre::planning;

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

static void write(JsonWriter &json, const LaunchFusionPlan &plan) {
  json.openObject();
  json.key("groups");
  json.openArray();
  for (const LaunchFusionGroup &group : plan.groups) {
    json.openObject();
    json.key("stage_ids");
    json.openArray();
    for (uint32_t id : plan.getStageIds(group))
      json.value(uint64_t(id));
    json.closeArray();
    json.member("layout_hash", group.layoutHash);
    json.member("required_bytes", group.requiredBytes);
    json.member("avoided_intermediate_bytes", group.avoidedIntermediateBytes);
    json.closeObject();
  }
  json.closeArray();
  json.member("launch_count", uint64_t(plan.launchCount));
  json.member("avoided_launches", uint64_t(plan.avoidedLaunches));
  json.member("avoided_intermediate_bytes", plan.avoidedIntermediateBytes);
  json.closeObject();
}

static void write(JsonWriter &json, const ResultCompactionPlan &plan,
                  bool hasSlab) {
  json.openObject();
  json.key("compact_records");
  json.openArray();
  for (const CompactResultRecord &record : plan.compactRecords) {
    json.openObject();
    json.member("slot", uint64_t(record.slot));
    json.member("compact_offset", record.compactOffset);
    json.member("bytes", record.bytes);
    json.closeObject();
  }
  json.closeArray();
  json.key("direct_slots");
  json.openArray();
  for (uint32_t slot : plan.directSlots)
    json.value(uint64_t(slot));
  json.closeArray();
  json.member("full_capacity_bytes", plan.fullCapacityBytes);
  json.member("compact_bytes", plan.compactBytes);
  json.member("direct_bytes", plan.directBytes);
  json.member("selected_readback_bytes", plan.selectedReadbackBytes);
  json.member("avoided_readback_bytes", plan.avoidedReadbackBytes);
  json.member("avoided_readback_basis_points",
              uint64_t(plan.avoidedReadbackBasisPoints));
  if (hasSlab)
    json.member("slab_bytes", plan.slabBytes);
  json.closeObject();
}

static void write(JsonWriter &json, const DeviceWorkQueuePlan &plan) {
  json.openObject();
  json.member("queue_bytes", plan.queueBytes);
  json.member("control_bytes", plan.controlBytes);
  json.member("resident_bytes", plan.residentBytes);
  json.member("initial_occupancy_bps", uint64_t(plan.initialOccupancyBps));
  json.member("final_only_host_sync", plan.finalOnlyHostSync);
  json.closeObject();
}

static void write(JsonWriter &json,
                  const DeviceWorkQueueBackpressurePlan &plan) {
  bool isSingle =
      plan.strategy == DeviceWorkQueueDrainStrategy::SingleResidentDrain;
  json.openObject();
  json.member("chunks", plan.chunks);
  json.member("items_per_chunk", plan.itemsPerChunk);
  json.member("strategy",
              isSingle ? "single_resident_drain" : "chunked_resident_drain");
  json.key("queue");
  write(json, plan.queue);
  json.member("final_only_host_sync", plan.finalOnlyHostSync);
  json.closeObject();
}

static void write(JsonWriter &json, const GraphCaptureBindingPlan &plan) {
  json.openObject();
  json.member("input_device_capacity", uint64_t(plan.inputDeviceCapacity));
  json.member("output_device_capacity", uint64_t(plan.outputDeviceCapacity));
  json.member("output_readback_capacity",
              uint64_t(plan.outputReadbackCapacity));
  json.member("kernel_pointer_capacity", uint64_t(plan.kernelPointerCapacity));
  json.member("kernel_argument_capacity",
              uint64_t(plan.kernelArgumentCapacity));
  json.member("resident_input_replay_safe", plan.residentInputReplaySafe);
  json.closeObject();
}

static void write(JsonWriter &json, const PipelineCacheAuditReport &report) {
  json.openObject();
  json.member("hits", report.hits);
  json.member("misses", report.misses);
  json.member("unknowns", report.unknowns);
  json.key("hit_rate_bps");
  if (report.hitRateBps)
    json.value(uint64_t(*report.hitRateBps));
  else
    json.null();
  json.member("below_alarm_threshold", report.belowAlarmThreshold);
  json.closeObject();
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

template <typename OneError>
static void writeError(JsonWriter &json, const OneError &error) {
  json.openObject();
  json.key("error");
  json.openObject();
  json.member("kind", error.kind);
  error.visitFields(
      [&](const char *name, auto value) { json.member(name, value); });
  json.member("message", std::string_view(error.message()));
  json.closeObject();
  json.closeObject();
}

template <typename... Errors>
static void writeError(JsonWriter &json, const std::variant<Errors...> &error) {
  std::visit([&](const auto &one) { writeError(json, one); }, error);
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

/// Writes what a planner returned; true if that is a plan.
template <typename Result, typename... Options>
static bool writeResult(JsonWriter &json, const Result &result,
                        Options... options) {
  if (!result) {
    writeError(json, result.error());
    return false;
  }
  if constexpr (std::is_pointer_v<std::decay_t<decltype(*result)>>)
    write(json, **result, options...);
  else
    write(json, *result, options...);
  return true;
}

bool Planner::plan(std::string_view line, std::string &out) {
  JsonWriter json(out);
  if (std::optional<InvalidRequest> error = readRequest(line, request)) {
    writeError(json, *error);
    return false;
  }
  switch (request.plan) {
  case PlanKind::Fusion:
    return writeResult(
        json, planLaunchFusion(request.stages, request.fusion, fusionScratch));
  case PlanKind::Compaction:
    return writeResult(json,
                       planResultCompaction(request.slots, request.compaction,
                                            compactionScratch),
                       request.shapesSlab);
  case PlanKind::Queue:
    if (request.maxItemsPerDrainLaunch)
      return writeResult(json,
                         planDeviceWorkQueueBackpressure(
                             request.queue, *request.maxItemsPerDrainLaunch));
    return writeResult(json, planDeviceWorkQueue(request.queue));
  case PlanKind::Capture:
    return writeResult(json, request.capture);
  case PlanKind::CacheAudit:
    write(json, request.audit.snapshot(request.alarmThresholdBps));
    return true;
  }
  return false;
}

bool Planner::answer(std::string_view line, std::string &out) {
  size_t start = out.size();
  bool isPlan = false;
  try {
    isPlan = plan(line, out);
  } catch (const std::bad_alloc &) {
    // The request itself is too much to hold. What it took so far is given
    // back, and then there is room to say so.
    request = Request();
    out.resize(start);
    JsonWriter json(out);
    writeError(json, StorageReserveFailed{"request", line.size()});
  }
  out += '\n';
  return isPlan;
}

void vyre::plan_tool::answerTooLong(size_t limit, std::string &out) {
  JsonWriter json(out);
  writeError(
      json, InvalidRequest{"request",
                           "at most " + std::to_string(limit) + " bytes a line",
                           "a longer line", "plan fewer items at once"});
  out += '\n';
}
