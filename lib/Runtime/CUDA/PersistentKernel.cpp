//===- PersistentKernel.cpp - A kernel that waits for dispatches ----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/PersistentKernel.h"

#include "vyre/Target/PersistentControl.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <thread>

namespace vyre::runtime::internal::cuda {
namespace {

using namespace artifact;

constexpr uint64_t kLeaveBit = uint64_t(1) << 63;

/// How long an entry may take to leave before the driver is asked about it.
constexpr std::chrono::microseconds kPatience(200);

/// How much longer than it waits for dispatches an entry is waited for of which
/// the driver tells nothing.
constexpr std::chrono::seconds kGrace(1);

/// Who was ever started in this process: a GPU may be open several times.
struct Registry {
  std::recursive_mutex mutex;
  std::vector<PersistentKernel *> kernels;

  void remove(const PersistentKernel *kernel) {
    kernels.erase(std::remove(kernels.begin(), kernels.end(), kernel),
                  kernels.end());
  }
};

Registry &registry() {
  // Not destroyed: threads may still dispatch while the process ends.
  static Registry *all = new Registry;
  return *all;
}

uint64_t doorbellWord(uint32_t number, uint32_t version) {
  return uint64_t(version) << 32 | number;
}

} // namespace

PersistentKernel::~PersistentKernel() {
  std::unique_lock<std::recursive_mutex> lock(registry().mutex);
  registry().remove(this);
}

std::atomic<uint64_t> &PersistentKernel::doorbell() const {
  return *reinterpret_cast<std::atomic<uint64_t> *>(control.data());
}

std::atomic<uint32_t> &PersistentKernel::done() const {
  return *reinterpret_cast<std::atomic<uint32_t> *>(control.data() +
                                                    kPersistentDone);
}

std::atomic<uint32_t> &PersistentKernel::left() const {
  return *reinterpret_cast<std::atomic<uint32_t> *>(control.data() +
                                                    kPersistentLeft);
}

Status PersistentKernel::prepare(const PersistentShape &next) {
  if (shape == next)
    return Status();
  std::unique_lock<std::recursive_mutex> lock(registry().mutex);
  if (Status status = leave(); status.failed())
    return status;
  if (!control.data()) {
    if (Status status = control.reserve(kPersistentControlBytes);
        status.failed())
      return status;
    std::memset(control.data(), 0, kPersistentControlBytes);
  }
  if (!stream) {
    if (Status status = device.check(
            device.driver().streamCreate(&stream, CU_STREAM_NON_BLOCKING),
            "cuStreamCreate");
        status.failed())
      return status;
    registry().kernels.push_back(this);
  }
  std::memcpy(control.data() + kPersistentIdle, &next.idleNs,
              sizeof(next.idleNs));
  shape = next;
  return Status();
}

void PersistentKernel::ring(const Transfer &up, const Transfer &down,
                            const std::vector<uint64_t> &parameters) {
  constexpr uint64_t kWordBytes = 16;
  auto words = [](const Transfer &transfer) {
    return (transfer.byteSize + kWordBytes - 1) / kWordBytes;
  };
  values = {reinterpret_cast<uintptr_t>(up.host),
            up.device,
            words(up),
            down.device,
            reinterpret_cast<uintptr_t>(down.host),
            words(down)};
  values.insert(values.end(), parameters.begin(), parameters.end());
  if (values != sent) {
    std::memcpy(control.data() + kPersistentValues, values.data(),
                values.size() * sizeof(uint64_t));
    std::swap(values, sent);
    // Neither 0, which the entry never has, nor the bit to leave by.
    version = version % INT32_MAX + 1;
  }
  ++number;
  doorbell().store(doorbellWord(number, version), std::memory_order_release);
}

Status PersistentKernel::start() {
  std::unique_lock<std::recursive_mutex> lock(registry().mutex);
  ++starts;
  doorbell().store(doorbellWord(number, version), std::memory_order_release);
  uint64_t values[] = {reinterpret_cast<uintptr_t>(control.data()), starts};
  void *parameters[] = {&values[0], &values[1]};
  Status status = device.check(
      device.driver().launchKernel(shape.entry, 1, 1, 1, shape.threads, 1, 1, 0,
                                   stream, parameters, nullptr),
      "cuLaunchKernel");
  isStarted = !status.failed();
  return status;
}

bool PersistentKernel::hasLeft() const {
  return left().load(std::memory_order_acquire) == starts;
}

bool PersistentKernel::isUp() const {
  return isStarted.load(std::memory_order_relaxed) && !hasLeft();
}

PersistentKernel::Answer PersistentKernel::ask() {
  if (done().load(std::memory_order_acquire) == number)
    return Answer::done;
  if (isUp())
    return Answer::waiting;
  // What it has not done when it left it never will.
  return done().load(std::memory_order_acquire) == number ? Answer::done
                                                          : Answer::gone;
}

void PersistentKernel::ringLeave() {
  doorbell().fetch_or(kLeaveBit, std::memory_order_release);
}

Status PersistentKernel::watch() {
  CUresult result = device.driver().streamQuery(stream);
  if (result == CUDA_ERROR_NOT_READY)
    return Status();
  Status status = device.check(result, "cuStreamQuery");
  // Of another failure the entry knows nothing: it may be there still.
  if (!status.failed() || device.health().failed())
    isStarted = false;
  return status;
}

Status PersistentKernel::leave() {
  Status first;
  Clock::time_point patience = Clock::now() + kPatience;
  std::optional<Clock::time_point> givesUp;
  while (isUp()) {
    // Again and again: a dispatch that rings at the same time takes it back.
    ringLeave();
    if (Clock::now() < patience) {
      std::this_thread::yield();
      continue;
    }
    // It ends by itself some time, but not if it is gone with the device: then
    // nothing of it will ever be heard.
    ContextScope scope(device);
    Status status = scope.failed() ? scope.takeStatus() : watch();
    Clock::time_point now = Clock::now();
    if (!status.failed())
      givesUp.reset();
    else if (!givesUp)
      givesUp = now + std::chrono::nanoseconds(shape.idleNs) + kGrace;
    first.update(std::move(status));
    if (device.health().failed() || (givesUp && now > *givesUp))
      break;
    patience = now + kPatience;
  }
  isStarted = false;
  return first;
}

Status PersistentKernel::close() {
  if (!stream)
    return control.release();
  Status status;
  {
    std::unique_lock<std::recursive_mutex> lock(registry().mutex);
    status = leave();
    registry().remove(this);
  }
  status.update(device.synchronize(stream));
  status.update(
      device.giveBack([&] { return device.driver().streamDestroy(stream); },
                      "cuStreamDestroy"));
  stream = nullptr;
  status.update(control.release());
  return status;
}

DeviceQuiet::DeviceQuiet(CudaDevice &device) : lock(registry().mutex) {
  // Whoever makes the call that follows hears of a device that failed.
  for (PersistentKernel *kernel : registry().kernels)
    if (kernel->isOn(device))
      (void)kernel->leave().failed();
}

} // namespace vyre::runtime::internal::cuda
