//===- CUDAGraph.h - Dispatches replayed as CUDA graphs ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dispatch as one graph launch. The graph is built node by node from the
// program's dependence DAG, not recorded from a stream, so that independent
// launches stay independent:
//
//   copy up -> launches without a predecessor -> ... -> last launches
//     -> copy down, and the kernel that packs counted results -> flag
//
// Where a module's kernels wait for those before them, one that comes after one
// other kernel does so by a programmatic edge: it is started while that ends.
// So is the kernel that raises the flag, whatever the other one is.
//
// The host starts each node that comes first by itself, one after the other,
// while the device starts by itself what comes after a node. So where several
// launches come first, they come after a kernel that does nothing.
//
// The flag, for who polls instead of asking the driver, is written by a node of
// its own in mapped memory, after the results are visible there.
//
// A call of the host's is a child graph: see CUDACalls.h.
//
// It is instantiated once per shape. When pointers or scalars change, only the
// nodes that use them are updated. Each set in flight has a bounded
// cache of its own, since one graph cannot run twice at the same time.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_CUDAGRAPH_H
#define VYRE_LIB_RUNTIME_CUDA_CUDAGRAPH_H

#include "CUDA/CUDACalls.h"
#include "CUDA/CUDADevice.h"
#include "CUDA/CUDAExecutable.h"
#include "CUDA/PackKernel.h"
#include "CUDA/TransferCosts.h"
#include "DispatchPlan.h"

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

namespace vyre::runtime::internal::cuda {

/// A copy between page-locked and device memory; none if it has no bytes.
struct Transfer {
  void *host = nullptr;
  CUdeviceptr device = 0;
  uint64_t byteSize = 0;
};

/// What a graph is made of.
struct GraphContent {
  const DispatchPlan &plan;
  const CudaExecutable &executable;
  CudaCalls &calls;
  /// The values of all launches' parameters, their addresses, and where each
  /// launch's begin.
  const std::vector<uint64_t> &values;
  const std::vector<void *> &valueAddresses;
  const std::vector<size_t> &firstValue;
  Transfer up, down;
  /// The kernel that packs counted results after all launches, or NULL, and
  /// what it is told.
  CUfunction pack;
  PackArguments &packArguments;
  /// CopyWords.cu's, for the transfers that take it.
  CUfunction copyKernel = nullptr;
  /// What becomes 1 in the end, in page-locked memory, or null; not together
  /// with counted results.
  uint32_t *flag = nullptr;
  /// Changes whenever anything does that a graph was built from, except for
  /// the values.
  uint64_t generation = 0;
};

/// Whether a transfer is made by the kernel, not by the copy engine.
inline bool takesCopyKernel(const Transfer &transfer, bool isUp) {
  return transfer.byteSize <= kMaxCopyKernelBytes &&
         (!isUp || transfer.byteSize > kMaxCopyNodeBytes);
}

/// A launch of the copy kernel: in whole words, for which both ends have room.
struct CopyLaunch {
  CopyLaunch(const Transfer &transfer, bool isUp);
  CopyLaunch(const CopyLaunch &) = delete;
  uint64_t values[3];
  void *addresses[3] = {&values[0], &values[1], &values[2]};
  unsigned blocks;
  static constexpr unsigned kThreads = 256;
};

/// An instantiated graph.
class CudaGraph {
public:
  explicit CudaGraph(CudaDevice &device) : device(device) {}
  CudaGraph(const CudaGraph &) = delete;
  CudaGraph &operator=(const CudaGraph &) = delete;

  /// The context is current, here and below. After a failure release() gives
  /// back what there is.
  Status build(const GraphContent &content);
  /// Gives the nodes whose values differ the new ones, and counts them. The
  /// graph is not running. `isStale` says that it has to be built anew, since a
  /// call enqueues something else now.
  Status update(const GraphContent &content, uint64_t &updates, bool &isStale);
  Status launch(CUstream stream);
  Status release();

private:
  Status addKernel(const GraphContent &content, size_t launch);
  Status updateNode(const GraphContent &content, size_t launch, bool &isStale);
  bool isKernel(const GraphContent &content, CUgraphNode node) const;
  Status addKernelNode(const GraphContent &content,
                       const std::vector<CUgraphNode> &after,
                       const CUDA_KERNEL_NODE_PARAMS &parameters, bool waits,
                       CUgraphNode &node);
  Status addPack(const GraphContent &content,
                 const std::vector<CUgraphNode> &after);
  Status addTransfer(const GraphContent &content, bool isUp,
                     const std::vector<CUgraphNode> &after, CUgraphNode &node);
  Status addFlag(const GraphContent &content,
                 const std::vector<CUgraphNode> &after);
  Status addFirst(const GraphContent &content);

  CudaDevice &device;
  CUgraph graph = nullptr;
  CUgraphExec exec = nullptr;
  CUgraphNode upNode = nullptr, downNode = nullptr;
  /// Before launches that come after no other, or NULL: the transfer up, or a
  /// kernel that does nothing.
  CUgraphNode firstNode = nullptr;
  /// One per launch; NULL where the index space is empty.
  std::vector<CUgraphNode> nodes;
  /// Per launch, the nodes to wait for in order to come after it: its own, or
  /// where it is skipped those that it would have waited for.
  std::vector<std::vector<CUgraphNode>> ends;
  /// The values that the nodes have now.
  std::vector<uint64_t> values;
};

/// What is known of a shape that has no graph.
struct ShapeHistory {
  /// Dispatches by separate calls.
  uint64_t dispatches = 0;
  /// The least time that one took, in nanoseconds.
  std::optional<uint64_t> plainTime;
};

/// The graphs of one set in flight, by shape.
class CudaGraphCache {
public:
  explicit CudaGraphCache(CudaDevice &device) : device(device) {}

  /// Looks for what is known of the content's shape, which everything below is
  /// about. Changes nothing and allocates next to nothing, so that a shape that
  /// never comes again costs little; remember() can wait for the device to be
  /// busy.
  void find(const GraphContent &content);
  bool isKnown() const { return current != nullptr; }
  bool hasGraph() const { return current && current->isBuilt; }
  /// Why there can be no graph; NULL unless giveUp() said so.
  const char *failure() const { return current ? current->failure : nullptr; }
  ShapeHistory &history() { return current->history; }

  /// Makes the shape known, in place of those that were not used for the
  /// longest time; at most `maxShapes` are.
  Status remember(const GraphContent &content, size_t maxShapes);
  /// Builds the graph of a known shape.
  Status build(const GraphContent &content);
  /// Gives the graph the content's values.
  Status update(const GraphContent &content, CudaGraph *&graph);
  /// The driver fails to do either: there is to be no graph, for this reason,
  /// which outlives everything.
  void giveUp(const char *reason);
  Status release();

  /// What was done since these were set back.
  uint64_t builds = 0, updates = 0;

private:
  struct Entry {
    Entry(CudaDevice &device, std::vector<uint64_t> shape)
        : shape(std::move(shape)), graph(device) {}
    std::vector<uint64_t> shape;
    CudaGraph graph;
    ShapeHistory history;
    /// Whether there is a graph, or its shape was only seen.
    bool isBuilt = false;
    const char *failure = nullptr;
  };

  void describeShape(const GraphContent &content);

  CudaDevice &device;
  /// Most recently used first.
  std::list<Entry> entries;
  std::vector<uint64_t> shape;
  /// The first entry, or NULL, and the generation of the content it is of.
  Entry *current = nullptr;
  uint64_t generation = 0;
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_CUDAGRAPH_H
