//===- Pipeline.cpp - Pipelines in the C API --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"
#include "CAPI/Common.h"

#include <limits>

using namespace vyre::runtime::internal;

struct VyrePipeline {
  std::shared_ptr<Pipeline> pipeline;
};

struct VyreCompletion {
  std::shared_ptr<Pipeline> pipeline;
  Completion completion;
};

namespace {

constexpr uint32_t kMaxInFlight = 64;

Deadline deadlineAfter(uint64_t nanoseconds) {
  // Far enough to overflow the clock is as good as never.
  if (nanoseconds >= uint64_t(std::numeric_limits<int64_t>::max()) / 2)
    return std::nullopt;
  return Clock::now() +
         std::chrono::nanoseconds(static_cast<int64_t>(nanoseconds));
}

/// Whether the work was done, whatever became of single results.
bool hasReport(const Status &status) {
  return !status.failed() || status.code() == VYRE_STATUS_INVALID_RESULT;
}

/// A policy as a caller wrote it.
Status readCapture(uint32_t from, std::string_view where,
                   VyreCapturePolicy &capture) {
  if (from > VYRE_CAPTURE_REQUIRE)
    return invalid(where, "::capture is ", from, ", expected at most ",
                   static_cast<uint32_t>(VYRE_CAPTURE_REQUIRE),
                   ". Fix: pass a VyreCapturePolicy.");
  capture = static_cast<VyreCapturePolicy>(from);
  return Status();
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
  return readCapture(known.capture, "VyreDispatchConfig", options.capture);
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
    VyrePipelineConfig known;
    if (Status status = readConfig(config, "VyrePipelineConfig", known);
        status.failed())
      return status;
    if (known.max_in_flight > kMaxInFlight)
      return invalid("VyrePipelineConfig::max_in_flight is ",
                     known.max_in_flight, ", expected at most ", kMaxInFlight,
                     ". Fix: pass a smaller one, or 0 for 1.");
    VyreCapturePolicy capture = VYRE_CAPTURE_DEFAULT;
    if (Status status =
            readCapture(known.capture, "VyrePipelineConfig", capture);
        status.failed())
      return status;
    auto handle = std::make_unique<VyrePipeline>();
    auto created = Pipeline::create(device->device, artifact->artifact, program,
                                    std::max(1u, known.max_in_flight), capture);
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
    if (report && hasReport(completion.status))
      if (Status status =
              writeInfo(completion.report, "VyreDispatchReport", report);
          status.failed())
        return status;
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
