/*===- CApiTest.c - The C API, used from C ------------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Compiled as C11 and linked with the shared library: loads the artifact *|
|* that its argument names, and runs the program `scale` on the CPU.          *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "vyre-c/Embedded.h"
#include "vyre-c/Runtime.h"

#include <stdio.h>
#include <string.h>

/* Prints a failure, releases it, and says whether there was one. */
static int failed(VyreStatus *status) {
  if (!status)
    return 0;
  fprintf(stderr, "%s: %s\n", vyreStatusCodeName(vyreStatusCode(status)),
          vyreStatusMessage(status));
  vyreStatusRelease(status);
  return 1;
}

/* Every function takes NULL for a handle without harm. */
static int checkNulls(void) {
  VyreStatus *status = vyreArtifactLoadFile(NULL, NULL);
  int isRight = vyreStatusCode(status) == VYRE_STATUS_INVALID_ARGUMENT &&
                strstr(vyreStatusMessage(status), "Fix: ") != NULL;
  vyreStatusRelease(status);
  VyreStatus *others[] = {
      vyreArtifactLoadMemory(NULL, 0, NULL),
      vyreArtifactLoadMemory("", 0, NULL),
      vyreArtifactFindProgram(NULL, NULL, NULL),
      vyreArtifactProgramInfo(NULL, 0, NULL),
      vyreArtifactArgumentInfo(NULL, 0, 0, NULL),
      vyreArtifactResultArgument(NULL, 0, 0, NULL),
      vyreArtifactCodeInfo(NULL, 0, NULL),
      vyreArtifactInferExtents(NULL, 0, NULL, 0, 0, NULL, 0),
      vyreDeviceCount(NULL, NULL),
      vyreDeviceOpen(NULL, NULL, NULL),
      vyreDeviceGetInfo(NULL, NULL),
      vyreDeviceSupports(NULL, NULL),
      vyreDeviceGetCacheCounters(NULL, NULL),
      vyreDeviceAllocate(NULL, 1, NULL),
      vyreDeviceFree(NULL, NULL),
      vyreDeviceUpload(NULL, NULL, NULL, 1),
      vyreDeviceDownload(NULL, NULL, NULL, 1),
      vyrePipelineCreate(NULL, NULL, 0, NULL, NULL),
      vyrePipelineDispatch(NULL, NULL, 0, NULL, NULL),
      vyrePipelineSubmit(NULL, NULL, 0, NULL, NULL),
      vyreCompletionWait(NULL, 0, NULL),
      vyreEmbeddedDispatch(NULL, NULL, 0),
      vyrePipelineResetState(NULL),
      vyrePipelineReadState(NULL, 0, NULL, 0),
      vyrePipelineWriteState(NULL, 0, NULL, 0)};
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); ++i) {
    isRight &= vyreStatusCode(others[i]) == VYRE_STATUS_INVALID_ARGUMENT;
    vyreStatusRelease(others[i]);
  }
  isRight &= vyreArtifactProgramCount(NULL) == 0;
  isRight &= vyreArtifactCodeCount(NULL) == 0;
  isRight &= strcmp(vyreArtifactProducer(NULL), "") == 0;
  isRight &= strcmp(vyreStatusMessage(NULL), "") == 0;
  isRight &= strcmp(vyreElementTypeName(99), "unknown") == 0;
  isRight &= vyreElementTypeSize(99) == 0;
  isRight &= vyreElementTypeSize(VYRE_ELEMENT_BF16) == 2;
  isRight &= vyreRuntimeVersion() == VYRE_RUNTIME_VERSION;
  vyreArtifactRelease(NULL);
  vyreCompletionRelease(NULL);
  vyreStatusRelease(NULL);
  isRight &= vyreDeviceRelease(NULL) == NULL;
  isRight &= vyrePipelineRelease(NULL) == NULL;
  return isRight;
}

int main(int argc, char **argv) {
  if (argc != 2 || !checkNulls()) {
    fprintf(stderr, "a function did not refuse NULL as it should\n");
    return 1;
  }
  VyreArtifact *artifact = NULL;
  VyreDevice *device = NULL;
  VyrePipeline *pipeline = NULL;
  uint32_t program = 0;
  if (failed(vyreArtifactLoadFile(argv[1], &artifact)) ||
      failed(vyreArtifactFindProgram(artifact, "scale", &program)) ||
      failed(vyreDeviceOpen("cpu", NULL, &device)) ||
      failed(vyrePipelineCreate(device, artifact, program, NULL, &pipeline)))
    return 1;

  float x[3] = {1.0f, -2.0f, 4.0f}, y[3] = {0}, s = 0.5f;
  int64_t extents[1] = {3};
  VyreBinding bindings[3];
  memset(bindings, 0, sizeof(bindings));
  bindings[0].data = x;
  bindings[0].byte_length = sizeof(x);
  bindings[0].extents = extents;
  bindings[0].rank = 1;
  bindings[0].element_type = VYRE_ELEMENT_F32;
  bindings[1].data = &s;
  bindings[1].byte_length = sizeof(s);
  bindings[1].element_type = VYRE_ELEMENT_F32;
  bindings[2] = bindings[0];
  bindings[2].data = y;
  if (failed(vyrePipelineDispatch(pipeline, bindings, 3, NULL, NULL)))
    return 1;
  int isRight = y[0] == 0.5f && y[1] == -1.0f && y[2] == 2.0f;
  if (!isRight)
    fprintf(stderr, "found %g %g %g\n", y[0], y[1], y[2]);

  vyreArtifactRelease(artifact);
  if (failed(vyrePipelineRelease(pipeline)) ||
      failed(vyreDeviceRelease(device)))
    return 1;
  return !isRight;
}
