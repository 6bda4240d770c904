//===- Allocations.cpp - Counting and failing allocations -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Allocations.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {
struct State {
  bool isWatching = false;
  size_t count = 0;
  size_t largest = 0;
  size_t refused = 0;
};
thread_local State state;
} // namespace

void *operator new(size_t bytes, const std::nothrow_t &) noexcept {
  if (state.isWatching) {
    if (state.count++ == state.refused)
      return nullptr;
    state.largest = std::max(state.largest, bytes);
  }
  return std::malloc(bytes != 0 ? bytes : 1);
}
void *operator new(size_t bytes) {
  void *memory = std::malloc(bytes != 0 ? bytes : 1);
  if (!memory)
    std::abort();
  return memory;
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }

namespace vyre::testing {

AllocationWatch::AllocationWatch(size_t refused) {
  state = {true, 0, 0, refused};
}
AllocationWatch::~AllocationWatch() { state = {}; }
size_t AllocationWatch::getCount() const { return state.count; }
size_t AllocationWatch::getLargest() const { return state.largest; }

} // namespace vyre::testing
