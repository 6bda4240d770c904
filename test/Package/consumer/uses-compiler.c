/*===- uses-compiler.c - The installed compiler, from C -----------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Compiles a function when it is needed, and runs it on the CPU.             *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "vyre-c/Compiler.h"
#include "vyre-c/Runtime.h"

#include <stdio.h>
#include <string.h>

static const char source[] =
    "func.func @twice(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
    "  %e = tensor.empty() : tensor<4xf32>\n"
    "  %y = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>)\n"
    "                  outs(%e : tensor<4xf32>) -> tensor<4xf32>\n"
    "  return %y : tensor<4xf32>\n"
    "}\n";

static void print(const VyreDiagnostic *diagnostic, void *user_data) {
  fprintf(user_data, "%s:%u:%u: %s\n", diagnostic->file, diagnostic->line,
          diagnostic->column, diagnostic->message);
}

static int failed(VyreStatus *status) {
  if (!status)
    return 0;
  fprintf(stderr, "%s\n", vyreStatusMessage(status));
  vyreStatusRelease(status);
  return 1;
}

int main(void) {
  VyreCompileOptions options = {0};
  options.struct_size = sizeof(options);
  options.targets = "cpu";
  VyreCompiledArtifact *compiled;
  if (!vyreCompile(source, strlen(source), &options, print, stderr, &compiled))
    return 1;

  VyreArtifact *artifact;
  VyreDevice *device;
  VyrePipeline *pipeline;
  uint32_t program;
  if (failed(vyreArtifactLoadMemory(vyreCompiledArtifactData(compiled),
                                    vyreCompiledArtifactSize(compiled),
                                    &artifact)) ||
      failed(vyreArtifactFindProgram(artifact, "twice", &program)) ||
      failed(vyreDeviceOpen("cpu", NULL, &device)) ||
      failed(vyrePipelineCreate(device, artifact, program, NULL, &pipeline)))
    return 1;
  vyreCompiledArtifactRelease(compiled);

  float x[4] = {1, 2, 3, 4}, y[4] = {0};
  VyreBinding bindings[2];
  memset(bindings, 0, sizeof(bindings));
  int64_t extent = 4;
  for (int i = 0; i < 2; ++i) {
    bindings[i].data = i == 0 ? x : y;
    bindings[i].byte_length = sizeof(x);
    bindings[i].extents = &extent;
    bindings[i].rank = 1;
    bindings[i].element_type = VYRE_ELEMENT_F32;
  }
  if (failed(vyrePipelineDispatch(pipeline, bindings, 2, NULL, NULL)) ||
      failed(vyrePipelineRelease(pipeline)) ||
      failed(vyreDeviceRelease(device)))
    return 1;
  vyreArtifactRelease(artifact);
  printf("%g %g %g %g\n", y[0], y[1], y[2], y[3]);
  return !(y[0] == 2 && y[1] == 4 && y[2] == 6 && y[3] == 8);
}
