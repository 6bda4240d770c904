//===- ArtifactWriter.h - Programs as data ----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes what the runtime has to know of a program. Each part of it has a file:
//
//   ArtifactWriter.cpp     the container, the programs
//   ArtifactBindings.cpp   arguments, results, constants
//   ArtifactLaunches.cpp   launches: kernels, their operands and grids
//   ArtifactCapture.cpp    the capture plan
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_TARGET_ARTIFACTWRITER_H
#define VYRE_LIB_TARGET_ARTIFACTWRITER_H

#include "mlir/IR/BuiltinOps.h"
#include "vyre/Analysis/IntermediateLiveness.h"
#include "vyre/Conversion/SizeExpressions.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "vyre/Target/Artifact_generated.h"
#include "vyre/Target/Compile.h"

namespace vyre {

/// What the runtime gives memory of its own.
inline constexpr uint32_t kOwnAlignment = 256;

/// The artifact's name of an element type of device memory.
artifact::ElementType getElementType(mlir::Type type);

/// Writes all programs of a module.
class ArtifactWriter {
public:
  explicit ArtifactWriter(MathMode math) : math(math) {}
  llvm::FailureOr<std::string> write(mlir::ModuleOp module,
                                     llvm::ArrayRef<GeneratedCode> codes);

private:
  llvm::FailureOr<flatbuffers::Offset<artifact::Program>>
  writeProgram(ProgramOp program, llvm::StringRef digest);
  llvm::FailureOr<flatbuffers::Offset<artifact::Argument>>
  writeArgument(ProgramOp program, unsigned index, llvm::StringRef name);
  llvm::FailureOr<flatbuffers::Offset<artifact::Result>>
  writeResult(ReturnOp op, unsigned index);
  llvm::FailureOr<flatbuffers::Offset<artifact::CapturePlan>>
  writeCapturePlan(ProgramOp program, const LaunchDependences &dependences);
  llvm::FailureOr<flatbuffers::Offset<artifact::Launch>>
  writeLaunch(LaunchOp launch, const std::vector<uint32_t> &dependences);
  llvm::LogicalResult addConstant(mlir::Value key, mlir::ElementsAttr value,
                                  mlir::Location loc);

  MathMode math;

  artifact::Memory getMemory(mlir::Value buffer) const;
  std::vector<artifact::Memory> getMemories(mlir::OperandRange range) const;
  llvm::LogicalResult
  fillOpaque(OpaqueStageOp stage, std::vector<artifact::Memory> &pointers,
             std::vector<artifact::Parameter> &parameters,
             std::vector<int32_t> &grid, std::vector<uint32_t> &block,
             std::vector<uint32_t> &cluster, int32_t &dynamicShared);
  llvm::FailureOr<flatbuffers::Offset<artifact::Call>>
  fillCall(CallStageOp stage, std::vector<artifact::Memory> &pointers,
           std::vector<artifact::Parameter> &parameters);
  llvm::LogicalResult
  fillGenerated(LaunchOp launch, std::vector<artifact::Memory> &pointers,
                std::vector<artifact::Parameter> &parameters,
                std::vector<int32_t> &grid, std::vector<uint32_t> &block,
                std::vector<uint32_t> &cluster, int32_t &items);
  llvm::LogicalResult fillGeometry(LaunchOp launch, int32_t items,
                                   std::vector<int32_t> &grid,
                                   std::vector<uint32_t> &block,
                                   std::vector<uint32_t> &cluster);
  llvm::FailureOr<artifact::Parameter> getParameter(ProgramScalar scalar,
                                                    mlir::Location loc);
  llvm::FailureOr<artifact::Parameter> getCallParameter(CallStageOp stage,
                                                        mlir::Value value);

  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<artifact::Constant>> constants;
  // Of the program being written.
  SizeExpressions sizes;
  llvm::DenseMap<mlir::Value, uint32_t> intermediateIndex;
  llvm::DenseMap<mlir::Value, uint32_t> constantIndex;
};

} // namespace vyre

#endif // VYRE_LIB_TARGET_ARTIFACTWRITER_H
