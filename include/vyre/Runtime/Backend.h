//===- Backend.h - Backends of one's own ------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface of vyre-c/Backend.h as classes to derive from.
//
//   class Mine : public Backend {
//     Status dispatch(const VyreBackendDispatch &dispatch) override { ... }
//   };
//   Status status = registerBackend("mine", std::make_unique<Mine>());
//   auto device = Device::open("mine");
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_BACKEND_H
#define VYRE_RUNTIME_BACKEND_H

#include "vyre-c/Backend.h"
#include "vyre/Runtime/Status.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace vyre::runtime {

/// A program that a backend compiled in its own way.
class NativePipeline {
public:
  virtual ~NativePipeline() = default;
  /// The same whenever the same program is compiled; valid as long as this is.
  virtual const char *id() const = 0;
  /// See VyreNativePipeline::dispatch.
  virtual Status dispatch(const VyreBackendDispatch &dispatch) = 0;
  /// Whether its code was found ready-made; by default the backend's counters
  /// tell.
  virtual VyreCacheOutcome cacheOutcome() const { return VYRE_CACHE_UNKNOWN; }
};

/// Runs programs. Any thread may call any function at any time.
class Backend {
public:
  virtual ~Backend() = default;

  /// Runs a program, and returns when it is done.
  virtual Status dispatch(const VyreBackendDispatch &dispatch) = 0;

  /// Compiles a program, or leaves `pipeline` null where plain dispatches are
  /// as good.
  virtual Status compile(const VyreArtifact *artifact, uint32_t program,
                         std::unique_ptr<NativePipeline> &pipeline) {
    (void)artifact, (void)program, (void)pipeline;
    return Status();
  }

  /// Does everything for a dispatch but run it.
  virtual Status prewarm(const VyreBackendDispatch &dispatch) {
    (void)dispatch;
    return Status();
  }

  struct Counters {
    uint64_t hits = 0, misses = 0;
  };
  /// How often compiled code was found, and how often it was not.
  virtual std::optional<Counters> cacheCounters() const { return std::nullopt; }
};

/// Registers a backend, and owns it from then on; see vyreBackendRegister. A
/// backend that is refused is destroyed.
inline Status registerBackend(const std::string &id,
                              std::unique_ptr<Backend> backend) {
  if (!backend)
    return Status::error(VYRE_STATUS_INVALID_ARGUMENT,
                         "the backend is null. Fix: pass an object.");
  VyreBackend table = {};
  table.struct_size = sizeof(table);
  table.id = id.c_str();
  table.user = backend.get();
  table.release = [](void *user) { delete static_cast<Backend *>(user); };
  table.dispatch = [](void *user, const VyreBackendDispatch *dispatch) {
    return static_cast<Backend *>(user)->dispatch(*dispatch).release();
  };
  table.prewarm = [](void *user, const VyreBackendDispatch *dispatch) {
    return static_cast<Backend *>(user)->prewarm(*dispatch).release();
  };
  table.compile = [](void *user, const VyreArtifact *artifact, uint32_t program,
                     VyreNativePipeline *out) -> VyreStatus * {
    std::unique_ptr<NativePipeline> pipeline;
    Status status =
        static_cast<Backend *>(user)->compile(artifact, program, pipeline);
    if (status.failed() || !pipeline)
      return status.release();
    out->id = pipeline->id();
    out->cache_outcome = pipeline->cacheOutcome();
    out->dispatch = [](void *native, const VyreBackendDispatch *dispatch) {
      return static_cast<NativePipeline *>(native)
          ->dispatch(*dispatch)
          .release();
    };
    out->release = [](void *native) -> VyreStatus * {
      delete static_cast<NativePipeline *>(native);
      return nullptr;
    };
    out->user = pipeline.release();
    return nullptr;
  };
  table.cache_counters = [](void *user,
                            VyreCacheCounters *counters) -> VyreStatus * {
    auto known = static_cast<Backend *>(user)->cacheCounters();
    if (!known)
      return Status::error(VYRE_STATUS_UNSUPPORTED,
                           "the backend has no counters. Fix: do not ask.")
          .release();
    counters->hits = known->hits;
    counters->misses = known->misses;
    return nullptr;
  };
  Status status(vyreBackendRegister(&table));
  if (!status.failed())
    (void)backend.release();
  return status;
}

/// Takes a backend out of the list; open devices go on.
inline Status unregisterBackend(const std::string &id) {
  return Status(vyreBackendUnregister(id.c_str()));
}

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_BACKEND_H
