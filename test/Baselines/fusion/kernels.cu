//===- kernels.cu - What one would write by hand ----------------*- CUDA -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels that measure.py compares fused programs with: a chain of
// multiply-adds with 16-byte accesses, and softmax, layer norm and RMS norm of
// rows that stay in registers (up to 4,096 elements a row) or are read again.
// Each run_* launches on the stream given and returns the launch's error.
//
//===----------------------------------------------------------------------===//

#include <cuda_runtime.h>

namespace {

template <int Count>
__global__ void chain(const float4 *__restrict__ x, float4 *__restrict__ y,
                      long n) {
  long i = blockIdx.x * long(blockDim.x) + threadIdx.x;
  if (i >= n)
    return;
  float4 v = x[i];
#pragma unroll
  for (int k = 0; k < Count; ++k) {
    v.x = fmaf(v.x, 1.0001f, 0.5f);
    v.y = fmaf(v.y, 1.0001f, 0.5f);
    v.z = fmaf(v.z, 1.0001f, 0.5f);
    v.w = fmaf(v.w, 1.0001f, 0.5f);
  }
  y[i] = v;
}

struct Sum {
  static __device__ float neutral() { return 0; }
  static __device__ float apply(float a, float b) { return a + b; }
};
struct Max {
  static __device__ float neutral() { return -INFINITY; }
  static __device__ float apply(float a, float b) { return fmaxf(a, b); }
};

/// One value of all threads of the block.
template <typename Op> __device__ float reduce(float value) {
  __shared__ float shared[32];
  for (int s = 16; s > 0; s /= 2)
    value = Op::apply(value, __shfl_xor_sync(~0u, value, s));
  if (blockDim.x == 32)
    return value;
  __syncthreads();
  if (threadIdx.x % 32 == 0)
    shared[threadIdx.x / 32] = value;
  __syncthreads();
  value = threadIdx.x % 32 < blockDim.x / 32 ? shared[threadIdx.x % 32]
                                              : Op::neutral();
  for (int s = 16; s > 0; s /= 2)
    value = Op::apply(value, __shfl_xor_sync(~0u, value, s));
  return value;
}

__device__ float4 operator-(float4 v, float s) {
  return {v.x - s, v.y - s, v.z - s, v.w - s};
}
__device__ float4 operator*(float4 v, float s) {
  return {v.x * s, v.y * s, v.z * s, v.w * s};
}
__device__ float sum(float4 v) { return (v.x + v.y) + (v.z + v.w); }
__device__ float4 square(float4 v) {
  return {v.x * v.x, v.y * v.y, v.z * v.z, v.w * v.w};
}
__device__ float4 exponential(float4 v) {
  return {expf(v.x), expf(v.y), expf(v.z), expf(v.w)};
}

/// A row, `Vectors` float4 a thread; 0 for rows that are read again.
template <int Vectors> struct Row {
  const float4 *memory;
  long count;
  float4 values[Vectors ? Vectors : 1];

  __device__ Row(const float4 *memory, long count)
      : memory(memory), count(count) {
    if constexpr (Vectors != 0)
#pragma unroll
      for (int k = 0; k < Vectors; ++k)
        values[k] = memory[threadIdx.x + k * blockDim.x];
  }
  template <typename F> __device__ void forEach(F f) {
    if constexpr (Vectors != 0) {
#pragma unroll
      for (int k = 0; k < Vectors; ++k)
        f(threadIdx.x + k * blockDim.x, values[k]);
    } else {
      for (long i = threadIdx.x; i < count; i += blockDim.x)
        f(i, memory[i]);
    }
  }
};

template <int Vectors>
__global__ void softmax(const float4 *__restrict__ x, float4 *__restrict__ y,
                        long count) {
  Row<Vectors> row(x + blockIdx.x * count, count);
  y += blockIdx.x * count;
  float most = -INFINITY, total = 0;
  row.forEach([&](long, float4 v) {
    most = fmaxf(most, fmaxf(fmaxf(v.x, v.y), fmaxf(v.z, v.w)));
  });
  most = reduce<Max>(most);
  row.forEach([&](long, float4 v) { total += sum(exponential(v - most)); });
  total = reduce<Sum>(total);
  float scale = 1 / total;
  row.forEach([&](long i, float4 v) { y[i] = exponential(v - most) * scale; });
}

template <int Vectors>
__global__ void layerNorm(const float4 *__restrict__ x, float4 *__restrict__ y,
                          long count) {
  Row<Vectors> row(x + blockIdx.x * count, count);
  y += blockIdx.x * count;
  float mean = 0, variance = 0;
  row.forEach([&](long, float4 v) { mean += sum(v); });
  mean = reduce<Sum>(mean) / (4 * count);
  row.forEach([&](long, float4 v) { variance += sum(square(v - mean)); });
  variance = reduce<Sum>(variance) / (4 * count);
  float scale = rsqrtf(variance + 1e-5f);
  row.forEach([&](long i, float4 v) { y[i] = (v - mean) * scale; });
}

template <int Vectors>
__global__ void rmsNorm(const float4 *__restrict__ x, float4 *__restrict__ y,
                        long count) {
  Row<Vectors> row(x + blockIdx.x * count, count);
  y += blockIdx.x * count;
  float squares = 0;
  row.forEach([&](long, float4 v) { squares += sum(square(v)); });
  float scale = rsqrtf(reduce<Sum>(squares) / (4 * count) + 1e-5f);
  row.forEach([&](long i, float4 v) { y[i] = v * scale; });
}

} // namespace

extern "C" int run_chain(const float *x, float *y, long n, int count,
                         cudaStream_t stream) {
  long vectors = n / 4;
  auto *in = reinterpret_cast<const float4 *>(x);
  auto *out = reinterpret_cast<float4 *>(y);
  long blocks = (vectors + 255) / 256;
  if (count == 4)
    chain<4><<<blocks, 256, 0, stream>>>(in, out, vectors);
  else if (count == 16)
    chain<16><<<blocks, 256, 0, stream>>>(in, out, vectors);
  else
    chain<64><<<blocks, 256, 0, stream>>>(in, out, vectors);
  return cudaGetLastError();
}

#define ROW_KERNEL(name, kernel)                                               \
  extern "C" int name(const float *x, float *y, long rows, long columns,      \
                      cudaStream_t stream) {                                  \
    auto *in = reinterpret_cast<const float4 *>(x);                            \
    auto *out = reinterpret_cast<float4 *>(y);                                 \
    long count = columns / 4;                                                  \
    if (columns == 512)                                                        \
      kernel<1><<<rows, 128, 0, stream>>>(in, out, count);                     \
    else if (columns == 1024)                                                  \
      kernel<2><<<rows, 128, 0, stream>>>(in, out, count);                     \
    else if (columns == 4096)                                                  \
      kernel<4><<<rows, 256, 0, stream>>>(in, out, count);                     \
    else                                                                       \
      kernel<0><<<rows, 1024, 0, stream>>>(in, out, count);                    \
    return cudaGetLastError();                                                 \
  }
ROW_KERNEL(run_softmax, softmax)
ROW_KERNEL(run_layer_norm, layerNorm)
ROW_KERNEL(run_rms_norm, rmsNorm)
