//===- LegalizeFloats.cpp - Small floats and math functions ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// f16 and bf16 are storage types: a value is widened to f32 for every operation
// and rounded back after it. f32 has more than twice the digits of either plus
// two, so that rounding twice is rounding once for + - * / and sqrt.
//
// The casts themselves are integer arithmetic: x86-64 without F16C has only
// library calls for f16, and loops over integers vectorise.
//
//===----------------------------------------------------------------------===//

#include "vyre/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#define DEBUG_TYPE "vyre-legalize-floats"

namespace vyre {
#define GEN_PASS_DEF_LEGALIZEFLOATS
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

static bool isSmallFloat(Type type) { return type.isF16() || type.isBF16(); }

namespace {

/// Short names for building integer arithmetic on bit patterns.
class Bits {
public:
  Bits(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value i32(int64_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 32);
  }
  Value i64(int64_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 64);
  }
  Value add(Value a, Value b) { return create<arith::AddIOp>(a, b); }
  Value sub(Value a, Value b) { return create<arith::SubIOp>(a, b); }
  Value bitAnd(Value a, Value b) { return create<arith::AndIOp>(a, b); }
  Value bitOr(Value a, Value b) { return create<arith::OrIOp>(a, b); }
  Value bitXor(Value a, Value b) { return create<arith::XOrIOp>(a, b); }
  Value shiftLeft(Value a, int64_t by) {
    return create<arith::ShLIOp>(a, i32(by));
  }
  Value shiftRight(Value a, int64_t by) {
    return create<arith::ShRUIOp>(a, i32(by));
  }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(builder, loc, predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return arith::SelectOp::create(builder, loc, condition, a, b);
  }
  Value cast(Value value, Type type) {
    return arith::BitcastOp::create(builder, loc, type, value);
  }

private:
  template <typename Op> Value create(Value a, Value b) {
    return Op::create(builder, loc, a, b);
  }

  OpBuilder &builder;
  Location loc;
};

/// f16 -> f32. The exponent and mantissa bits are moved into place and scaled
/// by 2^112, which also normalises subnormal values; an exponent of all ones
/// stays.
struct ExpandExtF16 : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getIn().getType().isF16())
      return rewriter.notifyMatchFailure(op, "it does not widen f16");
    Location loc = op.getLoc();
    Bits bits(rewriter, loc);
    Type f32 = rewriter.getF32Type(), i32 = rewriter.getI32Type();
    Value half = bits.cast(op.getIn(), rewriter.getI16Type());
    half = arith::ExtUIOp::create(rewriter, loc, i32, half);
    Value sign = bits.shiftLeft(bits.bitAnd(half, bits.i32(0x8000)), 16);
    Value magnitude = bits.shiftLeft(bits.bitAnd(half, bits.i32(0x7fff)), 13);
    Value scale = arith::ConstantOp::create(rewriter, loc,
                                            rewriter.getF32FloatAttr(0x1p112f));
    Value finite = bits.cast(
        arith::MulFOp::create(rewriter, loc, bits.cast(magnitude, f32), scale),
        i32);
    Value special = bits.bitOr(magnitude, bits.i32(0x7f800000));
    Value isFinite = bits.compare(arith::CmpIPredicate::ult, magnitude,
                                  bits.i32(0x0f800000));
    Value widened = bits.bitOr(sign, bits.select(isFinite, finite, special));
    Value result = bits.cast(widened, f32);
    if (op.getType().isF64())
      result = arith::ExtFOp::create(rewriter, loc, op.getType(), result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// f32 -> f16, rounding to nearest, ties to even. Values below the smallest
/// normal f16 are rounded by adding a constant whose last digit is that of a
/// subnormal f16; others by an integer addition on the bits to be cut off.
struct ExpandTruncF16 : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF16() || !op.getIn().getType().isF32())
      return rewriter.notifyMatchFailure(op, "it does not round f32 to f16");
    Location loc = op.getLoc();
    Bits bits(rewriter, loc);
    Type f32 = rewriter.getF32Type(), i32 = rewriter.getI32Type();
    Value word = bits.cast(op.getIn(), i32);
    Value sign = bits.bitAnd(word, bits.i32(0x80000000));
    Value magnitude = bits.bitXor(word, sign);

    // 0.5f: its last place is 2^-24, the smallest subnormal f16.
    Value half =
        arith::ConstantOp::create(rewriter, loc, rewriter.getF32FloatAttr(0.5));
    Value shifted =
        arith::AddFOp::create(rewriter, loc, bits.cast(magnitude, f32), half);
    Value subnormal = bits.sub(bits.cast(shifted, i32), bits.i32(0x3f000000));

    // Rebias the exponent by -112 and round half to even at bit 13.
    Value odd = bits.bitAnd(bits.shiftRight(magnitude, 13), bits.i32(1));
    Value rounded = bits.add(magnitude, bits.i32(0xc8000fff));
    Value normal = bits.shiftRight(bits.add(rounded, odd), 13);

    // From 65520 on infinity; a NaN stays one, quiet.
    Value isNaN = bits.compare(arith::CmpIPredicate::ugt, magnitude,
                               bits.i32(0x7f800000));
    Value special = bits.select(isNaN, bits.i32(0x7e00), bits.i32(0x7c00));
    Value isSubnormal = bits.compare(arith::CmpIPredicate::ult, magnitude,
                                     bits.i32(0x38800000));
    Value isLarge = bits.compare(arith::CmpIPredicate::uge, magnitude,
                                 bits.i32(0x477ff000));
    Value result = bits.select(isSubnormal, subnormal, normal);
    result = bits.select(isLarge, special, result);
    result = bits.bitOr(result, bits.shiftRight(sign, 16));
    Value narrow =
        arith::TruncIOp::create(rewriter, loc, rewriter.getI16Type(), result);
    rewriter.replaceOp(op, bits.cast(narrow, op.getType()));
    return success();
  }
};

/// f64 -> f16 and bf16 by way of f32, rounded to odd there, so that the second
/// rounding gives what a single one would.
struct TruncF64InTwoSteps : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Value input = op.getIn();
    if (!input.getType().isF64() || !isSmallFloat(op.getType()))
      return rewriter.notifyMatchFailure(op, "it does not round f64 so far");
    Location loc = op.getLoc();
    Bits bits(rewriter, loc);
    Type f32 = rewriter.getF32Type(), f64 = rewriter.getF64Type();
    Type i32 = rewriter.getI32Type();
    Value nearest = arith::TruncFOp::create(rewriter, loc, f32, input);
    Value back = arith::ExtFOp::create(rewriter, loc, f64, nearest);
    auto compare = [&](arith::CmpFPredicate predicate, Value a, Value b) {
      return arith::CmpFOp::create(rewriter, loc, predicate, a, b).getResult();
    };
    auto absolute = [&](Value value) -> Value {
      return math::AbsFOp::create(rewriter, loc, value);
    };
    Value isInexact = compare(arith::CmpFPredicate::ONE, back, input);
    Value isAbove =
        compare(arith::CmpFPredicate::OGT, absolute(back), absolute(input));
    Value word = bits.cast(nearest, i32);
    Value towardsZero = bits.select(isAbove, bits.sub(word, bits.i32(1)), word);
    Value odd = bits.bitOr(towardsZero, bits.i32(1));
    // An overflow to infinity stays one.
    Value isFinite = bits.compare(arith::CmpIPredicate::ult,
                                  bits.bitAnd(word, bits.i32(0x7fffffff)),
                                  bits.i32(0x7f800000));
    Value isRounded = bits.bitAnd(isInexact, isFinite);
    Value exact = bits.cast(bits.select(isRounded, odd, word), f32);
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), exact);
    return success();
  }
};

/// f32 -> bf16, rounding to nearest, ties to even; a NaN stays one, quiet.
struct ExpandTruncBF16 : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isBF16() || !op.getIn().getType().isF32())
      return rewriter.notifyMatchFailure(op, "it does not round f32 to bf16");
    Location loc = op.getLoc();
    Bits bits(rewriter, loc);
    Value word = bits.cast(op.getIn(), rewriter.getI32Type());
    Value odd = bits.bitAnd(bits.shiftRight(word, 16), bits.i32(1));
    Value rounded = bits.add(bits.add(word, bits.i32(0x7fff)), odd);
    Value isNaN = arith::CmpFOp::create(
        rewriter, loc, arith::CmpFPredicate::UNO, op.getIn(), op.getIn());
    Value result = bits.select(isNaN, bits.i32(0x7fc00000), rounded);
    Value narrow = arith::TruncIOp::create(rewriter, loc, rewriter.getI16Type(),
                                           bits.shiftRight(result, 16));
    rewriter.replaceOp(op, bits.cast(narrow, op.getType()));
    return success();
  }
};

/// bf16 -> f32: its bits are the upper half.
struct ExpandExtBF16 : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getIn().getType().isBF16())
      return rewriter.notifyMatchFailure(op, "it does not widen bf16");
    Location loc = op.getLoc();
    Bits bits(rewriter, loc);
    Value word =
        arith::ExtUIOp::create(rewriter, loc, rewriter.getI32Type(),
                               bits.cast(op.getIn(), rewriter.getI16Type()));
    Value result = bits.cast(bits.shiftLeft(word, 16), rewriter.getF32Type());
    if (op.getType().isF64())
      result = arith::ExtFOp::create(rewriter, loc, op.getType(), result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Integers to small floats by way of f64, which holds 53 bits of them, and
/// back by way of f32.
template <typename Op> struct WidenIntCast : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    if (isSmallFloat(op.getType())) {
      Value wide = Op::create(rewriter, loc, rewriter.getF64Type(), op.getIn());
      rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), wide);
      return success();
    }
    if (isSmallFloat(op.getIn().getType())) {
      Value wide = arith::ExtFOp::create(rewriter, loc, rewriter.getF32Type(),
                                         op.getIn());
      rewriter.replaceOpWithNewOp<Op>(op, op.getType(), wide);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no small float");
  }
};

/// math.f %x : f16  ->  truncf(math.f(extf %x)). All operands and results that
/// are small floats are widened.
struct WidenMath : RewritePattern {
  explicit WidenMath(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<math::MathDialect>(op->getDialect()))
      return rewriter.notifyMatchFailure(op, "no math op");
    if (llvm::none_of(op->getOperandTypes(), isSmallFloat) &&
        llvm::none_of(op->getResultTypes(), isSmallFloat))
      return rewriter.notifyMatchFailure(op, "no small float");
    Type f32 = rewriter.getF32Type();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(
          isSmallFloat(operand.getType())
              ? arith::ExtFOp::create(rewriter, op->getLoc(), f32, operand)
              : operand);
    SmallVector<Type> types;
    for (Type type : op->getResultTypes())
      types.push_back(isSmallFloat(type) ? f32 : type);
    OperationState state(op->getLoc(), op->getName(), operands, types,
                         op->getAttrs());
    Operation *wide = rewriter.create(state);
    SmallVector<Value> results;
    for (auto [old, value] :
         llvm::zip_equal(op->getResults(), wide->getResults()))
      results.push_back(old.getType() == value.getType()
                            ? Value(value)
                            : arith::TruncFOp::create(rewriter, op->getLoc(),
                                                      old.getType(), value));
    rewriter.replaceOp(op, results);
    return success();
  }
};

struct LegalizeFloats : vyre::impl::LegalizeFloatsBase<LegalizeFloats> {
  using LegalizeFloatsBase::LegalizeFloatsBase;

  void runOnOperation() override {
    if (math != "library" && math != "portable") {
      emitError(getOperation()->getLoc())
          << "option math is '" << math
          << "', expected 'library' or 'portable'";
      return signalPassFailure();
    }
    MLIRContext *context = &getContext();
    auto apply = [&](RewritePatternSet &&patterns) {
      if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
        signalPassFailure();
    };

    RewritePatternSet widen(context);
    widen.add<WidenMath, WidenIntCast<arith::SIToFPOp>,
              WidenIntCast<arith::UIToFPOp>, WidenIntCast<arith::FPToSIOp>,
              WidenIntCast<arith::FPToUIOp>>(context);
    apply(std::move(widen));
    if (failed(emulateArithmetic()))
      return signalPassFailure();

    if (math == "portable") {
      RewritePatternSet approximate(context);
      math::populateExpansionPatterns(
          approximate, {"sinh", "cosh", "tan", "tanh", "asinh", "acosh",
                        "atanh", "powf", "fpowi", "exp2", "roundeven"});
      populateMathPolynomialApproximationPatterns(
          approximate, [](StringRef) { return true; });
      apply(std::move(approximate));
    }

    RewritePatternSet casts(context);
    casts.add<ExpandExtF16, ExpandTruncF16, TruncF64InTwoSteps, ExpandExtBF16,
              ExpandTruncBF16>(context);
    apply(std::move(casts));
  }

  /// Arithmetic on f16 and bf16 in f32, with upstream's patterns.
  LogicalResult emulateArithmetic() {
    Builder builder(&getContext());
    TypeConverter converter;
    arith::populateEmulateUnsupportedFloatsConversions(
        converter, {builder.getF16Type(), builder.getBF16Type()},
        builder.getF32Type());
    RewritePatternSet patterns(&getContext());
    arith::populateEmulateUnsupportedFloatsPatterns(patterns, converter);
    ConversionTarget target(getContext());
    arith::populateEmulateUnsupportedFloatsLegality(target, converter);
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      return failure();
    // The patterns let a rounding go that is widened again at once. It stays:
    // the result of every operation is one of its type.
    getOperation()->walk([](Operation *op) {
      auto exact = arith::FastMathFlags::none;
      if (auto truncate = dyn_cast<arith::TruncFOp>(op))
        truncate.setFastmath(exact);
      else if (auto extend = dyn_cast<arith::ExtFOp>(op))
        extend.setFastmath(exact);
    });
    return success();
  }
};

} // namespace
