//===- ConvertVyreToGPU.cpp - Kernels for the GPU -------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.launch @l { vyre.stage @s (%i, %j) in (%m, %n) ... { body } }
// ->
//   gpu.module @p_l {
//     gpu.func @p_l(pointers..., scalars...) kernel {
//       for (point = thread; point < m * n; point += threads)
//         body(point / n, point % n)
//     }
//   }
//   vyre.launch @l kernel @p_l::@p_l { ... as before ... }
//
//===----------------------------------------------------------------------===//

#include "GroupBody.h"
#include "KernelBuilder.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "vyre/Conversion/Passes.h"

#define DEBUG_TYPE "convert-vyre-to-gpu"

namespace vyre {
#define GEN_PASS_DEF_CONVERTVYRETOGPU
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

/// Builds a kernel's body: the loop over the points of one thread.
class ThreadBuilder {
public:
  ThreadBuilder(OpBuilder &builder, KernelBuilder &kernel,
                const ThreadMapping &mapping, Location loc)
      : builder(builder), kernel(kernel), mapping(mapping), loc(loc) {}

  void build(ValueRange arguments);

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value add(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulIOp::create(builder, loc, a, b);
  }
  /// Loops from `first` to `end` by `step` and enters the loop.
  Value enterLoop(Value first, Value end, Value step) {
    auto loop = scf::ForOp::create(builder, loc, first, end, step);
    builder.setInsertionPointToStart(loop.getBody());
    return loop.getInductionVar();
  }

  void buildPoints();
  void buildGroups();
  void buildNeighbours();
  void buildNeighboursOfRow(Value first);

  OpBuilder &builder;
  KernelBuilder &kernel;
  const ThreadMapping &mapping;
  Location loc;
  SmallVector<Value> extents;
  Value block, blocks, thread;
};

} // namespace

void ThreadBuilder::build(ValueRange arguments) {
  kernel.buildPrologue(builder, arguments);
  extents = kernel.getExtents(builder);
  auto dimension = gpu::Dimension::x;
  block = gpu::BlockIdOp::create(builder, loc, dimension);
  thread = gpu::ThreadIdOp::create(builder, loc, dimension);
  blocks = gpu::GridDimOp::create(builder, loc, dimension);
  OpBuilder::InsertionGuard guard(builder);
  if (mapping.threadsPerPoint > 1)
    buildGroups();
  else if (mapping.pointsPerThread > 1)
    buildNeighbours();
  else
    buildPoints();
}

void ThreadBuilder::buildPoints() {
  Value points = buildProduct(builder, loc, extents);
  Value threads = constant(mapping.threadsPerBlock);
  Value point =
      enterLoop(add(mul(block, threads), thread), points, mul(blocks, threads));
  kernel.buildPoint(builder, delinearize(builder, loc, point, extents));
}

void ThreadBuilder::buildGroups() {
  Value points = buildProduct(builder, loc, extents);
  Value size = constant(mapping.threadsPerPoint);
  Value groups = constant(mapping.getPointsPerBlock());
  Value group = arith::DivUIOp::create(builder, loc, thread, size);
  Value number = arith::RemUIOp::create(builder, loc, thread, size);
  Value point =
      enterLoop(add(mul(block, groups), group), points, mul(blocks, groups));
  Block &body = *builder.getInsertionBlock();
  kernel.buildPoint(builder, delinearize(builder, loc, point, extents));
  shareBody(body, number, mapping.threadsPerPoint);
}

void ThreadBuilder::buildNeighbours() {
  Value count = constant(mapping.pointsPerThread);
  Value threads = constant(mapping.threadsPerBlock);
  Value first = add(mul(block, threads), thread);
  Value stride = mul(blocks, threads);
  if (extents.size() == 1) {
    Value runs =
        arith::CeilDivUIOp::create(builder, loc, extents.front(), count);
    buildNeighboursOfRow(mul(enterLoop(first, runs, stride), count));
    return;
  }
  // Rows are whole runs.
  SmallVector<Value> runs(extents);
  runs.back() = arith::DivUIOp::create(builder, loc, extents.back(), count);
  Value run = enterLoop(first, buildProduct(builder, loc, runs), stride);
  SmallVector<Value> point = delinearize(builder, loc, run, runs);
  point.back() = mul(point.back(), count);
  kernel.buildPoints(builder, point, mapping.pointsPerThread);
}

/// The points from `first` on in the only row, whose end may cut the run short.
void ThreadBuilder::buildNeighboursOfRow(Value first) {
  Value count = constant(mapping.pointsPerThread);
  Value end = add(first, count);
  Value isWhole = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule,
                                        end, extents.front());
  auto branch = scf::IfOp::create(builder, loc, isWhole, /*withElse=*/true);
  builder.setInsertionPointToStart(branch.thenBlock());
  kernel.buildPoints(builder, first, mapping.pointsPerThread);
  builder.setInsertionPointToStart(branch.elseBlock());
  Value point = enterLoop(first, extents.front(), constant(1));
  kernel.buildPoint(builder, point);
}

static LogicalResult convertLaunch(LaunchOp launch, OpBuilder &builder,
                                   llvm::StringSet<> &taken) {
  FailureOr<KernelSignature> signature = KernelSignature::compute(launch);
  if (failed(signature))
    return failure();
  auto program = launch->getParentOfType<ProgramOp>();
  auto stage = cast<StageOp>(launch.getBody().front().front());
  Location loc = stage.getLoc();
  std::string name = makeKernelName(program, launch, taken);

  builder.setInsertionPoint(program);
  auto module = gpu::GPUModuleOp::create(builder, loc, name);
  module->setAttr(kIndexBitwidthAttrName,
                  builder.getI32IntegerAttr(isIndex32Enough(stage) ? 32 : 64));
  ThreadMapping mapping = ThreadMapping::choose(stage);
  module->setAttr(kPointsPerBlockAttrName,
                  builder.getI64IntegerAttr(mapping.getPointsPerBlock()));
  builder.setInsertionPointToStart(module.getBody());
  KernelBuilder kernel(stage, *signature);
  auto function = gpu::GPUFuncOp::create(
      builder, loc, name,
      builder.getFunctionType(kernel.getArgumentTypes(), TypeRange()));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  function.setKnownBlockSizeAttr(
      builder.getDenseI32ArrayAttr({int32_t(mapping.threadsPerBlock), 1, 1}));
  function.setAllArgAttrs(kernel.getArgumentAttrs());

  builder.setInsertionPointToStart(&function.front());
  ThreadBuilder(builder, kernel, mapping, loc).build(function.getArguments());
  gpu::ReturnOp::create(builder, loc);
  launch.setKernelAttr(SymbolRefAttr::get(module.getSymNameAttr(),
                                          FlatSymbolRefAttr::get(function)));
  return success();
}

namespace {

struct ConvertVyreToGPU : vyre::impl::ConvertVyreToGPUBase<ConvertVyreToGPU> {
  void runOnOperation() override {
    llvm::StringSet<> taken;
    for (Operation &op : *getOperation().getBody())
      if (auto symbol = dyn_cast<SymbolOpInterface>(op))
        taken.insert(symbol.getName());
    OpBuilder builder(&getContext());
    for (ProgramOp program : getOperation().getOps<ProgramOp>())
      for (LaunchOp launch : program.getBody().getOps<LaunchOp>()) {
        bool isOpaque = isa<OpaqueStageOp>(launch.getBody().front().front());
        if (isOpaque || launch.getKernel())
          continue;
        if (failed(convertLaunch(launch, builder, taken)))
          return signalPassFailure();
      }
  }
};

} // namespace
