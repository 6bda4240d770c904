/*===- CompilerTest.c - The compiler's C API, used from C ---------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Compiled as C11. That what comes out also runs is the package test's.      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#define _POSIX_C_SOURCE 200809L
#include "vyre-c/Compiler.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTION(NAME)                                                         \
  "func.func @" NAME "(%x: memref<8xi32>) {\n"                                 \
  "  %c0 = arith.constant 0 : index\n"                                         \
  "  %v = memref.load %x[%c0] : memref<8xi32>\n"                               \
  "  memref.store %v, %x[%c0] : memref<8xi32>\n"                               \
  "  return\n"                                                                 \
  "}\n"

static int failures;

/* Notes a failure, with where it is. */
#define EXPECT(CONDITION)                                                      \
  do {                                                                         \
    if (!(CONDITION)) {                                                        \
      fprintf(stderr, "line %d: expected " #CONDITION "\n", __LINE__);         \
      ++failures;                                                              \
    }                                                                          \
  } while (0)

/* The messages of one call, one a line. */
typedef struct Messages {
  int errors;
  char text[4096];
} Messages;

static void collect(const VyreDiagnostic *diagnostic, void *user_data) {
  Messages *messages = user_data;
  messages->errors += diagnostic->severity == VYRE_SEVERITY_ERROR;
  size_t length = strlen(messages->text);
  snprintf(messages->text + length, sizeof(messages->text) - length,
           "%s:%u:%u: %s\n", diagnostic->file, diagnostic->line,
           diagnostic->column, diagnostic->message);
}

static VyreCompileOptions makeOptions(void) {
  VyreCompileOptions options;
  memset(&options, 0, sizeof(options));
  options.struct_size = sizeof(options);
  options.targets = "cpu";
  return options;
}

static bool compile(const char *source, const VyreCompileOptions *options,
                    Messages *messages, VyreCompiledArtifact **artifact) {
  memset(messages, 0, sizeof(*messages));
  return vyreCompile(source, strlen(source), options, collect, messages,
                     artifact);
}

/* Fails with one error that holds `text`, and leaves no artifact. */
static void expectError(const char *source, const VyreCompileOptions *options,
                        const char *text) {
  Messages messages;
  VyreCompiledArtifact *artifact = (VyreCompiledArtifact *)&messages;
  EXPECT(!compile(source, options, &messages, &artifact));
  EXPECT(artifact == NULL);
  EXPECT(messages.errors == 1);
  if (strstr(messages.text, text))
    return;
  fprintf(stderr, "found '%s', expected '%s'\n", messages.text, text);
  ++failures;
}

static void testErrors(void) {
  VyreCompileOptions options = makeOptions();
  expectError("func.func @f(", &options, "source:1:13: ");
  options.file_name = "mine.mlir";
  expectError("\n  func.func @f() { call @g() : () -> () return }\n"
              "func.func private @g()",
              &options, "mine.mlir:2:");

  options.targets = "cpu,sm_1";
  expectError(FUNCTION("f"), &options, "--targets has 'sm_1', expected cpu");
  options = makeOptions();
  options.math = "fast";
  expectError(FUNCTION("f"), &options, "--math is 'fast', expected library");
  options = makeOptions();
  options.cpu = "";
  expectError(FUNCTION("f"), &options, "--cpu is '', expected portable");
  options = makeOptions();
  options.default_capacity = UINT64_MAX;
  expectError(FUNCTION("f"), &options, "--default-capacity is -1, expected");
  options = makeOptions();
  options.fuse = "strategy=fastest";
  expectError(FUNCTION("f"), &options,
              "strategy is 'fastest', expected greedy or optimal");
  options = makeOptions();
  options.struct_size = 1;
  expectError(FUNCTION("f"), &options, "options has struct_size 1, expected");
}

static void testNulls(void) {
  Messages messages;
  memset(&messages, 0, sizeof(messages));
  VyreCompiledArtifact *artifact;
  EXPECT(!vyreCompile(NULL, 0, NULL, NULL, NULL, &artifact));
  EXPECT(artifact == NULL);
  EXPECT(!vyreCompile("", 0, NULL, collect, &messages, NULL));
  EXPECT(strstr(messages.text, "artifact is null") != NULL);
  EXPECT(vyreCompiledArtifactData(NULL) == NULL);
  EXPECT(vyreCompiledArtifactSize(NULL) == 0);
  vyreCompiledArtifactRelease(NULL);
  EXPECT(vyreCompilerVersion() >= 100);
}

/* An older caller's options end where its header ended. */
static void testOlderOptions(void) {
  VyreCompileOptions options = makeOptions();
  options.struct_size = offsetof(VyreCompileOptions, cpu);
  options.cpu = "not looked at";
  Messages messages;
  VyreCompiledArtifact *artifact;
  EXPECT(compile(FUNCTION("f"), &options, &messages, &artifact));
  EXPECT(messages.errors == 0);
  vyreCompiledArtifactRelease(artifact);
}

/* Text that no NUL follows. */
static void testLength(void) {
  const char source[] = FUNCTION("f") "and then what is no MLIR";
  VyreCompileOptions options = makeOptions();
  VyreCompiledArtifact *artifact;
  EXPECT(vyreCompile(source, strlen(FUNCTION("f")), &options, NULL, NULL,
                     &artifact));
  vyreCompiledArtifactRelease(artifact);
}

static void *compileOnThread(void *unused) {
  (void)unused;
  VyreCompileOptions options = makeOptions();
  VyreCompiledArtifact *artifact = NULL;
  if (!vyreCompile(FUNCTION("f"), strlen(FUNCTION("f")), &options, NULL, NULL,
                   &artifact))
    return NULL;
  return artifact;
}

/* Several threads get the same bytes, and so does a second time. */
static void testThreads(void) {
  enum { Count = 4 };
  pthread_t threads[Count];
  VyreCompiledArtifact *first = compileOnThread(NULL);
  EXPECT(first != NULL);
  for (int i = 0; i != Count; ++i)
    EXPECT(pthread_create(&threads[i], NULL, compileOnThread, NULL) == 0);
  for (int i = 0; i != Count; ++i) {
    void *result = NULL;
    EXPECT(pthread_join(threads[i], &result) == 0);
    VyreCompiledArtifact *other = result;
    size_t size = vyreCompiledArtifactSize(first);
    EXPECT(size > 0 && vyreCompiledArtifactSize(other) == size &&
           memcmp(vyreCompiledArtifactData(first),
                  vyreCompiledArtifactData(other), size) == 0);
    vyreCompiledArtifactRelease(other);
  }
  vyreCompiledArtifactRelease(first);
}

int main(void) {
  testErrors();
  testNulls();
  testOlderOptions();
  testLength();
  testThreads();
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
