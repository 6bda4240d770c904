//===- RuntimeTest.h - What the runtime's tests share -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_RUNTIME_RUNTIMETEST_H
#define VYRE_TEST_UNIT_RUNTIME_RUNTIMETEST_H

#include "SamplePrograms.h"

#include "vyre/Runtime/Runtime.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace vyre::testing {

/// A test fails with the status's message where it is one.
#define ASSERT_OK(expression)                                                  \
  do {                                                                         \
    auto &&outcome = (expression);                                             \
    ASSERT_FALSE(outcome.failed()) << outcome.message();                       \
  } while (false)

#define EXPECT_OK(expression)                                                  \
  do {                                                                         \
    auto &&outcome = (expression);                                             \
    EXPECT_FALSE(outcome.failed()) << outcome.message();                       \
  } while (false)

/// Expects a status with this code whose message has all of these parts and
/// tells how to mend it.
inline void expectError(const runtime::Status &status, VyreStatusCode code,
                        std::initializer_list<const char *> parts) {
  EXPECT_EQ(status.code(), code) << status.message();
  std::string message = status.message();
  for (const char *part : parts)
    EXPECT_NE(message.find(part), std::string::npos)
        << "no \"" << part << "\" in: " << message;
  EXPECT_NE(message.find("Fix: "), std::string::npos) << message;
}

/// For a dispatch to fill in.
inline VyreDispatchReport emptyReport() {
  VyreDispatchReport report = {};
  report.struct_size = sizeof(report);
  return report;
}

template <typename T> struct ElementTypeOf;
template <> struct ElementTypeOf<float> {
  static constexpr uint32_t value = VYRE_ELEMENT_F32;
};
template <> struct ElementTypeOf<int32_t> {
  static constexpr uint32_t value = VYRE_ELEMENT_I32;
};
template <> struct ElementTypeOf<int64_t> {
  static constexpr uint32_t value = VYRE_ELEMENT_I64;
};

/// Binds a vector; `extents` must outlive the binding.
template <typename T>
VyreBinding bindBuffer(std::vector<T> &data,
                       const std::vector<int64_t> &extents) {
  VyreBinding binding = {};
  binding.data = data.data();
  binding.byte_length = data.size() * sizeof(T);
  binding.extents = extents.data();
  binding.rank = static_cast<uint32_t>(extents.size());
  binding.element_type = ElementTypeOf<T>::value;
  return binding;
}

template <typename T> VyreBinding bindScalar(T &value) {
  VyreBinding binding = {};
  binding.data = &value;
  binding.byte_length = sizeof(T);
  binding.element_type = ElementTypeOf<T>::value;
  return binding;
}

/// Opens a device on which a graph costs nothing and saves a second for each
/// call: it is built behind the second dispatch of its shape.
inline runtime::Expected<runtime::Device>
openWithCheapGraphs(const std::string &id) {
  VyreGraphCosts costs = {};
  costs.struct_size = sizeof(costs);
  costs.plain_call_ns = 1000000000;
  VyreDeviceConfig config = {};
  config.struct_size = sizeof(config);
  config.graph_costs = &costs;
  return runtime::Device::open(id, &config);
}

/// The sample artifact and one of its programs on a device, with cheap graphs.
struct Session {
  explicit Session(const std::string &deviceId, const std::string &program,
                   uint32_t maxInFlight = 1)
      : artifact(*load()), device(*openWithCheapGraphs(deviceId)),
        pipeline(*create(program, maxInFlight)) {}

  static runtime::Expected<runtime::Artifact> load() {
    std::vector<uint8_t> bytes = sampleArtifact();
    return runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  }
  runtime::Expected<runtime::Pipeline> create(const std::string &program,
                                              uint32_t maxInFlight) {
    VyrePipelineConfig config = {};
    config.struct_size = sizeof(config);
    config.max_in_flight = maxInFlight;
    return runtime::Pipeline::create(device, artifact,
                                     *artifact.findProgram(program), &config);
  }

  runtime::Artifact artifact;
  runtime::Device device;
  runtime::Pipeline pipeline;
};

/// Arguments of `scale`, with the expected result.
struct ScaleCall {
  explicit ScaleCall(int64_t n, float factor = 2.5f)
      : extents{n}, x(static_cast<size_t>(n)), y(x.size(), -1.0f), s(factor) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(i) - 3.0f;
  }
  std::vector<VyreBinding> bindings() {
    return {bindBuffer(x, extents), bindScalar(s), bindBuffer(y, extents)};
  }
  void expectResult() const {
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ(y[i], s * x[i]) << "at " << i;
  }
  void expectUntouched() const {
    for (float value : y)
      ASSERT_EQ(value, -1.0f);
  }

  std::vector<int64_t> extents;
  std::vector<float> x, y;
  float s;
};

/// Arguments of `hits`; what is not meaningful stays -1.
struct HitsCall {
  HitsCall(int64_t n, int64_t m) : wanted{n, m} {
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<int32_t>(i * 7 + 1);
  }
  std::vector<VyreBinding> bindings() {
    return {bindBuffer(values, large), bindBuffer(wanted, two),
            bindBuffer(few, small),    bindBuffer(n, one),
            bindBuffer(many, large),   bindBuffer(m, one)};
  }

  std::vector<int64_t> large{2048}, small{16}, two{2}, one{1};
  std::vector<int64_t> wanted, n{-1}, m{-1};
  std::vector<int32_t> values = std::vector<int32_t>(2048);
  std::vector<int32_t> few = std::vector<int32_t>(16, -1);
  std::vector<int32_t> many = std::vector<int32_t>(2048, -1);
};

/// Arguments of `sine`, with the expected result.
struct SineCall {
  explicit SineCall(int64_t n)
      : extents{n}, x(static_cast<size_t>(n)), y(x.size(), -1.0f) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = 0.01f * static_cast<float>(i);
  }
  std::vector<VyreBinding> bindings() {
    return {bindBuffer(x, extents), bindBuffer(y, extents)};
  }
  void expectResult() const {
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ(y[i], std::sin(x[i] + kSineTable[i % kSineTable.size()]))
          << "at " << i;
  }

  std::vector<int64_t> extents;
  std::vector<float> x, y;
};

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_RUNTIME_RUNTIMETEST_H
