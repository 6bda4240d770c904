//===- PackKernel.cpp - The kernel that packs results -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/PackKernel.h"

namespace vyre::runtime::internal::cuda {
namespace {

/// PackResults.cu as PTX.
constexpr char kPackResults[] =
#include "CUDA/PackResults.ptx.inc"
    ;

} // namespace

Status PackKernel::load() {
  if (module)
    return Status();
  if (Status status =
          device.check(device.driver().moduleLoadDataEx(&module, kPackResults,
                                                        0, nullptr, nullptr),
                       "cuModuleLoadDataEx");
      status.failed()) {
    module = nullptr;
    return status;
  }
  return device.check(
      device.driver().moduleGetFunction(&kernel, module, "vyre_pack_results"),
      "cuModuleGetFunction");
}

Status PackKernel::close() {
  Status status;
  if (module)
    status = device.giveBack(
        [&] { return device.driver().moduleUnload(module); }, "cuModuleUnload");
  module = nullptr;
  return status;
}

Status PackKernel::launch(PackArguments &arguments, CUstream stream) {
  void *addresses[] = {&arguments.table, &arguments.counts, &arguments.slab,
                       &arguments.resultCount};
  return device.check(device.driver().launchKernel(
                          kernel, static_cast<unsigned>(arguments.resultCount),
                          arguments.blocksPerResult, 1, kThreads, 1, 1, 0,
                          stream, addresses, nullptr),
                      "cuLaunchKernel");
}

} // namespace vyre::runtime::internal::cuda
