/*===- vyre-c/Call.h - Functions of the host in programs ----------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* A program may call functions that are not in its artifact, such as those of*|
|* a library of matrix products: see vyre.call_stage. Whoever runs it         *|
|* registers them under the names that the program has for them.              *|
|*                                                                            *|
|* A function enqueues work on the stream that it is given and returns without*|
|* waiting for it; on the CPU it does the work. It may be called more often   *|
|* than the program is dispatched: where dispatches are replayed, it is called*|
|* while the stream is captured, and a replay repeats what it enqueued then,  *|
|* without calling it.                                                        *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_CALL_H
#define VYRE_C_CALL_H

#include "vyre-c/Artifact.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A buffer that a function is given: row-major, contiguous.
 *  Available since 0.1. */
typedef struct VyreCallBuffer {
  /** Memory of the device, on the CPU of the host. Not NULL unless
   *  `byte_size` is 0. */
  void *data;
  /** What the extents need. */
  uint64_t byte_size;
  /** `rank` extents. */
  const int64_t *extents;
  uint32_t rank;
  /** A VyreElementType. */
  uint32_t element_type;
} VyreCallBuffer;

/** A scalar that a function is given. Available since 0.1. */
typedef struct VyreCallScalar {
  /** A VyreElementType. */
  uint32_t element_type;
  uint32_t reserved;
  /** By the type. */
  union {
    /** Integers and index: sign-extended; i1 is 0 or 1. */
    int64_t integer;
    float f32;
    double f64;
    /** f16 and bf16: the bits. */
    uint16_t bits;
  } value;
} VyreCallScalar;

/** What a function is given. All of it is borrowed for the call, but for the
 *  memory of the buffers, which is the dispatch's. Available since 0.1. */
typedef struct VyreCallArguments {
  size_t struct_size;
  /** The name under which the program calls it. */
  const char *function;
  /** CUDA: the CUstream to enqueue on, whose context is current; else NULL. */
  void *stream;
  /** In the order of the function's declaration. */
  const VyreCallBuffer *buffers;
  size_t buffer_count;
  const VyreCallScalar *scalars;
  size_t scalar_count;
  /** Device memory to use as the function likes, aligned to 256 bytes, until
   *  the work that it enqueues is done. */
  void *scratch;
  uint64_t scratch_bytes;
  /** CUDA: the stream is being captured, so that nothing may wait for it. Work
   *  may go over other streams that are joined to it again. */
  bool is_capturing;
} VyreCallArguments;

/** A function of the host. Available since 0.1. */
typedef struct VyreCall {
  size_t struct_size;
  /** The name that the program has for it: that of its declaration. */
  const char *name;
  /** For which backend it is, "cpu", "cuda"; NULL for each that has none of its
   *  own. */
  const char *backend;
  void *user;
  /** Enqueues the work, and returns NULL or a status from vyreStatusCreate,
   *  with which the dispatch then fails. Must be callable from any thread, by
   *  several at a time. It must not dispatch the pipeline that calls it, which
   *  is FAILED_PRECONDITION, nor on the CPU any on the device that does, whose
   *  threads may all wait for it. A status of VYRE_STATUS_UNSUPPORTED while
   *  `is_capturing` says that it cannot be captured. */
  VyreStatus *(*function)(void *user, const VyreCallArguments *arguments);
  /** Gives `user` back, once the function is not registered any more and the
   *  last pipeline that calls it is released. May be NULL. */
  void (*release)(void *user);
} VyreCall;

/** Registers a function, for all pipelines that are made from then on; the
 *  table is copied. Errors: INVALID_ARGUMENT, FAILED_PRECONDITION (the name is
 *  taken for that backend). Available since 0.1. */
VYRE_API VyreStatus *vyreCallRegister(const VyreCall *call);

/** Takes a function out of the list; pipelines that call it go on. `backend` is
 *  as it was registered, NULL included. Errors: NOT_FOUND.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreCallUnregister(const char *name, const char *backend);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_CALL_H */
