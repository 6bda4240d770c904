//===- GraphCapture.h - The tables that a captured program needs *- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner of graph-capture bindings: from a program's bindings, how many
// entries the tables of a captured graph need, so that all are allocated before
// capture starts, and whether the graph may be replayed without a new upload.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_GRAPHCAPTURE_H
#define VYRE_PLANNING_GRAPHCAPTURE_H

#include "vyre/Planning/PlanResult.h"
#include "vyre/Planning/Storage.h"

#include <optional>
#include <string_view>

namespace vyre::planning {

enum class BindingRole : uint8_t {
  Input,
  Output,
  InputOutput,
  /// Workgroup memory, which has no pointer.
  Shared,
  /// Device memory that outlives a dispatch.
  State,
};

/// A binding of a program. The planner reads the role and whether there are
/// indices; the rest describes the binding to others.
struct Binding {
  std::string_view name;
  /// The slot.
  uint32_t binding = 0;
  BindingRole role = BindingRole::Input;
  uint64_t bufferIndex = 0;
  /// Position among the arrays that are uploaded, or read back.
  std::optional<uint64_t> inputIndex = std::nullopt;
  std::optional<uint64_t> outputIndex = std::nullopt;
  /// Bytes of an element, elements, and the alignment of the first, in bytes.
  uint64_t elementSize = 0;
  uint64_t elementCount = 0;
  uint64_t preferredAlignment = 0;
  /// Bytes, where they are known before the dispatch.
  std::optional<uint64_t> staticByteLength = std::nullopt;
};

struct GraphCaptureBindingPlan {
  /// Device buffers that are uploaded to, and others.
  size_t inputDeviceCapacity = 0;
  size_t outputDeviceCapacity = 0;
  /// Buffers that are read back.
  size_t outputReadbackCapacity = 0;
  /// Pointers that a kernel takes, and these with the launch parameters.
  size_t kernelPointerCapacity = 0;
  size_t kernelArgumentCapacity = 1;
  /// Replaying with the inputs that are on the device, without an upload, reads
  /// the values that the caller gave. Not so where a binding is both uploaded
  /// and read back, since then the last replay wrote to it, nor where there is
  /// state.
  bool residentInputReplaySafe = true;
};

/// Its tables: "kernel pointer table", "input device table", "output device
/// table", "output readback table", "kernel argument table".
using GraphCaptureError = std::variant<CapacityOverflow>;

/// The plan of a graph with these bindings; their order does not matter.
PlanResult<GraphCaptureBindingPlan, GraphCaptureError>
planGraphCaptureBindings(Span<const Binding> bindings);

/// The plan of a graph that, besides what `recorded` was made for, has these
/// bindings: a graph that holds several programs.
PlanResult<GraphCaptureBindingPlan, GraphCaptureError>
extendGraphCaptureBindings(const GraphCaptureBindingPlan &recorded,
                           Span<const Binding> bindings);

} // namespace vyre::planning

#endif // VYRE_PLANNING_GRAPHCAPTURE_H
