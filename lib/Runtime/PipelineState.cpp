//===- PipelineState.cpp - A pipeline's state from outside ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// State takes turns with the dispatches: it is read and written while none is
// under way.
//
//===----------------------------------------------------------------------===//

#include "PipelineSets.h"

namespace vyre::runtime::internal {

Status Pipeline::checkState(uint32_t argument, const void *data,
                            uint64_t byteSize) const {
  if (argument >= program.arguments.size() ||
      !program.arguments[argument].isState())
    return invalid("argument ", argument, " of program '", program.name,
                   "' is no state. Fix: pass the position of a state "
                   "argument.");
  const Argument &info = program.arguments[argument];
  uint64_t expected = elementSize(info.elementType);
  for (int64_t extent : info.extents)
    expected *= static_cast<uint64_t>(extent);
  if (byteSize != expected)
    return invalid(describeArgument(program, argument), " is a state of ",
                   expected, " bytes, found ", byteSize,
                   ". Fix: pass exactly its size.");
  if (byteSize && !data)
    return invalid("the memory for ", describeArgument(program, argument),
                   " is NULL. Fix: pass ", expected, " bytes.");
  return device->health();
}

Status Pipeline::resetState() {
  if (Status status = device->health(); status.failed())
    return status;
  TakenSet taken(*this);
  if (Status status = taken.take(setLimit(config), std::nullopt);
      status.failed())
    return status;
  return executable->resetState();
}

Status Pipeline::readState(uint32_t argument, void *data, uint64_t byteSize) {
  if (Status status = checkState(argument, data, byteSize); status.failed())
    return status;
  TakenSet taken(*this);
  if (Status status = taken.take(setLimit(config), std::nullopt);
      status.failed())
    return status;
  return executable->readState(argument, data, byteSize);
}

Status Pipeline::writeState(uint32_t argument, const void *data,
                            uint64_t byteSize) {
  if (Status status = checkState(argument, data, byteSize); status.failed())
    return status;
  TakenSet taken(*this);
  if (Status status = taken.take(setLimit(config), std::nullopt);
      status.failed())
    return status;
  return executable->writeState(argument, data, byteSize);
}

} // namespace vyre::runtime::internal
