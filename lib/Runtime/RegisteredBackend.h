//===- RegisteredBackend.h - Backends of the caller's -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A table of functions (vyre-c/Backend.h) as a backend with one device.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_REGISTEREDBACKEND_H
#define VYRE_LIB_RUNTIME_REGISTEREDBACKEND_H

#include "Backend.h"

#include "vyre-c/Backend.h"

#include <memory>
#include <mutex>
#include <string>

namespace vyre::runtime::internal {

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

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_REGISTEREDBACKEND_H
