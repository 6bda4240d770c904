//===- PersistentWays.cu - How a waiting kernel gets its inputs -----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ways for one block that stays on the device and the host to hand each other
// small buffers, from the call until the result is in the caller's memory:
//
//   - the kernel works on mapped memory, or copies inputs to device memory or to
//     workgroup memory first
//   - the host copies to and from mapped memory, also by stores that leave no
//     line in its cache; or its buffers are mapped
//   - a doorbell after the input and a flag after the result, each published at
//     system scope, or flags beside the data: every 8 bytes are 4 of data and
//     the number of the call, so that who reads knows what is new
//
// Prints a table: microseconds, median / 99th percentile.
//
//   nvcc -std=c++17 -O3 -arch=sm_90 PersistentWays.cu
//
//===----------------------------------------------------------------------===//

#include <cuda/atomic>
#include <cuda_runtime.h>
#include <emmintrin.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

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
constexpr unsigned kThreads = 256;
constexpr unsigned kMaxBytes = 16384;

/// What is done with a buffer of so many words of 16 bytes.
struct Work {
  const uint4 *input;
  uint4 *staging, *output;
  unsigned words;
};

/// One word of data, as two of data and flags.
struct Flagged {
  uint4 low, high;
};

__device__ uint4 readVolatile(const uint4 *from) {
  uint4 v;
  asm volatile("ld.volatile.global.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(from)
               : "memory");
  return v;
}

__device__ void writeVolatile(uint4 *to, uint4 v) {
  asm volatile("st.volatile.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to),
               "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w)
               : "memory");
}

__device__ uint64_t readTimer() {
  uint64_t now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  return now;
}

__device__ bool isOf(const Flagged &found, unsigned number) {
  return found.low.y == number && found.low.w == number &&
         found.high.y == number && found.high.w == number;
}

__device__ uint4 step(uint4 v) {
  auto next = [](unsigned bits) {
    return __float_as_uint(__uint_as_float(bits) * 0.75f + 0.5f);
  };
  return {next(v.x), next(v.y), next(v.z), next(v.w)};
}

enum class Staging { None, Device, Workgroup };

/// Until the doorbell says kQuit.
template <bool kFlaggedInput, bool kFlaggedOutput, Staging kStaging,
          unsigned kPollsBetweenTimes = ~0u>
__global__ void stay(Work work, Control *control) {
  __shared__ unsigned told;
  __shared__ uint4 shared[kMaxBytes / sizeof(uint4)];
  uint4 *staging = kStaging == Staging::Workgroup ? shared : work.staging;
  for (unsigned last = 0;; last = told) {
    Flagged early = {};
    if (kFlaggedInput) {
      // Everybody looks at its own first word, the first thread at the doorbell
      // too: both are on their way at once.
      const uint4 *mine = work.input + 2 * threadIdx.x;
      bool mustRead = threadIdx.x < work.words;
      if (threadIdx.x == 0) {
        unsigned found;
        do {
          early = {readVolatile(mine), readVolatile(mine + 1)};
          found = control->doorbell.load(cuda::memory_order_relaxed);
        } while (found != kQuit && !isOf(early, last + 1));
        told = found == kQuit ? kQuit : last + 1;
      } else if (mustRead) {
        early = {readVolatile(mine), readVolatile(mine + 1)};
      }
    } else if (threadIdx.x == 0) {
      unsigned found, polls = 0;
      uint64_t since = readTimer();
      do {
        found = control->doorbell.load(cuda::memory_order_acquire);
        if (++polls % kPollsBetweenTimes == 0 &&
            readTimer() - since > 10000000000)
          found = kQuit;
      } while (found == last);
      told = found;
    }
    __syncthreads();
    unsigned number = told;
    if (number == kQuit)
      return;
    auto read = [&](unsigned i) -> uint4 {
      if (!kFlaggedInput)
        return readVolatile(work.input + i);
      Flagged found = early;
      while (i != threadIdx.x || !isOf(found, number)) {
        found = {readVolatile(work.input + 2 * i),
                 readVolatile(work.input + 2 * i + 1)};
        if (isOf(found, number))
          break;
      }
      return {found.low.x, found.low.z, found.high.x, found.high.z};
    };
    if (kStaging != Staging::None) {
      for (unsigned i = threadIdx.x; i < work.words; i += blockDim.x)
        staging[i] = read(i);
      __syncthreads();
    }
    for (unsigned i = threadIdx.x; i < work.words; i += blockDim.x) {
      uint4 v = step(kStaging != Staging::None ? staging[i] : read(i));
      if (!kFlaggedOutput) {
        work.output[i] = v;
        continue;
      }
      writeVolatile(work.output + 2 * i, {v.x, number, v.y, number});
      writeVolatile(work.output + 2 * i + 1, {v.z, number, v.w, number});
    }
    __syncthreads();
    if (!kFlaggedOutput && threadIdx.x == 0)
      control->answer.store(number, cuda::memory_order_release);
  }
}

//===----------------------------------------------------------------------===//
// The host's side
//===----------------------------------------------------------------------===//

/// Each word as two, with the number beside its data.
void writeFlagged(__m128i *to, const __m128i *from, unsigned words,
                  unsigned number) {
  __m128i flags = _mm_set1_epi32(int(number));
  for (unsigned i = 0; i < words; ++i) {
    __m128i word = _mm_loadu_si128(from + i);
    _mm_store_si128(to + 2 * i, _mm_unpacklo_epi32(word, flags));
    _mm_store_si128(to + 2 * i + 1, _mm_unpackhi_epi32(word, flags));
  }
}

/// The reverse, as soon as the flags are there.
void readFlagged(__m128i *to, const volatile __m128i *from, unsigned words,
                 unsigned number) {
  __m128i flags = _mm_set1_epi32(int(number));
  for (unsigned i = 0; i < words; ++i) {
    __m128i low, high, found;
    do {
      low = _mm_load_si128(const_cast<const __m128i *>(from + 2 * i));
      high = _mm_load_si128(const_cast<const __m128i *>(from + 2 * i + 1));
      asm volatile("" ::: "memory");
      found = _mm_castps_si128(_mm_shuffle_ps(
          _mm_castsi128_ps(low), _mm_castsi128_ps(high), _MM_SHUFFLE(3, 1, 3, 1)));
    } while (_mm_movemask_epi8(_mm_cmpeq_epi32(found, flags)) != 0xffff);
    _mm_storeu_si128(to + i, _mm_castps_si128(_mm_shuffle_ps(
                                 _mm_castsi128_ps(low), _mm_castsi128_ps(high),
                                 _MM_SHUFFLE(2, 0, 2, 0))));
  }
}

void stream(__m128i *to, const __m128i *from, unsigned words) {
  for (unsigned i = 0; i < words; ++i)
    _mm_stream_si128(to + i, _mm_loadu_si128(from + i));
  _mm_sfence();
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

using Clock = std::chrono::steady_clock;

/// What the host does: nothing, since the caller's buffers are mapped or on the
/// device; or it copies, in and out, by memcpy; or in by stores around its
/// cache.
enum class Copies { None, OnDevice, Plain, Streaming };

struct Way {
  const char *name;
  void (*kernel)(Work, Control *);
  bool hasFlaggedInput, hasFlaggedOutput;
  Copies copies;
};

std::string measure(const Way &way, unsigned bytes, unsigned repeats) {
  Mapped input(2 * kMaxBytes), output(2 * kMaxBytes), memory(sizeof(Control));
  void *staging = nullptr, *onDevice = nullptr;
  check(cudaMalloc(&staging, kMaxBytes));
  check(cudaMalloc(&onDevice, 2 * kMaxBytes));
  uint4 *from = input.as<uint4>(), *to = output.as<uint4>();
  if (way.copies == Copies::OnDevice) {
    from = static_cast<uint4 *>(onDevice);
    to = from + kMaxBytes / sizeof(uint4);
  }
  auto &control = *memory.as<Control>();
  unsigned words = bytes / sizeof(uint4);
  std::vector<float> x(bytes / sizeof(float)), y(x.size());
  auto fill = [&](unsigned number) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(number % 97) + float(i);
  };
  auto isRight = [&] {
    for (size_t i = 0; i < x.size(); ++i)
      if (y[i] != x[i] * 0.75f + 0.5f)
        return false;
    return true;
  };
  fill(0);
  check(cudaMemcpy(onDevice, x.data(), bytes, cudaMemcpyDefault));
  way.kernel<<<1, kThreads>>>({from, static_cast<uint4 *>(staging), to, words},
                              &control);
  check(cudaGetLastError());
  std::vector<double> times;
  std::string problem;
  for (unsigned number = 1; number <= 200 + repeats; ++number) {
    if (way.copies != Copies::OnDevice)
      fill(number);
    if (way.copies == Copies::None)
      std::memcpy(input.as<void>(), x.data(), bytes);
    auto begin = Clock::now();
    if (way.hasFlaggedInput)
      writeFlagged(input.as<__m128i>(), reinterpret_cast<__m128i *>(x.data()),
                   words, number);
    else if (way.copies == Copies::Streaming)
      stream(input.as<__m128i>(), reinterpret_cast<__m128i *>(x.data()), words);
    else if (way.copies == Copies::Plain)
      std::memcpy(input.as<void>(), x.data(), bytes);
    if (!way.hasFlaggedInput)
      control.doorbell.store(number, cuda::memory_order_release);
    if (way.hasFlaggedOutput)
      readFlagged(reinterpret_cast<__m128i *>(y.data()), output.as<__m128i>(),
                  words, number);
    else
      while (control.answer.load(cuda::memory_order_acquire) != number)
        ;
    bool isCopied =
        way.copies == Copies::Plain || way.copies == Copies::Streaming;
    if (isCopied && !way.hasFlaggedOutput)
      std::memcpy(y.data(), output.as<void>(), bytes);
    double time =
        std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
    if (number > 200)
      times.push_back(time);
    if (way.copies == Copies::None)
      std::memcpy(y.data(), output.as<void>(), bytes);
    if (way.copies != Copies::OnDevice && !isRight())
      problem = "wrong in call " + std::to_string(number);
  }
  control.doorbell.store(kQuit, cuda::memory_order_release);
  check(cudaDeviceSynchronize());
  if (way.copies == Copies::OnDevice) {
    check(cudaMemcpy(y.data(), to, bytes, cudaMemcpyDefault));
    if (!isRight())
      problem = "wrong in the end";
  }
  check(cudaFree(staging));
  check(cudaFree(onDevice));
  if (!problem.empty())
    return problem;
  std::sort(times.begin(), times.end());
  char text[64];
  std::snprintf(text, sizeof(text), "%.2f / %.2f", times[times.size() / 2],
                times[times.size() * 99 / 100]);
  return text;
}

} // namespace

int main() {
  constexpr Staging kNone = Staging::None, kDevice = Staging::Device,
                    kWorkgroup = Staging::Workgroup;
  constexpr Copies kPlain = Copies::Plain, kStreaming = Copies::Streaming;
  const Way ways[] = {
      {"on the device", stay<false, false, kNone>, false, false,
       Copies::OnDevice},
      {"mapped, in place", stay<false, false, kNone>, false, false,
       Copies::None},
      {"copied, in place", stay<false, false, kNone>, false, false, kPlain},
      {"streamed, in place", stay<false, false, kNone>, false, false,
       kStreaming},
      {"copied, to device memory", stay<false, false, kDevice>, false, false,
       kPlain},
      {"the same, the time at each poll", stay<false, false, kDevice, 1>, false,
       false, kPlain},
      {"the same, the time at each 16th", stay<false, false, kDevice, 16>,
       false, false, kPlain},
      {"copied, to workgroup memory", stay<false, false, kWorkgroup>, false,
       false, kPlain},
      {"streamed, to workgroup memory", stay<false, false, kWorkgroup>, false,
       false, kStreaming},
      {"flagged input", stay<true, false, kNone>, true, false, kPlain},
      {"flagged result", stay<false, true, kNone>, false, true, kPlain},
      {"both flagged", stay<true, true, kNone>, true, true, kPlain},
      // Once more: how much the machine has changed since.
      {"mapped, in place", stay<false, false, kNone>, false, false,
       Copies::None},
  };
  constexpr unsigned kSizes[] = {16, 128, 1024, 4096, 16384};
  std::printf("| way |");
  for (unsigned bytes : kSizes)
    std::printf(" %u |", bytes);
  std::printf("\n|---|---|---|---|---|---|\n");
  try {
    for (const Way &way : ways) {
      std::printf("| %s |", way.name);
      for (unsigned bytes : kSizes) {
        std::printf(" %s |", measure(way, bytes, 3000).c_str());
        std::fflush(stdout);
      }
      std::printf("\n");
    }
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
