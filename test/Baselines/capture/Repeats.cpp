//===- Repeats.cpp - Times dispatches as they add up ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the first program of an artifact, which takes a vector, a number of
// steps and a result, again and again on new pipelines, for decision_grid.py.
// What is made once for a pipeline, such as its memory, is made before the
// clock starts: by a dispatch that is never captured.
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Runtime.h"

#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

static void check(VyreStatus *status) {
  if (!status)
    return;
  std::string message = vyreStatusMessage(status);
  vyreStatusRelease(status);
  throw std::runtime_error(message);
}

namespace {

class Repeats {
public:
  Repeats(const char *deviceId, const char *path) {
    try {
      check(vyreArtifactLoadFile(path, &artifact));
      check(vyreDeviceOpen(deviceId, nullptr, &device));
    } catch (...) {
      release();
      throw;
    }
  }
  ~Repeats() { release(); }

  /// What graphs cost, in the order of VyreGraphCosts; and microseconds that it
  /// took to find out.
  double measureCosts(uint64_t (&costs)[7]) {
    VyreGraphCosts found = {};
    found.struct_size = sizeof(found);
    auto begin = std::chrono::steady_clock::now();
    check(vyreDeviceGetGraphCosts(device, &found));
    double taken = since(begin);
    uint64_t all[7] = {found.plain_dispatch_ns,  found.plain_call_ns,
                       found.replay_dispatch_ns, found.node_ns,
                       found.graph_build_ns,     found.node_build_ns,
                       found.plain_gap_ns};
    for (int i = 0; i < 7; ++i)
      costs[i] = all[i];
    return taken;
  }

  /// Writes after how many microseconds each of `count` dispatches was done.
  void run(uint32_t capture, uint64_t expected, int64_t steps, float *x,
           float *y, int64_t elements, double *done, uint32_t count) {
    VyrePipelineConfig config = {};
    config.struct_size = sizeof(config);
    config.capture = capture;
    config.expected_dispatches = expected;
    VyrePipeline *pipeline = nullptr;
    check(vyrePipelineCreate(device, artifact, 0, &config, &pipeline));
    try {
      VyreBinding bindings[3] = {};
      for (int i = 0; i < 3; i += 2) {
        bindings[i].data = i ? y : x;
        bindings[i].byte_length = elements * sizeof(float);
        bindings[i].extents = &elements;
        bindings[i].rank = 1;
        bindings[i].element_type = VYRE_ELEMENT_F32;
      }
      bindings[1].data = &steps;
      bindings[1].byte_length = sizeof(steps);
      bindings[1].element_type = VYRE_ELEMENT_INDEX;
      VyrePipelineConfig never = {};
      never.struct_size = sizeof(never);
      never.capture = VYRE_CAPTURE_NEVER;
      VyreDispatchConfig first = {};
      first.struct_size = sizeof(first);
      first.overrides = &never;
      check(vyrePipelineDispatch(pipeline, bindings, 3, &first, nullptr));
      auto begin = std::chrono::steady_clock::now();
      for (uint32_t i = 0; i < count; ++i) {
        check(vyrePipelineDispatch(pipeline, bindings, 3, nullptr, nullptr));
        done[i] = since(begin);
      }
    } catch (...) {
      vyreStatusRelease(vyrePipelineRelease(pipeline));
      throw;
    }
    check(vyrePipelineRelease(pipeline));
  }

private:
  static double since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::micro>(
               std::chrono::steady_clock::now() - begin)
        .count();
  }
  void release() {
    if (device)
      vyreStatusRelease(vyreDeviceRelease(device));
    vyreArtifactRelease(artifact);
  }

  VyreArtifact *artifact = nullptr;
  VyreDevice *device = nullptr;
};

template <typename Work>
int guarded(char *message, size_t messageSize, Work work) {
  try {
    work();
    return 0;
  } catch (const std::exception &error) {
    std::snprintf(message, messageSize, "%s", error.what());
    return -1;
  }
}

} // namespace

/// Each returns 0, or -1 with the reason in `message`.
extern "C" int openRepeats(const char *device, const char *path, void **opened,
                           char *message, size_t messageSize) {
  return guarded(message, messageSize,
                 [&] { *opened = new Repeats(device, path); });
}

extern "C" void closeRepeats(void *opened) {
  delete static_cast<Repeats *>(opened);
}

extern "C" int measureCosts(void *opened, uint64_t (*costs)[7], double *taken,
                            char *message, size_t messageSize) {
  return guarded(message, messageSize, [&] {
    *taken = static_cast<Repeats *>(opened)->measureCosts(*costs);
  });
}

extern "C" int runRepeats(void *opened, uint32_t capture, uint64_t expected,
                          int64_t steps, float *x, float *y, int64_t elements,
                          double *done, uint32_t count, char *message,
                          size_t messageSize) {
  return guarded(message, messageSize, [&] {
    static_cast<Repeats *>(opened)->run(capture, expected, steps, x, y,
                                        elements, done, count);
  });
}
