//===- FormLaunches.cpp - Give every stage a launch -----------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.stage @a ...      ->      vyre.launch @a { vyre.stage @a ... }
//
// Stages that stand in a launch already stay there.
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#define DEBUG_TYPE "vyre-form-launches"

namespace vyre {
#define GEN_PASS_DEF_FORMLAUNCHES
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

struct FormLaunches : vyre::impl::FormLaunchesBase<FormLaunches> {
  void runOnOperation() override {
    llvm::StringMap<unsigned> taken;
    for (LaunchOp launch : getOperation().getOps<LaunchOp>())
      taken[launch.getLaunchName()] = 1;

    auto stages = llvm::to_vector(
        getOperation().getBody().getOps<StageLikeOpInterface>());
    OpBuilder builder(&getContext());
    for (StageLikeOpInterface stage : stages) {
      builder.setInsertionPoint(stage);
      std::string name = stage.getStageName().str();
      while (unsigned count = taken[name]++)
        name = (stage.getStageName() + "_" + Twine(count)).str();
      auto launch = LaunchOp::create(builder, stage.getLoc(), name,
                                     /*kernel=*/SymbolRefAttr(),
                                     /*cpu_entry=*/SymbolRefAttr());
      Block &body = launch.getBody().emplaceBlock();
      stage->moveBefore(&body, body.end());
    }
  }
};

} // namespace
