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
#include "vyre/Runtime/Artifact.h"
#include "vyre/Runtime/Device.h"
#include "vyre/Runtime/ResultBuffer.h"
#include "vyre/Runtime/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
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
  /// `config` may be NULL.
  static Expected<Pipeline> create(const Device &device,
                                   const Artifact &artifact, uint32_t program,
                                   const VyrePipelineConfig *config = nullptr) {
    VyrePipeline *pipeline = nullptr;
    if (Status status(vyrePipelineCreate(device.get(), artifact.get(), program,
                                         config, &pipeline));
        status.failed())
      return status;
    return Pipeline(pipeline);
  }

  Status dispatch(const VyreBinding *bindings, size_t count,
                  const VyreDispatchConfig *config = nullptr,
                  VyreDispatchReport *report = nullptr) {
    return Status(vyrePipelineDispatch(get(), bindings, count, config, report));
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
  /// Runs the program with results in `results`, one for each result of the
  /// program in order. Of `bindings` those of the results may be empty: they
  /// are bound to the caller's buffers, which keep their memory where it is
  /// large enough. With VYRE_STATUS_INVALID_RESULT all buffers but those whose
  /// info() has a status other than VYRE_RESULT_OK are right; after any other
  /// failure what they hold is unspecified. `config` may be NULL, its `results`
  /// are not used.
  Status dispatchInto(const Artifact &artifact, uint32_t program,
                      std::vector<VyreBinding> bindings,
                      std::vector<ResultBuffer> &results,
                      const VyreDispatchConfig *config = nullptr,
                      VyreDispatchReport *report = nullptr,
                      ReuseReport *reuse = nullptr) {
    VyreProgramInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreArtifactProgramInfo(artifact.get(), program, &info));
        status.failed())
      return status;
    size_t appendFrom = results.size();
    std::vector<const void *> before;
    for (const ResultBuffer &buffer : results)
      before.push_back(buffer.memory);
    results.resize(info.result_count);
    std::vector<uint32_t> arguments;
    for (uint32_t i = 0; i < info.result_count; ++i) {
      auto argument = artifact.resultArgument(program, i);
      if (argument.failed())
        return argument.takeStatus();
      auto described = artifact.argumentInfo(program, *argument);
      if (described.failed())
        return described.takeStatus();
      if (*argument >= bindings.size())
        break; // The dispatch refuses so few bindings.
      results[i].element = described->element_type;
      bindings[*argument] = VyreBinding();
      bindings[*argument].element_type = described->element_type;
      bindings[*argument].rank = described->rank;
      if (!described->extents_are_computed)
        bindings[*argument].extents = described->extents;
      arguments.push_back(*argument);
    }
    for (size_t i = 0; i < arguments.size(); ++i) {
      auto extents = artifact.inferExtents(program, bindings, arguments[i]);
      if (extents.failed())
        return extents.takeStatus();
      auto described = artifact.argumentInfo(program, arguments[i]);
      if (described.failed())
        return described.takeStatus();
      ResultBuffer &buffer = results[i];
      buffer.shape = std::move(*extents);
      // Up to the capacity, beyond which the dispatch refuses.
      uint64_t bytes = vyreElementTypeSize(buffer.element);
      for (int64_t extent : buffer.shape)
        if (__builtin_mul_overflow(bytes, uint64_t(extent), &bytes) ||
            bytes > described->capacity_bytes)
          bytes = described->capacity_bytes;
      if (!buffer.reserve(bytes, described->alignment))
        bytes = 0; // The dispatch says what it needs.
      bindings[arguments[i]].data = buffer.memory;
      bindings[arguments[i]].byte_length = bytes;
      bindings[arguments[i]].extents = buffer.shape.data();
    }
    std::vector<VyreResultInfo> infos(info.result_count);
    VyreDispatchConfig own = {};
    if (config)
      own = *config;
    own.struct_size = sizeof(own);
    own.results = infos.data();
    own.result_count = infos.size();
    Status status = dispatch(bindings.data(), bindings.size(), &own, report);
    if (status.failed() && status.code() != VYRE_STATUS_INVALID_RESULT)
      return status;
    ReuseReport counted;
    for (size_t i = 0; i < results.size(); ++i) {
      ResultBuffer &buffer = results[i];
      buffer.last = infos[i];
      if (!buffer.shape.empty())
        buffer.shape[0] = infos[i].rows;
      bool isAppended = i >= appendFrom;
      bool isReused = !isAppended && buffer.memory == before[i];
      (isAppended ? counted.appendedSlots
       : isReused ? counted.reusedSlots
                  : counted.movedSlots) += 1;
      (isAppended ? counted.appendedBytes
       : isReused ? counted.reusedBytes
                  : counted.movedBytes) += buffer.byteSize();
    }
    if (reuse)
      *reuse = counted;
    return status;
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
  explicit Pipeline(VyrePipeline *pipeline) : handle(pipeline) {}
  struct Release {
    void operator()(VyrePipeline *pipeline) const {
      vyreStatusRelease(vyrePipelineRelease(pipeline));
    }
  };
  std::unique_ptr<VyrePipeline, Release> handle;
};

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_PIPELINE_H
