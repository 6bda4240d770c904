//===- PtxGrid.h - A launch of interpreted PTX ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch runs cluster by cluster, from the last to the first. A thread runs
// until it waits for others; shuffles and barriers happen once all of them are
// there, and that some never come is an error. So are accesses out of bounds
// or misaligned, and those that AccessRecord objects to.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_RUNTIME_FAKECUDA_PTXGRID_H
#define VYRE_TEST_RUNTIME_FAKECUDA_PTXGRID_H

#include "PtxMemory.h"
#include "PtxProgram.h"

#include <functional>

namespace vyre::fakecuda::ptx {

struct Launch {
  std::shared_ptr<const Kernel> kernel;
  std::array<unsigned, 3> grid = {}, block = {};
  unsigned dynamicBytes = 0;
  /// Blocks of a cluster; 0 where the kernel says it.
  unsigned clusterSize = 0;
  /// The parameters' bytes, at their offsets.
  std::vector<uint8_t> parameters;
};

/// Whether a range is in one live allocation.
using IsMemory = std::function<bool(uint64_t address, uint64_t size)>;

/// Throws a Fault that names the kernel, the line and the thread.
void run(const Launch &launch, const IsMemory &isMemory);

//===----------------------------------------------------------------------===//
// What it is made of
//===----------------------------------------------------------------------===//

enum class Status : uint8_t { Runs, Waits, Ended };

struct Thread {
  Status status = Status::Runs;
  uint32_t number = 0; // in its block
  uint32_t next = 0;   // instruction
  bool carry = false;
  bool hasWaited = false; // for what the kernel comes after
  uint32_t clusterArrivals = 0, clusterWaits = 0;
  std::vector<uint64_t> registers;
  std::vector<uint8_t> local;
};

struct Block {
  std::array<unsigned, 3> position = {};
  uint32_t number = 0, rank = 0; // in the grid, in its cluster
  uint32_t barriers = 0;
  std::vector<uint32_t> warpBarriers;
  std::vector<uint8_t> shared;
  std::vector<Thread> threads;
};

/// Shared memory has addresses of 32 bits, where nothing else is: a window for
/// each block of the cluster.
constexpr uint64_t kSharedWindow = uint64_t(1) << 24;

/// The blocks that run at a time.
class Cluster {
public:
  Cluster(const Launch &launch, const IsMemory &isMemory,
          AccessRecord &globalRecord, uint32_t firstBlock, uint32_t size);
  void run();

private:
  [[noreturn]] void fail(const Block &block, const Thread &thread,
                         const std::string &problem) const;

  // PtxThread.cpp
  void run(Block &block, Thread &thread);
  bool execute(Block &block, Thread &thread, const Instruction &made);
  uint64_t get(const Block &block, const Thread &thread,
               const Operand &operand) const;
  uint64_t getSpecial(const Block &block, const Thread &thread,
                      Special special) const;
  void access(Block &block, Thread &thread, const Instruction &made);
  uint8_t *check(Block &block, Thread &thread, const Instruction &made,
                 uint64_t size);
  bool writesSame(const Block &block, const Thread &thread,
                  const Instruction &made, const uint8_t *memory) const;
  uint8_t *findMemory(Block &block, Thread &thread, Space space,
                      uint64_t address, uint64_t size);
  Moment getMoment(const Block &block, const Thread &thread) const;

  // PtxGrid.cpp
  bool releaseThreads();
  bool releaseWarp(Block &block, size_t first);
  bool releaseBlock(Block &block);
  bool releaseCluster();
  void shuffle(Block &block, size_t first, size_t end);

  const Launch &launch;
  const Kernel &kernel;
  const IsMemory &isMemory;
  AccessRecord &globalRecord;
  AccessRecord sharedRecord;
  uint32_t number;
  std::vector<Block> blocks;
};

/// What an instruction without memory or other threads makes of its sources.
uint64_t compute(const Instruction &made, const std::array<uint64_t, 4> &from,
                 bool &carry);

} // namespace vyre::fakecuda::ptx

#endif // VYRE_TEST_RUNTIME_FAKECUDA_PTXGRID_H
