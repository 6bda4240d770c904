/*===- vyre-c/Pipeline.h - Programs that are ready to run ---------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Makes programs ready to run on a device.                                   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_PIPELINE_H
#define VYRE_C_PIPELINE_H

#include "vyre-c/Artifact.h"
#include "vyre-c/Config.h"
#include "vyre-c/Device.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A program, made ready to run on a device: code loaded, constants uploaded.
 *  Available since 0.1. */
typedef struct VyrePipeline VyrePipeline;

/** Makes program number `program` of the artifact ready on the device. The
 *  artifact is shared, not copied. `config` may be NULL. Errors:
 *  INVALID_ARGUMENT, UNSUPPORTED (no code that fits), OUT_OF_MEMORY,
 *  DEVICE_ERROR, DEVICE_LOST. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineCreate(VyreDevice *device,
                                        const VyreArtifact *artifact,
                                        uint32_t program,
                                        const VyrePipelineConfig *config,
                                        VyrePipeline **pipeline);

/** Which pipeline this is, as one JSON object with the keys `schema` (1),
 *  `backend_id`, `pipeline_id`, `program_digest` (64 hex digits over everything
 *  that affects the result), `dispatch_policy` ("native": the backend compiled
 *  the program itself; "forwarded": each dispatch is one of the backend's plain
 *  dispatches) and `cache_hit` (true, false, or null where the backend does not
 *  tell). Id and digest are the same in every process that compiles the same
 *  program. Writes up to `size` bytes, with a NUL, and the length without it: a
 *  text that is longer than there is room for is cut off. FAILED_PRECONDITION
 *  where the artifact has no digest of its program. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineWriteManifest(const VyrePipeline *pipeline,
                                               char *text, size_t size,
                                               size_t *length);

/** How compilations fared with their backends' caches. Available since 0.1. */
typedef struct VyreCacheAudit {
  size_t struct_size;
  /** Pipelines whose code was found ready-made, had to be made, and of which
   *  the backend does not tell. */
  uint64_t hits;
  uint64_t misses;
  uint64_t unknowns;
  /** Hits among those that are known, in hundredths of a percent; 0 if
   *  none is. */
  uint32_t hit_rate_bps;
  /** One is known. */
  bool has_hit_rate;
  /** There is a hit rate, and it is below the threshold. */
  bool below_alarm_threshold;
} VyreCacheAudit;

/** Of all pipelines that were created in this process. A threshold of 0 raises
 *  no alarm. Available since 0.1. */
VYRE_API VyreStatus *vyreCacheAuditGet(uint32_t alarm_threshold_bps,
                                       VyreCacheAudit *audit);

/** Waits for what is under way and gives everything back. The handle is gone
 *  in any case; a status tells what could not be given back in order.
 *  Completions must have been released before. NULL is fine.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineRelease(VyrePipeline *pipeline);

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
