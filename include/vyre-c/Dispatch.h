/*===- vyre-c/Dispatch.h - Running programs -----------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Dispatches, and what they tell.                                            *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_DISPATCH_H
#define VYRE_C_DISPATCH_H

#include "vyre-c/Binding.h"
#include "vyre-c/Config.h"
#include "vyre-c/Pipeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

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
  /** Where it is: the caller's memory, or with VYRE_MEMORY_READBACK the
   *  pipeline's; NULL where there are no meaningful bytes. */
  const void *data;
  uint64_t reserved;
} VyreResultInfo;

/** Options of one dispatch. Available since 0.1. */
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
  /** What counts for this dispatch instead of the pipeline's config; NULL for
   *  nothing. Read before the call returns. */
  const VyrePipelineConfig *overrides;
  /** Measure the times of the report. */
  bool is_timed;
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
   *  CPU. A persistent kernel's dispatch is no replay. Where the driver could
   *  not build a graph that was not required, this is its error. */
  const char *no_replay_reason;
  /** Of a timed dispatch, in nanoseconds: from the call until the results are
   *  in the caller's memory, and of that the device's part. */
  uint64_t wall_ns;
  uint64_t device_ns;
  /** The backend measures device time. */
  bool has_device_ns;
  /** CUDA: the device's VyreDeviceConfig::mapped_slab_limit, measured or
   *  given; 0 as long as it has not mattered, and on the CPU. */
  uint64_t mapped_slab_limit;
  /** Of bytes_up, what was on the device already: see VYRE_BINDING_UNCHANGED.
   */
  uint64_t resident_bytes;
  /** With VYRE_CAPTURE_AUTO and no graph: how many dispatches of these sizes
   *  pay for one; 0 where none do, or where nobody has asked yet. */
  uint64_t graph_pays_after;
  /** A persistent kernel ran it; or why not, for ever valid, where that was
   *  asked for. */
  bool is_persistent;
  const char *no_persistent_reason;
} VyreDispatchReport;

/** A dispatch under way. Available since 0.1. */
typedef struct VyreCompletion VyreCompletion;

/** Runs the program once and waits for its results. `config` and `report` may
 *  be NULL. INVALID_ARGUMENT means that nothing was launched and nothing
 *  changed. After DEVICE_ERROR or DEVICE_LOST the contents of outputs are
 *  undefined. After DEADLINE_EXCEEDED the work may still be under way, and all
 *  memory that the call named stays borrowed until vyrePipelineDrain or
 *  vyrePipelineRelease returned. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineDispatch(VyrePipeline *pipeline,
                                          const VyreBinding *bindings,
                                          size_t binding_count,
                                          const VyreDispatchConfig *config,
                                          VyreDispatchReport *report);

/** A result that the caller owns: zero at first, memory that only grows, and
 *  what the last dispatch put there. The caller may move it in memory.
 *  Available since 0.1. */
typedef struct VyreResultSlot {
  /** Of the runtime; given back by vyreResultSlotRelease. */
  void *data;
  /** Bytes that there is room for, and what `data` is a multiple of. */
  uint64_t capacity_bytes;
  uint64_t alignment;
  /** `rank` extents of what is meaningful, in memory with room for
   *  `extent_capacity`. */
  int64_t *extents;
  uint32_t extent_capacity;
  uint32_t rank;
  /** A VyreElementType. */
  uint32_t element_type;
  uint32_t reserved0;
  VyreResultInfo info;
} VyreResultSlot;

/** What happened to the slots of a dispatch: whose memory was large enough,
 *  that got other memory, that had none before; and their meaningful bytes.
 *  Available since 0.1. */
typedef struct VyreSlotReport {
  size_t struct_size;
  uint64_t reused_slots;
  uint64_t moved_slots;
  uint64_t appended_slots;
  uint64_t reused_bytes;
  uint64_t moved_bytes;
  uint64_t appended_bytes;
} VyreSlotReport;

/** Runs the program with its results in `slots`, one for each result in order;
 *  slots beyond them are released. Of `bindings` those of the results are not
 *  looked at: they are bound to the slots, whose memory stays where it is large
 *  enough. VyreDispatchConfig::results is not used. With INVALID_RESULT all
 *  slots but those whose `info` has another status than VYRE_RESULT_OK are
 *  right; after any other failure what they hold is unspecified. `config`,
 *  `report` and `slot_report` may be NULL. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineDispatchInto(
    VyrePipeline *pipeline, const VyreBinding *bindings, size_t binding_count,
    const VyreDispatchConfig *config, VyreResultSlot *slots, size_t slot_count,
    VyreDispatchReport *report, VyreSlotReport *slot_report);

/** Gives a slot's memory back, and makes it zero. NULL is fine.
 *  Available since 0.1. */
VYRE_API void vyreResultSlotRelease(VyreResultSlot *slot);

/** One dispatch of several. Available since 0.1. */
typedef struct VyreBatchItem {
  const VyreBinding *bindings;
  size_t binding_count;
  /** As in VyreDispatchConfig, instead of those there. Not used with slots. */
  VyreResultInfo *results;
  size_t result_count;
  /** Where the results go, as with vyrePipelineDispatchInto; NULL and 0 for
   *  where they are bound. */
  VyreResultSlot *slots;
  size_t slot_count;
} VyreBatchItem;

/** Runs the program once for each item, each after the one before is done, so
 *  that one may use what another wrote. The time limit is that of each. Ends
 *  with the first that fails; its status says which it was, and `done_count`,
 *  which may be NULL, is how many were done before. `config` may be NULL; its
 *  `results` are not used. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineDispatchBatch(VyrePipeline *pipeline,
                                               const VyreBatchItem *items,
                                               size_t item_count,
                                               const VyreDispatchConfig *config,
                                               size_t *done_count);

/** Does everything for a dispatch with these bindings but run it, on every set
 *  in flight: checks, memory, graphs. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelinePrewarm(VyrePipeline *pipeline,
                                         const VyreBinding *bindings,
                                         size_t binding_count,
                                         const VyreDispatchConfig *config);

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

/** Waits at most `timeout_ns` until nothing of the pipeline is under way that
 *  was begun before the call. DEADLINE_EXCEEDED: something still is. Otherwise
 *  the status is the first failure among dispatches that outlived their time
 *  limit since the last call. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineDrain(VyrePipeline *pipeline,
                                       uint64_t timeout_ns);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_DISPATCH_H */
