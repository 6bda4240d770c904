//===- CUDAExecution.cpp - One dispatch on a GPU ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAExecution.h"

#include <atomic>

namespace vyre::runtime::internal::cuda {

CudaExecution::CudaExecution(CudaExecutable &executable)
    : executable(executable), device(executable.getDevice()),
      driver(device.driver()), block(std::make_unique<DeviceBlock>(device)),
      staging(device), flag(device), hostCalls(executable), readback(device),
      persistent(device), timer(device),
      placements(executable.getProgram().arguments.size()),
      kept(placements.size()), goesUp(placements.size()), tableBlock(device),
      provided(executable.getProgram().arguments.size()), graphs(device) {
  for (const Launch &launch : executable.getProgram().launches) {
    firstValue.push_back(values.size());
    values.resize(values.size() + launch.kernelParameters());
    if (launch.hasPointerTable)
      tables.resize(tables.size() + launch.pointers.size());
  }
  for (uint64_t &value : values)
    valueAddresses.push_back(&value);

  const Program &program = executable.getProgram();
  hostBoundary = program.hostBoundary();
  delivered.reserve(placements.size());
  for (uint32_t i = 0; i < program.arguments.size(); ++i) {
    hasScalars |= !program.arguments[i].isBuffer();
    if (program.arguments[i].isBuffer() && program.arguments[i].isRead())
      readArguments.push_back(i);
  }
  for (uint32_t i = 0; i < program.capture.replay.size(); ++i)
    if (program.capture.replay[i] == artifact::ReplaySafety::escaping_result)
      clearedResults.push_back(i);
  struct Uses {
    unsigned reads = 0, writes = 0, streams = 0;
  };
  std::vector<Uses> uses(placements.size());
  auto count = [&](const std::vector<MemoryRef> &list, unsigned Uses::*kind) {
    for (const MemoryRef &memory : list)
      if (memory.kind == MemoryKind::argument)
        ++(uses[memory.index].*kind);
  };
  for (const Launch &launch : program.launches) {
    count(launch.reads, &Uses::reads);
    count(launch.writes, &Uses::writes);
    count(launch.streams, &Uses::streams);
    // What a function does with its buffers, and how often, nobody knows: they
    // are on the device.
    if (launch.isCall())
      count(launch.pointers, &Uses::reads);
  }
  for (const Uses &of : uses) {
    isWrittenOnce.push_back(of.writes == 1 && of.reads == 0);
    isReadOnce.push_back(of.writes == 0 && of.reads == 1 && of.streams == 1);
  }
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
  if (!status.failed())
    status = execution->hostCalls.open();
  bool isCounted = false;
  for (const Result &result : executable.getProgram().results)
    isCounted |= result.countKind == CountKind::buffer;
  if (!status.failed() && isCounted)
    status = execution->readback.load();
  if (!status.failed() && !execution->tables.empty())
    status = execution->tableBlock.reserve(
        execution->tables.size() * sizeof(uint64_t), sizeof(uint64_t));
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
  Status status = persistent.close();
  status.update(graphs.release());
  status.update(block->release());
  for (const auto &old : captured)
    status.update(old->release());
  status.update(staging.release());
  status.update(flag.release());
  status.update(tableBlock.release());
  status.update(readback.close());
  status.update(hostCalls.close());
  status.update(timer.close());
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

GraphContent CudaExecution::graphContent(const DispatchPlan &plan) {
  return {plan,
          executable,
          hostCalls,
          values,
          valueAddresses,
          firstValue,
          staged(uploads),
          staged(results),
          packs(plan) ? readback.function() : nullptr,
          readback.packArguments(),
          copyKernel,
          canBePolled ? reinterpret_cast<uint32_t *>(flag.data()) : nullptr,
          generation};
}

Status CudaExecution::enqueueGraph(const DispatchPlan &plan,
                                   const DispatchOptions &options,
                                   bool &isEnqueued) {
  CudaGraph *graph = nullptr;
  if (Status status = prepareGraph(
          plan, options, options.capture == VYRE_CAPTURE_REQUIRE, graph);
      status.failed())
    return status;
  isEnqueued = graph != nullptr;
  if (!isEnqueued)
    return Status();
  copies += results.size() != 0;
  if (isPolled)
    reinterpret_cast<std::atomic<uint32_t> *>(flag.data())
        ->store(0, std::memory_order_release);
  return graph->launch(stream);
}

Status CudaExecution::enqueueOneByOne(const DispatchPlan &plan) {
  if (uploads.size() != 0)
    if (Status status = enqueueTransfer(staged(uploads), /*isUp=*/true);
        status.failed())
      return status;
  for (size_t i = 0; i < plan.launches.size(); ++i) {
    if (plan.launches[i].isEmpty)
      continue;
    if (plan.getProgram().launches[i].isHostBoundary)
      if (Status status = showHost(plan); status.failed())
        return status;
    if (Status status = enqueueLaunch(plan, i); status.failed())
      return status;
  }
  if (packs(plan))
    if (Status status = readback.launch(stream); status.failed())
      return status;
  if (results.size() == 0)
    return Status();
  ++copies;
  return enqueueTransfer(staged(results), /*isUp=*/false);
}

/// Waits for the launches so far, and brings what they wrote to the caller's
/// memory; but results whose sizes the device tells, which are not known yet.
Status CudaExecution::showHost(const DispatchPlan &plan) {
  if (results.size() != 0)
    if (Status status = enqueueTransfer(staged(results), /*isUp=*/false);
        status.failed())
      return status;
  for (uint32_t i : directResults)
    if (Status status = enqueueCopy(plan, i, plan.buffers[i].byteSize);
        status.failed())
      return status;
  if (Status status = device.synchronize(stream); status.failed())
    return status;
  ++waits;
  deliverUncounted();
  return Status();
}

Status CudaExecution::enqueueCall(const DispatchPlan &plan, size_t index) {
  return hostCalls.enqueue(plan, index, values.data() + firstValue[index],
                           stream, isCapturing);
}

Status CudaExecution::enqueueLaunch(const DispatchPlan &plan, size_t index) {
  const LaunchSizes &sizes = plan.launches[index];
  const Launch &launch = plan.getProgram().launches[index];
  if (launch.isCall())
    return enqueueCall(plan, index);
  CUfunction function = executable.kernel(index).function;
  void **parameters = valueAddresses.data() + firstValue[index];
  if (!executable.hasCluster(index))
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

Status CudaExecution::enqueue(const DispatchPlan &plan,
                              const DispatchOptions &options) {
  if (Status status = enqueueInputs(plan); status.failed())
    return status;
  if (plan.hasUnchanged)
    if (Status status = clearResults(plan); status.failed())
      return status;
  bool isEnqueued = false;
  if (Status status = enqueueGraph(plan, options, isEnqueued); status.failed())
    return status;
  isPolled &= isEnqueued;
  if (!isEnqueued) {
    beginPlain(plan, options);
    if (Status status = enqueueOneByOne(plan); status.failed())
      return status;
  }
  if (Status status = enqueueResults(plan); status.failed())
    return status;
  if (stream == ownStream || isCapturing || isPolled)
    return Status();
  return device.check(driver.eventRecord(event, stream), "cuEventRecord");
}

/// Whether the graph of a dispatch is all of it, so that its end can tell.
bool CudaExecution::canPoll(const DispatchPlan &plan,
                            const DispatchOptions &options) const {
  if (!spins || isCapturing || options.isTimed ||
      plan.readback.countedResults() != 0)
    return false;
  return directResults.empty();
}

Status CudaExecution::arrange(const DispatchPlan &plan,
                              const DispatchOptions &options) {
  if (Status status = computeLayout(plan); status.failed())
    return status;
  if (!isCapturing)
    if (Status status = reserveMemory(plan); status.failed())
      return status;
  chooseUploads(plan);
  spins = options.waitMode == VYRE_WAIT_SPIN;
  bool couldBePolled = canBePolled;
  isPolled = canBePolled = canPoll(plan, options);
  generation += canBePolled != couldBePolled;
  if (isPolled)
    if (Status status = flag.reserve(sizeof(uint32_t)); status.failed())
      return status;
  return Status();
}

Status CudaExecution::start(const DispatchPlan &plan,
                            const DispatchOptions &options) {
  if (isPersistent)
    return startPersistent(plan, options);
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  if (Status status = arrange(plan, options); status.failed())
    return status;
  areCountsRead = plan.readback.countedResults() == 0;
  copies = waits = 0;
  plainBegin.reset();
  isBlockCaptured |= isCapturing && blockBytes != 0;
  current = &plan;
  Status status = timer.begin(stream, options.isTimed && !isCapturing);
  if (!status.failed())
    status = bind(plan);
  if (!status.failed())
    status = enqueue(plan, options);
  if (!status.failed())
    status = timer.end(stream);
  if (!status.failed())
    status = concludeDecision(plan, options);
  if (!status.failed()) {
    keepUploads(plan);
    return status;
  }
  boundVersion = 0;
  forgetUploads();
  // What was enqueued before the failure still uses the caller's memory.
  if (!isCapturing)
    status.update(device.synchronize(stream));
  return status;
}

void CudaExecution::describe(VyreDispatchReport &report) const {
  report.replays = noReplayReason == nullptr;
  report.graph_builds = graphs.builds;
  report.node_updates = graphs.updates;
  report.no_replay_reason = noReplayReason;
  report.resident_bytes = residentBytes;
  report.graph_pays_after = graphPaysAfter;
  report.is_persistent = isPersistent;
  report.no_persistent_reason = noPersistentReason;
  report.mapped_slab_limit = device.mappedCrossover().known();
}

void CudaExecution::describeTimes(VyreDispatchReport &report) const {
  if (!timer.nanoseconds())
    return;
  report.has_device_ns = true;
  report.device_ns = *timer.nanoseconds();
}

/// All that start() does for the dispatches of a shape up to its first replay.
Status CudaExecution::prewarm(const DispatchPlan &plan,
                              const DispatchOptions &options) {
  ContextScope scope(device);
  if (scope.failed())
    return scope.takeStatus();
  if (isPersistent) {
    Status status = arrangePersistent(plan, options);
    return status.failed() ? std::move(status) : bind(plan);
  }
  if (Status status = arrange(plan, options); status.failed())
    return status;
  Status status = bind(plan);
  // That may have enqueued what the kernel that packs is told, or pointers.
  if (packs(plan) || !tables.empty())
    status.update(device.synchronize(stream));
  if (status.failed())
    return status;
  CudaGraph *graph = nullptr;
  return prepareGraph(plan, options, /*mustBuild=*/true, graph);
}

} // namespace vyre::runtime::internal::cuda
