//===- FakePersistent.cpp - The stand-in driver's persistent kernels ------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The device's side of PersistentControl.h.
//
//===----------------------------------------------------------------------===//

#include "FakeWorld.h"

#include "vyre/Target/PersistentControl.h"

#include <chrono>
#include <cstring>

using namespace vyre::artifact;

namespace vyre::fakecuda {

static std::atomic<bool> areHeld{false};

void holdPersistent(bool isHeld) { areHeld = isHeld; }

FakePersistentKernel::FakePersistentKernel(const FakeFunction &function,
                                           uint64_t control, uint32_t number)
    : function(function), control(control), number(number),
      thread([this] { run(); }) {}

FakePersistentKernel::~FakePersistentKernel() { thread.join(); }

/// Copies as three of the values say.
static void copyWords(const uint64_t *values) {
  if (values[2] != 0)
    std::memcpy(reinterpret_cast<void *>(values[1]),
                reinterpret_cast<const void *>(values[0]), values[2] * 16);
}

void FakePersistentKernel::run() {
  using Clock = std::chrono::steady_clock;
  auto &doorbell = *reinterpret_cast<std::atomic<uint64_t> *>(control);
  auto &done =
      *reinterpret_cast<std::atomic<uint32_t> *>(control + kPersistentDone);
  auto &left =
      *reinterpret_cast<std::atomic<uint32_t> *>(control + kPersistentLeft);
  std::chrono::nanoseconds idle(static_cast<int64_t>(
      *reinterpret_cast<const uint64_t *>(control + kPersistentIdle)));
  const auto *told =
      reinterpret_cast<const uint64_t *>(control + kPersistentValues);
  uint32_t last = done.load();
  uint32_t held = 0;
  std::vector<uint64_t> values(kPersistentTransfers + function.pointers +
                               function.values);
  Clock::time_point since = Clock::now();
  while (true) {
    // It is gone, and tells nobody.
    if (isLost().load()) {
      running = false;
      return;
    }
    if (areHeld.load()) {
      std::this_thread::yield();
      continue;
    }
    uint64_t word = doorbell.load(std::memory_order_acquire);
    auto wanted = static_cast<uint32_t>(word);
    if (wanted == last) {
      if (word >> 63 || Clock::now() - since > idle)
        break;
      std::this_thread::yield();
      continue;
    }
    uint32_t version = static_cast<uint32_t>(word >> 32) & INT32_MAX;
    // Only then: what changed without a new version shows.
    if (version != held)
      std::copy(told, told + values.size(), values.begin());
    held = version;
    copyWords(&values[0]);
    const uint64_t *parameters = &values[kPersistentTransfers];
    std::vector<void *> pointers;
    for (size_t i = 0; i < function.pointers; ++i)
      pointers.push_back(reinterpret_cast<void *>(*parameters++));
    std::vector<int64_t> numbers(parameters, parameters + function.values);
    // The number of points is among the parameters.
    function.entry(pointers.data(), numbers.data(), 0, INT64_MAX);
    copyWords(&values[3]);
    last = wanted;
    done.store(wanted, std::memory_order_release);
    since = Clock::now();
  }
  // Nobody may see it running any more once it says that it has left.
  running = false;
  left.store(number, std::memory_order_release);
}

void expectQuiet() {
  for (const FakeStream *stream : world().streams)
    if (stream->isRunning())
      ++world().misuses;
}

} // namespace vyre::fakecuda
