//===- Dispatch.cpp - Dispatches in the C API -------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPI/Handles.h"

using namespace vyre::runtime::internal;

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
  options.isTimed = known.is_timed;
  options.results = known.results;
  options.resultCount = known.result_count;
  return readPipelineConfig(known.overrides, options.overrides);
}

} // namespace

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
    if (Status status = checkInfo("VyreDispatchReport", report);
        status.failed())
      return status;
    VyreDispatchReport known = {};
    Status status =
        pipeline->pipeline->dispatch(bindings, binding_count, options, &known);
    if (hasReport(status))
      status.update(writeInfo(known, "VyreDispatchReport", report));
    return status;
  });
}

/// One item of a batch.
static Status dispatchItem(Pipeline &pipeline, const VyreBatchItem &item,
                           DispatchOptions options) {
  if (item.slot_count && !item.slots)
    return invalid("VyreBatchItem::slots is NULL, expected ", item.slot_count,
                   " slots. Fix: pass memory, or a slot_count of 0.");
  if (item.slots) {
    if (item.binding_count && !item.bindings)
      return nullArgument("bindings");
    VyreDispatchReport report = {};
    VyreSlotReport slotReport = {};
    return pipeline.dispatchInto(item.bindings, item.binding_count, options,
                                 item.slots, item.slot_count, &report,
                                 slotReport);
  }
  if (item.result_count && !item.results)
    return invalid("VyreBatchItem::results is NULL, expected room for ",
                   item.result_count,
                   " results. Fix: pass memory, or a result_count of 0.");
  options.results = item.results;
  options.resultCount = item.result_count;
  return pipeline.dispatch(item.bindings, item.binding_count, options, nullptr);
}

VyreStatus *vyrePipelineDispatchBatch(VyrePipeline *pipeline,
                                      const VyreBatchItem *items,
                                      size_t item_count,
                                      const VyreDispatchConfig *config,
                                      size_t *done_count) {
  return guarded([&]() -> Status {
    if (!pipeline || (item_count && !items))
      return nullArgument(pipeline ? "items" : "pipeline");
    DispatchOptions options;
    if (Status status = readDispatchOptions(config, options); status.failed())
      return status;
    if (done_count)
      *done_count = 0;
    for (size_t i = 0; i < item_count; ++i) {
      if (Status status = dispatchItem(*pipeline->pipeline, items[i], options);
          status.failed())
        return failure(status.code(), "item ", i,
                       " of the batch: ", status.message());
      if (done_count)
        *done_count = i + 1;
    }
    return Status();
  });
}

VyreStatus *vyrePipelineDispatchInto(
    VyrePipeline *pipeline, const VyreBinding *bindings, size_t binding_count,
    const VyreDispatchConfig *config, VyreResultSlot *slots, size_t slot_count,
    VyreDispatchReport *report, VyreSlotReport *slot_report) {
  return guarded([&]() -> Status {
    if (!pipeline || (binding_count && !bindings) || (slot_count && !slots))
      return nullArgument(!pipeline                    ? "pipeline"
                          : binding_count && !bindings ? "bindings"
                                                       : "slots");
    DispatchOptions options;
    if (Status status = readDispatchOptions(config, options); status.failed())
      return status;
    if (Status status = checkInfo("VyreDispatchReport", report);
        status.failed())
      return status;
    if (Status status = checkInfo("VyreSlotReport", slot_report);
        status.failed())
      return status;
    VyreDispatchReport known = {};
    VyreSlotReport knownSlots = {};
    Status status =
        pipeline->pipeline->dispatchInto(bindings, binding_count, options,
                                         slots, slot_count, &known, knownSlots);
    if (!hasReport(status))
      return status;
    if (report)
      status.update(writeInfo(known, "VyreDispatchReport", report));
    if (slot_report)
      status.update(writeInfo(knownSlots, "VyreSlotReport", slot_report));
    return status;
  });
}

VyreStatus *vyrePipelinePrewarm(VyrePipeline *pipeline,
                                const VyreBinding *bindings,
                                size_t binding_count,
                                const VyreDispatchConfig *config) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    DispatchOptions options;
    if (Status status = readDispatchOptions(config, options); status.failed())
      return status;
    return pipeline->pipeline->prewarm(bindings, binding_count, options);
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
    if (Status status = completion->pipeline->getDevice().checkProcess();
        status.failed())
      return status;
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
  // Of another process's there is nothing to wait for.
  if (!completion || completion->pipeline->getDevice().isInherited())
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
    if (Status status = pipeline->pipeline->getDevice().checkProcess();
        status.failed())
      return status;
    return pipeline->pipeline->drain(deadlineAfter(timeout_ns));
  });
}
