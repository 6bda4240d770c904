//===- Embedded.cpp - Programs inside a host binary -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vyre-c/Embedded.h over the rest of the C API. The structs lie in the caller's
// static memory, written in C or emitted by a compiler, so their fields are
// plain pointers that are accessed atomically here.
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Embedded.h"
#include "CAPI/Handles.h"

#include <mutex>

using namespace vyre::runtime::internal;

namespace {

/// What VyreEmbeddedArtifact::state points at.
struct LoadedArtifact {
  VyreArtifact *artifact = nullptr;
  VyreDevice *device = nullptr;
};

/// Releases what was made for a dispatch that then failed.
struct Release {
  void operator()(VyreArtifact *artifact) const {
    vyreArtifactRelease(artifact);
  }
  void operator()(VyreDevice *device) const {
    vyreStatusRelease(vyreDeviceRelease(device));
  }
};

/// Whether there is a pipeline that this process made. What it has of the
/// process that forked it is forgotten.
bool isUsable(const VyrePipeline *pipeline) {
  return pipeline && !pipeline->pipeline->getDevice().isInherited();
}

Status load(VyreEmbeddedArtifact &embedded, LoadedArtifact *&loaded) {
  loaded = static_cast<LoadedArtifact *>(embedded.state);
  if (loaded && !loaded->device->device->isInherited())
    return Status();
  VyreArtifact *artifact = nullptr;
  if (Status status = adopt(
          vyreArtifactLoadMemory(embedded.data, embedded.byte_size, &artifact));
      status.failed())
    return status;
  std::unique_ptr<VyreArtifact, Release> ownedArtifact(artifact);
  VyreDevice *device = nullptr;
  if (Status status = adopt(vyreDeviceOpen(
          embedded.device ? embedded.device : "auto", nullptr, &device));
      status.failed())
    return status;
  std::unique_ptr<VyreDevice, Release> ownedDevice(device);
  embedded.state = loaded = new LoadedArtifact{artifact, device};
  ownedArtifact.release();
  ownedDevice.release();
  return Status();
}

Status makePipeline(VyreEmbeddedProgram &program, VyrePipeline *&pipeline) {
  // Held while something is made, not for a dispatch that finds it made.
  static std::mutex creation;
  std::lock_guard<std::mutex> lock(creation);
  // Another thread may have been faster.
  pipeline = static_cast<VyrePipeline *>(program.pipeline);
  if (isUsable(pipeline))
    return Status();
  LoadedArtifact *loaded = nullptr;
  uint32_t index = 0;
  Status status = load(*program.artifact, loaded);
  if (!status.failed())
    status =
        adopt(vyreArtifactFindProgram(loaded->artifact, program.name, &index));
  if (!status.failed())
    status = adopt(vyrePipelineCreate(loaded->device, loaded->artifact, index,
                                      nullptr, &pipeline));
  if (!status.failed())
    __atomic_store_n(&program.pipeline, static_cast<void *>(pipeline),
                     __ATOMIC_RELEASE);
  return status;
}

} // namespace

VyreStatus *vyreEmbeddedDispatch(VyreEmbeddedProgram *program,
                                 const VyreBinding *bindings,
                                 size_t binding_count) {
  if (!program || !program->artifact || !program->name)
    return guarded([&] {
      return nullArgument(!program             ? "program"
                          : !program->artifact ? "program->artifact"
                                               : "program->name");
    });
  auto *pipeline = static_cast<VyrePipeline *>(
      __atomic_load_n(&program->pipeline, __ATOMIC_ACQUIRE));
  if (!isUsable(pipeline))
    if (VyreStatus *status =
            guarded([&] { return makePipeline(*program, pipeline); }))
      return status;
  return vyrePipelineDispatch(pipeline, bindings, binding_count, nullptr,
                              nullptr);
}
