//===- counting.cpp - A backend of one's own --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A backend that runs programs on the CPU and says when it does: the smallest
// one that stands between a caller and a device, as one would for recording,
// for sending work elsewhere, or for choosing among devices.
//
//   counting ARTIFACT.vyre        the artifact has one program, f32[?] ->
//   f32[?]
//
//===----------------------------------------------------------------------===//

#include "vyre/Runtime/Runtime.h"

#include <cstdio>
#include <map>
#include <mutex>
#include <vector>

using namespace vyre::runtime;

namespace {

class CountingBackend : public Backend {
public:
  explicit CountingBackend(Device cpu) : cpu(std::move(cpu)) {}

  Status dispatch(const VyreBackendDispatch &dispatch) override {
    std::lock_guard<std::mutex> lock(mutex);
    std::printf("dispatch %d: %s\n", ++count, dispatch.label);
    VyrePipeline *&pipeline = pipelines[{dispatch.artifact, dispatch.program}];
    if (!pipeline)
      if (Status status(vyrePipelineCreate(cpu.get(), dispatch.artifact,
                                           dispatch.program, nullptr,
                                           &pipeline));
          status.failed())
        return status;
    // The bindings are those that the caller passed, already checked.
    return Status(vyrePipelineDispatch(
        pipeline, dispatch.bindings, dispatch.binding_count, nullptr, nullptr));
  }

  ~CountingBackend() override {
    for (auto &entry : pipelines)
      vyreStatusRelease(vyrePipelineRelease(entry.second));
  }

private:
  Device cpu;
  std::mutex mutex;
  int count = 0;
  std::map<std::pair<const VyreArtifact *, uint32_t>, VyrePipeline *> pipelines;
};

Status run(const char *path) {
  auto cpu = Device::open("cpu");
  if (cpu.failed())
    return cpu.takeStatus();
  if (Status status = registerBackend(
          "counting", std::make_unique<CountingBackend>(std::move(*cpu)));
      status.failed())
    return status;

  auto artifact = Artifact::loadFile(path);
  if (artifact.failed())
    return artifact.takeStatus();
  auto device = Device::open("counting");
  if (device.failed())
    return device.takeStatus();
  Config config;
  config.label = "four numbers";
  auto pipeline = Pipeline::create(*device, *artifact, /*program=*/0, config);
  if (pipeline.failed())
    return pipeline.takeStatus();
  auto manifest = pipeline->manifest();
  if (manifest.failed())
    return manifest.takeStatus();
  std::printf("%s\n", manifest->c_str());

  float x[4] = {1, 2, 3, 4};
  int64_t extents[1] = {4};
  std::vector<VyreBinding> bindings(2);
  bindings[0].data = x;
  bindings[0].byte_length = sizeof(x);
  bindings[0].extents = extents;
  bindings[0].rank = 1;
  bindings[0].element_type = VYRE_ELEMENT_F32;
  // The buffers grow when they must; the second dispatch finds them there.
  std::vector<ResultBuffer> results;
  for (int round = 0; round < 2; ++round)
    if (Status status = pipeline->dispatchInto(bindings, results);
        status.failed())
      return status;
  const float *y = results[0].elements<float>();
  std::printf("%g %g %g %g\n", y[0], y[1], y[2], y[3]);
  return unregisterBackend("counting");
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  if (Status status = run(argv[1]); status.failed()) {
    std::fprintf(stderr, "%s\n", status.message());
    return 1;
  }
  return 0;
}
