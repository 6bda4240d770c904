//===- Request.h - A request of vyre-plan -----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYREPLAN_REQUEST_H
#define VYRE_TOOLS_VYREPLAN_REQUEST_H

#include "vyre/Planning/DeviceWorkQueue.h"
#include "vyre/Planning/GraphCapture.h"
#include "vyre/Planning/LaunchFusion.h"
#include "vyre/Planning/PipelineCacheAudit.h"
#include "vyre/Planning/ResultCompaction.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vyre::plan_tool {

/// What a request asks for; the value of its "plan".
enum class PlanKind : uint8_t {
  Fusion,
  Compaction,
  Queue,
  Capture,
  CacheAudit
};

/// A request, read. Only the members of its plan mean anything. Reading another
/// one into it reuses its storage.
struct Request {
  PlanKind plan = PlanKind::Fusion;

  std::vector<planning::LaunchFusionStage> stages;
  planning::LaunchFusionOptions fusion;

  std::vector<planning::ResultSlot> slots;
  planning::ResultCompactionOptions compaction;
  /// The request has one of the options that shape the slab.
  bool shapesSlab = false;

  planning::DeviceWorkQueueProfile queue;
  std::optional<uint64_t> maxItemsPerDrainLaunch;

  /// Counted as they come, so that a long list takes no memory: the binding
  /// that is being read, and the plan of those before it.
  planning::Binding binding;
  planning::PlanResult<planning::GraphCaptureBindingPlan,
                       planning::GraphCaptureError>
      capture = planning::GraphCaptureBindingPlan();

  planning::PipelineCacheAudit audit;
  uint32_t alarmThresholdBps = 0;

  void clear();
};

/// A line that is no request, in words that are valid UTF-8 whatever the line
/// is.
struct InvalidRequest {
  /// Where in the request, such as "stages[3].id"; "request" for all of it.
  std::string field;
  std::string expected;
  std::string found;
  std::string fix;

  static constexpr const char *kind = "InvalidRequest";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("field", std::string_view(field));
    visit("expected", std::string_view(expected));
  }
  std::string message() const;
};

/// Reads a line into the request.
std::optional<InvalidRequest> readRequest(std::string_view line,
                                          Request &request);

} // namespace vyre::plan_tool

#endif // VYRE_TOOLS_VYREPLAN_REQUEST_H
