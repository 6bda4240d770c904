//===- Pipeline.h - A program that is ready to run --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Owning handles over vyre-c/Pipeline.h.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_PIPELINE_H
#define VYRE_RUNTIME_PIPELINE_H

#include "vyre-c/Dispatch.h"
#include "vyre-c/Telemetry.h"
#include "vyre/Runtime/Artifact.h"
#include "vyre/Runtime/Config.h"
#include "vyre/Runtime/Device.h"
#include "vyre/Runtime/ResultBuffer.h"
#include "vyre/Runtime/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vyre::runtime {

/// A dispatch under way. Its destructor waits.
class Completion {
public:
  explicit Completion(VyreCompletion *completion) : handle(completion) {}

  /// See vyreCompletionWait.
  Status wait(uint64_t timeoutNs = VYRE_WAIT_FOREVER,
              VyreDispatchReport *report = nullptr) {
    return Status(vyreCompletionWait(get(), timeoutNs, report));
  }

  VyreCompletion *get() const { return handle.get(); }

private:
  struct Release {
    void operator()(VyreCompletion *completion) const {
      vyreCompletionRelease(completion);
    }
  };
  std::unique_ptr<VyreCompletion, Release> handle;
};

/// A program that is ready to run.
class Pipeline {
public:
  /// `config` may be NULL. The artifact is shared, never copied.
  static Expected<Pipeline> create(const Device &device,
                                   const Artifact &artifact, uint32_t program,
                                   const VyrePipelineConfig *config = nullptr) {
    VyrePipeline *pipeline = nullptr;
    if (Status status(vyrePipelineCreate(device.get(), artifact.get(), program,
                                         config, &pipeline));
        status.failed())
      return status;
    return Pipeline(pipeline, resultCountOf(artifact, program));
  }
  /// Takes the artifact over: the pipeline alone keeps it.
  static Expected<Pipeline> create(const Device &device, Artifact &&artifact,
                                   uint32_t program,
                                   const VyrePipelineConfig *config = nullptr) {
    Artifact owned = std::move(artifact);
    return create(device, static_cast<const Artifact &>(owned), program,
                  config);
  }
  static Expected<Pipeline> create(const Device &device,
                                   const Artifact &artifact, uint32_t program,
                                   const Config &config) {
    VyrePipelineConfig fields = config.fields();
    return create(device, artifact, program, &fields);
  }

  Status dispatch(const VyreBinding *bindings, size_t count,
                  const VyreDispatchConfig *config = nullptr,
                  VyreDispatchReport *report = nullptr) {
    return Status(vyrePipelineDispatch(get(), bindings, count, config, report));
  }
  /// Dispatches with what is set in `overrides` instead of what the pipeline
  /// was made with.
  Status dispatch(const VyreBinding *bindings, size_t count,
                  const Config &overrides,
                  VyreDispatchReport *report = nullptr) {
    VyrePipelineConfig fields = overrides.fields();
    VyreDispatchConfig config = {};
    config.struct_size = sizeof(config);
    config.overrides = &fields;
    return dispatch(bindings, count, &config, report);
  }
  /// Dispatches, and measures the times in the report, which has its
  /// struct_size.
  Status dispatchTimed(const VyreBinding *bindings, size_t count,
                       VyreDispatchReport &report) {
    VyreDispatchConfig config = {};
    config.struct_size = sizeof(config);
    config.is_timed = true;
    return dispatch(bindings, count, &config, &report);
  }
  Expected<Completion> submit(const VyreBinding *bindings, size_t count,
                              const VyreDispatchConfig *config = nullptr) {
    VyreCompletion *completion = nullptr;
    if (Status status(
            vyrePipelineSubmit(get(), bindings, count, config, &completion));
        status.failed())
      return status;
    return Completion(completion);
  }
  /// One dispatch after the other; see vyrePipelineDispatchBatch.
  Status dispatchBatch(const std::vector<VyreBatchItem> &items,
                       const VyreDispatchConfig *config = nullptr,
                       size_t *doneCount = nullptr) {
    return Status(vyrePipelineDispatchBatch(get(), items.data(), items.size(),
                                            config, doneCount));
  }
  /// Runs the program with its results in `results`, which becomes as long as
  /// the program has results; buffers that are there keep their place and,
  /// where it is large enough, their memory. See vyrePipelineDispatchInto.
  Status dispatchInto(const std::vector<VyreBinding> &bindings,
                      std::vector<ResultBuffer> &results,
                      const VyreDispatchConfig *config = nullptr,
                      VyreDispatchReport *report = nullptr,
                      VyreSlotReport *slotReport = nullptr) {
    results.resize(resultCount);
    return Status(vyrePipelineDispatchInto(
        get(), bindings.data(), bindings.size(), config,
        results.empty() ? nullptr : &results.front().slot, results.size(),
        report, slotReport));
  }
  /// Several dispatches in order, each into results of its own; `results`
  /// becomes as long as the batch. Ends with the first that fails; `doneCount`
  /// were done before.
  Status dispatchBatchInto(const std::vector<std::vector<VyreBinding>> &batch,
                           std::vector<std::vector<ResultBuffer>> &results,
                           const VyreDispatchConfig *config = nullptr,
                           size_t *doneCount = nullptr) {
    results.resize(batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      if (doneCount)
        *doneCount = i;
      if (Status status = dispatchInto(batch[i], results[i], config);
          status.failed())
        return status;
    }
    if (doneCount)
      *doneCount = batch.size();
    return Status();
  }
  /// Everything for such a dispatch but running it.
  Status prewarm(const VyreBinding *bindings, size_t count,
                 const VyreDispatchConfig *config = nullptr) {
    return Status(vyrePipelinePrewarm(get(), bindings, count, config));
  }
  /// See vyrePipelineDrain.
  Status drain(uint64_t timeoutNs = VYRE_WAIT_FOREVER) {
    return Status(vyrePipelineDrain(get(), timeoutNs));
  }
  /// Which pipeline this is, as JSON: see vyrePipelineWriteManifest.
  Expected<std::string> manifest() const {
    size_t length = 0;
    if (Status status(vyrePipelineWriteManifest(get(), nullptr, 0, &length));
        status.failed())
      return status;
    std::string text(length + 1, '\0');
    if (Status status(
            vyrePipelineWriteManifest(get(), &text[0], text.size(), &length));
        status.failed())
      return status;
    text.resize(length);
    return text;
  }
  Expected<VyreTelemetry> telemetry() const {
    VyreTelemetry telemetry = {};
    telemetry.struct_size = sizeof(telemetry);
    if (Status status(vyrePipelineGetTelemetry(get(), &telemetry));
        status.failed())
      return status;
    return telemetry;
  }
  Status resetState() { return Status(vyrePipelineResetState(get())); }
  Status readState(uint32_t argument, void *data, uint64_t byteSize) {
    return Status(vyrePipelineReadState(get(), argument, data, byteSize));
  }
  Status writeState(uint32_t argument, const void *data, uint64_t byteSize) {
    return Status(vyrePipelineWriteState(get(), argument, data, byteSize));
  }
  /// What the destructor does, with its status.
  Status close() { return Status(vyrePipelineRelease(handle.release())); }

  VyrePipeline *get() const { return handle.get(); }

private:
  Pipeline(VyrePipeline *pipeline, uint32_t resultCount)
      : handle(pipeline), resultCount(resultCount) {}
  static uint32_t resultCountOf(const Artifact &artifact, uint32_t program) {
    auto info = artifact.programInfo(program);
    return info.failed() ? 0 : info->result_count;
  }

  struct Release {
    void operator()(VyrePipeline *pipeline) const {
      vyreStatusRelease(vyrePipelineRelease(pipeline));
    }
  };
  std::unique_ptr<VyrePipeline, Release> handle;
  uint32_t resultCount;
};

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_PIPELINE_H
