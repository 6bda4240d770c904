//===- PtxMemory.cpp - What threads do to memory ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PtxMemory.h"

using namespace vyre::fakecuda::ptx;

/// Whether a barrier of both threads is in between.
bool AccessRecord::isBefore(const Moment &then, const Moment &now) {
  if (then.thread == 0 || then.thread == now.thread)
    return true;
  if (then.warp == now.warp && then.warpTime < now.warpTime)
    return true;
  if (then.block == now.block && then.blockTime < now.blockTime)
    return true;
  return then.cluster == now.cluster && then.clusterTime < now.clusterTime;
}

const char *AccessRecord::addByte(Byte &byte, Way way, const Moment &now) {
  bool isRead = way == Way::Read || way == Way::ReadOnly;
  bool areAtomic = way == Way::Atomic && byte.isAtomic;
  if (way == Way::WriteSame && !byte.isReadOnly)
    return nullptr;
  if (!areAtomic && !isBefore(byte.writer, now))
    return isRead ? "reads what another thread writes"
                  : "writes what another thread writes";
  if (isRead) {
    byte.isReadOnly |= way == Way::ReadOnly;
    if (byte.isReadOnly && byte.writer.thread != 0)
      return "reads what the launch writes through the non-coherent path";
    // The last of several readers counts, and that there are some elsewhere.
    if (byte.reader.thread != 0 && byte.reader.block != now.block &&
        !isBefore(byte.reader, now))
      byte.isReadByMany = true;
    byte.reader = now;
    return nullptr;
  }
  if (byte.isReadOnly)
    return "writes what the launch reads through the non-coherent path";
  bool isAlone = isBefore(byte.reader, now) && !byte.isReadByMany;
  if (!isAlone && way != Way::Atomic)
    return "writes what another thread reads";
  byte.writer = now;
  byte.isAtomic = way == Way::Atomic;
  byte.isReadByMany = false;
  byte.reader = Moment();
  return nullptr;
}

const char *AccessRecord::add(uint64_t address, uint64_t size, Way way,
                              const Moment &now) {
  for (uint64_t at = address; at != address + size; ++at) {
    if (!lastPage || at / kPageBytes != lastNumber) {
      lastNumber = at / kPageBytes;
      std::unique_ptr<Page> &page = pages[lastNumber];
      if (!page)
        page = std::make_unique<Page>();
      lastPage = page.get();
    }
    if (const char *problem = addByte((*lastPage)[at % kPageBytes], way, now))
      return problem;
  }
  return nullptr;
}
