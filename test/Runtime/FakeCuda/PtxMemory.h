//===- PtxMemory.h - What threads do to memory ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A record of who touched which byte during a launch, and when, in barriers:
// two threads that touch a byte, one of them changing it, need a barrier of
// both in between. (Threads that share work at the edge of a block write the
// same value again.) What is read through the non-coherent path nobody may
// write.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_RUNTIME_FAKECUDA_PTXMEMORY_H
#define VYRE_TEST_RUNTIME_FAKECUDA_PTXMEMORY_H

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace vyre::fakecuda::ptx {

/// A thread at a time: the barriers that its warp, block and cluster have seen.
struct Moment {
  uint32_t thread = 0; // of the launch, from 1; 0 is none
  uint32_t warp = 0, block = 0, cluster = 0;
  uint32_t warpTime = 0, blockTime = 0, clusterTime = 0;
};

class AccessRecord {
public:
  enum class Way { Read, ReadOnly, Write, WriteSame, Atomic };

  /// Null, or why this access must not be.
  const char *add(uint64_t address, uint64_t size, Way way, const Moment &now);
  void clear() { pages.clear(), lastPage = nullptr; }

private:
  struct Byte {
    Moment writer, reader;
    /// Threads of several warps, blocks or clusters read it since.
    bool isReadByMany = false;
    bool isReadOnly = false;
    bool isAtomic = false; // the last write
  };
  static constexpr uint64_t kPageBytes = 256;
  using Page = std::array<Byte, kPageBytes>;

  static bool isBefore(const Moment &then, const Moment &now);
  const char *addByte(Byte &byte, Way way, const Moment &now);

  std::unordered_map<uint64_t, std::unique_ptr<Page>> pages;
  uint64_t lastNumber = 0;
  Page *lastPage = nullptr;
};

} // namespace vyre::fakecuda::ptx

#endif // VYRE_TEST_RUNTIME_FAKECUDA_PTXMEMORY_H
