//===- Program.h - A program as the runtime holds it ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decoded and checked form of an artifact's programs. Every index in here
// has been checked against its table (ArtifactReader.cpp), so that the rest of
// the runtime uses them without looking.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_PROGRAM_H
#define VYRE_LIB_RUNTIME_PROGRAM_H

#include "vyre/Planning/LaunchGraph.h"
#include "vyre/Target/Artifact_generated.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vyre::runtime::internal {

using artifact::ArgumentKind;
using artifact::CodeKind;
using artifact::CountKind;
using artifact::ElementType;
using artifact::ExprOp;
using artifact::MemoryKind;
using artifact::ParameterKind;
using artifact::Role;

/// The most that an artifact may ask memory to be aligned to, in bytes.
inline constexpr uint32_t kMaxAlignment = 4096;
/// The most dimensions that a buffer may have.
inline constexpr uint32_t kMaxRank = 32;

/// Bytes of one element in memory.
uint32_t elementSize(ElementType type);
/// "f32" and so on.
const char *elementTypeName(ElementType type);
/// Whether values of the type are integers (i1 and index are).
bool isInteger(ElementType type);

/// A node of a size expression: see Artifact.fbs.
struct SizeExpr {
  int64_t imm;
  int32_t a, b, c;
  ExprOp op;
};

struct Argument {
  std::string name;
  ArgumentKind kind;
  ElementType elementType;
  Role role;
  uint32_t slot;
  std::vector<int64_t> extents;
  /// One node per dimension, or empty where the extents come from the caller.
  std::vector<int32_t> extentExprs;
  uint32_t alignment;
  uint64_t capacityBytes;
  bool capacityIsDefault;
  /// Of state: the constant it starts as, or -1.
  int32_t initial;

  bool isBuffer() const { return kind == ArgumentKind::buffer; }
  /// Passed by the caller, not owned by the pipeline or a workgroup.
  bool isBound() const {
    return !isBuffer() || (role != Role::shared && role != Role::state);
  }
  bool isState() const { return isBuffer() && role == Role::state; }
  /// Its content before the dispatch matters.
  bool isRead() const {
    return isBuffer() && (role == Role::input || role == Role::input_output);
  }
  /// Its content after the dispatch matters.
  bool isWritten() const {
    return isBuffer() && (role == Role::output || role == Role::input_output);
  }
  uint32_t rank() const { return static_cast<uint32_t>(extents.size()); }
};

/// The size of state, whose extents are constants.
uint64_t stateBytes(const Argument &argument);

struct Result {
  uint32_t argument;
  CountKind countKind;
  int32_t count;
};

struct Intermediate {
  std::string name;
  int32_t byteSize;
  uint32_t alignment;
  uint32_t firstUse;
  uint32_t lastUse;
};

struct MemoryRef {
  uint32_t index;
  MemoryKind kind;
};

struct ParameterRef {
  uint32_t index;
  ParameterKind kind;
};

/// A buffer that a function of the host is given.
struct CallBuffer {
  ElementType elementType;
  /// Nodes.
  std::vector<int32_t> extents;
};

/// A function of the host: see Artifact.fbs.
struct Call {
  std::string function;
  /// One per pointer of the launch.
  std::vector<CallBuffer> buffers;
  /// One per parameter.
  std::vector<ElementType> scalars;
  bool hasScratch = false;
  bool isCapturable = true;
};

struct Launch {
  std::string name;
  std::vector<MemoryRef> pointers;
  std::vector<ParameterRef> parameters;
  std::vector<MemoryRef> reads;
  std::vector<MemoryRef> writes;
  /// Of the reads: see Artifact.fbs.
  std::vector<MemoryRef> streams;
  std::vector<uint32_t> dependsOn;
  std::vector<std::string> stages;

  /// Empty where there is no GPU code.
  std::string kernel;
  /// Empty where it has no persistent entry.
  std::string persistentKernel;
  int32_t grid[3] = {-1, -1, -1};
  uint32_t block[3] = {1, 1, 1};
  uint32_t cluster[3] = {0, 0, 0};
  int32_t dynamicSharedBytes = -1;
  /// The kernel takes the address of its pointers.
  bool hasPointerTable = false;
  /// The host has to see what earlier launches wrote of `reads` before this one
  /// starts. Once the program is verified, there is such an earlier launch.
  bool isHostBoundary = false;

  /// Empty where there is no CPU code.
  std::string cpuEntry;
  int32_t cpuItems = -1;
  int64_t cpuGrain = 1;

  /// Instead of a kernel and a CPU entry.
  std::optional<Call> call;

  bool isCall() const { return call.has_value(); }
  bool hasCluster() const { return cluster[0] != 0; }
  /// The kernel's parameters that are addresses, and all of them.
  size_t pointerParameters() const {
    return hasPointerTable ? 1 : pointers.size();
  }
  size_t kernelParameters() const {
    return pointerParameters() + parameters.size();
  }
};

/// What is a record of the slab.
struct Readback {
  uint64_t maxRecordBytes = 0;
  uint64_t recordAlignment = 1;
  /// Not set: no limit.
  std::optional<uint64_t> maxSlabBytes;
};

/// What has to hold of two nodes: found >= least.
struct Requirement {
  std::string subject;
  int32_t found;
  int32_t least;
};

/// How the program is captured: see Artifact.fbs.
struct CapturePlan {
  artifact::CapturePolicy policy = artifact::CapturePolicy::auto_;
  std::vector<artifact::ReplaySafety> replay;
  bool isResidentReplaySafe = false;
  /// One per intermediate; empty where the runtime places them.
  std::vector<uint64_t> arenaOffsets;
  uint64_t arenaBytes = 0;
  std::vector<planning::LaunchEdge> memoryEdges;
  /// Not set: no limit.
  std::optional<uint64_t> maxArenaBytes;
};

/// A function that is not correctly rounded everywhere.
struct MathFunction {
  static constexpr uint32_t kUnknown = UINT32_MAX;
  std::string name;
  uint32_t cpuUlp;
  uint32_t gpuUlp;
};

struct Program {
  std::string name;
  std::string digest;
  std::vector<SizeExpr> exprs;
  std::vector<Argument> arguments;
  std::vector<Result> results;
  std::vector<Intermediate> intermediates;
  std::vector<Launch> launches;
  std::vector<artifact::NoOverlap> noOverlap;
  Readback readback;
  std::vector<Requirement> requirements;
  CapturePlan capture;
  /// Not set: what the program calls is not known.
  std::optional<std::vector<MathFunction>> math;
  /// Positions of the state arguments.
  std::vector<uint32_t> states;
  /// The functions of the host that are called, each once.
  struct CalledFunction {
    std::string name;
    bool isCapturable;
  };
  std::vector<CalledFunction> functions;

  bool hasState() const { return !states.empty(); }
  /// The first launch that waits for the host, or null.
  const Launch *hostBoundary() const {
    for (const Launch &launch : launches)
      if (launch.isHostBoundary)
        return &launch;
    return nullptr;
  }
};

/// "argument 2 'x' of program 'f'", for messages.
std::string describeArgument(const Program &program, uint32_t argument);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_PROGRAM_H
