//===- IntermediateLiveness.cpp - When intermediates are in use -----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An intermediate is in use from the first launch that touches it to the last,
// on every way through the graph of launches.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/IntermediateLiveness.h"

#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;

namespace vyre {

IntermediateLiveness::IntermediateLiveness(const LaunchDependences &dependences)
    : dependences(dependences) {
  llvm::DenseMap<Value, unsigned> known;
  for (auto [position, constLaunch] :
       llvm::enumerate(dependences.getLaunches())) {
    LaunchOp launch = constLaunch;
    for (Operation &op : launch.getBody().front()) {
      auto stage = cast<StageLikeOpInterface>(op);
      for (OperandRange range :
           {stage.getReadBuffers(), stage.getWrittenBuffers(),
            stage.getUpdatedBuffers()})
        for (Value buffer : range) {
          if (!isa_and_nonnull<IntermediateOp>(buffer.getDefiningOp()))
            continue;
          auto [entry, isNew] = known.try_emplace(buffer, intermediates.size());
          if (isNew) {
            intermediates.push_back(buffer);
            uses.emplace_back();
          }
          std::vector<uint32_t> &of = uses[entry->second];
          if (of.empty() || of.back() != position)
            of.push_back(position);
        }
    }
  }
}

bool IntermediateLiveness::areNeverAlive(unsigned first,
                                         unsigned second) const {
  const planning::LaunchGraph &graph = dependences.getGraph();
  auto precedes = [&](unsigned a, unsigned b) {
    return llvm::all_of(uses[a], [&](uint32_t earlier) {
      return llvm::all_of(uses[b], [&](uint32_t later) {
        return graph.precedes(earlier, later);
      });
    });
  };
  return precedes(first, second) || precedes(second, first);
}

std::optional<std::vector<planning::ArenaValue>>
IntermediateLiveness::getArenaValues() const {
  std::vector<planning::ArenaValue> values;
  for (auto [intermediate, launches] : llvm::zip_equal(intermediates, uses)) {
    auto type = cast<MemRefType>(intermediate.getType());
    if (!type.hasStaticShape())
      return std::nullopt;
    planning::ArenaValue value;
    value.byteSize = getElementByteCount(type.getElementType());
    for (int64_t extent : type.getShape())
      value.byteSize =
          llvm::SaturatingMultiply(value.byteSize, uint64_t(extent));
    value.uses = launches;
    values.push_back(value);
  }
  return values;
}

void IntermediateLiveness::print(raw_ostream &os) const {
  for (unsigned i = 0; i != intermediates.size(); ++i) {
    os << "intermediate " << i << " in use by ";
    llvm::interleaveComma(uses[i], os, [&](uint32_t position) {
      LaunchOp launch = dependences.getLaunches()[position];
      os << "@" << launch.getLaunchName();
    });
    for (unsigned other = 0; other != i; ++other)
      if (areNeverAlive(other, i))
        os << ", never with " << other;
    os << "\n";
  }
}

} // namespace vyre
