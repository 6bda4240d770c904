//===- PlanningFuzzer.cpp - vyre-plan and the planners on any bytes -------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first byte of an input says what the rest is: lines for vyre-plan, or
// numbers for one of the planners. Answers of vyre-plan have to be JSON, one
// line a request. Plans are checked against what they mean, in arithmetic that
// is wide enough to be right without a check.
//
//===----------------------------------------------------------------------===//

#include "Planner.h"
#include "vyre/Planning/CheckedArithmetic.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

using namespace vyre::planning;

namespace {

#define REQUIRE(condition)                                                     \
  do {                                                                         \
    if (!(condition)) {                                                        \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,          \
                   #condition);                                                \
      std::abort();                                                            \
    }                                                                          \
  } while (false)

/// Takes numbers from the input; zeros when it is used up.
class Numbers {
public:
  Numbers(const uint8_t *data, size_t size) : data(data), size(size) {}

  bool empty() const { return size == 0; }
  uint8_t byte() {
    if (size == 0)
      return 0;
    --size;
    return *data++;
  }
  /// Small, near a power of two, or anything.
  uint64_t number() {
    uint8_t form = byte();
    if (form < 160)
      return form % 40;
    if (form < 224)
      return (uint64_t(1) << (form - 160)) + int8_t(byte());
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i)
      value = value << 8 | byte();
    return value;
  }

private:
  const uint8_t *data;
  size_t size;
};

//===----------------------------------------------------------------------===//
// vyre-plan
//===----------------------------------------------------------------------===//

void answerLines(std::string_view text) {
  static vyre::plan_tool::Planner planner;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::string answer;
    bool isPlan = planner.answer(line, answer);
    REQUIRE(answer.find('\n') == answer.size() - 1);
    nlohmann::json json = nlohmann::json::parse(answer, nullptr, false);
    REQUIRE(json.is_object());
    REQUIRE(json.contains("error") == !isPlan);
    if (isPlan)
      continue;
    REQUIRE(json["error"]["kind"].is_string());
    std::string message = json["error"]["message"];
    REQUIRE(message.find("Fix: ") != message.npos);
  }
}

//===----------------------------------------------------------------------===//
// Fusion
//===----------------------------------------------------------------------===//

/// What a group needs and avoids, whether it fits a type or not.
struct GroupCost {
  Uint128 required;
  Uint128 avoided;
};

GroupCost computeCost(Span<const LaunchFusionStage> stages, bool isLive) {
  GroupCost cost = {stages[0].inputBytes, 0};
  for (size_t i = 0; i < stages.size(); ++i) {
    bool isLast = i + 1 == stages.size();
    cost.required += Uint128(stages[i].outputBytes) + stages[i].scratchBytes;
    if (!isLast && isLive)
      cost.required -= stages[i].forwardedBytes;
    if (!isLast)
      cost.avoided += isLive ? stages[i].forwardedBytes : stages[i].outputBytes;
  }
  return cost;
}

void checkFusionPlan(Span<const LaunchFusionStage> stages,
                     const LaunchFusionOptions &options,
                     const LaunchFusionPlan &plan) {
  bool isLive = options.accounting == LaunchFusionAccounting::Live;
  size_t next = 0;
  Uint128 avoided = 0;
  for (const LaunchFusionGroup &group : plan.groups) {
    REQUIRE(group.firstStage == next && group.stageCount != 0);
    REQUIRE(next + group.stageCount <= stages.size());
    Span<const LaunchFusionStage> members(stages.data() + next,
                                          group.stageCount);
    GroupCost cost = computeCost(members, isLive);
    REQUIRE(cost.required <= options.maxGroupBytes);
    REQUIRE(cost.required == group.requiredBytes);
    REQUIRE(cost.avoided == group.avoidedIntermediateBytes);
    Span<const uint32_t> ids = plan.getStageIds(group);
    for (size_t i = 0; i < members.size(); ++i) {
      REQUIRE(ids[i] == members[i].id);
      REQUIRE(members[i].layoutHash == group.layoutHash);
      REQUIRE(members[i].firstLegalStart <= next);
      REQUIRE(i == 0 || !members[i].requiresHostMaterialization);
    }
    avoided += cost.avoided;
    next += group.stageCount;
  }
  REQUIRE(next == stages.size());
  REQUIRE(plan.launchCount == plan.groups.size());
  REQUIRE(plan.avoidedLaunches == stages.size() - plan.groups.size());
  REQUIRE(plan.avoidedIntermediateBytes == avoided);
}

void planFusion(Numbers numbers) {
  LaunchFusionOptions options;
  uint8_t form = numbers.byte();
  options.accounting =
      form & 1 ? LaunchFusionAccounting::Live : LaunchFusionAccounting::Sum;
  options.maxGroupBytes = numbers.number();
  std::vector<LaunchFusionStage> stages;
  std::set<uint32_t> ids;
  while (!numbers.empty()) {
    LaunchFusionStage stage;
    // Mostly distinct, so that there is something to plan.
    uint8_t flags = numbers.byte();
    stage.id =
        flags & 128 ? uint32_t(numbers.number()) : uint32_t(stages.size());
    ids.insert(stage.id);
    stage.layoutHash = (flags & 7) == 0;
    stage.requiresHostMaterialization = (flags & 56) == 0;
    stage.inputBytes = numbers.number();
    stage.outputBytes = numbers.number();
    stage.scratchBytes = numbers.number();
    if (flags & 64) {
      stage.firstLegalStart = numbers.number();
      stage.forwardedBytes = numbers.number();
    }
    stages.push_back(stage);
  }
  static LaunchFusionScratch scratch;
  uint32_t greedyLaunches = ~0u;
  for (auto strategy :
       {LaunchFusionStrategy::Greedy, LaunchFusionStrategy::Optimal}) {
    options.strategy = strategy;
    auto plan = planLaunchFusion(stages, options, scratch);
    auto again = planLaunchFusion(stages, options);
    REQUIRE(plan.failed() == again.failed());
    if (!plan) {
      REQUIRE(plan.error().index() == again.error().index());
      if (options.maxGroupBytes != 0)
        REQUIRE(std::holds_alternative<DuplicateStage>(plan.error()) ==
                (ids.size() != stages.size()));
      continue;
    }
    REQUIRE(ids.size() == stages.size() && options.maxGroupBytes != 0);
    checkFusionPlan(stages, options, **plan);
    checkFusionPlan(stages, options, *again);
    REQUIRE((*plan)->launchCount <= greedyLaunches);
    greedyLaunches = (*plan)->launchCount;
  }
}

//===----------------------------------------------------------------------===//
// The others
//===----------------------------------------------------------------------===//

void planCompaction(Numbers numbers) {
  ResultCompactionOptions options;
  uint8_t form = numbers.byte();
  options.maxCompactRecordBytes = numbers.number();
  if (form & 1)
    options.recordAlignment = numbers.number();
  if (form & 2)
    options.maxSlabBytes = numbers.number();
  std::vector<ResultSlot> slots;
  std::set<uint32_t> ids;
  Uint128 full = 0, meaningful = 0;
  bool isWrong = false;
  while (!numbers.empty()) {
    ResultSlot slot;
    slot.slot = uint32_t(numbers.number());
    slot.capacityBytes = numbers.number();
    slot.meaningfulBytes = numbers.number();
    if (form & 4)
      slot.meaningfulBytes %= slot.capacityBytes / 2 + 1;
    ids.insert(slot.slot);
    full += slot.capacityBytes;
    meaningful += slot.meaningfulBytes;
    isWrong |= slot.meaningfulBytes > slot.capacityBytes;
    slots.push_back(slot);
  }
  isWrong |= full > ~uint64_t(0) || ids.size() != slots.size() ||
             !isPowerOfTwo(options.recordAlignment);
  static ResultCompactionScratch scratch;
  auto plan = planResultCompaction(slots, options, scratch);
  if (!plan) {
    REQUIRE(isWrong || options.recordAlignment > 1);
    return;
  }
  REQUIRE(!isWrong);
  Uint128 end = 0, compact = 0;
  uint64_t previous = 0;
  for (const CompactResultRecord &record : (*plan)->compactRecords) {
    REQUIRE(compact == 0 || record.slot > previous);
    previous = record.slot;
    REQUIRE(record.bytes != 0 && record.bytes <= options.maxCompactRecordBytes);
    REQUIRE(record.compactOffset ==
            alignUp(uint64_t(end), options.recordAlignment));
    end = Uint128(record.compactOffset) + record.bytes;
    compact += record.bytes;
  }
  REQUIRE(end == (*plan)->slabBytes);
  REQUIRE(end <= options.maxSlabBytes.value_or(~uint64_t(0)));
  REQUIRE(compact == (*plan)->compactBytes);
  REQUIRE((*plan)->fullCapacityBytes == full);
  REQUIRE((*plan)->selectedReadbackBytes == meaningful);
  REQUIRE((*plan)->avoidedReadbackBytes == full - meaningful);
  const FlatArray<uint32_t> &direct = (*plan)->directSlots;
  for (size_t i = 1; i < direct.size(); ++i)
    REQUIRE(direct[i - 1] < direct[i]);
}

void planQueue(Numbers numbers) {
  DeviceWorkQueueProfile profile;
  profile.initialItems = numbers.number();
  profile.queueCapacity = numbers.number();
  profile.entryBytes = numbers.number();
  profile.controlBytes = numbers.number();
  profile.budgetBytes = numbers.number();
  uint64_t perDrain = numbers.number();
  Uint128 resident = Uint128(profile.queueCapacity) * profile.entryBytes +
                     profile.controlBytes;
  bool isFine = profile.queueCapacity != 0 && profile.entryBytes != 0 &&
                profile.initialItems <= profile.queueCapacity &&
                resident <= profile.budgetBytes;
  auto queue = planDeviceWorkQueue(profile);
  REQUIRE(!queue.failed() == isFine);
  auto drains = planDeviceWorkQueueBackpressure(profile, perDrain);
  REQUIRE(!drains.failed() == (isFine && perDrain != 0));
  if (!drains)
    return;
  REQUIRE(queue->residentBytes == resident);
  REQUIRE(Uint128(drains->chunks) * perDrain >= profile.queueCapacity);
  REQUIRE(Uint128(drains->chunks - 1) * perDrain < profile.queueCapacity);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  Numbers numbers(data + 1, size - 1);
  switch (data[0]) {
  case 'F':
    planFusion(numbers);
    break;
  case 'C':
    planCompaction(numbers);
    break;
  case 'Q':
    planQueue(numbers);
    break;
  default:
    answerLines({reinterpret_cast<const char *>(data) + 1, size - 1});
    break;
  }
  return 0;
}
