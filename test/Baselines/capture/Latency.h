//===- Latency.h - One call after the other --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How long single calls take that end when their result is there, by the host's
// clock. Dispatches.cpp and Graphs.cu are timed by this alone.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_BASELINES_CAPTURE_LATENCY_H
#define VYRE_TEST_BASELINES_CAPTURE_LATENCY_H

#include <chrono>
#include <cstdint>

/// An array in host memory, as compare.py passes it: floats.
struct HostArray {
  float *data;
  uint64_t bytes;
};

/// What a call writes about itself: microseconds of the first, with all that is
/// made for it, and of each of `count` later ones; bytes of device memory that
/// one more of its kind takes, 0 where that is not measured.
struct Timing {
  double first;
  double *times;
  uint32_t count;
  uint64_t deviceBytes;
};

/// Which pointers change from call to call.
enum class Changed : uint32_t { None, One, All };

inline double microsecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now() - begin)
      .count();
}

/// Times `call(i)` for each of `timing.count` calls, after 100 that are not.
template <typename Call> void timeCalls(Timing &timing, Call call) {
  for (uint32_t i = 0; i < 100; ++i)
    call(i);
  for (uint32_t i = 0; i < timing.count; ++i) {
    auto begin = std::chrono::steady_clock::now();
    call(i);
    timing.times[i] = microsecondsSince(begin);
  }
}

#endif // VYRE_TEST_BASELINES_CAPTURE_LATENCY_H
