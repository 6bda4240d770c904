//===- FakeWorld.h - What the stand-in driver is made of --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by the files that hold the driver's calls, by what they are about:
//
//   FakeCuda.cpp     all state, and what a test does with it
//   FakeDevices.cpp  errors, devices, contexts
//   FakeKernels.cpp  modules, links, functions, launches
//   Ptx*.cpp         an interpreter for modules of PTX
//   FakeMemory.cpp   memory and copies
//   FakeStreams.cpp  streams and events
//   FakeGraphs.cpp   graphs
//   FakePersistent.cpp   persistent kernels
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_RUNTIME_FAKECUDA_FAKEWORLD_H
#define VYRE_TEST_RUNTIME_FAKECUDA_FAKEWORLD_H

#include "FakeCuda.h"

#include "CUDA/DriverAPI.h"
#include "PtxGrid.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace vyre::fakecuda {

using namespace runtime::internal::cuda;

using CpuEntry = void (*)(void *const *, const int64_t *, int64_t, int64_t);

struct FakeFunction {
  std::string name;
  CpuEntry entry = nullptr;
  size_t pointers = 0, values = 0;
  /// Of a module of PTX, which is interpreted, instead of `entry`.
  std::shared_ptr<const ptx::Kernel> kernel;
  /// It waits for what it comes after.
  bool waits = false;
  /// It runs `entry` again and again, as PersistentControl.h says.
  bool isPersistent = false;
  /// What cuFuncGetParamInfo tells.
  size_t parameters() const {
    if (kernel)
      return kernel->parameters.size();
    return isPersistent ? 2 : pointers + values;
  }
};

/// A persistent kernel that is on the device, as a thread.
class FakePersistentKernel {
public:
  FakePersistentKernel(const FakeFunction &function, uint64_t control,
                       uint32_t number);
  /// Waits for it.
  ~FakePersistentKernel();
  bool isRunning() const { return running.load(); }

private:
  void run();

  const FakeFunction function;
  const uint64_t control;
  const uint32_t number;
  std::atomic<bool> running{true};
  std::thread thread;
};

struct FakeModule {
  std::map<std::string, FakeFunction> functions;
  /// What the functions are of, if they are interpreted.
  ptx::Module code;
};

struct FakeLink {
  std::string code;
  char *log = nullptr;
};

struct FakeNode {
  std::vector<FakeNode *> after;
  std::function<void()> work;
  /// Of a kernel node.
  const FakeFunction *function = nullptr;
  std::shared_ptr<unsigned> clusterSize;
  /// Of a child graph: how many nodes it has; -1 for any other.
  int64_t childNodes = -1;
};

struct FakeGraph {
  std::vector<std::unique_ptr<FakeNode>> nodes;

  /// All of it in the order in which it was made.
  std::function<void()> inOrder() const {
    std::vector<std::function<void()>> work;
    for (const auto &node : nodes)
      work.push_back(node->work);
    return [work] {
      for (const auto &one : work)
        one();
    };
  }
};

struct FakeStream {
  std::deque<std::function<void()>> work;
  CUstreamCaptureStatus capture = CU_STREAM_CAPTURE_STATUS_NONE;
  /// What cuStreamBeginCapture makes: work becomes nodes of it, one after the
  /// other.
  std::unique_ptr<FakeGraph> captured;
  std::vector<std::unique_ptr<FakePersistentKernel>> persistent;

  bool isRunning() const {
    return std::any_of(persistent.begin(), persistent.end(),
                       [](const auto &kernel) { return kernel->isRunning(); });
  }

  /// Of all work that it ever got, what is done.
  uint64_t done = 0;

  /// Does what is enqueued, up to a number of all that it ever got.
  void drain(uint64_t end = UINT64_MAX) {
    persistent.clear();
    while (!work.empty() && done < end) {
      auto next = std::move(work.front());
      work.pop_front();
      ++done;
      next();
    }
  }
};

struct FakeEvent {
  /// The stream to drain before it has happened, and how far.
  FakeStream *stream = nullptr;
  uint64_t end = 0;
};

struct FakeGraphExec {
  FakeGraph *graph = nullptr;
  /// What each node does now; a copy, as the driver's is.
  std::vector<std::function<void()>> work;
  /// The nodes before each one, by position.
  std::vector<std::vector<size_t>> after;

  /// In rounds of all nodes that may run side by side, the last one first, so
  /// that a missing edge shows.
  std::function<void()> all() const {
    return [work = work, after = after] {
      std::vector<bool> isDone(work.size());
      for (size_t done = 0; done < work.size();) {
        std::vector<size_t> round;
        for (size_t i = work.size(); i-- > 0;)
          if (!isDone[i] &&
              std::all_of(after[i].begin(), after[i].end(),
                          [&](size_t before) { return isDone[before]; }))
            round.push_back(i);
        for (size_t i : round) {
          work[i]();
          isDone[i] = true;
        }
        done += round.size();
      }
    };
  }
};

struct Settings {
  int deviceCount = 1;
  int capability = 90;
  int driverVersion = 13000;
  uint64_t memoryLimit = uint64_t(1) << 32;
  uint64_t pendingQueries = 0;
  bool isEager = false;
  int moduleResult = CUDA_SUCCESS;
  std::string moduleLog;
  bool takesChildren = true;
  bool skipsKernels = false;
  /// Never zero by accident.
  int fill = 0xcd;

  bool mustFail = false;
  bool hasFailed = false;
  bool isSticky = false;
  uint64_t failPosition = 0;
  int failResult = CUDA_SUCCESS;
};

/// All state of the driver. One lock: what matters is not its speed.
struct World {
  std::recursive_mutex mutex;
  Settings settings;
  std::vector<std::string> calls;
  uint64_t misuses = 0;

  uint64_t retainedContexts = 0;
  std::set<FakeModule *> modules;
  std::set<FakeLink *> links;
  std::set<FakeStream *> streams;
  std::set<FakeEvent *> events;
  std::set<FakeGraph *> graphs;
  std::set<FakeGraphExec *> graphExecs;
  /// Device and page-locked memory, by address.
  std::map<uint64_t, uint64_t> deviceMemory;
  std::map<uint64_t, uint64_t> pinnedMemory;
  uint64_t usedMemory = 0;
  /// What an interpreted kernel did that it must not.
  std::string fault;
};

World &world();

/// Whether a sticky failure came, so that nothing runs on the device any more.
std::atomic<bool> &isLost();

/// How many contexts this thread has pushed.
int &contextDepth();

/// The one context there is.
CUcontext theContext();

/// Records a call; a result other than success is to be returned at once.
CUresult enter(const char *name, bool needsContext = true);

/// Counts a call that is wrong.
CUresult misuse();

/// Counts a call that a driver would hold up until persistent kernels have
/// left: the runtime is to make them leave before.
void expectQuiet();

/// Whether a range lies in one live allocation.
bool isDeviceRange(uint64_t address, uint64_t size);

/// The same for page-locked memory as well.
bool isKernelRange(uint64_t address, uint64_t size);

CUresult enqueue(CUstream handle, std::function<void()> work);

/// The work of a kernel node, which looks at the size of a cluster when it
/// runs; empty if the parameters are wrong.
std::function<void()> kernelWork(const CUDA_KERNEL_NODE_PARAMS &node,
                                 std::shared_ptr<unsigned> clusterSize);

} // namespace vyre::fakecuda

/// Begins a call: takes the lock, and ends it with what it is to fail with.
#define FAKE_ENTER(...)                                                        \
  std::lock_guard<std::recursive_mutex> lock(world().mutex);                   \
  if (CUresult result = enter(__VA_ARGS__); result != CUDA_SUCCESS)            \
    return result;                                                             \
  World &w = world();                                                          \
  (void)w

#endif // VYRE_TEST_RUNTIME_FAKECUDA_FAKEWORLD_H
