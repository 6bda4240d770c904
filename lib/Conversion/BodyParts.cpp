//===- BodyParts.cpp - A body's stores, shared among threads --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyParts.h"

#include "ThreadMapping.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

/// A body that stores to fewer buffers is left whole.
static constexpr int64_t kFewestBuffers = 8;

/// Threads that are enough for a GPU to store as fast as it can. No body is cut
/// into so many parts that there are more.
static constexpr int64_t kEnoughThreads = int64_t(1) << 15;

/// How many times as many operations all parts may have as the body: what
/// several parts need is computed by each of them.
static constexpr int64_t kLargestGrowth = 4;

namespace {

/// The stores of a body by buffer, if its parts can be told by them.
class StoresByBuffer {
public:
  /// False where the order of the body's effects may matter.
  bool collect(Block &body);

  ArrayRef<Operation *> get(size_t buffer) const {
    return stores.begin()[buffer].second;
  }
  int64_t size() const { return stores.size(); }

private:
  llvm::MapVector<Value, SmallVector<Operation *, 1>> stores;
};

} // namespace

bool StoresByBuffer::collect(Block &body) {
  llvm::SmallPtrSet<Value, 8> loaded;
  // A view that the body makes may be of any buffer.
  auto isBuffer = [&](Value memref) {
    return !body.getParent()->isAncestor(memref.getParentRegion());
  };
  for (Operation &op : body.without_terminator()) {
    if (auto store = dyn_cast<memref::StoreOp>(op)) {
      if (!isBuffer(store.getMemRef()))
        return false;
      stores[store.getMemRef()].push_back(store);
      continue;
    }
    WalkResult walk = op.walk([&](Operation *nested) {
      if (auto load = dyn_cast<memref::LoadOp>(nested)) {
        loaded.insert(load.getMemRef());
        return isBuffer(load.getMemRef()) ? WalkResult::advance()
                                          : WalkResult::interrupt();
      }
      bool isHarmless =
          nested->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
          isMemoryEffectFree(nested);
      return isHarmless ? WalkResult::advance() : WalkResult::interrupt();
    });
    if (walk.wasInterrupted())
      return false;
  }
  return llvm::none_of(
      stores, [&](const auto &entry) { return loaded.contains(entry.first); });
}

/// The operations of `body` that `stores` need, and themselves, in order.
static SmallVector<Operation *, 0> getSlice(Block &body,
                                            ArrayRef<Operation *> stores) {
  llvm::SetVector<Operation *> slice(stores.begin(), stores.end());
  for (size_t i = 0; i < slice.size(); ++i)
    slice[i]->walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        if (Operation *producer = operand.getDefiningOp())
          if (producer->getBlock() == &body)
            slice.insert(producer);
    });
  SmallVector<Operation *, 0> ordered = slice.takeVector();
  llvm::sort(ordered,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return ordered;
}

std::optional<BodyParts> BodyParts::choose(StageOp stage) {
  std::optional<int64_t> points = getStaticPointCount(stage);
  StoresByBuffer stores;
  Block &body = stage.getBody().front();
  if (!points || *points == 0 || *points > kEnoughThreads / 2 ||
      !stores.collect(body) || stores.size() < kFewestBuffers)
    return std::nullopt;

  BodyParts result;
  result.threadsPerPart = llvm::alignTo(*points, kWarp);
  int64_t mostOperations =
      kLargestGrowth * int64_t(body.getOperations().size());
  int64_t count =
      std::min(stores.size(), kEnoughThreads / result.threadsPerPart);
  for (; count > 1; count /= 2) {
    int64_t buffersPerPart = llvm::divideCeil(stores.size(), count);
    int64_t operations = 0;
    result.parts.clear();
    for (int64_t first = 0;
         first < stores.size() && operations <= mostOperations;
         first += buffersPerPart) {
      SmallVector<Operation *> ofPart;
      int64_t end = std::min(first + buffersPerPart, stores.size());
      for (int64_t buffer = first; buffer < end; ++buffer)
        llvm::append_range(ofPart, stores.get(buffer));
      result.parts.push_back(getSlice(body, ofPart));
      operations += int64_t(result.parts.back().size());
    }
    if (operations <= mostOperations)
      return result;
  }
  return std::nullopt;
}

} // namespace vyre
