//===- AllocationTest.cpp - What a steady state allocates -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts every use of operator new in the process.
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "RuntimeTest.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<uint64_t> allocationCount{0};
} // namespace

void *operator new(std::size_t size) {
  allocationCount.fetch_add(1, std::memory_order_relaxed);
  if (void *memory = std::malloc(size ? size : 1))
    return memory;
  throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

namespace vyre::testing {
namespace {

TEST(AllocationTest, RepeatedDispatchesAllocateNothing) {
  for (const char *program : {"scale", "sine"}) {
    Session session("cpu", program);
    ScaleCall scale(30000);
    SineCall sine(30000);
    std::vector<VyreBinding> bindings =
        program == std::string("scale") ? scale.bindings() : sine.bindings();
    VyreDispatchReport report = {};
    report.struct_size = sizeof(report);
    auto dispatch = [&] {
      return session.pipeline.dispatch(bindings.data(), bindings.size(),
                                       nullptr, &report);
    };
    ASSERT_OK(dispatch());
    uint64_t before = allocationCount;
    for (int round = 0; round < 100; ++round) {
      // A scalar that sizes do not depend on may change.
      scale.s = static_cast<float>(round);
      ASSERT_OK(dispatch());
    }
    EXPECT_EQ(allocationCount - before, 0u) << program;
  }
}

/// Counted results, state, updates in place, other pointers each time, and
/// results in the caller's slots.
TEST(AllocationTest, NothingOfWhatAProgramMayHaveAllocates) {
  constexpr int kRounds = 50;
  auto expectNone = [](const char *what, auto &&dispatch) {
    // Each of what alternates once.
    for (int round = 0; round < 2; ++round)
      ASSERT_OK(dispatch(round));
    uint64_t before = allocationCount;
    for (int round = 0; round < kRounds; ++round)
      ASSERT_OK(dispatch(round));
    EXPECT_EQ(allocationCount - before, 0u) << what;
  };

  Session hits("cpu", "hits");
  HitsCall few(5, 500), many(16, 2048);
  std::vector<VyreBinding> hitsBindings[] = {few.bindings(), many.bindings()};
  expectNone("counted results", [&](int round) {
    return hits.pipeline.dispatch(hitsBindings[round % 2].data(),
                                  hitsBindings[round % 2].size());
  });
  EXPECT_EQ(few.n[0], 5);
  EXPECT_EQ(many.m[0], 2048);
  std::vector<runtime::ResultBuffer> results;
  expectNone("slots", [&](int round) {
    return hits.pipeline.dispatchInto(hitsBindings[round % 2], results);
  });

  Session count("cpu", "count");
  std::vector<int64_t> extents = {4}, out(4);
  int64_t step = 3;
  std::vector<VyreBinding> countBindings = {bindScalar(step), VyreBinding(),
                                            bindBuffer(out, extents)};
  expectNone("state", [&](int) {
    return count.pipeline.dispatch(countBindings.data(), countBindings.size());
  });
  EXPECT_EQ(out[0], kCountStart[0] + (kRounds + 2) * step);

  Session accumulate("cpu", "accumulate");
  std::vector<int64_t> matrix = {2, 20000};
  std::vector<int32_t> a(40000), b(40000, 1);
  std::vector<VyreBinding> matrices = {bindBuffer(a, matrix),
                                       bindBuffer(b, matrix)};
  expectNone("updates in place", [&](int) {
    return accumulate.pipeline.dispatch(matrices.data(), matrices.size());
  });
  EXPECT_EQ(a[39999], kRounds + 2);

  // Constants, an intermediate, and memory elsewhere each time.
  Session sine("cpu", "sine");
  SineCall calls[] = {SineCall(30000), SineCall(30000)};
  std::vector<VyreBinding> sines[] = {calls[0].bindings(), calls[1].bindings()};
  expectNone("other pointers", [&](int round) {
    return sine.pipeline.dispatch(sines[round % 2].data(),
                                  sines[round % 2].size());
  });
  calls[1].expectResult();
}

// Functions of the host are given what was laid out before.
TEST(AllocationTest, CallsAllocateNothing) {
  VyreCall table = {};
  table.struct_size = sizeof(table);
  table.name = "finish";
  table.function = [](void *, const VyreCallArguments *arguments) {
    std::copy_n(static_cast<const float *>(arguments->buffers[0].data),
                arguments->buffers[0].extents[0],
                static_cast<float *>(arguments->buffers[1].data));
    return static_cast<VyreStatus *>(nullptr);
  };
  ASSERT_OK(runtime::Status(vyreCallRegister(&table)));
  std::vector<uint8_t> bytes = buildArtifact(callTables());
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  ASSERT_OK(artifact);
  auto device = runtime::Device::open("cpu");
  ASSERT_OK(device);
  auto pipeline = runtime::Pipeline::create(*device, *artifact, 1);
  ASSERT_OK(pipeline);
  SineCall call(30000);
  std::vector<VyreBinding> bindings = call.bindings();
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
  uint64_t before = allocationCount;
  for (int round = 0; round < 100; ++round)
    ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
  EXPECT_EQ(allocationCount - before, 0u);
  ASSERT_OK(runtime::Status(vyreCallUnregister("finish", nullptr)));
}

// Branches that run side by side.
TEST(AllocationTest, BranchesAllocateNothing) {
  runtime::internal::Artifact tables = sampleTables();
  addSecondBranch(tables.programs[1]);
  std::vector<uint8_t> bytes = buildArtifact(tables);
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  ASSERT_OK(artifact);
  auto device = runtime::Device::open("cpu");
  ASSERT_OK(device);
  auto pipeline = runtime::Pipeline::create(*device, *artifact, 1);
  ASSERT_OK(pipeline);
  std::vector<int64_t> extents = {30000};
  std::vector<float> x(30000, 0.25f), y(30000), z(30000), w(30000, 0.5f);
  std::vector<VyreBinding> bindings = {
      bindBuffer(x, extents), bindBuffer(y, extents), bindBuffer(z, extents),
      bindBuffer(w, extents)};
  auto dispatch = [&] {
    return pipeline->dispatch(bindings.data(), bindings.size());
  };
  ASSERT_OK(dispatch());
  std::vector<float> first = y, second = z;
  EXPECT_NE(first, second);
  uint64_t before = allocationCount;
  for (int round = 0; round < 100; ++round)
    ASSERT_OK(dispatch());
  EXPECT_EQ(allocationCount - before, 0u);
  EXPECT_EQ(y, first);
  EXPECT_EQ(z, second);
}

} // namespace
} // namespace vyre::testing
