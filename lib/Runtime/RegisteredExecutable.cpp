//===- RegisteredExecutable.cpp - On a registered backend -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisteredExecutable.h"

namespace vyre::runtime::internal {

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

Status RegisteredExecutable::initialize(RegisteredBackend &backend) {
  VyreCacheOutcome outcome;
  if (Status status =
          backend.compile(artifact, programIndex(), native, outcome);
      status.failed())
    return status;
  if (outcome != VYRE_CACHE_UNKNOWN)
    cacheHit = outcome == VYRE_CACHE_HIT;
  if (native.dispatch) {
    if (!native.id || !*native.id)
      return failure(VYRE_STATUS_INTERNAL, "backend '", backend.id(),
                     "' compiled program '", program.name,
                     "' to a pipeline without an id. Fix: set "
                     "VyreNativePipeline::id.");
    nativeId = native.id;
  }
  return reserveStates();
}

Expected<std::unique_ptr<Execution>> RegisteredExecutable::createExecution() {
  return std::unique_ptr<Execution>(
      std::make_unique<RegisteredExecution>(*this));
}

//===----------------------------------------------------------------------===//
// Dispatches
//===----------------------------------------------------------------------===//

Status RegisteredExecution::check(const DispatchPlan &plan,
                                  const DispatchOptions &options) {
  const std::string &id = executable.device.getIdentity().id;
  if (options.capture == VYRE_CAPTURE_REQUIRE)
    return failure(VYRE_STATUS_UNSUPPORTED, "backend '", id,
                   "' captures nothing, found VYRE_CAPTURE_REQUIRE. Fix: pass "
                   "VYRE_CAPTURE_AUTO.");
  if (options.persistent == VYRE_PERSISTENT_REQUIRE)
    return failure(VYRE_STATUS_UNSUPPORTED, "backend '", id,
                   "' has no persistent kernels, found "
                   "VYRE_PERSISTENT_REQUIRE. Fix: pass VYRE_PERSISTENT_ON.");
  if (options.stream)
    return invalid("a dispatch on backend '", id,
                   "' is given a CUDA stream. Fix: leave "
                   "VyreDispatchConfig::cuda_stream NULL.");
  if (executable.device.hasMemory())
    return Status();
  for (uint32_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].location == VYRE_MEMORY_DEVICE)
      return invalid(describeArgument(executable.program, i),
                     " is bound as device memory, backend '", id,
                     "' has none. Fix: pass host memory.");
  return Status();
}

VyreBackendDispatch
RegisteredExecution::describeDispatch(const DispatchPlan &plan,
                                      const DispatchOptions &options) {
  const Program &program = executable.program;
  for (uint32_t i = 0; i < bindings.size(); ++i) {
    const Argument &argument = program.arguments[i];
    VyreBinding &binding = bindings[i];
    binding = {};
    binding.element_type = static_cast<uint32_t>(argument.elementType);
    if (!argument.isBuffer()) {
      // The host is little-endian: a smaller value lies in the first bytes.
      binding.data = const_cast<int64_t *>(&plan.scalars[i]);
      binding.byte_length = elementSize(argument.elementType);
      continue;
    }
    binding.rank = argument.rank();
    if (argument.isState()) {
      binding.data = executable.states[i].data();
      binding.byte_length = stateBytes(argument);
      binding.extents = argument.extents.data();
    } else if (argument.isBound()) {
      binding.data = provided.dataOf(plan, i);
      binding.byte_length = plan.buffers[i].byteSize;
      binding.extents = plan.shapeOf(i);
      // Memory of the pipeline is host memory to the backend.
      binding.location =
          plan.buffers[i].isOnDevice() ? VYRE_MEMORY_DEVICE : VYRE_MEMORY_HOST;
    } else {
      binding = {};
    }
  }
  VyreBackendDispatch dispatch = {};
  dispatch.struct_size = sizeof(dispatch);
  dispatch.artifact = &executable.artifact;
  dispatch.program = executable.programIndex();
  dispatch.bindings = bindings.data();
  dispatch.binding_count = bindings.size();
  dispatch.label = options.label;
  return dispatch;
}

Status RegisteredExecution::prewarm(const DispatchPlan &plan,
                                    const DispatchOptions &options) {
  const VyreBackend &table = executable.device.table();
  if (!table.prewarm)
    return Status();
  if (Status status = provided.prepare(plan); status.failed())
    return status;
  VyreBackendDispatch dispatch = describeDispatch(plan, options);
  return adopt(table.prewarm(table.user, &dispatch));
}

Status RegisteredExecution::start(const DispatchPlan &plan,
                                  const DispatchOptions &options) {
  const VyreBackend &table = executable.device.table();
  if (Status status = provided.prepare(plan); status.failed())
    return status;
  VyreBackendDispatch dispatch = describeDispatch(plan, options);
  Clock::time_point begin =
      options.isTimed ? Clock::now() : Clock::time_point();
  Status status =
      executable.native.dispatch
          ? adopt(executable.native.dispatch(executable.native.user, &dispatch))
          : adopt(table.dispatch(table.user, &dispatch));
  if (options.isTimed)
    dispatchTime = Clock::now() - begin;
  return status.failed() ? std::move(status) : readCounts(plan);
}

Status RegisteredExecution::readCounts(const DispatchPlan &plan) {
  size_t next = 0;
  for (const ResultReadback &result : plan.readback.results()) {
    if (!result.isCounted)
      continue;
    const BoundBuffer &count = plan.buffers[result.countArgument];
    int64_t copy = 0;
    const void *from = provided.dataOf(plan, result.countArgument);
    if (count.location == VYRE_MEMORY_DEVICE) {
      if (Status status =
              executable.device.download(&copy, count.data, result.countBytes);
          status.failed())
        return status;
      from = &copy;
    }
    counts[next++] = readCount(from, result.countBytes);
  }
  return Status();
}

} // namespace vyre::runtime::internal
