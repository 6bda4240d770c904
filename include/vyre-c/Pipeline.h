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
