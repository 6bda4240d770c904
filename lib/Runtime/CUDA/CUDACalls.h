//===- CUDACalls.h - Functions of the host on a GPU -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The launches of a program that are calls of the host's. By separate calls a
// function is called with the dispatch's stream. For a graph it is called once
// with a stream of our own that is captured, and what it enqueued becomes a
// child graph.
//
// The capture is of the mode "thread local": what could not be part of a graph,
// such as an allocation or a copy that waits, then makes the capture invalid,
// instead of being done once and missing from each replay.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDACALLS_H
#define VYRE_LIB_RUNTIME_CUDA_CUDACALLS_H

#include "CUDA/CUDADevice.h"
#include "HostCall.h"

#include <memory>
#include <vector>

namespace vyre::runtime::internal::cuda {

class CudaExecutable;

class CudaCalls {
public:
  explicit CudaCalls(CudaExecutable &executable);

  /// The context is current, here and below.
  Status open();
  Status close();

  /// Whether the program calls any function.
  bool any() const { return hasCalls; }
  /// The first launch whose function must not be captured, or null.
  const Launch *getUncapturable() const { return uncapturable; }

  /// Calls the function of a launch, with the launch's values as a kernel would
  /// get them.
  Status enqueue(const DispatchPlan &plan, size_t launch,
                 const uint64_t *values, CUstream stream, bool isCapturing);

  /// Calls the function of a launch, and adds what it enqueued to a graph, or
  /// gives it to a node of an instantiated one. `isStale` says that the node is
  /// of another topology, so that the graph has to be built anew.
  Status addNode(const DispatchPlan &plan, size_t launch,
                 const uint64_t *values, CUgraph graph,
                 const std::vector<CUgraphNode> &after, CUgraphNode &node);
  Status updateNode(const DispatchPlan &plan, size_t launch,
                    const uint64_t *values, CUgraphExec exec, CUgraphNode node,
                    bool &isStale);

  /// Why a call cannot be captured, if that is why one of these two failed
  /// since forgetObstacle(); for ever valid, or NULL.
  const char *getObstacle() const { return obstacle; }
  void forgetObstacle() { obstacle = nullptr; }
  /// The same of a program or driver that can never be; NULL otherwise.
  const char *whyNeverCaptured() const { return never; }

private:
  HostCall &fill(size_t launch, const uint64_t *values);
  Status capture(const DispatchPlan &plan, size_t launch,
                 const uint64_t *values, CUgraph &graph);
  Status refuse(size_t launch, Status status);
  Status destroy(CUgraph graph);

  const Program &program;
  CudaDevice &device;
  const DriverTable &driver;
  bool hasCalls = false;
  const Launch *uncapturable = nullptr;
  /// One per launch; null where it is none.
  std::vector<std::unique_ptr<HostCall>> calls;
  /// What is captured.
  CUstream stream = nullptr;
  const char *never = nullptr, *obstacle = nullptr;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDACALLS_H
