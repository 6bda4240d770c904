//===- ThreadMapping.h - Points and threads ------------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which threads of a GPU compute which points of a stage. A stage is mapped in
// one of five ways:
//
//   - A thread computes one point.
//   - A thread computes a tile of points, some rows of some neighbours, whose
//     sequential loops become one that carries the values of all of them: each
//     element that is loaded there serves a row or a column of the tile. The
//     threads of a block are a tile of such tiles, and may load what they need
//     together. Contractions.
//   - A thread computes a few neighbouring points, or several runs of them,
//     whose elements it then loads and stores 16 bytes at a time: elementwise
//     stages.
//   - A group of threads, a warp, a block or a cluster of blocks, computes one
//     point together and shares the parallel loops of its body: reductions of
//     rows, and what was fused to them.
//   - Such groups, but for a few neighbouring points of a block together, whose
//     threads alternate: reductions of columns.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_THREADMAPPING_H
#define VYRE_LIB_CONVERSION_THREADMAPPING_H

#include "vyre/Conversion/LaunchGeometry.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

/// Neighbouring lanes of a reduction, and so neighbouring elements of a row,
/// that one thread of a group takes.
inline constexpr int64_t kLanesPerThread = 4;

/// Threads of a warp.
inline constexpr int64_t kWarp = 32;

/// The most lanes that a warp is given.
inline constexpr int64_t kWarpLanes = kWarp * kLanesPerThread;

struct ThreadMapping {
  /// Threads of the group that computes a point: 1, a warp, a block, or a
  /// cluster.
  int64_t threadsPerPoint = 1;
  /// Blocks that are launched for a point, of which all compute it, as a
  /// cluster, or the first one alone; 1 where a block has a point or more.
  int64_t blocksPerPoint = 1;
  /// Whether each warp of the block has a point of its own instead, where it
  /// turns out that all reductions take no more lanes than a warp has.
  bool mayTakeWarps = false;
  /// Points of a block whose groups alternate, thread by thread: those of a
  /// warp then load neighbours though each goes down a column.
  int64_t pointsSideBySide = 1;
  /// Neighbouring points, along the innermost dimension, of one thread.
  int64_t pointsPerThread = 1;
  /// Runs of these, of a thread without tiles; those of neighbouring threads
  /// are neighbours, so that each access of a warp is to one piece of memory.
  int64_t runsPerThread = 1;
  /// Rows of these, along the dimension before, of a thread that has a tile.
  int64_t rowsPerThread = 1;
  /// Threads side by side in a block of tiles; none where there are no tiles.
  int64_t threadsPerRow = 0;
  /// Whether the block loads for all its tiles (WorkgroupTile.h).
  bool hasSharedOperands = false;
  int64_t threadsPerBlock = kThreadsPerBlock;

  /// Blocks that fit a multiprocessor at least, which limits the registers of a
  /// thread; 0 where one is enough.
  int64_t blocksPerProcessor = 0;

  /// What the grid is for: so many points, or somewhat fewer where blocks at
  /// the edges of the index space have fewer.
  int64_t pointsPerBlock = kThreadsPerBlock;

  bool hasTiles() const { return threadsPerRow != 0; }
  /// Points of a block of tiles along the two innermost dimensions.
  int64_t getBlockRows() const {
    return threadsPerBlock / threadsPerRow * rowsPerThread;
  }
  int64_t getBlockColumns() const { return threadsPerRow * pointsPerThread; }

  bool isClustered() const { return threadsPerPoint > threadsPerBlock; }

  /// The mapping that suits the stage's body and extents.
  static ThreadMapping choose(StageOp stage);
  /// This mapping with a cluster of blocks for each point, where the points are
  /// so few that most of a large GPU would have none.
  std::optional<ThreadMapping> cluster(StageOp stage) const;
  /// That of a GPU without clusters for the same launch: the first block of
  /// each cluster computes the point.
  ThreadMapping withoutCluster() const;
};

/// The number of points of an scf.parallel, if it is known.
std::optional<int64_t> getStaticPointCount(mlir::scf::ParallelOp loop);

/// The number of points of a stage, if it is known.
std::optional<int64_t> getStaticPointCount(StageOp stage);

/// Whether a reduction is known to be of so few points that it takes one lane.
bool hasOneLane(mlir::scf::ParallelOp loop);

/// Whether nothing in `op` has an effect but reading.
bool isReadOnly(mlir::Operation *op);

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_THREADMAPPING_H
