//===- FakeCudaTest.h - Tests over the stand-in driver ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_RUNTIME_FAKECUDATEST_H
#define VYRE_TEST_UNIT_RUNTIME_FAKECUDATEST_H

#include "ArtifactBuilder.h"
#include "FakeCuda.h"
#include "RuntimeTest.h"

#include <algorithm>

namespace vyre::testing {

/// Begins and ends with a stand-in driver that nobody holds anything of.
class FakeCudaTest : public ::testing::Test {
protected:
  void SetUp() override {
    fakecuda::reset();
    ASSERT_EQ(fakecuda::liveObjects(), 0u);
  }
  void TearDown() override {
    EXPECT_EQ(fakecuda::liveObjects(), 0u);
    EXPECT_EQ(fakecuda::misuses(), 0u);
    fakecuda::reset();
  }
};

/// A program of the given tables on the stand-in GPU, or the CPU.
struct Loaded {
  Loaded(const runtime::internal::Artifact &tables, uint32_t program,
         const runtime::Config &config, const char *id = "cuda",
         const VyreGraphCosts *costs = nullptr)
      : artifact(*load(tables)), device(*open(id, costs)),
        pipeline(*create(program, config)) {}

  /// A device that measures what graphs cost unless that is given.
  static runtime::Expected<runtime::Device> open(const char *id,
                                                 const VyreGraphCosts *costs) {
    VyreDeviceConfig config = {};
    config.struct_size = sizeof(config);
    config.graph_costs = costs;
    return runtime::Device::open(id, &config);
  }

  static runtime::Expected<runtime::Artifact>
  load(const runtime::internal::Artifact &tables) {
    std::vector<uint8_t> bytes = buildArtifact(tables);
    return runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  }
  runtime::Expected<runtime::Pipeline> create(uint32_t program,
                                              const runtime::Config &config) {
    VyrePipelineConfig fields = config.fields();
    return runtime::Pipeline::create(device, artifact, program, &fields);
  }
  template <typename Call> VyreDispatchReport run(Call &call) {
    VyreDispatchReport report = emptyReport();
    auto bindings = call.bindings();
    EXPECT_OK(
        pipeline.dispatch(bindings.data(), bindings.size(), nullptr, &report));
    call.expectResult();
    return report;
  }

  runtime::Artifact artifact;
  runtime::Device device;
  runtime::Pipeline pipeline;
};

/// Programs of the sample artifact.
constexpr uint32_t kScale = 0, kSine = 1;

/// Replays from the first dispatch on, polled.
inline runtime::Config spinning() {
  runtime::Config config;
  config.waitMode = VYRE_WAIT_SPIN;
  config.capture = VYRE_CAPTURE_REQUIRE;
  return config;
}

/// How many calls of this name the driver got.
inline uint64_t countOf(const char *name) {
  std::vector<std::string> calls = fakecuda::calls();
  return static_cast<uint64_t>(std::count(calls.begin(), calls.end(), name));
}

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_RUNTIME_FAKECUDATEST_H
