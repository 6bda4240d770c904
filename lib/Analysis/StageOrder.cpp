//===- StageOrder.cpp - An order in which stages fuse best ----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// List scheduling: a group begins with the first stage that is ready, and takes
// in every ready stage that may share a launch with it, the earliest first. A
// stage that reads nothing, such as a fill, waits for the first stage that
// needs it: in one launch with that, what it writes stays in a register.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/StageOrder.h"

#include <set>

using namespace mlir;

namespace vyre {

/// After so many ready stages that do not join, a group is closed.
static constexpr unsigned kMaxMisses = 16;

namespace {

/// Which stages have to come after which, from the buffers that they declare.
struct Precedence {
  std::vector<SmallVector<unsigned, 4>> successors;
  std::vector<unsigned> numPredecessors;

  explicit Precedence(ArrayRef<StageLikeOpInterface> stages)
      : successors(stages.size()), numPredecessors(stages.size(), 0) {
    orderByBuffers(stages);
    delaySources(stages);
  }

private:
  void orderByBuffers(ArrayRef<StageLikeOpInterface> stages) {
    struct Uses {
      std::optional<unsigned> writer;
      SmallVector<unsigned, 4> readersSince;
    };
    DenseMap<Value, Uses> usesOf;
    for (auto [position, constStage] : llvm::enumerate(stages)) {
      StageLikeOpInterface stage = constStage;
      unsigned current = position;
      for (Value buffer : stage.getReadBuffers()) {
        Uses &uses = usesOf[buffer];
        if (uses.writer)
          order(*uses.writer, current);
        uses.readersSince.push_back(current);
      }
      for (OperandRange range :
           {stage.getWrittenBuffers(), stage.getUpdatedBuffers()})
        for (Value buffer : range) {
          Uses &uses = usesOf[buffer];
          if (uses.writer)
            order(*uses.writer, current);
          for (unsigned reader : uses.readersSince)
            order(reader, current);
          uses = {current, {}};
        }
    }
  }

  /// Orders what the first successor of a stage that reads nothing needs
  /// besides before that stage. Put directly before its first successor, it
  /// stands behind all of that: no cycle comes about.
  void delaySources(ArrayRef<StageLikeOpInterface> stages) {
    std::vector<SmallVector<unsigned, 4>> predecessors(stages.size());
    for (unsigned i = 0, e = stages.size(); i != e; ++i)
      for (unsigned successor : successors[i])
        predecessors[successor].push_back(i);
    auto isSource = [&](unsigned position) {
      StageLikeOpInterface stage = stages[position];
      return stage.getReadBuffers().empty() &&
             stage.getUpdatedBuffers().empty() && stage.getStageBody() &&
             !stage.isHostBoundary() && predecessors[position].empty();
    };
    for (unsigned i = 0, e = stages.size(); i != e; ++i) {
      if (!isSource(i) || successors[i].empty())
        continue;
      unsigned first =
          *std::min_element(successors[i].begin(), successors[i].end());
      for (unsigned needed : predecessors[first])
        if (!isSource(needed))
          order(needed, i);
    }
  }

  void order(unsigned before, unsigned after) {
    successors[before].push_back(after);
    ++numPredecessors[after];
  }
};

} // namespace

SmallVector<StageLikeOpInterface>
orderForFusion(ArrayRef<StageLikeOpInterface> stages, LaunchWindow &window) {
  Precedence precedence(stages);
  std::set<unsigned> ready;
  for (unsigned i = 0, e = stages.size(); i != e; ++i)
    if (precedence.numPredecessors[i] == 0)
      ready.insert(i);

  SmallVector<StageLikeOpInterface> ordered;
  auto take = [&](unsigned position, const Placement &placement) {
    window.append(placement);
    ordered.push_back(stages[position]);
    ready.erase(position);
    for (unsigned successor : precedence.successors[position])
      if (--precedence.numPredecessors[successor] == 0)
        ready.insert(successor);
  };
  // The next stage that joins the group; those that do not are not tried again.
  auto takeNext = [&](std::set<unsigned> &missed) {
    for (unsigned position : ready) {
      if (missed.size() == kMaxMisses)
        return false;
      if (missed.count(position))
        continue;
      StageLikeOpInterface stage = stages[position];
      if (!stage.isHostBoundary()) {
        Placement placement = window.place(stage);
        if (placement.accesses->isKnown() &&
            placement.firstLegalStart == window.getStart()) {
          take(position, placement);
          return true;
        }
      }
      missed.insert(position);
    }
    return false;
  };
  while (!ready.empty()) {
    window.restart();
    unsigned first = *ready.begin();
    Placement placement = window.place(stages[first]);
    bool isKnown = placement.accesses->isKnown();
    take(first, placement);
    std::set<unsigned> missed;
    while (isKnown && takeNext(missed))
      ;
  }
  return ordered;
}

} // namespace vyre
