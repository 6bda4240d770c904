//===- CUDACalls.cpp - Functions of the host on a GPU -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDACalls.h"

#include "CUDA/CUDAExecutable.h"
#include "KeptText.h"

namespace vyre::runtime::internal::cuda {
namespace {

/// Whether a result of ending a capture says that the capture is no good. It is
/// over then.
bool isCaptureFailure(CUresult result) {
  return result >= CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED &&
         result <= CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
}

/// Whether a graph or a node cannot hold what was captured.
bool isRefused(CUresult result) {
  return result == CUDA_ERROR_INVALID_VALUE ||
         result == CUDA_ERROR_NOT_SUPPORTED ||
         result == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
}

const char *explain(const Launch &launch) {
  return keepForEver(concat("the host's function '", launch.call->function,
                            "' cannot be captured"));
}

} // namespace

CudaCalls::CudaCalls(CudaExecutable &executable)
    : program(executable.getProgram()), device(executable.getDevice()),
      driver(device.driver()) {
  for (uint32_t i = 0; i < program.launches.size(); ++i) {
    const Launch &launch = program.launches[i];
    calls.push_back(launch.isCall() ? std::make_unique<HostCall>(
                                          program, i, executable.getCall(i))
                                    : nullptr);
    hasCalls |= launch.isCall();
    if (launch.isCall() && !launch.call->isCapturable && !uncapturable)
      uncapturable = &launch;
  }
  if (uncapturable)
    never = explain(*uncapturable);
  else if (hasCalls && !driver.hasChildGraphs())
    never = "the CUDA driver cannot make graphs of calls";
}

Status CudaCalls::open() {
  if (!hasCalls || whyNeverCaptured())
    return Status();
  return device.check(driver.streamCreate(&stream, CU_STREAM_NON_BLOCKING),
                      "cuStreamCreate");
}

Status CudaCalls::close() {
  if (!stream)
    return Status();
  Status status = device.giveBack([&] { return driver.streamDestroy(stream); },
                                  "cuStreamDestroy");
  stream = nullptr;
  return status;
}

HostCall &CudaCalls::fill(size_t launch, const uint64_t *values) {
  HostCall &call = *calls[launch];
  const Launch &info = program.launches[launch];
  for (size_t i = 0; i < info.pointers.size(); ++i)
    call.setPointer(i, reinterpret_cast<void *>(*values++));
  for (size_t i = 0; i < info.parameters.size(); ++i)
    call.setScalar(i, static_cast<int64_t>(*values++));
  return call;
}

Status CudaCalls::enqueue(const DispatchPlan &plan, size_t launch,
                          const uint64_t *values, CUstream on,
                          bool isCapturing) {
  return fill(launch, values).call(plan, on, isCapturing);
}

/// Remembers that a call cannot be captured; `status` says why, if anything
/// does.
Status CudaCalls::refuse(size_t launch, Status status) {
  const Launch &info = program.launches[launch];
  obstacle = explain(info);
  std::string why =
      status.failed() ? concat(": ", status.message()) : std::string(".");
  return failure(status.failed() ? status.code() : VYRE_STATUS_UNSUPPORTED,
                 "launch '", info.name, "' of program '", program.name,
                 "': ", obstacle, why,
                 " Fix: let it do nothing but enqueue on its stream, or pass "
                 "VYRE_CAPTURE_AUTO.");
}

Status CudaCalls::destroy(CUgraph graph) {
  if (!graph)
    return Status();
  return device.giveBack([&] { return driver.graphDestroy(graph); },
                         "cuGraphDestroy");
}

/// The graph of what the function enqueues; NULL after a failure. The stream is
/// not captured any more in any case.
Status CudaCalls::capture(const DispatchPlan &plan, size_t launch,
                          const uint64_t *values, CUgraph &graph) {
  graph = nullptr;
  if (Status status =
          device.check(driver.streamBeginCapture(
                           stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                       "cuStreamBeginCapture");
      status.failed())
    return status;
  Status ofFunction =
      fill(launch, values).call(plan, stream, /*isCapturing=*/true);
  CUresult result = driver.streamEndCapture(stream, &graph);
  Status status;
  if (result != CUDA_SUCCESS && !isCaptureFailure(result)) {
    status = device.check(result, "cuStreamEndCapture");
    // It has to end, or the stream is of no use any more.
    if (!device.health().failed())
      (void)driver.streamEndCapture(stream, &graph);
  }
  bool isWhole = result == CUDA_SUCCESS && graph && !ofFunction.failed();
  if (isWhole)
    return Status();
  status.update(destroy(graph));
  graph = nullptr;
  return status.failed() ? std::move(status)
                         : refuse(launch, std::move(ofFunction));
}

Status CudaCalls::addNode(const DispatchPlan &plan, size_t launch,
                          const uint64_t *values, CUgraph graph,
                          const std::vector<CUgraphNode> &after,
                          CUgraphNode &node) {
  CUgraph child;
  if (Status status = capture(plan, launch, values, child); status.failed())
    return status;
  CUresult result = driver.graphAddChildGraphNode(&node, graph, after.data(),
                                                  after.size(), child);
  Status status = device.check(result, "cuGraphAddChildGraphNode");
  if (isRefused(result))
    status = refuse(launch, std::move(status));
  status.update(destroy(child));
  return status;
}

Status CudaCalls::updateNode(const DispatchPlan &plan, size_t launch,
                             const uint64_t *values, CUgraphExec exec,
                             CUgraphNode node, bool &isStale) {
  CUgraph child;
  if (Status status = capture(plan, launch, values, child); status.failed())
    return status;
  CUresult result = driver.graphExecChildGraphNodeSetParams(exec, node, child);
  isStale = isRefused(result);
  Status status;
  if (!isStale)
    status = device.check(result, "cuGraphExecChildGraphNodeSetParams");
  status.update(destroy(child));
  return status;
}

} // namespace vyre::runtime::internal::cuda
