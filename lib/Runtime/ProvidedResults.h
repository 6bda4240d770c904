//===- ProvidedResults.h - Host memory for results --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The memory of results that a caller brings none for (VYRE_MEMORY_READBACK),
// for backends that compute in host memory.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_PROVIDEDRESULTS_H
#define VYRE_LIB_RUNTIME_PROVIDEDRESULTS_H

#include "CPU/CPUDevice.h"
#include "DispatchPlan.h"
#include "Status.h"

#include <cstdint>
#include <vector>

namespace vyre::runtime::internal {

class ProvidedResults {
public:
  explicit ProvidedResults(const Program &program)
      : program(program), offsets(program.arguments.size()),
        places(program.arguments.size()) {}

  /// Takes memory for a plan, where it has less, and clears what a dispatch
  /// without uploads would find in it of the one before.
  Status prepare(const DispatchPlan &plan);

  /// Where the plan's argument is: here, or with the caller.
  void *dataOf(const DispatchPlan &plan, uint32_t argument) const {
    return plan.buffers[argument].isReadback() ? places[argument]
                                               : plan.buffers[argument].data;
  }
  /// One per argument; of others than these results it does not matter.
  const void *const *data() const { return places.data(); }

private:
  Status reserve(const DispatchPlan &plan);

  const Program &program;
  HostBlock block;
  /// One per argument, and with the block's address.
  std::vector<uint64_t> offsets;
  std::vector<void *> places;
  /// The bindings that it is laid out for.
  uint64_t version = 0;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_PROVIDEDRESULTS_H
