/*===- vyre-c/Config.h - How programs are run ---------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* The choices that a pipeline is made with, and that a dispatch can override.*|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_CONFIG_H
#define VYRE_C_CONFIG_H

#include "vyre-c/Status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** No limit. Available since 0.1. */
#define VYRE_WAIT_FOREVER UINT64_MAX

/** Whether dispatches are replayed: on a GPU as one launch of a graph that is
 *  built once per shape. The CPU runs the same plan as tasks that are prepared
 *  once, whatever the policy. Available since 0.1. */
typedef enum VyreCapturePolicy {
  /** Of a dispatch: the pipeline's. Of a pipeline: VYRE_CAPTURE_AUTO. */
  VYRE_CAPTURE_DEFAULT = 0,
  /** Where sizes come again so often that a graph pays: see docs/Capture.md. */
  VYRE_CAPTURE_AUTO = 1,
  VYRE_CAPTURE_NEVER = 2,
  /** From the first dispatch on, or UNSUPPORTED. */
  VYRE_CAPTURE_REQUIRE = 3
} VyreCapturePolicy;

/** How a host thread waits for the device. Available since 0.1. */
typedef enum VyreWaitMode {
  /** Of a dispatch: the pipeline's. Of a pipeline: VYRE_WAIT_BLOCK. */
  VYRE_WAIT_DEFAULT = 0,
  /** The thread waits in the driver, which spins, yields or sleeps as the
   *  context was made to. */
  VYRE_WAIT_BLOCK = 1,
  /** The thread keeps asking: the sooner answer, for a CPU core. */
  VYRE_WAIT_SPIN = 2
} VyreWaitMode;

/** Whether programs of one small launch are run by a kernel that stays on the
 *  GPU and waits for dispatches there, which saves the launch. It takes an
 *  artifact that was compiled with --persistent, a launch of at most 32 blocks,
 *  which one block then does alone, host buffers of at most 64 KiB each, and no
 *  stream of the caller's. While it waits it keeps that block's share of the
 *  GPU. It leaves after a while without dispatches, and before calls of this
 *  library to the driver that would wait for it; other code's allocations and
 *  module loads on that GPU may wait until then. Available since 0.1. */
typedef enum VyrePersistentMode {
  /** Of a dispatch: the pipeline's. Of a pipeline: VYRE_PERSISTENT_OFF. */
  VYRE_PERSISTENT_DEFAULT = 0,
  VYRE_PERSISTENT_OFF = 1,
  /** Where it can be; the report says why not. */
  VYRE_PERSISTENT_ON = 2,
  /** Or UNSUPPORTED. */
  VYRE_PERSISTENT_REQUIRE = 3
} VyrePersistentMode;

/** How a program is run. A pipeline is made with one; a dispatch may bring
 *  another, whose fields then count for that dispatch where they are set. A
 *  field is set if it is not zero, or if its `has_` flag is. What is not set
 *  comes from the profile of the same config, then from the pipeline's config,
 *  then from its profile, and is else the default.  Available since 0.1. */
typedef struct VyrePipelineConfig {
  size_t struct_size;
  /** Sets of intermediates and staging, and so dispatches that may run at
   *  the same time; further ones wait in order. Default 1, which is also what
   *  a program with state has. At most 64. Of a dispatch: it starts when fewer
   *  than so many are under way; sets that are missing are made for it. */
  uint32_t max_in_flight;
  /** A VyreCapturePolicy. */
  uint32_t capture;
  /** A VyreWaitMode. */
  uint32_t wait_mode;
  /** Units in the last place by which each mathematical function that the
   *  program calls may be off, on the device that runs it; 0 takes correctly
   *  rounded ones alone. UNSUPPORTED where the artifact's code has one that is
   *  less precise, or does not tell. Default: no limit. */
  uint32_t ulp_budget;
  bool has_ulp_budget;
  bool has_result_byte_limit;
  uint16_t reserved0;
  uint32_t reserved1;
  /** How long a dispatch may take from the call on, in nanoseconds. When it is
   *  over the call returns DEADLINE_EXCEEDED, and the work goes on: see
   *  vyrePipelineDispatch. Of vyrePipelineSubmit it limits the wait for a free
   *  set. VYRE_WAIT_FOREVER: no limit, the default. */
  uint64_t time_limit_ns;
  /** The most bytes that all results of a dispatch may take together, with its
   *  extents; else INVALID_ARGUMENT, with nothing launched. Default: no limit
   *  but the arguments' capacities. */
  uint64_t result_byte_limit;
  /** What traces call a dispatch; the program's name unless set. Copied when a
   *  pipeline is made, borrowed for the call by a dispatch. */
  const char *label;
  /** The name of a profile. NOT_FOUND if there is none. */
  const char *profile;
  /** Shapes whose graphs each set keeps; the one that was used least recently
   *  makes room for another. Default 8. At most 1024. */
  uint32_t graph_shapes;
  /** A VyrePersistentMode. */
  uint32_t persistent;
  /** How many dispatches of the same sizes are to be expected, counted by each
   *  set from the first one on; VYRE_CAPTURE_AUTO then builds a graph at once
   *  or not at all. Default: not known, and a graph is built after so many
   *  dispatches as would have paid for it. */
  uint64_t expected_dispatches;
  /** How long a persistent kernel waits for a dispatch before it leaves, in
   *  nanoseconds. Default one millisecond. At most 10 seconds. */
  uint64_t persistent_idle_ns;
} VyrePipelineConfig;

/** Gives a set of fields a name, for VyrePipelineConfig::profile. A profile
 *  cannot name another, and is for good. There are three from the start:
 *  "latency" (VYRE_WAIT_SPIN), "throughput" (VYRE_WAIT_BLOCK, max_in_flight 4)
 *  and "exact" (ulp_budget 0). Errors: INVALID_ARGUMENT, FAILED_PRECONDITION
 *  (the name is taken). Available since 0.1. */
VYRE_API VyreStatus *vyreProfileDefine(const char *name,
                                       const VyrePipelineConfig *config);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_CONFIG_H */
