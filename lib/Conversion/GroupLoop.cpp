//===- GroupLoop.cpp - Parallel loops of a group of threads ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop of a group of T threads, with V = kLanesPerThread: thread t takes the
// points r * T * V + t * V + v for all rounds r and v < V. A reduction of
// L = P * T * V lanes (Passes.td) then has lanes (p * T + t) * V + v in thread
// t:
//
//   acc[p][v] = neutral                                 each thread
//   for r: acc[p][v] = acc[p][v] * body(r * L + (p * T + t) * V + v)
//   tree of acc over s = L/2 ... T * V: over p          each thread
//   p[t * V + v] = acc[0][v]                            workgroup memory
//   tree of p over s = T * V / 2 ... 32 * V             each warp, in registers
//   tree over s = 16 * V ... 1                          shuffles
//   init * acc[0]                                       each thread
//
// Where the number of lanes is another one, or known only when the kernel runs,
// lanes are shared in another way: InterleavedReduction.cpp.
//
//===----------------------------------------------------------------------===//

#include "GroupBody.h"
#include "GroupReduction.h"
#include "NeighbouringPoints.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Conversion/ReductionOrder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vyre;

/// A thread's points are written out, without a loop, up to so many; loads of
/// one element by several loops then become one.
static constexpr int64_t kMaxUnrolledPoints = 32;

/// The same of a cluster, whose blocks are few to a multiprocessor and have the
/// registers for it.
static constexpr int64_t kMaxUnrolledClusterPoints = 64;

/// Runs of kLanesPerThread points of which a thread loads all there is before
/// it computes: at most so many, with at most so many loads of vectors. The
/// threads of a large block have no registers for that, and hide each other's
/// loads.
static constexpr int64_t kMostRunsTogether = 4;
static constexpr int64_t kLoadsTogether = 16;
static constexpr int64_t kLargeBlock = 1024;

/// Runs of kLanesPerThread lanes that a thread has at most.
static constexpr int64_t kMostParts = 4;

namespace {

class GroupLoopExpander : GroupReduction {
public:
  explicit GroupLoopExpander(scf::ParallelOp loop)
      : GroupReduction(loop), span(threads * kLanesPerThread) {}

  void expand();

private:
  /// The points from `base` on, `count` of them, taken into `lanes`.
  Lanes takePoints(Value base, int64_t count, Lanes lanes);
  /// How many runs of points are computed together.
  int64_t getRunsTogether();
  Lanes takeRuns(Value base, int64_t count, Lanes lanes);
  /// All rounds; each of the loop's rounds is `parts` of ours, whose lanes
  /// follow each other.
  Lanes takeRounds(int64_t parts);
  Lanes takeRest(Value base, int64_t rest, Lanes lanes);

  /// The ways to run the loop.
  void expandOneByOne();
  SmallVector<Value> reduceInRegisters();

  /// Points of a round.
  int64_t span;
  /// Points of the loop, if they are known.
  std::optional<int64_t> points;
};

} // namespace

GroupReduction::Lanes GroupLoopExpander::takePoints(Value base, int64_t count,
                                                    Lanes lanes) {
  Lanes values = buildRunsAt(base, 1, 0, count);
  return reduce ? combineLanes(lanes, values) : lanes;
}

int64_t GroupLoopExpander::getRunsTogether() {
  if (threads / blocks >= kLargeBlock)
    return 1;
  int64_t loads = 0;
  for (Operation &op : *loop.getBody()) {
    if (op.getNumRegions() != 0 && !isa<scf::ReduceOp>(op))
      return 1;
    if (auto load = dyn_cast<memref::LoadOp>(op))
      loads += getStride(load.getIndices(), loop.getInductionVars().back()) !=
               Stride::None;
  }
  return std::clamp<int64_t>(kLoadsTogether / std::max<int64_t>(loads, 1), 1,
                             kMostRunsTogether);
}

/// Runs of points `span` apart, from `base` on. The lanes of neighbouring runs
/// follow each other, and begin again after all.
GroupReduction::Lanes GroupLoopExpander::takeRuns(Value base, int64_t count,
                                                  Lanes lanes) {
  int64_t together = getRunsTogether();
  for (int64_t first = 0; first != count;) {
    int64_t runs = std::min(together, count - first);
    Lanes values =
        buildRunsAt(add(base, first * span), runs, span, kLanesPerThread);
    first += runs;
    if (!reduce)
      continue;
    for (auto [i, value] : llvm::enumerate(values)) {
      SmallVector<Value> &lane =
          lanes[((first - runs) * kLanesPerThread + i) % lanes.size()];
      lane = combineAll(lane, value);
    }
  }
  return lanes;
}

GroupReduction::Lanes GroupLoopExpander::takeRounds(int64_t parts) {
  int64_t length = parts * span;
  int64_t rounds = *points / length, rest = *points % length;
  Value offset =
      arith::MulIOp::create(builder, loc, thread, constant(kLanesPerThread));
  Lanes lanes;
  if (reduce)
    lanes.assign(parts * kLanesPerThread, neutral);
  if (rounds * parts * kLanesPerThread <=
      (blocks > 1 ? kMaxUnrolledClusterPoints : kMaxUnrolledPoints)) {
    lanes = takeRuns(offset, rounds * parts, lanes);
  } else {
    int64_t together = std::max<int64_t>(getRunsTogether() / parts, 1);
    int64_t whole = rounds / together * together;
    auto inner =
        scf::ForOp::create(builder, loc, constant(0), constant(whole * length),
                           constant(together * length), unpack(lanes));
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(inner.getBody());
      Value base =
          arith::AddIOp::create(builder, loc, inner.getInductionVar(), offset);
      lanes = takeRuns(base, together * parts, pack(inner.getRegionIterArgs()));
      if (reduce)
        scf::YieldOp::create(builder, loc, unpack(lanes));
    }
    lanes = pack(inner.getResults());
    lanes =
        takeRuns(add(offset, whole * length), (rounds - whole) * parts, lanes);
  }
  for (int64_t part = 0; part * span < rest; ++part) {
    Value base = add(offset, rounds * length + part * span);
    auto ofPart = [&] {
      return MutableArrayRef(lanes).slice(part * kLanesPerThread,
                                          kLanesPerThread);
    };
    Lanes taken = takeRest(base, std::min(rest - part * span, span),
                           reduce ? Lanes(ofPart()) : Lanes());
    if (reduce)
      llvm::copy(taken, ofPart().begin());
  }
  return lanes;
}

/// What is left of a round, `rest` points, goes to the first threads.
GroupReduction::Lanes GroupLoopExpander::takeRest(Value base, int64_t rest,
                                                  Lanes lanes) {
  if (rest == span)
    return takePoints(base, kLanesPerThread, lanes);
  SmallVector<int64_t> counts(rest % kLanesPerThread == 0 ? 1 : kLanesPerThread,
                              rest % kLanesPerThread == 0 ? kLanesPerThread
                                                          : 1);
  for (auto [i, count] : llvm::enumerate(counts)) {
    Value first = add(base, i);
    Value isThere = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ult, first, total);
    // One condition for all lanes, or one for each.
    Lanes taken = counts.size() == 1 || !reduce ? lanes : Lanes{lanes[i]};
    SmallVector<Value> before = reduce ? unpack(taken) : SmallVector<Value>();
    auto branch = scf::IfOp::create(builder, loc, ValueRange(before).getTypes(),
                                    isThere, /*withElse=*/reduce != nullptr);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    Lanes after = takePoints(first, count, taken);
    if (!reduce)
      continue;
    scf::YieldOp::create(builder, loc, unpack(after));
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, loc, before);
    Lanes results = pack(branch.getResults());
    if (counts.size() == 1)
      lanes = results;
    else
      lanes[i] = results.front();
  }
  return lanes;
}

/// A reduction whose lanes are those of one round or several: as above.
SmallVector<Value> GroupLoopExpander::reduceInRegisters() {
  int64_t parts = getReductionLanes(*points) / span;
  Lanes lanes = takeRounds(parts);
  for (; parts > 1; parts /= 2) {
    size_t half = lanes.size() / 2;
    lanes = combineLanes(Lanes(ArrayRef(lanes).take_front(half)),
                         Lanes(ArrayRef(lanes).drop_front(half)));
  }
  if (threads > kWarp) {
    Value number = thread;
    if (blocks > 1)
      number = gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x);
    lanes = combineWarps(lanes, number, threads / blocks);
  }
  return combineThreads(std::move(lanes));
}

/// Without reductions, in an order that accesses neighbours together.
void GroupLoopExpander::expandOneByOne() {
  Value first = thread;
  if (int64_t runs = getRunsTogether(); runs > 1) {
    Value size = constant(runs * threads);
    Value rest = arith::RemUIOp::create(builder, loc, total, size);
    Value whole = arith::SubIOp::create(builder, loc, total, rest);
    auto together = scf::ForOp::create(builder, loc, constant(0), whole, size);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(together.getBody());
    Value base =
        arith::AddIOp::create(builder, loc, together.getInductionVar(), thread);
    buildRunsAt(base, runs, threads, /*count=*/1);
    builder.setInsertionPointAfter(together);
    first = arith::AddIOp::create(builder, loc, whole, thread);
  }
  auto ofThread =
      scf::ForOp::create(builder, loc, first, total, constant(threads));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(ofThread.getBody());
  buildBodyAt(ofThread.getInductionVar());
}

void GroupLoopExpander::expand() {
  thread = buildGroupThread(builder, loc, threads);
  points = buildExtents();
  if (!reduce) {
    if (points)
      takeRounds(/*parts=*/1);
    else
      expandOneByOne();
    loop.erase();
    return;
  }
  [[maybe_unused]] bool hasNeutral = buildNeutral();
  assert(hasNeutral && "such a loop is not shared");
  replace(reduceInRegisters());
}

/// Whether the lanes of a reduction are those of a few rounds of its threads.
static bool isOfWholeRounds(scf::ParallelOp loop) {
  std::optional<int64_t> points = getStaticPointCount(loop);
  if (!points)
    return false;
  int64_t lanes = getReductionLanes(*points);
  int64_t span = loop->getAttrOfType<IntegerAttr>(kThreadsAttrName).getInt() *
                 kLanesPerThread;
  return lanes % span == 0 && lanes <= kMostParts * span;
}

void vyre::expandGroupLoop(scf::ParallelOp loop) {
  if (loop.getNumResults() != 0 &&
      (loop->hasAttr(kColumnsAttrName) || !isOfWholeRounds(loop)))
    expandInterleavedLoop(loop);
  else
    GroupLoopExpander(loop).expand();
}
