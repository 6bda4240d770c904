//===- RegisteredBackend.cpp - Backends of the caller's ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisteredBackend.h"

#include "CAPI/Common.h"
#include "CPU/CPUDevice.h"
#include "ProvidedResults.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

namespace vyre::runtime::internal {
namespace {

class RegisteredBackend;

class RegisteredDevice final : public Device {
public:
  explicit RegisteredDevice(std::shared_ptr<RegisteredBackend> backend);

  DispatchPlan::Target target() const override {
    return DispatchPlan::Target::none;
  }
  /// What it cannot run, it says when it is asked to.
  Status supports(const Artifact &) const override { return Status(); }
  Expected<std::unique_ptr<Executable>>
  load(std::shared_ptr<const Artifact> artifact,
       const Program &program) override;
  Status upload(void *target, const void *source, uint64_t byteSize) override;
  Status download(void *target, const void *source, uint64_t byteSize) override;
  /// The backend goes with the object.
  Status close() override { return Status(); }

  const VyreBackend &table() const;
  bool hasMemory() const { return table().allocate != nullptr; }

private:
  Expected<void *> allocateMemory(uint64_t byteSize) override;
  Status freeMemory(void *memory, uint64_t byteSize) override;
  Status noMemory() const;

  std::shared_ptr<RegisteredBackend> backend;
};

class RegisteredBackend final
    : public Backend,
      public std::enable_shared_from_this<RegisteredBackend> {
public:
  explicit RegisteredBackend(const VyreBackend &from)
      : table(from), name(from.id) {
    table.id = name.c_str();
  }
  RegisteredBackend(const RegisteredBackend &) = delete;
  RegisteredBackend &operator=(const RegisteredBackend &) = delete;
  ~RegisteredBackend() override {
    if (table.release && isAccepted)
      table.release(table.user);
  }

  const char *id() const override { return table.id; }
  Expected<uint32_t> deviceCount() override { return uint32_t(1); }
  Expected<std::shared_ptr<Device>> open(uint32_t ordinal,
                                         const VyreDeviceConfig &) override {
    if (ordinal != 0)
      return failure(VYRE_STATUS_NOT_FOUND, "there is no device '", name, ":",
                     ordinal, "'. Fix: pass '", name, "'.");
    return std::shared_ptr<Device>(
        std::make_shared<RegisteredDevice>(shared_from_this()));
  }

  /// Compiles where the backend does that. `outcome` is unknown unless the
  /// backend says so, or its counters do.
  Status compile(const VyreArtifact &artifact, uint32_t program,
                 VyreNativePipeline &native, VyreCacheOutcome &outcome);

  VyreBackend table;
  /// `user` is this object's to give back.
  bool isAccepted = false;

private:
  bool readCounters(VyreCacheCounters &counters) const;

  std::string name;
  /// One compilation at a time, so that what the counters do meanwhile is its
  /// doing.
  std::mutex compileMutex;
};

bool RegisteredBackend::readCounters(VyreCacheCounters &counters) const {
  counters = {};
  counters.struct_size = sizeof(counters);
  // A backend that cannot tell is none that fails to compile.
  return table.cache_counters &&
         !adopt(table.cache_counters(table.user, &counters)).failed();
}

Status RegisteredBackend::compile(const VyreArtifact &artifact,
                                  uint32_t program, VyreNativePipeline &native,
                                  VyreCacheOutcome &outcome) {
  native = {};
  native.struct_size = sizeof(native);
  outcome = VYRE_CACHE_UNKNOWN;
  if (!table.compile)
    return Status();
  std::lock_guard<std::mutex> lock(compileMutex);
  VyreCacheCounters before, after;
  bool isCounted = readCounters(before);
  if (Status status =
          adopt(table.compile(table.user, &artifact, program, &native));
      status.failed())
    return status;
  if (native.cache_outcome != VYRE_CACHE_UNKNOWN) {
    outcome = native.cache_outcome == VYRE_CACHE_HIT ? VYRE_CACHE_HIT
                                                     : VYRE_CACHE_MISS;
    return Status();
  }
  if (!isCounted || !readCounters(after))
    return Status();
  uint64_t hits = after.hits - before.hits;
  uint64_t misses = after.misses - before.misses;
  // Anything else is not this compilation's doing alone.
  if (hits + misses == 1)
    outcome = hits ? VYRE_CACHE_HIT : VYRE_CACHE_MISS;
  return Status();
}

uint64_t stateBytes(const Argument &argument) {
  uint64_t bytes = elementSize(argument.elementType);
  for (int64_t extent : argument.extents)
    bytes *= static_cast<uint64_t>(extent);
  return bytes;
}

class RegisteredExecutable final : public Executable {
public:
  RegisteredExecutable(RegisteredDevice &device,
                       std::shared_ptr<const Artifact> from,
                       const Program &program)
      : device(device), artifact{std::move(from)}, program(program),
        states(program.arguments.size()) {}
  ~RegisteredExecutable() override { (void)close().failed(); }

  /// Compiles, and makes room for the state.
  Status initialize(RegisteredBackend &backend);

  Expected<std::unique_ptr<Execution>> createExecution() override;
  Status resetState() override;
  Status readState(uint32_t argument, void *data, uint64_t byteSize) override {
    if (byteSize)
      std::memcpy(data, states[argument].data(), byteSize);
    return Status();
  }
  Status writeState(uint32_t argument, const void *data,
                    uint64_t byteSize) override {
    if (byteSize)
      std::memcpy(states[argument].data(), data, byteSize);
    return Status();
  }
  Status close() override {
    auto release = std::exchange(native.release, nullptr);
    return release ? adopt(release(native.user)) : Status();
  }

  RegisteredDevice &device;
  /// What the backend sees of the artifact.
  VyreArtifact artifact;
  const Program &program;
  /// Without a dispatch function where the backend did not compile.
  VyreNativePipeline native = {};
  /// One per argument; empty for all but state.
  std::vector<HostBlock> states;

private:
  uint32_t programIndex() const {
    return static_cast<uint32_t>(&program - artifact.artifact->programs.data());
  }
  friend class RegisteredExecution;
};

class RegisteredExecution final : public Execution {
public:
  explicit RegisteredExecution(RegisteredExecutable &executable)
      : executable(executable), bindings(executable.program.arguments.size()),
        provided(executable.program) {
    for (const Result &result : executable.program.results)
      if (result.countKind == CountKind::buffer)
        counts.push_back(0);
  }

  Status check(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status prewarm(const DispatchPlan &plan,
                 const DispatchOptions &options) override;
  Status start(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status wait(const Deadline &, bool &isDone) override {
    isDone = true;
    return Status();
  }
  ReadbackTraffic traffic() const override {
    return {counts.data(), provided.data(), 0, 1};
  }
  void describeTimes(VyreDispatchReport &report) const override {
    report.has_device_ns = true;
    report.device_ns =
        static_cast<uint64_t>(std::chrono::nanoseconds(dispatchTime).count());
  }
  Status close() override { return Status(); }

private:
  VyreBackendDispatch describeDispatch(const DispatchPlan &plan,
                                       const DispatchOptions &options);
  Status readCounts(const DispatchPlan &plan);

  RegisteredExecutable &executable;
  std::vector<VyreBinding> bindings;
  ProvidedResults provided;
  /// Of the counted results.
  std::vector<int64_t> counts;
  Clock::duration dispatchTime{0};
};

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
  for (uint32_t state : program.states) {
    const Argument &argument = program.arguments[state];
    if (Status status =
            states[state].reserve(stateBytes(argument), argument.alignment);
        status.failed())
      return status;
  }
  return resetState();
}

Expected<std::unique_ptr<Execution>> RegisteredExecutable::createExecution() {
  return std::unique_ptr<Execution>(
      std::make_unique<RegisteredExecution>(*this));
}

Status RegisteredExecutable::resetState() {
  for (uint32_t state : program.states) {
    const Argument &argument = program.arguments[state];
    uint64_t bytes = stateBytes(argument);
    if (bytes == 0)
      continue;
    if (argument.initial < 0)
      std::memset(states[state].data(), 0, bytes);
    else
      std::memcpy(states[state].data(),
                  artifact.artifact->constants[argument.initial].data.data,
                  bytes);
  }
  return Status();
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
  if (Status status = provided.reserve(plan); status.failed())
    return status;
  VyreBackendDispatch dispatch = describeDispatch(plan, options);
  return adopt(table.prewarm(table.user, &dispatch));
}

Status RegisteredExecution::start(const DispatchPlan &plan,
                                  const DispatchOptions &options) {
  const VyreBackend &table = executable.device.table();
  if (Status status = provided.reserve(plan); status.failed())
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

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

RegisteredDevice::RegisteredDevice(std::shared_ptr<RegisteredBackend> from)
    : Device({from->id(), from->id(), from->id(), from->id()}),
      backend(std::move(from)) {}

const VyreBackend &RegisteredDevice::table() const { return backend->table; }

Expected<std::unique_ptr<Executable>>
RegisteredDevice::load(std::shared_ptr<const Artifact> artifact,
                       const Program &program) {
  auto executable = std::make_unique<RegisteredExecutable>(
      *this, std::move(artifact), program);
  if (Status status = executable->initialize(*backend); status.failed()) {
    status.update(executable->close());
    return status;
  }
  if (executable->cacheHit)
    (*executable->cacheHit ? cacheHits : cacheMisses)
        .fetch_add(1, std::memory_order_relaxed);
  return std::unique_ptr<Executable>(std::move(executable));
}

Status RegisteredDevice::noMemory() const {
  return failure(VYRE_STATUS_UNSUPPORTED, "backend '", getIdentity().id,
                 "' has no memory of its own. Fix: use host memory.");
}

Expected<void *> RegisteredDevice::allocateMemory(uint64_t byteSize) {
  if (!hasMemory())
    return noMemory();
  void *memory = nullptr;
  if (Status status = adopt(table().allocate(table().user, byteSize, &memory));
      status.failed())
    return status;
  return memory;
}

Status RegisteredDevice::freeMemory(void *memory, uint64_t byteSize) {
  return adopt(table().free(table().user, memory, byteSize));
}

Status RegisteredDevice::upload(void *target, const void *source,
                                uint64_t byteSize) {
  return hasMemory()
             ? adopt(table().upload(table().user, target, source, byteSize))
             : noMemory();
}

Status RegisteredDevice::download(void *target, const void *source,
                                  uint64_t byteSize) {
  return hasMemory()
             ? adopt(table().download(table().user, target, source, byteSize))
             : noMemory();
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

class Registry {
public:
  Registry() {
    // The built-in ones live as long as the process.
    for (Backend *backend : {&cpuBackend(), &cudaBackend()})
      backends.emplace(backend->id(),
                       std::shared_ptr<Backend>(backend, [](Backend *) {}));
  }

  std::shared_ptr<Backend> find(std::string_view id) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = backends.find(id);
    return found == backends.end() ? nullptr : found->second;
  }

  std::string list() {
    std::lock_guard<std::mutex> lock(mutex);
    std::string ids;
    for (const auto &entry : backends)
      ids += concat(ids.empty() ? "'" : ", '", entry.first, "'");
    return ids;
  }

  Status add(std::shared_ptr<RegisteredBackend> backend) {
    std::lock_guard<std::mutex> lock(mutex);
    if (!backends.try_emplace(backend->id(), backend).second)
      return failure(VYRE_STATUS_FAILED_PRECONDITION, "there is a backend '",
                     backend->id(), "' already. Fix: take another id.");
    backend->isAccepted = true;
    return Status();
  }

  Status remove(std::string_view id) {
    // Given back after the lock is: the backend may call the runtime then.
    std::shared_ptr<Backend> removed;
    std::lock_guard<std::mutex> lock(mutex);
    auto found = backends.find(id);
    if (found == backends.end() || id == "cpu" || id == "cuda")
      return failure(VYRE_STATUS_NOT_FOUND, "there is no registered backend '",
                     id, "'. Fix: pass an id that vyreBackendRegister took.");
    removed = std::move(found->second);
    backends.erase(found);
    return Status();
  }

private:
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Backend>, std::less<>> backends;
};

Registry &registry() {
  // Not destroyed: devices may still be closed while the process ends.
  static Registry *all = new Registry;
  return *all;
}

bool isBackendId(std::string_view id) {
  return !id.empty() && id != "auto" &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

} // namespace

std::shared_ptr<Backend> findBackend(std::string_view id) {
  return registry().find(id);
}

std::string listBackends() { return registry().list(); }

Status registerBackend(const VyreBackend *from) {
  if (!from)
    return nullArgument("backend");
  VyreBackend table;
  if (Status status = readConfig(from, "VyreBackend", table); status.failed())
    return status;
  if (!table.id || !isBackendId(table.id))
    return invalid("VyreBackend::id is '", table.id ? table.id : "",
                   "', expected a word of letters, digits, '-' and '_' other "
                   "than 'auto'. Fix: pass such a word.");
  if (!table.dispatch)
    return invalid("VyreBackend::dispatch of '", table.id,
                   "' is NULL. Fix: pass a function.");
  int memoryFunctions =
      !!table.allocate + !!table.free + !!table.upload + !!table.download;
  if (memoryFunctions != 0 && memoryFunctions != 4)
    return invalid("backend '", table.id, "' has ", memoryFunctions,
                   " of the functions allocate, free, upload and download. "
                   "Fix: pass all four, or none.");
  return registry().add(std::make_shared<RegisteredBackend>(table));
}

Status unregisterBackend(const char *id) {
  return id ? registry().remove(id) : nullArgument("id");
}

} // namespace vyre::runtime::internal
