/*===- vyre-c/Artifact.h - Artifacts, as the runtime loads them ---*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Loads artifacts, and tells what programs, arguments and code they hold.    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_ARTIFACT_H
#define VYRE_C_ARTIFACT_H

#include "vyre-c/Status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

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
  /** Functions that are not correctly rounded on every backend. */
  uint32_t math_function_count;
  /** The artifact tells of them: without it there may be any. */
  bool has_math_functions;
  /** A dispatch without uploads is proved to be like one with them, where the
   *  inputs are the same: see VYRE_BINDING_UNCHANGED. */
  bool has_resident_replay;
  /** The first launch that waits until the host can see what an earlier one
   *  wrote, for which the program is never captured; NULL if there is none. */
  const char *host_boundary;
  /** Functions of the host that it calls, each counted once: see
   *  vyre-c/Call.h. */
  uint32_t call_count;
} VyreProgramInfo;

/** A function of the host that a program calls. Pointers live as long as the
 *  artifact. Available since 0.1. */
typedef struct VyreCallInfo {
  size_t struct_size;
  /** The name to register it under. */
  const char *function;
  /** The program lets it be called while its stream is captured. */
  bool is_capturable;
} VyreCallInfo;

/** Nobody says how far a function may be off. Available since 0.1. */
#define VYRE_ULP_UNKNOWN UINT32_MAX

/** A function that a program calls, and by how many units in the last place its
 *  result may differ from the correctly rounded one, as its library's makers
 *  found in tests. Pointers live as long as the artifact.
 *  Available since 0.1. */
typedef struct VyreMathFunctionInfo {
  size_t struct_size;
  /** "exp.f32". */
  const char *name;
  /** VYRE_ULP_UNKNOWN where nobody says. */
  uint32_t cpu_ulp;
  uint32_t gpu_ulp;
} VyreMathFunctionInfo;

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

/** The artifact's payload: a FlatBuffers table of the schema Artifact.fbs,
 *  which was checked. 64-byte aligned; lives as long as the artifact.
 *  Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactPayload(const VyreArtifact *artifact,
                                         const void **data, size_t *size);

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

/** Describes a function that a program calls. Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactMathFunctionInfo(const VyreArtifact *artifact,
                                                  uint32_t program,
                                                  uint32_t function,
                                                  VyreMathFunctionInfo *info);

/** Describes a function of the host that a program calls, in the order of their
 *  first calls. Available since 0.1. */
VYRE_API VyreStatus *vyreArtifactCallInfo(const VyreArtifact *artifact,
                                          uint32_t program, uint32_t call,
                                          VyreCallInfo *info);

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

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_ARTIFACT_H */
