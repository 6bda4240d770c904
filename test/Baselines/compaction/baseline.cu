//===- baseline.cu - Many results to the host, by hand ---------*- CUDA -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   baseline RESULTS BYTES     prints one line of JSON: microseconds, medians
//
// From an input on the host to all results on the host, where one kernel computes
// out[i][j] = x[j] + i: by a copy each into pageable and into pinned memory, by
// cudaMemcpyBatchAsync, by a kernel that packs them into mapped memory, by that as
// a graph, and by that graph with a copy of each into pageable memory.
//
// Then with a count that the device computes and that says how many elements of
// every result are meaningful (all of them are): packed to fixed places, and to
// places without gaps that a scan over the counts gives, both as graphs.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#define CHECK(call)                                                            \
  do {                                                                         \
    cudaError_t error = (call);                                                \
    if (error != cudaSuccess) {                                                \
      std::fprintf(stderr, "%s: %s\n", #call, cudaGetErrorString(error));      \
      std::exit(1);                                                            \
    }                                                                          \
  } while (false)

__global__ void compute(const float *x, float *const *out, int results,
                        int elements) {
  for (long i = blockIdx.x * long(blockDim.x) + threadIdx.x;
       i < long(results) * elements; i += long(gridDim.x) * blockDim.x)
    out[i / elements][i % elements] = x[i % elements] + float(i / elements);
}

/// A block takes a result; `slab` is mapped.
__global__ void pack(float *const *out, float *slab, int elements) {
  const float *from = out[blockIdx.x];
  float *to = slab + size_t(blockIdx.x) * elements;
  if (elements % 4 == 0) {
    for (int i = threadIdx.x; i < elements / 4; i += blockDim.x)
      reinterpret_cast<float4 *>(to)[i] =
          reinterpret_cast<const float4 *>(from)[i];
    return;
  }
  for (int i = threadIdx.x; i < elements; i += blockDim.x)
    to[i] = from[i];
}

__global__ void copyCount(const int *rows, int *count) { *count = *rows; }

/// The elements that a result's count says, or none if it can't be right.
__device__ int meaningful(int count, int elements) {
  return count < 0 || count > elements ? 0 : count;
}

__device__ void packOne(const float *from, float *to, int count) {
  if (reinterpret_cast<size_t>(to) % 16 == 0 && count % 4 == 0) {
    for (int i = threadIdx.x; i < count / 4; i += blockDim.x)
      reinterpret_cast<float4 *>(to)[i] =
          reinterpret_cast<const float4 *>(from)[i];
    return;
  }
  for (int i = threadIdx.x; i < count; i += blockDim.x)
    to[i] = from[i];
}

/// Each result has its place by its capacity; `header` is mapped, too.
__global__ void packFixed(float *const *out, const int *const *counts,
                          float *slab, int *header, int elements) {
  int count = meaningful(*counts[blockIdx.x], elements);
  if (threadIdx.x == 0)
    header[2 * blockIdx.x] = count;
  packOne(out[blockIdx.x], slab + size_t(blockIdx.x) * elements, count);
}

/// Each result follows the one before: a block adds up all counts before its
/// own.
__global__ void packScanned(float *const *out, const int *const *counts,
                            float *slab, int *header, int elements) {
  __shared__ int before;
  if (threadIdx.x == 0)
    before = 0;
  __syncthreads();
  int sum = 0;
  for (int i = threadIdx.x; i < int(blockIdx.x); i += blockDim.x)
    sum += meaningful(*counts[i], elements);
  for (int offset = 16; offset > 0; offset /= 2)
    sum += __shfl_down_sync(0xffffffff, sum, offset);
  if (threadIdx.x % 32 == 0)
    atomicAdd(&before, sum);
  __syncthreads();
  int count = meaningful(*counts[blockIdx.x], elements);
  if (threadIdx.x == 0) {
    header[2 * blockIdx.x] = count;
    header[2 * blockIdx.x + 1] = before;
  }
  packOne(out[blockIdx.x], slab + before, count);
}

/// What a function enqueues on a stream, as a graph.
static cudaGraphExec_t capture(cudaStream_t stream,
                               const std::function<void()> &enqueue) {
  cudaGraph_t graph;
  cudaGraphExec_t replay;
  CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  enqueue();
  CHECK(cudaStreamEndCapture(stream, &graph));
  CHECK(cudaGraphInstantiate(&replay, graph, 0));
  return replay;
}

static double median(const std::function<void()> &run) {
  std::vector<double> times;
  for (int i = 0; i < 220; ++i) {
    auto begin = std::chrono::steady_clock::now();
    run();
    std::chrono::duration<double, std::micro> time =
        std::chrono::steady_clock::now() - begin;
    if (i >= 20)
      times.push_back(time.count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

int main(int, char **argv) {
  int results = std::atoi(argv[1]), bytes = std::atoi(argv[2]);
  int elements = bytes / 4;
  cudaStream_t stream;
  CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  float *hostX, *x, *slab, *pinned;
  // With room for the count behind it, so that one copy takes both up.
  CHECK(cudaMallocHost(&hostX, bytes + sizeof(int)));
  CHECK(cudaMallocHost(&slab, size_t(results) * bytes));
  CHECK(cudaMallocHost(&pinned, size_t(results) * bytes));
  CHECK(cudaMalloc(&x, bytes + sizeof(int)));
  for (int i = 0; i < elements; ++i)
    hostX[i] = float(std::rand() % 1000);
  std::vector<float *> out(results);
  for (float *&one : out)
    CHECK(cudaMalloc(&one, bytes));
  float **table;
  CHECK(cudaMalloc(&table, results * sizeof(float *)));
  CHECK(cudaMemcpy(table, out.data(), results * sizeof(float *),
                   cudaMemcpyHostToDevice));
  std::vector<std::vector<float>> pageable(results,
                                           std::vector<float>(elements));

  long points = long(results) * elements;
  int blocks = int(std::min(4096L, (points + 255) / 256));
  auto enqueueCompute = [&] {
    compute<<<blocks, 256, 0, stream>>>(x, table, results, elements);
    CHECK(cudaGetLastError());
  };
  auto dispatch = [&] {
    CHECK(cudaMemcpyAsync(x, hostX, bytes, cudaMemcpyHostToDevice, stream));
    enqueueCompute();
  };
  auto check = [&](const char *what, std::function<const float *(int)> get) {
    for (int i = 0; i < results; ++i)
      for (int j = 0; j < elements; ++j)
        if (get(i)[j] != hostX[j] + float(i)) {
          std::fprintf(stderr, "%s: result %d is wrong at %d\n", what, i, j);
          std::exit(1);
        }
  };

  double pageableTime = median([&] {
    dispatch();
    for (int i = 0; i < results; ++i)
      CHECK(cudaMemcpyAsync(pageable[i].data(), out[i], bytes,
                            cudaMemcpyDeviceToHost, stream));
    CHECK(cudaStreamSynchronize(stream));
  });
  check("pageable", [&](int i) { return pageable[i].data(); });

  double pinnedTime = median([&] {
    dispatch();
    for (int i = 0; i < results; ++i)
      CHECK(cudaMemcpyAsync(pinned + size_t(i) * elements, out[i], bytes,
                            cudaMemcpyDeviceToHost, stream));
    CHECK(cudaStreamSynchronize(stream));
  });
  check("pinned", [&](int i) { return pinned + size_t(i) * elements; });

  double batchTime = -1;
#if CUDART_VERSION >= 13000
  std::memset(pinned, 0, size_t(results) * bytes);
  std::vector<void *> targets;
  std::vector<const void *> sources(out.begin(), out.end());
  std::vector<size_t> sizes(results, bytes);
  for (int i = 0; i < results; ++i)
    targets.push_back(pinned + size_t(i) * elements);
  cudaMemcpyAttributes attributes = {};
  attributes.srcAccessOrder = cudaMemcpySrcAccessOrderStream;
  size_t first = 0;
  batchTime = median([&] {
    dispatch();
    CHECK(cudaMemcpyBatchAsync(targets.data(), sources.data(), sizes.data(),
                               results, &attributes, &first, 1, stream));
    CHECK(cudaStreamSynchronize(stream));
  });
  check("batch", [&](int i) { return pinned + size_t(i) * elements; });
#endif

  std::memset(slab, 0, size_t(results) * bytes);
  auto packAll = [&] {
    dispatch();
    pack<<<results, 128, 0, stream>>>(table, slab, elements);
    CHECK(cudaGetLastError());
  };
  double packTime = median([&] {
    packAll();
    CHECK(cudaStreamSynchronize(stream));
  });
  check("pack", [&](int i) { return slab + size_t(i) * elements; });

  cudaGraphExec_t replay = capture(stream, packAll);
  std::memset(slab, 0, size_t(results) * bytes);
  double graphTime = median([&] {
    CHECK(cudaGraphLaunch(replay, stream));
    CHECK(cudaStreamSynchronize(stream));
  });
  check("graph", [&](int i) { return slab + size_t(i) * elements; });

  double callerTime = median([&] {
    CHECK(cudaGraphLaunch(replay, stream));
    CHECK(cudaStreamSynchronize(stream));
    for (int i = 0; i < results; ++i)
      std::memcpy(pageable[i].data(), slab + size_t(i) * elements, bytes);
  });
  check("caller", [&](int i) { return pageable[i].data(); });

  int *rows = reinterpret_cast<int *>(x + elements), *count, *header;
  CHECK(cudaMalloc(&count, sizeof(int)));
  CHECK(cudaMallocHost(&header, 2 * results * sizeof(int)));
  std::memcpy(hostX + elements, &elements, sizeof(int));
  std::vector<const int *> countsOf(results, count);
  const int **counts;
  CHECK(cudaMalloc(&counts, results * sizeof(int *)));
  CHECK(cudaMemcpy(counts, countsOf.data(), results * sizeof(int *),
                   cudaMemcpyHostToDevice));
  auto dispatchCounted = [&] {
    CHECK(cudaMemcpyAsync(x, hostX, bytes + sizeof(int),
                          cudaMemcpyHostToDevice, stream));
    copyCount<<<1, 1, 0, stream>>>(rows, count);
    enqueueCompute();
  };
  auto measureCounted = [&](auto *kernel, const char *what) {
    cudaGraphExec_t counted = capture(stream, [&] {
      dispatchCounted();
      kernel<<<results, 128, 0, stream>>>(table, counts, slab, header,
                                          elements);
      CHECK(cudaGetLastError());
    });
    std::memset(slab, 0, size_t(results) * bytes);
    double time = median([&] {
      CHECK(cudaGraphLaunch(counted, stream));
      CHECK(cudaStreamSynchronize(stream));
    });
    check(what, [&](int i) { return slab + size_t(i) * elements; });
    return time;
  };
  double fixedTime = measureCounted(packFixed, "fixed");
  double scannedTime = measureCounted(packScanned, "scanned");

  std::printf("{\"pageable\": %.1f, \"pinned\": %.1f, \"batch\": %.1f, "
              "\"pack\": %.1f, \"pack_graph\": %.1f, \"pack_caller\": %.1f, "
              "\"fixed\": %.1f, \"scanned\": %.1f}\n",
              pageableTime, pinnedTime, batchTime, packTime, graphTime,
              callerTime, fixedTime, scannedTime);
  return 0;
}
