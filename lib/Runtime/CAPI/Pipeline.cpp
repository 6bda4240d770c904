//===- Pipeline.cpp - Pipelines in the C API --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"
#include "CAPI/Common.h"

using namespace vyre::runtime::internal;

struct VyrePipeline {
  std::shared_ptr<Pipeline> pipeline;
};

struct VyreCompletion {
  std::shared_ptr<Pipeline> pipeline;
  Completion completion;
};

namespace {

/// Whether the work was done, whatever became of single results.
bool hasReport(const Status &status) {
  return !status.failed() || status.code() == VYRE_STATUS_INVALID_RESULT;
}

Status readDispatchOptions(const VyreDispatchConfig *config,
                           DispatchOptions &options) {
  VyreDispatchConfig known;
  if (Status status = readConfig(config, "VyreDispatchConfig", known);
      status.failed())
    return status;
  options.stream = known.cuda_stream;
  if (known.result_count && !known.results)
    return invalid("VyreDispatchConfig::results is NULL, expected room for ",
                   known.result_count,
                   " results. Fix: pass memory, or a result_count of 0.");
  options.results = known.results;
  options.resultCount = known.result_count;
  return readPipelineConfig(known.overrides, options.overrides);
}

} // namespace

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
    if (Status status = readDispatchOptions(config, options); status.failed())
      return status;
    if (!report)
      return pipeline->pipeline->dispatch(bindings, binding_count, options,
                                          nullptr);
    if (report->struct_size < sizeof(size_t))
      return writeInfo(VyreDispatchReport(), "VyreDispatchReport", report);
    VyreDispatchReport known = {};
    Status status =
        pipeline->pipeline->dispatch(bindings, binding_count, options, &known);
    if (hasReport(status))
      status.update(writeInfo(known, "VyreDispatchReport", report));
    return status;
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
    if (report && hasReport(status))
      if (Status written = writeInfo(completion->completion.report,
                                     "VyreDispatchReport", report);
          written.failed())
        return written;
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

VyreStatus *vyrePipelineDrain(VyrePipeline *pipeline, uint64_t timeout_ns) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    return pipeline->pipeline->drain(deadlineAfter(timeout_ns));
  });
}

VyreStatus *vyreProfileDefine(const char *name,
                              const VyrePipelineConfig *config) {
  return guarded([&] { return defineProfile(name, config); });
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
