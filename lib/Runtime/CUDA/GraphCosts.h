//===- GraphCosts.h - What calls and graphs cost on a GPU -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers that the capture policy "auto" decides by (see
// vyre/Planning/CaptureDecision.h). They depend on GPU, driver and host, so
// that a device measures them: kernels that do nothing, with one block and with
// many, launched once and several times in a row, by calls and as graphs. That
// takes one or two milliseconds, once per device, when sizes first come a
// second time.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_GRAPHCOSTS_H
#define VYRE_LIB_RUNTIME_CUDA_GRAPHCOSTS_H

#include "Status.h"

#include "vyre/Planning/CaptureDecision.h"

#include <mutex>
#include <optional>

namespace vyre::runtime::internal::cuda {

class CudaDevice;

class GraphCosts {
public:
  /// Takes these in place of measured ones.
  void set(const planning::CaptureCosts &given) { costs = given; }

  /// Measures at the first call; the context is current. The driver has graphs.
  Expected<planning::CaptureCosts> get(CudaDevice &device);

private:
  std::mutex mutex;
  std::optional<planning::CaptureCosts> costs;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_GRAPHCOSTS_H
