//===- Passes.h - Conversions of the dialect ------------------ -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_CONVERSION_PASSES_H
#define VYRE_CONVERSION_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace vyre {

/// The nested module that convert-vyre-to-cpu fills.
inline constexpr llvm::StringLiteral kCPUModuleName = "vyre_cpu";

/// On a gpu.module: 32 where 32-bit indices are proved to be enough, else 64.
inline constexpr llvm::StringLiteral kIndexBitwidthAttrName =
    "vyre.index_bitwidth";

/// On a gpu.module: the points of the index space that a block of its kernel
/// computes in one turn of its loop; the grid follows from it.
inline constexpr llvm::StringLiteral kPointsPerBlockAttrName =
    "vyre.points_per_block";

/// On a gpu.module whose kernel shares the stores of a point among threads: the
/// number of blocks, instead.
inline constexpr llvm::StringLiteral kBlockCountAttrName = "vyre.block_count";

/// On a gpu.module with a second kernel, for GPUs with clusters: the blocks of
/// a cluster. Both kernels are launched in clusters, where there are any.
inline constexpr llvm::StringLiteral kClusterBlocksAttrName =
    "vyre.cluster_blocks";

/// What follows the kernel's name in that of the second one.
inline constexpr llvm::StringLiteral kClusteredSuffix = "$clustered";

/// On a gpu.module: its kernel is to have an entry that stays on the device.
inline constexpr llvm::StringLiteral kPersistentAttrName = "vyre.persistent";

/// On a gpu.module whose kernel has many buffers: their number. The kernel's
/// first parameter is then the address of their pointers.
inline constexpr llvm::StringLiteral kPointerTableAttrName =
    "vyre.pointer_table";

/// On an scf.parallel in a kernel: the size of the group of threads, 32 or a
/// whole block, that runs the loop together.
inline constexpr llvm::StringLiteral kThreadsAttrName = "vyre.threads";

/// On such a loop, where a block computes several points side by side: their
/// number. Neighbouring threads are then of neighbouring points.
inline constexpr llvm::StringLiteral kColumnsAttrName = "vyre.columns";

/// On an scf.parallel in a kernel: it runs only where its reduction takes one
/// lane.
inline constexpr llvm::StringLiteral kOneLaneAttrName = "vyre.one_lane";

/// Of a sequential loop that a thread runs for several points at once.
inline constexpr llvm::StringLiteral kTileLoopAttrName = "vyre.tile_loop";

#define GEN_PASS_DECL
#include "vyre/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "vyre/Conversion/Passes.h.inc"

} // namespace vyre

#endif // VYRE_CONVERSION_PASSES_H
