//===- Device.cpp - Devices in the C API ------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BackendRegistry.h"
#include "CAPI/Common.h"

#include <string_view>

using namespace vyre::runtime::internal;

namespace {

Status unknownDevice(std::string_view id) {
  return failure(VYRE_STATUS_NOT_FOUND, "there is no device '", id,
                 "'. Fix: pass 'auto', 'cuda:N' or one of ", listBackends(),
                 ".");
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
  std::shared_ptr<Backend> backend = findBackend(name);
  if (!backend)
    return unknownDevice(id);
  return backend->open(ordinal, config);
}

} // namespace

VyreStatus *vyreDeviceCount(const char *backend, uint32_t *count) {
  return guarded([&]() -> Status {
    if (!backend || !count)
      return nullArgument(backend ? "count" : "backend");
    *count = 0;
    std::shared_ptr<Backend> found = findBackend(backend);
    if (!found)
      return failure(VYRE_STATUS_NOT_FOUND, "there is no backend '", backend,
                     "'. Fix: pass one of ", listBackends(), ".");
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
  // Even to destroy what another process began may wait for its threads.
  if (!device || device->device->isInherited())
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

VyreStatus *vyreDeviceGetGraphCosts(VyreDevice *device, VyreGraphCosts *costs) {
  return guarded([&]() -> Status {
    if (!device)
      return nullArgument("device");
    auto found = device->device->graphCosts();
    if (found.failed())
      return found.takeStatus();
    VyreGraphCosts answer = {};
    answer.plain_dispatch_ns = found->plainDispatch;
    answer.plain_call_ns = found->plainCall;
    answer.replay_dispatch_ns = found->replayDispatch;
    answer.node_ns = found->node;
    answer.graph_build_ns = found->graphBuild;
    answer.node_build_ns = found->nodeBuild;
    answer.plain_gap_ns = found->plainGap;
    return writeInfo(answer, "VyreGraphCosts", costs);
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
    if (Status status = device->device->checkProcess(); status.failed())
      return status;
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
    if (Status status = device->device->checkProcess(); status.failed())
      return status;
    return device->device->download(target, source, byte_size);
  });
}

VyreStatus *vyreBackendRegister(const VyreBackend *backend) {
  return guarded([&] { return registerBackend(backend); });
}

VyreStatus *vyreBackendUnregister(const char *id) {
  return guarded([&] { return unregisterBackend(id); });
}
