/*===- vyre-c/Runtime.h - C API of the Vyre runtime ---------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Loads .vyre artifacts and runs their programs on a CPU or a CUDA GPU. No *|
|* compiler, no LLVM and no CUDA toolkit is needed: only the GPU's driver. *|
|*                                                                            *|
|* The usual course:                                                          *|
|*   vyreArtifactLoadFile -> vyreDeviceOpen -> vyrePipelineCreate -> *|
|*   vyrePipelineDispatch, as often as wanted -> the three Release functions. *|
|*                                                                            *|
|* Errors. A function that can fail returns a VyreStatus: NULL for success, *|
|* else an object with a code and a message that says what was found, what    *|
|* was expected, and how to fix it; the caller gives it back with             *|
|* vyreStatusRelease. On failure, out parameters are left as they were. The *|
|* library prints nothing, never exits and lets no exception out.             *|
|*                                                                            *|
|* Threads. Any function may be called from any thread. One handle must not   *|
|* be released while another call still uses it.                              *|
|*                                                                            *|
|* Growth. Structs that may grow begin with struct_size: set it to sizeof of *|
|* the struct as you compiled it. Bytes beyond a caller's struct_size are *|
|* taken as zero, and zero always means the default. Structs that are used in *|
|* arrays have reserved fields instead, which must be zero.                   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_RUNTIME_H
#define VYRE_C_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(VYRE_RUNTIME_STATIC)
#define VYRE_API
#else
#define VYRE_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*===----------------------------------------------------------------------===*\
|* Version                                                                    *|
\*===----------------------------------------------------------------------===*/

/** The version of this header: major * 10000 + minor * 100 + patch. */
#define VYRE_RUNTIME_VERSION 100

/** The version of the loaded library, in the form of VYRE_RUNTIME_VERSION.
 *  Available since 0.1. */
VYRE_API uint32_t vyreRuntimeVersion(void);

/*===----------------------------------------------------------------------===*\
|* Status                                                                     *|
\*===----------------------------------------------------------------------===*/

/** What went wrong. NULL is success. Available since 0.1. */
typedef struct VyreStatus VyreStatus;

/** The kind of an error. Values are only ever added. Available since 0.1. */
typedef enum VyreStatusCode {
  VYRE_STATUS_OK = 0,
  /** An argument, binding or configuration is wrong. Nothing was launched. */
  VYRE_STATUS_INVALID_ARGUMENT = 1,
  /** There is no such program, argument, device or file. */
  VYRE_STATUS_NOT_FOUND = 2,
  /** The file or memory is not a whole, consistent artifact. */
  VYRE_STATUS_BAD_ARTIFACT = 3,
  /** A sound request that this runtime, device or artifact cannot serve. */
  VYRE_STATUS_UNSUPPORTED = 4,
  /** Host or device memory is exhausted. */
  VYRE_STATUS_OUT_OF_MEMORY = 5,
  /** No driver, no such device, or it does not answer. */
  VYRE_STATUS_DEVICE_UNAVAILABLE = 6,
  /** The driver reported an error; the device can be used again. */
  VYRE_STATUS_DEVICE_ERROR = 7,
  /** The device failed in a way that only a new process heals. The message
   *  holds the first cause. */
  VYRE_STATUS_DEVICE_LOST = 8,
  /** The time limit ended the wait. The work goes on. */
  VYRE_STATUS_DEADLINE_EXCEEDED = 9,
  /** The call does not fit the object's present state. */
  VYRE_STATUS_FAILED_PRECONDITION = 10,
  /** Reading a file failed. */
  VYRE_STATUS_IO_ERROR = 11,
  /** A defect of the runtime itself. */
  VYRE_STATUS_INTERNAL = 12,
  /** The device wrote a count that a result can't have. Every other result is
   *  right and readable. */
  VYRE_STATUS_INVALID_RESULT = 13
} VyreStatusCode;

/** The code of a status; VYRE_STATUS_OK for NULL. Available since 0.1. */
VYRE_API VyreStatusCode vyreStatusCode(const VyreStatus *status);

/** The message of a status, NUL-terminated, valid until the status is
 *  released; "" for NULL. Available since 0.1. */
VYRE_API const char *vyreStatusMessage(const VyreStatus *status);

/** The code's name, for example "invalid argument". Available since 0.1. */
VYRE_API const char *vyreStatusCodeName(uint32_t code);

/** Gives a status back. NULL is fine. Available since 0.1. */
VYRE_API void vyreStatusRelease(VyreStatus *status);

/*===----------------------------------------------------------------------===*\
|* Artifacts                                                                  *|
\*===----------------------------------------------------------------------===*/

/** A loaded, checked artifact; immutable. Available since 0.1. */
typedef struct VyreArtifact VyreArtifact;

/** The element types of bindings. Values are those of Artifact.fbs.
 *  Available since 0.1. */
typedef enum VyreElementType {
  /** One byte per element, 0 or 1. */
  VYRE_ELEMENT_I1 = 0,
  VYRE_ELEMENT_I8 = 1,
  VYRE_ELEMENT_I16 = 2,
  VYRE_ELEMENT_I32 = 3,
  VYRE_ELEMENT_I64 = 4,
  VYRE_ELEMENT_F16 = 5,
  VYRE_ELEMENT_BF16 = 6,
  VYRE_ELEMENT_F32 = 7,
  VYRE_ELEMENT_F64 = 8,
  /** 64 bits, signed. */
  VYRE_ELEMENT_INDEX = 9
} VyreElementType;

/** Bytes that one element takes in memory; 0 for an unknown type.
 *  Available since 0.1. */
VYRE_API size_t vyreElementTypeSize(uint32_t type);

/** The name of an element type, for example "f32"; "unknown" for any other
 *  value. Available since 0.1. */
VYRE_API const char *vyreElementTypeName(uint32_t type);

/** What an argument of a program is. Available since 0.1. */
typedef enum VyreArgumentKind {
  VYRE_ARGUMENT_SCALAR = 0,
  VYRE_ARGUMENT_BUFFER = 1
} VyreArgumentKind;

/** What a program does with a buffer argument. Available since 0.1. */
typedef enum VyreRole {
  VYRE_ROLE_INPUT = 0,
  /** Wholly written before any read: its old content does not matter. */
  VYRE_ROLE_OUTPUT = 1,
  VYRE_ROLE_INPUT_OUTPUT = 2,
  /** Memory of a workgroup. Never bound by the caller. */
  VYRE_ROLE_SHARED = 3,
  /** Memory of a pipeline that outlives a dispatch. Never bound by the
   *  caller; see vyrePipelineReadState. */
  VYRE_ROLE_STATE = 4
} VyreRole;

/** An extent that is known only at dispatch. Available since 0.1. */
#define VYRE_DYNAMIC_EXTENT ((int64_t)-1)

/** One argument of a program. Pointers live as long as the artifact.
 *  Available since 0.1. */
typedef struct VyreArgumentInfo {
  size_t struct_size;
  /** May be empty. */
  const char *name;
  VyreArgumentKind kind;
  VyreElementType element_type;
  /** Buffers only, from here on. */
  VyreRole role;
  uint32_t rank;
  /** `rank` extents, VYRE_DYNAMIC_EXTENT where known only at dispatch. */
  const int64_t *extents;
  /** In bytes, a power of two. */
  uint64_t alignment;
  /** The most bytes that a dispatch may pass. */
  uint64_t capacity_bytes;
  /** Extents follow from the other arguments: see
   *  vyreArtifactInferExtents. */
  bool extents_are_computed;
} VyreArgumentInfo;

/** One program of an artifact. Pointers live as long as the artifact.
 *  Available since 0.1. */
typedef struct VyreProgramInfo {
  size_t struct_size;
  const char *name;
  /** 64 hex digits over everything that affects the result; may be empty. */
  const char *digest;
  uint32_t argument_count;
  uint32_t result_count;
  /** Launches of a dispatch in which no index space is empty. */
  uint32_t launch_count;
} VyreProgramInfo;

/** What code an artifact holds. Available since 0.1. */
typedef enum VyreCodeKind {
  VYRE_CODE_PTX = 0,
  VYRE_CODE_CUBIN = 1,
  VYRE_CODE_ELF = 2
} VyreCodeKind;

/** One code section. Pointers live as long as the artifact.
 *  Available since 0.1. */
typedef struct VyreCodeInfo {
  size_t struct_size;
  VyreCodeKind kind;
  /** "sm_80", "x86_64". */
  const char *architecture;
  /** Of an ELF section: "x86-64-v3" or the name of a CPU. */
  const char *features;
  uint64_t byte_size;
} VyreCodeInfo;

/** Reads, checks and decodes an artifact. Nothing of the file is needed
 *  afterwards. Errors: NOT_FOUND, IO_ERROR, BAD_ARTIFACT, UNSUPPORTED (another
 *  format version), OUT_OF_MEMORY. Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactLoadFile(const char *path,
                                          VyreArtifact **artifact);

/** The same from `size` bytes at `data`, which are copied.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactLoadMemory(const void *data, size_t size,
                                            VyreArtifact **artifact);

/** Gives up the caller's reference; pipelines keep theirs. NULL is fine.
 *  Available since 0.1. */
VYRE_API void vyreArtifactRelease(VyreArtifact *artifact);

/** The tool that made the artifact. Available since 0.1. */
VYRE_API const char *vyreArtifactProducer(const VyreArtifact *artifact);

/** How many programs the artifact has. Available since 0.1. */
VYRE_API uint32_t vyreArtifactProgramCount(const VyreArtifact *artifact);

/** The index of the program called `name`. Errors: NOT_FOUND, with the names
 *  that exist. Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactFindProgram(const VyreArtifact *artifact,
                                             const char *name,
                                             uint32_t *program);

/** Describes a program. Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactProgramInfo(const VyreArtifact *artifact,
                                             uint32_t program,
                                             VyreProgramInfo *info);

/** Describes an argument, by its position in the signature.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactArgumentInfo(const VyreArtifact *artifact,
                                              uint32_t program,
                                              uint32_t argument,
                                              VyreArgumentInfo *info);

/** The argument that holds result number `result`. Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactResultArgument(const VyreArtifact *artifact,
                                                uint32_t program,
                                                uint32_t result,
                                                uint32_t *argument);

/** How many code sections the artifact has. Available since 0.1. */
VYRE_API uint32_t vyreArtifactCodeCount(const VyreArtifact *artifact);

/** Describes a code section. Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactCodeInfo(const VyreArtifact *artifact,
                                          uint32_t code, VyreCodeInfo *info);

/*===----------------------------------------------------------------------===*\
|* Bindings                                                                   *|
\*===----------------------------------------------------------------------===*/

/** Where the memory of a binding is. Available since 0.1. */
typedef enum VyreMemoryLocation {
  /** Pageable or pinned host memory, copied as needed. */
  VYRE_MEMORY_HOST = 0,
  /** Memory of the pipeline's device: vyreDeviceAllocate, or any pointer of
   *  that GPU. Never copied. */
  VYRE_MEMORY_DEVICE = 1
} VyreMemoryLocation;

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
  /** `rank` extents. NULL is fine for a buffer whose extents are computed. */
  const int64_t *extents;
  uint32_t rank;
  /** A VyreElementType. */
  uint32_t element_type;
  /** A VyreMemoryLocation. */
  uint32_t location;
  uint32_t reserved0;
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

/*===----------------------------------------------------------------------===*\
|* Devices                                                                    *|
\*===----------------------------------------------------------------------===*/

/** A CPU or GPU that runs programs. Available since 0.1. */
typedef struct VyreDevice VyreDevice;

/** Where device memory comes from, if not from the driver. `allocate` returns
 *  NULL when it has none; both must be callable from any thread.
 *  Available since 0.1. */
typedef struct VyreAllocator {
  void *user;
  void *(*allocate)(void *user, uint64_t byte_size, uint64_t alignment);
  void (*release)(void *user, void *memory, uint64_t byte_size);
} VyreAllocator;

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
} VyreDeviceConfig;

/** What a device is. Available since 0.1. */
typedef struct VyreDeviceInfo {
  size_t struct_size;
  /** "cpu" or "cuda:0". */
  const char *id;
  /** The backend: "cpu" or "cuda". */
  const char *backend;
  /** The product's name. */
  const char *name;
  /** "x86-64-v3" or "sm_90". */
  const char *architecture;
} VyreDeviceInfo;

/** What a device's cache of loaded code has done since it was opened: how many
 *  pipelines found their artifact's code loaded (hits), how many loaded it.
 *  Available since 0.1. */
typedef struct VyreCacheCounters {
  size_t struct_size;
  uint64_t hits;
  uint64_t misses;
} VyreCacheCounters;

/** How many devices a backend ("cpu", "cuda") sees; 0 and a status for an
 *  unknown backend or where its driver does not answer. Available since 0.1. */
VYRE_API VyreStatus *vyreDeviceCount(const char *backend, uint32_t *count);

/** Opens "cpu", "cuda:N", "cuda" (the first) or "auto" (the first GPU that
 *  answers, else the CPU). `config` may be NULL. Errors: NOT_FOUND,
 *  DEVICE_UNAVAILABLE, INVALID_ARGUMENT, DEVICE_ERROR. Available since 0.1. */
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

/*===----------------------------------------------------------------------===*\
|* Pipelines                                                                  *|
\*===----------------------------------------------------------------------===*/

/** A program, made ready to run on a device: code loaded, constants uploaded.
 *  Available since 0.1. */
typedef struct VyrePipeline VyrePipeline;

/** Whether dispatches are replayed: on a GPU as one launch of a graph that is
 *  built once per shape. The CPU has nothing to capture, and refuses
 *  VYRE_CAPTURE_REQUIRE. Available since 0.1. */
typedef enum VyreCapturePolicy {
  /** Of a dispatch: the pipeline's. Of a pipeline: VYRE_CAPTURE_AUTO. */
  VYRE_CAPTURE_DEFAULT = 0,
  /** Where a shape comes again and a graph makes fewer calls. */
  VYRE_CAPTURE_AUTO = 1,
  VYRE_CAPTURE_NEVER = 2,
  /** From the first dispatch on, or UNSUPPORTED. */
  VYRE_CAPTURE_REQUIRE = 3
} VyreCapturePolicy;

/** How to make a pipeline. Available since 0.1. */
typedef struct VyrePipelineConfig {
  size_t struct_size;
  /** Sets of intermediates and staging, and so dispatches that may run at
   *  the same time; further ones wait in order. 0 means 1, which is also what
   *  a program with state gets. At most 64. */
  uint32_t max_in_flight;
  /** A VyreCapturePolicy. */
  uint32_t capture;
} VyrePipelineConfig;

/** What is known of one result. Available since 0.1. */
typedef enum VyreResultStatus {
  VYRE_RESULT_OK = 0,
  /** The device counted more rows than there are. */
  VYRE_RESULT_EXCEEDS_CAPACITY = 1,
  VYRE_RESULT_NEGATIVE_COUNT = 2,
  /** The count did not come back: the dispatch was captured. */
  VYRE_RESULT_COUNT_UNKNOWN = 3
} VyreResultStatus;

/** How a result came back. Available since 0.1. */
typedef enum VyreResultRoute {
  /** It is in the caller's device memory. */
  VYRE_RESULT_IN_PLACE = 0,
  /** Together with others, as a record of the slab. */
  VYRE_RESULT_RECORD = 1,
  /** By itself. */
  VYRE_RESULT_DIRECT = 2,
  /** It has no meaningful bytes. */
  VYRE_RESULT_EMPTY = 3
} VyreResultRoute;

/** One result of a dispatch. Of its buffer the first `meaningful_bytes` are
 *  meaningful; what lies behind them is unspecified. Available since 0.1. */
typedef struct VyreResultInfo {
  /** A VyreResultStatus. */
  uint32_t status;
  /** A VyreResultRoute. */
  uint32_t route;
  /** The count as the program gave it; the rows where there is none. */
  int64_t count;
  /** Leading rows (dimension 0; 1 for rank 0) that are meaningful; 0 after an
   *  error. */
  int64_t rows;
  uint64_t meaningful_bytes;
  /** Bytes of the whole result with the extents of this dispatch. */
  uint64_t capacity_bytes;
  uint64_t reserved[2];
} VyreResultInfo;

/** Per dispatch options. Available since 0.1. */
typedef struct VyreDispatchConfig {
  size_t struct_size;
  /** CUDA: the CUstream to enqueue on, in the device's context; NULL takes a
   *  stream of the pipeline's own. The work comes after what the stream
   *  already holds. While the caller captures that stream, the program becomes
   *  part of the capture: every buffer must then be device memory, and a
   *  dispatch of the same sizes must have completed before. */
  void *cuda_stream;
  /** Where to describe the first `result_count` results, in the order of the
   *  program; written when the dispatch is done, and borrowed until then. */
  VyreResultInfo *results;
  size_t result_count;
  /** A VyreCapturePolicy. */
  uint32_t capture;
  uint32_t reserved0;
} VyreDispatchConfig;

/** What a dispatch did. Available since 0.1. */
typedef struct VyreDispatchReport {
  size_t struct_size;
  /** Launches made; those with an empty index space are skipped. */
  uint64_t launches;
  /** Bytes of host buffers that the program takes in and gives back. On the
   *  CPU, which works on them in place, they count as on a GPU. */
  uint64_t bytes_up;
  uint64_t bytes_down;
  /** Bytes of the program's intermediates, packed by liveness. */
  uint64_t arena_bytes;
  /** Bytes of all written host buffers, of what is meaningful of them, and the
   *  difference, which also stands in hundredths of a percent. Known when the
   *  dispatch is done. */
  uint64_t full_result_bytes;
  uint64_t selected_result_bytes;
  uint64_t avoided_result_bytes;
  uint64_t avoided_result_basis_points;
  /** Room of the records, gaps included. */
  uint64_t slab_bytes;
  /** Copies from the device for the results, and waits for the device. */
  uint64_t result_copies;
  uint64_t waits;
  /** Graph launches: 1 if the dispatch was replayed, else 0; graphs built for
   *  it; kernel nodes that got other pointers or values. */
  uint64_t replays;
  uint64_t graph_builds;
  uint64_t node_updates;
  /** Why it was not replayed, for ever valid; NULL if it was, and on the
   *  CPU. */
  const char *no_replay_reason;
} VyreDispatchReport;

/** A dispatch under way. Available since 0.1. */
typedef struct VyreCompletion VyreCompletion;

/** Wait without limit. Available since 0.1. */
#define VYRE_WAIT_FOREVER UINT64_MAX

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

/** Runs the program once and waits for its results. `config` and `report` may
 *  be NULL. INVALID_ARGUMENT means that nothing was launched and nothing
 *  changed. After DEVICE_ERROR or DEVICE_LOST the contents of outputs are
 *  undefined. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineDispatch(VyrePipeline *pipeline,
                                          const VyreBinding *bindings,
                                          size_t binding_count,
                                          const VyreDispatchConfig *config,
                                          VyreDispatchReport *report);

/** Starts the program and returns. The bindings are read before the return;
 *  the memory they point at is borrowed until the completion says that it is
 *  done, also after a wait that ran out of time. Scalars are read before the
 *  return. With `max_in_flight` dispatches under way it first waits for
 *  the oldest. Available since 0.1. */
VYRE_API VyreStatus *vyrePipelineSubmit(VyrePipeline *pipeline,
                                        const VyreBinding *bindings,
                                        size_t binding_count,
                                        const VyreDispatchConfig *config,
                                        VyreCompletion **completion);

/** Waits at most `timeout_ns` (0 only asks). DEADLINE_EXCEEDED: not done yet,
 *  the memory stays borrowed. Otherwise the dispatch is done, and this is its
 *  status, the same on every call. `report` may be NULL.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreCompletionWait(VyreCompletion *completion,
                                        uint64_t timeout_ns,
                                        VyreDispatchReport *report);

/** Gives a completion back, after waiting for it. NULL is fine.
 *  Available since 0.1. */
VYRE_API void vyreCompletionRelease(VyreCompletion *completion);

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

#endif /* VYRE_C_RUNTIME_H */
