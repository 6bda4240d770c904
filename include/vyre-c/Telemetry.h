/*===- vyre-c/Telemetry.h - What the runtime counts ---------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Counters of all that was dispatched, and traces of single dispatches.      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_TELEMETRY_H
#define VYRE_C_TELEMETRY_H

#include "vyre-c/Pipeline.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Counters that only grow. Reading them stops nobody: each is exact, but they
 *  need not be of the same moment. Available since 0.1. */
typedef struct VyreTelemetry {
  size_t struct_size;
  /** Dispatches that were begun. */
  uint64_t dispatches;
  /** Device launches, whether one by one or within a replay. */
  uint64_t launches;
  /** Dispatches that were one launch of a graph; graphs built; nodes of graphs
   *  that got other pointers or values. */
  uint64_t replays;
  uint64_t graph_builds;
  uint64_t updates;
  /** Bytes of host buffers that programs took in and gave back. */
  uint64_t input_bytes;
  uint64_t output_bytes;
  /** Results, of all dispatches that are done. */
  uint64_t output_slots;
  /** Of those that vyrePipelineDispatchInto placed: whose memory was large
   *  enough, that got other memory, and that had none before; and the
   *  meaningful bytes of each kind. */
  uint64_t output_slots_reused;
  uint64_t output_slots_moved;
  uint64_t output_slots_appended;
  uint64_t output_bytes_reused;
  uint64_t output_bytes_moved;
  uint64_t output_bytes_appended;
  /** Pipelines whose code was found ready-made, or had to be made. */
  uint64_t cache_hits;
  uint64_t cache_misses;
} VyreTelemetry;

/** The counters of the whole process. Available since 0.1. */
VYRE_API VyreStatus *vyreTelemetryGet(VyreTelemetry *telemetry);

/** The counters of one pipeline. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineGetTelemetry(const VyrePipeline *pipeline,
                                              VyreTelemetry *telemetry);

/** Counters as one JSON object, whose keys are the names of the fields. Writes
 *  up to `size` bytes, with a NUL, and the length without it: a text that is
 *  longer than there is room for is cut off. Available since 0.1. */
VYRE_API VyreStatus *vyreTelemetryWriteJson(const VyreTelemetry *telemetry,
                                            char *text, size_t size,
                                            size_t *length);

/** Begins to record every dispatch of the process: when it was prepared,
 *  started and waited for, and how long it was under way. Up to a million
 *  events are kept. FAILED_PRECONDITION if that goes on already.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreTraceBegin(void);

/** Ends the recording, and writes it to a file that Perfetto and
 *  chrome://tracing open (JSON, Trace Event Format). Errors:
 *  FAILED_PRECONDITION, IO_ERROR. Available since 0.1. */
VYRE_API VyreStatus *vyreTraceEnd(const char *path);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_TELEMETRY_H */
