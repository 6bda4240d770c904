//===- PipelineConfig.cpp - How programs are run ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PipelineConfig.h"

#include "CAPI/Common.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace vyre::runtime::internal {
namespace {

/// A profile is there for good, so that what it holds can be referred to.
struct Profile {
  PipelineConfig config;
  std::string label;
};

class Profiles {
public:
  Profiles() {
    profiles["latency"].config.waitMode = VYRE_WAIT_SPIN;
    Profile &throughput = profiles["throughput"];
    throughput.config.waitMode = VYRE_WAIT_BLOCK;
    throughput.config.maxInFlight = 4;
    profiles["exact"].config.ulpBudget = 0;
  }

  const PipelineConfig *find(std::string_view name) {
    std::shared_lock<std::shared_mutex> lock(mutex);
    auto found = profiles.find(name);
    return found == profiles.end() ? nullptr : &found->second.config;
  }

  Status define(const char *name, const PipelineConfig &config) {
    std::unique_lock<std::shared_mutex> lock(mutex);
    auto [place, isNew] = profiles.try_emplace(name);
    if (!isNew)
      return failure(VYRE_STATUS_FAILED_PRECONDITION, "there is a profile '",
                     name, "' already. Fix: take another name.");
    Profile &profile = place->second;
    profile.config = config;
    if (config.label) {
      profile.label = config.label;
      profile.config.label = profile.label.c_str();
    }
    return Status();
  }

  std::string names() {
    std::shared_lock<std::shared_mutex> lock(mutex);
    std::string list;
    for (const auto &entry : profiles)
      list += concat(list.empty() ? "'" : ", '", entry.first, "'");
    return list;
  }

private:
  std::shared_mutex mutex;
  std::map<std::string, Profile, std::less<>> profiles;
};

Profiles &profiles() {
  // Not destroyed: threads may still dispatch while the process ends.
  static Profiles *all = new Profiles;
  return *all;
}

template <typename Choice>
Status readChoice(uint32_t from, Choice last, std::string_view field,
                  std::string_view type, Choice &choice) {
  if (from > static_cast<uint32_t>(last))
    return invalid("VyrePipelineConfig::", field, " is ", from,
                   ", expected at most ", static_cast<uint32_t>(last),
                   ". Fix: pass a ", type, ".");
  choice = static_cast<Choice>(from);
  return Status();
}

Status readFields(const VyrePipelineConfig &from, PipelineConfig &config) {
  if (from.max_in_flight > kMaxInFlight)
    return invalid("VyrePipelineConfig::max_in_flight is ", from.max_in_flight,
                   ", expected at most ", kMaxInFlight,
                   ". Fix: pass a smaller one, or 0 for the default.");
  if (from.graph_shapes > kMaxGraphShapes)
    return invalid("VyrePipelineConfig::graph_shapes is ", from.graph_shapes,
                   ", expected at most ", kMaxGraphShapes,
                   ". Fix: pass a smaller one, or 0 for the default.");
  if (from.persistent_idle_ns > kMaxPersistentIdleNs)
    return invalid("VyrePipelineConfig::persistent_idle_ns is ",
                   from.persistent_idle_ns, ", expected at most ",
                   kMaxPersistentIdleNs,
                   ". Fix: pass a smaller one, or 0 for the default.");
  if (from.reserved0 || from.reserved1)
    return invalid("VyrePipelineConfig has a reserved field that is not zero. "
                   "Fix: clear the struct before setting fields.");
  if (Status status = readChoice(from.capture, VYRE_CAPTURE_REQUIRE, "capture",
                                 "VyreCapturePolicy", config.capture);
      status.failed())
    return status;
  if (Status status = readChoice(from.wait_mode, VYRE_WAIT_SPIN, "wait_mode",
                                 "VyreWaitMode", config.waitMode);
      status.failed())
    return status;
  if (Status status =
          readChoice(from.persistent, VYRE_PERSISTENT_REQUIRE, "persistent",
                     "VyrePersistentMode", config.persistent);
      status.failed())
    return status;
  if (from.persistent_idle_ns)
    config.persistentIdleNs = from.persistent_idle_ns;
  if (from.max_in_flight)
    config.maxInFlight = from.max_in_flight;
  if (from.graph_shapes)
    config.graphShapes = from.graph_shapes;
  if (from.has_ulp_budget)
    config.ulpBudget = from.ulp_budget;
  if (from.has_result_byte_limit)
    config.resultByteLimit = from.result_byte_limit;
  if (from.time_limit_ns)
    config.timeLimitNs = from.time_limit_ns;
  if (from.expected_dispatches)
    config.expectedDispatches = from.expected_dispatches;
  config.label = from.label;
  return Status();
}

} // namespace

void PipelineConfig::inherit(const PipelineConfig &base) {
  if (!maxInFlight)
    maxInFlight = base.maxInFlight;
  if (!graphShapes)
    graphShapes = base.graphShapes;
  if (!ulpBudget)
    ulpBudget = base.ulpBudget;
  if (!timeLimitNs)
    timeLimitNs = base.timeLimitNs;
  if (!resultByteLimit)
    resultByteLimit = base.resultByteLimit;
  if (!expectedDispatches)
    expectedDispatches = base.expectedDispatches;
  if (capture == VYRE_CAPTURE_DEFAULT)
    capture = base.capture;
  if (waitMode == VYRE_WAIT_DEFAULT)
    waitMode = base.waitMode;
  if (!persistentIdleNs)
    persistentIdleNs = base.persistentIdleNs;
  if (persistent == VYRE_PERSISTENT_DEFAULT)
    persistent = base.persistent;
  if (!label)
    label = base.label;
}

Status readPipelineConfig(const VyrePipelineConfig *from,
                          PipelineConfig &config) {
  if (!from)
    return Status();
  VyrePipelineConfig known;
  if (Status status = readConfig(from, "VyrePipelineConfig", known);
      status.failed())
    return status;
  if (Status status = readFields(known, config); status.failed())
    return status;
  if (!known.profile)
    return Status();
  const PipelineConfig *profile = profiles().find(known.profile);
  if (!profile)
    return failure(VYRE_STATUS_NOT_FOUND, "there is no profile '",
                   known.profile, "', there are ", profiles().names(),
                   ". Fix: define it with vyreProfileDefine.");
  config.inherit(*profile);
  return Status();
}

Status defineProfile(const char *name, const VyrePipelineConfig *from) {
  if (!name || !from)
    return nullArgument(name ? "config" : "name");
  if (!*name)
    return invalid("the name of a profile is empty. Fix: give it one.");
  VyrePipelineConfig known;
  if (Status status = readConfig(from, "VyrePipelineConfig", known);
      status.failed())
    return status;
  if (known.profile)
    return invalid("profile '", name, "' names profile '", known.profile,
                   "'. Fix: set its fields themselves.");
  PipelineConfig config;
  if (Status status = readFields(known, config); status.failed())
    return status;
  return profiles().define(name, config);
}

} // namespace vyre::runtime::internal
