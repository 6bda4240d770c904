/*===- vyre-c/Device.h - CPUs and GPUs ----------------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Opens devices, and gives out their memory.                                 *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_DEVICE_H
#define VYRE_C_DEVICE_H

#include "vyre-c/Artifact.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A CPU or GPU that runs programs. A child of fork() cannot use its parent's
 *  devices, nor what was made with them: FAILED_PRECONDITION, and releasing
 *  does nothing. Available since 0.1. */
typedef struct VyreDevice VyreDevice;

/** Where device memory comes from, if not from the driver. `allocate` returns
 *  NULL when it has none; both must be callable from any thread.
 *  Available since 0.1. */
typedef struct VyreAllocator {
  void *user;
  void *(*allocate)(void *user, uint64_t byte_size, uint64_t alignment);
  void (*release)(void *user, void *memory, uint64_t byte_size);
} VyreAllocator;

/** What the capture policy VYRE_CAPTURE_AUTO decides by, in nanoseconds; see
 *  docs/Capture.md. Available since 0.1. */
typedef struct VyreGraphCosts {
  size_t struct_size;
  /** A dispatch by separate calls, besides its calls, and each call. */
  uint64_t plain_dispatch_ns;
  uint64_t plain_call_ns;
  /** A replay, besides its nodes, and each node. */
  uint64_t replay_dispatch_ns;
  uint64_t node_ns;
  /** Building a graph, besides its nodes, and each node. */
  uint64_t graph_build_ns;
  uint64_t node_build_ns;
  /** Between two kernels of calls, beyond what lies between nodes. */
  uint64_t plain_gap_ns;
} VyreGraphCosts;

/** How to open a device. Available since 0.1. */
typedef struct VyreDeviceConfig {
  size_t struct_size;
  /** CPU: worker threads; 0 takes one per CPU that the process may use. */
  uint32_t cpu_threads;
  /** CUDA: the CUcontext to use; NULL retains the device's primary context. A
   *  caller's context must outlive the device. */
  void *cuda_context;
  /** CUDA: source of device memory; NULL functions take the driver's. */
  VyreAllocator allocator;
  /** CUDA: up to how many bytes of results are written straight into host
   *  memory by kernels; more are written to device memory and copied. 0, the
   *  default: where the copy is faster, as measured on the device when a
   *  program first has so many that it matters. */
  uint64_t mapped_slab_limit;
  /** CUDA: what graphs cost; NULL, the default, measures it on the device when
   *  the first sizes come a second time, which takes one or two
   *  milliseconds. Read before the call returns. */
  const VyreGraphCosts *graph_costs;
} VyreDeviceConfig;

/** What a device is. Available since 0.1. */
typedef struct VyreDeviceInfo {
  size_t struct_size;
  /** "cpu", "cuda:0" or the id of a registered backend. */
  const char *id;
  /** The backend's id: "cpu", "cuda" or that of a registered one. */
  const char *backend;
  /** The product's name. */
  const char *name;
  /** "x86-64-v3" or "sm_90". */
  const char *architecture;
} VyreDeviceInfo;

/** What a cache of code has done. Of a device of cpu or cuda, since it was
 *  opened: how many pipelines found their artifact's code loaded (hits), and
 *  how many loaded it. Available since 0.1. */
typedef struct VyreCacheCounters {
  size_t struct_size;
  uint64_t hits;
  uint64_t misses;
} VyreCacheCounters;

/** How many devices a backend ("cpu", "cuda", a registered one) sees; 0 and a
 *  status for an unknown backend or where its driver does not answer.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceCount(const char *backend, uint32_t *count);

/** Opens "cpu", "cuda:N", "cuda" (the first), the id of a registered backend,
 *  or "auto" (the first GPU that answers, else the CPU). `config` may be NULL.
 *  Errors: NOT_FOUND, DEVICE_UNAVAILABLE, INVALID_ARGUMENT, DEVICE_ERROR.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceOpen(const char *id,
                                    const VyreDeviceConfig *config,
                                    VyreDevice **device);

/** Gives up the caller's reference; the last one (pipelines and allocations
 *  hold one each) closes the device. The handle is gone in any case; a status
 *  tells what could not be given back in order. Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceRelease(VyreDevice *device);

/** Describes a device; pointers live as long as the handle.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceGetInfo(const VyreDevice *device,
                                       VyreDeviceInfo *info);

/** NULL if the artifact has code that the device can run, else UNSUPPORTED
 *  with what it has and what the device needs. Loads nothing.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceSupports(const VyreDevice *device,
                                        const VyreArtifact *artifact);

/** Counters of loaded code. Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceGetCacheCounters(const VyreDevice *device,
                                                VyreCacheCounters *counters);

/** What graphs cost on the device, measured by this call if nothing was before.
 *  UNSUPPORTED where there are no graphs. Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceGetGraphCosts(VyreDevice *device,
                                             VyreGraphCosts *costs);

/** Allocates `byte_size` > 0 bytes of device memory, aligned to at least 256
 *  bytes. Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceAllocate(VyreDevice *device, uint64_t byte_size,
                                        void **memory);

/** Frees what vyreDeviceAllocate gave. No dispatch may still use it.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceFree(VyreDevice *device, void *memory);

/** Copies host bytes to device memory and waits for it. Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceUpload(VyreDevice *device, void *target,
                                      const void *source, uint64_t byte_size);

/** Copies device memory to host bytes and waits for it.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceDownload(VyreDevice *device, void *target,
                                        const void *source, uint64_t byte_size);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_DEVICE_H */
