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
#include <cstdlib>
#include <utility>
#include <vector>

namespace vyre::runtime {

/// A result that the caller owns: memory that only grows, and what the last
/// dispatch put into it.
class ResultBuffer {
public:
  ResultBuffer() = default;
  ResultBuffer(ResultBuffer &&other) noexcept { *this = std::move(other); }
  ResultBuffer &operator=(ResultBuffer &&other) noexcept {
    std::swap(memory, other.memory);
    std::swap(capacity, other.capacity);
    std::swap(alignment, other.alignment);
    std::swap(shape, other.shape);
    std::swap(last, other.last);
    std::swap(element, other.element);
    return *this;
  }
  ~ResultBuffer() { std::free(memory); }

  /// The first of `byteSize()` bytes.
  const void *data() const { return memory; }
  void *data() { return memory; }
  /// Bytes that are meaningful.
  uint64_t byteSize() const { return last.meaningful_bytes; }
  /// Bytes that there is room for.
  uint64_t capacityBytes() const { return capacity; }
  /// Extents of what is meaningful.
  const std::vector<int64_t> &extents() const { return shape; }
  VyreElementType elementType() const { return element; }
  const VyreResultInfo &info() const { return last; }
  /// The meaningful elements; NULL if they are no T by their size.
  template <typename T> const T *elements() const {
    return sizeof(T) == vyreElementTypeSize(element)
               ? static_cast<const T *>(memory)
               : nullptr;
  }
  uint64_t elementCount() const {
    return byteSize() / vyreElementTypeSize(element);
  }

private:
  friend class Pipeline;

  /// Makes room; keeps the memory if it is large enough. False if there is no
  /// memory left.
  bool reserve(uint64_t byteSize, uint64_t byteAlignment) {
    if (memory && byteSize <= capacity && byteAlignment <= alignment)
      return true;
    uint64_t unit = byteAlignment < 64 ? 64 : byteAlignment;
    if (byteSize > UINT64_MAX - 2 * unit)
      return false;
    uint64_t size = (byteSize / unit + 1) * unit;
    void *fresh = std::aligned_alloc(unit, size);
    if (!fresh)
      return false;
    std::free(memory);
    memory = fresh;
    capacity = size;
    alignment = unit;
    return true;
  }

  void *memory = nullptr;
  uint64_t capacity = 0, alignment = 0;
  std::vector<int64_t> shape;
  VyreResultInfo last = {};
  VyreElementType element = VYRE_ELEMENT_I8;
};

/// What dispatchInto did with the caller's buffers.
struct ReuseReport {
  /// Buffers whose memory was large enough, that got new memory, and that were
  /// appended, and the meaningful bytes of each kind.
  uint64_t reusedSlots = 0, movedSlots = 0, appendedSlots = 0;
  uint64_t reusedBytes = 0, movedBytes = 0, appendedBytes = 0;
};

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_RESULTBUFFER_H
