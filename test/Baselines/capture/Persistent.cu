//===- Persistent.cu - A hand-written persistent kernel -------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One step of a chain by a kernel that stays on the device. Doorbell, input,
// result and answer are in mapped page-locked memory, which the caller's buffers
// are too, so that a call is two stores and a poll; or the host copies between
// them and the caller's buffers.
//
//===----------------------------------------------------------------------===//

#include "Latency.h"

#include <cuda/atomic>
#include <cuda_runtime.h>

#include <cstring>
#include <memory>
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

class Persistent : public Callable {
public:
  Persistent(HostArray *arrays, bool copies)
      : arrays{arrays[0], arrays[1]}, copies(copies), x(arrays[0].bytes),
        y(arrays[1].bytes), memory(sizeof(Control)) {
    std::memcpy(x.as<void>(), arrays[0].data, arrays[0].bytes);
    stayAndStep<<<1, 256>>>(x.as<float4>(), y.as<float4>(),
                            memory.as<Control>());
    check(cudaGetLastError());
  }
  ~Persistent() override { leave(); }

  void call(uint32_t) override {
    if (copies)
      std::memcpy(x.as<void>(), arrays[0].data, arrays[0].bytes);
    Control &control = *memory.as<Control>();
    control.doorbell.store(++number, cuda::memory_order_release);
    while (control.answer.load(cuda::memory_order_acquire) != number)
      ;
    if (copies)
      std::memcpy(arrays[1].data, y.as<void>(), arrays[1].bytes);
  }

  void finish(uint32_t) override {
    check(leave());
    std::memcpy(arrays[1].data, y.as<void>(), arrays[1].bytes);
  }

private:
  cudaError_t leave() {
    memory.as<Control>()->doorbell.store(kQuit, cuda::memory_order_release);
    return cudaDeviceSynchronize();
  }

  HostArray arrays[2];
  bool copies;
  Mapped x, y, memory;
  unsigned number = 0;
};

} // namespace

/// Calls of a chain of one on 1,024 floats: an input and a result.
extern "C" int openPersistent(const uint32_t *copies, HostArray *arrays,
                              uint32_t, Callable **opened, double *first,
                              char *message, size_t messageSize) {
  return openCallable(opened, first, message, messageSize, [&] {
    return std::make_unique<Persistent>(arrays, *copies != 0);
  });
}
