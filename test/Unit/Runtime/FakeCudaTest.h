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
#include <functional>
#include <set>

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
constexpr uint32_t kScale = 0, kSine = 1, kAccumulate = 3;

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

/// The sample's PTX with kernels that wait for those before them.
inline std::string waitingPtx(const runtime::internal::Artifact &tables) {
  const auto &data = tables.codes[1].data;
  std::string text;
  for (size_t i = 0; i + 1 < data.size; ++i) {
    if (data.data[i] == '\n')
      text += " waits";
    text += static_cast<char>(data.data[i]);
  }
  text.push_back('\0');
  return text;
}

/// What a device does from its opening to its closing. Its result is the first
/// status that is not a success; why a dispatch does without a graph that could
/// not be built is put into the string, if there is one.
using WholeLife = std::function<runtime::Status(std::string *)>;

/// The calls that the driver gets in one life, in their order.
inline std::vector<std::string> callsOf(const WholeLife &wholeLife) {
  // The driver starts once in a process.
  EXPECT_OK(wholeLife(nullptr));
  fakecuda::reset();
  EXPECT_OK(wholeLife(nullptr));
  return fakecuda::calls();
}

/// Fails every call of a life once, in every position: somebody is told, but of
/// a call in `forgivable`, which is tried again or done without; nothing is
/// lost, and the next life is as if nothing had been.
inline void expectFailuresAreTold(const WholeLife &wholeLife,
                                  const std::vector<std::string> &calls,
                                  const std::set<std::string> &forgivable) {
  for (int result : {2, 999}) {
    for (size_t i = 0; i < calls.size(); ++i) {
      SCOPED_TRACE(calls[i] + " at " + std::to_string(i));
      fakecuda::reset();
      fakecuda::failCall(i, result);
      std::string told;
      runtime::Status status = wholeLife(&told);
      ASSERT_TRUE(fakecuda::hasFailed());
      EXPECT_TRUE(status.failed() || forgivable.count(calls[i]) ||
                  told.find(calls[i]) != std::string::npos);
      if (status.failed())
        expectError(status,
                    result == 2 ? VYRE_STATUS_OUT_OF_MEMORY
                                : VYRE_STATUS_DEVICE_ERROR,
                    {calls[i].c_str()});
      EXPECT_EQ(fakecuda::liveObjects(), 0u);
      EXPECT_EQ(fakecuda::misuses(), 0u);
      EXPECT_OK(wholeLife(nullptr));
    }
  }
  fakecuda::reset();
}

/// The same for an error that loses the device: a status, no crash, no hang.
/// The first status names the call, but for those in `others`, of which a later
/// call or somebody else tells.
inline void expectLossesAreTold(const WholeLife &wholeLife,
                                const std::vector<std::string> &calls,
                                const std::set<std::string> &others) {
  for (size_t i = 0; i < calls.size(); ++i) {
    SCOPED_TRACE(calls[i] + " at " + std::to_string(i));
    fakecuda::reset();
    fakecuda::failCall(i, 719, /*isSticky=*/true);
    runtime::Status status = wholeLife(nullptr);
    if (others.count(calls[i]))
      expectError(status, VYRE_STATUS_DEVICE_LOST, {});
    else
      expectError(status, VYRE_STATUS_DEVICE_LOST, {calls[i].c_str(), "(719)"});
    fakecuda::resetDevice();
  }
}

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_RUNTIME_FAKECUDATEST_H
