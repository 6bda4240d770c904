/*===- vyre-c/CodeCache.h - Compiled code that is kept ------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* PTX is compiled by the driver for the GPU at hand, as one whole program,   *|
|* and the driver keeps the result in a cache of its own. With the cache here *|
|* the result is kept, in memory and in a folder, under all that it depends   *|
|* on: the PTX itself, the driver and the GPU's architecture. It is off       *|
|* unless asked for, since only the driver's linker gives compiled code out:  *|
|* code that calls functions, such as those for divisions, may then be        *|
|* slower. Processes may share a folder; an entry that is damaged is none. A  *|
|* cache that fails makes loading slower, and nothing else.                   *|
|*                                                                            *|
|* The environment says where, before any config: VYRE_CODE_CACHE is a        *|
|* folder, "on" for the default one, or "off"; VYRE_CODE_CACHE_BYTES is       *|
|* max_disk_bytes.                                                            *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_CODECACHE_H
#define VYRE_C_CODECACHE_H

#include "vyre-c/Status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Available since 0.1. */
typedef struct VyreCodeCacheConfig {
  size_t struct_size;
  /** Made if it is not there. NULL: $XDG_CACHE_HOME/vyre/code, or
   *  ~/.cache/vyre/code. A folder that others may write to is not used. */
  const char *folder;
  /** What the folder may hold; the entries that were not used for the longest
   *  time go first. 0: 256 MiB. */
  uint64_t max_disk_bytes;
  /** What the process may hold. 0: 64 MiB. */
  uint64_t max_memory_bytes;
  /** Keep nothing in a folder. */
  bool is_memory_only;
  /** Keep nothing. */
  bool is_off;
} VyreCodeCacheConfig;

/** What became of look-ups in this process. Available since 0.1. */
typedef struct VyreCodeCacheInfo {
  size_t struct_size;
  uint64_t memory_hits;
  uint64_t disk_hits;
  uint64_t misses;
  /** Entries written to the folder, found damaged there, and taken out of it to
   *  stay below max_disk_bytes. */
  uint64_t stored;
  uint64_t damaged;
  uint64_t evicted;
  /** Bytes held in memory now. */
  uint64_t memory_bytes;
} VyreCodeCacheInfo;

/** Sets up the cache of the process anew; what is in memory is dropped, what is
 *  in a folder stays. A config turns it on, unless it says is_off; NULL takes
 *  the environment's choice, which is off where there is none.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreCodeCacheConfigure(const VyreCodeCacheConfig *config);

/** Available since 0.1. */
VYRE_API VyreStatus *vyreCodeCacheGetInfo(VyreCodeCacheInfo *info);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_CODECACHE_H */
