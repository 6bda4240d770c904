//===- PipelineConfigTest.cpp - What is set, and what it overrides --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every field of a config, set and not set, in each of the four places that it
// may come from: a call, the call's profile, the pipeline, its profile.
//
//===----------------------------------------------------------------------===//

#include "PipelineConfig.h"
#include "RuntimeTest.h"

#include <functional>

namespace vyre::testing {
namespace {

using runtime::internal::PipelineConfig;
using runtime::internal::readPipelineConfig;

/// A field, and how to give it one of several values. Value 0 is one that a
/// config of zeros would have too.
struct Field {
  const char *name;
  std::function<void(VyrePipelineConfig &, uint32_t)> set;
  /// What was read, as text; "" where it is not set.
  std::function<std::string(const PipelineConfig &)> read;
};

template <typename T> std::string textOf(const std::optional<T> &value) {
  return value ? std::to_string(*value) : "";
}

/// Zero where an enumerator says that nothing is.
std::string textOf(int choice) { return choice ? std::to_string(choice) : ""; }

const char *const kLabels[] = {"a", "b", "c", "d"};

const Field kFields[] = {
    {"max_in_flight",
     [](VyrePipelineConfig &c, uint32_t v) { c.max_in_flight = v + 1; },
     [](const PipelineConfig &c) { return textOf(c.maxInFlight); }},
    {"capture",
     [](VyrePipelineConfig &c, uint32_t v) { c.capture = v % 3 + 1; },
     [](const PipelineConfig &c) { return textOf(c.capture); }},
    {"wait_mode",
     [](VyrePipelineConfig &c, uint32_t v) { c.wait_mode = v % 2 + 1; },
     [](const PipelineConfig &c) { return textOf(c.waitMode); }},
    {"ulp_budget",
     [](VyrePipelineConfig &c, uint32_t v) {
       c.ulp_budget = v;
       c.has_ulp_budget = true;
     },
     [](const PipelineConfig &c) { return textOf(c.ulpBudget); }},
    {"time_limit_ns",
     [](VyrePipelineConfig &c, uint32_t v) { c.time_limit_ns = v + 1; },
     [](const PipelineConfig &c) { return textOf(c.timeLimitNs); }},
    {"result_byte_limit",
     [](VyrePipelineConfig &c, uint32_t v) {
       c.result_byte_limit = v;
       c.has_result_byte_limit = true;
     },
     [](const PipelineConfig &c) { return textOf(c.resultByteLimit); }},
    {"label", [](VyrePipelineConfig &c, uint32_t v) { c.label = kLabels[v]; },
     [](const PipelineConfig &c) {
       return std::string(c.label ? c.label : "");
     }},
    {"graph_shapes",
     [](VyrePipelineConfig &c, uint32_t v) { c.graph_shapes = v + 1; },
     [](const PipelineConfig &c) { return textOf(c.graphShapes); }},
    {"persistent",
     [](VyrePipelineConfig &c, uint32_t v) { c.persistent = v % 3 + 1; },
     [](const PipelineConfig &c) { return textOf(c.persistent); }},
    {"expected_dispatches",
     [](VyrePipelineConfig &c, uint32_t v) { c.expected_dispatches = v + 1; },
     [](const PipelineConfig &c) { return textOf(c.expectedDispatches); }},
    {"persistent_idle_ns",
     [](VyrePipelineConfig &c, uint32_t v) { c.persistent_idle_ns = v + 1; },
     [](const PipelineConfig &c) { return textOf(c.persistentIdleNs); }},
};

VyrePipelineConfig emptyConfig() {
  VyrePipelineConfig config = {};
  config.struct_size = sizeof(config);
  return config;
}

/// A profile of this one field; its name.
std::string profileOf(const Field &field, uint32_t value) {
  static int count = 0;
  std::string name = "field" + std::to_string(count++);
  VyrePipelineConfig config = emptyConfig();
  field.set(config, value);
  EXPECT_OK(runtime::Status(vyreProfileDefine(name.c_str(), &config)));
  return name;
}

std::string expected(const Field &field, uint32_t value) {
  VyrePipelineConfig config = emptyConfig();
  field.set(config, value);
  PipelineConfig read;
  EXPECT_OK(readPipelineConfig(&config, read));
  return field.read(read);
}

/// A field counts where it is set first: in the call, its profile, the
/// pipeline's config, that one's profile. Each of the sixteen combinations, for
/// each field; the others stay as they are.
TEST(PipelineConfigTest, EveryFieldComesFromWhereItIsSetFirst) {
  for (const Field &field : kFields) {
    const std::string callProfile = profileOf(field, 1),
                      pipelineProfile = profileOf(field, 3);
    for (unsigned places = 0; places < 16; ++places) {
      SCOPED_TRACE(std::string(field.name) + ", " + std::to_string(places));
      VyrePipelineConfig call = emptyConfig(), pipeline = emptyConfig();
      if (places & 1)
        field.set(call, 0);
      if (places & 2)
        call.profile = callProfile.c_str();
      if (places & 4)
        field.set(pipeline, 2);
      if (places & 8)
        pipeline.profile = pipelineProfile.c_str();
      PipelineConfig base, effective;
      ASSERT_OK(readPipelineConfig(&pipeline, base));
      ASSERT_OK(readPipelineConfig(&call, effective));
      effective.inherit(base);
      uint32_t first = 0;
      while (first < 4 && !(places >> first & 1))
        ++first;
      EXPECT_EQ(field.read(effective),
                first < 4 ? expected(field, first) : std::string());
      for (const Field &other : kFields)
        if (&other != &field) {
          EXPECT_EQ(other.read(effective), "") << other.name;
        }
    }
  }
}

/// A config that sets nothing, NULL, and one of an older header.
TEST(PipelineConfigTest, WhatIsNotThereIsNotSet) {
  VyrePipelineConfig empty = emptyConfig(), older = emptyConfig();
  older.struct_size = offsetof(VyrePipelineConfig, label);
  older.wait_mode = VYRE_WAIT_SPIN;
  older.label = "behind the end";
  older.profile = "unheard-of";
  for (const VyrePipelineConfig *from :
       {static_cast<const VyrePipelineConfig *>(nullptr),
        static_cast<const VyrePipelineConfig *>(&empty),
        static_cast<const VyrePipelineConfig *>(&older)}) {
    PipelineConfig read;
    ASSERT_OK(readPipelineConfig(from, read));
    for (const Field &field : kFields)
      EXPECT_EQ(field.read(read) != "",
                from == &older && field.name == std::string("wait_mode"))
          << field.name;
  }
}

/// The C++ layer sets what is set there, and nothing else.
TEST(PipelineConfigTest, TheCppLayerHasTheSameFields) {
  runtime::Config config;
  VyrePipelineConfig empty = config.fields();
  VyrePipelineConfig zeros = emptyConfig();
  EXPECT_EQ(std::memcmp(&empty, &zeros, sizeof(zeros)), 0);
  config.label = "a";
  config.maxInFlight = 1;
  config.capture = VYRE_CAPTURE_AUTO;
  config.waitMode = VYRE_WAIT_BLOCK;
  config.ulpBudget = 0;
  config.timeLimit = std::chrono::nanoseconds(1);
  config.resultByteLimit = 0;
  config.graphShapes = 1;
  config.persistent = VYRE_PERSISTENT_OFF;
  config.expectedDispatches = 1;
  config.persistentIdle = std::chrono::nanoseconds(1);
  VyrePipelineConfig fields = config.fields();
  PipelineConfig read;
  ASSERT_OK(readPipelineConfig(&fields, read));
  for (const Field &field : kFields)
    EXPECT_EQ(field.read(read), expected(field, 0)) << field.name;
  // No time is as little as there can be, not no limit.
  config.timeLimit = std::chrono::nanoseconds(0);
  EXPECT_EQ(config.fields().time_limit_ns, 1u);
}

/// What no field can be is refused, and named; profiles are checked when they
/// are defined.
TEST(PipelineConfigTest, RefusesValuesThatThereAreNot) {
  struct Case {
    const char *field;
    std::function<void(VyrePipelineConfig &)> set;
  };
  const Case cases[] = {
      {"max_in_flight is 65", [](auto &c) { c.max_in_flight = 65; }},
      {"graph_shapes is 1025", [](auto &c) { c.graph_shapes = 1025; }},
      {"capture is 4", [](auto &c) { c.capture = 4; }},
      {"wait_mode is 3", [](auto &c) { c.wait_mode = 3; }},
      {"persistent is 4", [](auto &c) { c.persistent = 4; }},
      {"persistent_idle_ns is 10000000001",
       [](auto &c) { c.persistent_idle_ns = 10000000001; }},
      {"reserved", [](auto &c) { c.reserved0 = 1; }},
      {"reserved", [](auto &c) { c.reserved1 = 1; }},
      {"struct_size", [](auto &c) { c.struct_size = 1; }},
  };
  for (const Case &one : cases) {
    VyrePipelineConfig config = emptyConfig();
    one.set(config);
    PipelineConfig read;
    auto status = readPipelineConfig(&config, read);
    EXPECT_EQ(status.code(), VYRE_STATUS_INVALID_ARGUMENT);
    EXPECT_NE(std::string(status.message()).find(one.field), std::string::npos)
        << status.message();
    expectError(runtime::Status(vyreProfileDefine("never there", &config)),
                VYRE_STATUS_INVALID_ARGUMENT, {one.field});
  }
  VyrePipelineConfig chosen = emptyConfig();
  chosen.profile = "never there";
  PipelineConfig read;
  EXPECT_EQ(readPipelineConfig(&chosen, read).code(), VYRE_STATUS_NOT_FOUND);
  // Names are for good; the first definition stays.
  VyrePipelineConfig other = emptyConfig();
  other.wait_mode = VYRE_WAIT_BLOCK;
  expectError(runtime::Status(vyreProfileDefine("latency", &other)),
              VYRE_STATUS_FAILED_PRECONDITION, {"'latency'"});
  chosen.profile = "latency";
  ASSERT_OK(readPipelineConfig(&chosen, read));
  EXPECT_EQ(read.waitMode, VYRE_WAIT_SPIN);
}

} // namespace
} // namespace vyre::testing
