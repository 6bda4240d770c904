//===- CallVerifier.cpp - Checks of calls of the host's ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CallVerifier.h"

#include <cstdint>

namespace vyre::runtime::internal {

/// A function is told the extents of its buffers. What dispatches decide on is
/// checked with them; the rest here.
Status CallVerifier::verifyBuffer(uint32_t position, size_t index) const {
  const Launch &launch = program.launches[position];
  const CallBuffer &buffer = launch.call->buffers[index];
  const MemoryRef &memory = launch.pointers[index];
  if (buffer.extents.size() > kMaxRank)
    return error("launch ", position, " passes a buffer of rank ",
                 buffer.extents.size(), ", expected at most ", kMaxRank, ".");
  for (int32_t node : buffer.extents)
    if (Status status = verifyNode(
            node, concat("an extent of a buffer of launch ", position));
        status.failed())
      return status;
  if (memory.kind == MemoryKind::argument &&
      program.arguments[memory.index].elementType != buffer.elementType)
    return error("launch ", position, " passes argument ", memory.index, " as ",
                 elementTypeName(buffer.elementType), ", it is ",
                 elementTypeName(program.arguments[memory.index].elementType),
                 ".");
  if (memory.kind != MemoryKind::constant)
    return Status();
  uint64_t bytes = elementSize(buffer.elementType);
  bool isSound = true;
  for (int32_t node : buffer.extents) {
    const SizeExpr &extent = program.exprs[static_cast<size_t>(node)];
    isSound &= extent.op == ExprOp::constant && extent.imm >= 0 &&
               !__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent.imm),
                                       &bytes);
  }
  if (!isSound || bytes > constants[memory.index].data.size)
    return error("launch ", position, " passes constant ", memory.index,
                 " with other extents than it has.");
  return Status();
}

Status CallVerifier::verify(uint32_t position) const {
  const Launch &launch = program.launches[position];
  const Call &call = *launch.call;
  if (!launch.kernel.empty() || !launch.cpuEntry.empty())
    return error("launch ", position,
                 " has code and calls a function of the host, expected one of "
                 "the two.");
  if (call.function.empty())
    return error("launch ", position, " calls a function without a name.");
  if (call.buffers.size() != launch.pointers.size() ||
      call.scalars.size() != launch.parameters.size())
    return error("launch ", position, " describes ", call.buffers.size(),
                 " buffers and ", call.scalars.size(), " scalars, it passes ",
                 launch.pointers.size(), " and ", launch.parameters.size(),
                 ".");
  if (launch.hasPointerTable || !launch.streams.empty() ||
      !launch.persistentKernel.empty())
    return error("launch ", position,
                 " calls a function of the host in the way of a kernel.");
  for (size_t i = 0; i < call.buffers.size(); ++i)
    if (Status status = verifyBuffer(position, i); status.failed())
      return status;
  // It may be written to.
  bool isOwn =
      !call.hasScratch ||
      (!call.buffers.empty() && call.buffers.back().extents.size() == 1 &&
       call.buffers.back().elementType == ElementType::i8 &&
       launch.pointers.back().kind == MemoryKind::intermediate);
  if (!isOwn)
    return error("launch ", position,
                 " has scratch that is no intermediate of bytes.");
  return Status();
}

} // namespace vyre::runtime::internal
