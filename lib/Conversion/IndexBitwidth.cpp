//===- IndexBitwidth.cpp - When 32-bit indices are enough -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A GPU computes with 32-bit integers at several times the speed of 64-bit
// ones. A stage may use them where
//  * every buffer has fewer than 2^31 elements at any size that the runtime
//    lets through, which bindings' capacities bound;
//  * so has the index space, with room for a last stride of the grid;
//  * every index value in the body either fits 32 bits itself, or only goes
//    through additions, subtractions and products into an access: these are
//    exact modulo 2^32 unless they are marked not to overflow, and an access's
//    index is in bounds.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vyre;

namespace {

/// A closed interval; the ends saturate at +-2^62, which stands for unbounded.
struct Interval {
  static constexpr int64_t kLimit = int64_t(1) << 62;
  int64_t low = -kLimit;
  int64_t high = kLimit;

  static Interval saturated(__int128 low, __int128 high) {
    auto clamp = [](__int128 value) {
      return int64_t(std::clamp<__int128>(value, -kLimit, kLimit));
    };
    return {clamp(low), clamp(high)};
  }
  bool fits32() const {
    return low >= std::numeric_limits<int32_t>::min() &&
           high <= std::numeric_limits<int32_t>::max();
  }
};

/// Bounds of the index values of one stage, outside and inside its body.
class IndexBounds {
public:
  explicit IndexBounds(StageOp stage) : stage(stage) {}

  Interval get(Value value) {
    if (auto known = cache.find(value); known != cache.end())
      return known->second;
    Interval interval = compute(value);
    cache[value] = interval;
    return interval;
  }

  /// The most elements that a buffer can have.
  int64_t getElementCount(Value buffer) {
    auto type = cast<MemRefType>(buffer.getType());
    __int128 count = 1;
    for (unsigned i = 0, e = type.getRank(); i != e; ++i) {
      int64_t extent = type.isDynamicDim(i) ? get(resolveExtent(buffer, i)).high
                                            : type.getDimSize(i);
      count = std::min<__int128>(count * extent, Interval::kLimit);
    }
    if (std::optional<int64_t> capacity = getCapacity(buffer))
      count = std::min<__int128>(
          count,
          *capacity / int64_t(getElementByteCount(type.getElementType())));
    return int64_t(count);
  }

  Interval get(ProgramScalar scalar) {
    if (!scalar.value)
      return {};
    if (!scalar.isExtent())
      return get(scalar.value);
    auto type = cast<MemRefType>(scalar.value.getType());
    int64_t bytes = getElementByteCount(type.getElementType());
    for (int64_t extent : type.getShape())
      if (!ShapedType::isDynamic(extent) && extent > 0)
        bytes *= extent;
    std::optional<int64_t> capacity = getCapacity(scalar.value);
    // The runtime's check counts every other dimension at least once, so that
    // this holds beside an extent of zero as well.
    if (!capacity)
      return {0, Interval::kLimit};
    return {0, *capacity / bytes};
  }

private:
  std::optional<int64_t> getCapacity(Value buffer) {
    auto argument = dyn_cast<BlockArgument>(buffer);
    if (!argument)
      return std::nullopt;
    auto program = stage->getParentOfType<ProgramOp>();
    BindingAttr binding = program.getBinding(argument.getArgNumber());
    if (!binding || binding.getCapacity() == 0)
      return std::nullopt;
    return std::min<uint64_t>(binding.getCapacity(), Interval::kLimit);
  }

  Interval getLoopIndex(Value lower, Value upper) {
    return {get(lower).low, std::max(get(upper).high - 1, get(lower).low)};
  }

  Interval compute(BlockArgument argument) {
    Operation *owner = argument.getOwner()->getParentOp();
    unsigned position = argument.getArgNumber();
    if (owner == stage)
      return {0,
              std::max<int64_t>(get(stage.getExtents()[position]).high - 1, 0)};
    if (auto loop = dyn_cast<scf::ForOp>(owner)) {
      if (position == 0)
        return getLoopIndex(loop.getLowerBound(), loop.getUpperBound());
    } else if (auto loop = dyn_cast<scf::ParallelOp>(owner)) {
      if (position < loop.getNumLoops())
        return getLoopIndex(loop.getLowerBound()[position],
                            loop.getUpperBound()[position]);
    }
    return {};
  }

  Interval compute(Value value) {
    APInt constant;
    if (matchPattern(value, m_ConstantInt(&constant)))
      return constant.getSignificantBits() > 62
                 ? Interval()
                 : Interval{constant.getSExtValue(), constant.getSExtValue()};
    if (auto argument = dyn_cast<BlockArgument>(value))
      return compute(argument);
    Operation *op = value.getDefiningOp();
    return llvm::TypeSwitch<Operation *, Interval>(op)
        .Case([&](memref::DimOp) { return get(resolveProgramScalar(value)); })
        .Case([&](arith::AddIOp add) {
          Interval a = get(add.getLhs()), b = get(add.getRhs());
          return Interval::saturated(__int128(a.low) + b.low,
                                     __int128(a.high) + b.high);
        })
        .Case([&](arith::SubIOp sub) {
          Interval a = get(sub.getLhs()), b = get(sub.getRhs());
          return Interval::saturated(__int128(a.low) - b.high,
                                     __int128(a.high) - b.low);
        })
        .Case([&](arith::MulIOp mul) {
          Interval a = get(mul.getLhs()), b = get(mul.getRhs());
          auto ends = {__int128(a.low) * b.low, __int128(a.low) * b.high,
                       __int128(a.high) * b.low, __int128(a.high) * b.high};
          return Interval::saturated(std::min(ends), std::max(ends));
        })
        .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp,
              arith::CeilDivSIOp, arith::RemSIOp, arith::RemUIOp>(
            [&](auto div) {
              // By a positive divisor, of what is not negative: no larger.
              Interval a = get(div.getLhs()), b = get(div.getRhs());
              return a.low >= 0 && b.low >= 1 ? Interval{0, a.high}
                                              : Interval();
            })
        .Case<arith::MinSIOp>([&](auto min) {
          Interval a = get(min.getLhs()), b = get(min.getRhs());
          return Interval{std::min(a.low, b.low), std::min(a.high, b.high)};
        })
        .Case<arith::MaxSIOp>([&](auto max) {
          Interval a = get(max.getLhs()), b = get(max.getRhs());
          return Interval{std::max(a.low, b.low), std::max(a.high, b.high)};
        })
        .Case([&](arith::SelectOp select) {
          Interval a = get(select.getTrueValue());
          Interval b = get(select.getFalseValue());
          return Interval{std::min(a.low, b.low), std::max(a.high, b.high)};
        })
        .Case([&](arith::IndexCastOp cast) {
          Type from = cast.getIn().getType();
          Interval inner = get(cast.getIn());
          if (inner.fits32() || from.isIndex() || !from.isInteger() ||
              from.getIntOrFloatBitWidth() > 32)
            return inner;
          return Interval{std::numeric_limits<int32_t>::min(),
                          std::numeric_limits<int32_t>::max()};
        })
        .Default([](Operation *) { return Interval(); });
  }

  StageOp stage;
  llvm::DenseMap<Value, Interval> cache;
};

} // namespace

/// The most points of the stage's index space: of its extents' product, or of a
/// buffer whose extents they are.
static int64_t getPointCount(StageOp stage, IndexBounds &bounds) {
  __int128 product = 1;
  SmallVector<std::pair<void *, int64_t>> space;
  for (Value extent : stage.getExtents()) {
    product =
        std::min<__int128>(product * bounds.get(extent).high, Interval::kLimit);
    ProgramScalar scalar = resolveProgramScalar(extent);
    APInt constant;
    if (matchPattern(extent, m_ConstantInt(&constant)))
      space.push_back({nullptr, constant.getSExtValue()});
    else
      space.push_back({scalar.value.getAsOpaquePointer(), scalar.dimension});
  }
  llvm::sort(space);
  int64_t points = int64_t(product);
  for (Value buffer : getOrderedBuffers(stage)) {
    auto type = cast<MemRefType>(buffer.getType());
    SmallVector<std::pair<void *, int64_t>> extents;
    for (unsigned i = 0, e = type.getRank(); i != e; ++i) {
      if (!type.isDynamicDim(i)) {
        extents.push_back({nullptr, type.getDimSize(i)});
        continue;
      }
      ProgramScalar scalar = resolveExtent(buffer, i);
      extents.push_back({scalar.value.getAsOpaquePointer(), scalar.dimension});
    }
    llvm::sort(extents);
    if (extents == space)
      points = std::min(points, bounds.getElementCount(buffer));
  }
  return points;
}

/// Whether wrong upper bits of operands give no more than wrong upper bits. One
/// that says that nothing overflows says it of 64 bits.
static bool isExactModulo(Operation *op) {
  if (isa<memref::LoadOp, memref::StoreOp, arith::ConstantOp>(op))
    return true;
  auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op);
  return isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op) &&
         !flags.hasNoSignedWrap() && !flags.hasNoUnsignedWrap();
}

bool vyre::isIndex32Enough(StageOp stage) {
  constexpr int64_t kLimit = int64_t(1) << 31;
  // The largest grid has 2^20 blocks of 256 threads.
  constexpr int64_t kLargestStride = int64_t(1) << 28;

  IndexBounds bounds(stage);
  for (Value buffer : getOrderedBuffers(stage))
    if (getElementTypeOrSelf(buffer.getType()).isIndex() ||
        bounds.getElementCount(buffer) >= kLimit)
      return false;
  if (getPointCount(stage, bounds) > kLimit - kLargestStride)
    return false;

  auto fits = [&](Value value) {
    return !value.getType().isIndex() || bounds.get(value).fits32();
  };
  WalkResult walk = stage.getBody().walk([&](Operation *op) {
    if (isExactModulo(op))
      return WalkResult::advance();
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      Interval last = bounds.get(loop.getUpperBound());
      Interval step = bounds.get(loop.getStep());
      if (!Interval::saturated(last.low, __int128(last.high) + step.high)
               .fits32())
        return WalkResult::interrupt();
    }
    return llvm::all_of(op->getOperands(), fits) &&
                   llvm::all_of(op->getResults(), fits)
               ? WalkResult::advance()
               : WalkResult::interrupt();
  });
  return !walk.wasInterrupted();
}
