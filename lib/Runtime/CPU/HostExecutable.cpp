//===- HostExecutable.cpp - State in host memory --------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/HostExecutable.h"

#include <cstring>

namespace vyre::runtime::internal {

Status HostExecutable::reserveStates() {
  for (uint32_t state : program.states) {
    const Argument &argument = program.arguments[state];
    if (Status status =
            states[state].reserve(stateBytes(argument), argument.alignment);
        status.failed())
      return status;
  }
  return resetState();
}

Status HostExecutable::resetState() {
  for (uint32_t state : program.states) {
    const Argument &argument = program.arguments[state];
    uint64_t bytes = stateBytes(argument);
    if (bytes == 0)
      continue;
    if (argument.initial < 0)
      std::memset(states[state].data(), 0, bytes);
    else
      std::memcpy(states[state].data(), constant(argument.initial), bytes);
  }
  return Status();
}

Status HostExecutable::readState(uint32_t argument, void *data,
                                 uint64_t byteSize) {
  if (byteSize)
    std::memcpy(data, states[argument].data(), byteSize);
  return Status();
}

Status HostExecutable::writeState(uint32_t argument, const void *data,
                                  uint64_t byteSize) {
  if (byteSize)
    std::memcpy(states[argument].data(), data, byteSize);
  return Status();
}

} // namespace vyre::runtime::internal
