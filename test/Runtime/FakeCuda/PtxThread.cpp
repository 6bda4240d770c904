//===- PtxThread.cpp - One thread of interpreted PTX ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PtxGrid.h"

#include <chrono>
#include <cstring>

using namespace vyre::fakecuda::ptx;

uint64_t Cluster::getSpecial(const Block &block, const Thread &thread,
                             Special special) const {
  auto dimension = [&](Special first) {
    return size_t(special) - size_t(first);
  };
  switch (special) {
  case Special::ThreadX:
    return thread.number % launch.block[0];
  case Special::ThreadY:
    return thread.number / launch.block[0] % launch.block[1];
  case Special::ThreadZ:
    return thread.number / launch.block[0] / launch.block[1];
  case Special::BlockSizeX:
  case Special::BlockSizeY:
  case Special::BlockSizeZ:
    return launch.block[dimension(Special::BlockSizeX)];
  case Special::BlockX:
  case Special::BlockY:
  case Special::BlockZ:
    return block.position[dimension(Special::BlockX)];
  case Special::GridX:
  case Special::GridY:
  case Special::GridZ:
    return launch.grid[dimension(Special::GridX)];
  case Special::Lane:
    return thread.number % 32;
  case Special::RankInCluster:
    return block.rank;
  case Special::ClusterSize:
    return blocks.size();
  case Special::Time:
    return uint64_t(
        std::chrono::steady_clock::now().time_since_epoch().count());
  }
  return 0;
}

uint64_t Cluster::get(const Block &block, const Thread &thread,
                      const Operand &operand) const {
  switch (operand.form) {
  case Operand::None:
    return 0;
  case Operand::Register:
    return thread.registers[operand.index];
  case Operand::Immediate:
    return operand.value;
  case Operand::SpecialRegister:
    return getSpecial(block, thread, operand.special);
  case Operand::Variable:
    break;
  }
  uint64_t place = operand.value;
  switch (operand.space) {
  case Space::Shared:
    if (place == kDynamic)
      place = kernel.sharedBytes;
    return (block.rank + 1) * kSharedWindow + place;
  case Space::Local:
    return reinterpret_cast<uint64_t>(thread.local.data()) + place;
  case Space::Param:
    return reinterpret_cast<uint64_t>(launch.parameters.data()) + place;
  default:
    return place;
  }
}

Moment Cluster::getMoment(const Block &block, const Thread &thread) const {
  uint32_t ofBlock = uint32_t(block.threads.size());
  uint32_t warpsOfBlock = uint32_t(block.warpBarriers.size());
  uint32_t warp = thread.number / 32;
  return {block.number * ofBlock + thread.number + 1,
          block.number * warpsOfBlock + warp,
          block.number,
          number,
          block.warpBarriers[warp],
          block.barriers,
          thread.clusterWaits};
}

/// Where memory of a space is; null where there is none.
uint8_t *Cluster::findMemory(Block &block, Thread &thread, Space space,
                             uint64_t address, uint64_t size) {
  auto isWithin = [size](uint64_t offset, uint64_t bytes) {
    return offset <= bytes && size <= bytes - offset;
  };
  if (address < (blocks.size() + 1) * kSharedWindow) {
    uint64_t rank = address / kSharedWindow - 1; // of 0 none has as many
    uint64_t offset = address % kSharedWindow;
    bool isShared = space == Space::Cluster || space == Space::Generic ||
                    (space == Space::Shared && rank == block.rank);
    if (!isShared || rank >= blocks.size() ||
        !isWithin(offset, blocks[rank].shared.size()))
      return nullptr;
    return blocks[rank].shared.data() + offset;
  }
  auto isIn = [&](const std::vector<uint8_t> &memory) {
    return isWithin(address - reinterpret_cast<uint64_t>(memory.data()),
                    memory.size());
  };
  bool isRight = false;
  if (space == Space::Param)
    isRight = isIn(launch.parameters);
  else if (space == Space::Local || space == Space::Generic)
    isRight = isIn(thread.local);
  if (space == Space::Global || space == Space::Generic)
    isRight |= isMemory(address, size);
  return isRight ? reinterpret_cast<uint8_t *>(address) : nullptr;
}

/// Whether a store leaves memory as it is.
bool Cluster::writesSame(const Block &block, const Thread &thread,
                         const Instruction &made, const uint8_t *memory) const {
  uint64_t bytes = made.type.bytes();
  for (unsigned i = 0; i < made.sourceCount; ++i) {
    uint64_t value = get(block, thread, made.sources[i]);
    if (std::memcmp(memory + i * bytes, &value, bytes) != 0)
      return false;
  }
  return true;
}

/// Where an access goes, once it is known to be allowed.
uint8_t *Cluster::check(Block &block, Thread &thread, const Instruction &made,
                        uint64_t size) {
  uint64_t address = get(block, thread, made.address) + uint64_t(made.offset);
  uint8_t *memory = findMemory(block, thread, made.space, address, size);
  auto describe = [&] {
    return "accesses " + std::to_string(size) + " bytes at " +
           std::to_string(address);
  };
  if (!memory)
    fail(block, thread, describe() + ", out of bounds");
  bool isOwn = made.space == Space::Param ||
               (memory >= thread.local.data() &&
                memory < thread.local.data() + thread.local.size());
  if (address % size != 0 && !isOwn)
    fail(block, thread, describe() + ", misaligned");
  if (isOwn)
    return memory;
  bool isShared = address != reinterpret_cast<uint64_t>(memory);
  if (!isShared && kernel.waits && !thread.hasWaited)
    fail(block, thread, "accesses memory before it waits for other launches");
  using Way = AccessRecord::Way;
  Way way = made.op == Op::Atomic ? Way::Atomic
            : made.isReadOnly     ? Way::ReadOnly
                                  : Way::Read;
  if (made.op == Op::Store)
    way = writesSame(block, thread, made, memory) ? Way::WriteSame : Way::Write;
  AccessRecord &record = isShared ? sharedRecord : globalRecord;
  const char *problem =
      made.isOrdered && made.op != Op::Atomic
          ? nullptr
          : record.add(address, size, way, getMoment(block, thread));
  if (problem)
    fail(block, thread, describe() + ", where it " + problem);
  return memory;
}

/// The value of an element in memory, in a register.
static uint64_t extend(uint64_t value, Type type) {
  unsigned unused = 64 - type.bits;
  if (type.kind == Kind::Signed)
    return uint64_t(int64_t(value << unused) >> unused);
  return value << unused >> unused;
}

void Cluster::access(Block &block, Thread &thread, const Instruction &made) {
  uint64_t bytes = made.type.bytes();
  bool isLoad = made.op == Op::Load;
  unsigned count = isLoad ? made.resultCount : made.sourceCount;
  if (made.op == Op::Atomic)
    count = 1;
  uint8_t *memory = check(block, thread, made, bytes * count);
  for (unsigned i = 0; i < count; ++i, memory += bytes) {
    if (isLoad) {
      uint64_t value = 0;
      std::memcpy(&value, memory, bytes);
      if (made.results[i].form == Operand::Register)
        thread.registers[made.results[i].index] = extend(value, made.type);
      continue;
    }
    uint64_t value = get(block, thread, made.sources[i]);
    if (made.op == Op::Atomic) {
      uint64_t old = 0;
      std::memcpy(&old, memory, bytes);
      old = extend(old, made.type);
      if (made.resultCount != 0 && made.results[0].form == Operand::Register)
        thread.registers[made.results[0].index] = old;
      if (made.variant == "cas") {
        bool isEqual = extend(value, made.type) == old;
        value = isEqual ? get(block, thread, made.sources[1]) : old;
      } else if (made.variant != "exch") {
        static const std::map<std::string, Op> operations = {
            {"add", Op::Add}, {"min", Op::Min}, {"max", Op::Max},
            {"and", Op::And}, {"or", Op::Or},   {"xor", Op::Xor}};
        Instruction operation = made;
        operation.op = operations.at(made.variant);
        value = compute(operation, {old, value, 0, 0}, thread.carry);
      }
    }
    std::memcpy(memory, &value, bytes);
  }
}

/// False where the thread has to wait, or has ended.
bool Cluster::execute(Block &block, Thread &thread, const Instruction &made) {
  switch (made.op) {
  case Op::Load:
  case Op::Store:
  case Op::Atomic:
    access(block, thread, made);
    return true;
  case Op::Branch:
    thread.next = made.target - 1;
    return true;
  case Op::Return:
    thread.status = Status::Ended;
    return false;
  case Op::Shuffle:
  case Op::WarpBarrier:
  case Op::Barrier:
  case Op::ClusterWait:
    thread.status = Status::Waits;
    return false;
  case Op::ClusterArrive:
    ++thread.clusterArrivals;
    return true;
  case Op::DependencyWait:
    thread.hasWaited = true;
    return true;
  case Op::Fence:
    return true;
  default:
    break;
  }
  std::array<uint64_t, 4> from = {};
  for (unsigned i = 0; i < made.sourceCount; ++i)
    from[i] = get(block, thread, made.sources[i]);
  auto set = [&](unsigned i, uint64_t value) {
    if (made.results[i].form == Operand::Register)
      thread.registers[made.results[i].index] = value;
  };
  if (made.op == Op::MapShared) {
    if (from[1] >= blocks.size())
      fail(block, thread, "asks for a block that is not in its cluster");
    set(0, from[0] % kSharedWindow + (from[1] + 1) * kSharedWindow);
  } else if (made.op == Op::Move && made.sourceCount > 1) {
    // {a, b} in one register.
    unsigned bits = made.type.bits / made.sourceCount;
    uint64_t value = 0;
    for (unsigned i = 0; i < made.sourceCount; ++i)
      value |= extend(from[i], {Kind::Bits, bits}) << i * bits;
    set(0, value);
  } else if (made.op == Op::Move && made.resultCount > 1) {
    unsigned bits = made.type.bits / made.resultCount;
    for (unsigned i = 0; i < made.resultCount; ++i)
      set(i, extend(from[0] >> i * bits, {Kind::Bits, bits}));
  } else {
    uint64_t value = 0;
    try {
      value = compute(made, from, thread.carry);
    } catch (const Fault &fault) {
      fail(block, thread, std::string("can't go on: ") + fault.what());
    }
    set(0, value);
    if (made.resultCount > 1)
      set(1, value ^ 1); // the second result of a comparison
  }
  return true;
}

void Cluster::run(Block &block, Thread &thread) {
  const std::vector<Instruction> &instructions = kernel.instructions;
  for (; thread.next < instructions.size(); ++thread.next) {
    const Instruction &made = instructions[thread.next];
    if (made.guard >= 0 &&
        (thread.registers[size_t(made.guard)] != 0) == made.isGuardNegated)
      continue;
    if (!execute(block, thread, made))
      return;
  }
  thread.status = Status::Ended;
}
