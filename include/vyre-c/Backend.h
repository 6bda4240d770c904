/*===- vyre-c/Backend.h - Backends of one's own -------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* A backend runs programs on devices of its own kind. Those that are there   *|
|* from the start are "cpu" and "cuda"; any other is a table of functions,    *|
|* which is registered under an id and then opened as a device of that id.    *|
|*                                                                            *|
|* The runtime checks every dispatch, waits in line and keeps count; the      *|
|* backend only runs. A program is known to it by its artifact:               *|
|* vyreArtifactPayload gives the tables and the code as the schema            *|
|* Artifact.fbs describes them.                                               *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_BACKEND_H
#define VYRE_C_BACKEND_H

#include "vyre-c/Binding.h"
#include "vyre-c/Config.h"
#include "vyre-c/Device.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One dispatch, as a backend gets it. All of it is borrowed for the call.
 *  Available since 0.1. */
typedef struct VyreBackendDispatch {
  size_t struct_size;
  const VyreArtifact *artifact;
  /** The program's number. */
  uint32_t program;
  uint32_t reserved;
  /** One per argument, in the order of the signature, checked: extents are
   *  there and fit, memory is large enough, aligned, and disjoint where the
   *  program needs it. The memory is the caller's own. Of a state argument it
   *  is host memory that the pipeline keeps; of a shared one there is none. */
  const VyreBinding *bindings;
  size_t binding_count;
  /** What the caller calls this dispatch. */
  const char *label;
} VyreBackendDispatch;

/** Whether compiled code was found ready-made. Available since 0.1. */
typedef enum VyreCacheOutcome {
  VYRE_CACHE_UNKNOWN = 0,
  VYRE_CACHE_HIT = 1,
  VYRE_CACHE_MISS = 2
} VyreCacheOutcome;

/** A program that a backend compiled in its own way. Available since 0.1. */
typedef struct VyreNativePipeline {
  size_t struct_size;
  /** The pipeline's id, the same whenever the same program is compiled; copied
   *  after the call. */
  const char *id;
  void *user;
  /** Runs the program, and returns when it is done. Called by one thread at a
   *  time for each set in flight. */
  VyreStatus *(*dispatch)(void *user, const VyreBackendDispatch *dispatch);
  /** Gives `user` back, after the last dispatch. May be NULL. */
  VyreStatus *(*release)(void *user);
  /** A VyreCacheOutcome. Where it is VYRE_CACHE_UNKNOWN the backend's counters
   *  before and after the call decide. */
  uint32_t cache_outcome;
  uint32_t reserved;
} VyreNativePipeline;

/** A backend. Functions that may be NULL say so; all may be called from any
 *  thread at any time, and return NULL or a status from vyreStatusCreate.
 *  Available since 0.1. */
typedef struct VyreBackend {
  size_t struct_size;
  /** A word of letters, digits, '-' and '_', for example "fpga". */
  const char *id;
  void *user;
  /** Gives `user` back when the backend is unregistered and its last device is
   *  closed. May be NULL. */
  void (*release)(void *user);
  /** Runs a program, and returns when it is done. Each dispatch of a pipeline
   *  that the backend did not compile itself reaches this exactly once. */
  VyreStatus *(*dispatch)(void *user, const VyreBackendDispatch *dispatch);
  /** Compiles a program. Leaves `pipeline->dispatch` NULL for a program that
   *  it compiles no better than its plain dispatch runs it. May be NULL. */
  VyreStatus *(*compile)(void *user, const VyreArtifact *artifact,
                         uint32_t program, VyreNativePipeline *pipeline);
  /** Does everything for a dispatch but run it. May be NULL. */
  VyreStatus *(*prewarm)(void *user, const VyreBackendDispatch *dispatch);
  /** How often the backend found compiled code, and how often it did not, since
   *  its beginning. May be NULL: then nothing is known of it. */
  VyreStatus *(*cache_counters)(void *user, VyreCacheCounters *counters);
  /** Memory of the device, as in vyre-c/Device.h. All four or none: without
   *  them every buffer is in host memory. */
  VyreStatus *(*allocate)(void *user, uint64_t byte_size, void **memory);
  VyreStatus *(*free)(void *user, void *memory, uint64_t byte_size);
  VyreStatus *(*upload)(void *user, void *target, const void *source,
                        uint64_t byte_size);
  VyreStatus *(*download)(void *user, void *target, const void *source,
                          uint64_t byte_size);
} VyreBackend;

/** Registers a backend; the table is copied. vyreDeviceOpen with its id opens
 *  its device from then on. Errors: INVALID_ARGUMENT, FAILED_PRECONDITION (the
 *  id is taken). Available since 0.1. */
VYRE_API VyreStatus *vyreBackendRegister(const VyreBackend *backend);

/** Takes a backend out of the list; its open devices and their pipelines go on.
 *  Errors: NOT_FOUND. Available since 0.1. */
VYRE_API VyreStatus *vyreBackendUnregister(const char *id);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_BACKEND_H */
