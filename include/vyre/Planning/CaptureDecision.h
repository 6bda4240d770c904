//===- CaptureDecision.h - Whether capturing pays ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cost model behind the capture policy "auto": a graph makes each dispatch
// cheaper and has to be built first, so that it pays after some number of
// dispatches, or never. It knows no device: what each step costs there is the
// caller's measurement.
//
// A dispatch is a pipeline of two stages: one prepares calls, at the pace of
// the driver's functions or of the graph's nodes, and the other runs kernels.
// With n calls that take p to prepare and k to run it takes n max(p, k) +
// min(p, k), besides a fixed part. Between kernels of separate calls lies a
// gap, as if they took longer. While the kernels run, the host is free to build
// the graph of the dispatches to come: only what takes longer than that costs.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_CAPTUREDECISION_H
#define VYRE_PLANNING_CAPTUREDECISION_H

#include <cstdint>
#include <optional>

namespace vyre::planning {

/// What the steps of a dispatch cost on one device, in nanoseconds. There is no
/// default: a cost that was not measured would decide silently.
struct CaptureCosts {
  /// A dispatch by separate calls and by replay, besides its calls.
  uint64_t plainDispatch = 0;
  uint64_t replayDispatch = 0;
  /// Each call of the driver that enqueues a kernel, and a node in its place.
  uint64_t plainCall = 0;
  uint64_t node = 0;
  /// Building a graph until it has run once more than replays take, and each of
  /// its nodes.
  uint64_t graphBuild = 0;
  uint64_t nodeBuild = 0;
  /// Between two kernels that calls enqueued, beyond what lies between nodes.
  uint64_t plainGap = 0;
};

/// What is known of the dispatches that may be captured.
struct CaptureCandidate {
  /// Kernels and transfers that one dispatch enqueues.
  uint32_t calls = 0;
  /// How long a dispatch by separate calls takes, in nanoseconds, where one was
  /// measured: kernels take what the calls do not.
  std::optional<uint64_t> plainTime = std::nullopt;
  /// How many are still to come, where somebody knows.
  std::optional<uint64_t> dispatches = std::nullopt;
};

enum class CaptureReason : uint8_t {
  /// The dispatches to come pay for the graph.
  Pays,
  /// A replay saves less than a hundredth of a dispatch, or nothing.
  SavesTooLittle,
  /// A replay is cheaper, but there are too few to pay for the graph.
  TooFewDispatches,
  /// A graph pays after some dispatches, and nobody knows how many come.
  DispatchesUnknown,
  /// It depends on how long the kernels take, which was not measured yet.
  KernelTimeUnknown,
};

struct CaptureDecision {
  CaptureReason reason = CaptureReason::DispatchesUnknown;
  /// The fewest dispatches with which a graph pays, at least 1; none where no
  /// number of them does. With an unknown kernel time that of kernels that take
  /// no time, whose graphs save most.
  std::optional<uint64_t> breakEven;
  /// Building while a dispatch by separate calls runs costs less than replaying
  /// that dispatch too would save.
  bool buildsBehind = false;

  /// Whether to build the graph now.
  bool captures() const { return reason == CaptureReason::Pays; }
};

/// Whether a graph makes all dispatches to come take less time. Where both take
/// the same it does not pay. Nothing overflows, whatever the numbers are.
CaptureDecision decideCapture(const CaptureCandidate &candidate,
                              const CaptureCosts &costs);

/// Why there is no graph, as a phrase, such as "too few dispatches are expected
/// to pay for a graph".
const char *describe(CaptureReason reason);

} // namespace vyre::planning

#endif // VYRE_PLANNING_CAPTUREDECISION_H
