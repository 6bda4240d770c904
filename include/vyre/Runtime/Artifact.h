//===- Artifact.h - A loaded artifact ---------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An owning handle over vyre-c/Artifact.h.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_ARTIFACT_H
#define VYRE_RUNTIME_ARTIFACT_H

#include "vyre-c/Binding.h"
#include "vyre/Runtime/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vyre::runtime {

/// A loaded artifact.
class Artifact {
public:
  static Expected<Artifact> loadFile(const std::string &path) {
    VyreArtifact *artifact = nullptr;
    if (Status status(vyreArtifactLoadFile(path.c_str(), &artifact));
        status.failed())
      return status;
    return Artifact(artifact);
  }
  static Expected<Artifact> loadMemory(const void *data, size_t size) {
    VyreArtifact *artifact = nullptr;
    if (Status status(vyreArtifactLoadMemory(data, size, &artifact));
        status.failed())
      return status;
    return Artifact(artifact);
  }

  const char *producer() const { return vyreArtifactProducer(get()); }
  uint32_t programCount() const { return vyreArtifactProgramCount(get()); }
  uint32_t codeCount() const { return vyreArtifactCodeCount(get()); }

  Expected<uint32_t> findProgram(const std::string &name) const {
    uint32_t program = 0;
    if (Status status(vyreArtifactFindProgram(get(), name.c_str(), &program));
        status.failed())
      return status;
    return program;
  }
  Expected<VyreProgramInfo> programInfo(uint32_t program) const {
    VyreProgramInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreArtifactProgramInfo(get(), program, &info));
        status.failed())
      return status;
    return info;
  }
  Expected<VyreArgumentInfo> argumentInfo(uint32_t program,
                                          uint32_t argument) const {
    VyreArgumentInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(
            vyreArtifactArgumentInfo(get(), program, argument, &info));
        status.failed())
      return status;
    return info;
  }
  /// A function that a program calls.
  Expected<VyreMathFunctionInfo> mathFunctionInfo(uint32_t program,
                                                  uint32_t function) const {
    VyreMathFunctionInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(
            vyreArtifactMathFunctionInfo(get(), program, function, &info));
        status.failed())
      return status;
    return info;
  }
  /// A function of the host that a program calls.
  Expected<VyreCallInfo> callInfo(uint32_t program, uint32_t call) const {
    VyreCallInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreArtifactCallInfo(get(), program, call, &info));
        status.failed())
      return status;
    return info;
  }
  /// The argument that holds a result.
  Expected<uint32_t> resultArgument(uint32_t program, uint32_t result) const {
    uint32_t argument = 0;
    if (Status status(
            vyreArtifactResultArgument(get(), program, result, &argument));
        status.failed())
      return status;
    return argument;
  }
  Expected<VyreCodeInfo> codeInfo(uint32_t code) const {
    VyreCodeInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreArtifactCodeInfo(get(), code, &info));
        status.failed())
      return status;
    return info;
  }
  /// The extents of a buffer argument in a dispatch with these bindings.
  Expected<std::vector<int64_t>>
  inferExtents(uint32_t program, const std::vector<VyreBinding> &bindings,
               uint32_t argument) const {
    auto info = argumentInfo(program, argument);
    if (info.failed())
      return info.takeStatus();
    std::vector<int64_t> extents(info->rank);
    if (Status status(vyreArtifactInferExtents(get(), program, bindings.data(),
                                               bindings.size(), argument,
                                               extents.data(), info->rank));
        status.failed())
      return status;
    return extents;
  }

  const VyreArtifact *get() const { return handle.get(); }

private:
  explicit Artifact(VyreArtifact *artifact) : handle(artifact) {}
  struct Release {
    void operator()(VyreArtifact *artifact) const {
      vyreArtifactRelease(artifact);
    }
  };
  std::unique_ptr<VyreArtifact, Release> handle;
};

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_ARTIFACT_H
