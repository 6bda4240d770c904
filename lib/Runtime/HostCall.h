//===- HostCall.h - One launch that is a call of the host's -----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch whose work a registered function enqueues, with room for what the
// function is given: calling it allocates nothing. Each set in flight has its
// own.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_HOSTCALL_H
#define VYRE_LIB_RUNTIME_HOSTCALL_H

#include "CallRegistry.h"
#include "DispatchPlan.h"

#include <memory>
#include <vector>

namespace vyre::runtime::internal {

/// The functions that a program's launches call on a backend: one per launch,
/// null where it calls none. NOT_FOUND where one is not registered.
using CallTable = std::vector<std::shared_ptr<const RegisteredCall>>;
Expected<CallTable> findCalls(const Program &program, std::string_view backend);

class HostCall {
public:
  HostCall(const Program &program, uint32_t launch,
           std::shared_ptr<const RegisteredCall> function);

  /// Where the memory of pointer number `position` is.
  void setPointer(size_t position, void *memory);
  /// The bits of parameter number `position`, as a kernel gets them.
  void setScalar(size_t position, int64_t bits) {
    scalars[position].value.integer = bits;
  }

  /// Calls the function, with the plan's sizes. `stream` is a CUstream or null.
  /// The error of a function is told with its name.
  Status call(const DispatchPlan &plan, void *stream, bool isCapturing);

private:
  const Program &program;
  const uint32_t launch;
  std::shared_ptr<const RegisteredCall> function;
  /// With the scratch, if there is any, as the last one.
  std::vector<VyreCallBuffer> buffers;
  std::vector<VyreCallScalar> scalars;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_HOSTCALL_H
