//===- PipelineConfig.h - How programs are run ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A VyrePipelineConfig that was checked, with every field set or not set, and
// the named profiles.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_PIPELINECONFIG_H
#define VYRE_LIB_RUNTIME_PIPELINECONFIG_H

#include "Status.h"

#include "vyre-c/Config.h"

#include <cstdint>
#include <optional>

namespace vyre::runtime::internal {

/// The most sets that a pipeline may have in flight.
inline constexpr uint32_t kMaxInFlight = 64;

/// Shapes whose graphs a set keeps, and the most that it may.
inline constexpr uint32_t kDefaultGraphShapes = 8;
inline constexpr uint32_t kMaxGraphShapes = 1024;

/// How long persistent kernels wait, in nanoseconds, and the most that they
/// may: as long as a host that died may leave one behind.
inline constexpr uint64_t kDefaultPersistentIdleNs = 1000000;
inline constexpr uint64_t kMaxPersistentIdleNs = 10000000000;

struct PipelineConfig {
  std::optional<uint32_t> maxInFlight;
  std::optional<uint32_t> ulpBudget;
  std::optional<uint32_t> graphShapes;
  std::optional<uint64_t> timeLimitNs;
  std::optional<uint64_t> resultByteLimit;
  std::optional<uint64_t> expectedDispatches;
  std::optional<uint64_t> persistentIdleNs;
  /// `default` where they are not set.
  VyreCapturePolicy capture = VYRE_CAPTURE_DEFAULT;
  VyreWaitMode waitMode = VYRE_WAIT_DEFAULT;
  VyrePersistentMode persistent = VYRE_PERSISTENT_DEFAULT;
  /// NULL where it is not set; else the caller's or a profile's memory.
  const char *label = nullptr;

  /// Takes over from `base` what is not set here.
  void inherit(const PipelineConfig &base);
};

/// Checks what a caller passes, and takes what its profile sets. NULL sets
/// nothing. Allocates nothing unless it fails.
Status readPipelineConfig(const VyrePipelineConfig *from,
                          PipelineConfig &config);

/// See vyreProfileDefine.
Status defineProfile(const char *name, const VyrePipelineConfig *config);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_PIPELINECONFIG_H
