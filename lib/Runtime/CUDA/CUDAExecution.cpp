//===- CUDAExecution.cpp - One dispatch on a GPU ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"

#include "ArenaPacking.h"

#include <algorithm>
#include <cstring>
#include <thread>

namespace vyre::runtime::internal::cuda {
namespace {

/// Host buffers up to this size, in bytes, travel together through page-locked
/// memory: copying them twice costs less than a transfer of their own.
constexpr uint64_t kMaxStagedBytes = 64 * 1024;

/// How long a wait with a limit asks without pause, and how long it then sleeps
/// between two questions.
constexpr std::chrono::microseconds kSpinTime(100);
constexpr std::chrono::microseconds kSleepTime(50);

/// The next place for `byteSize` bytes behind `end`, which it moves. False if
/// that overflows 63 bits.
bool place(uint64_t &end, uint64_t byteSize, uint64_t alignment,
           uint64_t &offset) {
  if (byteSize > uint64_t(INT64_MAX) - end - alignment)
    return false;
  offset = (end + alignment - 1) / alignment * alignment;
  end = offset + byteSize;
  return end <= uint64_t(INT64_MAX);
}

} // namespace

CudaExecution::CudaExecution(CudaExecutable &executable)
    : executable(executable), device(executable.getDevice()),
      driver(device.driver()), block(std::make_unique<DeviceBlock>(device)),
      staging(device), readback(device),
      placements(executable.getProgram().arguments.size()), graphs(device) {
  for (const Launch &launch : executable.getProgram().launches) {
    firstValue.push_back(values.size());
    values.resize(values.size() + launch.pointers.size() +
                  launch.parameters.size());
  }
  for (uint64_t &value : values)
    valueAddresses.push_back(&value);

  const Program &program = executable.getProgram();
  std::vector<unsigned> uses(placements.size());
  for (const Launch &launch : program.launches)
    for (const auto *accesses : {&launch.reads, &launch.writes})
      for (const MemoryRef &memory : *accesses)
        if (memory.kind == MemoryKind::argument)
          uses[memory.index] += accesses == &launch.reads ? 2 : 1;
  for (unsigned count : uses)
    isWrittenOnce.push_back(count == 1);
  isCount.resize(placements.size());
  for (const Result &result : program.results)
    if (result.countKind == CountKind::buffer)
      isCount[static_cast<size_t>(result.count)] = true;
}

Expected<std::unique_ptr<Execution>>
CudaExecution::create(CudaExecutable &executable) {
  CudaDevice &device = executable.getDevice();
  std::unique_ptr<CudaExecution> execution(new CudaExecution(executable));
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  Status status =
      device.check(device.driver().streamCreate(&execution->ownStream,
                                                CU_STREAM_NON_BLOCKING),
                   "cuStreamCreate");
  if (!status.failed())
    status = device.check(
        device.driver().eventCreate(&execution->event, CU_EVENT_DISABLE_TIMING),
        "cuEventCreate");
  bool isCounted = false;
  for (const Result &result : executable.getProgram().results)
    isCounted |= result.countKind == CountKind::buffer;
  if (!status.failed() && isCounted)
    status = execution->readback.load();
  if (status.failed()) {
    status.update(execution->close());
    return status;
  }
  return std::unique_ptr<Execution>(std::move(execution));
}

Status CudaExecution::close() {
  ContextScope scope = ContextScope::toEnd(device);
  if (scope.failed())
    return scope.takeStatus();
  Status status = graphs.release();
  status.update(block->release());
  for (const auto &old : captured)
    status.update(old->release());
  status.update(staging.release());
  status.update(readback.close());
  if (event)
    status.update(device.giveBack([&] { return driver.eventDestroy(event); },
                                  "cuEventDestroy"));
  if (ownStream)
    status.update(device.giveBack(
        [&] { return driver.streamDestroy(ownStream); }, "cuStreamDestroy"));
  event = nullptr;
  ownStream = nullptr;
  return status;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// Asks the driver whose memory a device pointer is.
Status CudaExecution::checkPointer(const DispatchPlan &plan,
                                   uint32_t argument) {
  const BoundBuffer &buffer = plan.buffers[argument];
  auto address = reinterpret_cast<CUdeviceptr>(buffer.data);
  uint32_t memoryType = 0, isManaged = 0;
  int ordinal = -1;
  CUdeviceptr rangeBegin = 0;
  size_t rangeSize = 0;
  CUpointer_attribute attributes[] = {
      CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_IS_MANAGED,
      CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
      CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, CU_POINTER_ATTRIBUTE_RANGE_SIZE};
  void *answers[] = {&memoryType, &isManaged, &ordinal, &rangeBegin,
                     &rangeSize};
  if (Status status = device.check(
          driver.pointerGetAttributes(5, attributes, answers, address),
          "cuPointerGetAttributes");
      status.failed())
    return status;

  auto wrong = [&](std::string_view found, std::string_view fix) {
    return invalid(describeArgument(plan.getProgram(), argument),
                   " is bound as device memory, found ", found, ". Fix: ", fix,
                   ".");
  };
  bool isReachable = memoryType == CU_MEMORYTYPE_DEVICE ||
                     (memoryType == CU_MEMORYTYPE_HOST && rangeSize != 0) ||
                     isManaged;
  if (!isReachable)
    return wrong("an address that the driver does not know",
                 "pass memory of the GPU, or set its location to "
                 "VYRE_MEMORY_HOST");
  if (memoryType == CU_MEMORYTYPE_DEVICE && !isManaged &&
      ordinal != device.handle())
    return wrong(concat("memory of GPU ", ordinal),
                 concat("pass memory of ", device.getIdentity().id));
  if (rangeSize != 0 &&
      (address < rangeBegin || address - rangeBegin > rangeSize ||
       buffer.byteSize > rangeSize - (address - rangeBegin)))
    return wrong(concat(rangeSize - (address - rangeBegin),
                        " bytes up to the end of its allocation"),
                 concat("pass ", buffer.byteSize, " bytes"));
  return Status();
}

Status CudaExecution::checkShared(const DispatchPlan &plan) const {
  for (size_t i = 0; i < plan.launches.size(); ++i) {
    uint32_t wanted = plan.launches[i].dynamicSharedBytes;
    uint32_t most = executable.kernel(i).maxDynamicSharedBytes;
    if (!plan.launches[i].isEmpty && wanted > most)
      return invalid("launch '", plan.getProgram().launches[i].name,
                     "' of program '", plan.getProgram().name, "' takes ",
                     wanted, " bytes of shared memory, ",
                     device.getIdentity().id, " has ", most,
                     " for it. Fix: pass smaller extents.");
  }
  return Status();
}

/// What becomes part of a caller's graph can neither copy from host memory that
/// may be gone by then, nor allocate.
Status CudaExecution::checkCapture(const DispatchPlan &plan) {
  CUstreamCaptureStatus capture = CU_STREAM_CAPTURE_STATUS_NONE;
  if (Status status = device.check(driver.streamIsCapturing(stream, &capture),
                                   "cuStreamIsCapturing");
      status.failed())
    return status;
  isCapturing = capture != CU_STREAM_CAPTURE_STATUS_NONE;
  if (!isCapturing)
    return Status();
  if (capture == CU_STREAM_CAPTURE_STATUS_INVALIDATED)
    return failure(VYRE_STATUS_FAILED_PRECONDITION,
                   "the capture of the caller's stream was invalidated by an "
                   "earlier error. Fix: end it and begin a new one.");
  for (uint32_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].byteSize != 0 &&
        plan.buffers[i].location == VYRE_MEMORY_HOST)
      return invalid(describeArgument(plan.getProgram(), i),
                     " is in host memory while the caller's stream is being "
                     "captured. Fix: pass device memory.");
  if (Status status = computeLayout(plan); status.failed())
    return status;
  if (!block->holds(blockBytes, blockAlignment))
    return failure(VYRE_STATUS_FAILED_PRECONDITION, "program '",
                   plan.getProgram().name, "' takes ", blockBytes,
                   " bytes of its own, which cannot be allocated while the "
                   "caller's stream is being captured. Fix: dispatch it once "
                   "with these sizes before.");
  return Status();
}

Status CudaExecution::check(const DispatchPlan &plan,
                            const DispatchOptions &options) {
  if (options.capture == VYRE_CAPTURE_REQUIRE && !driver.hasGraphs())
    return failure(VYRE_STATUS_UNSUPPORTED,
                   "the CUDA driver cannot build graphs node by node, found "
                   "VYRE_CAPTURE_REQUIRE. Fix: install a newer NVIDIA driver, "
                   "or pass VYRE_CAPTURE_AUTO.");
  if (Status status = checkShared(plan); status.failed())
    return status;
  bool hasDeviceMemory = std::any_of(
      plan.buffers.begin(), plan.buffers.end(), [](const BoundBuffer &buffer) {
        return buffer.location == VYRE_MEMORY_DEVICE && buffer.byteSize != 0;
      });
  stream = options.stream ? static_cast<CUstream>(options.stream) : ownStream;
  isCapturing = false;
  if (!hasDeviceMemory && !options.stream)
    return Status();
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  for (uint32_t i = 0; hasDeviceMemory && i < plan.buffers.size(); ++i)
    if (plan.buffers[i].location == VYRE_MEMORY_DEVICE &&
        plan.buffers[i].byteSize != 0)
      if (Status status = checkPointer(plan, i); status.failed())
        return status;
  return options.stream ? checkCapture(plan) : Status();
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

bool CudaExecution::mustLayOut(const DispatchPlan &plan) const {
  if (layoutVersion != plan.sizesVersion())
    return true;
  for (size_t i = 0; i < placements.size(); ++i) {
    bool isOnDevice = plan.buffers[i].location == VYRE_MEMORY_DEVICE;
    if (placements[i].route != Route::none &&
        isOnDevice != (placements[i].route == Route::resident))
      return true;
  }
  return false;
}

CudaExecution::Route CudaExecution::chooseRoute(const DispatchPlan &plan,
                                                uint32_t argument) const {
  const BoundBuffer &buffer = plan.buffers[argument];
  bool isOutput = plan.getProgram().arguments[argument].isWritten() &&
                  !plan.getProgram().arguments[argument].isRead();
  if (buffer.byteSize == 0)
    return Route::none;
  if (buffer.location == VYRE_MEMORY_DEVICE)
    return Route::resident;
  if (plan.readback.isCountedOnHost(argument))
    return Route::counted;
  if (isOutput && isCount[argument])
    return Route::count;
  if (isOutput && isWrittenOnce[argument] && plan.readback.isRecord(argument))
    return Route::mapped;
  return buffer.byteSize <= kMaxStagedBytes ? Route::staged : Route::direct;
}

Status CudaExecution::computeLayout(const DispatchPlan &plan) {
  if (!mustLayOut(plan))
    return Status();
  const Program &program = plan.getProgram();
  // Until everything below has its place.
  layoutVersion = 0;
  auto tooLarge = [&] {
    return failure(VYRE_STATUS_OUT_OF_MEMORY, "program '", program.name,
                   "' takes more than 2^63 bytes of device memory. Fix: pass "
                   "smaller extents.");
  };
  blockAlignment = arenaAlignment(program);
  for (uint32_t i = 0; i < placements.size(); ++i) {
    blockAlignment =
        std::max<uint64_t>(blockAlignment, program.arguments[i].alignment);
    placements[i].offset = 0;
    placements[i].route = chooseRoute(plan, i);
  }

  uint64_t end = 0;
  auto placeAll = [&](Route route, bool isRead, bool isWritten) {
    for (uint32_t i = 0; i < placements.size(); ++i) {
      const Argument &argument = program.arguments[i];
      if (placements[i].route != route || argument.isRead() != isRead ||
          argument.isWritten() != isWritten)
        continue;
      // Packed closely: what travels together should be small.
      uint64_t alignment = std::max<uint64_t>(argument.alignment, 16);
      if (!place(end, plan.buffers[i].byteSize, alignment,
                 placements[i].offset))
        return false;
    }
    return true;
  };
  if (!placeAll(Route::staged, true, false))
    return tooLarge();
  results.begin = end;
  if (!placeAll(Route::staged, true, true))
    return tooLarge();
  inputs = {0, end};
  if (!placeAll(Route::staged, false, true))
    return tooLarge();
  results.end = end;
  if (!placeAll(Route::direct, true, false) ||
      !placeAll(Route::direct, true, true) ||
      !placeAll(Route::direct, false, true) ||
      !placeAll(Route::counted, false, true) ||
      !placeAll(Route::count, false, true) ||
      !place(end, plan.arenaBytes, blockAlignment, arenaOffset))
    return tooLarge();
  blockBytes = end;
  stagingBytes = results.end;
  for (uint32_t i = 0; i < placements.size(); ++i) {
    Placement &placement = placements[i];
    uint64_t byteSize = plan.buffers[i].byteSize;
    uint64_t alignment = std::max<uint64_t>(program.arguments[i].alignment, 16);
    if (placement.route == Route::mapped &&
        !place(stagingBytes, byteSize, alignment, placement.offset))
      return tooLarge();
    if (placement.route == Route::counted && byteSize <= kMaxStagedBytes &&
        !place(stagingBytes, byteSize, alignment, placement.stagingOffset))
      return tooLarge();
  }
  layoutVersion = plan.sizesVersion();
  return Status();
}

Status CudaExecution::reserveMemory(const DispatchPlan &plan) {
  if (Status status = readback.reserve(plan.readback); status.failed())
    return status;
  if (Status status = staging.reserve(stagingBytes); status.failed())
    return status;
  if (block->holds(blockBytes, blockAlignment))
    return Status();
  if (isBlockCaptured) {
    captured.push_back(std::move(block));
    block = std::make_unique<DeviceBlock>(device);
    isBlockCaptured = false;
  }
  return block->reserve(blockBytes, blockAlignment);
}

//===----------------------------------------------------------------------===//
// A dispatch
//===----------------------------------------------------------------------===//

CUdeviceptr CudaExecution::address(const DispatchPlan &plan,
                                   const MemoryRef &memory) const {
  switch (memory.kind) {
  case MemoryKind::argument: {
    if (plan.getProgram().arguments[memory.index].isState())
      return executable.state(memory.index);
    const Placement &placement = placements[memory.index];
    if (placement.route == Route::none)
      return 0;
    if (placement.route == Route::resident)
      return reinterpret_cast<CUdeviceptr>(plan.buffers[memory.index].data);
    if (placement.route == Route::mapped)
      return reinterpret_cast<CUdeviceptr>(staging.data() + placement.offset);
    return block->data() + placement.offset;
  }
  case MemoryKind::intermediate:
    return block->data() + arenaOffset + plan.intermediateOffsets[memory.index];
  case MemoryKind::constant:
    return executable.getModule().constant(memory.index);
  }
  return 0;
}

void CudaExecution::fillParameters(const DispatchPlan &plan) {
  const Program &program = plan.getProgram();
  size_t next = 0;
  for (size_t i = 0; i < program.launches.size(); ++i) {
    for (const MemoryRef &memory : program.launches[i].pointers)
      values[next++] = address(plan, memory);
    const int64_t *parameters =
        plan.parameters.data() + plan.launches[i].firstParameter;
    for (size_t k = 0; k < program.launches[i].parameters.size(); ++k)
      values[next++] = static_cast<uint64_t>(parameters[k]);
  }
}

Status CudaExecution::enqueueInputs(const DispatchPlan &plan) {
  for (uint32_t i = 0; i < placements.size(); ++i) {
    const BoundBuffer &buffer = plan.buffers[i];
    if (!plan.getProgram().arguments[i].isRead())
      continue;
    if (placements[i].route == Route::staged)
      std::memcpy(staging.data() + placements[i].offset, buffer.data,
                  buffer.byteSize);
    if (placements[i].route == Route::direct)
      if (Status status = device.check(
              driver.memcpyHtoDAsync(block->data() + placements[i].offset,
                                     buffer.data, buffer.byteSize, stream),
              "cuMemcpyHtoDAsync");
          status.failed())
        return status;
  }
  return Status();
}

Transfer CudaExecution::staged(Range range) const {
  if (range.size() == 0)
    return Transfer();
  return {staging.data() + range.begin, block->data() + range.begin,
          range.size()};
}

Status CudaExecution::enqueueGraph(const DispatchPlan &plan,
                                   VyreCapturePolicy capture,
                                   bool &isEnqueued) {
  isEnqueued = false;
  auto decline = [&](const char *reason) {
    noReplayReason = reason;
    return Status();
  };
  graphs.builds = graphs.updates = 0;
  if (isCapturing)
    return decline("the caller captures the stream");
  if (capture == VYRE_CAPTURE_NEVER)
    return decline("the capture policy is never");
  if (!driver.hasGraphs())
    return decline("the CUDA driver cannot build graphs node by node");
  GraphContent content = {plan,           executable, values,
                          valueAddresses, firstValue, staged(inputs),
                          staged(results)};
  size_t calls = (inputs.size() != 0) + (results.size() != 0);
  for (const LaunchSizes &launch : plan.launches)
    calls += !launch.isEmpty;
  if (calls == 0)
    return decline("there is nothing to launch");
  if (calls == 1 && capture == VYRE_CAPTURE_AUTO)
    return decline("one call costs no more than a graph's");
  CudaGraph *graph = nullptr;
  if (Status status =
          graphs.prepare(content, capture == VYRE_CAPTURE_REQUIRE, graph);
      status.failed())
    return status;
  if (!graph)
    return decline("these sizes are new");
  noReplayReason = nullptr;
  isEnqueued = true;
  copies += results.size() != 0;
  return graph->launch(stream);
}

Status CudaExecution::enqueueOneByOne(const DispatchPlan &plan) {
  if (inputs.size() != 0)
    if (Status status =
            device.check(driver.memcpyHtoDAsync(block->data() + inputs.begin,
                                                staging.data() + inputs.begin,
                                                inputs.size(), stream),
                         "cuMemcpyHtoDAsync");
        status.failed())
      return status;
  for (size_t i = 0; i < plan.launches.size(); ++i)
    if (!plan.launches[i].isEmpty)
      if (Status status = enqueueLaunch(plan, i); status.failed())
        return status;
  if (results.size() == 0)
    return Status();
  ++copies;
  return device.check(driver.memcpyDtoHAsync(staging.data() + results.begin,
                                             block->data() + results.begin,
                                             results.size(), stream),
                      "cuMemcpyDtoHAsync");
}

Status CudaExecution::enqueueLaunch(const DispatchPlan &plan, size_t index) {
  const LaunchSizes &sizes = plan.launches[index];
  const Launch &launch = plan.getProgram().launches[index];
  CUfunction function = executable.kernel(index).function;
  void **parameters = valueAddresses.data() + firstValue[index];
  if (!launch.hasCluster())
    return device.check(
        driver.launchKernel(function, sizes.grid[0], sizes.grid[1],
                            sizes.grid[2], launch.block[0], launch.block[1],
                            launch.block[2], sizes.dynamicSharedBytes, stream,
                            parameters, nullptr),
        "cuLaunchKernel");
  CUlaunchAttribute cluster = {};
  cluster.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
  cluster.value.clusterDim = {launch.cluster[0], launch.cluster[1],
                              launch.cluster[2]};
  CUlaunchConfig config = {sizes.grid[0],
                           sizes.grid[1],
                           sizes.grid[2],
                           launch.block[0],
                           launch.block[1],
                           launch.block[2],
                           sizes.dynamicSharedBytes,
                           stream,
                           &cluster,
                           1};
  return device.check(
      driver.launchKernelEx(&config, function, parameters, nullptr),
      "cuLaunchKernelEx");
}

/// Of an argument in the block: its first bytes, into the caller's memory, or
/// into page-locked memory that is kept for them.
Status CudaExecution::enqueueCopy(const DispatchPlan &plan, uint32_t argument,
                                  uint64_t byteSize) {
  if (byteSize == 0)
    return Status();
  ++copies;
  void *target = plan.buffers[argument].data;
  if (isStagedLate(plan, argument))
    target = staging.data() + placements[argument].stagingOffset;
  return device.check(driver.memcpyDtoHAsync(
                          target, block->data() + placements[argument].offset,
                          byteSize, stream),
                      "cuMemcpyDtoHAsync");
}

/// Results that are larger than their records, now that their sizes are known.
Status CudaExecution::enqueueCounted(const DispatchPlan &plan) {
  areCountsRead = true;
  const int64_t *count = readback.counts();
  for (const ResultReadback &result : plan.readback.results()) {
    if (!result.isCounted)
      continue;
    int64_t rows = *count++;
    if (!result.isOnHost || !result.accepts(rows) ||
        result.isPacked(result.bytesFor(rows)))
      continue;
    if (Status status =
            enqueueCopy(plan, result.argument, result.bytesFor(rows));
        status.failed())
      return status;
  }
  return Status();
}

Status CudaExecution::enqueueResults(const DispatchPlan &plan) {
  if (plan.readback.countedResults() != 0 && !isCapturing)
    if (Status status = readback.enqueue(
            plan.readback,
            [&](uint32_t argument) {
              return address(plan, {argument, MemoryKind::argument});
            },
            stream);
        status.failed())
      return status;
  for (uint32_t i = 0; i < placements.size(); ++i) {
    if (placements[i].route != Route::direct ||
        !plan.getProgram().arguments[i].isWritten())
      continue;
    uint64_t bytes = plan.readback.bytesBack(i, plan.buffers[i].byteSize);
    if (Status status = enqueueCopy(plan, i, bytes); status.failed())
      return status;
  }
  return Status();
}

Status CudaExecution::enqueue(const DispatchPlan &plan,
                              VyreCapturePolicy capture) {
  if (Status status = enqueueInputs(plan); status.failed())
    return status;
  bool isEnqueued = false;
  if (Status status = enqueueGraph(plan, capture, isEnqueued); status.failed())
    return status;
  if (!isEnqueued)
    if (Status status = enqueueOneByOne(plan); status.failed())
      return status;
  if (Status status = enqueueResults(plan); status.failed())
    return status;
  if (stream == ownStream || isCapturing)
    return Status();
  return device.check(driver.eventRecord(event, stream), "cuEventRecord");
}

Status CudaExecution::start(const DispatchPlan &plan,
                            const DispatchOptions &options) {
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  if (Status status = computeLayout(plan); status.failed())
    return status;
  if (!isCapturing)
    if (Status status = reserveMemory(plan); status.failed())
      return status;
  areCountsRead = plan.readback.countedResults() == 0;
  copies = waits = 0;
  fillParameters(plan);
  isBlockCaptured |= isCapturing && blockBytes != 0;
  current = &plan;
  Status status = enqueue(plan, options.capture);
  // What was enqueued before the failure still uses the caller's memory.
  if (status.failed() && !isCapturing)
    status.update(device.synchronize(stream));
  return status;
}

void CudaExecution::describe(VyreDispatchReport &report) const {
  report.replays = noReplayReason == nullptr;
  report.graph_builds = graphs.builds;
  report.node_updates = graphs.updates;
  report.no_replay_reason = noReplayReason;
}

CUresult CudaExecution::waitForDevice(const Deadline &deadline) const {
  bool ownsStream = stream == ownStream;
  if (!deadline)
    return ownsStream ? driver.streamSynchronize(stream)
                      : driver.eventSynchronize(event);
  Clock::time_point begin = Clock::now();
  while (true) {
    CUresult result =
        ownsStream ? driver.streamQuery(stream) : driver.eventQuery(event);
    Clock::time_point now = Clock::now();
    if (result != CUDA_ERROR_NOT_READY || now >= *deadline)
      return result;
    if (now - begin > kSpinTime)
      std::this_thread::sleep_for(
          std::min<Clock::duration>(kSleepTime, *deadline - now));
  }
}

bool CudaExecution::isStagedLate(const DispatchPlan &plan,
                                 uint32_t argument) const {
  return placements[argument].route == Route::counted &&
         plan.buffers[argument].byteSize <= kMaxStagedBytes;
}

void CudaExecution::deliverResults(const DispatchPlan &plan) {
  for (uint32_t i = 0; i < placements.size(); ++i) {
    bool isInStaging = placements[i].route == Route::staged ||
                       placements[i].route == Route::mapped;
    if (isInStaging && plan.getProgram().arguments[i].isWritten())
      std::memcpy(plan.buffers[i].data, staging.data() + placements[i].offset,
                  plan.readback.bytesBack(i, plan.buffers[i].byteSize));
  }
  const int64_t *count = readback.counts();
  for (const ResultReadback &result : plan.readback.results()) {
    if (!result.isCounted)
      continue;
    // The host is little-endian: the first bytes are those of a smaller type.
    if (placements[result.countArgument].route == Route::count)
      std::memcpy(plan.buffers[result.countArgument].data, count,
                  result.countBytes);
    int64_t rows = *count++;
    if (!result.isOnHost || !result.accepts(rows))
      continue;
    void *target = plan.buffers[result.argument].data;
    uint64_t bytes = result.bytesFor(rows);
    if (result.isPacked(bytes))
      std::memcpy(target, readback.slab() + result.slabOffset, bytes);
    else if (bytes != 0 && isStagedLate(plan, result.argument))
      std::memcpy(target,
                  staging.data() + placements[result.argument].stagingOffset,
                  bytes);
  }
}

Status CudaExecution::wait(const Deadline &deadline, bool &isDone) {
  isDone = true;
  // Recorded, not run: there is nothing to wait for.
  if (isCapturing)
    return Status();
  ContextScope scope = ContextScope::toEnd(device);
  if (scope.failed())
    return scope.takeStatus();
  while (true) {
    CUresult result = waitForDevice(deadline);
    if (result == CUDA_ERROR_NOT_READY) {
      isDone = false;
      return Status();
    }
    Status status =
        device.check(result, stream == ownStream ? "cuStreamSynchronize"
                                                 : "cuEventSynchronize");
    ++waits;
    uint64_t before = copies;
    if (!status.failed() && !areCountsRead) {
      status = enqueueCounted(*current);
      if (!status.failed() && copies != before && stream != ownStream)
        status =
            device.check(driver.eventRecord(event, stream), "cuEventRecord");
    }
    if (status.failed()) {
      // Whatever the error was, nothing may be under way any more.
      status.update(device.synchronize(stream));
      return status;
    }
    if (copies == before)
      break;
  }
  deliverResults(*current);
  return Status();
}

} // namespace vyre::runtime::internal::cuda
