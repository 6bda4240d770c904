//===- OnDevice.cu - What only a real driver shows ------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks, not times: a dispatch that becomes part of the caller's capture, the
// device's time of a dispatch, code that the cache keeps, inputs that stay,
// results that are there when their flag is, and a persistent kernel among calls
// that would wait for it. Takes compare.py's
// packed folder; prints a line for each check, and fails if one did.
//
//   nvcc -std=c++17 -O3 -arch=sm_90 -I PACK OnDevice.cu -L PACK -l:libvyre_runtime.so.0
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Runtime.h"

#include <cuda_runtime.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr int64_t kCount = 1024;
constexpr size_t kBytes = kCount * sizeof(float);

void check(VyreStatus *status) {
  if (!status)
    return;
  std::string message = vyreStatusMessage(status);
  vyreStatusRelease(status);
  throw std::runtime_error(message);
}

void check(cudaError_t error) {
  if (error != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(error));
}

void expect(bool condition, const std::string &what) {
  if (!condition)
    throw std::runtime_error("not so: " + what);
}

/// A chain of `count` steps: x = 0.75 x + 0.5.
float chainOf(float x, int count) {
  for (int i = 0; i < count; ++i)
    x = x * 0.75f + 0.5f;
  return x;
}

/// A pipeline over the first program of an artifact.
class Session {
public:
  Session(const std::string &path, const VyrePipelineConfig *config) {
    check(vyreArtifactLoadFile(path.c_str(), &artifact));
    check(vyreDeviceOpen("cuda:0", nullptr, &device));
    check(vyrePipelineCreate(device, artifact, 0, config, &pipeline));
  }
  ~Session() {
    vyreStatusRelease(vyrePipelineRelease(pipeline));
    vyreStatusRelease(vyreDeviceRelease(device));
    vyreArtifactRelease(artifact);
  }

  VyreDispatchReport run(std::vector<VyreBinding> bindings,
                         const VyreDispatchConfig *config = nullptr) {
    VyreDispatchReport report = {};
    report.struct_size = sizeof(report);
    check(vyrePipelineDispatch(pipeline, bindings.data(), bindings.size(),
                               config, &report));
    return report;
  }

  VyreArtifact *artifact = nullptr;
  VyreDevice *device = nullptr;
  VyrePipeline *pipeline = nullptr;
};

VyreBinding bind(void *data, uint32_t location, uint32_t flags = 0) {
  static const int64_t extent = kCount;
  VyreBinding binding = {};
  binding.data = data;
  binding.byte_length = kBytes;
  binding.extents = &extent;
  binding.rank = 1;
  binding.element_type = VYRE_ELEMENT_F32;
  binding.location = location;
  binding.flags = flags;
  return binding;
}

template <typename Config> Config empty() {
  Config config = {};
  config.struct_size = sizeof(config);
  return config;
}

std::vector<float> numbers(float first) {
  std::vector<float> all(kCount);
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = first + 0.25f * float(i);
  return all;
}

/// Whether y is what a chain makes of x; contraction alike on both sides is not
/// what this is about.
void expectChain(const std::vector<float> &x, const std::vector<float> &y,
                 int count) {
  for (size_t i = 0; i < x.size(); ++i) {
    float want = chainOf(x[i], count);
    expect(std::abs(y[i] - want) <= 1e-5f * (std::abs(want) + 1),
           "element " + std::to_string(i) + " is " + std::to_string(y[i]) +
               ", expected " + std::to_string(want));
  }
}

/// The caller's graph holds the program, and runs it on what is there then.
std::string captureByCaller(const std::string &pack) {
  Session session(pack + "/chain-4.vyre", nullptr);
  float *x, *y;
  check(cudaMalloc(&x, kBytes));
  check(cudaMalloc(&y, kBytes));
  cudaStream_t stream;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  auto config = empty<VyreDispatchConfig>();
  config.cuda_stream = stream;
  std::vector<VyreBinding> bindings = {bind(x, VYRE_MEMORY_DEVICE),
                                       bind(y, VYRE_MEMORY_DEVICE)};
  session.run(bindings, &config);
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  session.run(bindings, &config);
  cudaGraph_t graph;
  check(cudaStreamEndCapture(stream, &graph));
  size_t nodes = 0;
  check(cudaGraphGetNodes(graph, nullptr, &nodes));
  cudaGraphExec_t exec;
  check(cudaGraphInstantiate(&exec, graph, 0));
  for (float first : {1.0f, -7.0f}) {
    std::vector<float> in = numbers(first), out(kCount);
    check(cudaMemcpy(x, in.data(), kBytes, cudaMemcpyHostToDevice));
    check(cudaMemset(y, 0xff, kBytes));
    check(cudaGraphLaunch(exec, stream));
    check(cudaStreamSynchronize(stream));
    check(cudaMemcpy(out.data(), y, kBytes, cudaMemcpyDeviceToHost));
    expectChain(in, out, 4);
  }
  check(cudaGraphExecDestroy(exec));
  check(cudaGraphDestroy(graph));
  check(cudaStreamDestroy(stream));
  check(cudaFree(x));
  check(cudaFree(y));
  return std::to_string(nodes) + " nodes, launched twice";
}

std::string timedDispatch(const std::string &pack) {
  Session session(pack + "/chain-16.vyre", nullptr);
  std::vector<float> x = numbers(2), y(kCount);
  auto config = empty<VyreDispatchConfig>();
  config.is_timed = true;
  VyreDispatchReport report = {};
  for (int i = 0; i < 5; ++i)
    report = session.run({bind(x.data(), VYRE_MEMORY_HOST),
                          bind(y.data(), VYRE_MEMORY_HOST)},
                         &config);
  expectChain(x, y, 16);
  expect(report.has_device_ns && report.device_ns > 0 &&
             report.device_ns < report.wall_ns,
         "0 < device time < wall time");
  return std::to_string(report.device_ns) + " of " +
         std::to_string(report.wall_ns) + " ns on the device";
}

std::string codeCache(const std::string &pack) {
  auto config = empty<VyreCodeCacheConfig>();
  check(vyreCodeCacheConfigure(&config));
  auto before = empty<VyreCodeCacheInfo>(), after = before;
  check(vyreCodeCacheGetInfo(&before));
  auto begin = std::chrono::steady_clock::now();
  Session session(pack + "/wide-8.vyre", nullptr);
  double ms = std::chrono::duration<double, std::milli>(
                  std::chrono::steady_clock::now() - begin)
                  .count();
  check(vyreCodeCacheGetInfo(&after));
  expect(after.misses + after.disk_hits + after.memory_hits >
             before.misses + before.disk_hits + before.memory_hits,
         "the cache was asked");
  return std::to_string(after.misses - before.misses) + " misses, " +
         std::to_string(after.disk_hits - before.disk_hits) +
         " from disk, " + std::to_string(after.stored - before.stored) +
         " stored, " + std::to_string(ms) + " ms";
}

std::string residentInputs(const std::string &pack) {
  Session session(pack + "/chain-4.vyre", nullptr);
  std::vector<float> x = numbers(3), kept = x, y(kCount);
  uint64_t resident = 0;
  for (int i = 0; i < 5; ++i) {
    resident = session
                   .run({bind(x.data(), VYRE_MEMORY_HOST,
                              i ? VYRE_BINDING_UNCHANGED : 0),
                         bind(y.data(), VYRE_MEMORY_HOST)})
                   .resident_bytes;
    expectChain(kept, y, 4);
    // Only who breaks the promise can tell.
    x.assign(kCount, 99.0f);
  }
  expect(resident == kBytes, "the input stayed");
  return "the input stayed on the device";
}

/// Other bytes every time, also where the flag is raised by a kernel that was
/// started before the one that writes the result is done: no old one is read.
std::string polledIsFresh(const std::string &pack) {
  auto config = empty<VyrePipelineConfig>();
  config.capture = VYRE_CAPTURE_REQUIRE;
  config.wait_mode = VYRE_WAIT_SPIN;
  for (int count : {1, 4, 16}) {
    Session session(pack + "/chain-" + std::to_string(count) + ".vyre",
                    &config);
    for (int i = 0; i < 5000; ++i) {
      std::vector<float> x = numbers(float(i % 977)), y(kCount, -1.0f);
      expect(session
                     .run({bind(x.data(), VYRE_MEMORY_HOST),
                           bind(y.data(), VYRE_MEMORY_HOST)})
                     .replays == 1,
             "it is a replay");
      expectChain(x, y, count);
    }
  }
  return "15,000 replays with other bytes";
}

VyrePipelineConfig persistent(uint64_t idleNs) {
  auto config = empty<VyrePipelineConfig>();
  config.persistent = VYRE_PERSISTENT_REQUIRE;
  config.persistent_idle_ns = idleNs;
  config.wait_mode = VYRE_WAIT_SPIN;
  return config;
}

/// Other bytes every time: nothing old may be read, or be there before its
/// flag.
std::string persistentIsFresh(const std::string &pack) {
  VyrePipelineConfig config = persistent(1000000);
  Session session(pack + "/chain-1.vyre", &config);
  for (int i = 0; i < 20000; ++i) {
    std::vector<float> x = numbers(float(i % 977)), y(kCount, -1.0f);
    expect(session
               .run({bind(x.data(), VYRE_MEMORY_HOST),
                     bind(y.data(), VYRE_MEMORY_HOST)})
               .is_persistent,
           "it is persistent");
    expectChain(x, y, 1);
  }
  return "20,000 dispatches with other bytes";
}

/// The kernel leaves when nothing comes, and is started again.
std::string persistentLeaves(const std::string &pack) {
  VyrePipelineConfig config = persistent(100000);
  Session session(pack + "/chain-1.vyre", &config);
  std::vector<float> x = numbers(1), y(kCount);
  for (int i = 0; i < 2000; ++i) {
    auto until = std::chrono::steady_clock::now() +
                 std::chrono::microseconds(i % 2 ? 20 : 85 + i % 40);
    while (std::chrono::steady_clock::now() < until)
      ;
    x[0] = float(i);
    session.run({bind(x.data(), VYRE_MEMORY_HOST),
                 bind(y.data(), VYRE_MEMORY_HOST)});
    expectChain(x, y, 1);
  }
  return "2,000 dispatches around its idle time";
}

/// Calls that the driver holds up while a kernel runs: with one that would stay
/// for ten seconds.
std::string persistentMakesWay(const std::string &pack) {
  VyrePipelineConfig config = persistent(10000000000);
  Session session(pack + "/chain-1.vyre", &config);
  std::vector<float> x = numbers(1), y(kCount);
  auto step = [&] {
    session.run({bind(x.data(), VYRE_MEMORY_HOST),
                 bind(y.data(), VYRE_MEMORY_HOST)});
    expectChain(x, y, 1);
  };
  step();
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    void *memory = nullptr;
    check(vyreDeviceAllocate(session.device, 1 << 20, &memory));
    step();
    check(vyreDeviceFree(session.device, memory));
    step();
    Session other(pack + "/chain-16.vyre", nullptr);
    step();
    std::vector<float> out(kCount);
    for (int k = 0; k < 3; ++k)
      other.run({bind(x.data(), VYRE_MEMORY_HOST),
                 bind(out.data(), VYRE_MEMORY_HOST)});
    expectChain(x, out, 16);
    step();
  }
  double ms = std::chrono::duration<double, std::milli>(
                  std::chrono::steady_clock::now() - begin)
                  .count();
  expect(ms < 9000, "nothing waited for it");
  return "20 rounds in " + std::to_string(ms) + " ms";
}

} // namespace

int main(int count, char **arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: %s PACK\n", arguments[0]);
    return 2;
  }
  std::string pack = arguments[1];
  struct Check {
    const char *name;
    std::string (*run)(const std::string &);
  };
  int failed = 0;
  for (Check one : {Check{"caller's capture", captureByCaller},
                    Check{"timed dispatch", timedDispatch},
                    Check{"code cache", codeCache},
                    Check{"resident inputs", residentInputs},
                    Check{"polled: fresh", polledIsFresh},
                    Check{"persistent: fresh", persistentIsFresh},
                    Check{"persistent: leaves", persistentLeaves},
                    Check{"persistent: makes way", persistentMakesWay}}) {
    std::string outcome;
    try {
      outcome = "ok, " + one.run(pack);
    } catch (const std::exception &error) {
      outcome = std::string("FAILED: ") + error.what();
      ++failed;
    }
    std::printf("%-22s %s\n", one.name, outcome.c_str());
    std::fflush(stdout);
  }
  return failed != 0;
}
