//===- RegisterForwarding.cpp - From memory to registers ------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   store %v, %t[%i]                     store %v, %t[%i]
//   %a = load %t[%i]           ->        use %v
//   use %a
//
// and then the store as well, where nobody reads %t. What one point does is a
// sequence, so that the body alone decides. Different buffers of a program do
// not overlap where one of them is written.
//
//===----------------------------------------------------------------------===//

#include "StageBodies.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace vyre;

bool vyre::areDifferentElements(ArrayRef<AffineExpr> left,
                                ArrayRef<AffineExpr> right) {
  for (auto [a, b] : llvm::zip_equal(left, right)) {
    auto distance = dyn_cast<AffineConstantExpr>(a - b);
    if (distance && distance.getValue() != 0)
      return true;
  }
  return false;
}

/// The loaded value, or the stored one; null for an op of another kind.
static Value getLoadedValue(Operation *op) {
  if (isa<memref::LoadOp, affine::AffineLoadOp>(op))
    return op->getResult(0);
  return nullptr;
}
static Value getStoredValue(Operation *op) {
  if (isa<memref::StoreOp, affine::AffineStoreOp>(op))
    return op->getOperand(0);
  return nullptr;
}
static Value getAccessedBuffer(Operation *op) {
  if (isa<memref::LoadOp, affine::AffineLoadOp>(op))
    return getUnderlyingBuffer(op->getOperand(0));
  return getUnderlyingBuffer(op->getOperand(1));
}

namespace {

/// The buffers that an op and what it contains read or write.
struct TouchedBuffers {
  llvm::SmallDenseSet<Value> read, written;
  /// Some accesses may be to any buffer.
  bool isUnknown = false;

  explicit TouchedBuffers(Operation *op) {
    SmallVector<BufferAccess> accesses;
    isUnknown = collectBufferAccesses(op, accesses).has_value();
    for (const BufferAccess &access : accesses) {
      if (access.reads)
        read.insert(access.buffer);
      if (access.writes)
        written.insert(access.buffer);
    }
  }
};

/// The elements whose value is in a register.
class KnownElements {
public:
  /// Nothing at first, or what is known in the block around this one. That must
  /// not change meanwhile.
  explicit KnownElements(const KnownElements *outer = nullptr) : outer(outer) {}

  void add(Value buffer, ArrayRef<AffineExpr> element, Value value) {
    getOwn(buffer).push_back({llvm::to_vector<2>(element), value});
  }

  Value lookup(Value buffer, ArrayRef<AffineExpr> element) const {
    if (const List *known = find(buffer))
      for (const Known &entry : *known)
        if (ArrayRef(entry.element) == element)
          return entry.value;
    return nullptr;
  }

  /// Forgets what a store to the element may have changed.
  void clobber(Value buffer, ArrayRef<AffineExpr> element) {
    llvm::erase_if(getOwn(buffer), [&](const Known &entry) {
      return !areDifferentElements(entry.element, element);
    });
  }

  void clobber(Value buffer) { elements[buffer].clear(); }

  void clobber(const TouchedBuffers &touched) {
    if (touched.isUnknown)
      *this = KnownElements();
    for (Value buffer : touched.written)
      clobber(buffer);
  }

private:
  struct Known {
    SmallVector<AffineExpr, 2> element;
    Value value;
  };
  using List = SmallVector<Known, 0>;

  const List *find(Value buffer) const {
    for (const KnownElements *block = this; block; block = block->outer)
      if (auto known = block->elements.find(buffer);
          known != block->elements.end())
        return &known->second;
    return nullptr;
  }

  /// The list of this block alone, which begins with that of the one around it.
  List &getOwn(Value buffer) {
    auto [own, isNew] = elements.try_emplace(buffer);
    if (isNew && outer)
      if (const List *known = outer->find(buffer))
        own->second = *known;
    return own->second;
  }

  const KnownElements *outer;
  // Of the buffers that this block touches. Most bodies touch few, and each
  // body has several of these.
  llvm::SmallDenseMap<Value, List, 4> elements;
};

/// Forwards values through the blocks of a body.
class Forwarder {
public:
  Forwarder(StageOp stage, SymbolicValues &symbols)
      : resolver(stage, symbols) {}

  void run(Block &block, KnownElements &known) {
    for (Operation &op : block)
      visit(&op, known);
  }

  void eraseLoads() {
    for (Operation *load : llvm::reverse(forwarded))
      load->erase();
  }

private:
  void visit(Operation *op, KnownElements &known) {
    Value loaded = getLoadedValue(op), stored = getStoredValue(op);
    if (loaded || stored) {
      Value buffer = getAccessedBuffer(op);
      auto element = buffer ? resolver.getElement(op) : std::nullopt;
      if (stored) {
        if (!element)
          known.clobber(TouchedBuffers(op));
        else
          known.clobber(buffer, *element);
      }
      if (!element)
        return;
      if (stored) {
        known.add(buffer, *element, stored);
      } else if (Value value = known.lookup(buffer, *element)) {
        loaded.replaceAllUsesWith(value);
        forwarded.push_back(op);
      } else {
        known.add(buffer, *element, loaded);
      }
      return;
    }
    if (isMemoryEffectFree(op) && op->getNumRegions() == 0)
      return;
    TouchedBuffers touched(op);
    for (Region &region : op->getRegions())
      for (Block &block : region) {
        KnownElements inside(&known);
        // What an iteration or another block has written is not known at the
        // beginning of a block; a branch is entered at most once.
        if (!isa<scf::IfOp>(op))
          inside.clobber(touched);
        run(block, inside);
      }
    known.clobber(touched);
  }

  IndexResolver resolver;
  SmallVector<Operation *> forwarded;
};

/// Finds stores that are overwritten in the same block before they are read.
class DeadStores {
public:
  DeadStores(StageOp stage, SymbolicValues &symbols)
      : resolver(stage, symbols) {}

  void run(Block &block) {
    KnownElements overwritten;
    for (Operation &op : llvm::reverse(block))
      visit(&op, overwritten);
  }

  void erase() {
    for (Operation *store : dead)
      store->erase();
  }

private:
  void visit(Operation *op, KnownElements &overwritten) {
    Value loaded = getLoadedValue(op), stored = getStoredValue(op);
    if (loaded || stored) {
      Value buffer = getAccessedBuffer(op);
      auto element = buffer ? resolver.getElement(op) : std::nullopt;
      if (!element) {
        if (loaded && buffer)
          overwritten.clobber(buffer);
        else if (!buffer)
          overwritten = KnownElements();
        return;
      }
      if (loaded)
        overwritten.clobber(buffer, *element);
      else if (overwritten.lookup(buffer, *element))
        dead.push_back(op);
      else
        overwritten.add(buffer, *element, stored);
      return;
    }
    for (Region &region : op->getRegions())
      for (Block &block : region)
        run(block);
    if (isMemoryEffectFree(op) && op->getNumRegions() == 0)
      return;
    TouchedBuffers touched(op);
    if (touched.isUnknown)
      overwritten = KnownElements();
    for (Value buffer : touched.read)
      overwritten.clobber(buffer);
  }

  IndexResolver resolver;
  SmallVector<Operation *> dead;
};

} // namespace

void vyre::forwardStores(StageOp stage, SymbolicValues &symbols) {
  Forwarder forwarder(stage, symbols);
  for (Block &block : stage.getBody()) {
    KnownElements known;
    forwarder.run(block, known);
  }
  forwarder.eraseLoads();
}

/// Whether a buffer is an intermediate whose contents nobody reads: it is only
/// written, in this stage.
static bool isOnlyWritten(Value buffer, StageOp stage) {
  if (!buffer.getDefiningOp<IntermediateOp>())
    return false;
  return llvm::all_of(buffer.getUsers(), [&](Operation *user) {
    return user == stage || isa<memref::DimOp>(user) ||
           (stage->isProperAncestor(user) && getStoredValue(user) &&
            getStoredValue(user) != buffer);
  });
}

void vyre::eraseDeadStores(StageOp stage, SymbolicValues &symbols) {
  {
    DeadStores deadStores(stage, symbols);
    for (Block &block : stage.getBody())
      deadStores.run(block);
    deadStores.erase();
  }
  for (OperandRange range : {stage.getWrites(), stage.getUpdates()})
    for (Value buffer : range) {
      if (!isOnlyWritten(buffer, stage))
        continue;
      for (Operation *user : llvm::make_early_inc_range(buffer.getUsers()))
        if (getStoredValue(user))
          user->erase();
    }
}
