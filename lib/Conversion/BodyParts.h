//===- BodyParts.h - A body's stores, shared among threads ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusing stages that are independent of each other, over a small space, gives a
// body with many stores and few threads that each make all of them, one after
// the other:
//
//   a[i] = x[i] + 1; b[i] = x[i] + 2; c[i] = x[i] + 3; ...
//
// Most of a GPU has nothing to do meanwhile. Such a body is cut into parts:
// each stores to some of the buffers and computes what it needs for that, so
// that different threads make different stores of one point.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_CONVERSION_BODYPARTS_H
#define VYRE_LIB_CONVERSION_BODYPARTS_H

#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

class BodyParts {
public:
  /// The parts that suit the stage's body and extents; none where one thread
  /// computes all of a point. A point must take one thread.
  static std::optional<BodyParts> choose(StageOp stage);

  /// The operations of each part, in order. Of what several parts need, each
  /// has its own.
  llvm::ArrayRef<llvm::SmallVector<mlir::Operation *, 0>> get() const {
    return parts;
  }
  /// Threads for each part: the points, in whole warps, so that the threads of
  /// a warp are in one part.
  int64_t getThreadsPerPart() const { return threadsPerPart; }

private:
  llvm::SmallVector<llvm::SmallVector<mlir::Operation *, 0>, 0> parts;
  int64_t threadsPerPart = 0;
};

} // namespace vyre

#endif // VYRE_LIB_CONVERSION_BODYPARTS_H
