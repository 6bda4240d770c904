//===- Artifact.cpp - Artifacts in the C API --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPI/Common.h"
#include "DispatchPlan.h"

namespace vyre::runtime::internal {

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

} // namespace vyre::runtime::internal

using namespace vyre::runtime::internal;

namespace {

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

} // namespace

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

VyreStatus *vyreArtifactPayload(const VyreArtifact *artifact, const void **data,
                                size_t *size) {
  return guarded([&]() -> Status {
    if (!artifact || !data || !size)
      return nullArgument(!artifact ? "artifact" : data ? "size" : "data");
    Bytes payload = artifact->artifact->getPayload();
    *data = payload.data;
    *size = payload.size;
    return Status();
  });
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
    answer.has_math_functions = from.math.has_value();
    answer.has_resident_replay = from.capture.isResidentReplaySafe;
    if (const Launch *boundary = from.hostBoundary())
      answer.host_boundary = boundary->name.c_str();
    answer.call_count = static_cast<uint32_t>(from.functions.size());
    if (from.math)
      answer.math_function_count = static_cast<uint32_t>(from.math->size());
    return writeInfo(answer, "VyreProgramInfo", info);
  });
}

VyreStatus *vyreArtifactMathFunctionInfo(const VyreArtifact *artifact,
                                         uint32_t program, uint32_t function,
                                         VyreMathFunctionInfo *info) {
  return guarded([&]() -> Status {
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    const Program &owner = artifact->artifact->programs[program];
    size_t count = owner.math ? owner.math->size() : 0;
    if (function >= count)
      return failure(VYRE_STATUS_NOT_FOUND, "there is no function ", function,
                     ", program '", owner.name, "' tells of ", count,
                     ". Fix: pass a smaller index.");
    const MathFunction &from = (*owner.math)[function];
    VyreMathFunctionInfo answer = {};
    answer.name = from.name.c_str();
    answer.cpu_ulp = from.cpuUlp;
    answer.gpu_ulp = from.gpuUlp;
    return writeInfo(answer, "VyreMathFunctionInfo", info);
  });
}

VyreStatus *vyreArtifactCallInfo(const VyreArtifact *artifact, uint32_t program,
                                 uint32_t call, VyreCallInfo *info) {
  return guarded([&]() -> Status {
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    const Program &owner = artifact->artifact->programs[program];
    if (call >= owner.functions.size())
      return failure(VYRE_STATUS_NOT_FOUND, "there is no call ", call,
                     ", program '", owner.name, "' calls ",
                     owner.functions.size(),
                     " functions of the host. Fix: pass a smaller index.");
    VyreCallInfo answer = {};
    answer.function = owner.functions[call].name.c_str();
    answer.is_capturable = owner.functions[call].isCapturable;
    return writeInfo(answer, "VyreCallInfo", info);
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
    DispatchPlan plan(owner, DispatchPlan::Target::none);
    return plan.inferExtents(bindings, binding_count, argument, extents);
  });
}
