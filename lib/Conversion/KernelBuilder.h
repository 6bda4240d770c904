//===- KernelBuilder.h - Stage bodies as code ----------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the GPU and the CPU conversion share: turning the arguments of a kernel
// back into the program's values, and cloning a stage's body for one point.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_KERNELBUILDER_H
#define VYRE_LIB_CONVERSION_KERNELBUILDER_H

#include "mlir/IR/IRMapping.h"
#include "vyre/Conversion/KernelSignature.h"
#include "llvm/ADT/StringSet.h"

namespace vyre {

struct TilePosition;
class VectorPoints;
class WorkgroupTile;

class KernelBuilder {
public:
  KernelBuilder(StageOp stage, const KernelSignature &signature)
      : stage(stage), signature(signature) {}

  /// The types of the kernel's arguments: rank-0 memrefs, then i64.
  llvm::SmallVector<mlir::Type> getArgumentTypes();

  /// The attributes of these arguments: alignment, no aliasing, read only.
  llvm::SmallVector<mlir::DictionaryAttr> getArgumentAttrs();

  /// Rebuilds scalars and buffers from the kernel's arguments.
  void buildPrologue(mlir::OpBuilder &builder, mlir::ValueRange arguments);

  /// The extents of the index space; after the prologue.
  llvm::SmallVector<mlir::Value> getExtents(mlir::OpBuilder &builder);

  /// Whether each reduction of the body takes at most so many lanes, for a body
  /// whose loops have the bounds of all points.
  mlir::Value buildHasLanes(mlir::OpBuilder &builder, int64_t most);

  /// The stage's body for the point at `indices`.
  void buildPoint(mlir::OpBuilder &builder, mlir::ValueRange indices);

  /// The stage's body for runs of `count` neighbouring points along the
  /// innermost dimension, of which the first is a multiple of `count` there.
  void buildRuns(mlir::OpBuilder &builder,
                 llvm::ArrayRef<llvm::SmallVector<mlir::Value>> firsts,
                 int64_t count);

  /// The stage's body for several points of one thread, of which each run of
  /// `neighbours` are such neighbours. With a `shared` tile, the block loads
  /// for its loop, and the thread is at `position`.
  void buildTile(mlir::OpBuilder &builder,
                 llvm::ArrayRef<llvm::SmallVector<mlir::Value>> tile,
                 int64_t neighbours, WorkgroupTile *shared = nullptr,
                 const TilePosition *position = nullptr);

  /// The stage's body for `lanes` neighbouring points along the innermost
  /// dimension in each of some rows, as vectors, from `firsts` on.
  void buildVectors(mlir::OpBuilder &builder,
                    llvm::ArrayRef<llvm::SmallVector<mlir::Value>> firsts,
                    const VectorPoints &points, int64_t lanes);

  /// Some operations of the stage's body for the point at `indices`, in order;
  /// what they use of the body is among them.
  void buildPart(mlir::OpBuilder &builder, mlir::ValueRange indices,
                 llvm::ArrayRef<mlir::Operation *> operations);

private:
  mlir::Value materialize(mlir::OpBuilder &builder, mlir::Value value);
  mlir::Value materialize(mlir::OpBuilder &builder, ProgramScalar scalar);
  /// Gives what `op` uses from outside of the body its value in the kernel.
  void mapOperands(mlir::OpBuilder &builder, mlir::Operation *op,
                   mlir::IRMapping &values);

  StageOp stage;
  const KernelSignature &signature;
  llvm::SmallVector<mlir::Value> scalars;
  mlir::IRMapping mapping;
};

/// What the runtime guarantees of where a buffer of the stage's program begins.
uint64_t getBufferAlignment(StageOp stage, mlir::Value buffer);

/// `point` = the coordinates of the row-major position `linear` in `extents`.
llvm::SmallVector<mlir::Value> delinearize(mlir::OpBuilder &builder,
                                           mlir::Location loc,
                                           mlir::Value linear,
                                           mlir::ValueRange extents);

/// The product of index values; one for none.
mlir::Value buildProduct(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::ValueRange values);

/// A name for the launch's code that is a valid symbol of PTX and ELF and not
/// in `taken` yet, where it is put.
std::string makeKernelName(ProgramOp program, LaunchOp launch,
                           llvm::StringSet<> &taken);

/// Whether 32-bit signed index arithmetic gives the stage's results for all
/// sizes that a checked dispatch lets through.
bool isIndex32Enough(StageOp stage);

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_KERNELBUILDER_H
