//===- Config.h - How programs are run --------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The choices of vyre-c/Config.h, each set or not set.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_CONFIG_H
#define VYRE_RUNTIME_CONFIG_H

#include "vyre-c/Config.h"
#include "vyre/Runtime/Status.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace vyre::runtime {

/// See VyrePipelineConfig, which has the same fields.
struct Config {
  std::optional<std::string> label;
  std::optional<std::string> profile;
  std::optional<std::chrono::nanoseconds> timeLimit;
  std::optional<uint64_t> resultByteLimit;
  std::optional<uint32_t> maxInFlight;
  std::optional<uint32_t> ulpBudget;
  std::optional<uint32_t> graphShapes;
  std::optional<uint64_t> expectedDispatches;
  std::optional<VyreWaitMode> waitMode;
  std::optional<VyreCapturePolicy> capture;
  std::optional<VyrePersistentMode> persistent;
  std::optional<std::chrono::nanoseconds> persistentIdle;

  /// The same for the C API; refers to the strings here.
  VyrePipelineConfig fields() const {
    VyrePipelineConfig config = {};
    config.struct_size = sizeof(config);
    config.label = label ? label->c_str() : nullptr;
    config.profile = profile ? profile->c_str() : nullptr;
    // There, 0 is not set: no time at all is as little as can be said.
    if (timeLimit)
      config.time_limit_ns = timeLimit->count() > 0
                                 ? static_cast<uint64_t>(timeLimit->count())
                                 : 1;
    config.has_result_byte_limit = resultByteLimit.has_value();
    config.result_byte_limit = resultByteLimit.value_or(0);
    config.max_in_flight = maxInFlight.value_or(0);
    config.graph_shapes = graphShapes.value_or(0);
    config.expected_dispatches = expectedDispatches.value_or(0);
    config.has_ulp_budget = ulpBudget.has_value();
    config.ulp_budget = ulpBudget.value_or(0);
    config.wait_mode = waitMode.value_or(VYRE_WAIT_DEFAULT);
    config.capture = capture.value_or(VYRE_CAPTURE_DEFAULT);
    config.persistent = persistent.value_or(VYRE_PERSISTENT_DEFAULT);
    if (persistentIdle)
      config.persistent_idle_ns =
          persistentIdle->count() > 0
              ? static_cast<uint64_t>(persistentIdle->count())
              : 1;
    return config;
  }
};

/// Gives a set of fields a name; see vyreProfileDefine.
inline Status defineProfile(const std::string &name, const Config &config) {
  VyrePipelineConfig fields = config.fields();
  return Status(vyreProfileDefine(name.c_str(), &fields));
}

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_CONFIG_H
