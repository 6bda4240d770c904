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
// accesses have it, for LLVM to vectorise. A body with sequential loops is
// built as vectors already (VectorPoints.h).
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "VectorPoints.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "vyre/Conversion/Passes.h"

#define DEBUG_TYPE "convert-vyre-to-cpu"

namespace vyre {
#define GEN_PASS_DEF_CONVERTVYRETOCPU
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

/// Builds the loops over the points [begin, end) of the linearised index space.
class RangeBuilder {
public:
  RangeBuilder(OpBuilder &builder, KernelBuilder &kernel, StageOp stage)
      : builder(builder), kernel(kernel), loc(stage.getLoc()),
        vectors(VectorPoints::match(stage)) {}

  void build(Value begin, Value end);

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value sub(Value a, Value b) {
    return arith::SubIOp::create(builder, loc, a, b);
  }
  /// A loop that the builder enters.
  scf::ForOp enterLoop(Value from, Value to, int64_t step) {
    auto loop = scf::ForOp::create(builder, loc, from, to, constant(step));
    builder.setInsertionPointToStart(loop.getBody());
    return loop;
  }
  /// Neighbouring points of some rows: as vectors, wide ones and then narrow
  /// ones, and what is left one by one.
  void buildNeighbours(ArrayRef<SmallVector<Value>> rows, Value from, Value to);
  /// A row, or the part of it that is in the range.
  void buildRow(Value row, Value begin, Value end);
  /// The indices of rows from number `first` on.
  SmallVector<SmallVector<Value>> getRows(Value first, int64_t count);

  OpBuilder &builder;
  KernelBuilder &kernel;
  Location loc;
  SmallVector<Value> extents;
  /// None where LLVM vectorises by itself what can be.
  std::optional<VectorPoints> vectors;
};

} // namespace

/// The narrow vectors have this part of the lanes of the wide ones.
static constexpr int64_t kNarrowing = 4;
static constexpr int64_t kFewestLanes = 4;

void RangeBuilder::buildNeighbours(ArrayRef<SmallVector<Value>> rows,
                                   Value from, Value to) {
  auto getPoints = [&](Value index) {
    SmallVector<SmallVector<Value>> points(rows);
    for (SmallVector<Value> &point : points)
      point.push_back(index);
    return points;
  };
  if (vectors) {
    int64_t most = vectors->getMostLanes();
    for (int64_t lanes : {most, most / kNarrowing}) {
      if (lanes < kFewestLanes)
        continue;
      Value count = sub(to, from);
      Value rest = arith::RemUIOp::create(builder, loc, count, constant(lanes));
      Value end = sub(to, rest);
      OpBuilder::InsertionGuard guard(builder);
      Value index = enterLoop(from, end, lanes).getInductionVar();
      kernel.buildVectors(builder, getPoints(index), *vectors, lanes);
      from = end;
    }
  }
  Value index = enterLoop(from, to, 1).getInductionVar();
  for (const SmallVector<Value> &point : getPoints(index))
    kernel.buildPoint(builder, point);
}

SmallVector<SmallVector<Value>> RangeBuilder::getRows(Value first,
                                                      int64_t count) {
  SmallVector<SmallVector<Value>> rows;
  for (int64_t i = 0; i != count; ++i) {
    Value row = first;
    if (i != 0)
      row = arith::AddIOp::create(builder, loc, first, constant(i));
    rows.push_back(
        delinearize(builder, loc, row, ValueRange(extents).drop_back()));
  }
  return rows;
}

void RangeBuilder::buildRow(Value row, Value begin, Value end) {
  Value inner = extents.back();
  Value first = arith::MulIOp::create(builder, loc, row, inner);
  Value from =
      arith::MaxSIOp::create(builder, loc, sub(begin, first), constant(0));
  Value to = arith::MinSIOp::create(builder, loc, sub(end, first), inner);
  buildNeighbours(getRows(row, 1), from, to);
}

void RangeBuilder::build(Value begin, Value end) {
  extents = kernel.getExtents(builder);
  OpBuilder::InsertionGuard guard(builder);
  if (extents.empty()) {
    enterLoop(begin, end, 1);
    kernel.buildPoint(builder, {});
    return;
  }
  if (extents.size() == 1) {
    buildNeighbours(SmallVector<SmallVector<Value>>(1), begin, end);
    return;
  }
  Value inner = extents.back();
  Value row = arith::DivSIOp::create(builder, loc, begin, inner);
  Value lastRow = arith::CeilDivSIOp::create(builder, loc, end, inner);
  auto buildRows = [&](Value to) {
    OpBuilder::InsertionGuard inRows(builder);
    buildRow(enterLoop(row, to, 1).getInductionVar(), begin, end);
    row = to;
  };
  if (int64_t together = vectors ? vectors->getMostRows() : 1; together > 1) {
    // Whole rows, as many as there are groups of.
    Value whole = arith::CeilDivSIOp::create(builder, loc, begin, inner);
    buildRows(arith::MinSIOp::create(builder, loc, whole, lastRow));
    Value left = sub(arith::DivSIOp::create(builder, loc, end, inner), row);
    left = arith::MaxSIOp::create(builder, loc, left, constant(0));
    left = sub(left,
               arith::RemUIOp::create(builder, loc, left, constant(together)));
    Value to = arith::AddIOp::create(builder, loc, row, left);
    {
      OpBuilder::InsertionGuard inRows(builder);
      Value group = enterLoop(row, to, together).getInductionVar();
      buildNeighbours(getRows(group, together), constant(0), inner);
    }
    row = to;
  }
  buildRows(lastRow);
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
  RangeBuilder(builder, kernel, stage)
      .build(asIndex(arguments.drop_back().back()), asIndex(arguments.back()));
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
        bool isOpaque =
            isa<OpaqueStageOp, CallStageOp>(launch.getBody().front().front());
        if (isOpaque || launch.getCpuEntry())
          continue;
        if (failed(convertLaunch(launch, builder, target, taken)))
          return signalPassFailure();
      }
  }
};

} // namespace
