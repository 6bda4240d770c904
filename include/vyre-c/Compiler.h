/*===- vyre-c/Compiler.h - The compiler, from C -------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What vyre-compile does, in libvyre_compiler.so: MLIR as text or bytecode   *|
|* in, the bytes of an artifact out, for programs that compile while they     *|
|* run. vyreArtifactLoadMemory of vyre-c/Artifact.h takes these bytes; the    *|
|* two libraries need nothing of each other. Compilers that hold MLIR in C++  *|
|* use vyre/Target/Compile.h.                                                 *|
|*                                                                            *|
|* Nothing is printed and nothing thrown; what is to be said goes to a        *|
|* handler.                                                                   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_COMPILER_H
#define VYRE_C_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VYRE_COMPILER_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/** How grave a message is. Available since 0.1. */
typedef enum VyreSeverity {
  /** Belongs to the message before it; says what else matters, or a fix. */
  VYRE_SEVERITY_NOTE = 0,
  VYRE_SEVERITY_REMARK = 1,
  VYRE_SEVERITY_WARNING = 2,
  VYRE_SEVERITY_ERROR = 3
} VyreSeverity;

/** One message of the compiler. Pointers live during the handler's call.
 *  Available since 0.1. */
typedef struct VyreDiagnostic {
  size_t struct_size;
  VyreSeverity severity;
  const char *message;
  /** Where in the source; "" and zeros where that is not known. Lines and
   *  columns count from 1. */
  const char *file;
  uint32_t line;
  uint32_t column;
} VyreDiagnostic;

/** Takes the messages of one call of vyreCompile, in order, in the thread of
 *  the call. Available since 0.1. */
typedef void (*VyreDiagnosticHandler)(const VyreDiagnostic *diagnostic,
                                      void *user_data);

/** How to compile; each as the flag of vyre-compile of that name. Zeroed
 *  except for `struct_size`, it says what vyre-compile does without flags.
 *  Available since 0.1. */
typedef struct VyreCompileOptions {
  /** sizeof(VyreCompileOptions). */
  size_t struct_size;
  /** "cpu,sm_80,sm_90": code for which targets, separated by commas. */
  const char *targets;
  /** "portable" or "native". */
  const char *cpu;
  /** "library" or "portable". */
  const char *math;
  /** "on", "off", or options of vyre-fuse-launches. */
  const char *fuse;
  /** "on", "off", or options of vyre-compact-results. */
  const char *compact;
  /** Bytes that an argument with dynamic dimensions may have where its binding
   *  does not say; 0 stands for 1 GiB. */
  uint64_t default_capacity;
  /** Checks every launch again after fusion. */
  bool verify_launches;
  /** What diagnostics call the source; NULL stands for "source". */
  const char *file_name;
  /** "auto", "never", "require", "off", or options of vyre-plan-capture. */
  const char *capture;
  /** "on" or "off". */
  const char *programmatic_edges;
  /** Gives the kernels of programs of one launch an entry that can wait on the
   *  GPU for dispatches. */
  bool persistent;
  /** The most copies that a sequential loop around stages is unrolled to; 0
   *  stands for 64. */
  uint64_t max_unroll;
  /** The categories whose remarks the handler is told, as a regular expression,
   *  for example "vyre-.*"; NULL or "" for none. */
  const char *remarks_filter;
} VyreCompileOptions;

/** The bytes of an artifact. Available since 0.1. */
typedef struct VyreCompiledArtifact VyreCompiledArtifact;

/** Compiles `byte_size` bytes at `source`, an MLIR module as text or bytecode.
 *  Each of its public functions and programs is a program of the artifact.
 *
 *  Returns whether it could; then `*artifact` is the caller's to release, else
 *  it is NULL and `handler` had an error. `options` and `handler` may be NULL.
 *  The same source and options give the same bytes. Any thread may call; calls
 *  at the same time run one after the other. Available since 0.1. */
VYRE_COMPILER_API bool vyreCompile(const void *source, size_t byte_size,
                                   const VyreCompileOptions *options,
                                   VyreDiagnosticHandler handler,
                                   void *user_data,
                                   VyreCompiledArtifact **artifact);

/** The bytes, aligned for vyreArtifactLoadMemory; NULL for NULL.
 *  Available since 0.1. */
VYRE_COMPILER_API const void *
vyreCompiledArtifactData(const VyreCompiledArtifact *artifact);

/** How many bytes these are; 0 for NULL. Available since 0.1. */
VYRE_COMPILER_API size_t
vyreCompiledArtifactSize(const VyreCompiledArtifact *artifact);

/** Releases an artifact's bytes; NULL is none. Available since 0.1. */
VYRE_COMPILER_API void
vyreCompiledArtifactRelease(VyreCompiledArtifact *artifact);

/** The version of the library: major * 10000 + minor * 100 + patch.
 *  Available since 0.1. */
VYRE_COMPILER_API uint32_t vyreCompilerVersion(void);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_COMPILER_H */
