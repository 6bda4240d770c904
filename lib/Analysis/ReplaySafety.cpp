//===- ReplaySafety.cpp - What a replay would see of the last one ---------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An output that the first launch to touch it writes as a whole, element by
// element and under no condition, has nothing left of the last replay. The
// proof is over expressions: each index of the buffer is an index of the stage
// or of a loop of its own, which runs over exactly the extent of that
// dimension.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/ReplaySafety.h"

#include "vyre/Analysis/StageAccesses.h"
#include "vyre/Analysis/StageDependences.h"

using namespace mlir;

namespace vyre {

/// Whether an access covers its buffer for all sizes: the index into each
/// dimension takes all its values, whatever the others are.
static bool coversBuffer(const ElementAccess &access, SymbolicValues &symbols) {
  const AccessRelation &relation = access.relation;
  if (!relation.isExact)
    return false;
  MLIRContext *context = symbols.getContext();
  llvm::SmallBitVector isUsed(relation.numDims);
  SmallVector<AffineExpr> expected;
  for (auto [dimension, index] : llvm::enumerate(relation.indices)) {
    AffineExpr extent = symbols.getExtent(access.buffer, dimension);
    auto dim = dyn_cast<AffineDimExpr>(index);
    if (!dim) {
      if (index == getAffineConstantExpr(0, context) &&
          extent == getAffineConstantExpr(1, context))
        continue;
      return false;
    }
    if (isUsed.test(dim.getPosition()))
      return false;
    isUsed.set(dim.getPosition());
    expected.push_back(dim);
    expected.push_back(extent - dim - 1);
  }
  // Any other constraint takes elements away, and any other index may have no
  // value at all.
  return isUsed.all() &&
         llvm::all_of(relation.constraints, [&](AffineExpr constraint) {
           return llvm::is_contained(expected, constraint);
         });
}

/// Whether the first thing that a stage does to a buffer is to write all of it.
static bool writesAllFirst(StageLikeOpInterface stage, Value buffer,
                           ProgramOp program) {
  SymbolicValues symbols(program);
  StageAccesses accesses(stage, symbols);
  if (!accesses.isKnown())
    return false;
  for (const ElementAccess &access : accesses.getAccesses()) {
    if (access.buffer != buffer)
      continue;
    if (access.reads)
      return false;
    if (coversBuffer(access, symbols))
      return true;
  }
  return false;
}

/// How the first launch to touch a buffer leaves it.
static BindingSafety classifyOutput(Value buffer,
                                    const LaunchDependences &dependences) {
  for (LaunchOp launch : dependences.getLaunches())
    for (Operation &op : launch.getBody().front()) {
      auto stage = cast<StageLikeOpInterface>(op);
      bool isRead = llvm::is_contained(stage.getReadBuffers(), buffer);
      bool isTouched = isRead ||
                       llvm::is_contained(stage.getWrittenBuffers(), buffer) ||
                       llvm::is_contained(stage.getUpdatedBuffers(), buffer);
      if (!isTouched)
        continue;
      std::string name = ("stage @" + stage.getStageName()).str();
      if (isRead)
        return {ReplaySafety::EscapingResult,
                name + " reads it before it is written"};
      if (writesAllFirst(stage, buffer, dependences.getProgram()))
        return {ReplaySafety::WhollyWritten, name + " writes all of it first"};
      return {ReplaySafety::EscapingResult,
              name + " is not proved to write all of it first"};
    }
  return {ReplaySafety::EscapingResult, "no launch writes it"};
}

ReplaySafetyAnalysis::ReplaySafetyAnalysis(
    const LaunchDependences &dependences) {
  findBoundary(dependences);
  ProgramOp program = dependences.getProgram();
  for (BlockArgument argument : program.getArguments())
    bindings.push_back(classify(argument, dependences));
}

void ReplaySafetyAnalysis::findBoundary(const LaunchDependences &dependences) {
  llvm::DenseMap<Value, LaunchOp> writers;
  for (LaunchOp launch : dependences.getLaunches()) {
    for (Operation &op : launch.getBody().front()) {
      auto stage = cast<StageLikeOpInterface>(op);
      if (!stage.isHostBoundary())
        continue;
      for (OperandRange range :
           {stage.getReadBuffers(), stage.getUpdatedBuffers()})
        for (Value buffer : range) {
          auto writer = writers.find(buffer);
          if (writer == writers.end())
            continue;
          boundary = stage;
          beforeBoundary = writer->second;
          boundaryBuffer = buffer;
          return;
        }
    }
    for (Operation &op : launch.getBody().front()) {
      auto stage = cast<StageLikeOpInterface>(op);
      for (OperandRange range :
           {stage.getWrittenBuffers(), stage.getUpdatedBuffers()})
        for (Value buffer : range)
          writers[buffer] = launch;
    }
  }
}

BindingSafety
ReplaySafetyAnalysis::classify(BlockArgument argument,
                               const LaunchDependences &dependences) {
  ProgramOp program = dependences.getProgram();
  BindingAttr binding = program.getBinding(argument.getArgNumber());
  if (!binding)
    return {ReplaySafety::Value, "it is passed by value"};
  if (argument == boundaryBuffer)
    return {ReplaySafety::HostBoundary,
            ("the host sees it between launch @" +
             beforeBoundary.getLaunchName() + " and stage @" +
             boundary.getStageName())
                .str()};
  switch (binding.getRole()) {
  case Role::Shared:
    return {ReplaySafety::Workgroup, "it lives as long as a workgroup"};
  case Role::State:
    return {ReplaySafety::State, "it is meant to outlive a dispatch"};
  case Role::Input:
    return {ReplaySafety::ReadOnly, "no launch writes it"};
  case Role::InputOutput:
    return {ReplaySafety::ReadModifyWrite,
            "a launch writes what the caller gave"};
  case Role::Output:
    return classifyOutput(argument, dependences);
  }
  llvm_unreachable("all roles are listed");
}

bool ReplaySafetyAnalysis::isResidentReplaySafe() const {
  return llvm::none_of(bindings, [](const BindingSafety &binding) {
    return binding.safety == ReplaySafety::ReadModifyWrite ||
           binding.safety == ReplaySafety::State ||
           binding.safety == ReplaySafety::HostBoundary;
  });
}

void ReplaySafetyAnalysis::print(raw_ostream &os) const {
  for (auto [position, binding] : llvm::enumerate(bindings))
    os << "argument " << position << ": "
       << stringifyReplaySafety(binding.safety) << ", " << binding.reason
       << "\n";
}

} // namespace vyre
