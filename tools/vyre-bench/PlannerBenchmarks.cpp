//===- PlannerBenchmarks.cpp - Time per item of each planner --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each case plans one list again and again, with scratch reused, and reports
// seconds per item. Ids are dense (0, 1, 2, ...), dense and shuffled, or
// distinct random 32-bit numbers in random order.
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/DeviceWorkQueue.h"
#include "vyre/Planning/GraphCapture.h"
#include "vyre/Planning/LaunchFusion.h"
#include "vyre/Planning/ResultCompaction.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <numeric>
#include <random>
#include <set>
#include <vector>

using namespace vyre::planning;

namespace {

void addSizes(benchmark::internal::Benchmark *benchmark) {
  for (int64_t size : {8, 64, 1024, 65536})
    benchmark->Arg(size);
}

/// Seconds per item, which the console shows with the prefix n.
void reportItems(benchmark::State &state, size_t items) {
  using benchmark::Counter;
  state.counters["s/item"] = Counter(
      double(items), Counter::kIsIterationInvariantRate | Counter::kInvert);
}

enum class Ids { Dense, Reversed, ShuffledDense, Random };

/// So many ids; the same every time.
std::vector<uint32_t> makeIds(size_t count, Ids form) {
  std::mt19937 random(static_cast<uint32_t>(count));
  std::vector<uint32_t> ids(count);
  std::iota(ids.begin(), ids.end(), 0u);
  if (form == Ids::Reversed)
    std::reverse(ids.begin(), ids.end());
  if (form == Ids::Random) {
    std::set<uint32_t> distinct;
    while (distinct.size() < count)
      distinct.insert(random());
    ids.assign(distinct.begin(), distinct.end());
  }
  if (form == Ids::ShuffledDense || form == Ids::Random)
    std::shuffle(ids.begin(), ids.end(), random);
  return ids;
}

enum class Fusion { OneGroup, GroupsOfEight, NoGroup };

void planFusion(benchmark::State &state, Fusion form, Ids idForm,
                LaunchFusionStrategy strategy) {
  std::vector<uint32_t> ids = makeIds(state.range(0), idForm);
  std::vector<LaunchFusionStage> stages(ids.size());
  for (size_t i = 0; i < stages.size(); ++i) {
    LaunchFusionStage &stage = stages[i];
    stage.id = ids[i];
    stage.inputBytes = 4096;
    stage.outputBytes = 2048 + i % 7;
    stage.scratchBytes = 64;
    if (form == Fusion::GroupsOfEight)
      stage.layoutHash = i / 8;
    if (form == Fusion::NoGroup)
      stage.layoutHash = i;
  }
  LaunchFusionOptions options;
  options.maxGroupBytes = ~uint64_t(0);
  options.strategy = strategy;
  LaunchFusionScratch scratch(stages.size());
  for (auto _ : state) {
    auto plan = planLaunchFusion(stages, options, scratch);
    if (!plan)
      state.SkipWithError("no plan");
    benchmark::DoNotOptimize(plan);
  }
  reportItems(state, stages.size());
}

void planCompaction(benchmark::State &state, Ids form) {
  std::vector<uint32_t> ids = makeIds(state.range(0), form);
  std::mt19937 random(7);
  std::vector<ResultSlot> slots;
  // A quarter empty, half of them records, a quarter direct.
  for (uint32_t id : ids)
    slots.push_back({id, std::max<uint64_t>(random() % 512, 128) - 128, 512});
  ResultCompactionOptions options;
  options.maxCompactRecordBytes = 256;
  ResultCompactionScratch scratch(slots.size());
  for (auto _ : state) {
    auto plan = planResultCompaction(slots, options, scratch);
    if (!plan)
      state.SkipWithError("no plan");
    benchmark::DoNotOptimize(plan);
  }
  reportItems(state, slots.size());
}

void planCapture(benchmark::State &state) {
  constexpr BindingRole kRoles[] = {BindingRole::Input, BindingRole::Output,
                                    BindingRole::InputOutput,
                                    BindingRole::Shared};
  std::vector<Binding> bindings(state.range(0));
  for (size_t i = 0; i < bindings.size(); ++i) {
    Binding &binding = bindings[i];
    binding.name = "binding";
    binding.binding = uint32_t(i);
    binding.role = kRoles[i % 4];
    if (i % 2 == 0)
      binding.inputIndex = i;
    if (i % 4 == 1 || i % 4 == 2)
      binding.outputIndex = i;
  }
  for (auto _ : state) {
    auto plan = planGraphCaptureBindings(bindings);
    benchmark::DoNotOptimize(plan);
  }
  reportItems(state, bindings.size());
}

/// An item is a profile here.
void planQueue(benchmark::State &state) {
  std::mt19937 random(7);
  std::vector<DeviceWorkQueueProfile> profiles(state.range(0));
  for (DeviceWorkQueueProfile &profile : profiles) {
    profile.queueCapacity = 1024 + random() % 65536;
    profile.initialItems = random() % profile.queueCapacity;
    profile.entryBytes = 16;
    profile.controlBytes = 128;
    profile.budgetBytes = uint64_t(1) << 30;
  }
  for (auto _ : state)
    for (const DeviceWorkQueueProfile &profile : profiles) {
      auto plan = planDeviceWorkQueueBackpressure(profile, 8192);
      benchmark::DoNotOptimize(plan);
    }
  reportItems(state, profiles.size());
}

#define VYRE_FUSION_BENCHMARKS(ids)                                            \
  BENCHMARK_CAPTURE(planFusion, one_group_##ids, Fusion::OneGroup, Ids::ids,   \
                    LaunchFusionStrategy::Greedy)                              \
      ->Apply(addSizes);                                                       \
  BENCHMARK_CAPTURE(planFusion, groups_of_8_##ids, Fusion::GroupsOfEight,      \
                    Ids::ids, LaunchFusionStrategy::Greedy)                    \
      ->Apply(addSizes);                                                       \
  BENCHMARK_CAPTURE(planFusion, none_fuses_##ids, Fusion::NoGroup, Ids::ids,   \
                    LaunchFusionStrategy::Greedy)                              \
      ->Apply(addSizes)

VYRE_FUSION_BENCHMARKS(Dense);
VYRE_FUSION_BENCHMARKS(ShuffledDense);
VYRE_FUSION_BENCHMARKS(Random);
BENCHMARK_CAPTURE(planFusion, optimal_groups_of_8, Fusion::GroupsOfEight,
                  Ids::Dense, LaunchFusionStrategy::Optimal)
    ->Apply(addSizes);
BENCHMARK_CAPTURE(planCompaction, sorted, Ids::Dense)->Apply(addSizes);
BENCHMARK_CAPTURE(planCompaction, reversed, Ids::Reversed)->Apply(addSizes);
BENCHMARK_CAPTURE(planCompaction, shuffled, Ids::ShuffledDense)
    ->Apply(addSizes);
BENCHMARK_CAPTURE(planCompaction, random, Ids::Random)->Apply(addSizes);
BENCHMARK(planCapture)->Apply(addSizes);
BENCHMARK(planQueue)->Apply(addSizes);

} // namespace
