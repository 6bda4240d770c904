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

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "vyre/Conversion/LaunchGeometry.h"
#include "vyre/Conversion/Passes.h"

#define DEBUG_TYPE "convert-vyre-to-gpu"

namespace vyre {
#define GEN_PASS_DEF_CONVERTVYRETOGPU
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// The loop over the points of one thread.
static void buildThread(OpBuilder &builder, KernelBuilder &kernel,
                        ValueRange arguments, Location loc) {
  kernel.buildPrologue(builder, arguments);
  SmallVector<Value> extents = kernel.getExtents(builder);
  Value points = buildProduct(builder, loc, extents);

  auto dimension = gpu::Dimension::x;
  Value block = gpu::BlockIdOp::create(builder, loc, dimension);
  Value blockExtent = gpu::BlockDimOp::create(builder, loc, dimension);
  Value thread = gpu::ThreadIdOp::create(builder, loc, dimension);
  Value blocks = gpu::GridDimOp::create(builder, loc, dimension);
  Value first = arith::AddIOp::create(
      builder, loc, arith::MulIOp::create(builder, loc, block, blockExtent),
      thread);
  Value stride = arith::MulIOp::create(builder, loc, blocks, blockExtent);

  auto loop = scf::ForOp::create(builder, loc, first, points, stride);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  kernel.buildPoint(builder,
                    delinearize(builder, loc, loop.getInductionVar(), extents));
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
  builder.setInsertionPointToStart(module.getBody());
  KernelBuilder kernel(stage, *signature);
  auto function = gpu::GPUFuncOp::create(
      builder, loc, name,
      builder.getFunctionType(kernel.getArgumentTypes(), TypeRange()));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  function.setKnownBlockSizeAttr(
      builder.getDenseI32ArrayAttr({int32_t(kThreadsPerBlock), 1, 1}));
  function.setAllArgAttrs(kernel.getArgumentAttrs());

  builder.setInsertionPointToStart(&function.front());
  buildThread(builder, kernel, function.getArguments(), loc);
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
