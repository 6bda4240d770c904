//===- LaunchDependences.cpp - What has to wait for what ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A step waits for the last one that wrote what it touches, and one that writes
// also for all that have read it since. The launch graph leaves out what
// follows from other edges.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/LaunchDependences.h"

#include "llvm/Support/ErrorHandling.h"

using namespace mlir;

namespace vyre {
namespace {

/// The buffers that a step touches.
struct StepAccesses {
  llvm::SmallSetVector<Value, 8> read, written;
};

/// Adds steps in their order, and the edges between them.
class GraphBuilder {
public:
  explicit GraphBuilder(size_t steps) {
    auto created = planning::LaunchGraph::create(steps);
    if (created.failed())
      llvm::report_bad_alloc_error("the graph of a program's launches");
    graph = std::move(*created);
  }

  void add(const StepAccesses &accesses) {
    for (Value buffer : accesses.read)
      if (std::optional<uint32_t> writer = uses[buffer].writer)
        waitFor(*writer);
    for (Value buffer : accesses.written) {
      const Uses &known = uses[buffer];
      if (known.writer)
        waitFor(*known.writer);
      for (uint32_t reader : known.readers)
        waitFor(reader);
    }
    for (Value buffer : accesses.read)
      uses[buffer].readers.push_back(next);
    for (Value buffer : accesses.written)
      uses[buffer] = Uses{next, {}};
    ++next;
  }

  /// For each step those that it waits for.
  std::vector<std::vector<uint32_t>> getPredecessors() const {
    auto edges = graph.reduce();
    if (edges.failed())
      llvm::report_bad_alloc_error("the edges between a program's launches");
    std::vector<std::vector<uint32_t>> predecessors(graph.size());
    for (const planning::LaunchEdge &edge : *edges)
      predecessors[edge.later].push_back(edge.earlier);
    return predecessors;
  }

  planning::LaunchGraph graph;

private:
  struct Uses {
    std::optional<uint32_t> writer;
    SmallVector<uint32_t, 4> readers;
  };

  void waitFor(uint32_t earlier) {
    if (!graph.addEdge(earlier, next))
      llvm::report_bad_alloc_error("the edges between a program's launches");
  }

  llvm::DenseMap<Value, Uses> uses;
  uint32_t next = 0;
};

} // namespace

static StepAccesses getAccesses(LaunchOp launch) {
  StepAccesses accesses;
  for (Operation &op : launch.getBody().front()) {
    auto stage = cast<StageLikeOpInterface>(op);
    accesses.read.insert_range(stage.getReadBuffers());
    accesses.read.insert_range(stage.getUpdatedBuffers());
    accesses.written.insert_range(stage.getWrittenBuffers());
    accesses.written.insert_range(stage.getUpdatedBuffers());
  }
  return accesses;
}

LaunchDependences::LaunchDependences(ProgramOp program) : program(program) {
  llvm::append_range(launches, program.getBody().getOps<LaunchOp>());
  GraphBuilder builder(launches.size());
  for (LaunchOp launch : launches)
    builder.add(getAccesses(launch));
  predecessors = builder.getPredecessors();
  graph = std::move(builder.graph);
  addSteps();
}

void LaunchDependences::addSteps() {
  std::vector<StepAccesses> accesses;
  auto addStep = [&](CaptureNodeKind kind, unsigned index) -> StepAccesses & {
    steps.push_back({kind, index, {}});
    return accesses.emplace_back();
  };
  for (BlockArgument argument : program.getArguments()) {
    BindingAttr binding = program.getBinding(argument.getArgNumber());
    if (binding && (binding.getRole() == Role::Input ||
                    binding.getRole() == Role::InputOutput))
      addStep(CaptureNodeKind::Upload, argument.getArgNumber())
          .written.insert(argument);
  }
  for (auto [position, launch] : llvm::enumerate(launches))
    addStep(CaptureNodeKind::Launch, position) = getAccesses(launch);

  // What only the device knows the size of comes back after its count.
  llvm::SmallSetVector<Value, 8> packed, late;
  for (ReadbackOp readback : program.getBody().getOps<ReadbackOp>()) {
    packed.insert_range(readback.getSlab());
    late.insert_range(readback.getLate());
  }
  ReturnOp terminator = program.getReturnOp();
  for (unsigned i = 0, e = terminator.getResults().size(); i != e; ++i)
    if (Value count = terminator.getCountOf(i))
      if (isa<MemRefType>(count.getType()) &&
          late.contains(terminator.getResults()[i]))
        packed.insert(count);
  if (!packed.empty())
    addStep(CaptureNodeKind::Pack, 0).read = packed;
  std::optional<uint32_t> pack;
  if (!packed.empty())
    pack = steps.size() - 1;
  SmallVector<std::pair<uint32_t, uint32_t>> afterPack;
  for (BlockArgument argument : program.getArguments()) {
    BindingAttr binding = program.getBinding(argument.getArgNumber());
    if (!binding || packed.contains(argument) ||
        (binding.getRole() != Role::Output &&
         binding.getRole() != Role::InputOutput))
      continue;
    addStep(CaptureNodeKind::Download, argument.getArgNumber())
        .read.insert(argument);
    if (pack && late.contains(argument))
      afterPack.push_back({*pack, uint32_t(steps.size() - 1)});
  }

  GraphBuilder builder(steps.size());
  for (const StepAccesses &step : accesses)
    builder.add(step);
  for (auto [earlier, later] : afterPack)
    if (!builder.graph.addEdge(earlier, later))
      llvm::report_bad_alloc_error("the edges between a program's launches");
  for (auto [step, after] : llvm::zip_equal(steps, builder.getPredecessors()))
    step.after.assign(after.begin(), after.end());
}

std::string describeStep(const DispatchStep &step,
                         ArrayRef<LaunchOp> launches) {
  switch (step.kind) {
  case CaptureNodeKind::Upload:
    return "upload of argument " + std::to_string(step.index);
  case CaptureNodeKind::Launch: {
    LaunchOp launch = launches[step.index];
    return ("launch @" + launch.getLaunchName()).str();
  }
  case CaptureNodeKind::Pack:
    return "packing of the slab";
  case CaptureNodeKind::Download:
    return "download of argument " + std::to_string(step.index);
  }
  llvm_unreachable("all kinds are listed");
}

void LaunchDependences::print(raw_ostream &os) const {
  for (const DispatchStep &step : steps) {
    os << describeStep(step, launches);
    llvm::ListSeparator separator(", ");
    for (uint32_t earlier : step.after) {
      os << (earlier == step.after.front() ? " after " : "") << separator
         << describeStep(steps[earlier], launches);
    }
    os << "\n";
  }
}

} // namespace vyre
