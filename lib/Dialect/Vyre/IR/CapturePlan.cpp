//===- CapturePlan.cpp - The attributes of a capture plan -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a plan has to be in itself. Whether it is that of its program only the
// planner can say.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/BuiltinAttributes.h"
#include "vyre/Dialect/Vyre/IR/Counted.h"
#include "vyre/Dialect/Vyre/IR/VyreAttributes.h"

using namespace mlir;
using namespace vyre;

using EmitError = function_ref<InFlightDiagnostic()>;

LogicalResult CaptureNodeAttr::verify(EmitError emitError, CaptureNodeKind kind,
                                      int32_t argument,
                                      FlatSymbolRefAttr launch,
                                      ArrayRef<uint32_t> after) {
  bool isCopy =
      kind == CaptureNodeKind::Upload || kind == CaptureNodeKind::Download;
  StringRef name = stringifyCaptureNodeKind(kind);
  if (argument < -1 || (argument >= 0) != isCopy)
    return emitError() << "a node of kind " << name
                       << (isCopy ? " without" : " with")
                       << " an argument, expected "
                       << (isCopy ? "the one that is copied" : "none");
  bool isLaunch = kind == CaptureNodeKind::Launch;
  if (bool(launch) != isLaunch)
    return emitError() << "a node of kind " << name
                       << (isLaunch ? " without" : " with")
                       << " a launch, expected "
                       << (isLaunch ? "its name" : "none");
  for (size_t i = 1; i < after.size(); ++i)
    if (after[i - 1] >= after[i])
      return emitError() << "a node after " << after[i - 1] << ", " << after[i]
                         << ", expected ascending positions";
  return success();
}

LogicalResult CaptureTablesAttr::verify(EmitError emitError, uint64_t inputs,
                                        uint64_t outputs, uint64_t readbacks,
                                        uint64_t pointers, uint64_t arguments,
                                        bool residentReplay) {
  constexpr uint64_t kMost = std::numeric_limits<int32_t>::max();
  for (uint64_t count : {inputs, outputs, readbacks, pointers, arguments})
    if (count > kMost)
      return emitError() << "a table of " << count << " entries, expected at "
                         << "most " << kMost;
  if (inputs + outputs != pointers)
    return emitError() << "tables of " << inputs << " inputs, " << outputs
                       << " outputs and " << pointers
                       << " pointers, expected a pointer for each";
  if (arguments != pointers + 1)
    return emitError() << "tables of " << pointers << " pointers and "
                       << arguments << " arguments, expected one more";
  if (readbacks > pointers)
    return emitError() << "tables of " << readbacks << " readbacks and "
                       << pointers << " pointers, expected at most as many";
  return success();
}

LogicalResult ArenaPlanAttr::verify(EmitError emitError, uint64_t bytes,
                                    uint64_t concurrentBytes,
                                    uint64_t inOrderBytes,
                                    DenseI64ArrayAttr offsets,
                                    DenseI32ArrayAttr edges) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  for (uint64_t size : {bytes, concurrentBytes, inOrderBytes})
    if (size > kMost)
      return emitError() << "an arena of " << size
                         << " bytes, expected less than 2^63";
  if (inOrderBytes > concurrentBytes || bytes < inOrderBytes)
    return emitError() << "an arena of " << bytes << " bytes, "
                       << concurrentBytes << " side by side and "
                       << inOrderBytes
                       << " in order, expected the last to be the least";
  for (int64_t offset : offsets.asArrayRef())
    if (offset < 0 || uint64_t(offset) > bytes)
      return emitError() << "an offset of " << offset
                         << ", expected one within the arena's " << bytes
                         << " bytes";
  ArrayRef<int32_t> ends = edges.asArrayRef();
  if (ends.size() % 2 != 0)
    return emitError() << "edges with " << counted(ends.size(), "end")
                       << ", expected pairs of launches";
  for (size_t i = 0; i < ends.size(); i += 2)
    if (ends[i] < 0 || ends[i] >= ends[i + 1])
      return emitError() << "an edge from launch " << ends[i] << " to launch "
                         << ends[i + 1] << ", expected one to a later launch";
  return success();
}

LogicalResult CapturePlanAttr::verify(EmitError emitError, CapturePolicy policy,
                                      int64_t maxArenaBytes,
                                      CaptureTablesAttr tables, ArrayAttr nodes,
                                      ArenaPlanAttr arena,
                                      ArrayRef<ReplaySafety> replay) {
  int32_t launches = 0;
  for (auto [position, attribute] : llvm::enumerate(nodes)) {
    auto node = dyn_cast<CaptureNodeAttr>(attribute);
    if (!node)
      return emitError() << "node " << position << " is " << attribute
                         << ", expected a #vyre.capture_node";
    if (!node.getAfter().empty() && node.getAfter().back() >= position)
      return emitError() << "node " << position << " is after node "
                         << node.getAfter().back()
                         << ", expected nodes before it";
    launches += node.getKind() == CaptureNodeKind::Launch;
    if (node.getArgument() >= int64_t(replay.size()))
      return emitError() << "node " << position << " copies argument "
                         << node.getArgument() << ", there are "
                         << replay.size();
  }
  if (maxArenaBytes < -1)
    return emitError() << "max_arena_bytes is " << maxArenaBytes
                       << ", expected a number of bytes, or -1 for no limit";
  if (!arena)
    return success();
  if (maxArenaBytes >= 0 && arena.getBytes() > uint64_t(maxArenaBytes))
    return emitError() << "an arena of " << arena.getBytes()
                       << " bytes, expected at most " << maxArenaBytes;
  for (int32_t end : arena.getEdges().asArrayRef())
    if (end >= launches)
      return emitError() << "an edge of launch " << end << ", there are "
                         << launches;
  return success();
}
