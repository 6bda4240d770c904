//===- FakeGraphs.cpp - Graphs ----------------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeWorld.h"

#include <atomic>
#include <cstring>

using namespace vyre::runtime::internal::cuda;
using namespace vyre::fakecuda;

static CUresult addNode(CUgraphNode *node, CUgraph handle,
                        const CUgraphNode *after, size_t count,
                        std::function<void()> work,
                        const FakeFunction *function,
                        std::shared_ptr<unsigned> clusterSize = nullptr) {
  auto *graph = reinterpret_cast<FakeGraph *>(handle);
  if (!world().graphs.count(graph) || !work)
    return misuse();
  auto fake = std::make_unique<FakeNode>();
  for (size_t i = 0; i < count; ++i) {
    auto *before = reinterpret_cast<FakeNode *>(after[i]);
    if (std::none_of(graph->nodes.begin(), graph->nodes.end(),
                     [&](const auto &n) { return n.get() == before; }) ||
        std::count(after, after + count, after[i]) != 1)
      return misuse();
    fake->after.push_back(before);
  }
  fake->work = std::move(work);
  fake->function = function;
  fake->clusterSize = std::move(clusterSize);
  *node = reinterpret_cast<CUgraphNode>(fake.get());
  graph->nodes.push_back(std::move(fake));
  return CUDA_SUCCESS;
}

/// The position of a node in its graph, or the number of nodes.
static size_t positionOf(const FakeGraph &graph, const FakeNode *node) {
  return static_cast<size_t>(
      std::find_if(graph.nodes.begin(), graph.nodes.end(),
                   [&](const auto &n) { return n.get() == node; }) -
      graph.nodes.begin());
}

extern "C" {

CUresult cuGraphCreate(CUgraph *graph, unsigned) {
  FAKE_ENTER("cuGraphCreate");
  auto *fake = new FakeGraph();
  w.graphs.insert(fake);
  *graph = reinterpret_cast<CUgraph>(fake);
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
  FAKE_ENTER("cuGraphDestroy");
  auto *graph = reinterpret_cast<FakeGraph *>(handle);
  if (!w.graphs.erase(graph))
    return misuse();
  delete graph;
  return CUDA_SUCCESS;
}

CUresult cuGraphAddKernelNode_v2(CUgraphNode *node, CUgraph graph,
                                 const CUgraphNode *after, size_t count,
                                 const CUDA_KERNEL_NODE_PARAMS *parameters) {
  FAKE_ENTER("cuGraphAddKernelNode");
  auto clusterSize = std::make_shared<unsigned>(0);
  return addNode(
      node, graph, after, count, kernelWork(*parameters, clusterSize),
      reinterpret_cast<const FakeFunction *>(parameters->func), clusterSize);
}

CUresult cuGraphAddMemcpyNode(CUgraphNode *node, CUgraph graph,
                              const CUgraphNode *after, size_t count,
                              const CUDA_MEMCPY3D *copy, CUcontext context) {
  FAKE_ENTER("cuGraphAddMemcpyNode");
  bool isUp = copy->source.memoryType == CU_MEMORYTYPE_HOST;
  CUdeviceptr memory = isUp ? copy->target.device : copy->source.device;
  if (context != theContext() || copy->height != 1 || copy->depth != 1 ||
      !isDeviceRange(memory, copy->widthInBytes))
    return misuse();
  void *source = isUp ? copy->source.host : reinterpret_cast<void *>(memory);
  void *target = isUp ? reinterpret_cast<void *>(memory) : copy->target.host;
  size_t size = copy->widthInBytes;
  return addNode(
      node, graph, after, count, [=] { std::memcpy(target, source, size); },
      nullptr);
}

/// Programmatic edges alone, which must begin at a kernel and end at one that
/// waits.
CUresult cuGraphAddDependencies_v2(CUgraph handle, const CUgraphNode *from,
                                   const CUgraphNode *to,
                                   const CUgraphEdgeData *edges, size_t count) {
  FAKE_ENTER("cuGraphAddDependencies");
  auto *graph = reinterpret_cast<FakeGraph *>(handle);
  if (!w.graphs.count(graph))
    return misuse();
  for (size_t i = 0; i < count; ++i) {
    auto *first = reinterpret_cast<FakeNode *>(from[i]);
    auto *last = reinterpret_cast<FakeNode *>(to[i]);
    size_t end = graph->nodes.size();
    if (positionOf(*graph, first) == end || positionOf(*graph, last) == end ||
        !first->function || !last->function || !last->function->waits ||
        std::count(last->after.begin(), last->after.end(), first) != 0 ||
        edges[i].from_port != CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC ||
        edges[i].to_port != 0 ||
        edges[i].type != CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC)
      return misuse();
    last->after.push_back(first);
  }
  return CUDA_SUCCESS;
}

CUresult cuGraphKernelNodeSetAttribute(CUgraphNode handle, int attribute,
                                       const void *value) {
  FAKE_ENTER("cuGraphKernelNodeSetAttribute");
  auto *node = reinterpret_cast<FakeNode *>(handle);
  if (!node->clusterSize)
    return misuse();
  if (attribute == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
    decltype(CUlaunchAttribute::value) given;
    std::memcpy(&given, value, sizeof(given.clusterDim));
    *node->clusterSize =
        given.clusterDim.x * given.clusterDim.y * given.clusterDim.z;
  }
  return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *exec, CUgraph handle,
                                     unsigned long long) {
  FAKE_ENTER("cuGraphInstantiateWithFlags");
  auto *graph = reinterpret_cast<FakeGraph *>(handle);
  if (!w.graphs.count(graph))
    return misuse();
  auto fake = std::make_unique<FakeGraphExec>();
  fake->graph = graph;
  for (const auto &node : graph->nodes) {
    fake->work.push_back(node->work);
    fake->after.emplace_back();
    for (const FakeNode *before : node->after)
      fake->after.back().push_back(positionOf(*graph, before));
  }
  *exec = reinterpret_cast<CUgraphExec>(fake.get());
  w.graphExecs.insert(fake.release());
  return CUDA_SUCCESS;
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  FAKE_ENTER("cuGraphExecDestroy");
  auto *exec = reinterpret_cast<FakeGraphExec *>(handle);
  if (!w.graphExecs.erase(exec))
    return misuse();
  delete exec;
  return CUDA_SUCCESS;
}

CUresult
cuGraphExecKernelNodeSetParams_v2(CUgraphExec handle, CUgraphNode node,
                                  const CUDA_KERNEL_NODE_PARAMS *parameters) {
  FAKE_ENTER("cuGraphExecKernelNodeSetParams");
  auto *exec = reinterpret_cast<FakeGraphExec *>(handle);
  if (!w.graphExecs.count(exec) || !w.graphs.count(exec->graph))
    return misuse();
  size_t position =
      positionOf(*exec->graph, reinterpret_cast<FakeNode *>(node));
  if (position == exec->graph->nodes.size() ||
      !exec->graph->nodes[position]->function)
    return misuse();
  auto work =
      kernelWork(*parameters, exec->graph->nodes[position]->clusterSize);
  if (!work)
    return misuse();
  exec->work[position] = std::move(work);
  return CUDA_SUCCESS;
}

CUresult cuGraphAddChildGraphNode(CUgraphNode *node, CUgraph graph,
                                  const CUgraphNode *after, size_t count,
                                  CUgraph childHandle) {
  FAKE_ENTER("cuGraphAddChildGraphNode");
  auto *child = reinterpret_cast<FakeGraph *>(childHandle);
  if (!w.graphs.count(child))
    return misuse();
  if (!w.settings.takesChildren)
    return CUDA_ERROR_NOT_SUPPORTED;
  CUresult result =
      addNode(node, graph, after, count, child->inOrder(), nullptr);
  if (result == CUDA_SUCCESS)
    reinterpret_cast<FakeNode *>(*node)->childNodes =
        static_cast<int64_t>(child->nodes.size());
  return result;
}

/// Of another number of nodes, a child is of another topology.
CUresult cuGraphExecChildGraphNodeSetParams(CUgraphExec handle,
                                            CUgraphNode node,
                                            CUgraph childHandle) {
  FAKE_ENTER("cuGraphExecChildGraphNodeSetParams");
  auto *exec = reinterpret_cast<FakeGraphExec *>(handle);
  auto *child = reinterpret_cast<FakeGraph *>(childHandle);
  if (!w.graphExecs.count(exec) || !w.graphs.count(exec->graph) ||
      !w.graphs.count(child))
    return misuse();
  size_t position =
      positionOf(*exec->graph, reinterpret_cast<FakeNode *>(node));
  if (position == exec->graph->nodes.size() ||
      exec->graph->nodes[position]->childNodes < 0)
    return misuse();
  if (exec->graph->nodes[position]->childNodes !=
      static_cast<int64_t>(child->nodes.size()))
    return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  exec->work[position] = child->inOrder();
  return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  FAKE_ENTER("cuGraphLaunch");
  auto *exec = reinterpret_cast<FakeGraphExec *>(handle);
  if (!w.graphExecs.count(exec))
    return misuse();
  CUresult result = enqueue(stream, exec->all());
  if (result == CUDA_SUCCESS && w.settings.isEager)
    reinterpret_cast<FakeStream *>(stream)->drain();
  return result;
}

} // extern "C"
