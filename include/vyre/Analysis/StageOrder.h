//===- StageOrder.h - An order in which stages fuse best ------ -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two chains of stages that do not touch each other's buffers may stand
// interleaved in a program. Put one behind the other, each is one launch.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_STAGEORDER_H
#define VYRE_ANALYSIS_STAGEORDER_H

#include "vyre/Analysis/LaunchWindow.h"

namespace vyre {

/// Orders stages so that those that may share a launch stand next to each
/// other. Every two stages that touch a common buffer, one of them writing it,
/// keep their order; so do all others where nothing is gained. Takes time in
/// proportion to the stages and their buffers.
///
/// `window` is restarted; what it knows of the stages is kept.
llvm::SmallVector<StageLikeOpInterface>
orderForFusion(llvm::ArrayRef<StageLikeOpInterface> stages,
               LaunchWindow &window);

} // namespace vyre

#endif // VYRE_ANALYSIS_STAGEORDER_H
