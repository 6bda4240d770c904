//===- Allocations.h - Counting and failing allocations ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The test binary replaces operator new, so that tests see what the planners
// ask for and can refuse it.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_PLANNING_ALLOCATIONS_H
#define VYRE_TEST_UNIT_PLANNING_ALLOCATIONS_H

#include <cstddef>

namespace vyre::testing {

/// Counts allocations of this thread that may fail (std::nothrow) while it
/// lives.
class AllocationWatch {
public:
  /// Refuses the allocation with this number, counted from 0.
  explicit AllocationWatch(size_t refused = ~size_t(0));
  ~AllocationWatch();
  AllocationWatch(const AllocationWatch &) = delete;
  AllocationWatch &operator=(const AllocationWatch &) = delete;

  /// Allocations so far, and the bytes of the largest.
  size_t getCount() const;
  size_t getLargest() const;
};

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_PLANNING_ALLOCATIONS_H
