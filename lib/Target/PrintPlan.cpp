//===- PrintPlan.cpp - A program's plan as text ---------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Target/PrintPlan.h"

#include "ArgumentNames.h"
#include "mlir/IR/Matchers.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

using namespace mlir;
using namespace vyre;

namespace {

/// Names the buffers of one program as the runtime does.
class PlanPrinter {
public:
  explicit PlanPrinter(ProgramOp program, raw_ostream &os)
      : program(program), os(os) {
    unsigned intermediates = 0, constants = 0;
    for (Operation &op : program.getBody().front()) {
      if (isa<IntermediateOp>(op))
        names[op.getResult(0)] =
            "intermediate" + std::to_string(intermediates++);
      else if (isa<vyre::ConstantOp>(op))
        names[op.getResult(0)] = "constant" + std::to_string(constants++);
    }
    for (auto [argument, name] :
         llvm::zip_equal(program.getArguments(), getArgumentNames(program)))
      names[argument] = name;
  }

  void print();

private:
  void printStage(StageLikeOpInterface stage);
  void printBuffers(StringRef verb, OperandRange buffers);
  void printExtent(Value extent);
  void printReadback(ReadbackOp op);
  void printCapture(CapturePlanAttr plan);

  ProgramOp program;
  raw_ostream &os;
  llvm::DenseMap<Value, std::string> names;
};

} // namespace

void PlanPrinter::printBuffers(StringRef verb, OperandRange buffers) {
  if (buffers.empty())
    return;
  os << ", " << verb << " ";
  llvm::interleaveComma(buffers, os,
                        [&](Value buffer) { os << names[buffer]; });
}

void PlanPrinter::printExtent(Value extent) {
  APInt constant;
  auto dim = extent.getDefiningOp<memref::DimOp>();
  if (matchPattern(extent, m_ConstantInt(&constant)))
    os << constant.getSExtValue();
  else if (dim && dim.getConstantIndex() && names.count(dim.getSource()))
    os << names[dim.getSource()] << "." << *dim.getConstantIndex();
  else if (names.count(extent))
    os << names[extent];
  else
    os << "?";
}

void PlanPrinter::printStage(StageLikeOpInterface stage) {
  os << "    stage @" << stage.getStageName();
  if (stage.getStageBody()) {
    os << " over (";
    llvm::interleaveComma(stage.getIndexSpace(), os,
                          [&](Value extent) { printExtent(extent); });
    os << ")";
  } else if (auto call = dyn_cast<CallStageOp>(*stage)) {
    os << " (call of " << call.getCallee()
       << (call.isCapturable() ? ")" : ", not captured)");
  } else {
    os << " (opaque kernel)";
  }
  printBuffers("reads", stage.getReadBuffers());
  printBuffers("writes", stage.getWrittenBuffers());
  printBuffers("updates", stage.getUpdatedBuffers());
  if (stage.isHostBoundary())
    os << ", host boundary";
  os << "\n";
}

void PlanPrinter::printReadback(ReadbackOp op) {
  os << "  readback of at most " << op.getFullBytes() << " bytes";
  if (!op.getSlab().empty())
    os << ", slab of " << op.getSlabBytes() << " bytes: ";
  llvm::interleaveComma(llvm::zip_equal(op.getSlab(), op.getOffsets()), os,
                        [&](auto record) {
                          auto [buffer, offset] = record;
                          os << names[buffer] << " at " << offset;
                        });
  printBuffers("direct", op.getDirect());
  printBuffers("decided late", op.getLate());
  os << "\n";
}

void PlanPrinter::printCapture(CapturePlanAttr plan) {
  os << "  capture " << stringifyCapturePolicy(plan.getPolicy());
  if (plan.getTables().getResidentReplay())
    os << ", may be replayed without uploads";
  os << "\n";
  auto nodes = llvm::to_vector(plan.getNodeRange());
  auto printNode = [&](CaptureNodeAttr node) {
    os << stringifyCaptureNodeKind(node.getKind());
    if (node.getLaunch())
      os << " " << node.getLaunch();
    // A plan that a source brings need not be one of this program.
    if (int64_t argument = node.getArgument();
        argument >= 0 && argument < program.getNumArguments())
      os << " " << names[program.getArgument(argument)];
  };
  for (CaptureNodeAttr node : nodes) {
    os << "    ";
    printNode(node);
    StringRef separator = " after ";
    for (uint32_t earlier : node.getAfter()) {
      os << separator;
      printNode(nodes[earlier]);
      separator = ", ";
    }
    os << "\n";
  }
  ArenaPlanAttr arena = plan.getArena();
  if (!arena) {
    os << "  arena as large as a dispatch needs\n";
    return;
  }
  os << "  arena of " << arena.getBytes() << " bytes, "
     << arena.getConcurrentBytes() << " side by side, "
     << arena.getInOrderBytes() << " in order, " << arena.getEdges().size() / 2
     << " added dependences\n";
}

void PlanPrinter::print() {
  auto launches = llvm::to_vector(program.getBody().getOps<LaunchOp>());
  unsigned stages = 0;
  for (LaunchOp launch : launches)
    stages += launch.getBody().front().getOperations().size();
  unsigned results = program.getReturnOp().getResults().size();
  os << "program @" << program.getSymName() << ": " << stages
     << (stages == 1 ? " stage" : " stages") << " in " << launches.size()
     << (launches.size() == 1 ? " launch" : " launches") << ", " << results
     << (results == 1 ? " result" : " results") << "\n";
  for (BlockArgument argument : program.getArguments()) {
    os << "  " << names[argument] << ": ";
    if (BindingAttr binding = program.getBinding(argument.getArgNumber()))
      os << stringifyRole(binding.getRole());
    else
      os << "scalar";
    os << " " << argument.getType() << "\n";
  }
  for (LaunchOp launch : launches) {
    os << "  launch @" << launch.getLaunchName() << "\n";
    for (Operation &op : launch.getBody().front())
      printStage(cast<StageLikeOpInterface>(op));
  }
  for (ReadbackOp readback : program.getBody().getOps<ReadbackOp>())
    printReadback(readback);
  if (auto plan = program->getAttrOfType<CapturePlanAttr>(kCapturePlanAttrName))
    printCapture(plan);
}

void vyre::printPlan(ModuleOp module, raw_ostream &os) {
  for (ProgramOp program : module.getOps<ProgramOp>())
    PlanPrinter(program, os).print();
}
