//===- DispatchPlan.cpp - One dispatch, checked and laid out ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DispatchPlan.h"

#include <algorithm>
#include <cstring>

namespace vyre::runtime::internal {

DispatchPlan::DispatchPlan(const Program &program, Target target)
    : buffers(program.arguments.size()), contents(program.arguments.size()),
      scalars(program.arguments.size()), launches(program.launches.size()),
      intermediateSizes(program.intermediates.size()), arena(program),
      readback(program), program(program), target(target),
      expressions(program) {
  for (uint32_t i = 0; i < program.arguments.size(); ++i)
    if (program.arguments[i].isBuffer() && program.arguments[i].isBound())
      byAddress.push_back(i);
  byAddressBefore = byAddress;
  for (uint32_t i = 0; i < program.arguments.size(); ++i)
    if (!program.arguments[i].isBuffer())
      scalarArguments.push_back(i);
  bound.reserve(program.arguments.size());
  extentArguments.reserve(program.arguments.size());
  for (const Argument &argument : program.arguments) {
    firstExtent.push_back(extents.size());
    extents.insert(extents.end(), argument.extents.begin(),
                   argument.extents.end());
  }
  for (size_t first : firstExtent)
    extentPointers.push_back(extents.data() + first);
  size_t parameterCount = 0;
  for (size_t i = 0; i < launches.size(); ++i) {
    const Launch &launch = program.launches[i];
    launches[i].firstParameter = parameterCount;
    parameterCount += launch.parameters.size();
    launches[i].firstCallExtent = callExtents.size();
    launches[i].firstCallBuffer = callBytes.size();
    if (!launch.isCall())
      continue;
    callBytes.resize(callBytes.size() + launch.call->buffers.size());
    for (const CallBuffer &buffer : launch.call->buffers)
      callExtents.resize(callExtents.size() + buffer.extents.size());
  }
  parameters.resize(parameterCount);
}

Status DispatchPlan::prepareChecked(const VyreBinding *bindings, size_t count) {
  if (Status status = readBindings(bindings, count); status.failed())
    return status;
  if (sizesChanged)
    expressions.evaluate(scalars.data(), extentPointers.data());

  for (uint32_t i = 0; i < count; ++i) {
    const Argument &info = program.arguments[i];
    if (!info.isBuffer() || !info.isBound())
      continue;
    if (Status status = computeExtents(i, bindings[i]); status.failed())
      return status;
    if (sizesChanged)
      if (Status status = computeByteSize(i); status.failed())
        return status;
    if (Status status = checkMemory(i, bindings[i]); status.failed())
      return status;
  }
  if (Status status = checkOverlap(); status.failed())
    return status;
  if (Status status =
          readback.prepare(expressions, extentPointers, buffers, sizesChanged);
      status.failed())
    return status;

  if (sizesChanged) {
    if (Status status = checkRequirements(); status.failed())
      return status;
    if (Status status = computeArena(); status.failed())
      return status;
    for (uint32_t i = 0; i < launches.size(); ++i)
      if (Status status = computeLaunch(i); status.failed())
        return status;
    if (Status status = computeParameterExpressions(); status.failed())
      return status;
    ++version;
  }
  fillScalarParameters();
  return Status();
}

/// With the same extents and integer scalars behind them, or it is another
/// change. Takes over the values of scalars.
DispatchPlan::Change DispatchPlan::findChange(const VyreBinding *bindings,
                                              size_t count) {
  if (count == 0 || bound.size() != count || !bindings)
    return Change::other;
  Change change = Change::none;
  if (std::memcmp(bindings, bound.data(), count * sizeof(VyreBinding)) != 0) {
    change = Change::moved;
    for (size_t i = 0; i < count; ++i) {
      VyreBinding before = bound[i];
      before.data = bindings[i].data;
      if (std::memcmp(&before, &bindings[i], sizeof(before)) != 0)
        return Change::other;
    }
  }
  for (uint32_t argument : extentArguments)
    if (!std::equal(bindings[argument].extents,
                    bindings[argument].extents + bindings[argument].rank,
                    extentsOf(argument)))
      return Change::other;
  for (uint32_t argument : scalarArguments)
    if (readScalar(argument, bindings[argument]).failed())
      return Change::other;
  return sizesChanged ? Change::other : change;
}

/// Looks at memory alone: everything else is as it was.
Status DispatchPlan::prepareMoved(const VyreBinding *bindings, size_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (bindings[i].data == bound[i].data)
      continue;
    const Argument &info = program.arguments[i];
    if (!info.isBound())
      return prepareChecked(bindings, count);
    if (info.isBuffer())
      if (Status status = checkMemory(i, bindings[i]); status.failed())
        return status;
  }
  if (Status status = checkOverlap(); status.failed())
    return status;
  if (Status status = readback.prepare(expressions, extentPointers, buffers,
                                       /*sizesChanged=*/false);
      status.failed())
    return status;
  fillScalarParameters();
  return Status();
}

void DispatchPlan::rememberBindings(const VyreBinding *bindings, size_t count) {
  bound.assign(bindings, bindings + count);
  extentArguments.clear();
  for (uint32_t i = 0; i < count; ++i)
    if (program.arguments[i].isBuffer() && program.arguments[i].isBound() &&
        bindings[i].extents)
      extentArguments.push_back(i);
}

Status DispatchPlan::prepare(const VyreBinding *bindings, size_t count) {
  Change change = findChange(bindings, count);
  if (change == Change::none) {
    if (!scalarArguments.empty())
      fillScalarParameters();
    return Status();
  }
  Status status = change == Change::moved ? prepareMoved(bindings, count)
                                          : prepareChecked(bindings, count);
  sizesChanged = status.failed();
  if (status.failed()) {
    bound.clear();
    return status;
  }
  rememberBindings(bindings, count);
  ++boundVersion;
  fillReport();
  return Status();
}

Status DispatchPlan::inferExtents(const VyreBinding *bindings, size_t count,
                                  uint32_t argument, int64_t *result) {
  sizesChanged = true;
  if (Status status = readBindings(bindings, count); status.failed())
    return status;
  expressions.evaluate(scalars.data(), extentPointers.data());
  if (Status status = computeExtents(argument, bindings[argument]);
      status.failed())
    return status;
  const int64_t *shape = extentsOf(argument);
  std::copy(shape, shape + program.arguments[argument].rank(), result);
  return Status();
}

Status DispatchPlan::inferResults(const VyreBinding *bindings, size_t count) {
  if (findChange(bindings, count) == Change::none)
    return Status();
  bound.clear();
  sizesChanged = true;
  if (Status status = readBindings(bindings, count); status.failed())
    return status;
  expressions.evaluate(scalars.data(), extentPointers.data());
  for (const Result &result : program.results) {
    if (Status status =
            computeExtents(result.argument, bindings[result.argument]);
        status.failed())
      return status;
    if (Status status = computeByteSize(result.argument); status.failed())
      return status;
  }
  sizesChanged = false;
  rememberBindings(bindings, count);
  return Status();
}

void DispatchPlan::fillReport() {
  VyreDispatchReport &report = sizesReport;
  report = {};
  report.struct_size = sizeof(report);
  for (const LaunchSizes &launch : launches)
    report.launches += !launch.isEmpty;
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].isOnDevice())
      continue;
    if (program.arguments[i].isRead())
      report.bytes_up += buffers[i].byteSize;
    if (program.arguments[i].isWritten())
      report.bytes_down += buffers[i].byteSize;
  }
  report.arena_bytes = arena.byteSize;
}

} // namespace vyre::runtime::internal
