//===- ReadbackPlan.cpp - Which bytes of the results come back --*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReadbackPlan.h"

#include "DispatchPlan.h"

#include <algorithm>
#include <cstring>

namespace vyre::runtime::internal {

ReadbackPlan::ReadbackPlan(const Program &program)
    : program(program), resultOf(program.arguments.size(), -1) {
  for (const Result &from : program.results) {
    ResultReadback result;
    result.argument = from.argument;
    result.isCounted = from.countKind == CountKind::buffer;
    if (result.isCounted) {
      result.countArgument = static_cast<uint32_t>(from.count);
      result.countBytes =
          elementSize(program.arguments[result.countArgument].elementType);
      countedAt.push_back(static_cast<uint32_t>(all.size()));
    }
    resultOf[from.argument] = static_cast<int32_t>(all.size());
    all.push_back(result);
  }
  slots.reserve(all.size());
  known.reserve(all.size());
  provided.reserve(all.size());
  knownCounts.reserve(countedAt.size());
  knownPlaces.reserve(resultOf.size());
  // Where this fails, planning tries again and says so.
  (void)scratch.reserve(all.size());
}

/// The rows of a result, and how many of them are meaningful.
Status ReadbackPlan::measure(ResultReadback &result,
                             const SizeExpressions &expressions,
                             const int64_t *extents) {
  const Argument &argument = program.arguments[result.argument];
  // The byte count of all of it is known to fit 64 bits, but an empty result
  // may have any rows.
  result.rows = argument.rank() ? static_cast<uint64_t>(extents[0]) : 1;
  result.rowBytes = elementSize(argument.elementType);
  bool isEmpty = result.rows == 0;
  for (uint32_t i = 1; i < argument.rank(); ++i)
    isEmpty |= extents[i] == 0;
  for (uint32_t i = 1; i < argument.rank() && !isEmpty; ++i)
    result.rowBytes *= static_cast<uint64_t>(extents[i]);
  if (isEmpty)
    result.rowBytes = 0;
  result.meaningfulRows = result.rows;

  const Result &info =
      program.results[static_cast<size_t>(&result - all.data())];
  if (info.countKind != CountKind::expression)
    return Status();
  int64_t count = 0;
  if (Status status = expressions.value(info.count, "a result's count", count);
      status.failed())
    return status;
  if (!result.accepts(count))
    return invalid(describeArgument(program, result.argument), " has ",
                   result.rows, " rows, and its count would be ", count,
                   ". Fix: pass extents and scalars whose count is from 0 to "
                   "the result's rows.");
  result.meaningfulRows = static_cast<uint64_t>(count);
  return Status();
}

/// Asks the planner, with counted results as large as a record may be.
Status ReadbackPlan::layOut() {
  slots.clear();
  for (ResultReadback &result : all) {
    result.isRecord = false;
    result.recordBytes = 0;
    if (!result.isOnHost)
      continue;
    uint64_t bytes = result.meaningfulBytes();
    if (result.isCounted)
      bytes = std::min(bytes, program.readback.maxRecordBytes);
    slots.push_back({result.argument, bytes, result.fullBytes()});
  }
  planning::ResultCompactionOptions options;
  options.maxCompactRecordBytes = program.readback.maxRecordBytes;
  options.recordAlignment = program.readback.recordAlignment;
  options.maxSlabBytes = program.readback.maxSlabBytes;
  auto planned = planning::planResultCompaction({slots.data(), slots.size()},
                                                options, scratch);
  if (planned.failed()) {
    bool isMemory =
        std::holds_alternative<planning::StorageReserveFailed>(planned.error());
    return failure(
        isMemory ? VYRE_STATUS_OUT_OF_MEMORY : VYRE_STATUS_INVALID_ARGUMENT,
        "the results of program '", program.name, "' can't be planned: ",
        std::visit([](const auto &error) { return error.message(); },
                   planned.error()));
  }
  const planning::ResultCompactionPlan &plan = **planned;
  for (const planning::CompactResultRecord &record : plan.compactRecords) {
    ResultReadback &result = all[static_cast<size_t>(resultOf[record.slot])];
    result.isRecord = true;
    result.slabOffset = record.compactOffset;
    result.recordBytes = record.bytes;
  }
  slab = plan.slabBytes;
  mayExceed = false;
  for (uint32_t i : countedAt)
    mayExceed |= all[i].isOnHost && all[i].fullBytes() > all[i].recordBytes;
  return Status();
}

Status ReadbackPlan::prepare(const SizeExpressions &expressions,
                             const std::vector<const int64_t *> &extentsOf,
                             const std::vector<BoundBuffer> &buffers,
                             bool sizesChanged) {
  bool mustLayOut = sizesChanged;
  for (ResultReadback &result : all) {
    bool isOnHost = !buffers[result.argument].isOnDevice();
    mustLayOut |= isOnHost != result.isOnHost;
    result.isOnHost = isOnHost;
    if (!sizesChanged)
      continue;
    if (Status status =
            measure(result, expressions, extentsOf[result.argument]);
        status.failed())
      return status;
  }
  if (mustLayOut)
    if (Status status = layOut(); status.failed())
      return status;
  fillKnown(buffers);
  return Status();
}

int64_t readCount(const void *from, uint32_t byteSize) {
  auto read = [&](auto value) -> int64_t {
    std::memcpy(&value, from, sizeof(value));
    return value;
  };
  switch (byteSize) {
  case 1:
    return read(int8_t());
  case 2:
    return read(int16_t());
  case 4:
    return read(int32_t());
  default:
    return read(int64_t());
  }
}

static VyreResultRoute routeOf(const ResultReadback &result,
                               uint64_t meaningfulBytes) {
  if (!result.isOnHost)
    return VYRE_RESULT_IN_PLACE;
  if (meaningfulBytes == 0)
    return VYRE_RESULT_EMPTY;
  return result.isPacked(meaningfulBytes) ? VYRE_RESULT_RECORD
                                          : VYRE_RESULT_DIRECT;
}

void ReadbackPlan::fillKnown(const std::vector<BoundBuffer> &buffers) {
  knownFull = 0;
  // Of what is written without being a result all comes back.
  for (uint32_t i = 0; i < buffers.size(); ++i)
    if (program.arguments[i].isWritten() && resultOf[i] < 0 &&
        !buffers[i].isOnDevice())
      knownFull += buffers[i].byteSize;
  knownSelected = knownFull;
  known.clear();
  knownCounts.clear();
  knownPlaces.clear();
  provided.clear();
  for (uint32_t i = 0; i < all.size(); ++i) {
    ResultReadback &result = all[i];
    result.data = buffers[result.argument].data;
    VyreResultInfo info = {};
    info.capacity_bytes = result.fullBytes();
    info.rows = static_cast<int64_t>(result.meaningfulRows);
    info.count = info.rows;
    info.meaningful_bytes = result.meaningfulBytes();
    info.route = routeOf(result, info.meaningful_bytes);
    if (info.meaningful_bytes != 0)
      info.data = result.data;
    if (result.isOnHost) {
      knownFull += info.capacity_bytes;
      knownSelected += info.meaningful_bytes;
    }
    if (buffers[result.argument].isReadback())
      provided.push_back(i);
    known.push_back(info);
    if (result.isCounted)
      knownCounts.push_back(info.count);
  }
}

void ReadbackPlan::accept(size_t index, int64_t count) {
  const ResultReadback &result = all[index];
  VyreResultInfo &info = known[index];
  uint64_t before = info.meaningful_bytes;
  info.count = info.rows = count;
  info.meaningful_bytes = result.bytesFor(count);
  info.route = routeOf(result, info.meaningful_bytes);
  info.data = info.meaningful_bytes != 0 ? result.data : nullptr;
  if (result.isOnHost)
    knownSelected += info.meaningful_bytes - before;
}

Status ReadbackPlan::refuse(size_t index, int64_t count,
                            VyreResultInfo &info) const {
  const ResultReadback &result = all[index];
  info.status =
      count < 0 ? VYRE_RESULT_NEGATIVE_COUNT : VYRE_RESULT_EXCEEDS_CAPACITY;
  info.count = count;
  info.rows = 0;
  info.meaningful_bytes = 0;
  info.route = routeOf(result, 0);
  info.data = nullptr;
  return failure(
      VYRE_STATUS_INVALID_RESULT, "result ", index, " (",
      describeArgument(program, result.argument), ") has the count ", count,
      ", expected 0 to its ", result.rows,
      " rows; every other result is right. Fix: make the result larger, or "
      "write a count that fits.");
}

void ReadbackPlan::announce(VyreResultInfo *infos, size_t infoCount) const {
  if (infoCount != 0)
    std::copy_n(known.begin(), infoCount, infos);
}

void ReadbackPlan::locate(const ReadbackTraffic &traffic, VyreResultInfo *infos,
                          size_t infoCount) {
  if (provided.empty() ||
      (!knownPlaces.empty() &&
       std::equal(knownPlaces.begin(), knownPlaces.end(), traffic.data)))
    return;
  knownPlaces.assign(traffic.data, traffic.data + resultOf.size());
  for (uint32_t i : provided) {
    all[i].data = traffic.data[all[i].argument];
    if (known[i].meaningful_bytes != 0)
      known[i].data = all[i].data;
    if (i < infoCount)
      infos[i].data = known[i].data;
  }
}

Status ReadbackPlan::complete(const ReadbackTraffic &traffic,
                              VyreResultInfo *infos, size_t infoCount,
                              VyreDispatchReport &report) {
  Status status;
  locate(traffic, infos, infoCount);
  uint64_t refused = 0;
  for (size_t k = 0; k < countedAt.size(); ++k) {
    if (traffic.counts && traffic.counts[k] == knownCounts[k])
      continue;
    uint32_t i = countedAt[k];
    int64_t count =
        traffic.counts ? traffic.counts[k] : static_cast<int64_t>(all[i].rows);
    if (all[i].accepts(count)) {
      accept(i, count);
      knownCounts[k] = count;
      if (i < infoCount)
        infos[i] = known[i];
      if (i < infoCount && !traffic.counts)
        infos[i].status = VYRE_RESULT_COUNT_UNKNOWN;
      continue;
    }
    // The next dispatch is announced what was right before.
    VyreResultInfo unasked = {};
    status.update(refuse(i, count, i < infoCount ? infos[i] : unasked));
    if (all[i].isOnHost)
      refused += known[i].meaningful_bytes;
  }
  uint64_t selected = knownSelected - refused;
  report.bytes_down = selected;
  report.full_result_bytes = knownFull;
  report.selected_result_bytes = selected;
  report.avoided_result_bytes = knownFull - selected;
  report.avoided_result_basis_points =
      planning::basisPoints(knownFull - selected, knownFull);
  report.slab_bytes = slab;
  report.result_copies = traffic.copies;
  report.waits = traffic.waits;
  return status;
}

} // namespace vyre::runtime::internal
