//===- HostExecutable.h - State in host memory ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_HOSTEXECUTABLE_H
#define VYRE_LIB_RUNTIME_CPU_HOSTEXECUTABLE_H

#include "CPU/CPUDevice.h"

namespace vyre::runtime::internal {

/// An executable whose state is host memory: the CPU's, and those of backends
/// that others register.
class HostExecutable : public Executable {
public:
  Status resetState() final;
  Status readState(uint32_t argument, void *data, uint64_t byteSize) final;
  Status writeState(uint32_t argument, const void *data,
                    uint64_t byteSize) final;

protected:
  explicit HostExecutable(const Program &program)
      : program(program), states(program.arguments.size()) {}

  /// Makes room for the state, which then is as a reset leaves it.
  Status reserveStates();
  /// The bytes of one of the artifact's constants.
  virtual const void *constant(int32_t index) const = 0;

  const Program &program;
  /// One per argument; empty for all but state.
  std::vector<HostBlock> states;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_HOSTEXECUTABLE_H
