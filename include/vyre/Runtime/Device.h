//===- Device.h - A CPU or GPU ----------------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An owning handle over vyre-c/Device.h.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_DEVICE_H
#define VYRE_RUNTIME_DEVICE_H

#include "vyre-c/Device.h"
#include "vyre/Runtime/Artifact.h"
#include "vyre/Runtime/Status.h"

#include <cstdint>
#include <memory>
#include <string>

namespace vyre::runtime {

/// A CPU or GPU.
class Device {
public:
  /// `config` may be NULL.
  static Expected<Device> open(const std::string &id,
                               const VyreDeviceConfig *config = nullptr) {
    VyreDevice *device = nullptr;
    if (Status status(vyreDeviceOpen(id.c_str(), config, &device));
        status.failed())
      return status;
    return Device(device);
  }

  Expected<VyreDeviceInfo> info() const {
    VyreDeviceInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreDeviceGetInfo(get(), &info)); status.failed())
      return status;
    return info;
  }
  Status supports(const Artifact &artifact) const {
    return Status(vyreDeviceSupports(get(), artifact.get()));
  }
  Expected<VyreCacheCounters> cacheCounters() const {
    VyreCacheCounters counters = {};
    counters.struct_size = sizeof(counters);
    if (Status status(vyreDeviceGetCacheCounters(get(), &counters));
        status.failed())
      return status;
    return counters;
  }
  Expected<VyreGraphCosts> graphCosts() {
    VyreGraphCosts costs = {};
    costs.struct_size = sizeof(costs);
    if (Status status(vyreDeviceGetGraphCosts(get(), &costs)); status.failed())
      return status;
    return costs;
  }
  Expected<void *> allocate(uint64_t byteSize) {
    void *memory = nullptr;
    if (Status status(vyreDeviceAllocate(get(), byteSize, &memory));
        status.failed())
      return status;
    return memory;
  }
  Status free(void *memory) { return Status(vyreDeviceFree(get(), memory)); }
  Status upload(void *target, const void *source, uint64_t byteSize) {
    return Status(vyreDeviceUpload(get(), target, source, byteSize));
  }
  Status download(void *target, const void *source, uint64_t byteSize) {
    return Status(vyreDeviceDownload(get(), target, source, byteSize));
  }
  /// What the destructor does, with its status.
  Status close() { return Status(vyreDeviceRelease(handle.release())); }

  VyreDevice *get() const { return handle.get(); }

private:
  explicit Device(VyreDevice *device) : handle(device) {}
  struct Release {
    void operator()(VyreDevice *device) const {
      vyreStatusRelease(vyreDeviceRelease(device));
    }
  };
  std::unique_ptr<VyreDevice, Release> handle;
};

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_DEVICE_H
