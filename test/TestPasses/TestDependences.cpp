//===- TestDependences.cpp - Print what the analyses find -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each program: the accesses of every stage, the dependences between every
// two stages with equal leading indices matched, and how far back a launch with
// each stage could begin.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "mlir/Pass/Pass.h"
#include "vyre/Analysis/LaunchWindow.h"
#include <deque>

using namespace mlir;
using namespace vyre;

namespace {

class TestDependences
    : public PassWrapper<TestDependences, OperationPass<ProgramOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestDependences)

  StringRef getArgument() const override { return "test-vyre-dependences"; }
  StringRef getDescription() const override {
    return "print the accesses and dependences of stages";
  }

  void runOnOperation() override {
    ProgramOp program = getOperation();
    SymbolicValues symbols(program);
    MeetingSolver solver(symbols);
    std::deque<StageAccesses> stages;
    program.walk([&](StageLikeOpInterface stage) {
      stages.emplace_back(stage, symbols);
    });
    llvm::raw_ostream &os = llvm::outs();
    os << "program @" << program.getSymName() << "\n";
    AsmState state(program);
    for (const StageAccesses &stage : stages)
      stage.print(os, state);
    for (size_t i = 0; i != stages.size(); ++i)
      for (size_t j = i + 1; j != stages.size(); ++j)
        printDependences(stages[i], stages[j], solver, state);
    printWindow(stages, symbols, solver);
    os.flush();
  }

private:
  static std::string getName(const StageAccesses &accesses) {
    StageLikeOpInterface stage = accesses.getStage();
    return ("@" + stage.getStageName()).str();
  }

  static void printPoint(ArrayRef<int64_t> point) {
    llvm::outs() << "(";
    llvm::interleaveComma(point, llvm::outs());
    llvm::outs() << ")";
  }

  static void printDependences(const StageAccesses &source,
                               const StageAccesses &sink, MeetingSolver &solver,
                               AsmState &state) {
    IndexMatch match;
    for (auto [left, right] :
         llvm::zip(source.getExtents(), sink.getExtents())) {
      if (left != right)
        break;
      match.push_back({match.size(), match.size()});
    }
    for (const Dependence &dependence :
         findDependences(source, sink, match, solver)) {
      llvm::raw_ostream &os = llvm::outs();
      os << getName(source) << " -> " << getName(sink) << ": "
         << stringify(dependence.kind) << " of ";
      dependence.buffer.printAsOperand(os, state);
      os << " over " << match.size()
         << " indices: " << stringify(dependence.meeting->distance);
      if (dependence.meeting->distance == DependenceDistance::CrossIndex) {
        os << ", ";
        printPoint(dependence.meeting->sourcePoint);
        os << " meets ";
        printPoint(dependence.meeting->sinkPoint);
      }
      os << "\n";
    }
  }

  static void printWindow(const std::deque<StageAccesses> &stages,
                          SymbolicValues &symbols, MeetingSolver &solver) {
    LaunchWindow window(symbols, solver);
    for (const StageAccesses &stage : stages) {
      Placement placement = window.place(stage.getStage());
      window.append(placement);
      unsigned start = placement.accesses->isKnown()
                           ? window.getStart()
                           : window.getNextPosition() - 1;
      llvm::outs() << getName(stage) << " joins from " << getName(stages[start])
                   << " on, indices [";
      llvm::interleaveComma(placement.tags, llvm::outs());
      llvm::outs() << "]" << (placement.reshape ? " reshaped" : "") << "\n";
    }
  }
};

} // namespace

void vyre::registerTestDependences() { PassRegistration<TestDependences>(); }
