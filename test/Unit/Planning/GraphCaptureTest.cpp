//===- GraphCaptureTest.cpp - Tests of the capture planner ----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/GraphCapture.h"

#include "PlanMatchers.h"

#include <algorithm>
#include <vector>

using namespace vyre::planning;
using namespace vyre::testing;

namespace {

Binding bind(BindingRole role, std::optional<uint64_t> input,
             std::optional<uint64_t> output) {
  Binding binding;
  binding.role = role;
  binding.inputIndex = input;
  binding.outputIndex = output;
  return binding;
}

void expectPlan(const GraphCaptureBindingPlan &plan, size_t input,
                size_t output, size_t readback, size_t pointers,
                size_t arguments, bool isSafe) {
  EXPECT_EQ(plan.inputDeviceCapacity, input);
  EXPECT_EQ(plan.outputDeviceCapacity, output);
  EXPECT_EQ(plan.outputReadbackCapacity, readback);
  EXPECT_EQ(plan.kernelPointerCapacity, pointers);
  EXPECT_EQ(plan.kernelArgumentCapacity, arguments);
  EXPECT_EQ(plan.residentInputReplaySafe, isSafe);
}

TEST(GraphCapture, ExampleInAnyOrder) {
  std::vector<Binding> bindings = {
      bind(BindingRole::Input, 0, std::nullopt),
      bind(BindingRole::Shared, std::nullopt, std::nullopt),
      bind(BindingRole::Output, std::nullopt, 0),
      bind(BindingRole::InputOutput, 1, 1)};
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    std::vector<Binding> shuffled;
    for (size_t i : order)
      shuffled.push_back(bindings[i]);
    auto plan = planGraphCaptureBindings(shuffled);
    ASSERT_TRUE(plan);
    expectPlan(*plan, 2, 1, 2, 3, 4, false);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(GraphCapture, NoBindings) {
  auto plan = planGraphCaptureBindings({});
  ASSERT_TRUE(plan);
  expectPlan(*plan, 0, 0, 0, 0, 1, true);
}

// Only the indices decide where a binding counts; a shared one never does.
TEST(GraphCapture, RolesAndIndices) {
  auto planOne = [](Binding binding) {
    auto plan = planGraphCaptureBindings({&binding, 1});
    EXPECT_TRUE(plan);
    return *plan;
  };
  expectPlan(planOne(bind(BindingRole::Output, 0, std::nullopt)), 1, 0, 0, 1, 2,
             true);
  expectPlan(planOne(bind(BindingRole::Input, 0, 0)), 1, 0, 1, 1, 2, false);
  expectPlan(planOne(bind(BindingRole::Shared, 0, 0)), 0, 0, 0, 0, 1, true);
  expectPlan(planOne(bind(BindingRole::State, std::nullopt, std::nullopt)), 0,
             1, 0, 1, 2, false);
  expectPlan(planOne(bind(BindingRole::State, 0, std::nullopt)), 1, 0, 0, 1, 2,
             false);
}

// A graph of two programs has the tables of both.
TEST(GraphCapture, Extending) {
  std::vector<Binding> bindings = {
      bind(BindingRole::Input, 0, std::nullopt),
      bind(BindingRole::State, std::nullopt, std::nullopt),
      bind(BindingRole::Output, std::nullopt, 0)};
  auto first = planGraphCaptureBindings({bindings.data(), 2});
  ASSERT_TRUE(first);
  auto both = extendGraphCaptureBindings(*first, {bindings.data() + 2, 1});
  ASSERT_TRUE(both);
  expectPlan(*both, 1, 2, 1, 3, 4, false);
}

TEST(GraphCapture, TablesThatOverflow) {
  constexpr size_t kFull = ~size_t(0);
  Binding binding = bind(BindingRole::InputOutput, 0, 0);
  Binding output = bind(BindingRole::Output, std::nullopt, 0);
  auto extend = [](GraphCaptureBindingPlan recorded, Binding &binding) {
    return errorOf(extendGraphCaptureBindings(recorded, {&binding, 1}));
  };
  GraphCaptureBindingPlan recorded;
  recorded.kernelPointerCapacity = kFull;
  EXPECT_EQ(extend(recorded, binding),
            "CapacityOverflow{table kernel pointer table}");
  recorded.kernelPointerCapacity = kFull - 1;
  EXPECT_EQ(extend(recorded, binding),
            "CapacityOverflow{table kernel argument table}");
  recorded = {};
  recorded.inputDeviceCapacity = kFull;
  EXPECT_EQ(extend(recorded, binding),
            "CapacityOverflow{table input device table}");
  EXPECT_EQ(extend(recorded, output), "a plan");
  recorded = {};
  recorded.outputDeviceCapacity = kFull;
  EXPECT_EQ(extend(recorded, output),
            "CapacityOverflow{table output device table}");
  EXPECT_EQ(extend(recorded, binding), "a plan");
  recorded = {};
  recorded.outputReadbackCapacity = kFull;
  EXPECT_EQ(extend(recorded, output),
            "CapacityOverflow{table output readback table}");
}

} // namespace
