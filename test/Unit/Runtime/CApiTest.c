/*===- CApiTest.c - The C API, used from C ------------------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Compiled as C11 and linked with the shared library: loads the artifact     *|
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
      vyrePipelineDispatchBatch(NULL, NULL, 0, NULL, NULL),
      vyrePipelineDispatchInto(NULL, NULL, 0, NULL, NULL, 0, NULL, NULL),
      vyrePipelinePrewarm(NULL, NULL, 0, NULL),
      vyrePipelineDrain(NULL, 0),
      vyrePipelineWriteManifest(NULL, NULL, 0, NULL),
      vyrePipelineGetTelemetry(NULL, NULL),
      vyreArtifactPayload(NULL, NULL, NULL),
      vyreArtifactMathFunctionInfo(NULL, 0, 0, NULL),
      vyreArtifactCallInfo(NULL, 0, 0, NULL),
      vyreCallRegister(NULL),
      vyreCallUnregister(NULL, NULL),
      vyreBackendRegister(NULL),
      vyreCacheAuditGet(0, NULL),
      vyreCodeCacheGetInfo(NULL),
      vyreProfileDefine(NULL, NULL),
      vyreTelemetryGet(NULL),
      vyreTelemetryWriteJson(NULL, NULL, 0, NULL),
      vyreTraceEnd(NULL),
      vyreBackendUnregister(NULL),
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
  isRight &= vyreStatusCreate(VYRE_STATUS_OK, "") == NULL;
  vyreArtifactRelease(NULL);
  vyreResultSlotRelease(NULL);
  vyreCompletionRelease(NULL);
  vyreStatusRelease(NULL);
  isRight &= vyreDeviceRelease(NULL) == NULL;
  isRight &= vyrePipelineRelease(NULL) == NULL;
  return isRight;
}

/* A backend in C, which writes sevens. */
static VyreStatus *writeSevens(void *user,
                               const VyreBackendDispatch *dispatch) {
  const VyreBinding *result = &dispatch->bindings[dispatch->binding_count - 1];
  ++*(int *)user;
  if (result->element_type != VYRE_ELEMENT_F32)
    return vyreStatusCreate(VYRE_STATUS_UNSUPPORTED,
                            "only f32 is known. Fix: pass f32.");
  for (int64_t i = 0; i < result->extents[0]; ++i)
    ((float *)result->data)[i] = 7.0f;
  return NULL;
}

/* Runs `scale` on it, into a slot. */
static int checkBackend(const VyreArtifact *artifact, uint32_t program,
                        const VyreBinding *bindings) {
  int calls = 0;
  VyreBackend backend;
  memset(&backend, 0, sizeof(backend));
  backend.struct_size = sizeof(backend);
  backend.id = "sevens";
  backend.user = &calls;
  backend.dispatch = writeSevens;
  VyreDevice *device = NULL;
  VyrePipeline *pipeline = NULL;
  if (failed(vyreBackendRegister(&backend)) ||
      failed(vyreDeviceOpen("sevens", NULL, &device)) ||
      failed(vyrePipelineCreate(device, artifact, program, NULL, &pipeline)))
    return 0;
  VyreResultSlot slot;
  memset(&slot, 0, sizeof(slot));
  if (failed(vyrePipelineDispatchInto(pipeline, bindings, 3, NULL, &slot, 1,
                                      NULL, NULL)))
    return 0;
  const float *values = slot.data;
  int isRight = calls == 1 && slot.rank == 1 && slot.extents[0] == 3 &&
                values[0] == 7.0f && values[2] == 7.0f;
  char manifest[512];
  size_t length = 0;
  isRight &= !failed(vyrePipelineWriteManifest(pipeline, manifest,
                                               sizeof(manifest), &length)) &&
             strlen(manifest) == length &&
             strstr(manifest, "\"pipeline_id\":\"sevens:scale@aaaa") != NULL;
  VyreTelemetry telemetry;
  memset(&telemetry, 0, sizeof(telemetry));
  telemetry.struct_size = sizeof(telemetry);
  isRight &= !failed(vyrePipelineGetTelemetry(pipeline, &telemetry)) &&
             telemetry.dispatches == 1 && telemetry.output_slots_appended == 1;
  vyreResultSlotRelease(&slot);
  isRight &= slot.data == NULL;
  return isRight && !failed(vyrePipelineRelease(pipeline)) &&
         !failed(vyreDeviceRelease(device)) &&
         !failed(vyreBackendUnregister("sevens"));
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

  if (!checkBackend(artifact, program, bindings)) {
    fprintf(stderr, "a backend in C does not do what it should\n");
    isRight = 0;
  }
  vyreArtifactRelease(artifact);
  if (failed(vyrePipelineRelease(pipeline)) ||
      failed(vyreDeviceRelease(device)))
    return 1;
  return !isRight;
}
