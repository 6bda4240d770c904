//===- Telemetry.cpp - Counters and traces in the C API ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPI/Handles.h"
#include "Trace.h"

using namespace vyre::runtime::internal;

VyreStatus *vyreTelemetryGet(VyreTelemetry *telemetry) {
  return guarded([&] {
    return writeInfo(Telemetry::process().snapshot(), "VyreTelemetry",
                     telemetry);
  });
}

VyreStatus *vyrePipelineGetTelemetry(const VyrePipeline *pipeline,
                                     VyreTelemetry *telemetry) {
  return guarded([&]() -> Status {
    if (!pipeline)
      return nullArgument("pipeline");
    return writeInfo(pipeline->pipeline->getTelemetry().snapshot(),
                     "VyreTelemetry", telemetry);
  });
}

VyreStatus *vyreTelemetryWriteJson(const VyreTelemetry *telemetry, char *text,
                                   size_t size, size_t *length) {
  return guarded([&]() -> Status {
    if (!telemetry)
      return nullArgument("telemetry");
    VyreTelemetry known;
    if (Status status = readConfig(telemetry, "VyreTelemetry", known);
        status.failed())
      return status;
    return writeText(toJson(known), text, size, length);
  });
}

VyreStatus *vyreTraceBegin(void) {
  return guarded([] { return Trace::process().begin(); });
}

VyreStatus *vyreTraceEnd(const char *path) {
  return guarded([&]() -> Status {
    return path ? Trace::process().end(path) : nullArgument("path");
  });
}
