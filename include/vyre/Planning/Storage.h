//===- Storage.h - Arrays that fail instead of throwing ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Span looks at somebody's array. FlatArray owns one: its storage is reserved
// before it is filled, a failed reservation is a result and no exception, and
// what was reserved is kept until the array goes.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_STORAGE_H
#define VYRE_PLANNING_STORAGE_H

#include <cassert>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace vyre::planning {

/// A view of consecutive elements that somebody else owns.
template <typename T> class Span {
public:
  constexpr Span() = default;
  constexpr Span(T *elements, size_t count)
      : elements(elements), count(count) {}
  /// Of anything with data() and size(), such as std::vector or llvm::ArrayRef.
  template <
      typename Container,
      typename = std::enable_if_t<std::is_convertible<
          decltype(std::declval<const Container &>().data()), T *>::value>>
  constexpr Span(const Container &container)
      : elements(container.data()), count(container.size()) {}

  constexpr T *data() const { return elements; }
  constexpr size_t size() const { return count; }
  constexpr bool empty() const { return count == 0; }
  constexpr T *begin() const { return elements; }
  constexpr T *end() const { return elements + count; }
  constexpr T &operator[](size_t index) const {
    assert(index < count && "index within the span");
    return elements[index];
  }

private:
  T *elements = nullptr;
  size_t count = 0;
};

/// An array of plain data with storage that is reserved up front and never
/// shrinks. Move-only; elements are not initialised before they are written.
template <typename T> class FlatArray {
  static_assert(std::is_trivially_copyable<T>::value &&
                    std::is_trivially_destructible<T>::value &&
                    alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                "elements are plain data");

public:
  FlatArray() = default;
  FlatArray(FlatArray &&other) noexcept { swap(other); }
  FlatArray &operator=(FlatArray &&other) noexcept {
    FlatArray(std::move(other)).swap(*this);
    return *this;
  }
  FlatArray(const FlatArray &) = delete;
  FlatArray &operator=(const FlatArray &) = delete;
  ~FlatArray() { ::operator delete(elements); }

  size_t size() const { return count; }
  size_t capacity() const { return allocated; }
  bool empty() const { return count == 0; }
  T *data() { return elements; }
  const T *data() const { return elements; }
  T *begin() { return elements; }
  T *end() { return elements + count; }
  const T *begin() const { return elements; }
  const T *end() const { return elements + count; }
  T &operator[](size_t index) {
    assert(index < count && "index within the array");
    return elements[index];
  }
  const T &operator[](size_t index) const {
    assert(index < count && "index within the array");
    return elements[index];
  }

  /// Makes room for so many elements and keeps those that are there. False,
  /// with nothing changed, where the memory cannot be had.
  [[nodiscard]] bool tryReserve(size_t capacity) noexcept {
    return capacity <= allocated || grow(capacity);
  }
  /// Takes so many elements, of which new ones are not initialised.
  void setSize(size_t size) {
    assert(size <= allocated && "reserved before use");
    count = size;
  }
  void clear() { count = 0; }
  void append(const T &element) {
    assert(count < allocated && "reserved before use");
    elements[count++] = element;
  }

private:
  bool grow(size_t capacity) noexcept {
    if (capacity > std::numeric_limits<ptrdiff_t>::max() / sizeof(T))
      return false;
    void *larger = ::operator new(capacity * sizeof(T), std::nothrow);
    if (!larger)
      return false;
    if (count != 0)
      std::memcpy(larger, elements, count * sizeof(T));
    ::operator delete(elements);
    elements = static_cast<T *>(larger);
    allocated = capacity;
    return true;
  }
  void swap(FlatArray &other) noexcept {
    std::swap(elements, other.elements);
    std::swap(count, other.count);
    std::swap(allocated, other.allocated);
  }

  T *elements = nullptr;
  size_t count = 0;
  size_t allocated = 0;
};

} // namespace vyre::planning

#endif // VYRE_PLANNING_STORAGE_H
