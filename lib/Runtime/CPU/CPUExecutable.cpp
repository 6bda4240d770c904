//===- CPUExecutable.cpp - A program on the CPU -----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/CPUExecutable.h"

#include "ArenaPacking.h"

#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace vyre::runtime::internal {
namespace {

/// The default floating-point environment while it lives: results must not
/// depend on a caller that rounds differently or flushes denormals.
class DefaultFloatingPoint {
public:
#if defined(__SSE2__)
  DefaultFloatingPoint() : before(_mm_getcsr()) { _mm_setcsr(0x1f80); }
  ~DefaultFloatingPoint() { _mm_setcsr(before); }

private:
  unsigned before;

public:
#else
  DefaultFloatingPoint() {}
#endif
  DefaultFloatingPoint(const DefaultFloatingPoint &) = delete;
  DefaultFloatingPoint &operator=(const DefaultFloatingPoint &) = delete;
};

/// One call of a CPU entry, for the thread pool.
struct EntryCall {
  CpuEntry entry;
  void *const *pointers;
  const int64_t *parameters;

  static void run(void *context, int64_t begin, int64_t end) {
    const auto &call = *static_cast<const EntryCall *>(context);
    DefaultFloatingPoint environment;
    call.entry(call.pointers, call.parameters, begin, end);
  }
};

} // namespace

Expected<std::unique_ptr<Executable>>
CpuExecutable::create(CpuDevice &device, std::shared_ptr<CpuModule> module,
                      const Program &program) {
  std::unique_ptr<CpuExecutable> executable(
      new CpuExecutable(device, std::move(module), program));
  auto calls = findCalls(program, "cpu");
  if (calls.failed())
    return calls.takeStatus();
  executable->calls = std::move(*calls);
  for (const Launch &launch : program.launches) {
    if (launch.isCall()) {
      executable->entries.push_back(nullptr);
      continue;
    }
    CpuEntry entry = executable->module->code->find(launch.cpuEntry.c_str());
    if (!entry)
      return badArtifact("the artifact's CPU code has no function '",
                         launch.cpuEntry, "', which launch '", launch.name,
                         "' of program '", program.name,
                         "' calls. Fix: compile the artifact again.");
    executable->entries.push_back(entry);
  }
  if (Status status = executable->reserveStates(); status.failed())
    return status;
  return std::unique_ptr<Executable>(std::move(executable));
}

Expected<std::unique_ptr<Execution>> CpuExecutable::createExecution() {
  return std::unique_ptr<Execution>(std::make_unique<CpuExecution>(*this));
}

CpuExecution::CpuExecution(CpuExecutable &executable)
    : executable(executable),
      arenaAlignment(internal::arenaAlignment(executable.program)),
      provided(executable.program), tasks(executable.device.getPool(), *this) {
  const std::vector<Launch> &launches = executable.program.launches;
  for (uint32_t i = 0; i < launches.size(); ++i) {
    firstPointer.push_back(pointers.size());
    pointers.resize(pointers.size() + launches[i].pointers.size());
    calls.push_back(launches[i].isCall()
                        ? std::make_unique<HostCall>(executable.program, i,
                                                     executable.calls[i])
                        : nullptr);
  }
  for (const Result &result : executable.program.results)
    if (result.countKind == CountKind::buffer)
      counts.push_back(0);
}

Status CpuExecution::check(const DispatchPlan &,
                           const DispatchOptions &options) {
  if (options.persistent == VYRE_PERSISTENT_REQUIRE)
    return failure(VYRE_STATUS_UNSUPPORTED,
                   "the CPU has no persistent kernels, found "
                   "VYRE_PERSISTENT_REQUIRE. Fix: pass VYRE_PERSISTENT_ON.");
  if (options.stream)
    return invalid("a dispatch on the CPU is given a CUDA stream. Fix: leave "
                   "VyreDispatchConfig::cuda_stream NULL.");
  return Status();
}

void *CpuExecution::address(const MemoryRef &memory) const {
  switch (memory.kind) {
  case MemoryKind::argument:
    if (executable.program.arguments[memory.index].isState())
      return executable.states[memory.index].data();
    return provided.dataOf(*plan, memory.index);
  case MemoryKind::intermediate:
    return arena.data() + plan->arena.offsets[memory.index];
  case MemoryKind::constant:
    return const_cast<void *>(executable.module->constants[memory.index]);
  }
  return nullptr;
}

/// Each function once, on any thread.
void CpuExecution::runCall(uint32_t index) {
  const Launch &launch = executable.program.launches[index];
  HostCall &call = *calls[index];
  for (size_t k = 0; k < launch.pointers.size(); ++k)
    call.setPointer(k, address(launch.pointers[k]));
  const int64_t *values =
      plan->parameters.data() + plan->launches[index].firstParameter;
  for (size_t k = 0; k < launch.parameters.size(); ++k)
    call.setScalar(k, values[k]);
  DefaultFloatingPoint environment;
  CpuDevice::CallScope scope(executable.device);
  Status status = call.call(*plan, /*stream=*/nullptr, /*isCapturing=*/false);
  if (!status.failed())
    return;
  std::lock_guard<std::mutex> lock(failureMutex);
  callFailure.update(std::move(status));
  hasFailed.store(true, std::memory_order_release);
}

void CpuExecution::runLaunch(uint32_t index) {
  const LaunchSizes &sizes = plan->launches[index];
  if (sizes.isEmpty || hasFailed.load(std::memory_order_acquire))
    return;
  if (calls[index])
    return runCall(index);
  const Launch &launch = executable.program.launches[index];
  void **first = pointers.data() + firstPointer[index];
  for (size_t k = 0; k < launch.pointers.size(); ++k)
    first[k] = address(launch.pointers[k]);
  EntryCall call{executable.entries[index], first,
                 plan->parameters.data() + sizes.firstParameter};
  executable.device.getPool().parallelFor(sizes.cpuItems, launch.cpuGrain,
                                          &EntryCall::run, &call);
}

/// Launches run side by side where at least two of them are worth a task of
/// their own and do not wait for each other.
void CpuExecution::prepareTasks() {
  if (tasksVersion == plan->sizesVersion())
    return;
  tasksVersion = plan->sizesVersion();
  const std::vector<Launch> &launches = executable.program.launches;
  size_t large = 0;
  bool isChain = true;
  std::vector<planning::LaunchEdge> edges = plan->arena.edges;
  for (uint32_t i = 0; i < launches.size(); ++i) {
    large += launches[i].isCall() ||
             plan->launches[i].cpuItems >= launches[i].cpuGrain;
    bool waitsForLast = i == 0;
    for (uint32_t earlier : launches[i].dependsOn) {
      edges.push_back({earlier, i});
      waitsForLast |= earlier + 1 == i;
    }
    isChain &= waitsForLast;
  }
  isConcurrent = large > 1 && !isChain;
  if (isConcurrent)
    tasks.setGraph(static_cast<uint32_t>(launches.size()), edges);
}

void CpuExecution::runInOrder() {
  for (uint32_t i = 0; i < plan->launches.size(); ++i)
    runLaunch(i);
  readCounts();
  if (isTimed)
    launchTime = Clock::now() - beginTime;
}

/// After launches that ran side by side.
void CpuExecution::finish() {
  readCounts();
  if (isTimed)
    launchTime = Clock::now() - beginTime;
  std::lock_guard<std::mutex> lock(mutex);
  isRunning = false;
  finished.notify_all();
}

void CpuExecution::describeTimes(VyreDispatchReport &report) const {
  if (!isTimed)
    return;
  report.has_device_ns = true;
  report.device_ns =
      static_cast<uint64_t>(std::chrono::nanoseconds(launchTime).count());
}

void CpuExecution::readCounts() {
  size_t next = 0;
  for (const ResultReadback &result : plan->readback.results()) {
    if (!result.isCounted)
      continue;
    counts[next++] = readCount(provided.dataOf(*plan, result.countArgument),
                               result.countBytes);
  }
}

/// On a thread of the pool, for a caller that does not wait at once.
void CpuExecution::run() {
  if (isConcurrent)
    return tasks.start();
  runInOrder();
  std::lock_guard<std::mutex> lock(mutex);
  isRunning = false;
  finished.notify_all();
}

Status CpuExecution::start(const DispatchPlan &newPlan,
                           const DispatchOptions &options) {
  plan = &newPlan;
  callFailure = Status();
  hasFailed = false;
  isTimed = options.isTimed;
  wantsPersistent = options.persistent == VYRE_PERSISTENT_ON;
  if (Status status = arena.reserve(plan->arena.byteSize, arenaAlignment);
      status.failed())
    return status;
  if (Status status = provided.prepare(*plan); status.failed())
    return status;
  prepareTasks();
  if (isTimed)
    beginTime = Clock::now();
  if (options.waitsAtOnce && !isConcurrent) {
    runInOrder();
    return Status();
  }
  {
    std::lock_guard<std::mutex> lock(mutex);
    isRunning = true;
  }
  if (options.waitsAtOnce)
    tasks.start();
  else
    executable.device.getPool().submit(*this);
  return Status();
}

Status CpuExecution::wait(const Deadline &deadline, bool &isDone) {
  std::unique_lock<std::mutex> lock(mutex);
  auto isFinished = [&] { return !isRunning; };
  if (deadline)
    isDone = finished.wait_until(lock, *deadline, isFinished);
  else
    finished.wait(lock, isFinished), isDone = true;
  return isDone ? std::move(callFailure) : Status();
}

} // namespace vyre::runtime::internal
