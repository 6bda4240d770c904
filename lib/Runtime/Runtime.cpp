//===- Runtime.cpp - The C API ----------------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C API over the runtime's classes: checks handles and struct sizes, and
// keeps exceptions in.
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Runtime.h"

#include "Artifact.h"
#include "Backend.h"
#include "DispatchPlan.h"
#include "Pipeline.h"
#include "Status.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <system_error>

using namespace vyre::runtime::internal;

struct VyreArtifact {
  std::shared_ptr<const Artifact> artifact;
};

struct VyreDevice {
  std::shared_ptr<Device> device;
};

struct VyrePipeline {
  std::shared_ptr<Pipeline> pipeline;
};

struct VyreCompletion {
  std::shared_ptr<Pipeline> pipeline;
  Completion completion;
};

namespace {

constexpr uint32_t kMaxInFlight = 64;

/// The statuses that need no memory; they are never freed.
VyreStatus *outOfHostMemory() {
  static VyreStatus status{
      VYRE_STATUS_OUT_OF_MEMORY,
      "the host has no memory left. Fix: free memory, or pass smaller data."};
  return &status;
}
VyreStatus *unexpectedException() {
  static VyreStatus status{VYRE_STATUS_INTERNAL,
                           "the runtime met an unexpected exception. Fix: "
                           "report it to the Vyre project."};
  return &status;
}

/// Runs what may fail or throw; nothing but a status comes out.
template <typename Function> VyreStatus *guarded(Function function) noexcept {
  try {
    try {
      return Status(function()).release();
    } catch (const std::system_error &error) {
      return failure(VYRE_STATUS_DEVICE_ERROR,
                     "the system refused a resource: ", error.what(),
                     ". Fix: raise the process's limits.")
          .release();
    } catch (const std::length_error &) {
      return outOfHostMemory();
    }
  } catch (const std::bad_alloc &) {
    return outOfHostMemory();
  } catch (...) {
    return unexpectedException();
  }
}

Status nullArgument(const char *name) {
  return invalid("'", name, "' is NULL. Fix: pass an object.");
}

/// Reads a config of any release: missing fields are zero, unknown ones must
/// be.
template <typename Config>
Status readConfig(const Config *from, const char *name, Config &to) {
  std::memset(&to, 0, sizeof(to));
  if (!from)
    return Status();
  if (from->struct_size < sizeof(size_t) || from->struct_size > size_t(1) << 16)
    return invalid(name, "::struct_size is ", from->struct_size,
                   ". Fix: set it to sizeof(", name, ").");
  const auto *bytes = reinterpret_cast<const unsigned char *>(from);
  for (size_t i = sizeof(to); i < from->struct_size; ++i)
    if (bytes[i])
      return failure(VYRE_STATUS_UNSUPPORTED, name,
                     " sets a field that this runtime does not know. Fix: use "
                     "a newer libvyre_runtime.");
  std::memcpy(&to, from, std::min(sizeof(to), from->struct_size));
  return Status();
}

/// Writes as much of an answer as the caller's struct holds.
template <typename Info>
Status writeInfo(const Info &from, const char *name, Info *to) {
  if (!to)
    return nullArgument(name);
  if (to->struct_size < sizeof(size_t))
    return invalid(name, "::struct_size is ", to->struct_size,
                   ". Fix: set it to sizeof(", name, ").");
  size_t size = to->struct_size;
  std::memcpy(to, &from, std::min(size, sizeof(from)));
  to->struct_size = size;
  return Status();
}

Status checkProgram(const VyreArtifact *artifact, uint32_t program) {
  if (!artifact)
    return nullArgument("artifact");
  size_t count = artifact->artifact->programs.size();
  if (program < count)
    return Status();
  return failure(VYRE_STATUS_NOT_FOUND, "there is no program ", program,
                 ", the artifact has ", count, ". Fix: pass 0 to ", count - 1,
                 ".");
}

Status checkArgument(const Program &program, uint32_t argument) {
  size_t count = program.arguments.size();
  if (argument < count)
    return Status();
  return failure(VYRE_STATUS_NOT_FOUND, "there is no argument ", argument,
                 ", program '", program.name, "' has ", count,
                 ". Fix: pass a smaller index.");
}

Status loaded(Expected<std::shared_ptr<const Artifact>> artifact,
              VyreArtifact **out) {
  if (artifact.failed())
    return artifact.takeStatus();
  *out = new VyreArtifact{std::move(*artifact)};
  return Status();
}

Backend *findBackend(std::string_view name) {
  for (Backend *backend : {&cpuBackend(), &cudaBackend()})
    if (name == backend->id())
      return backend;
  return nullptr;
}

Status unknownDevice(std::string_view id) {
  return failure(VYRE_STATUS_NOT_FOUND, "there is no device '", id,
                 "'. Fix: pass 'auto', 'cpu', 'cuda' or 'cuda:N'.");
}

/// "cuda:1" into "cuda" and 1.
bool splitDeviceId(std::string_view id, std::string_view &backend,
                   uint32_t &ordinal) {
  size_t colon = id.find(':');
  backend = id.substr(0, colon);
  ordinal = 0;
  if (colon == std::string_view::npos)
    return true;
  std::string_view digits = id.substr(colon + 1);
  if (digits.empty() || digits.size() > 6)
    return false;
  for (char digit : digits) {
    if (digit < '0' || digit > '9')
      return false;
    ordinal = ordinal * 10 + static_cast<uint32_t>(digit - '0');
  }
  return true;
}

Expected<std::shared_ptr<Device>> openDevice(std::string_view id,
                                             const VyreDeviceConfig &config) {
  if (id == "auto") {
    auto device = cudaBackend().open(0, config);
    return device.failed() ? cpuBackend().open(0, config) : std::move(device);
  }
  std::string_view name;
  uint32_t ordinal;
  if (!splitDeviceId(id, name, ordinal))
    return unknownDevice(id);
  Backend *backend = findBackend(name);
  if (!backend)
    return unknownDevice(id);
  return backend->open(ordinal, config);
}

Deadline deadlineAfter(uint64_t nanoseconds) {
  // Far enough to overflow the clock is as good as never.
  if (nanoseconds >= uint64_t(std::numeric_limits<int64_t>::max()) / 2)
    return std::nullopt;
  return Clock::now() +
         std::chrono::nanoseconds(static_cast<int64_t>(nanoseconds));
}

Status readDispatchOptions(const VyreDispatchConfig *config,
                           DispatchOptions &options) {
  VyreDispatchConfig known;
  if (Status status = readConfig(config, "VyreDispatchConfig", known);
      status.failed())
    return status;
  options.stream = known.cuda_stream;
  return Status();
}

} // namespace

//===----------------------------------------------------------------------===//
// Version and status
//===----------------------------------------------------------------------===//

uint32_t vyreRuntimeVersion(void) { return VYRE_RUNTIME_VERSION; }

VyreStatusCode vyreStatusCode(const VyreStatus *status) {
  return status ? status->code : VYRE_STATUS_OK;
}

const char *vyreStatusMessage(const VyreStatus *status) {
  return status ? status->message.c_str() : "";
}

const char *vyreStatusCodeName(uint32_t code) {
  constexpr const char *kNames[] = {"ok",
                                    "invalid argument",
                                    "not found",
                                    "bad artifact",
                                    "unsupported",
                                    "out of memory",
                                    "device unavailable",
                                    "device error",
                                    "device lost",
                                    "deadline exceeded",
                                    "failed precondition",
                                    "i/o error",
                                    "internal error"};
  return code < std::size(kNames) ? kNames[code] : "unknown";
}

void vyreStatusRelease(VyreStatus *status) {
  if (status != outOfHostMemory() && status != unexpectedException())
    delete status;
}

//===----------------------------------------------------------------------===//
// Artifacts
//===----------------------------------------------------------------------===//

size_t vyreElementTypeSize(uint32_t type) {
  return type <= VYRE_ELEMENT_INDEX
             ? elementSize(static_cast<ElementType>(type))
             : 0;
}

const char *vyreElementTypeName(uint32_t type) {
  return type <= VYRE_ELEMENT_INDEX
             ? elementTypeName(static_cast<ElementType>(type))
             : "unknown";
}

VyreStatus *vyreArtifactLoadFile(const char *path, VyreArtifact **artifact) {
  return guarded([&]() -> Status {
    if (!path || !artifact)
      return nullArgument(path ? "artifact" : "path");
    return loaded(Artifact::loadFile(path), artifact);
  });
}

VyreStatus *vyreArtifactLoadMemory(const void *data, size_t size,
                                   VyreArtifact **artifact) {
  return guarded([&]() -> Status {
    if ((!data && size) || !artifact)
      return nullArgument(artifact ? "data" : "artifact");
    return loaded(Artifact::loadMemory(data, size), artifact);
  });
}

void vyreArtifactRelease(VyreArtifact *artifact) { delete artifact; }

const char *vyreArtifactProducer(const VyreArtifact *artifact) {
  return artifact ? artifact->artifact->producer.c_str() : "";
}

uint32_t vyreArtifactProgramCount(const VyreArtifact *artifact) {
  return artifact ? static_cast<uint32_t>(artifact->artifact->programs.size())
                  : 0;
}

VyreStatus *vyreArtifactFindProgram(const VyreArtifact *artifact,
                                    const char *name, uint32_t *program) {
  return guarded([&]() -> Status {
    if (!artifact || !name || !program)
      return nullArgument(!artifact ? "artifact" : name ? "program" : "name");
    const auto &programs = artifact->artifact->programs;
    std::string names;
    for (uint32_t i = 0; i < programs.size(); ++i) {
      if (programs[i].name == name) {
        *program = i;
        return Status();
      }
      names += concat(i ? ", '" : "'", programs[i].name, "'");
    }
    return failure(VYRE_STATUS_NOT_FOUND, "there is no program '", name,
                   "' in the artifact. Fix: pass one of ", names, ".");
  });
}

VyreStatus *vyreArtifactProgramInfo(const VyreArtifact *artifact,
                                    uint32_t program, VyreProgramInfo *info) {
  return guarded([&]() -> Status {
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    const Program &from = artifact->artifact->programs[program];
    VyreProgramInfo answer = {};
    answer.name = from.name.c_str();
    answer.digest = from.digest.c_str();
    answer.argument_count = static_cast<uint32_t>(from.arguments.size());
    answer.result_count = static_cast<uint32_t>(from.results.size());
    answer.launch_count = static_cast<uint32_t>(from.launches.size());
    return writeInfo(answer, "VyreProgramInfo", info);
  });
}

VyreStatus *vyreArtifactArgumentInfo(const VyreArtifact *artifact,
                                     uint32_t program, uint32_t argument,
                                     VyreArgumentInfo *info) {
  return guarded([&]() -> Status {
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    const Program &owner = artifact->artifact->programs[program];
    if (Status status = checkArgument(owner, argument); status.failed())
      return status;
    const Argument &from = owner.arguments[argument];
    VyreArgumentInfo answer = {};
    answer.name = from.name.c_str();
    answer.kind = static_cast<VyreArgumentKind>(from.kind);
    answer.element_type = static_cast<VyreElementType>(from.elementType);
    answer.role = static_cast<VyreRole>(from.role);
    answer.rank = from.rank();
    answer.extents = from.extents.data();
    answer.alignment = from.alignment;
    answer.capacity_bytes = from.capacityBytes;
    answer.extents_are_computed = !from.extentExprs.empty();
    return writeInfo(answer, "VyreArgumentInfo", info);
  });
}

VyreStatus *vyreArtifactResultArgument(const VyreArtifact *artifact,
                                       uint32_t program, uint32_t result,
                                       uint32_t *argument) {
  return guarded([&]() -> Status {
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    if (!argument)
      return nullArgument("argument");
    const Program &owner = artifact->artifact->programs[program];
    if (result >= owner.results.size())
      return failure(VYRE_STATUS_NOT_FOUND, "there is no result ", result,
                     ", program '", owner.name, "' has ", owner.results.size(),
                     ". Fix: pass a smaller index.");
    *argument = owner.results[result].argument;
    return Status();
  });
}

uint32_t vyreArtifactCodeCount(const VyreArtifact *artifact) {
  return artifact ? static_cast<uint32_t>(artifact->artifact->codes.size()) : 0;
}

VyreStatus *vyreArtifactCodeInfo(const VyreArtifact *artifact, uint32_t code,
                                 VyreCodeInfo *info) {
  return guarded([&]() -> Status {
    if (!artifact)
      return nullArgument("artifact");
    const auto &codes = artifact->artifact->codes;
    if (code >= codes.size())
      return failure(VYRE_STATUS_NOT_FOUND, "there is no code section ", code,
                     ", the artifact has ", codes.size(),
                     ". Fix: pass a smaller index.");
    VyreCodeInfo answer = {};
    answer.kind = static_cast<VyreCodeKind>(codes[code].kind);
    answer.architecture = codes[code].architecture.c_str();
    answer.features = codes[code].features.c_str();
    answer.byte_size = codes[code].data.size;
    return writeInfo(answer, "VyreCodeInfo", info);
  });
}

VyreStatus *vyreArtifactInferExtents(const VyreArtifact *artifact,
                                     uint32_t program,
                                     const VyreBinding *bindings,
                                     size_t binding_count, uint32_t argument,
                                     int64_t *extents, uint32_t rank) {
  return guarded([&]() -> Status {
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    const Program &owner = artifact->artifact->programs[program];
    if (Status status = checkArgument(owner, argument); status.failed())
      return status;
    const Argument &info = owner.arguments[argument];
    if (!info.isBuffer() || !info.isBound())
      return invalid(describeArgument(owner, argument),
                     " has no extents to infer. Fix: ask for a buffer that "
                     "the caller passes.");
    if (rank != info.rank() || (rank && !extents))
      return invalid(describeArgument(owner, argument), " has rank ",
                     info.rank(), ", found room for ", extents ? rank : 0,
                     " extents. Fix: pass room for ", info.rank(), ".");
    DispatchPlan plan(owner, DispatchPlan::Target::cpu);
    return plan.inferExtents(bindings, binding_count, argument, extents);
  });
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

VyreStatus *vyreDeviceCount(const char *backend, uint32_t *count) {
  return guarded([&]() -> Status {
    if (!backend || !count)
      return nullArgument(backend ? "count" : "backend");
    *count = 0;
    Backend *found = findBackend(backend);
    if (!found)
      return failure(VYRE_STATUS_NOT_FOUND, "there is no backend '", backend,
                     "'. Fix: pass 'cpu' or 'cuda'.");
    auto answer = found->deviceCount();
    if (answer.failed())
      return answer.takeStatus();
    *count = *answer;
    return Status();
  });
}

VyreStatus *vyreDeviceOpen(const char *id, const VyreDeviceConfig *config,
                           VyreDevice **device) {
  return guarded([&]() -> Status {
    if (!id || !device)
      return nullArgument(id ? "device" : "id");
    VyreDeviceConfig known;
    if (Status status = readConfig(config, "VyreDeviceConfig", known);
        status.failed())
      return status;
    if ((known.allocator.allocate == nullptr) !=
        (known.allocator.release == nullptr))
      return invalid("VyreDeviceConfig::allocator has one function of two. "
                     "Fix: set both allocate and release, or neither.");
    auto handle = std::make_unique<VyreDevice>();
    auto opened = openDevice(id, known);
    if (opened.failed())
      return opened.takeStatus();
    handle->device = std::move(*opened);
    *device = handle.release();
    return Status();
  });
}

VyreStatus *vyreDeviceRelease(VyreDevice *device) {
  if (!device)
    return nullptr;
  std::unique_ptr<VyreDevice> owned(device);
  return guarded([&] { return owned->device->letGo(); });
}

VyreStatus *vyreDeviceGetInfo(const VyreDevice *device, VyreDeviceInfo *info) {
  return guarded([&]() -> Status {
    if (!device)
      return nullArgument("device");
    const DeviceIdentity &identity = device->device->getIdentity();
    VyreDeviceInfo answer = {};
    answer.id = identity.id.c_str();
    answer.backend = identity.backend.c_str();
    answer.name = identity.name.c_str();
    answer.architecture = identity.architecture.c_str();
    return writeInfo(answer, "VyreDeviceInfo", info);
  });
}

VyreStatus *vyreDeviceSupports(const VyreDevice *device,
                               const VyreArtifact *artifact) {
  return guarded([&]() -> Status {
    if (!device || !artifact)
      return nullArgument(device ? "artifact" : "device");
    return device->device->supports(*artifact->artifact);
  });
}

VyreStatus *vyreDeviceGetCacheCounters(const VyreDevice *device,
                                       VyreCacheCounters *counters) {
  return guarded([&]() -> Status {
    if (!device)
      return nullArgument("device");
    VyreCacheCounters answer = {};
    answer.hits = device->device->cacheHits;
    answer.misses = device->device->cacheMisses;
    return writeInfo(answer, "VyreCacheCounters", counters);
  });
}

VyreStatus *vyreDeviceAllocate(VyreDevice *device, uint64_t byte_size,
                               void **memory) {
  return guarded([&]() -> Status {
    if (!device || !memory)
      return nullArgument(device ? "memory" : "device");
    if (byte_size == 0)
      return invalid("an allocation of 0 bytes is asked for. Fix: ask for at "
                     "least 1; empty buffers are bound as NULL.");
    auto block = device->device->allocate(byte_size);
    if (block.failed())
      return block.takeStatus();
    *memory = *block;
    return Status();
  });
}

VyreStatus *vyreDeviceFree(VyreDevice *device, void *memory) {
  return guarded([&]() -> Status {
    if (!device)
      return nullArgument("device");
    if (!memory)
      return Status();
    return device->device->free(memory);
  });
}

VyreStatus *vyreDeviceUpload(VyreDevice *device, void *target,
                             const void *source, uint64_t byte_size) {
  return guarded([&]() -> Status {
    if (!device)
      return nullArgument("device");
    if (byte_size == 0)
      return Status();
    if (!target || !source)
      return nullArgument(target ? "source" : "target");
    return device->device->upload(target, source, byte_size);
  });
}

VyreStatus *vyreDeviceDownload(VyreDevice *device, void *target,
                               const void *source, uint64_t byte_size) {
  return guarded([&]() -> Status {
    if (!device)
      return nullArgument("device");
    if (byte_size == 0)
      return Status();
    if (!target || !source)
      return nullArgument(target ? "source" : "target");
    return device->device->download(target, source, byte_size);
  });
}

//===----------------------------------------------------------------------===//
// Pipelines
//===----------------------------------------------------------------------===//

VyreStatus *vyrePipelineCreate(VyreDevice *device, const VyreArtifact *artifact,
                               uint32_t program,
                               const VyrePipelineConfig *config,
                               VyrePipeline **pipeline) {
  return guarded([&]() -> Status {
    if (!device || !pipeline)
      return nullArgument(device ? "pipeline" : "device");
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    VyrePipelineConfig known;
    if (Status status = readConfig(config, "VyrePipelineConfig", known);
        status.failed())
      return status;
    if (known.max_in_flight > kMaxInFlight)
      return invalid("VyrePipelineConfig::max_in_flight is ",
                     known.max_in_flight, ", expected at most ", kMaxInFlight,
                     ". Fix: pass a smaller one, or 0 for 1.");
    auto handle = std::make_unique<VyrePipeline>();
    auto created = Pipeline::create(device->device, artifact->artifact, program,
                                    std::max(1u, known.max_in_flight));
    if (created.failed())
      return created.takeStatus();
    handle->pipeline = std::move(*created);
    *pipeline = handle.release();
    return Status();
  });
}

VyreStatus *vyrePipelineRelease(VyrePipeline *pipeline) {
  if (!pipeline)
    return nullptr;
  std::unique_ptr<VyrePipeline> owned(pipeline);
  return guarded([&] { return owned->pipeline->close(); });
}

VyreStatus *vyrePipelineDispatch(VyrePipeline *pipeline,
                                 const VyreBinding *bindings,
                                 size_t binding_count,
                                 const VyreDispatchConfig *config,
                                 VyreDispatchReport *report) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    DispatchOptions options;
    options.waitsAtOnce = true;
    if (Status status = readDispatchOptions(config, options); status.failed())
      return status;
    if (report && report->struct_size < sizeof(size_t))
      return writeInfo(VyreDispatchReport(), "VyreDispatchReport", report);
    Completion completion;
    if (Status status = pipeline->pipeline->submit(bindings, binding_count,
                                                   options, completion);
        status.failed())
      return status;
    pipeline->pipeline->wait(completion, std::nullopt);
    if (report && !completion.status.failed())
      return writeInfo(completion.report, "VyreDispatchReport", report);
    return std::move(completion.status);
  });
}

VyreStatus *vyrePipelineSubmit(VyrePipeline *pipeline,
                               const VyreBinding *bindings,
                               size_t binding_count,
                               const VyreDispatchConfig *config,
                               VyreCompletion **completion) {
  return guarded([&]() -> Status {
    if (!pipeline || !completion)
      return nullArgument(pipeline ? "completion" : "pipeline");
    DispatchOptions options;
    if (Status status = readDispatchOptions(config, options); status.failed())
      return status;
    auto handle = std::make_unique<VyreCompletion>();
    handle->pipeline = pipeline->pipeline;
    if (Status status = pipeline->pipeline->submit(bindings, binding_count,
                                                   options, handle->completion);
        status.failed())
      return status;
    *completion = handle.release();
    return Status();
  });
}

VyreStatus *vyreCompletionWait(VyreCompletion *completion, uint64_t timeout_ns,
                               VyreDispatchReport *report) {
  return guarded([&]() -> Status {
    if (!completion)
      return nullArgument("completion");
    if (!completion->pipeline->wait(completion->completion,
                                    deadlineAfter(timeout_ns)))
      return failure(VYRE_STATUS_DEADLINE_EXCEEDED,
                     "the dispatch is not done after ", timeout_ns,
                     " ns. Fix: wait again; its memory stays borrowed.");
    const Status &status = completion->completion.status;
    if (report && !status.failed())
      return writeInfo(completion->completion.report, "VyreDispatchReport",
                       report);
    return status.copy();
  });
}

void vyreCompletionRelease(VyreCompletion *completion) {
  if (!completion)
    return;
  std::unique_ptr<VyreCompletion> owned(completion);
  // Waiting has no failure of its own; that of the dispatch is not asked for.
  vyreStatusRelease(guarded([&]() -> Status {
    owned->pipeline->wait(owned->completion, std::nullopt);
    return Status();
  }));
}

VyreStatus *vyrePipelineResetState(VyrePipeline *pipeline) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    return pipeline->pipeline->resetState();
  });
}

VyreStatus *vyrePipelineReadState(VyrePipeline *pipeline, uint32_t argument,
                                  void *data, uint64_t byte_size) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    return pipeline->pipeline->readState(argument, data, byte_size);
  });
}

VyreStatus *vyrePipelineWriteState(VyrePipeline *pipeline, uint32_t argument,
                                   const void *data, uint64_t byte_size) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    return pipeline->pipeline->writeState(argument, data, byte_size);
  });
}
