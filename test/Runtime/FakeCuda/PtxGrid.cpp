//===- PtxGrid.cpp - A launch of interpreted PTX ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PtxGrid.h"

#include <algorithm>

using namespace vyre::fakecuda::ptx;

static constexpr size_t kWarp = 32;

Cluster::Cluster(const Launch &launch, const IsMemory &isMemory,
                 AccessRecord &globalRecord, uint32_t firstBlock, uint32_t size)
    : launch(launch), kernel(*launch.kernel), isMemory(isMemory),
      globalRecord(globalRecord), number(firstBlock / size) {
  size_t threads = size_t(launch.block[0]) * launch.block[1] * launch.block[2];
  blocks.resize(size);
  for (uint32_t rank = 0; rank < blocks.size(); ++rank) {
    Block &block = blocks[rank];
    block.rank = rank;
    block.number = firstBlock + rank;
    block.position = {block.number % launch.grid[0],
                      block.number / launch.grid[0] % launch.grid[1],
                      block.number / launch.grid[0] / launch.grid[1]};
    block.warpBarriers.resize((threads + kWarp - 1) / kWarp);
    // Nothing is zero by accident.
    block.shared.assign(kernel.sharedBytes + launch.dynamicBytes, 0xcd);
    block.threads.resize(threads);
    for (uint32_t i = 0; i < threads; ++i) {
      Thread &thread = block.threads[i];
      thread.number = i;
      thread.registers.assign(kernel.registerCount, 0xcdcdcdcdcdcdcdcd);
      thread.local.assign(kernel.localBytes, 0xcd);
    }
  }
}

void Cluster::fail(const Block &block, const Thread &thread,
                   const std::string &problem) const {
  unsigned line = kernel.instructions[thread.next].line;
  throw Fault("kernel '" + kernel.name + "', PTX line " + std::to_string(line) +
              ", thread " + std::to_string(thread.number) + " of block " +
              std::to_string(block.number) + " " + problem);
}

void Cluster::run() {
  do {
    for (size_t b = blocks.size(); b-- > 0;)
      for (size_t t = blocks[b].threads.size(); t-- > 0;)
        if (blocks[b].threads[t].status == Status::Runs)
          run(blocks[b], blocks[b].threads[t]);
  } while (releaseThreads());
  for (const Block &block : blocks)
    for (const Thread &thread : block.threads)
      if (thread.status != Status::Ended)
        fail(block, thread, "waits for threads that do not come");
}

/// Lets go on who waits for nobody any more; false where there is none.
bool Cluster::releaseThreads() {
  bool isAny = false;
  for (Block &block : blocks) {
    for (size_t first = 0; first < block.threads.size(); first += kWarp)
      isAny |= releaseWarp(block, first);
    isAny |= releaseBlock(block);
  }
  return releaseCluster() || isAny;
}

/// Shuffles and barriers of a warp need all of its threads, as in the code that
/// is generated.
bool Cluster::releaseWarp(Block &block, size_t first) {
  size_t end = std::min(first + kWarp, block.threads.size());
  const Thread &leader = block.threads[first];
  if (leader.status != Status::Waits)
    return false;
  Op op = kernel.instructions[leader.next].op;
  if (op != Op::Shuffle && op != Op::WarpBarrier)
    return false;
  for (size_t i = first; i < end; ++i)
    if (block.threads[i].status != Status::Waits ||
        block.threads[i].next != leader.next)
      return false;
  if (op == Op::Shuffle)
    shuffle(block, first, end);
  else
    ++block.warpBarriers[first / kWarp];
  for (size_t i = first; i < end; ++i) {
    block.threads[i].status = Status::Runs;
    ++block.threads[i].next;
  }
  return true;
}

void Cluster::shuffle(Block &block, size_t first, size_t end) {
  const Thread &leader = block.threads[first];
  const Instruction &made = kernel.instructions[leader.next];
  std::vector<uint64_t> values;
  for (size_t i = first; i < end; ++i)
    values.push_back(get(block, block.threads[i], made.sources[0]));
  for (size_t i = first; i < end; ++i) {
    Thread &thread = block.threads[i];
    size_t lane = i - first;
    auto operand = [&](size_t which) {
      return get(block, thread, made.sources[which]);
    };
    uint64_t by = operand(1) & 31, clamp = operand(2) & 31;
    uint64_t segment = operand(2) >> 8 & 31;
    uint64_t lowest = lane & segment, highest = lowest | (clamp & ~segment);
    int64_t from = made.variant == "bfly"   ? int64_t(lane ^ by)
                   : made.variant == "down" ? int64_t(lane + by)
                   : made.variant == "up"   ? int64_t(lane) - int64_t(by)
                                            : int64_t(lowest | (by & ~segment));
    bool isThere = made.variant == "up" ? from >= int64_t(highest)
                                        : from <= int64_t(highest);
    if ((operand(3) & UINT32_MAX) != UINT32_MAX)
      fail(block, thread, "shuffles with a part of its warp");
    if (!isThere)
      from = int64_t(lane);
    if (size_t(from) >= values.size())
      fail(block, thread, "shuffles with a thread that is not there");
    thread.registers[made.results[0].index] = values[size_t(from)];
    if (made.resultCount > 1 && made.results[1].form == Operand::Register)
      thread.registers[made.results[1].index] = isThere;
  }
}

/// All threads of the block, at one place.
bool Cluster::releaseBlock(Block &block) {
  const Thread &leader = block.threads.front();
  for (const Thread &thread : block.threads)
    if (thread.status != Status::Waits || thread.next != leader.next)
      return false;
  if (kernel.instructions[leader.next].op != Op::Barrier)
    return false;
  ++block.barriers;
  for (Thread &thread : block.threads) {
    thread.status = Status::Runs;
    ++thread.next;
  }
  return true;
}

bool Cluster::releaseCluster() {
  uint32_t arrived = UINT32_MAX;
  for (const Block &block : blocks)
    for (const Thread &thread : block.threads)
      if (thread.status != Status::Ended)
        arrived = std::min(arrived, thread.clusterArrivals);
  bool isAny = false;
  for (Block &block : blocks)
    for (Thread &thread : block.threads)
      if (thread.status == Status::Waits &&
          kernel.instructions[thread.next].op == Op::ClusterWait &&
          thread.clusterWaits < arrived) {
        ++thread.clusterWaits;
        thread.status = Status::Runs;
        ++thread.next;
        isAny = true;
      }
  return isAny;
}

void vyre::fakecuda::ptx::run(const Launch &launch, const IsMemory &isMemory) {
  const Kernel &kernel = *launch.kernel;
  auto fail = [&](const std::string &problem) {
    throw Fault("kernel '" + kernel.name + "' " + problem);
  };
  uint64_t threads =
      uint64_t(launch.block[0]) * launch.block[1] * launch.block[2];
  uint64_t blocks = uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2];
  if (threads == 0 || threads > kernel.maxThreads)
    fail("has blocks of " + std::to_string(threads) +
         " threads, expected at most " + std::to_string(kernel.maxThreads));
  unsigned cluster = std::max(launch.clusterSize, kernel.clusterSize);
  if (blocks == 0 || blocks % cluster != 0 ||
      (launch.clusterSize != 0 && kernel.clusterSize > 1 &&
       launch.clusterSize != kernel.clusterSize))
    fail("has " + std::to_string(blocks) + " blocks in clusters of " +
         std::to_string(cluster) + ", itself of " +
         std::to_string(kernel.clusterSize));
  if (kernel.sharedBytes + launch.dynamicBytes > kSharedWindow)
    fail("has more shared memory than there is");
  AccessRecord record;
  for (uint64_t first = blocks; first != 0;) {
    first -= cluster;
    Cluster(launch, isMemory, record, uint32_t(first), cluster).run();
  }
}
