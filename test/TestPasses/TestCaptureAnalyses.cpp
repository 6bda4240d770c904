//===- TestCaptureAnalyses.cpp - Print what capture planning rests on -----===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each program: the steps of a dispatch and what they wait for, when the
// intermediates are in use, and what a replay would see.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "mlir/Pass/Pass.h"
#include "vyre/Analysis/IntermediateLiveness.h"
#include "vyre/Analysis/ReplaySafety.h"

using namespace mlir;
using namespace vyre;

namespace {

class TestCaptureAnalyses
    : public PassWrapper<TestCaptureAnalyses, OperationPass<ProgramOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestCaptureAnalyses)

  StringRef getArgument() const override {
    return "test-vyre-capture-analyses";
  }
  StringRef getDescription() const override {
    return "print dependences of launches, liveness and replay safety";
  }

  void runOnOperation() override {
    LaunchDependences dependences(getOperation());
    llvm::raw_ostream &os = llvm::outs();
    os << "program @" << getOperation().getSymName() << "\n";
    dependences.print(os);
    IntermediateLiveness(dependences).print(os);
    ReplaySafetyAnalysis(dependences).print(os);
    os.flush();
  }
};

} // namespace

void vyre::registerTestCaptureAnalyses() {
  PassRegistration<TestCaptureAnalyses>();
}
