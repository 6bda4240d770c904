//===- Persistent.cu - A hand-written persistent kernel -------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One step of a chain by a kernel that stays on the device: doorbell, input,
// result and answer are in mapped page-locked memory, which the caller's buffers
// are, so that a call is two stores and a poll.
//
//===----------------------------------------------------------------------===//

#include "Latency.h"

#include <cuda/atomic>
#include <cuda_runtime.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>

namespace {

void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

using SystemFlag = cuda::atomic<unsigned, cuda::thread_scope_system>;

struct Control {
  alignas(64) SystemFlag doorbell;
  alignas(64) SystemFlag answer;
};

constexpr unsigned kQuit = ~0u;

/// 256 threads of four elements, until the doorbell says kQuit.
__global__ void stayAndStep(const float4 *x, float4 *y, Control *control) {
  __shared__ unsigned told;
  for (unsigned last = 0;; last = told) {
    if (threadIdx.x == 0) {
      unsigned found;
      do
        found = control->doorbell.load(cuda::memory_order_acquire);
      while (found == last);
      told = found;
    }
    __syncthreads();
    if (told == kQuit)
      return;
    float4 v = __ldcv(x + threadIdx.x);
    y[threadIdx.x] = {v.x * 0.75f + 0.5f, v.y * 0.75f + 0.5f,
                      v.z * 0.75f + 0.5f, v.w * 0.75f + 0.5f};
    __syncthreads();
    if (threadIdx.x == 0)
      control->answer.store(told, cuda::memory_order_release);
  }
}

class Mapped {
public:
  explicit Mapped(size_t bytes) {
    check(cudaHostAlloc(&memory, bytes, cudaHostAllocMapped));
    std::memset(memory, 0, bytes);
  }
  ~Mapped() { cudaFreeHost(memory); }
  template <typename T> T *as() const { return static_cast<T *>(memory); }

private:
  void *memory = nullptr;
};

void measure(HostArray *arrays, Timing &timing) {
  auto begin = std::chrono::steady_clock::now();
  Mapped x(arrays[0].bytes), y(arrays[1].bytes), memory(sizeof(Control));
  std::memcpy(x.as<void>(), arrays[0].data, arrays[0].bytes);
  auto &control = *memory.as<Control>();
  stayAndStep<<<1, 256>>>(x.as<float4>(), y.as<float4>(), &control);
  check(cudaGetLastError());
  unsigned number = 0;
  auto call = [&](uint32_t) {
    control.doorbell.store(++number, cuda::memory_order_release);
    while (control.answer.load(cuda::memory_order_acquire) != number)
      ;
  };
  call(0);
  timing.first = microsecondsSince(begin);
  timeCalls(timing, call);
  control.doorbell.store(kQuit, cuda::memory_order_release);
  check(cudaDeviceSynchronize());
  std::memcpy(arrays[1].data, y.as<void>(), arrays[1].bytes);
}

} // namespace

/// Times calls of a chain of one on 1,024 floats. 0, or -1 with the reason in
/// `message`.
extern "C" int measurePersistent(HostArray *arrays, Timing *timing,
                                 char *message, size_t messageSize) {
  try {
    measure(arrays, *timing);
    timing->deviceBytes = 0;
    return 0;
  } catch (const std::exception &error) {
    std::snprintf(message, messageSize, "%s", error.what());
    return -1;
  }
}
