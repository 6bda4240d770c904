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
// A group that is one warp needs no workgroup memory. Where more than eight
// warps take part, their threads first reduce p to what 256 threads hold, since
// every warp reads all that is left.
//
// The threads of a group of several blocks, a cluster, each have lanes as
// above. A block's tree is over its own warps, whose numbers are as far apart
// as the cluster has blocks; the results of its first warp's threads are then
// read by all others where they are, in its workgroup memory.
//
// Where the number of lanes is another one, or known only when the kernel runs,
// thread t takes lanes t, t + T, ... one after the other, and the tree is
// combined in workgroup memory, with a barrier after each step.
//
//===----------------------------------------------------------------------===//

#include "GroupBody.h"
#include "KernelBuilder.h"
#include "NeighbouringPoints.h"
#include "ParallelLoop.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
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

/// Lanes of a thread in registers, in runs of kLanesPerThread.
static constexpr int64_t kMostParts = 4;

/// Threads whose values every warp reads.
static constexpr int64_t kLastThreads = 256;

namespace {

class GroupLoopExpander : ParallelLoop {
public:
  explicit GroupLoopExpander(scf::ParallelOp loop)
      : ParallelLoop(loop),
        threads(loop->getAttrOfType<IntegerAttr>(kThreadsAttrName).getInt()),
        blocks(getClusterBlocks(loop)), span(threads * kLanesPerThread) {}

  void expand();

private:
  /// One value of each reduction, for each of a thread's lanes.
  using Lanes = SmallVector<SmallVector<Value>>;

  Lanes pack(ValueRange values);
  SmallVector<Value> unpack(const Lanes &lanes);
  Lanes combineLanes(const Lanes &left, const Lanes &right);

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
  SmallVector<Value> reduceInMemory();

  SmallVector<Value> getWorkgroupMemory(int64_t lanes);
  Value addWorkgroupMemory(MemRefType type);
  MemRefType getWorkgroupType(Type element, int64_t lanes);
  Lanes load(ValueRange memory, Value thread);
  void store(const Lanes &lanes, ValueRange memory, Value thread);
  Lanes combineWarps(const Lanes &lanes);
  Lanes combineBlocks(const Lanes &lanes, Value number, Value warpThread);
  Lanes buildBlockTree(ValueRange memory, Value warpThread, int64_t first,
                       int64_t distance);
  Lanes loadOfBlock(ValueRange memory, Value warpThread, int64_t rank);
  Lanes buildTree(ValueRange memory, Value warpThread, int64_t first,
                  int64_t distance, int64_t count);
  SmallVector<Value> combineThreads(Lanes lanes);
  Value shuffle(Value value, int64_t distance);

  Value add(Value a, int64_t b) {
    return arith::AddIOp::create(builder, loc, a, constant(b));
  }

  int64_t threads;
  /// Blocks that these are in.
  int64_t blocks;
  /// Points of a round.
  int64_t span;
  /// Points of the loop, if they are known.
  std::optional<int64_t> points;
  Value thread;
};

} // namespace

GroupLoopExpander::Lanes GroupLoopExpander::pack(ValueRange values) {
  Lanes lanes;
  for (; !values.empty(); values = values.drop_front(neutral.size()))
    lanes.emplace_back(values.take_front(neutral.size()));
  return lanes;
}

SmallVector<Value> GroupLoopExpander::unpack(const Lanes &lanes) {
  SmallVector<Value> values;
  for (const SmallVector<Value> &lane : lanes)
    llvm::append_range(values, lane);
  return values;
}

GroupLoopExpander::Lanes GroupLoopExpander::combineLanes(const Lanes &left,
                                                         const Lanes &right) {
  Lanes combined;
  for (auto [a, b] : llvm::zip_equal(left, right))
    combined.push_back(combineAll(a, b));
  return combined;
}

//===----------------------------------------------------------------------===//
// A thread's points
//===----------------------------------------------------------------------===//

GroupLoopExpander::Lanes
GroupLoopExpander::takePoints(Value base, int64_t count, Lanes lanes) {
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
GroupLoopExpander::Lanes GroupLoopExpander::takeRuns(Value base, int64_t count,
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

GroupLoopExpander::Lanes GroupLoopExpander::takeRounds(int64_t parts) {
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
GroupLoopExpander::Lanes GroupLoopExpander::takeRest(Value base, int64_t rest,
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

//===----------------------------------------------------------------------===//
// Across threads
//===----------------------------------------------------------------------===//

/// Workgroup memory for the lanes of each reduction, which all loops of the
/// kernel use in turn.
SmallVector<Value> GroupLoopExpander::getWorkgroupMemory(int64_t lanes) {
  auto function = loop->getParentOfType<gpu::GPUFuncOp>();
  SmallVector<Value> memory;
  for (Type type : loop.getResultTypes()) {
    MemRefType memoryType = getWorkgroupType(type, lanes);
    auto isFree = [&](BlockArgument argument) {
      return argument.getType() == memoryType &&
             !llvm::is_contained(memory, argument);
    };
    ArrayRef<BlockArgument> known = function.getWorkgroupAttributions();
    if (auto free = llvm::find_if(known, isFree); free != known.end()) {
      memory.push_back(*free);
      continue;
    }
    memory.push_back(addWorkgroupMemory(memoryType));
  }
  return memory;
}

MemRefType GroupLoopExpander::getWorkgroupType(Type element, int64_t lanes) {
  auto space = gpu::AddressSpaceAttr::get(
      builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  return MemRefType::get({lanes}, element, MemRefLayoutAttrInterface(), space);
}

Value GroupLoopExpander::addWorkgroupMemory(MemRefType type) {
  auto function = loop->getParentOfType<gpu::GPUFuncOp>();
  unsigned index = function.getNumWorkgroupAttributions();
  Value memory = function.addWorkgroupAttribution(type, loc);
  function.setWorkgroupAttributionAttr(index,
                                       LLVM::LLVMDialect::getAlignAttrName(),
                                       builder.getI64IntegerAttr(16));
  return memory;
}

GroupLoopExpander::Lanes GroupLoopExpander::load(ValueRange memory,
                                                 Value thread) {
  Value first =
      arith::MulIOp::create(builder, loc, thread, constant(kLanesPerThread));
  Lanes lanes;
  for (int64_t i = 0; i != kLanesPerThread; ++i) {
    Value index = add(first, i);
    lanes.emplace_back();
    for (Value memref : memory)
      lanes.back().push_back(
          memref::LoadOp::create(builder, loc, memref, index));
  }
  return lanes;
}

void GroupLoopExpander::store(const Lanes &lanes, ValueRange memory,
                              Value thread) {
  Value first =
      arith::MulIOp::create(builder, loc, thread, constant(kLanesPerThread));
  for (auto [i, lane] : llvm::enumerate(lanes)) {
    Value index = add(first, i);
    for (auto [value, memref] : llvm::zip_equal(lane, memory))
      memref::StoreOp::create(builder, loc, value, memref, index);
  }
}

/// The part of the tree whose leaves are threads first, first + distance, ...,
/// `count` of them. Thread i of a warp reads what the i-th after each holds.
GroupLoopExpander::Lanes
GroupLoopExpander::buildTree(ValueRange memory, Value warpThread, int64_t first,
                             int64_t distance, int64_t count) {
  if (count == 1)
    return load(memory, add(warpThread, first));
  // The last step of the tree combines leaves that are `distance` apart.
  Lanes left = buildTree(memory, warpThread, first, 2 * distance, count / 2);
  Lanes right =
      buildTree(memory, warpThread, first + distance, 2 * distance, count / 2);
  return combineLanes(left, right);
}

/// Brings the values of all warps together: thread i of each warp then has what
/// threads i, i + 32, i + 64, ... had.
GroupLoopExpander::Lanes GroupLoopExpander::combineWarps(const Lanes &lanes) {
  int64_t left = threads / blocks;
  auto buildBarrier = [&] {
    if (threads > kWarp)
      gpu::BarrierOp::create(builder, loc);
    else
      buildGroupBarrier(builder, loc, threads);
  };
  // Its number in the block.
  Value number = thread;
  if (blocks > 1)
    number = gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x);
  SmallVector<Value> memory = getWorkgroupMemory(left * kLanesPerThread);
  // The last loop's values have been read.
  buildBarrier();
  store(lanes, memory, number);
  buildBarrier();
  if (left > kLastThreads) {
    Value limit = constant(kLastThreads);
    Value isLast = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ult, number, limit);
    auto branch = scf::IfOp::create(builder, loc, isLast);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      store(buildTree(memory, number, 0, kLastThreads, left / kLastThreads),
            memory, number);
    }
    buildBarrier();
    left = kLastThreads;
  }
  Value warpThread =
      arith::RemUIOp::create(builder, loc, number, constant(kWarp));
  Lanes ofBlock = buildTree(memory, warpThread, 0, kWarp, left / kWarp);
  return blocks == 1 ? ofBlock : combineBlocks(ofBlock, number, warpThread);
}

/// What the `rank`-th block of the cluster has in its workgroup memory.
GroupLoopExpander::Lanes GroupLoopExpander::loadOfBlock(ValueRange memory,
                                                        Value warpThread,
                                                        int64_t rank) {
  auto pointerIn = [&](NVVM::NVVMMemorySpace space) {
    return LLVM::LLVMPointerType::get(builder.getContext(), unsigned(space));
  };
  Type i64 = builder.getI64Type();
  Value first = arith::IndexCastOp::create(
      builder, loc, i64,
      arith::MulIOp::create(builder, loc, warpThread,
                            constant(kLanesPerThread)));
  Value block = arith::ConstantIntOp::create(builder, loc, rank, 32);
  Lanes lanes(kLanesPerThread);
  for (Value memref : memory) {
    Type type = cast<MemRefType>(memref.getType()).getElementType();
    Value bits = arith::IndexCastOp::create(
        builder, loc, i64,
        memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, memref));
    Value own = LLVM::IntToPtrOp::create(
        builder, loc, pointerIn(NVVM::NVVMMemorySpace::Shared), bits);
    Type pointer = pointerIn(NVVM::NVVMMemorySpace::SharedCluster);
    Value base = NVVM::MapaOp::create(builder, loc, pointer, own, block);
    Value at = LLVM::GEPOp::create(builder, loc, pointer, type, base,
                                   LLVM::GEPArg(first));
    auto vectorType = VectorType::get(kLanesPerThread, type);
    Value vector =
        LLVM::LoadOp::create(builder, loc, vectorType, at, /*alignment=*/16);
    for (auto [i, lane] : llvm::enumerate(lanes))
      lane.push_back(vector::ExtractOp::create(builder, loc, vector, i));
  }
  return lanes;
}

/// Brings the values of all blocks together. Their memory is that of this loop
/// alone: others may read it until the group has met again.
GroupLoopExpander::Lanes GroupLoopExpander::combineBlocks(const Lanes &lanes,
                                                          Value number,
                                                          Value warpThread) {
  SmallVector<Value> memory;
  for (Type type : loop.getResultTypes())
    memory.push_back(
        addWorkgroupMemory(getWorkgroupType(type, kWarp * kLanesPerThread)));
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                        number, constant(kWarp));
  auto branch = scf::IfOp::create(builder, loc, isFirst);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    store(lanes, memory, warpThread);
  }
  buildGroupBarrier(builder, loc, threads);
  return buildBlockTree(memory, warpThread, /*first=*/0, /*distance=*/1);
}

/// The part of the tree, as in buildTree, whose leaves are blocks first,
/// first + distance, ...
GroupLoopExpander::Lanes GroupLoopExpander::buildBlockTree(ValueRange memory,
                                                           Value warpThread,
                                                           int64_t first,
                                                           int64_t distance) {
  if (distance == blocks)
    return loadOfBlock(memory, warpThread, first);
  Lanes left = buildBlockTree(memory, warpThread, first, 2 * distance);
  Lanes right =
      buildBlockTree(memory, warpThread, first + distance, 2 * distance);
  return combineLanes(left, right);
}

/// A value of any element type of the thread whose number differs in the bit
/// `distance`, in pieces of 32 bits.
Value GroupLoopExpander::shuffle(Value value, int64_t distance) {
  Type type = value.getType(), i32 = builder.getI32Type();
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  Type bitsType = builder.getIntegerType(width);
  Value bits = value;
  if (type.isIndex())
    bits = arith::IndexCastOp::create(builder, loc, bitsType, value);
  else if (type != bitsType)
    bits = arith::BitcastOp::create(builder, loc, bitsType, value);
  Value offset = arith::ConstantIntOp::create(builder, loc, distance, 32);
  Value size = arith::ConstantIntOp::create(builder, loc, kWarp, 32);
  auto move = [&](Value piece) -> Value {
    return gpu::ShuffleOp::create(builder, loc, piece, offset, size,
                                  gpu::ShuffleMode::XOR)
        .getShuffleResult();
  };
  if (width < 32) {
    bits = move(arith::ExtUIOp::create(builder, loc, i32, bits));
    bits = arith::TruncIOp::create(builder, loc, bitsType, bits);
  } else if (width == 32) {
    bits = move(bits);
  } else {
    Value half = arith::ConstantIntOp::create(builder, loc, 32, 64);
    Value upper = arith::ShRUIOp::create(builder, loc, bits, half);
    upper = move(arith::TruncIOp::create(builder, loc, i32, upper));
    Value lower = move(arith::TruncIOp::create(builder, loc, i32, bits));
    upper = arith::ExtUIOp::create(builder, loc, bitsType, upper);
    upper = arith::ShLIOp::create(builder, loc, upper, half);
    lower = arith::ExtUIOp::create(builder, loc, bitsType, lower);
    bits = arith::OrIOp::create(builder, loc, upper, lower);
  }
  if (type.isIndex())
    return arith::IndexCastOp::create(builder, loc, type, bits);
  return type == bitsType ? bits
                          : arith::BitcastOp::create(builder, loc, type, bits);
}

/// The tree over the values of a warp's threads, kLanesPerThread each. While a
/// thread has several, it takes half of them over from another, and leaves that
/// the other half:
///
///   thread t:      a0 a1 a2 a3         a0+b0 a1+b1
///   thread t + 16: b0 b1 b2 b3    ->   a2+b2 a3+b3
///
/// The same operations, a third of the exchanges, and every thread has the
/// result. The combiners are commutative.
SmallVector<Value> GroupLoopExpander::combineThreads(Lanes lanes) {
  auto combineWith = [&](Lanes &kept, const Lanes &sent, int64_t distance) {
    for (auto [lane, other] : llvm::zip_equal(kept, sent)) {
      SmallVector<Value> received;
      for (Value value : other)
        received.push_back(shuffle(value, distance));
      lane = combineAll(lane, received);
    }
  };
  SmallVector<int64_t> left;
  for (int64_t distance = kWarp / 2; distance != 0; distance /= 2) {
    if (lanes.size() == 1) {
      combineWith(lanes, lanes, distance);
      continue;
    }
    Value bit = arith::AndIOp::create(builder, loc, thread, constant(distance));
    Value isUpper = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ne, bit, constant(0));
    size_t half = lanes.size() / 2;
    Lanes kept, sent;
    for (size_t i = 0; i != half; ++i) {
      kept.emplace_back();
      sent.emplace_back();
      for (auto [lower, upper] : llvm::zip_equal(lanes[i], lanes[i + half])) {
        auto select = [&](Value a, Value b) {
          return arith::SelectOp::create(builder, loc, isUpper, a, b);
        };
        kept.back().push_back(select(upper, lower));
        sent.back().push_back(select(lower, upper));
      }
    }
    combineWith(kept, sent, distance);
    lanes = std::move(kept);
    left.push_back(distance);
  }
  // Lane v of the last steps is where the threads that kept it are.
  for (int64_t distance : left)
    combineWith(lanes, lanes, distance);
  return lanes.front();
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
  if (threads > kWarp)
    lanes = combineWarps(lanes);
  return combineThreads(std::move(lanes));
}

SmallVector<Value> GroupLoopExpander::reduceInMemory() {
  Value lanes = points ? constant(getReductionLanes(*points))
                       : buildReductionLanes(builder, loc, total);
  SmallVector<Value> memory =
      getWorkgroupMemory(points ? getReductionLanes(*points) : kMaxLanes);
  Value zero = constant(0), one = constant(1), size = constant(threads);
  auto loadAll = [&](Value index) {
    SmallVector<Value> values;
    for (Value memref : memory)
      values.push_back(memref::LoadOp::create(builder, loc, memref, index));
    return values;
  };
  auto storeAll = [&](ValueRange values, Value index) {
    for (auto [value, memref] : llvm::zip_equal(values, memory))
      memref::StoreOp::create(builder, loc, value, memref, index);
  };
  // The last loop's values have been read.
  buildGroupBarrier(builder, loc, threads);
  auto ofThread = scf::ForOp::create(builder, loc, thread, lanes, size);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(ofThread.getBody());
    Value lane = ofThread.getInductionVar();
    auto ofLane = scf::ForOp::create(builder, loc, lane, total, lanes, neutral);
    {
      OpBuilder::InsertionGuard inner(builder);
      builder.setInsertionPointToStart(ofLane.getBody());
      SmallVector<Value> values = buildBodyAt(ofLane.getInductionVar());
      scf::YieldOp::create(builder, loc,
                           combineAll(ofLane.getRegionIterArgs(), values));
    }
    storeAll(ofLane.getResults(), lane);
  }
  buildGroupBarrier(builder, loc, threads);
  // Steps of L/2, L/4, ..., 1.
  Value steps = constant(llvm::Log2_64(kMaxLanes) + 1);
  auto step = scf::ForOp::create(builder, loc, one, steps, one);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(step.getBody());
    Value half =
        arith::ShRUIOp::create(builder, loc, lanes, step.getInductionVar());
    auto pair = scf::ForOp::create(builder, loc, thread, half, size);
    {
      OpBuilder::InsertionGuard inner(builder);
      builder.setInsertionPointToStart(pair.getBody());
      Value lane = pair.getInductionVar();
      Value other = arith::AddIOp::create(builder, loc, lane, half);
      storeAll(combineAll(loadAll(lane), loadAll(other)), lane);
    }
    buildGroupBarrier(builder, loc, threads);
  }
  return loadAll(zero);
}

/// Without reductions, in an order that accesses neighbours together.
void GroupLoopExpander::expandOneByOne() {
  auto ofThread =
      scf::ForOp::create(builder, loc, thread, total, constant(threads));
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
  bool fits = points && getReductionLanes(*points) % span == 0 &&
              getReductionLanes(*points) <= kMostParts * span;
  replace(fits ? reduceInRegisters() : reduceInMemory());
}

void vyre::expandGroupLoop(scf::ParallelOp loop) {
  GroupLoopExpander(loop).expand();
}
