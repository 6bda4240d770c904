//===- Latency.h - One call after the other ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How long single calls take that end when their result is there, by the host's
// clock. Everything that is compared is opened at the same time, and timed in
// short rounds that take turns: what else the machine does then falls on all
// alike.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_BASELINES_CAPTURE_LATENCY_H
#define VYRE_TEST_BASELINES_CAPTURE_LATENCY_H

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>

/// An array in host memory, as compare.py passes it: floats.
struct HostArray {
  float *data;
  uint64_t bytes;
};

/// Which pointers change from call to call.
enum class Changed : uint32_t { None, One, All };

/// Something that can be called again and again.
class Callable {
public:
  virtual ~Callable() = default;
  /// Call number `i`, until its result is there.
  virtual void call(uint32_t i) = 0;
  /// Ends calls, the last of which had this number, and brings the result.
  virtual void finish(uint32_t last) = 0;
  /// Bytes of device memory that one more of its kind takes, 0 where that is
  /// not measured.
  virtual uint64_t measureDeviceBytes() { return 0; }

  /// The number of the next call.
  uint32_t next = 0;
};

inline double microsecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now() - begin)
      .count();
}

/// 0, or -1 with the reason why `work` failed in `message`.
template <typename Work>
int guarded(char *message, size_t messageSize, Work work) {
  try {
    work();
    return 0;
  } catch (const std::exception &error) {
    std::snprintf(message, messageSize, "%s", error.what());
    return -1;
  }
}

/// Makes a callable and calls it once; `first` gets the microseconds of both.
template <typename Make>
int openCallable(Callable **opened, double *first, char *message,
                 size_t messageSize, Make make) {
  return guarded(message, messageSize, [&] {
    auto begin = std::chrono::steady_clock::now();
    auto made = make();
    made->call(made->next++);
    *first = microsecondsSince(begin);
    *opened = made.release();
  });
}

#endif // VYRE_TEST_BASELINES_CAPTURE_LATENCY_H
