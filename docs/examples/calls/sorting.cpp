//===- sorting.cpp - A program that calls a function of the host ----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The program of the artifact computes t = x + table and then calls "finish",
// which is not in the artifact, with t and y. Here it sorts. On a GPU a
// function would enqueue a library's sort on arguments.stream instead, and be
// registered for "cuda".
//
//===----------------------------------------------------------------------===//

#include "vyre/Runtime/Runtime.h"

#include <algorithm>
#include <cstdio>

using namespace vyre::runtime;

namespace {

Status sort(const VyreCallArguments &arguments) {
  const VyreCallBuffer &from = arguments.buffers[0], &to = arguments.buffers[1];
  if (from.byte_size != to.byte_size)
    return Status::error(VYRE_STATUS_INVALID_ARGUMENT,
                         "the buffers differ in size. Fix: pass equal ones.");
  const auto *keys = static_cast<const float *>(from.data);
  auto *sorted = static_cast<float *>(to.data);
  std::partial_sort_copy(keys, keys + from.extents[0], sorted,
                         sorted + to.extents[0]);
  return Status();
}

Status run(const char *path) {
  if (Status status = registerCall("finish", "cpu", sort); status.failed())
    return status;
  auto artifact = Artifact::loadFile(path);
  if (artifact.failed())
    return artifact.takeStatus();
  auto device = Device::open("cpu");
  if (device.failed())
    return device.takeStatus();
  auto pipeline = Pipeline::create(*device, *artifact, /*program=*/0);
  if (pipeline.failed())
    return pipeline.takeStatus();

  float x[4] = {1, 2, 3, 4}, y[4] = {};
  int64_t extents[1] = {4};
  VyreBinding bindings[2] = {};
  bindings[0].data = x;
  bindings[0].byte_length = sizeof(x);
  bindings[0].extents = extents;
  bindings[0].rank = 1;
  bindings[0].element_type = VYRE_ELEMENT_F32;
  bindings[1] = bindings[0];
  bindings[1].data = y;
  if (Status status = pipeline->dispatch(bindings, 2); status.failed())
    return status;
  std::printf("%g %g %g %g\n", y[0], y[1], y[2], y[3]);
  return unregisterCall("finish", "cpu");
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
