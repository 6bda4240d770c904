//===- GroupReduction.cpp - Values of a group of threads ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The later half of the tree in GroupLoop.cpp. A group that is one warp needs
// no workgroup memory. Where more than eight warps take part, their threads
// first reduce what all have to what 256 threads hold, since every warp reads
// all that is left.
//
// The threads of a cluster, a group of several blocks, have their lanes like
// those of one block. A block's tree is over its own warps, whose numbers are
// as far apart as the cluster has blocks; the results of its first warp's
// threads are then read by all others where they are, in its workgroup memory.
//
//===----------------------------------------------------------------------===//

#include "GroupReduction.h"
#include "GroupBody.h"
#include "KernelBuilder.h"
#include "ThreadMapping.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Conversion/ReductionOrder.h"

using namespace mlir;
using namespace vyre;

/// Threads whose values every warp reads.
static constexpr int64_t kLastThreads = 256;

GroupReduction::GroupReduction(scf::ParallelOp loop)
    : ParallelLoop(loop),
      threads(loop->getAttrOfType<IntegerAttr>(kThreadsAttrName).getInt()),
      blocks(getClusterBlocks(loop)), columns(1) {
  if (auto sideBySide = loop->getAttrOfType<IntegerAttr>(kColumnsAttrName))
    columns = sideBySide.getInt();
}

Value GroupReduction::add(Value a, int64_t b) {
  return arith::AddIOp::create(builder, loc, a, constant(b));
}

GroupReduction::Lanes GroupReduction::pack(ValueRange values) {
  Lanes lanes;
  for (; !values.empty(); values = values.drop_front(neutral.size()))
    lanes.emplace_back(values.take_front(neutral.size()));
  return lanes;
}

SmallVector<Value> GroupReduction::unpack(const Lanes &lanes) {
  SmallVector<Value> values;
  for (const SmallVector<Value> &lane : lanes)
    llvm::append_range(values, lane);
  return values;
}

GroupReduction::Lanes GroupReduction::combineLanes(const Lanes &left,
                                                   const Lanes &right) {
  Lanes combined;
  for (auto [a, b] : llvm::zip_equal(left, right))
    combined.push_back(combineAll(a, b));
  return combined;
}

SmallVector<Value> GroupReduction::getWorkgroupMemory(int64_t lanes) {
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

MemRefType GroupReduction::getWorkgroupType(Type element, int64_t lanes) {
  auto space = gpu::AddressSpaceAttr::get(
      builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  return MemRefType::get({lanes}, element, MemRefLayoutAttrInterface(), space);
}

Value GroupReduction::addWorkgroupMemory(MemRefType type) {
  auto function = loop->getParentOfType<gpu::GPUFuncOp>();
  unsigned index = function.getNumWorkgroupAttributions();
  Value memory = function.addWorkgroupAttribution(type, loc);
  function.setWorkgroupAttributionAttr(index,
                                       LLVM::LLVMDialect::getAlignAttrName(),
                                       builder.getI64IntegerAttr(16));
  return memory;
}

GroupReduction::Lanes GroupReduction::load(ValueRange memory, Value thread) {
  Value first =
      arith::MulIOp::create(builder, loc, thread, constant(perThread));
  Lanes lanes;
  for (int64_t i = 0; i != perThread; ++i)
    lanes.push_back(loadAll(memory, add(first, i)));
  return lanes;
}

void GroupReduction::store(const Lanes &lanes, ValueRange memory,
                           Value thread) {
  Value first =
      arith::MulIOp::create(builder, loc, thread, constant(perThread));
  for (auto [i, lane] : llvm::enumerate(lanes))
    storeAll(lane, memory, add(first, i));
}

/// The part of the tree whose leaves are threads first, first + distance, ...,
/// `count` of them. Thread i of a warp reads what the i-th after each holds.
GroupReduction::Lanes GroupReduction::buildTree(ValueRange memory,
                                                Value warpThread, int64_t first,
                                                int64_t distance,
                                                int64_t count) {
  if (count == 1)
    return load(memory, add(warpThread, first));
  // The last step of the tree combines leaves that are `distance` apart.
  Lanes left = buildTree(memory, warpThread, first, 2 * distance, count / 2);
  Lanes right =
      buildTree(memory, warpThread, first + distance, 2 * distance, count / 2);
  return combineLanes(left, right);
}

GroupReduction::Lanes
GroupReduction::combineWarps(const Lanes &lanes, Value number, int64_t count) {
  auto buildBarrier = [&] { gpu::BarrierOp::create(builder, loc); };
  int64_t left = count;
  perThread = lanes.size();
  SmallVector<Value> memory = getWorkgroupMemory(left * perThread);
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
GroupReduction::Lanes
GroupReduction::loadOfBlock(ValueRange memory, Value warpThread, int64_t rank) {
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
GroupReduction::Lanes GroupReduction::combineBlocks(const Lanes &lanes,
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
GroupReduction::Lanes GroupReduction::buildBlockTree(ValueRange memory,
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
Value GroupReduction::shuffle(Value value, int64_t distance) {
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

/// While a thread has several values, it takes half of them over from another,
/// and leaves that the other half:
///
///   thread t:      a0 a1 a2 a3         a0+b0 a1+b1
///   thread t + 16: b0 b1 b2 b3    ->   a2+b2 a3+b3
///
/// The same operations, a third of the exchanges, and every thread has the
/// result. The combiners are commutative.
SmallVector<Value> GroupReduction::combineThreads(Lanes lanes) {
  auto combineWith = [&](Lanes &kept, const Lanes &sent, int64_t distance) {
    for (auto [lane, other] : llvm::zip_equal(kept, sent)) {
      SmallVector<Value> received;
      for (Value value : other)
        received.push_back(shuffle(value, distance));
      lane = combineAll(lane, received);
    }
  };
  SmallVector<int64_t> left;
  for (int64_t distance = kWarp / 2; distance >= columns; distance /= 2) {
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
