//===- FormProgram.h - The steps of vyre-form-program --------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FormProgram.cpp moves the body of a function into a vyre.program and then
// takes these steps in turn. In between, the program still holds loops, views
// and allocations at its top level, and `func.return` as its terminator. Each
// step emits a diagnostic where it fails.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_DIALECT_VYRE_TRANSFORMS_FORMPROGRAM_H
#define VYRE_LIB_DIALECT_VYRE_TRANSFORMS_FORMPROGRAM_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

/// The category of the pass's remarks.
inline constexpr llvm::StringLiteral kFormProgramRemarks = "vyre-form-program";

/// Replaces what calls of the host's return by what they were passed for it.
llvm::LogicalResult tieCallResults(ProgramOp program);

/// Removes sequential loops that hold parallel ones: interchanges the two where
/// that is legal, else unrolls into at most `maxUnroll` copies.
llvm::LogicalResult removeSequentialLoops(ProgramOp program, int64_t maxUnroll);

/// Makes loads and stores of vector transfers.
llvm::LogicalResult lowerTransfers(mlir::ModuleOp module);

/// Makes stages of calls of the host's.
llvm::LogicalResult formCalls(ProgramOp program);

/// Makes plain arithmetic of `memref.dim` and affine ops at the top level.
void expandSizes(ProgramOp program);

/// Makes a `vyre.require` of each `cf.assert` on sizes.
llvm::LogicalResult formRequirements(ProgramOp program);

/// Makes each operand of the return an allocation of its own, with a copy or a
/// store for what is none: scalars, views, arguments, constants, repeats.
llvm::LogicalResult isolateResults(ProgramOp program);

/// Erases deallocations, once they are found to be right.
llvm::LogicalResult eraseDeallocations(ProgramOp program);

/// Makes accesses to transposed buffers accesses to the buffers themselves.
llvm::LogicalResult foldTransposes(ProgramOp program);

/// Makes a constant of each load from a global whose elements are all the same.
void foldSplatLoads(ProgramOp program);

/// Forms stages of all loops, copies and accesses at the top level.
llvm::LogicalResult formStages(ProgramOp program);

/// Clones what the bodies need from the top level and what can't stay there
/// into them: views, and scalars read from device memory.
llvm::LogicalResult sinkIntoStages(ProgramOp program);

/// Gives each argument its binding, each result an output, and turns other
/// allocations and globals into intermediates and constants. Ends the program
/// with `vyre.return`.
llvm::LogicalResult bindMemory(ProgramOp program, uint64_t defaultCapacity);

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Whether a function is to be a program: it is public, and does not run
/// programs, which makes it host code.
bool becomesProgram(mlir::func::FuncOp function);

/// Refuses a type that is neither a buffer of stages nor a scalar of programs.
/// `emitError` starts the diagnostic.
llvm::LogicalResult
verifyArgumentType(mlir::Type type,
                   llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// Refuses a function that branches.
llvm::LogicalResult verifyOneBlock(mlir::func::FuncOp function);

//===----------------------------------------------------------------------===//
// Shared by the steps
//===----------------------------------------------------------------------===//

/// The extent of a memref along one of its dimensions, by way of the op that
/// makes it. Null where that op does not say.
mlir::Value buildExtent(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value memref, int64_t dimension);

/// All extents of a memref; failure where one is not known.
llvm::FailureOr<llvm::SmallVector<mlir::Value>>
buildExtents(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value memref);

/// Whether an op is a loop over points that may run in parallel, a stage to be:
/// an scf.parallel without results.
bool isParallelLoop(mlir::Operation *op);

/// The function that an op calls, if that is one of the host's: external, with
/// `vyre.call`.
mlir::func::FuncOp getHostFunction(mlir::Operation *op);

/// The memref that casts to types that say less were made of.
mlir::Value peelCasts(mlir::Value memref);

/// Whether an op holds parallel loops, copies or calls of the host's, which
/// can't be done by one point of a stage.
bool holdsStages(mlir::Operation *op);

/// Emits that `op` can't be part of a program: the reason, and what to do.
/// Without `fix` the op's dialect tells that, and with it the reason where
/// there is a better one.
llvm::LogicalResult refuseOp(mlir::Operation *op, const llvm::Twine &reason,
                             const llvm::Twine &fix);
llvm::LogicalResult refuseOp(mlir::Operation *op, llvm::StringRef reason);

/// Refuses the first op, nested ones included, that no stage may hold.
llvm::LogicalResult verifyNoForeignOps(mlir::Operation *op);

/// Whether an integer is plainly not negative; looks at operands up to a fixed
/// depth, of which `depth` is used up.
bool isNonNegative(mlir::Value value, unsigned depth = 0);

/// Whether the host can compute a scalar before the dispatch.
bool isKnownOnHost(mlir::Value value);

/// Emits a diagnostic at `op` if the host can't compute one of the scalars
/// before the dispatch; `what` says what they are.
llvm::LogicalResult verifyKnownOnHost(mlir::Operation *op,
                                      mlir::ValueRange values,
                                      llvm::StringRef what);

/// The op that makes `memref` from another one, if it is a view.
mlir::Operation *getViewOp(mlir::Value memref);

} // namespace vyre

#endif // VYRE_LIB_DIALECT_VYRE_TRANSFORMS_FORMPROGRAM_H
