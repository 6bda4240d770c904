//===- Library.cu - Functions of the host for measurements ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What measure.py calls on a GPU, written as a library would be, over the CUDA
// runtime and cuBLAS. Built by nvcc there.
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Call.h"

#include <cstdio>
#include <cublas_v2.h>
#include <cuda_runtime.h>

namespace {

__global__ void increment(const float *x, float *y, long n, float by) {
  long i = blockIdx.x * long(blockDim.x) + threadIdx.x;
  if (i < n)
    y[i] = x[i] + by;
}

/// Takes `cycles` of a processor's clock, whatever else runs.
__global__ void spin(const float *x, float *y, long n, long cycles) {
  long long begin = clock64();
  while (clock64() - begin < cycles) {
  }
  for (long i = threadIdx.x; i < n; i += blockDim.x)
    y[i] = x[i];
}

VyreStatus *outcome(cudaError_t result, const char *what) {
  if (result == cudaSuccess)
    result = cudaGetLastError();
  if (result == cudaSuccess)
    return nullptr;
  char text[200];
  std::snprintf(text, sizeof(text), "%s: %s. Fix: look it up.", what,
                cudaGetErrorString(result));
  // Else the next call would find it.
  (void)cudaGetLastError();
  return vyreStatusCreate(VYRE_STATUS_DEVICE_ERROR, text);
}

struct Pair {
  explicit Pair(const VyreCallArguments *arguments)
      : x(static_cast<const float *>(arguments->buffers[0].data)),
        y(static_cast<float *>(arguments->buffers[1].data)),
        n(arguments->buffers[0].extents[0]),
        stream(static_cast<cudaStream_t>(arguments->stream)) {}
  unsigned blocks() const { return unsigned((n + 255) / 256); }
  const float *x;
  float *y;
  long n;
  cudaStream_t stream;
};

} // namespace

extern "C" {

/// y = x + by
VyreStatus *gpu_increment(void *, const VyreCallArguments *arguments) {
  Pair pair(arguments);
  increment<<<pair.blocks(), 256, 0, pair.stream>>>(
      pair.x, pair.y, pair.n, arguments->scalars[0].value.f32);
  return outcome(cudaSuccess, "increment");
}

/// y = x, after so many cycles, by one block.
VyreStatus *gpu_spin(void *, const VyreCallArguments *arguments) {
  Pair pair(arguments);
  spin<<<1, 256, 0, pair.stream>>>(pair.x, pair.y, pair.n,
                                   arguments->scalars[0].value.integer);
  return outcome(cudaSuccess, "spin");
}

/// y = x + 2, its halves on two streams that part and join again.
VyreStatus *gpu_fork(void *, const VyreCallArguments *arguments) {
  static cudaStream_t other = nullptr;
  static cudaEvent_t parted = nullptr, done = nullptr;
  cudaError_t result = cudaSuccess;
  if (!other) {
    result = cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
    if (result == cudaSuccess)
      result = cudaEventCreateWithFlags(&parted, cudaEventDisableTiming);
    if (result == cudaSuccess)
      result = cudaEventCreateWithFlags(&done, cudaEventDisableTiming);
  }
  Pair pair(arguments);
  long half = pair.n / 2;
  if (result == cudaSuccess)
    result = cudaEventRecord(parted, pair.stream);
  if (result == cudaSuccess)
    result = cudaStreamWaitEvent(other, parted, 0);
  increment<<<pair.blocks(), 256, 0, pair.stream>>>(pair.x, pair.y, half, 2);
  increment<<<pair.blocks(), 256, 0, other>>>(pair.x + half, pair.y + half,
                                              pair.n - half, 2);
  if (result == cudaSuccess)
    result = cudaEventRecord(done, other);
  if (result == cudaSuccess)
    result = cudaStreamWaitEvent(pair.stream, done, 0);
  return outcome(result, "fork");
}

/// y = x + 1, by way of memory that it allocates each time.
VyreStatus *gpu_allocate(void *, const VyreCallArguments *arguments) {
  Pair pair(arguments);
  float *memory = nullptr;
  cudaError_t result = cudaMalloc(&memory, pair.n * sizeof(float));
  if (result != cudaSuccess)
    return outcome(result, "cudaMalloc");
  increment<<<pair.blocks(), 256, 0, pair.stream>>>(pair.x, memory, pair.n, 1);
  result = cudaMemcpyAsync(pair.y, memory, pair.n * sizeof(float),
                           cudaMemcpyDeviceToDevice, pair.stream);
  if (result == cudaSuccess)
    result = cudaStreamSynchronize(pair.stream);
  cudaFree(memory);
  return outcome(result, "allocate");
}

/// c = a b, of row-major matrices, by cuBLAS: the transposed product of what it
/// takes for transposed ones.
VyreStatus *gpu_product(void *, const VyreCallArguments *arguments) {
  static cublasHandle_t handle = nullptr;
  if (!handle && cublasCreate(&handle) != CUBLAS_STATUS_SUCCESS)
    return vyreStatusCreate(VYRE_STATUS_DEVICE_ERROR,
                            "cublasCreate failed. Fix: look it up.");
  const VyreCallBuffer *a = &arguments->buffers[0], *b = &arguments->buffers[1];
  int m = int(a->extents[0]), k = int(a->extents[1]), n = int(b->extents[1]);
  const float one = 1, zero = 0;
  cublasSetStream(handle, static_cast<cudaStream_t>(arguments->stream));
  cublasSetWorkspace(handle, arguments->scratch, arguments->scratch_bytes);
  cublasStatus_t status = cublasSgemm(
      handle, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, &one,
      static_cast<const float *>(b->data), n,
      static_cast<const float *>(a->data), k, &zero,
      static_cast<float *>(arguments->buffers[2].data), n);
  if (status == CUBLAS_STATUS_SUCCESS)
    return nullptr;
  return vyreStatusCreate(VYRE_STATUS_DEVICE_ERROR,
                          "cublasSgemm failed. Fix: look it up.");
}

} // extern "C"
