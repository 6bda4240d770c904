/*===- vyre-c/Embedded.h - Programs inside a host binary ----------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What compiled host code calls. A binary that carries an artifact describes *|
|* it, and each program that it dispatches, in static memory; the first       *|
|* dispatch loads the artifact, opens the device and makes the pipeline, and  *|
|* later ones find it there. The pass convert-vyre-to-llvm turns every        *|
|* vyre.dispatch into that; C code with an artifact in an array may do the    *|
|* same by hand. Whoever wants to choose when what is loaded and given back   *|
|* uses vyre-c/Runtime.h.                                                     *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_EMBEDDED_H
#define VYRE_C_EMBEDDED_H

#include "vyre-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An artifact in the binary. Must outlive all dispatches of its programs.
 *  Available since 0.1. */
typedef struct VyreEmbeddedArtifact {
  /** `byte_size` bytes, as vyre-compile wrote them. */
  const void *data;
  uint64_t byte_size;
  /** An id for vyreDeviceOpen; NULL means "auto". */
  const char *device;
  /** Starts as NULL and then belongs to the runtime. */
  void *state;
} VyreEmbeddedArtifact;

/** One of its programs. Available since 0.1. */
typedef struct VyreEmbeddedProgram {
  VyreEmbeddedArtifact *artifact;
  const char *name;
  /** Starts as NULL and then belongs to the runtime. */
  void *pipeline;
} VyreEmbeddedProgram;

/** Runs the program once and waits for its results; `bindings` are those of
 *  vyrePipelineDispatch. The first call in a process also loads the artifact,
 *  opens the device and makes the pipeline, which then stay; if that fails,
 *  the next call tries again. Any thread may call, also at the same time.
 *  Errors: those of vyreArtifactLoadMemory, vyreDeviceOpen,
 *  vyrePipelineCreate and vyrePipelineDispatch. Available since 0.1. */
VYRE_API VyreStatus *vyreEmbeddedDispatch(VyreEmbeddedProgram *program,
                                          const VyreBinding *bindings,
                                          size_t binding_count);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_EMBEDDED_H */
