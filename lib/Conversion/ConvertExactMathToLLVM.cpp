//===- ConvertExactMathToLLVM.cpp - Math with one right result ------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   llvm.call @__nv_sqrtf(%x)   ->   llvm.intr.sqrt(%x)
//   math.ctpop %x               ->   llvm.intr.ctpop(%x)
//
//===----------------------------------------------------------------------===//

#include "vyre/Conversion/Passes.h"

#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/DialectConversion.h"

#define DEBUG_TYPE "convert-exact-math-to-llvm"

namespace vyre {
#define GEN_PASS_DEF_CONVERTEXACTMATHTOLLVM
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;

namespace {
struct ExactFunction {
  /// Of libdevice, for f64; for f32 with an f at the end.
  StringLiteral function;
  StringLiteral intrinsic;
};
} // namespace

static constexpr ExactFunction kExactFunctions[] = {
    {"__nv_fabs", "llvm.intr.fabs"},      {"__nv_ceil", "llvm.intr.ceil"},
    {"__nv_floor", "llvm.intr.floor"},    {"__nv_fma", "llvm.intr.fma"},
    {"__nv_rint", "llvm.intr.roundeven"}, {"__nv_sqrt", "llvm.intr.sqrt"},
    {"__nv_trunc", "llvm.intr.trunc"},
};

/// Replaces a call of one of these functions.
static void replaceExactCall(LLVM::CallOp call) {
  StringRef callee = call.getCallee().value_or("");
  for (const ExactFunction &exact : kExactFunctions) {
    StringRef suffix = callee;
    if (!suffix.consume_front(exact.function) ||
        !(suffix.empty() || suffix == "f"))
      continue;
    OpBuilder builder(call);
    OperationState state(call.getLoc(), exact.intrinsic, call.getArgOperands(),
                         call.getResultTypes());
    call->replaceAllUsesWith(builder.create(state));
    call.erase();
    return;
  }
}

namespace {

struct ConvertExactMathToLLVM
    : vyre::impl::ConvertExactMathToLLVMBase<ConvertExactMathToLLVM> {
  void runOnOperation() override {
    LLVMTypeConverter converter(&getContext());
    RewritePatternSet patterns(&getContext());
    populateMathToLLVMConversionPatterns(converter, patterns);
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalOp<math::AbsFOp, math::AbsIOp, math::CeilOp,
                        math::CountLeadingZerosOp, math::CountTrailingZerosOp,
                        math::CtPopOp, math::FloorOp, math::FmaOp,
                        math::RoundEvenOp, math::SqrtOp, math::TruncOp>();
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      return signalPassFailure();
    getOperation()->walk(replaceExactCall);
  }
};

} // namespace
