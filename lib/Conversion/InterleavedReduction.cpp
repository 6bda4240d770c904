//===- InterleavedReduction.cpp - Lanes in turn for a group's threads -----===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction of a group of T threads whose lanes need not be a multiple of
// anything, and whose extent only the kernel may know. Of L lanes, thread t has
// lanes t, t + T, t + 2 * T, ...:
//
//   switch (the number of lanes of this extent)
//   case 1:                               each thread, all points in order
//   case L:
//     for k = t; k < extent; k += L
//       acc[p] = acc[p] * body(k + p * T)       p < L / T
//     tree of acc over s = L / 2 ... T          each thread
//     tree over s = T / 2 ... 1                 workgroup memory and shuffles
//   init * acc[0]
//
// A thread computes kTogether points before it uses any, since what it waits
// for is memory: of several rounds where it has fewer lanes, else of some of
// its lanes after the others. Neighbouring threads take neighbouring points.
//
// Where a block has C columns side by side (vyre.columns), each with T threads,
// a column's thread t is number t * C + column in the block, so that threads
// beside each other load neighbours in a row. The tree is the same. A warp that
// has a point of its own gets no more than 128 lanes.
//
//===----------------------------------------------------------------------===//

#include "GroupReduction.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Conversion/ReductionOrder.h"

using namespace mlir;
using namespace vyre;

/// Points that a thread computes before it combines them, of a body with up to
/// so many operations, and of a larger one.
static constexpr int64_t kTogether = 16;
static constexpr int64_t kSmallBody = 32;
static constexpr int64_t kLargeBodiesTogether = 4;

/// The numbers of lanes that there are besides one.
static constexpr int64_t kLaneCounts[] = {128, 1024, kMaxLanes};

namespace {

class InterleavedReduction : GroupReduction {
public:
  explicit InterleavedReduction(scf::ParallelOp loop);

  void expand();

private:
  /// All points in order.
  SmallVector<Value> takeAll();
  /// The reduction in so many lanes.
  SmallVector<Value> reduceIn(int64_t lanes);
  /// The tree over `count` lanes, which are `distance` apart and the first of
  /// which is `first`.
  SmallVector<Value> takeLanes(Value first, int64_t distance, int64_t count);
  /// Points `first`, first + distance, ... taken into the lanes in turn; only
  /// those that there are, where `isGuarded`.
  Lanes takePoints(Value first, int64_t distance, int64_t count, Lanes lanes,
                   bool isGuarded);
  SmallVector<Value> takeGuarded(Value point, ValueRange lane);
  SmallVector<Value> combineTree(Lanes lanes);

  /// Whether a point may be computed once more.
  bool isRepeatable;
  int64_t together;
  std::optional<int64_t> points;
};

} // namespace

InterleavedReduction::InterleavedReduction(scf::ParallelOp loop)
    : GroupReduction(loop), isRepeatable(isReadOnly(loop)) {
  int64_t operations = 0;
  loop.getBody()->walk([&](Operation *) { ++operations; });
  together = operations > kSmallBody ? kLargeBodiesTogether : kTogether;
}

SmallVector<Value> InterleavedReduction::combineTree(Lanes lanes) {
  while (lanes.size() > 1) {
    size_t half = lanes.size() / 2;
    lanes = combineLanes(Lanes(ArrayRef(lanes).take_front(half)),
                         Lanes(ArrayRef(lanes).drop_front(half)));
  }
  return lanes.front();
}

SmallVector<Value> InterleavedReduction::takeAll() {
  auto inner = scf::ForOp::create(builder, loc, constant(0), total, constant(1),
                                  neutral);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(inner.getBody());
  SmallVector<Value> values = buildBodyAt(inner.getInductionVar());
  scf::YieldOp::create(builder, loc,
                       combineAll(inner.getRegionIterArgs(), values));
  return inner.getResults();
}

/// A point that may not be there: the last one is computed in its place, or
/// none where that would do harm.
SmallVector<Value> InterleavedReduction::takeGuarded(Value point,
                                                     ValueRange lane) {
  Value isThere = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                        point, total);
  if (isRepeatable) {
    Value nearest = arith::MinUIOp::create(builder, loc, point, add(total, -1));
    SmallVector<Value> values = combineAll(lane, buildBodyAt(nearest));
    for (auto [value, before] : llvm::zip_equal(values, lane))
      value = arith::SelectOp::create(builder, loc, isThere, value, before);
    return values;
  }
  auto branch = scf::IfOp::create(builder, loc, lane.getTypes(), isThere,
                                  /*withElse=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, loc, combineAll(lane, buildBodyAt(point)));
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, loc, lane);
  return branch.getResults();
}

GroupReduction::Lanes
InterleavedReduction::takePoints(Value first, int64_t distance, int64_t count,
                                 Lanes lanes, bool isGuarded) {
  Lanes values;
  for (int64_t i = 0; i != count; ++i) {
    Value point = add(first, i * distance);
    SmallVector<Value> &lane = lanes[i % lanes.size()];
    if (isGuarded)
      lane = takeGuarded(point, lane);
    else
      values.push_back(buildBodyAt(point));
  }
  for (auto [i, value] : llvm::enumerate(values)) {
    SmallVector<Value> &lane = lanes[i % lanes.size()];
    lane = combineAll(lane, value);
  }
  return lanes;
}

SmallVector<Value>
InterleavedReduction::takeLanes(Value first, int64_t distance, int64_t count) {
  int64_t rounds = std::max<int64_t>(together / count, 1);
  int64_t atOnce = rounds * count, span = atOnce * distance;
  Lanes lanes(count, neutral);
  std::optional<int64_t> most =
      points ? points : getMostPoints(count * distance);
  if (most && *most <= span)
    return combineTree(
        takePoints(first, distance, atOnce, lanes, /*isGuarded=*/true));

  Value rest = arith::RemUIOp::create(builder, loc, total, constant(span));
  Value whole = arith::SubIOp::create(builder, loc, total, rest);
  auto inner = scf::ForOp::create(builder, loc, constant(0), whole,
                                  constant(span), unpack(lanes));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(inner.getBody());
    Value base =
        arith::AddIOp::create(builder, loc, inner.getInductionVar(), first);
    lanes = takePoints(base, distance, atOnce, pack(inner.getRegionIterArgs()),
                       /*isGuarded=*/false);
    scf::YieldOp::create(builder, loc, unpack(lanes));
  }
  lanes = pack(inner.getResults());
  Value isLeft = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                       rest, constant(0));
  SmallVector<Value> before = unpack(lanes);
  auto branch = scf::IfOp::create(builder, loc, ValueRange(before).getTypes(),
                                  isLeft, /*withElse=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    first = arith::AddIOp::create(builder, loc, whole, first);
    scf::YieldOp::create(builder, loc,
                         unpack(takePoints(first, distance, atOnce, lanes,
                                           /*isGuarded=*/true)));
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, loc, before);
  }
  return combineTree(pack(branch.getResults()));
}

SmallVector<Value> InterleavedReduction::reduceIn(int64_t lanes) {
  // Of few lanes, threads beyond them do the same as others do.
  int64_t holders = std::min(lanes, threads);
  Value holder = holders == threads
                     ? thread
                     : Value(arith::RemUIOp::create(builder, loc, thread,
                                                    constant(holders)));
  int64_t ofThread = lanes / holders;
  int64_t count = std::min(ofThread, together), turns = ofThread / count;
  SmallVector<Value> value;
  if (turns == 1) {
    value = takeLanes(holder, holders, count);
  } else {
    SmallVector<Value> memory = allocate(turns);
    auto turn = scf::ForOp::create(builder, loc, constant(0), constant(turns),
                                   constant(1));
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(turn.getBody());
      Value number = turn.getInductionVar();
      Value first = arith::AddIOp::create(
          builder, loc,
          arith::MulIOp::create(builder, loc, number, constant(holders)),
          holder);
      storeAll(takeLanes(first, turns * holders, count), memory, number);
    }
    Lanes ofTurns;
    for (int64_t i = 0; i != turns; ++i)
      ofTurns.push_back(loadAll(memory, constant(i)));
    value = combineTree(ofTurns);
  }
  Lanes ofThreads = {value};
  if (holders * columns > kWarp) {
    Value number = holder;
    if (columns > 1)
      number = gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x);
    ofThreads = combineWarps(ofThreads, number, holders * columns);
  }
  return combineThreads(std::move(ofThreads));
}

void InterleavedReduction::expand() {
  Value number = gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x);
  thread = columns > 1 ? Value(arith::DivUIOp::create(builder, loc, number,
                                                      constant(columns)))
                       : Value(arith::RemUIOp::create(builder, loc, number,
                                                      constant(threads)));
  points = buildExtents();
  [[maybe_unused]] bool hasNeutral = buildNeutral();
  assert(hasNeutral && "such a loop is not shared");
  if (points) {
    replace(reduceIn(getReductionLanes(*points)));
    return;
  }
  Value lanes = buildReductionLanes(builder, loc, total);
  // A warp is given no more than what the first of them is for.
  bool isWarp = threads == kWarp && columns == 1;
  size_t known = isWarp ? 0 : std::size(kLaneCounts) - 1;
  SmallVector<int64_t> cases(1, 1);
  cases.append(kLaneCounts, kLaneCounts + known);
  auto choice = scf::IndexSwitchOp::create(builder, loc, loop.getResultTypes(),
                                           lanes, cases, cases.size());
  auto fill = [&](Region &region, auto build) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&region);
    SmallVector<Value> values = build();
    scf::YieldOp::create(builder, loc, values);
  };
  fill(choice.getCaseRegions().front(), [&] { return takeAll(); });
  for (size_t i = 0; i != known; ++i)
    fill(choice.getCaseRegions()[i + 1],
         [&] { return reduceIn(kLaneCounts[i]); });
  fill(choice.getDefaultRegion(), [&] { return reduceIn(kLaneCounts[known]); });
  replace(choice.getResults());
}

void vyre::expandInterleavedLoop(scf::ParallelOp loop) {
  InterleavedReduction(loop).expand();
}
