//===- TestStreamedBuffers.cpp - Print what may stay on the host ----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each launch: the buffers of which it reads each element a few times at
// most.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "mlir/Pass/Pass.h"
#include "vyre/Analysis/StreamedBuffers.h"
#include "vyre/Analysis/SymbolicValues.h"

using namespace mlir;
using namespace vyre;

namespace {

class TestStreamedBuffers
    : public PassWrapper<TestStreamedBuffers, OperationPass<ProgramOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestStreamedBuffers)

  StringRef getArgument() const override {
    return "test-vyre-streamed-buffers";
  }
  StringRef getDescription() const override {
    return "print which buffers each launch reads a few times an element";
  }

  void runOnOperation() override {
    SymbolicValues symbols(getOperation());
    llvm::raw_ostream &os = llvm::outs();
    for (LaunchOp launch : getOperation().getBody().getOps<LaunchOp>()) {
      os << "launch @" << launch.getLaunchName() << " streams";
      for (Value buffer : findStreamedBuffers(launch, symbols)) {
        if (auto argument = dyn_cast<BlockArgument>(buffer))
          os << " argument " << argument.getArgNumber();
        else
          os << " intermediate";
      }
      os << "\n";
    }
    os.flush();
  }
};

} // namespace

void vyre::registerTestStreamedBuffers() {
  PassRegistration<TestStreamedBuffers>();
}
