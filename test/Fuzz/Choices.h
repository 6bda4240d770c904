//===- Choices.h - A fuzzer's bytes as decisions ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_FUZZ_CHOICES_H
#define VYRE_TEST_FUZZ_CHOICES_H

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace vyre::testing {

/// What a fuzzer's input decides, byte by byte; zeros once it is used up.
class Choices {
public:
  Choices(const uint8_t *data, size_t size) : data(data), size(size) {}

  bool isEmpty() const { return size == 0; }

  /// A number below `count`, which is at least 1.
  size_t below(size_t count) {
    size_t value = byte();
    if (count > 256)
      value = value << 8 | byte();
    return value % count;
  }
  bool oneIn(size_t count) { return below(count) == 0; }

  template <typename T> T &of(std::vector<T> &values) {
    return values[below(values.size())];
  }
  template <typename T> T of(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }

  /// A small number, or one at the edge of a type.
  int64_t number() {
    if (!oneIn(4))
      return static_cast<int64_t>(below(40)) - 2;
    int64_t power = int64_t(1) << below(63);
    return of({power, -power, power - 1, power + 1, INT64_MAX, INT64_MIN});
  }

private:
  uint8_t byte() {
    if (size == 0)
      return 0;
    --size;
    return *data++;
  }

  const uint8_t *data;
  size_t size;
};

} // namespace vyre::testing

#endif // VYRE_TEST_FUZZ_CHOICES_H
