//===- ResultBuffer.h - A result that the caller owns -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers that grow where a result needs more room, and else keep their memory.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_RESULTBUFFER_H
#define VYRE_RUNTIME_RESULTBUFFER_H

#include "vyre-c/Dispatch.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace vyre::runtime {

/// A result that the caller owns: memory that only grows, and what the last
/// dispatch put into it. Nothing but a VyreResultSlot, so that an array of one
/// is an array of the other.
class ResultBuffer {
public:
  ResultBuffer() = default;
  ResultBuffer(ResultBuffer &&other) noexcept { *this = std::move(other); }
  ResultBuffer &operator=(ResultBuffer &&other) noexcept {
    std::swap(slot, other.slot);
    return *this;
  }
  ~ResultBuffer() { vyreResultSlotRelease(&slot); }

  /// The first of `byteSize()` bytes.
  const void *data() const { return slot.data; }
  void *data() { return slot.data; }
  /// Bytes that are meaningful.
  uint64_t byteSize() const { return slot.info.meaningful_bytes; }
  /// Bytes that there is room for.
  uint64_t capacityBytes() const { return slot.capacity_bytes; }
  /// Extents of what is meaningful.
  std::vector<int64_t> extents() const {
    return {slot.extents, slot.extents + slot.rank};
  }
  VyreElementType elementType() const {
    return static_cast<VyreElementType>(slot.element_type);
  }
  const VyreResultInfo &info() const { return slot.info; }
  /// The meaningful elements; NULL if they are no T by their size.
  template <typename T> const T *elements() const {
    return sizeof(T) == vyreElementTypeSize(slot.element_type)
               ? static_cast<const T *>(slot.data)
               : nullptr;
  }
  uint64_t elementCount() const {
    return byteSize() / vyreElementTypeSize(slot.element_type);
  }

private:
  friend class Pipeline;
  VyreResultSlot slot = {};
};
static_assert(sizeof(ResultBuffer) == sizeof(VyreResultSlot),
              "an array of buffers is an array of slots");

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_RESULTBUFFER_H
