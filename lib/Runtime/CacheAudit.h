//===- CacheAudit.h - How compilations fared --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner's accumulator, for all pipelines of the process.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CACHEAUDIT_H
#define VYRE_LIB_RUNTIME_CACHEAUDIT_H

#include "vyre/Planning/PipelineCacheAudit.h"

#include <mutex>
#include <optional>

namespace vyre::runtime::internal {

class CacheAudit {
public:
  static CacheAudit &process() {
    static CacheAudit all;
    return all;
  }

  /// None where the backend does not tell.
  void observe(std::optional<bool> isHit) {
    using Observation = planning::PipelineCacheObservation;
    std::lock_guard<std::mutex> lock(mutex);
    audit.observe(!isHit   ? Observation::Unknown
                  : *isHit ? Observation::Hit
                           : Observation::Miss);
  }
  planning::PipelineCacheAuditReport snapshot(uint32_t alarmThresholdBps) {
    std::lock_guard<std::mutex> lock(mutex);
    return audit.snapshot(alarmThresholdBps);
  }

private:
  std::mutex mutex;
  planning::PipelineCacheAudit audit;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CACHEAUDIT_H
