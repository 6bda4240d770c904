/*===- Kernels.c - CPU code of the tests' artifacts ---------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What vyre-compile would have made of the programs in SamplePrograms.h, with
*|
|* the calling convention of Artifact.fbs. Built as a shared object without   *|
|* start files, and embedded as it is.                                        *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A GPU's last block reaches beyond the index space; on a CPU the range ends
   with it. The last parameter is the number of work items. */
static int64_t clamp(int64_t end, int64_t items) {
  return end < items ? end : items;
}

static float asFloat(int64_t bits) {
  uint32_t low = (uint32_t)bits;
  float value;
  memcpy(&value, &low, sizeof(value));
  return value;
}

/* For programs of which nobody knows what they would do. */
void sample_nothing(void *const *pointers, const int64_t *parameters,
                    int64_t begin, int64_t end) {
  (void)pointers;
  (void)parameters;
  (void)begin;
  (void)end;
}

/* y[i] = s * x[i] */
void sample_scale(void *const *pointers, const int64_t *parameters,
                  int64_t begin, int64_t end) {
  const float *x = pointers[0];
  float *y = pointers[1];
  float s = asFloat(parameters[0]);
  end = clamp(end, parameters[1]);
  for (int64_t i = begin; i < end; ++i)
    y[i] = s * x[i];
}

/* t[i] = x[i] + table[i % n], for n up to the length of the table, which a
   mutated artifact may get wrong. */
void sample_add_table(void *const *pointers, const int64_t *parameters,
                      int64_t begin, int64_t end) {
  const float *x = pointers[0], *table = pointers[1];
  float *t = pointers[2];
  const int64_t length = 5;
  int64_t n = parameters[0];
  if (n < 1 || n > length)
    n = length;
  end = clamp(end, parameters[1]);
  for (int64_t i = begin; i < end; ++i)
    t[i] = x[i] + table[i % n];
}

/* y[i] = sin(t[i]), which needs libm */
void sample_sine(void *const *pointers, const int64_t *parameters,
                 int64_t begin, int64_t end) {
  const float *t = pointers[0];
  float *y = pointers[1];
  end = clamp(end, parameters[0]);
  for (int64_t i = begin; i < end; ++i)
    y[i] = sinf(t[i]);
}

/* out[i] = total[i] += step */
void sample_count(void *const *pointers, const int64_t *parameters,
                  int64_t begin, int64_t end) {
  int64_t *total = pointers[0], *out = pointers[1];
  end = clamp(end, parameters[1]);
  for (int64_t i = begin; i < end; ++i)
    out[i] = total[i] += parameters[0];
}

/* a[i] += b[i] */
void sample_accumulate(void *const *pointers, const int64_t *parameters,
                       int64_t begin, int64_t end) {
  int32_t *a = pointers[0];
  const int32_t *b = pointers[1];
  end = clamp(end, parameters[0]);
  for (int64_t i = begin; i < end; ++i)
    a[i] += b[i];
}

/* few = values[0:16], many = values, n = wanted[0], m = wanted[1] */
void sample_hits(void *const *pointers, const int64_t *parameters,
                 int64_t begin, int64_t end) {
  const int32_t *values = pointers[0];
  const int64_t *wanted = pointers[1];
  int32_t *few = pointers[2], *many = pointers[4];
  int64_t *n = pointers[3], *m = pointers[5];
  end = clamp(end, parameters[0]);
  for (int64_t i = begin; i < end; ++i) {
    many[i] = values[i];
    if (i < 16)
      few[i] = values[i];
    if (i == 0) {
      *n = wanted[0];
      *m = wanted[1];
    }
  }
}

/* The same, with the pointers in memory; for the stand-in driver. */
void sample_hits_table(void *const *pointers, const int64_t *parameters,
                       int64_t begin, int64_t end) {
  sample_hits(pointers[0], parameters, begin, end);
}

/* What CUDA/CopyWords.cu does, for the stand-in driver. */
void vyre_copy_words(void *const *pointers, const int64_t *parameters,
                     int64_t begin, int64_t end) {
  /* A GPU does not copy words that do not begin at one. */
  if (((uintptr_t)pointers[0] | (uintptr_t)pointers[1]) % 16 != 0)
    abort();
  (void)end;
  memcpy((char *)pointers[1] + begin * 16,
         (const char *)pointers[0] + begin * 16,
         (size_t)(parameters[0] - begin) * 16);
}

/* What CUDA/RaiseFlag.cu does, for the stand-in driver. */
void vyre_raise_flag(void *const *pointers, const int64_t *parameters,
                     int64_t begin, int64_t end) {
  (void)parameters;
  if (begin != 0 || end != 1)
    abort();
  __atomic_store_n((uint32_t *)pointers[0], 1, __ATOMIC_RELEASE);
}

/* What CUDA/PackResults.cu does, for the stand-in driver. */
struct packed_result {
  const char *data;
  const void *count;
  uint64_t rows, row_bytes, slab_offset, record_bytes;
  char *direct;
  uint64_t count_bytes;
};

void vyre_pack_results(void *const *pointers, const int64_t *parameters,
                       int64_t begin, int64_t end) {
  const struct packed_result *results = pointers[0];
  int64_t *counts = pointers[1];
  char *slab = pointers[2];
  (void)begin;
  (void)end;
  for (int64_t i = 0; i < parameters[0]; ++i) {
    const struct packed_result *result = &results[i];
    int64_t count = result->count_bytes == 1   ? *(const int8_t *)result->count
                    : result->count_bytes == 2 ? *(const int16_t *)result->count
                    : result->count_bytes == 4
                        ? *(const int32_t *)result->count
                        : *(const int64_t *)result->count;
    counts[i] = count;
    if (count <= 0 || (uint64_t)count > result->rows)
      continue;
    uint64_t bytes = (uint64_t)count * result->row_bytes;
    char *to = bytes <= result->record_bytes ? slab + result->slab_offset
                                             : result->direct;
    if (to)
      memcpy(to, result->data, bytes);
  }
}
