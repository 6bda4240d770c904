//===- Recomputation.cpp - Compute again instead of storing ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row of exponentials is summed in one inner loop and divided by its sum in
// the next. Between the two it would go through memory:
//
//   scf.parallel (%j) { ... %e = exp(x[i, j] - %max); store %e, %t[%i, %j] ...
//   } scf.parallel (%j) { %e = load %t[%i, %j] ... }
//
// Where few operations make an element, the second loop makes it again, from
// the same operands and so with the same bits, and the intermediate is gone.
//
// The second loop may look at elements that the first has not made, and then
// not use what it finds. Making these would read what is not there: so the
// first loop has to go over the whole of the intermediate, or both over the
// same.
//
//===----------------------------------------------------------------------===//

#include "StageBodies.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace vyre;

/// More operations than this are not worth a load from the cache.
static constexpr size_t kMaxOperations = 16;

namespace {

/// How the elements of an intermediate are made: by one store, at the top of
/// an inner loop's body.
struct Producer {
  memref::StoreOp store;
  scf::ParallelOp loop;
  /// What computes the stored value, in order.
  SmallVector<Operation *> slice;
};

} // namespace

/// The one store to an intermediate that only this stage touches; null where
/// there are more, or accesses of other kinds.
static memref::StoreOp findOnlyStore(Value buffer, StageOp stage) {
  memref::StoreOp only;
  for (Operation *user : buffer.getUsers()) {
    if (user == stage || isa<memref::DimOp>(user))
      continue;
    if (!stage->isProperAncestor(user))
      return nullptr;
    if (isa<memref::LoadOp>(user))
      continue;
    auto store = dyn_cast<memref::StoreOp>(user);
    if (!store || only)
      return nullptr;
    only = store;
  }
  return only;
}

/// Whether a value is the same wherever the stage's body uses it.
static bool isDefinedAround(Value value, scf::ParallelOp loop) {
  return !loop.getRegion().isAncestor(value.getParentRegion());
}

namespace {

/// For each buffer that the stage writes: the last op at the top of the body
/// that does.
class LastWrites {
public:
  explicit LastWrites(StageOp stage) {
    SmallVector<BufferAccess> accesses;
    isUnknown = collectBufferAccesses(stage.getBody(), accesses).has_value();
    for (const BufferAccess &access : accesses) {
      if (!access.writes)
        continue;
      Operation *top = access.op;
      while (top->getParentOp() != stage)
        top = top->getParentOp();
      Operation *&last = lastWrites[access.buffer];
      if (!last || last->isBeforeInBlock(top))
        last = top;
    }
  }

  /// Whether a buffer stays as it is from an op at the top of the body on.
  bool isUnchangedFrom(Value buffer, Operation *top) const {
    auto last = lastWrites.find(buffer);
    return !isUnknown &&
           (last == lastWrites.end() || last->second->isBeforeInBlock(top));
  }

  /// Nobody writes the buffer any more.
  void forget(Value buffer) { lastWrites.erase(buffer); }

private:
  DenseMap<Value, Operation *> lastWrites;
  bool isUnknown;
};

} // namespace

/// Whether an op gives the same result when it is run again behind `loop`: it
/// is pure, or loads from a buffer that nobody writes any more.
static bool isRepeatable(Operation *op, scf::ParallelOp loop,
                         const LastWrites &writes) {
  if (op->getNumRegions() != 0)
    return false;
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    Value buffer = getUnderlyingBuffer(load.getMemref());
    return buffer && writes.isUnchangedFrom(buffer, loop);
  }
  return isPure(op);
}

static std::optional<Producer> findProducer(Value buffer, StageOp stage,
                                            const LastWrites &writes) {
  Producer producer;
  producer.store = findOnlyStore(buffer, stage);
  if (!producer.store)
    return std::nullopt;
  producer.loop = dyn_cast<scf::ParallelOp>(producer.store->getParentOp());
  if (!producer.loop || producer.loop->getParentOp() != stage)
    return std::nullopt;
  Block *body = producer.loop.getBody();
  llvm::SmallPtrSet<Operation *, 16> slice;
  SmallVector<Value> worklist = {producer.store.getValueToStore()};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (isDefinedAround(value, producer.loop) ||
        value.getDefiningOp() == nullptr)
      continue;
    Operation *op = value.getDefiningOp();
    if (op->getBlock() != body || !isRepeatable(op, producer.loop, writes))
      return std::nullopt;
    if (!slice.insert(op).second)
      continue;
    if (slice.size() > kMaxOperations)
      return std::nullopt;
    llvm::append_range(worklist, op->getOperands());
  }
  for (Operation &op : *body)
    if (slice.contains(&op))
      producer.slice.push_back(&op);
  return producer;
}

/// Whether the loop over `index` has an iteration for `loaded`, an index into a
/// dimension of `extent`: it runs over all of the dimension, or `loaded` comes
/// from a loop with the same bounds.
static bool hasIteration(BlockArgument index, Value loaded, AffineExpr extent,
                         IndexResolver &resolver) {
  auto getBounds = [&](BlockArgument argument) {
    auto loop = cast<scf::ParallelOp>(argument.getOwner()->getParentOp());
    unsigned position = argument.getArgNumber();
    return std::array<AffineExpr, 3>{
        resolver.getExpr(loop.getLowerBound()[position]),
        resolver.getExpr(loop.getUpperBound()[position]),
        resolver.getExpr(loop.getStep()[position])};
  };
  std::array<AffineExpr, 3> bounds = getBounds(index);
  MLIRContext *context = extent.getContext();
  if (bounds == std::array<AffineExpr, 3>{getAffineConstantExpr(0, context),
                                          extent,
                                          getAffineConstantExpr(1, context)})
    return true;
  auto other = dyn_cast<BlockArgument>(loaded);
  return other && isa<scf::ParallelOp>(other.getOwner()->getParentOp()) &&
         getBounds(other) == bounds;
}

/// What the producer's loop indices are at the element that `load` reads, by
/// comparing it with the element that is stored; none where that can't be said.
static std::optional<IRMapping> matchElement(const Producer &producer,
                                             memref::LoadOp load,
                                             IndexResolver &resolver,
                                             SymbolicValues &symbols) {
  memref::StoreOp store = producer.store;
  scf::ParallelOp loop = producer.loop;
  IRMapping mapping;
  if (load.getMemref() != store.getMemref())
    return std::nullopt;
  for (auto [position, stored, loaded] :
       llvm::enumerate(store.getIndices(), load.getIndices())) {
    if (llvm::is_contained(loop.getInductionVars(), stored)) {
      if (!hasIteration(cast<BlockArgument>(stored), loaded,
                        symbols.getExtent(store.getMemref(), position),
                        resolver))
        return std::nullopt;
      Value known = mapping.lookupOrNull(stored);
      if (known && resolver.getExpr(known) != resolver.getExpr(loaded))
        return std::nullopt;
      if (!known)
        mapping.map(stored, loaded);
      continue;
    }
    if (!isDefinedAround(stored, loop) ||
        resolver.getExpr(stored) != resolver.getExpr(loaded))
      return std::nullopt;
  }
  for (Value index : loop.getInductionVars())
    if (!mapping.contains(index))
      return std::nullopt;
  return mapping;
}

namespace {

/// Recomputes what it can of one stage.
class Recomputation {
public:
  Recomputation(StageOp stage, SymbolicValues &symbols)
      : stage(stage), symbols(symbols), writes(stage),
        resolver(stage, symbols) {}

  /// Recomputes all loads of an intermediate, or none.
  bool run(Value buffer) {
    std::optional<Producer> producer = findProducer(buffer, stage, writes);
    if (!producer)
      return false;
    SmallVector<std::pair<memref::LoadOp, IRMapping>> loads;
    for (Operation *user : buffer.getUsers()) {
      auto load = dyn_cast<memref::LoadOp>(user);
      if (!load)
        continue;
      Operation *top = load;
      while (top->getParentOp() != stage)
        top = top->getParentOp();
      bool isLater = producer->loop->isBeforeInBlock(top);
      auto mapping = isLater ? matchElement(*producer, load, resolver, symbols)
                             : std::optional<IRMapping>();
      if (!mapping)
        return false;
      loads.push_back({load, std::move(*mapping)});
    }
    for (auto &[load, mapping] : loads) {
      OpBuilder builder(load);
      for (Operation *op : producer->slice)
        builder.clone(*op, mapping);
      Value value = mapping.lookupOrDefault(producer->store.getValueToStore());
      load.replaceAllUsesWith(value);
      resolver.forget(load);
      load.erase();
    }
    resolver.forget(producer->store);
    producer->store.erase();
    writes.forget(buffer);
    return true;
  }

private:
  StageOp stage;
  SymbolicValues &symbols;
  LastWrites writes;
  IndexResolver resolver;
};

} // namespace

void vyre::recomputeElements(StageOp stage, SymbolicValues &symbols) {
  SmallVector<Value> intermediates;
  for (OperandRange range : {stage.getWrites(), stage.getUpdates()})
    for (Value buffer : range)
      if (buffer.getDefiningOp<IntermediateOp>())
        intermediates.push_back(buffer);
  if (intermediates.empty())
    return;
  Recomputation recomputation(stage, symbols);
  // An element that is made of others can be made again once they can.
  bool changed = true;
  while (changed) {
    changed = false;
    for (Value &buffer : intermediates)
      if (buffer && recomputation.run(buffer)) {
        buffer = nullptr;
        changed = true;
      }
  }
}
