/*===- Calls.c - Functions of the host for tests ------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What the execution tests call through vyre-run --call-library. Each works  *|
|* on the CPU, and on a GPU by copies and fills that it enqueues on its       *|
|* stream; for these the CUDA driver is looked up at run time, or the stand-in*|
|* that VYRE_CUDA_DRIVER names.                                               *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "vyre-c/Call.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t Address;
typedef int (*CopyFunction)(Address, Address, size_t, void *);
typedef int (*FillFunction)(Address, unsigned char, size_t, void *);
typedef int (*WaitFunction)(void *);

static void *lookUp(const char *symbol) {
  const char *name = getenv("VYRE_CUDA_DRIVER");
  void *driver = dlopen(name && *name ? name : "libcuda.so.1", RTLD_NOW);
  return driver ? dlsym(driver, symbol) : NULL;
}

static VyreStatus *outcome(int result, const char *call) {
  char text[100];
  if (result == 0)
    return NULL;
  snprintf(text, sizeof(text), "%s answers %d. Fix: look it up.", call, result);
  return vyreStatusCreate(VYRE_STATUS_DEVICE_ERROR, text);
}

static VyreStatus *copy(const VyreCallArguments *arguments, void *to,
                        const void *from, uint64_t size) {
  CopyFunction enqueue;
  if (size == 0)
    return NULL;
  if (!arguments->stream) {
    memmove(to, from, size);
    return NULL;
  }
  enqueue = (CopyFunction)lookUp("cuMemcpyDtoDAsync_v2");
  return outcome(
      enqueue ? enqueue((Address)to, (Address)from, size, arguments->stream)
              : -1,
      "cuMemcpyDtoDAsync");
}

VyreStatus *test_copy(void *user, const VyreCallArguments *arguments);
VyreStatus *test_copy_visible(void *user, const VyreCallArguments *arguments);
VyreStatus *test_swap_halves(void *user, const VyreCallArguments *arguments);
VyreStatus *test_fill_bytes(void *user, const VyreCallArguments *arguments);
VyreStatus *test_rotate(void *user, const VyreCallArguments *arguments);
VyreStatus *test_copy_and_wait(void *user, const VyreCallArguments *arguments);
VyreStatus *test_fail(void *user, const VyreCallArguments *arguments);

/* (from, to) */
VyreStatus *test_copy(void *user, const VyreCallArguments *arguments) {
  (void)user;
  return copy(arguments, arguments->buffers[1].data, arguments->buffers[0].data,
              arguments->buffers[0].byte_size);
}

/* The same, behind a host boundary: no graph is ever made of it. */
VyreStatus *test_copy_visible(void *user, const VyreCallArguments *arguments) {
  if (arguments->is_capturing)
    return vyreStatusCreate(VYRE_STATUS_INTERNAL,
                            "captured behind a host boundary. Fix: look why.");
  return test_copy(user, arguments);
}

/* (to, from, rows): the first rows of `from` behind its others. */
VyreStatus *test_swap_halves(void *user, const VyreCallArguments *arguments) {
  const VyreCallBuffer *to = &arguments->buffers[0];
  const VyreCallBuffer *from = &arguments->buffers[1];
  uint64_t rows = (uint64_t)from->extents[0];
  uint64_t first = (uint64_t)arguments->scalars[0].value.integer;
  uint64_t rowBytes = rows ? from->byte_size / rows : 0;
  VyreStatus *status;
  (void)user;
  if (first > rows)
    return vyreStatusCreate(VYRE_STATUS_INVALID_ARGUMENT,
                            "more rows are to be swapped than there are. Fix: "
                            "pass fewer.");
  status = copy(arguments, to->data, (char *)from->data + first * rowBytes,
                (rows - first) * rowBytes);
  if (status)
    return status;
  return copy(arguments, (char *)to->data + (rows - first) * rowBytes,
              from->data, first * rowBytes);
}

/* (buffer, byte): each byte of the first half. */
VyreStatus *test_fill_bytes(void *user, const VyreCallArguments *arguments) {
  const VyreCallBuffer *buffer = &arguments->buffers[0];
  unsigned char byte = (unsigned char)arguments->scalars[0].value.integer;
  uint64_t size = buffer->byte_size / 2;
  FillFunction enqueue;
  (void)user;
  if (size == 0)
    return NULL;
  if (!arguments->stream) {
    memset(buffer->data, byte, size);
    return NULL;
  }
  enqueue = (FillFunction)lookUp("cuMemsetD8Async");
  return outcome(
      enqueue ? enqueue((Address)buffer->data, byte, size, arguments->stream)
              : -1,
      "cuMemsetD8Async");
}

/* (a, b): exchanges them, by way of its scratch, which holds one of them. */
VyreStatus *test_rotate(void *user, const VyreCallArguments *arguments) {
  const VyreCallBuffer *a = &arguments->buffers[0], *b = &arguments->buffers[1];
  VyreStatus *status;
  (void)user;
  if (a->byte_size != b->byte_size || arguments->scratch_bytes < a->byte_size)
    return vyreStatusCreate(VYRE_STATUS_INVALID_ARGUMENT,
                            "the buffers differ in size, or do not fit the "
                            "scratch. Fix: pass others.");
  status = copy(arguments, arguments->scratch, a->data, a->byte_size);
  if (!status)
    status = copy(arguments, a->data, b->data, b->byte_size);
  return status ? status
                : copy(arguments, b->data, arguments->scratch, b->byte_size);
}

/* (from, to), and waits for it, which no capture can hold. */
VyreStatus *test_copy_and_wait(void *user, const VyreCallArguments *arguments) {
  VyreStatus *status = test_copy(user, arguments);
  WaitFunction wait;
  if (status || !arguments->stream)
    return status;
  wait = (WaitFunction)lookUp("cuStreamSynchronize");
  return outcome(wait ? wait(arguments->stream) : -1, "cuStreamSynchronize");
}

/* (buffer) */
VyreStatus *test_fail(void *user, const VyreCallArguments *arguments) {
  (void)user;
  (void)arguments;
  return vyreStatusCreate(VYRE_STATUS_FAILED_PRECONDITION,
                          "it was told to fail. Fix: call another.");
}
