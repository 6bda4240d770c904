/*===- vyre-c/Pipeline.h - Programs that are ready to run ---------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Makes programs ready, and dispatches them.                                 *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_PIPELINE_H
#define VYRE_C_PIPELINE_H

#include "vyre-c/Binding.h"
#include "vyre-c/Device.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A program, made ready to run on a device: code loaded, constants uploaded.
 *  Available since 0.1. */
typedef struct VyrePipeline VyrePipeline;

/** Whether dispatches are replayed: on a GPU as one launch of a graph that is
 *  built once per shape. The CPU has nothing to capture, and refuses
 *  VYRE_CAPTURE_REQUIRE. Available since 0.1. */
typedef enum VyreCapturePolicy {
  /** Of a dispatch: the pipeline's. Of a pipeline: VYRE_CAPTURE_AUTO. */
  VYRE_CAPTURE_DEFAULT = 0,
  /** Where a shape comes again and a graph makes fewer calls. */
  VYRE_CAPTURE_AUTO = 1,
  VYRE_CAPTURE_NEVER = 2,
  /** From the first dispatch on, or UNSUPPORTED. */
  VYRE_CAPTURE_REQUIRE = 3
} VyreCapturePolicy;

/** How to make a pipeline. Available since 0.1. */
typedef struct VyrePipelineConfig {
  size_t struct_size;
  /** Sets of intermediates and staging, and so dispatches that may run at
   *  the same time; further ones wait in order. 0 means 1, which is also what
   *  a program with state gets. At most 64. */
  uint32_t max_in_flight;
  /** A VyreCapturePolicy. */
  uint32_t capture;
} VyrePipelineConfig;

/** What is known of one result. Available since 0.1. */
typedef enum VyreResultStatus {
  VYRE_RESULT_OK = 0,
  /** The device counted more rows than there are. */
  VYRE_RESULT_EXCEEDS_CAPACITY = 1,
  VYRE_RESULT_NEGATIVE_COUNT = 2,
  /** The count did not come back: the dispatch was captured. */
  VYRE_RESULT_COUNT_UNKNOWN = 3
} VyreResultStatus;

/** How a result came back. Available since 0.1. */
typedef enum VyreResultRoute {
  /** It is in the caller's device memory. */
  VYRE_RESULT_IN_PLACE = 0,
  /** Together with others, as a record of the slab. */
  VYRE_RESULT_RECORD = 1,
  /** By itself. */
  VYRE_RESULT_DIRECT = 2,
  /** It has no meaningful bytes. */
  VYRE_RESULT_EMPTY = 3
} VyreResultRoute;

/** One result of a dispatch. Of its buffer the first `meaningful_bytes` are
 *  meaningful; what lies behind them is unspecified. Available since 0.1. */
typedef struct VyreResultInfo {
  /** A VyreResultStatus. */
  uint32_t status;
  /** A VyreResultRoute. */
  uint32_t route;
  /** The count as the program gave it; the rows where there is none. */
  int64_t count;
  /** Leading rows (dimension 0; 1 for rank 0) that are meaningful; 0 after an
   *  error. */
  int64_t rows;
  uint64_t meaningful_bytes;
  /** Bytes of the whole result with the extents of this dispatch. */
  uint64_t capacity_bytes;
  uint64_t reserved[2];
} VyreResultInfo;

/** Per dispatch options. Available since 0.1. */
typedef struct VyreDispatchConfig {
  size_t struct_size;
  /** CUDA: the CUstream to enqueue on, in the device's context; NULL takes a
   *  stream of the pipeline's own. The work comes after what the stream
   *  already holds. While the caller captures that stream, the program becomes
   *  part of the capture: every buffer must then be device memory, and a
   *  dispatch of the same sizes must have completed before. */
  void *cuda_stream;
  /** Where to describe the first `result_count` results, in the order of the
   *  program; written when the dispatch is done, and borrowed until then. */
  VyreResultInfo *results;
  size_t result_count;
  /** A VyreCapturePolicy. */
  uint32_t capture;
  uint32_t reserved0;
} VyreDispatchConfig;

/** What a dispatch did. Available since 0.1. */
typedef struct VyreDispatchReport {
  size_t struct_size;
  /** Launches made; those with an empty index space are skipped. */
  uint64_t launches;
  /** Bytes of host buffers that the program takes in and gives back. On the
   *  CPU, which works on them in place, they count as on a GPU. */
  uint64_t bytes_up;
  uint64_t bytes_down;
  /** Bytes of the program's intermediates, packed by liveness. */
  uint64_t arena_bytes;
  /** Bytes of all written host buffers, of what is meaningful of them, and the
   *  difference, which also stands in hundredths of a percent. Known when the
   *  dispatch is done. */
  uint64_t full_result_bytes;
  uint64_t selected_result_bytes;
  uint64_t avoided_result_bytes;
  uint64_t avoided_result_basis_points;
  /** Room of the records, gaps included. */
  uint64_t slab_bytes;
  /** Copies from the device for the results, and waits for the device. */
  uint64_t result_copies;
  uint64_t waits;
  /** Graph launches: 1 if the dispatch was replayed, else 0; graphs built for
   *  it; kernel nodes that got other pointers or values. */
  uint64_t replays;
  uint64_t graph_builds;
  uint64_t node_updates;
  /** Why it was not replayed, for ever valid; NULL if it was, and on the
   *  CPU. */
  const char *no_replay_reason;
} VyreDispatchReport;

/** A dispatch under way. Available since 0.1. */
typedef struct VyreCompletion VyreCompletion;

/** Wait without limit. Available since 0.1. */
#define VYRE_WAIT_FOREVER UINT64_MAX

/** Makes program number `program` of the artifact ready on the device.
 *  `config` may be NULL. Errors: INVALID_ARGUMENT, UNSUPPORTED (no code that
 *  fits), OUT_OF_MEMORY, DEVICE_ERROR, DEVICE_LOST. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineCreate(VyreDevice *device,
                                        const VyreArtifact *artifact,
                                        uint32_t program,
                                        const VyrePipelineConfig *config,
                                        VyrePipeline **pipeline);

/** Waits for what is under way and gives everything back. The handle is gone
 *  in any case; a status tells what could not be given back in order.
 *  Completions must have been released before. NULL is fine.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineRelease(VyrePipeline *pipeline);

/** Runs the program once and waits for its results. `config` and `report` may
 *  be NULL. INVALID_ARGUMENT means that nothing was launched and nothing
 *  changed. After DEVICE_ERROR or DEVICE_LOST the contents of outputs are
 *  undefined. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineDispatch(VyrePipeline *pipeline,
                                          const VyreBinding *bindings,
                                          size_t binding_count,
                                          const VyreDispatchConfig *config,
                                          VyreDispatchReport *report);

/** Starts the program and returns. The bindings are read before the return;
 *  the memory they point at is borrowed until the completion says that it is
 *  done, also after a wait that ran out of time. Scalars are read before the
 *  return. With `max_in_flight` dispatches under way it first waits for
 *  the oldest. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineSubmit(VyrePipeline *pipeline,
                                        const VyreBinding *bindings,
                                        size_t binding_count,
                                        const VyreDispatchConfig *config,
                                        VyreCompletion **completion);

/** Waits at most `timeout_ns` (0 only asks). DEADLINE_EXCEEDED: not done yet,
 *  the memory stays borrowed. Otherwise the dispatch is done, and this is its
 *  status, the same on every call. `report` may be NULL.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreCompletionWait(VyreCompletion *completion,
                                        uint64_t timeout_ns,
                                        VyreDispatchReport *report);

/** Gives a completion back, after waiting for it. NULL is fine.
 *  Available since 0.1. */
VYRE_API void vyreCompletionRelease(VyreCompletion *completion);

/** Sets every state argument to its start value, after what is under way.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineResetState(VyrePipeline *pipeline);

/** Copies state argument `argument` to `data`; `byte_size` must be its size.
 *  Waits for what is under way. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineReadState(VyrePipeline *pipeline,
                                           uint32_t argument, void *data,
                                           uint64_t byte_size);

/** Sets state argument `argument` from `data`; `byte_size` must be its size.
 *  Waits for what is under way. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineWriteState(VyrePipeline *pipeline,
                                            uint32_t argument, const void *data,
                                            uint64_t byte_size);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_PIPELINE_H */
