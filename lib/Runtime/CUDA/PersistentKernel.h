//===- PersistentKernel.h - A kernel that waits for dispatches --*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host's side of PersistentControl.h: starts a persistent entry on a stream
// of its own, rings its doorbell, and sees that it leaves the device. It leaves
// by itself when nothing comes for a while; a dispatch that meets it on its way
// out starts it again. Calls that the driver would hold up until it has left
// are made under a DeviceQuiet.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_PERSISTENTKERNEL_H
#define VYRE_LIB_RUNTIME_CUDA_PERSISTENTKERNEL_H

#include "CUDA/CUDADevice.h"
#include "CUDA/CUDAGraph.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace vyre::runtime::internal::cuda {

/// How a persistent entry is started.
struct PersistentShape {
  CUfunction entry = nullptr;
  uint32_t threads = 0;
  uint64_t idleNs = 0;

  bool operator==(const PersistentShape &other) const {
    return entry == other.entry && threads == other.threads &&
           idleNs == other.idleNs;
  }
};

/// The entry of one set in flight. Used by one dispatch at a time; only leave()
/// is also called by others, through DeviceQuiet.
class PersistentKernel {
public:
  explicit PersistentKernel(CudaDevice &device)
      : device(device), control(device) {}
  /// close() may have been out of reach: the device is lost.
  ~PersistentKernel();
  PersistentKernel(const PersistentKernel &) = delete;
  PersistentKernel &operator=(const PersistentKernel &) = delete;

  /// Makes ready for this shape; what runs with another one leaves. The context
  /// is current, as for start(), watch() and close().
  Status prepare(const PersistentShape &shape);
  /// Asks for a dispatch: what is copied before and after it, and the kernel's
  /// parameters, of which there are at most kMaxPersistentValues.
  void ring(const Transfer &up, const Transfer &down,
            const std::vector<uint64_t> &parameters);
  /// Starts the entry, which has left or was not there.
  Status start();

  enum class Answer {
    waiting,
    /// What the dispatch wrote can be read.
    done,
    /// It has left without doing the dispatch.
    gone,
  };
  Answer ask();
  /// Whether it may still be on the device.
  bool isUp() const;
  /// Asks the driver, which knows of failures, and of an entry that ended
  /// without a word.
  Status watch();

  /// Whether it runs on this GPU, however that was opened.
  bool isOn(const CudaDevice &other) const {
    return device.handle() == other.handle();
  }
  /// Lets the entry end, and waits for it.
  Status leave();
  Status close();

private:
  /// Numbers in the control block.
  std::atomic<uint64_t> &doorbell() const;
  std::atomic<uint32_t> &done() const;
  std::atomic<uint32_t> &left() const;
  bool hasLeft() const;
  /// Tells it to leave when it has nothing to do.
  void ringLeave();

  CudaDevice &device;
  CUstream stream = nullptr;
  PinnedBlock control;
  PersistentShape shape;
  /// The present dispatch, the version of the values, and the start.
  uint32_t number = 0, version = 0, starts = 0;
  /// What the entry is told, and what it was.
  std::vector<uint64_t> values, sent;
  /// It was started, and nobody has seen its end.
  std::atomic<bool> isStarted{false};
};

/// While it lives, no persistent kernel of this process runs on the GPU: for
/// calls that would wait for one.
class DeviceQuiet {
public:
  explicit DeviceQuiet(CudaDevice &device);
  DeviceQuiet(const DeviceQuiet &) = delete;
  DeviceQuiet &operator=(const DeviceQuiet &) = delete;

private:
  std::unique_lock<std::recursive_mutex> lock;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_PERSISTENTKERNEL_H
