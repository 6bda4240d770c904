//===- EmbeddedTest.cpp - Programs inside a host binary ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vyreEmbeddedDispatch, as compiled host code calls it: static descriptors that
// the first call fills in.
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Embedded.h"
#include "RuntimeTest.h"

#include <thread>

namespace vyre::testing {
namespace {

/// What the runtime keeps until the process ends. In a binary, static memory
/// refers to it; here, this does.
void keep(void *handle) {
  static auto &kept = *new std::vector<void *>;
  kept.push_back(handle);
}

/// What a compiler puts into a binary: an artifact and one of its programs.
struct Embedded {
  explicit Embedded(const char *programName, const char *device = "cpu")
      : bytes(sampleArtifact()),
        artifact{bytes.data(), bytes.size(), device, nullptr},
        program{&artifact, programName, nullptr} {}
  ~Embedded() {
    keep(artifact.state);
    keep(program.pipeline);
  }

  runtime::Status dispatch(const std::vector<VyreBinding> &bindings) {
    return runtime::Status(
        vyreEmbeddedDispatch(&program, bindings.data(), bindings.size()));
  }

  std::vector<uint8_t> bytes;
  VyreEmbeddedArtifact artifact;
  VyreEmbeddedProgram program;
};

TEST(EmbeddedTest, LoadsOnceAndComputes) {
  Embedded scale("scale");
  void *pipeline = nullptr;
  for (int64_t n : {5, 1000, 0}) {
    ScaleCall call(n);
    ASSERT_OK(scale.dispatch(call.bindings()));
    call.expectResult();
    ASSERT_NE(scale.program.pipeline, nullptr);
    if (pipeline) {
      EXPECT_EQ(scale.program.pipeline, pipeline);
    }
    pipeline = scale.program.pipeline;
  }
}

TEST(EmbeddedTest, ProgramsShareTheArtifact) {
  Embedded scale("scale");
  VyreEmbeddedProgram sine = {&scale.artifact, "sine", nullptr};
  ScaleCall first(10);
  ASSERT_OK(scale.dispatch(first.bindings()));
  void *state = scale.artifact.state;
  ASSERT_NE(state, nullptr);
  SineCall second(10);
  auto bindings = second.bindings();
  ASSERT_OK(runtime::Status(
      vyreEmbeddedDispatch(&sine, bindings.data(), bindings.size())));
  second.expectResult();
  EXPECT_EQ(scale.artifact.state, state);
  EXPECT_NE(scale.program.pipeline, sine.pipeline);
  keep(sine.pipeline);
}

TEST(EmbeddedTest, ManyThreadsStartAtOnce) {
  Embedded scale("scale");
  constexpr int kThreads = 8, kTurns = 20;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      for (int turn = 0; turn < kTurns; ++turn) {
        ScaleCall call(100 + i, static_cast<float>(turn));
        ASSERT_OK(scale.dispatch(call.bindings()));
        call.expectResult();
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(EmbeddedTest, FailureIsToldAndTriedAgain) {
  Embedded scale("scale");
  ScaleCall call(10);
  // A damaged artifact.
  scale.bytes[scale.bytes.size() / 2] ^= 1;
  expectError(scale.dispatch(call.bindings()), VYRE_STATUS_BAD_ARTIFACT, {});
  EXPECT_EQ(scale.program.pipeline, nullptr);
  call.expectUntouched();
  scale.bytes[scale.bytes.size() / 2] ^= 1;
  // No such device.
  scale.artifact.device = "abacus";
  EXPECT_TRUE(scale.dispatch(call.bindings()).failed());
  EXPECT_EQ(scale.program.pipeline, nullptr);
  scale.artifact.device = "cpu";
  // No such program; the artifact stays loaded.
  scale.program.name = "absent";
  EXPECT_TRUE(scale.dispatch(call.bindings()).failed());
  EXPECT_EQ(scale.program.pipeline, nullptr);
  scale.program.name = "scale";
  ASSERT_OK(scale.dispatch(call.bindings()));
  call.expectResult();
}

TEST(EmbeddedTest, WrongCallsAreRefused) {
  auto status = [](VyreEmbeddedProgram *program, size_t count = 0) {
    return runtime::Status(vyreEmbeddedDispatch(program, nullptr, count));
  };
  expectError(status(nullptr), VYRE_STATUS_INVALID_ARGUMENT, {"program"});
  VyreEmbeddedProgram none = {nullptr, "scale", nullptr};
  expectError(status(&none), VYRE_STATUS_INVALID_ARGUMENT, {"artifact"});
  Embedded unnamed(nullptr);
  expectError(status(&unnamed.program), VYRE_STATUS_INVALID_ARGUMENT, {"name"});
  Embedded scale("scale");
  expectError(status(&scale.program, 3), VYRE_STATUS_INVALID_ARGUMENT,
              {"3 bindings"});
}

} // namespace
} // namespace vyre::testing
