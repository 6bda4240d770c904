//===- HostCall.cpp - One launch that is a call of the host's ---*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostCall.h"

#include "CAPI/Common.h"

namespace vyre::runtime::internal {

Expected<CallTable> findCalls(const Program &program,
                              std::string_view backend) {
  CallTable table(program.launches.size());
  for (size_t i = 0; i < table.size(); ++i) {
    const Launch &launch = program.launches[i];
    if (!launch.isCall())
      continue;
    table[i] = findCall(launch.call->function, backend);
    if (!table[i])
      return failure(VYRE_STATUS_NOT_FOUND, "launch '", launch.name,
                     "' of program '", program.name,
                     "' calls the host's function '", launch.call->function,
                     "', which is not registered for ", backend,
                     ". Found: ", listCalls(backend),
                     ". Fix: pass it to vyreCallRegister before the pipeline "
                     "is made.");
  }
  return table;
}

HostCall::HostCall(const Program &program, uint32_t launch,
                   std::shared_ptr<const RegisteredCall> registered)
    : program(program), launch(launch), function(std::move(registered)) {
  const Call &call = *program.launches[launch].call;
  for (const CallBuffer &from : call.buffers) {
    VyreCallBuffer buffer = {};
    buffer.rank = static_cast<uint32_t>(from.extents.size());
    buffer.element_type = static_cast<uint32_t>(from.elementType);
    buffers.push_back(buffer);
  }
  for (ElementType type : call.scalars) {
    VyreCallScalar scalar = {};
    scalar.element_type = static_cast<uint32_t>(type);
    scalars.push_back(scalar);
  }
}

void HostCall::setPointer(size_t position, void *memory) {
  buffers[position].data = memory;
}

Status HostCall::call(const DispatchPlan &plan, void *stream,
                      bool isCapturing) {
  const Launch &info = program.launches[launch];
  const LaunchSizes &sizes = plan.launches[launch];
  const int64_t *extents = plan.callExtents.data() + sizes.firstCallExtent;
  for (size_t i = 0; i < buffers.size(); ++i) {
    VyreCallBuffer &buffer = buffers[i];
    buffer.extents = extents;
    buffer.byte_size = plan.callBytes[sizes.firstCallBuffer + i];
    extents += buffer.rank;
  }
  VyreCallArguments arguments = {};
  arguments.struct_size = sizeof(arguments);
  arguments.function = info.call->function.c_str();
  arguments.stream = stream;
  arguments.buffers = buffers.data();
  arguments.buffer_count = buffers.size() - info.call->hasScratch;
  arguments.scalars = scalars.data();
  arguments.scalar_count = scalars.size();
  if (info.call->hasScratch) {
    arguments.scratch = buffers.back().data;
    arguments.scratch_bytes = buffers.back().byte_size;
  }
  arguments.is_capturing = isCapturing;
  Status status =
      adopt(function->table.function(function->table.user, &arguments));
  if (!status.failed())
    return status;
  // These two tell of a dispatch that has begun.
  bool isOfDispatch = status.code() == VYRE_STATUS_DEADLINE_EXCEEDED ||
                      status.code() == VYRE_STATUS_INVALID_RESULT;
  return failure(isOfDispatch ? VYRE_STATUS_DEVICE_ERROR : status.code(),
                 "the host's function '", info.call->function,
                 "', which launch '", info.name, "' of program '", program.name,
                 "' calls, failed: ", status.message());
}

} // namespace vyre::runtime::internal
