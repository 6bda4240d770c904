//===- CUDAGraph.cpp - Dispatches replayed as CUDA graphs -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAGraph.h"

#include "CUDA/CUDAModule.h"
#include "CUDA/PersistentKernel.h"

#include <algorithm>

namespace vyre::runtime::internal::cuda {
namespace {

void addAll(std::vector<CUgraphNode> &to,
            const std::vector<CUgraphNode> &nodes) {
  for (CUgraphNode node : nodes)
    if (std::find(to.begin(), to.end(), node) == to.end())
      to.push_back(node);
}

CUDA_KERNEL_NODE_PARAMS kernelNode(const GraphContent &content, size_t index) {
  const LaunchSizes &sizes = content.plan.launches[index];
  const Launch &launch = content.plan.getProgram().launches[index];
  CUDA_KERNEL_NODE_PARAMS node = {};
  node.func = content.executable.kernel(index).function;
  node.gridDimX = sizes.grid[0];
  node.gridDimY = sizes.grid[1];
  node.gridDimZ = sizes.grid[2];
  node.blockDimX = launch.block[0];
  node.blockDimY = launch.block[1];
  node.blockDimZ = launch.block[2];
  node.sharedMemBytes = sizes.dynamicSharedBytes;
  node.kernelParams = content.valueAddresses.data() + content.firstValue[index];
  return node;
}

/// Launches with something to do that come after none such.
size_t countFirst(const GraphContent &content) {
  const std::vector<LaunchSizes> &launches = content.plan.launches;
  std::vector<bool> isAfter(launches.size());
  auto follow = [&](size_t earlier, size_t later) {
    if (isAfter[earlier] || !launches[earlier].isEmpty)
      isAfter[later] = true;
  };
  size_t count = 0;
  for (size_t i = 0; i < launches.size(); ++i) {
    for (uint32_t earlier : content.plan.getProgram().launches[i].dependsOn)
      follow(earlier, i);
    for (const planning::LaunchEdge &edge : content.plan.arena.edges)
      if (edge.later == i)
        follow(edge.earlier, i);
    count += !isAfter[i] && !launches[i].isEmpty;
  }
  return count;
}

/// How many values launch `index` takes.
size_t valueCount(const GraphContent &content, size_t index) {
  const Launch &launch = content.plan.getProgram().launches[index];
  return launch.kernelParameters();
}

} // namespace

//===----------------------------------------------------------------------===//
// A graph
//===----------------------------------------------------------------------===//

CopyLaunch::CopyLaunch(const Transfer &transfer, bool isUp) {
  constexpr uint64_t kWordBytes = 16;
  auto host = reinterpret_cast<uintptr_t>(transfer.host);
  values[0] = isUp ? host : transfer.device;
  values[1] = isUp ? transfer.device : host;
  values[2] = (transfer.byteSize + kWordBytes - 1) / kWordBytes;
  blocks = static_cast<unsigned>((values[2] + kThreads - 1) / kThreads);
}

Status CudaGraph::addTransfer(const GraphContent &content, bool isUp,
                              const std::vector<CUgraphNode> &after,
                              CUgraphNode &node) {
  const Transfer &transfer = isUp ? content.up : content.down;
  if (takesCopyKernel(transfer, isUp)) {
    CopyLaunch launch(transfer, isUp);
    CUDA_KERNEL_NODE_PARAMS parameters = {};
    parameters.func = content.copyKernel;
    parameters.gridDimX = launch.blocks;
    parameters.blockDimX = CopyLaunch::kThreads;
    parameters.gridDimY = parameters.gridDimZ = 1;
    parameters.blockDimY = parameters.blockDimZ = 1;
    parameters.kernelParams = launch.addresses;
    return addKernelNode(content, after, parameters, /*waits=*/false, node);
  }
  CUDA_MEMCPY3D copy = {};
  CUDA_MEMCPY3D_end &host = isUp ? copy.source : copy.target;
  CUDA_MEMCPY3D_end &memory = isUp ? copy.target : copy.source;
  host.memoryType = CU_MEMORYTYPE_HOST;
  host.host = transfer.host;
  memory.memoryType = CU_MEMORYTYPE_DEVICE;
  memory.device = transfer.device;
  copy.widthInBytes = transfer.byteSize;
  copy.height = copy.depth = 1;
  return device.check(
      device.driver().graphAddMemcpyNode(&node, graph, after.data(),
                                         after.size(), &copy, device.context()),
      "cuGraphAddMemcpyNode");
}

/// After one kernel it is there when that ends: then the host does not wait for
/// the launch of another one.
Status CudaGraph::addFlag(const GraphContent &content,
                          const std::vector<CUgraphNode> &after) {
  auto kernel = device.flagKernel();
  if (kernel.failed())
    return kernel.takeStatus();
  uint32_t *flag = content.flag;
  void *addresses[] = {&flag};
  CUDA_KERNEL_NODE_PARAMS parameters = {};
  parameters.func = *kernel;
  parameters.gridDimX = parameters.gridDimY = parameters.gridDimZ = 1;
  parameters.blockDimX = parameters.blockDimY = parameters.blockDimZ = 1;
  parameters.kernelParams = addresses;
  CUgraphNode node = nullptr;
  return addKernelNode(content, after, parameters, /*waits=*/true, node);
}

Status CudaGraph::addKernel(const GraphContent &content, size_t index) {
  const Launch &launch = content.plan.getProgram().launches[index];
  std::vector<CUgraphNode> after;
  for (uint32_t earlier : launch.dependsOn)
    addAll(after, ends[earlier]);
  for (const planning::LaunchEdge &edge : content.plan.arena.edges)
    if (edge.later == index)
      addAll(after, ends[edge.earlier]);
  if (after.empty() && firstNode)
    after.push_back(firstNode);
  if (content.plan.launches[index].isEmpty) {
    ends[index] = std::move(after);
    return Status();
  }
  if (launch.isCall()) {
    if (Status status = content.calls.addNode(content.plan, index,
                                              content.values.data() +
                                                  content.firstValue[index],
                                              graph, after, nodes[index]);
        status.failed())
      return status;
    ends[index] = {nodes[index]};
    return Status();
  }
  CUDA_KERNEL_NODE_PARAMS parameters = kernelNode(content, index);
  // One of several that come first has nothing to gain.
  bool isFirst = !after.empty() && after[0] == firstNode && !upNode;
  bool waits =
      content.executable.getModule().waitsForDependencies() && !isFirst;
  if (Status status =
          addKernelNode(content, after, parameters, waits, nodes[index]);
      status.failed())
    return status;
  ends[index] = {nodes[index]};
  if (!content.executable.hasCluster(index))
    return Status();
  CUlaunchAttribute cluster = {};
  cluster.value.clusterDim = {launch.cluster[0], launch.cluster[1],
                              launch.cluster[2]};
  return device.check(
      device.driver().graphKernelNodeSetAttribute(
          nodes[index], CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION, &cluster.value),
      "cuGraphKernelNodeSetAttribute");
}

/// Whether a node is a kernel, neither a copy nor what a call enqueues.
bool CudaGraph::isKernel(const GraphContent &content, CUgraphNode node) const {
  if (node == upNode)
    return takesCopyKernel(content.up, /*isUp=*/true);
  if (node == downNode)
    return takesCopyKernel(content.down, /*isUp=*/false);
  if (!content.calls.any())
    return true;
  size_t index = static_cast<size_t>(
      std::find(nodes.begin(), nodes.end(), node) - nodes.begin());
  return index == nodes.size() ||
         !content.plan.getProgram().launches[index].isCall();
}

/// `waits` says that the kernel waits by itself for what it comes after: if
/// that is one kernel, it is started before that is done. Who waits for several
/// gains nothing.
Status CudaGraph::addKernelNode(const GraphContent &content,
                                const std::vector<CUgraphNode> &after,
                                const CUDA_KERNEL_NODE_PARAMS &parameters,
                                bool waits, CUgraphNode &node) {
  bool isEarly = waits && device.startsEarly() && after.size() == 1 &&
                 isKernel(content, after[0]);
  if (Status status = device.check(device.driver().graphAddKernelNode(
                                       &node, graph, after.data(),
                                       isEarly ? 0 : after.size(), &parameters),
                                   "cuGraphAddKernelNode");
      status.failed() || !isEarly)
    return status;
  CUgraphEdgeData edge = {};
  edge.from_port = CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
  edge.type = CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC;
  return device.check(
      device.driver().graphAddDependencies(graph, &after[0], &node, &edge, 1),
      "cuGraphAddDependencies");
}

/// A kernel, since the driver leaves out nodes that are empty.
Status CudaGraph::addFirst(const GraphContent &content) {
  auto kernel = device.copyKernel();
  if (kernel.failed())
    return kernel.takeStatus();
  CopyLaunch nothing(Transfer(), /*isUp=*/true);
  CUDA_KERNEL_NODE_PARAMS parameters = {};
  parameters.func = *kernel;
  parameters.gridDimX = parameters.gridDimY = parameters.gridDimZ = 1;
  parameters.blockDimX = parameters.blockDimY = parameters.blockDimZ = 1;
  parameters.kernelParams = nothing.addresses;
  return addKernelNode(content, {}, parameters, /*waits=*/false, firstNode);
}

Status CudaGraph::addPack(const GraphContent &content,
                          const std::vector<CUgraphNode> &after) {
  PackArguments &arguments = content.packArguments;
  void *addresses[] = {&arguments.table, &arguments.counts, &arguments.slab,
                       &arguments.resultCount};
  CUDA_KERNEL_NODE_PARAMS parameters = {};
  parameters.func = content.pack;
  parameters.gridDimX = static_cast<unsigned>(arguments.resultCount);
  parameters.gridDimY = arguments.blocksPerResult;
  parameters.gridDimZ = 1;
  parameters.blockDimX = PackKernel::kThreads;
  parameters.blockDimY = parameters.blockDimZ = 1;
  parameters.kernelParams = addresses;
  CUgraphNode node = nullptr;
  return addKernelNode(content, after, parameters, /*waits=*/false, node);
}

Status CudaGraph::build(const GraphContent &content) {
  const Program &program = content.plan.getProgram();
  nodes.assign(program.launches.size(), nullptr);
  ends.assign(program.launches.size(), {});
  values = content.values;
  if (Status status =
          device.check(device.driver().graphCreate(&graph, 0), "cuGraphCreate");
      status.failed())
    return status;
  if (content.up.byteSize != 0) {
    if (Status status = addTransfer(content, /*isUp=*/true, {}, upNode);
        status.failed())
      return status;
    firstNode = upNode;
  } else if (countFirst(content) > 1) {
    if (Status status = addFirst(content); status.failed())
      return status;
  }
  std::vector<bool> hasSuccessor(program.launches.size());
  for (size_t i = 0; i < program.launches.size(); ++i) {
    for (uint32_t earlier : program.launches[i].dependsOn)
      hasSuccessor[earlier] = true;
    if (Status status = addKernel(content, i); status.failed())
      return status;
  }
  std::vector<CUgraphNode> last;
  for (size_t i = 0; i < program.launches.size(); ++i)
    if (!hasSuccessor[i])
      addAll(last, ends[i]);
  if (last.empty() && upNode)
    last.push_back(upNode);
  if (content.pack)
    if (Status status = addPack(content, last); status.failed())
      return status;
  if (content.down.byteSize != 0) {
    if (Status status = addTransfer(content, /*isUp=*/false, last, downNode);
        status.failed())
      return status;
    last = {downNode};
  }
  if (content.flag)
    if (Status status = addFlag(content, last); status.failed())
      return status;
  ends.clear();
  DeviceQuiet quiet(device);
  return device.check(device.driver().graphInstantiate(&exec, graph, 0),
                      "cuGraphInstantiateWithFlags");
}

Status CudaGraph::updateNode(const GraphContent &content, size_t index,
                             bool &isStale) {
  if (content.plan.getProgram().launches[index].isCall())
    return content.calls.updateNode(
        content.plan, index, content.values.data() + content.firstValue[index],
        exec, nodes[index], isStale);
  CUDA_KERNEL_NODE_PARAMS parameters = kernelNode(content, index);
  return device.check(device.driver().graphExecKernelNodeSetParams(
                          exec, nodes[index], &parameters),
                      "cuGraphExecKernelNodeSetParams");
}

Status CudaGraph::update(const GraphContent &content, uint64_t &updates,
                         bool &isStale) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i])
      continue;
    const uint64_t *now = content.values.data() + content.firstValue[i];
    uint64_t *before = values.data() + content.firstValue[i];
    size_t count = valueCount(content, i);
    if (std::equal(now, now + count, before))
      continue;
    if (Status status = updateNode(content, i, isStale);
        status.failed() || isStale)
      return status;
    std::copy(now, now + count, before);
    ++updates;
  }
  return Status();
}

Status CudaGraph::launch(CUstream stream) {
  return device.check(device.driver().graphLaunch(exec, stream),
                      "cuGraphLaunch");
}

Status CudaGraph::release() {
  if (!exec && !graph)
    return Status();
  DeviceQuiet quiet(device);
  Status status;
  if (exec)
    status.update(
        device.giveBack([&] { return device.driver().graphExecDestroy(exec); },
                        "cuGraphExecDestroy"));
  if (graph)
    status.update(device.giveBack(
        [&] { return device.driver().graphDestroy(graph); }, "cuGraphDestroy"));
  exec = nullptr;
  graph = nullptr;
  upNode = downNode = firstNode = nullptr;
  nodes.clear();
  return status;
}

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

/// Everything about a graph that update() does not change.
void CudaGraphCache::describeShape(const GraphContent &content) {
  shape.clear();
  const auto &arena = content.plan.arena.offsets;
  shape.reserve(11 + 5 * content.plan.launches.size() + 2 * arena.size());
  shape.push_back(reinterpret_cast<uintptr_t>(content.flag));
  for (const Transfer &transfer : {content.up, content.down}) {
    shape.push_back(reinterpret_cast<uintptr_t>(transfer.host));
    shape.push_back(transfer.device);
    shape.push_back(transfer.byteSize);
  }
  if (content.pack) {
    const PackArguments &pack = content.packArguments;
    shape.insert(shape.end(),
                 {pack.table, pack.counts, pack.slab, pack.resultCount});
  }
  for (const LaunchSizes &sizes : content.plan.launches) {
    shape.push_back(sizes.isEmpty);
    shape.insert(shape.end(), sizes.grid, sizes.grid + 3);
    shape.push_back(sizes.dynamicSharedBytes);
  }
  shape.insert(shape.end(), content.plan.callExtents.begin(),
               content.plan.callExtents.end());
  // They decide what must not run side by side.
  shape.insert(shape.end(), arena.begin(), arena.end());
  shape.insert(shape.end(), content.plan.intermediateSizes.begin(),
               content.plan.intermediateSizes.end());
}

void CudaGraphCache::find(const GraphContent &content) {
  if (current && generation == content.generation)
    return;
  current = nullptr;
  if (entries.empty())
    return;
  describeShape(content);
  auto found = std::find_if(entries.begin(), entries.end(),
                            [&](const Entry &e) { return e.shape == shape; });
  if (found == entries.end())
    return;
  entries.splice(entries.begin(), entries, found);
  current = &entries.front();
  generation = content.generation;
}

Status CudaGraphCache::remember(const GraphContent &content, size_t maxShapes) {
  if (current)
    return Status();
  while (entries.size() >= maxShapes) {
    Status status = entries.back().graph.release();
    entries.pop_back();
    if (status.failed())
      return status;
  }
  describeShape(content);
  entries.emplace_front(device, shape);
  current = &entries.front();
  generation = content.generation;
  return Status();
}

Status CudaGraphCache::build(const GraphContent &content) {
  if (Status status = current->graph.build(content); status.failed()) {
    status.update(current->graph.release());
    return status;
  }
  current->isBuilt = true;
  current->failure = nullptr;
  ++builds;
  return Status();
}

Status CudaGraphCache::update(const GraphContent &content, CudaGraph *&graph) {
  bool isStale = false;
  Status status = current->graph.update(content, updates, isStale);
  if (isStale && !status.failed()) {
    current->isBuilt = false;
    status = current->graph.release();
    if (!status.failed())
      status = build(content);
  }
  if (status.failed())
    return status;
  graph = &current->graph;
  return Status();
}

void CudaGraphCache::giveUp(const char *reason) {
  // What brought us here is what counts.
  (void)current->graph.release().failed();
  current->isBuilt = false;
  current->failure = reason;
}

Status CudaGraphCache::release() {
  Status status;
  for (Entry &entry : entries)
    status.update(entry.graph.release());
  entries.clear();
  current = nullptr;
  return status;
}

} // namespace vyre::runtime::internal::cuda
