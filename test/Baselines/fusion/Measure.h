//===- Measure.h - Medians of back-to-back runs -----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How long one run takes when many follow each other: on a GPU by events around
// them on one stream (built by nvcc, which defines __CUDACC__), elsewhere by
// the host's clock. What compare.py calls in MeasureArtifact.cpp and Kernels.cu
// is timed by this alone.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_BASELINES_FUSION_MEASURE_H
#define VYRE_TEST_BASELINES_FUSION_MEASURE_H

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#ifdef __CUDACC__
#include <cuda_runtime.h>
#include <stdexcept>

inline void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

/// Microseconds between two marks on one stream.
class Stopwatch {
public:
  explicit Stopwatch(cudaStream_t stream) : stream(stream) {
    check(cudaEventCreate(&begin));
    check(cudaEventCreate(&end));
  }
  ~Stopwatch() {
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
  }
  Stopwatch(const Stopwatch &) = delete;
  Stopwatch &operator=(const Stopwatch &) = delete;
  void start() { check(cudaEventRecord(begin, stream)); }
  double stop() {
    check(cudaEventRecord(end, stream));
    check(cudaEventSynchronize(end));
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin, end));
    return milliseconds * 1000.0;
  }

private:
  cudaStream_t stream;
  cudaEvent_t begin, end;
};
#else
/// Microseconds between two marks on the host's clock.
class Stopwatch {
public:
  void start() { begin = std::chrono::steady_clock::now(); }
  double stop() {
    return std::chrono::duration<double, std::micro>(
               std::chrono::steady_clock::now() - begin)
        .count();
  }

private:
  std::chrono::steady_clock::time_point begin;
};
#endif

/// The median over `rounds` of one run's microseconds. `run(i)` starts run
/// number i and `finish()` waits for all. A round's runs take about 10 ms.
template <typename Run, typename Finish>
double medianOfRuns(Stopwatch &stopwatch, unsigned rounds, unsigned sets,
                    Run run, Finish finish) {
  // Each set of buffers once: loads code, touches memory.
  for (unsigned i = 0; i < sets; ++i)
    run(i);
  finish();
  auto round = [&](unsigned runs) {
    stopwatch.start();
    for (unsigned i = 0; i < runs; ++i)
      run(i);
    double time = stopwatch.stop();
    finish();
    return time / runs;
  };
  double guess = round(3);
  unsigned runs = std::clamp(10000.0 / std::max(guess, 1.0), 2.0, 1000.0);
  std::vector<double> times(rounds);
  for (double &time : times)
    time = round(runs);
  std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
  return times[rounds / 2];
}

#endif // VYRE_TEST_BASELINES_FUSION_MEASURE_H
