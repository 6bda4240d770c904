//===- StreamedBuffers.h - What a launch reads only a few times -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A buffer of which every element is read a few times at most may be as far
// away as the host's memory: for a small one that takes less time than a copy.
// This says what is cheap, and nothing is wrong if it is missed.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_STREAMEDBUFFERS_H
#define VYRE_ANALYSIS_STREAMEDBUFFERS_H

#include "vyre/Analysis/SymbolicValues.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

/// The buffers that a launch reads and of which no element is read more than
/// four times: so many accesses at most, each of which is to another element at
/// every point and in every iteration of the loops around it.
llvm::SmallVector<mlir::Value> findStreamedBuffers(LaunchOp launch,
                                                   SymbolicValues &symbols);

} // namespace vyre

#endif // VYRE_ANALYSIS_STREAMEDBUFFERS_H
