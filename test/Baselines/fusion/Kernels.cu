//===- Kernels.cu - Hand-written kernels to compare with ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a CUDA programmer would write for the cases of compare.py: chains of
// multiply-adds with 4-byte and with 16-byte accesses, and softmax, layer norm
// and RMS norm that read each row once and keep it in registers (a block a row;
// a cluster of 8 blocks for long rows), and a copy of the same bytes. Needs
// sm_90. Times are taken as those of an artifact are.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"

#include <cooperative_groups.h>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

namespace cg = cooperative_groups;

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

struct Factors {
  float multiply[64], add[64];
};

template <unsigned Length>
__device__ float chain(float x, const Factors &factors) {
#pragma unroll
  for (unsigned i = 0; i < Length; ++i)
    x = fmaf(x, factors.multiply[i], factors.add[i]);
  return x;
}

template <unsigned Length>
__global__ void chainScalar(const float *__restrict__ x, float *__restrict__ y,
                            unsigned count,
                            const __grid_constant__ Factors factors) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count)
    y[i] = chain<Length>(x[i], factors);
}

/// Each thread takes `Vectors` times 16 bytes, so that bringing the factors
/// into registers is paid once for all of them.
template <unsigned Length, unsigned Vectors>
__global__ void chainVector(const float4 *__restrict__ x,
                            float4 *__restrict__ y, unsigned count,
                            const __grid_constant__ Factors factors) {
  unsigned first = blockIdx.x * blockDim.x * Vectors + threadIdx.x;
  float4 v[Vectors] = {};
#pragma unroll
  for (unsigned i = 0; i < Vectors; ++i)
    if (unsigned at = first + i * blockDim.x; at < count)
      v[i] = x[at];
#pragma unroll
  for (unsigned step = 0; step < Length; ++step) {
    float multiply = factors.multiply[step], add = factors.add[step];
#pragma unroll
    for (unsigned i = 0; i < Vectors; ++i)
      v[i] = {fmaf(v[i].x, multiply, add), fmaf(v[i].y, multiply, add),
              fmaf(v[i].z, multiply, add), fmaf(v[i].w, multiply, add)};
  }
#pragma unroll
  for (unsigned i = 0; i < Vectors; ++i)
    if (unsigned at = first + i * blockDim.x; at < count)
      y[at] = v[i];
}

template <unsigned Length>
static void launchChain(bool vector, const float *x, float *y, unsigned count,
                        const Factors &factors, cudaStream_t stream) {
  constexpr unsigned vectors = Length > 16 ? 4 : 1;
  unsigned points = vector ? count / 4 : count;
  unsigned perBlock = vector ? 256 * vectors : 256;
  unsigned grid = (points + perBlock - 1) / perBlock;
  if (vector)
    chainVector<Length, vectors><<<grid, 256, 0, stream>>>(
        reinterpret_cast<const float4 *>(x), reinterpret_cast<float4 *>(y),
        points, factors);
  else
    chainScalar<Length><<<grid, 256, 0, stream>>>(x, y, points, factors);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

enum class Row { Softmax, LayerNorm, RmsNorm };

/// Over all threads of a cluster of `Cluster` blocks; each gets the result.
template <unsigned Threads, unsigned Cluster, typename Combine>
__device__ float reduce(float value, Combine combine) {
  __shared__ float warps[Threads / 32];
  __shared__ float block;
  for (unsigned offset = 16; offset; offset /= 2)
    value = combine(value, __shfl_xor_sync(~0u, value, offset));
  __syncthreads();
  if (threadIdx.x % 32 == 0)
    warps[threadIdx.x / 32] = value;
  __syncthreads();
  value = warps[0];
  for (unsigned i = 1; i < Threads / 32; ++i)
    value = combine(value, warps[i]);
  if constexpr (Cluster > 1) {
    cg::cluster_group cluster = cg::this_cluster();
    block = value;
    cluster.sync();
    value = *cluster.map_shared_rank(&block, 0);
    for (unsigned i = 1; i < Cluster; ++i)
      value = combine(value, *cluster.map_shared_rank(&block, i));
    cluster.sync();
  }
  return value;
}

template <Row Kind, unsigned Threads, unsigned Vectors, unsigned Cluster>
__global__ void __launch_bounds__(Threads)
    rows(const float4 *__restrict__ x, const float4 *__restrict__ gain,
         const float4 *__restrict__ bias, float4 *__restrict__ y) {
  constexpr unsigned perBlock = Threads * Vectors;
  constexpr float columns = 4.0f * perBlock * Cluster;
  unsigned first = (blockIdx.x % Cluster) * perBlock + threadIdx.x;
  size_t row = size_t(blockIdx.x / Cluster) * perBlock * Cluster;
  auto add = [](float a, float b) { return a + b; };
  float4 v[Vectors];
#pragma unroll
  for (unsigned i = 0; i < Vectors; ++i)
    v[i] = x[row + first + i * Threads];

  float partial = 0;
  float center = 0, scale;
  if constexpr (Kind == Row::Softmax) {
    partial = -INFINITY;
#pragma unroll
    for (unsigned i = 0; i < Vectors; ++i)
      partial =
          fmaxf(partial, fmaxf(fmaxf(v[i].x, v[i].y), fmaxf(v[i].z, v[i].w)));
    float top = reduce<Threads, Cluster>(
        partial, [](float a, float b) { return fmaxf(a, b); });
    partial = 0;
#pragma unroll
    for (unsigned i = 0; i < Vectors; ++i) {
      v[i] = {__expf(v[i].x - top), __expf(v[i].y - top), __expf(v[i].z - top),
              __expf(v[i].w - top)};
      partial += v[i].x + v[i].y + v[i].z + v[i].w;
    }
    scale = 1 / reduce<Threads, Cluster>(partial, add);
  } else {
    if constexpr (Kind == Row::LayerNorm) {
#pragma unroll
      for (unsigned i = 0; i < Vectors; ++i)
        partial += v[i].x + v[i].y + v[i].z + v[i].w;
      center = reduce<Threads, Cluster>(partial, add) / columns;
      partial = 0;
    }
#pragma unroll
    for (unsigned i = 0; i < Vectors; ++i) {
      v[i] = {v[i].x - center, v[i].y - center, v[i].z - center,
              v[i].w - center};
      partial +=
          v[i].x * v[i].x + v[i].y * v[i].y + v[i].z * v[i].z + v[i].w * v[i].w;
    }
    scale = rsqrtf(reduce<Threads, Cluster>(partial, add) / columns + 1e-5f);
  }

#pragma unroll
  for (unsigned i = 0; i < Vectors; ++i) {
    unsigned column = first + i * Threads;
    float4 r = {v[i].x * scale, v[i].y * scale, v[i].z * scale, v[i].w * scale};
    if constexpr (Kind != Row::Softmax) {
      float4 g = gain[column];
      r = {r.x * g.x, r.y * g.y, r.z * g.z, r.w * g.w};
    }
    if constexpr (Kind == Row::LayerNorm) {
      float4 b = bias[column];
      r = {r.x + b.x, r.y + b.y, r.z + b.z, r.w + b.w};
    }
    y[row + column] = r;
  }
}

template <Row Kind, unsigned Threads, unsigned Vectors, unsigned Cluster>
static void launchRowsOf(const float *x, const float *gain, const float *bias,
                         float *y, unsigned count, cudaStream_t stream) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(count * Cluster);
  config.blockDim = dim3(Threads);
  config.stream = stream;
  cudaLaunchAttribute attribute = {};
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim = {Cluster, 1, 1};
  config.attrs = &attribute;
  config.numAttrs = Cluster > 1 ? 1 : 0;
  check(cudaLaunchKernelEx(&config, rows<Kind, Threads, Vectors, Cluster>,
                           reinterpret_cast<const float4 *>(x),
                           reinterpret_cast<const float4 *>(gain),
                           reinterpret_cast<const float4 *>(bias),
                           reinterpret_cast<float4 *>(y)));
}

template <Row Kind>
static void launchRows(const float *x, const float *gain, const float *bias,
                       float *y, unsigned count, unsigned columns,
                       cudaStream_t stream) {
  switch (columns) {
  case 512:
    return launchRowsOf<Kind, 128, 1, 1>(x, gain, bias, y, count, stream);
  case 1024:
    return launchRowsOf<Kind, 128, 2, 1>(x, gain, bias, y, count, stream);
  case 4096:
    return launchRowsOf<Kind, 256, 4, 1>(x, gain, bias, y, count, stream);
  case 65536:
    return launchRowsOf<Kind, 512, 4, 8>(x, gain, bias, y, count, stream);
  }
  throw std::runtime_error("no hand-written kernel for rows of " +
                           std::to_string(columns) + " elements");
}

//===----------------------------------------------------------------------===//
// The call
//===----------------------------------------------------------------------===//

static void launch(const std::string &kernel, const float *x, const float *gain,
                   const float *bias, float *y, unsigned count,
                   unsigned columns, const Factors &factors,
                   cudaStream_t stream) {
  bool vector = kernel == "chain-vector";
  if (kernel == "copy")
    check(cudaMemcpyAsync(y, x, sizeof(float) * size_t(count) * columns,
                          cudaMemcpyDeviceToDevice, stream));
  else if (kernel == "softmax")
    launchRows<Row::Softmax>(x, gain, bias, y, count, columns, stream);
  else if (kernel == "layernorm")
    launchRows<Row::LayerNorm>(x, gain, bias, y, count, columns, stream);
  else if (kernel == "rmsnorm")
    launchRows<Row::RmsNorm>(x, gain, bias, y, count, columns, stream);
  else if (columns == 4)
    launchChain<4>(vector, x, y, count, factors, stream);
  else if (columns == 16)
    launchChain<16>(vector, x, y, count, factors, stream);
  else if (columns == 64)
    launchChain<64>(vector, x, y, count, factors, stream);
  else
    throw std::runtime_error("no hand-written kernel " + kernel);
  check(cudaGetLastError());
}

namespace {
struct Free {
  void operator()(float *memory) const { cudaFree(memory); }
};
} // namespace
using Memory = std::unique_ptr<float, Free>;

static Memory allocate(size_t floats) {
  void *memory = nullptr;
  check(cudaMalloc(&memory, sizeof(float) * floats));
  return Memory(static_cast<float *>(memory));
}

/// An event for each of the last launches, as completions of dispatches have
/// one. None waits for nobody.
class InFlight {
public:
  InFlight(cudaStream_t stream, uint32_t count)
      : stream(stream), events(count) {
    for (cudaEvent_t &event : events)
      check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  }
  InFlight(const InFlight &) = delete;
  InFlight &operator=(const InFlight &) = delete;
  ~InFlight() {
    for (cudaEvent_t event : events)
      cudaEventDestroy(event);
  }
  /// After a launch: marks it, and waits for the oldest one.
  void mark() {
    if (events.empty())
      return;
    check(cudaEventRecord(events[next], stream));
    next = (next + 1) % events.size();
    check(cudaEventSynchronize(events[next]));
  }

private:
  cudaStream_t stream;
  std::vector<cudaEvent_t> events;
  size_t next = 0;
};

/// Microseconds of one launch of `kernel`; negative on failure, with the reason
/// in `message`. With `inFlight` each launch has an event, and waits for that
/// of so many launches before. For chains `columns` is the length and `factors`
/// holds 64 multipliers and 64 addends; for rows `factors` holds gain and bias.
extern "C" double measureKernel(const char *kernel, const float *x,
                                const float *factors, float *y, uint32_t count,
                                uint32_t columns, uint32_t sets,
                                uint32_t rounds, uint32_t inFlight,
                                char *message, size_t messageSize) {
  try {
    bool isChain = std::strncmp(kernel, "chain", 5) == 0;
    size_t floats = isChain ? count : size_t(count) * columns;
    size_t bytes = sizeof(float) * floats;
    Factors chainFactors = {};
    Memory rowFactors;
    if (isChain) {
      std::memcpy(&chainFactors, factors, sizeof(chainFactors));
    } else if (factors) {
      rowFactors = allocate(2 * columns);
      check(cudaMemcpy(rowFactors.get(), factors, 8ull * columns,
                       cudaMemcpyHostToDevice));
    }
    std::vector<Memory> in, out;
    for (uint32_t i = 0; i < sets; ++i) {
      in.push_back(allocate(floats));
      check(cudaMemcpy(in.back().get(), x, bytes, cudaMemcpyHostToDevice));
      out.push_back(allocate(floats));
      check(cudaMemcpy(out.back().get(), y, bytes, cudaMemcpyHostToDevice));
    }
    cudaStream_t stream;
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    Stopwatch stopwatch(stream);
    auto marks = std::make_unique<InFlight>(stream, inFlight);
    double time = medianOfRuns(
        stopwatch, rounds, sets,
        [&](unsigned i) {
          launch(kernel, in[i % sets].get(), rowFactors.get(),
                 rowFactors ? rowFactors.get() + columns : nullptr,
                 out[i % sets].get(), count, columns, chainFactors, stream);
          marks->mark();
        },
        [&] { check(cudaStreamSynchronize(stream)); });
    marks.reset();
    check(cudaStreamDestroy(stream));
    check(cudaMemcpy(y, out.back().get(), bytes, cudaMemcpyDeviceToHost));
    return time;
  } catch (const std::exception &error) {
    std::snprintf(message, messageSize, "%s", error.what());
    return -1;
  }
}
