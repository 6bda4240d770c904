//===- DispatchPlan.h - One dispatch, checked and laid out ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From what a caller passes to all numbers that a backend needs: checked
// bindings, sizes of every buffer and launch, the arena, parameter values. A
// plan is made once per set in flight and then refilled; with the extents and
// integer scalars of the dispatch before, only the bindings are looked at, and
// nothing is allocated. Bindings that are the same byte by byte are not even
// looked at: only what they point to that may have changed.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_DISPATCHPLAN_H
#define VYRE_LIB_RUNTIME_DISPATCHPLAN_H

#include "ArenaPacking.h"
#include "Program.h"
#include "ReadbackPlan.h"
#include "SizeExpressions.h"
#include "Status.h"

#include "vyre-c/Runtime.h"

#include <cstdint>
#include <vector>

namespace vyre::runtime::internal {

/// Whether what a dispatch is given is checked. It always is, but in a library
/// of test/Baselines/capture, which is there to measure what the checks take.
#ifdef VYRE_UNCHECKED_DISPATCH
inline constexpr bool kChecksDispatches = false;
#else
inline constexpr bool kChecksDispatches = true;
#endif

/// Memory that the caller bound to an argument.
struct BoundBuffer {
  void *data = nullptr;
  /// What the extents need, not what the caller has.
  uint64_t byteSize = 0;
  uint32_t location = VYRE_MEMORY_HOST;
  /// Of an input: its bytes are those of the dispatch before.
  bool isUnchanged = false;

  bool isOnDevice() const { return location == VYRE_MEMORY_DEVICE; }
  /// Memory that the pipeline provides.
  bool isReadback() const { return location == VYRE_MEMORY_READBACK; }
};

/// The sizes of one launch.
struct LaunchSizes {
  /// Its index space has no point: it is skipped.
  bool isEmpty = false;
  int64_t cpuItems = 0;
  uint32_t grid[3] = {0, 0, 0};
  uint32_t dynamicSharedBytes = 0;
  /// The first of its values in DispatchPlan::parameters.
  size_t firstParameter = 0;
  /// Of a call: the first in DispatchPlan::callExtents and callBytes.
  size_t firstCallExtent = 0, firstCallBuffer = 0;
};

class DispatchPlan {
public:
  /// Which half of each launch is planned; none for a backend that runs
  /// programs in its own way.
  enum class Target { cpu, gpu, none };

  DispatchPlan(const Program &program, Target target);

  /// Checks everything about the bindings and computes what follows from them.
  /// After an error the plan must be prepared again before it is used.
  Status prepare(const VyreBinding *bindings, size_t count);

  /// Only what the extents of the arguments need: see
  /// vyreArtifactInferExtents.
  Status inferExtents(const VyreBinding *bindings, size_t count,
                      uint32_t argument, int64_t *extents);

  /// The extents and sizes of all results: shapeOf() and `buffers`. For a plan
  /// that is used for nothing else.
  Status inferResults(const VyreBinding *bindings, size_t count);

  const Program &getProgram() const { return program; }
  /// The extents of a buffer argument.
  const int64_t *shapeOf(uint32_t argument) const {
    return extents.data() + firstExtent[argument];
  }
  /// What vyrePipelineDispatch reports.
  const VyreDispatchReport &report() const { return sizesReport; }
  /// Counts prepared plans whose sizes differ from the ones before; tells a
  /// backend when to lay out memory again.
  uint64_t sizesVersion() const { return version; }
  /// Counts prepared plans that differ from the ones before in more than the
  /// values of scalars: in sizes, or where buffers are.
  uint64_t bindingsVersion() const { return boundVersion; }

  /// One per argument; empty for scalars, shared and state.
  std::vector<BoundBuffer> buffers;
  /// One per argument: counts the contents that the pipeline's dispatches had
  /// for it, so that a set in flight knows whether it has this one. The
  /// pipeline fills it in where inputs may stay on the device.
  std::vector<uint64_t> contents;
  /// Some input is bound as unchanged.
  bool hasUnchanged = false;
  /// One per argument: a scalar's bits as a kernel parameter.
  std::vector<int64_t> scalars;
  /// One per launch.
  std::vector<LaunchSizes> launches;
  /// The by-value parameters of all launches, one after the other.
  std::vector<int64_t> parameters;
  /// The extents of the buffers that calls are given, one call after the other,
  /// and their bytes.
  std::vector<int64_t> callExtents;
  std::vector<uint64_t> callBytes;
  /// One per intermediate, in bytes.
  std::vector<uint64_t> intermediateSizes;
  /// Where they lie.
  ArenaPacking arena;
  /// Which bytes of the results come back.
  ReadbackPlan readback;

private:
  /// How bindings differ from those of the plan before.
  enum class Change {
    none,
    /// In where memory is.
    moved,
    other,
  };
  Change findChange(const VyreBinding *bindings, size_t count);
  Status prepareMoved(const VyreBinding *bindings, size_t count);
  void rememberBindings(const VyreBinding *bindings, size_t count);
  void fillReport();
  Status prepareChecked(const VyreBinding *bindings, size_t count);
  Status readScalar(uint32_t argument, const VyreBinding &binding);
  Status readExtents(uint32_t argument, const VyreBinding &binding);
  Status readFlags(uint32_t argument, const VyreBinding &binding);
  Status readBindings(const VyreBinding *bindings, size_t count);
  Status computeExtents(uint32_t argument, const VyreBinding &binding);
  Status computeByteSize(uint32_t argument);
  Status checkMemory(uint32_t argument, const VyreBinding &binding);
  bool areDisjoint();
  Status checkOverlap();
  Status checkRequirements() const;
  Status computeArena();
  Status computeLaunch(uint32_t launch);
  Status computeGpuSizes(const Launch &launch, LaunchSizes &sizes);
  Status computeCallSizes(const Launch &launch, const LaunchSizes &sizes);
  uint64_t bytesOf(const MemoryRef &memory) const;
  Status computeParameterExpressions();
  void fillScalarParameters();

  int64_t *extentsOf(uint32_t argument) {
    return extents.data() + firstExtent[argument];
  }
  template <typename... Parts>
  Status wrong(uint32_t argument, const Parts &...parts) const {
    return invalid(describeArgument(program, argument), " ", parts...);
  }

  const Program &program;
  const Target target;
  SizeExpressions expressions;
  /// All extents, argument after argument.
  std::vector<int64_t> extents;
  std::vector<size_t> firstExtent;
  std::vector<const int64_t *> extentPointers;
  /// Bound buffers, as they were ordered last, and before that.
  std::vector<uint32_t> byAddress, byAddressBefore;
  /// Something that sizes depend on differs from the plan before.
  bool sizesChanged = true;
  uint64_t version = 0, boundVersion = 0;
  /// The bindings of the plan before, while it stands, and the arguments that
  /// are scalars or come with extents: what bindings point to may change.
  std::vector<VyreBinding> bound;
  std::vector<uint32_t> scalarArguments, extentArguments;
  VyreDispatchReport sizesReport = {};
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_DISPATCHPLAN_H
