//===- TestExecution.cpp - Programs as host functions ---------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The plainest meaning of a program, for tests that compare results: a function
// that runs its stages one after the other, each as a loop nest over its
// points. With `reverse` the points are visited from the last to the first:
// what does not depend on their order gives the same results.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace vyre;

namespace {

class TestExecution
    : public PassWrapper<TestExecution, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestExecution)

  TestExecution() = default;
  TestExecution(const TestExecution &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "test-vyre-execution"; }
  StringRef getDescription() const override {
    return "turn programs into host functions that run them";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect,
                    memref::MemRefDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    for (ProgramOp program :
         llvm::make_early_inc_range(getOperation().getOps<ProgramOp>())) {
      convert(program);
      program.erase();
    }
  }

private:
  void convert(ProgramOp program) {
    OpBuilder builder(program);
    auto function = func::FuncOp::create(
        builder, program.getLoc(), program.getSymName(),
        builder.getFunctionType(program.getArgumentTypes(), TypeRange()));
    function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                      builder.getUnitAttr());
    Block *entry = function.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    IRMapping mapping;
    mapping.map(program.getArguments(), entry->getArguments());
    SmallVector<Value> allocated;
    for (Operation &op : program.getBody().front()) {
      if (auto intermediate = dyn_cast<IntermediateOp>(op)) {
        SmallVector<Value> extents;
        for (Value extent : intermediate.getExtents())
          extents.push_back(mapping.lookup(extent));
        allocated.push_back(memref::AllocOp::create(
            builder, op.getLoc(), cast<MemRefType>(op.getResultTypes()[0]),
            extents));
        mapping.map(op.getResult(0), allocated.back());
      } else if (auto stage = dyn_cast<StageOp>(op)) {
        convert(stage, builder, mapping);
      } else if (auto launch = dyn_cast<LaunchOp>(op)) {
        for (auto stage : launch.getBody().getOps<StageOp>())
          convert(stage, builder, mapping);
      } else if (!isa<ExtentsOp, RequireOp, vyre::ReturnOp>(op)) {
        builder.clone(op, mapping);
      }
    }
    for (Value memory : allocated)
      memref::DeallocOp::create(builder, program.getLoc(), memory);
    func::ReturnOp::create(builder, program.getLoc());
  }

  void convert(StageOp stage, OpBuilder &builder, IRMapping mapping) {
    OpBuilder::InsertionGuard guard(builder);
    Location loc = stage.getLoc();
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    for (auto [index, extent] :
         llvm::zip_equal(stage.getIndices(), stage.getExtents())) {
      Value limit = mapping.lookup(extent);
      auto loop = scf::ForOp::create(builder, loc, zero, limit, one);
      builder.setInsertionPointToStart(loop.getBody());
      Value position = loop.getInductionVar();
      if (reverse) {
        Value last = arith::SubIOp::create(builder, loc, limit, one);
        position = arith::SubIOp::create(builder, loc, last, position);
      }
      mapping.map(index, position);
    }
    for (Operation &op : stage.getBody().front().without_terminator())
      builder.clone(op, mapping);
  }

  Option<bool> reverse{*this, "reverse",
                       llvm::cl::desc("visit the last point first"),
                       llvm::cl::init(false)};
};

} // namespace

void vyre::registerTestExecution() { PassRegistration<TestExecution>(); }
