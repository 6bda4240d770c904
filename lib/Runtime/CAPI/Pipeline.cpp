//===- Pipeline.cpp - Pipelines in the C API --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPI/Handles.h"
#include "CacheAudit.h"

using namespace vyre::runtime::internal;

VyreStatus *vyrePipelineCreate(VyreDevice *device, const VyreArtifact *artifact,
                               uint32_t program,
                               const VyrePipelineConfig *config,
                               VyrePipeline **pipeline) {
  return guarded([&]() -> Status {
    if (!device || !pipeline)
      return nullArgument(device ? "pipeline" : "device");
    if (Status status = checkProgram(artifact, program); status.failed())
      return status;
    PipelineConfig chosen;
    if (Status status = readPipelineConfig(config, chosen); status.failed())
      return status;
    auto handle = std::make_unique<VyrePipeline>();
    auto created =
        Pipeline::create(device->device, artifact->artifact, program, chosen);
    if (created.failed())
      return created.takeStatus();
    handle->pipeline = std::move(*created);
    *pipeline = handle.release();
    return Status();
  });
}

VyreStatus *vyrePipelineRelease(VyrePipeline *pipeline) {
  // Even to destroy what another process began may wait for its threads.
  if (!pipeline || pipeline->pipeline->getDevice().isInherited())
    return nullptr;
  std::unique_ptr<VyrePipeline> owned(pipeline);
  return guarded([&] { return owned->pipeline->close(); });
}

VyreStatus *vyreProfileDefine(const char *name,
                              const VyrePipelineConfig *config) {
  return guarded([&] { return defineProfile(name, config); });
}

VyreStatus *vyrePipelineWriteManifest(const VyrePipeline *pipeline, char *text,
                                      size_t size, size_t *length) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    auto manifest = pipeline->pipeline->manifest();
    if (manifest.failed())
      return manifest.takeStatus();
    return writeText(*manifest, text, size, length);
  });
}

VyreStatus *vyreCacheAuditGet(uint32_t alarm_threshold_bps,
                              VyreCacheAudit *audit) {
  return guarded([&]() -> Status {
    auto report = CacheAudit::process().snapshot(alarm_threshold_bps);
    VyreCacheAudit answer = {};
    answer.hits = report.hits;
    answer.misses = report.misses;
    answer.unknowns = report.unknowns;
    answer.hit_rate_bps = report.hitRateBps.value_or(0);
    answer.has_hit_rate = report.hitRateBps.has_value();
    answer.below_alarm_threshold = report.belowAlarmThreshold;
    return writeInfo(answer, "VyreCacheAudit", audit);
  });
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
