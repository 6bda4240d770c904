//===- SettleFastMath.cpp - One result for each float operation -----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   %p = arith.mulf %a, %b fastmath<fast>
//   %s = arith.addf %p, %c fastmath<fast>
// becomes
//   %s = math.fma %a, %b, %c fastmath<nnan,ninf,afn>
//
// A code generator uses what such flags permit where it sees both operations.
// After fusion it sees more of them, and each backend has its own ways. So they
// are used here, on one stage at a time, and then taken away.
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#define DEBUG_TYPE "vyre-settle-fast-math"

namespace vyre {
#define GEN_PASS_DEF_SETTLEFASTMATH
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// The flags whose use depends on what stands around an operation.
static constexpr auto kUnsettled =
    arith::FastMathFlags::reassoc | arith::FastMathFlags::contract |
    arith::FastMathFlags::arcp | arith::FastMathFlags::nsz;

static void clearFlags(Operation *op) {
  auto flagged = dyn_cast<arith::ArithFastMathInterface>(op);
  arith::FastMathFlagsAttr flags =
      flagged ? flagged.getFastMathFlagsAttr() : arith::FastMathFlagsAttr();
  if (!flags || (flags.getValue() & kUnsettled) == arith::FastMathFlags::none)
    return;
  op->setAttr(flagged.getFastMathAttrName(),
              arith::FastMathFlagsAttr::get(op->getContext(),
                                            flags.getValue() & ~kUnsettled));
}

/// The product that a sum may take in; null for another value.
static arith::MulFOp getContractible(Value value) {
  auto product = value.getDefiningOp<arith::MulFOp>();
  return product && bitEnumContainsAll(product.getFastmath(),
                                       arith::FastMathFlags::contract)
             ? product
             : arith::MulFOp();
}

namespace {

/// Differences; upstream has the pattern for sums.
///   %a * %b - %c -> fma(%a, %b, -%c),  %c - %a * %b -> fma(-%a, %b, %c)
struct ContractDifference : OpRewritePattern<arith::SubFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::SubFOp op,
                                PatternRewriter &rewriter) const override {
    arith::FastMathFlagsAttr flags = op.getFastmathAttr();
    auto left = getContractible(op.getLhs());
    auto right = getContractible(op.getRhs());
    if (!bitEnumContainsAll(flags.getValue(), arith::FastMathFlags::contract) ||
        (!left && !right))
      return rewriter.notifyMatchFailure(op, "nothing to contract");
    auto negate = [&](Value value) {
      return arith::NegFOp::create(rewriter, op.getLoc(), value, flags);
    };
    arith::MulFOp product = left ? left : right;
    Value factor = left ? product.getLhs() : Value(negate(product.getLhs()));
    Value summand = left ? Value(negate(op.getRhs())) : op.getLhs();
    rewriter.replaceOpWithNewOp<math::FmaOp>(op, factor, product.getRhs(),
                                             summand, flags);
    return success();
  }
};

struct SettleFastMath : vyre::impl::SettleFastMathBase<SettleFastMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateUpliftToFMAPatterns(patterns);
    patterns.add<ContractDifference>(&getContext());
    FrozenRewritePatternSet frozen(std::move(patterns));
    getOperation().walk([&](StageOp stage) {
      // Nothing but these patterns: bodies stay as they are where no flag is.
      SmallVector<Operation *> sums;
      stage.getBody().walk([&](Operation *op) {
        if (isa<arith::AddFOp, arith::SubFOp>(op))
          sums.push_back(op);
      });
      GreedyRewriteConfig config;
      config.setStrictness(GreedyRewriteStrictness::ExistingOps);
      config.enableFolding(false).enableConstantCSE(false);
      (void)applyOpPatternsGreedily(sums, frozen, config);
      stage.getBody().walk(clearFlags);
    });
  }
};

} // namespace
