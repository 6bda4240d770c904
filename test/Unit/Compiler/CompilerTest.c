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
  options.compact = "max-record=3";
  expectError(FUNCTION("f"), &options, "the options of compaction can't be");
  options.compact = "max-compact-record-bytes=few";
  expectError(FUNCTION("f"), &options,
              "can't be used: 'max-compact-record-bytes=few' has a value that");
  options = makeOptions();
  options.capture = "sometimes";
  expectError(FUNCTION("f"), &options, "capture");
  options = makeOptions();
  options.programmatic_edges = "maybe";
  expectError(FUNCTION("f"), &options,
              "--programmatic-edges is 'maybe', expected on or off");
  options = makeOptions();
  options.capture = "require";
  expectError("vyre.program @f() { vyre.return }", &options,
              "has no launch, expected one to capture");
  /* What is no stage and touches memory is refused where it stands. */
  options = makeOptions();
  expectError("vyre.program @f(%x: memref<8xf32> {vyre.binding = "
              "#vyre.binding<slot = 0, role = input>}) {\n"
              "  %c0 = arith.constant 0 : index\n"
              "  %v = memref.load %x[%c0] : memref<8xf32>\n"
              "  vyre.return\n"
              "}",
              &options,
              "source:3:8: 'memref.load' op stands at the top level of a "
              "program, expected stages");
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

/* Whether these bytes hold the text. */
static bool holds(const VyreCompiledArtifact *artifact, const char *text) {
  const char *data = vyreCompiledArtifactData(artifact);
  size_t size = vyreCompiledArtifactSize(artifact), length = strlen(text);
  for (size_t i = 0; i + length <= size; ++i)
    if (memcmp(data + i, text, length) == 0)
      return true;
  return false;
}

/* Each flag of vyre-compile changes what it changes there. */
static void testFlags(void) {
  /* A chain of two, so that there is something to fuse, and a GPU's code. */
  const char *source = "func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {\n"
                       "  %0 = math.exp %x : tensor<8xf32>\n"
                       "  %1 = arith.mulf %0, %x : tensor<8xf32>\n"
                       "  return %1 : tensor<8xf32>\n"
                       "}\n";
  VyreCompileOptions plain = makeOptions();
  plain.targets = "sm_90";
  plain.math = "portable";
  VyreCompileOptions others[7];
  for (int i = 0; i != 7; ++i)
    others[i] = plain;
  others[0].persistent = true;
  others[1].programmatic_edges = "off";
  others[2].capture = "never";
  others[3].capture = "off";
  others[4].fuse = "off";
  others[5].compact = "off";
  others[6].targets = "sm_80";
  Messages messages;
  VyreCompiledArtifact *first = NULL;
  EXPECT(compile(source, &plain, &messages, &first));
  EXPECT(!holds(first, "$persistent"));
  EXPECT(holds(first, "griddepcontrol.wait"));
  for (int i = 0; i != 7; ++i) {
    VyreCompiledArtifact *other = NULL;
    EXPECT(compile(source, &others[i], &messages, &other));
    size_t size = vyreCompiledArtifactSize(first);
    bool isSame = vyreCompiledArtifactSize(other) == size &&
                  memcmp(vyreCompiledArtifactData(first),
                         vyreCompiledArtifactData(other), size) == 0;
    if (isSame) {
      fprintf(stderr, "option %d changes nothing\n", i);
      ++failures;
    }
    if (i == 0)
      EXPECT(holds(other, "$persistent"));
    if (i == 1)
      EXPECT(!holds(other, "griddepcontrol.wait"));
    vyreCompiledArtifactRelease(other);
  }
  vyreCompiledArtifactRelease(first);
}

/* Remarks come to the handler, where they are asked for. */
static void testRemarks(void) {
  VyreCompileOptions options = makeOptions();
  Messages messages;
  VyreCompiledArtifact *artifact;
  EXPECT(compile(FUNCTION("f"), &options, &messages, &artifact));
  EXPECT(messages.text[0] == '\0');
  vyreCompiledArtifactRelease(artifact);
  options.remarks_filter = "vyre-form-.*";
  EXPECT(compile(FUNCTION("f"), &options, &messages, &artifact));
  EXPECT(messages.errors == 0);
  EXPECT(strstr(messages.text, "source:1:1: [Passed] formed-program") != NULL);
  vyreCompiledArtifactRelease(artifact);
  options.remarks_filter = "(";
  expectError(FUNCTION("f"), &options, "--remarks-filter is '(', expected");
}

/* A loop around stages that is longer than the limit, and one that is not. */
static void testUnrolling(void) {
  const char *source = "func.func @f(%x: memref<8xf32>) {\n"
                       "  %c0 = arith.constant 0 : index\n"
                       "  %c1 = arith.constant 1 : index\n"
                       "  %c8 = arith.constant 8 : index\n"
                       "  %c65 = arith.constant 65 : index\n"
                       "  scf.for %k = %c0 to %c65 step %c1 {\n"
                       "    scf.parallel (%i) = (%c0) to (%c8) step (%c1) {\n"
                       "      %other = arith.subi %c8, %i : index\n"
                       "      %j = arith.subi %other, %c1 : index\n"
                       "      %v = memref.load %x[%j] : memref<8xf32>\n"
                       "      %s = arith.addf %v, %v : f32\n"
                       "      memref.store %s, %x[%i] : memref<8xf32>\n"
                       "    }\n"
                       "  }\n"
                       "  return\n"
                       "}\n";
  VyreCompileOptions options = makeOptions();
  expectError(source, &options, "runs stages 65 times, expected at most 64");
  options.max_unroll = 65;
  Messages messages;
  VyreCompiledArtifact *artifact;
  EXPECT(compile(source, &options, &messages, &artifact));
  vyreCompiledArtifactRelease(artifact);
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
  testFlags();
  testRemarks();
  testUnrolling();
  testThreads();
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
