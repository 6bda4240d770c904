//===- ConvertVyreToCPU.cpp - Functions for the host ----------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.launch @l { vyre.stage @s (%i, %j) in (%m, %n) ... { body } }
// ->
//   module @vyre_cpu {
//     func.func @p_l(pointers..., scalars..., %begin: i64, %end: i64) {
//       for (row = begin / n; row * n < end; ++row)
//         for (j = max(begin - row * n, 0); j < min(end - row * n, n); ++j)
//           body(row, j)
//     }
//   }
//   vyre.launch @l cpu @vyre_cpu::@p_l { ... as before ... }
//
// The innermost dimension is a loop of its own, with unit stride where the
// accesses have it, for LLVM to vectorise.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "vyre/Conversion/Passes.h"

#define DEBUG_TYPE "convert-vyre-to-cpu"

namespace vyre {
#define GEN_PASS_DEF_CONVERTVYRETOCPU
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// The loops over the points [begin, end) of the linearised index space.
static void buildRange(OpBuilder &builder, KernelBuilder &kernel, Location loc,
                       Value begin, Value end) {
  SmallVector<Value> extents = kernel.getExtents(builder);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  auto buildLoop = [&](Value from, Value to) {
    auto loop = scf::ForOp::create(builder, loc, from, to, one);
    builder.setInsertionPointToStart(loop.getBody());
    return loop.getInductionVar();
  };
  OpBuilder::InsertionGuard guard(builder);
  if (extents.empty()) {
    buildLoop(begin, end);
    kernel.buildPoint(builder, {});
    return;
  }
  if (extents.size() == 1) {
    kernel.buildPoint(builder, buildLoop(begin, end));
    return;
  }
  Value inner = extents.back();
  Value firstRow = arith::DivSIOp::create(builder, loc, begin, inner);
  Value lastRow = arith::CeilDivSIOp::create(builder, loc, end, inner);
  Value row = buildLoop(firstRow, lastRow);
  Value rowBegin = arith::MulIOp::create(builder, loc, row, inner);
  Value from = arith::MaxSIOp::create(
      builder, loc, arith::SubIOp::create(builder, loc, begin, rowBegin), zero);
  Value to = arith::MinSIOp::create(
      builder, loc, arith::SubIOp::create(builder, loc, end, rowBegin), inner);
  SmallVector<Value> indices =
      delinearize(builder, loc, row, ValueRange(extents).drop_back());
  indices.push_back(buildLoop(from, to));
  kernel.buildPoint(builder, indices);
}

static LogicalResult convertLaunch(LaunchOp launch, OpBuilder &builder,
                                   ModuleOp target, llvm::StringSet<> &taken) {
  FailureOr<KernelSignature> signature = KernelSignature::compute(launch);
  if (failed(signature))
    return failure();
  auto stage = cast<StageOp>(launch.getBody().front().front());
  Location loc = stage.getLoc();
  std::string name =
      makeKernelName(launch->getParentOfType<ProgramOp>(), launch, taken);
  KernelBuilder kernel(stage, *signature);
  SmallVector<Type> types = kernel.getArgumentTypes();
  SmallVector<DictionaryAttr> attrs = kernel.getArgumentAttrs();
  types.append(2, builder.getI64Type());
  attrs.append(2, builder.getDictionaryAttr({}));

  builder.setInsertionPointToEnd(target.getBody());
  auto function = func::FuncOp::create(
      builder, loc, name, builder.getFunctionType(types, TypeRange()));
  function.setAllArgAttrs(attrs);
  builder.setInsertionPointToStart(function.addEntryBlock());
  ValueRange arguments = function.getArguments();
  kernel.buildPrologue(builder, arguments.drop_back(2));
  auto asIndex = [&](Value value) -> Value {
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                      value);
  };
  buildRange(builder, kernel, loc, asIndex(arguments.drop_back().back()),
             asIndex(arguments.back()));
  func::ReturnOp::create(builder, loc);
  launch.setCpuEntryAttr(SymbolRefAttr::get(target.getSymNameAttr(),
                                            FlatSymbolRefAttr::get(function)));
  return success();
}

namespace {

struct ConvertVyreToCPU : vyre::impl::ConvertVyreToCPUBase<ConvertVyreToCPU> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    OpBuilder builder(&getContext());
    Operation *named = module.lookupSymbol(kCPUModuleName);
    auto target = dyn_cast_or_null<ModuleOp>(named);
    if (named && !target) {
      InFlightDiagnostic diag =
          named->emitOpError("has the name of the module for CPU code, '")
          << kCPUModuleName << "'";
      diag.attachNote() << "fix: rename it";
      return signalPassFailure();
    }
    if (!target) {
      builder.setInsertionPointToStart(module.getBody());
      target = ModuleOp::create(builder, module.getLoc(), kCPUModuleName);
    }
    llvm::StringSet<> taken;
    for (func::FuncOp function : target.getOps<func::FuncOp>())
      taken.insert(function.getSymName());
    for (ProgramOp program : module.getOps<ProgramOp>())
      for (LaunchOp launch : program.getBody().getOps<LaunchOp>()) {
        bool isOpaque = isa<OpaqueStageOp>(launch.getBody().front().front());
        if (isOpaque || launch.getCpuEntry())
          continue;
        if (failed(convertLaunch(launch, builder, target, taken)))
          return signalPassFailure();
      }
  }
};

} // namespace
