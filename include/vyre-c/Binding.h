/*===- vyre-c/Binding.h - What a caller passes to a program -------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* The memory and the values that a dispatch works on.                        *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_BINDING_H
#define VYRE_C_BINDING_H

#include "vyre-c/Artifact.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the memory of a binding is. Available since 0.1. */
typedef enum VyreMemoryLocation {
  /** Pageable or pinned host memory, copied as needed. */
  VYRE_MEMORY_HOST = 0,
  /** Memory of the pipeline's device: vyreDeviceAllocate, or any pointer of
   *  that GPU. Never copied. */
  VYRE_MEMORY_DEVICE = 1,
  /** Host memory of the pipeline, for a result: `data` stays NULL and
   *  `byte_length` 0, nothing is copied to the caller, and
   *  VyreResultInfo::data says where the result is. It stays there until
   *  another dispatch of the pipeline begins. */
  VYRE_MEMORY_READBACK = 2
} VyreMemoryLocation;

/** What a caller knows of a binding; bits of VyreBinding::flags.
 *  Available since 0.1. */
typedef enum VyreBindingFlag {
  /** Of an argument that is only read: the bytes at `data` are what they were
   *  when the last dispatch of the pipeline before this one took them from
   *  there. Where they are still on the device they are not taken up again;
   *  what the program leaves out of its results is then zero, as far as
   *  it is memory of the pipeline. INVALID_ARGUMENT unless the compiler proved
   *  that a replay without uploads reads what the caller gave: see
   *  VyreProgramInfo::has_resident_replay. */
  VYRE_BINDING_UNCHANGED = 1
} VyreBindingFlag;

/** What the caller passes for one argument. A dispatch takes one binding per
 *  argument, in the order of the signature; those of `shared` and `state`
 *  arguments stay zero.
 *
 *  Buffers are row-major and contiguous, and are borrowed until the dispatch
 *  has completed. A scalar is passed as the host address of its value, with
 *  rank 0.  Available since 0.1. */
typedef struct VyreBinding {
  /** May be NULL where the buffer has no bytes. */
  void *data;
  /** Bytes at `data` that the program may use; at least what the extents
   *  need. */
  uint64_t byte_length;
  /** `rank` extents. NULL is fine for a buffer whose extents are computed, or
   *  all given by its type. */
  const int64_t *extents;
  uint32_t rank;
  /** A VyreElementType. */
  uint32_t element_type;
  /** A VyreMemoryLocation. */
  uint32_t location;
  /** VyreBindingFlag bits. */
  uint32_t flags;
  uint64_t reserved1[2];
} VyreBinding;

/** The extents that buffer argument `argument` has in a dispatch with these
 *  bindings, so that the caller can allocate it. Only scalars' values and
 *  extents are read; other buffers need no memory yet. `rank` is the room in
 *  `extents` and must be the argument's. Available since 0.1. */
VYRE_API VyreStatus *
vyreArtifactInferExtents(const VyreArtifact *artifact, uint32_t program,
                         const VyreBinding *bindings, size_t binding_count,
                         uint32_t argument, int64_t *extents, uint32_t rank);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_BINDING_H */
