//===- StageAccesses.cpp - Which elements a stage touches -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/StageAccesses.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;

namespace vyre {

StageAccesses::StageAccesses(StageLikeOpInterface stage,
                             SymbolicValues &symbols, const Reshape *reshape,
                             bool readsVectors)
    : stage(stage) {
  if (auto body = dyn_cast<StageOp>(stage.getOperation()))
    readBody(body, symbols, reshape, readsVectors);
  else
    readDeclaration(symbols);
}

/// The relation over those of the resolver's dimensions that the access needs:
/// the points, the indices of the loops around it, and what bounds them.
static AccessRelation makeRelation(MLIRContext *context,
                                   const IndexResolver &resolver, unsigned rank,
                                   ArrayRef<AffineExpr> element,
                                   ArrayRef<AffineExpr> loopIndices,
                                   ArrayRef<AffineExpr> guards, bool isExact,
                                   bool isExactWithGuards) {
  llvm::SmallBitVector needed(resolver.getNumDimensions());
  SmallVector<unsigned> worklist;
  auto need = [&](AffineExpr expr) {
    expr.walk([&](AffineExpr part) {
      auto dim = dyn_cast<AffineDimExpr>(part);
      if (!dim || needed.test(dim.getPosition()))
        return;
      needed.set(dim.getPosition());
      worklist.push_back(dim.getPosition());
    });
  };
  needed.set(0, rank);
  for (unsigned i = 0; i != rank; ++i)
    worklist.push_back(i);
  llvm::for_each(element, need);
  llvm::for_each(loopIndices, need);
  if (isExactWithGuards)
    llvm::for_each(guards, need);
  while (!worklist.empty()) {
    const auto &dimension = resolver.getDimension(worklist.pop_back_val());
    isExact &= dimension.isExact;
    isExactWithGuards &= dimension.isExact || !dimension.cases.empty();
    llvm::for_each(dimension.constraints, need);
    for (const IndexCase &option : dimension.cases) {
      need(option.value);
      llvm::for_each(option.conditions, need);
    }
  }

  AccessRelation relation;
  relation.rank = rank;
  relation.isExact = isExact;
  relation.isExactWithGuards = isExactWithGuards;
  SmallVector<AffineExpr> renumbered(resolver.getNumDimensions());
  for (unsigned dim : needed.set_bits())
    renumbered[dim] = getAffineDimExpr(relation.numDims++, context);
  for (AffineExpr expr : element)
    relation.indices.push_back(expr.replaceDims(renumbered));
  for (unsigned dim : needed.set_bits())
    for (AffineExpr expr : resolver.getDimension(dim).constraints)
      relation.constraints.push_back(expr.replaceDims(renumbered));
  if (!isExactWithGuards)
    return relation;
  for (AffineExpr expr : guards)
    relation.guards.push_back(expr.replaceDims(renumbered));
  for (unsigned dim : needed.set_bits()) {
    AccessRelation::Choice choice{
        cast<AffineDimExpr>(renumbered[dim]).getPosition(), {}};
    for (const IndexCase &option : resolver.getDimension(dim).cases) {
      IndexCase &copy = choice.cases.emplace_back();
      copy.value = option.value.replaceDims(renumbered);
      for (AffineExpr expr : option.conditions)
        copy.conditions.push_back(expr.replaceDims(renumbered));
    }
    if (!choice.cases.empty())
      relation.choices.push_back(std::move(choice));
  }
  return relation;
}

/// The indices of the loops around an op of the body. Sets `isConditional`
/// where something else decides whether it runs.
static SmallVector<Value> getLoopIndices(Operation *op, StageOp stage,
                                         bool &isConditional) {
  SmallVector<Value> indices;
  for (Operation *parent = op->getParentOp(); parent != stage;
       parent = parent->getParentOp()) {
    if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      if (loop.getInductionVar().getType().isIndex())
        indices.push_back(loop.getInductionVar());
      else
        isConditional = true;
    } else if (auto loop = dyn_cast<scf::ParallelOp>(parent)) {
      llvm::append_range(indices, loop.getInductionVars());
    } else if (auto loop = dyn_cast<affine::AffineForOp>(parent)) {
      indices.push_back(loop.getInductionVar());
    } else if (auto loop = dyn_cast<affine::AffineParallelOp>(parent)) {
      llvm::append_range(indices, loop.getIVs());
    } else {
      isConditional = true;
    }
  }
  return indices;
}

/// The conditions around an op of the body; false where one is not affine.
static bool getGuards(Operation *op, StageOp stage, IndexResolver &resolver,
                      SmallVectorImpl<AffineExpr> &guards) {
  for (Operation *parent = op->getParentOp(); parent != stage;
       op = parent, parent = op->getParentOp()) {
    if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      if (!loop.getInductionVar().getType().isIndex())
        return false;
    } else if (auto choice = dyn_cast<scf::IfOp>(parent)) {
      bool isNegated = op->getParentRegion() == &choice.getElseRegion();
      if (!resolver.appendGuards(choice.getCondition(), isNegated, guards))
        return false;
    } else if (!isa<scf::ParallelOp, affine::AffineForOp,
                    affine::AffineParallelOp>(parent)) {
      return false;
    }
  }
  return true;
}

/// The elements of a vector.load or vector.store: an inner dimension runs along
/// each of the vector's. None for another op.
static std::optional<SmallVector<AffineExpr>>
getVectorElements(Operation *op, IndexResolver &resolver) {
  auto read = [&](auto access) -> std::optional<SmallVector<AffineExpr>> {
    VectorType type = access.getVectorType();
    SmallVector<AffineExpr> indices;
    for (Value index : access.getIndices())
      indices.push_back(resolver.getExpr(index));
    if (type.isScalable() || size_t(type.getRank()) > indices.size())
      return std::nullopt;
    for (auto [index, extent] :
         llvm::zip(MutableArrayRef(indices).take_back(type.getRank()),
                   type.getShape()))
      index = index + resolver.addUnknown(
                          getAffineConstantExpr(extent, type.getContext()));
    return resolver.getElement(access.getBase(), indices);
  };
  if (auto load = dyn_cast<vector::LoadOp>(op))
    return read(load);
  if (auto store = dyn_cast<vector::StoreOp>(op))
    return read(store);
  return std::nullopt;
}

void StageAccesses::readBody(StageOp stage, SymbolicValues &symbols,
                             const Reshape *reshape, bool readsVectors) {
  SmallVector<BufferAccess> touched;
  if (collectBufferAccesses(stage.getBody(), touched))
    return readDeclaration(symbols);
  known = true;
  loops = stage.getBody()
              .walk([](LoopLikeOpInterface) { return WalkResult::interrupt(); })
              .wasInterrupted();
  if (reshape) {
    extents = reshape->extents;
  } else {
    for (Value extent : stage.getExtents())
      extents.push_back(symbols.getExpr(extent));
  }
  auto makeResolver = [&] {
    return reshape ? IndexResolver(stage, symbols, reshape->extents,
                                   reshape->ownIndices)
                   : IndexResolver(stage, symbols);
  };
  IndexResolver resolver = makeResolver();
  accesses.reserve(touched.size());

  for (const BufferAccess &access : touched) {
    Operation *owner = access.buffer.getDefiningOp();
    if (owner && stage->isProperAncestor(owner))
      continue;
    // An op that reads and writes an element is one access.
    if (!accesses.empty() && accesses.back().op == access.op &&
        accesses.back().buffer == access.buffer) {
      accesses.back().reads |= access.reads;
      accesses.back().writes |= access.writes;
      continue;
    }
    bool isConditional = false;
    SmallVector<AffineExpr> loopIndices;
    for (Value index : getLoopIndices(access.op, stage, isConditional))
      loopIndices.push_back(resolver.getExpr(index));
    auto element = resolver.getElement(access.op);
    if (!element && readsVectors)
      element = getVectorElements(access.op, resolver);
    bool isExact = element && !isConditional;
    SmallVector<AffineExpr> guards;
    bool isExactWithGuards =
        element && getGuards(access.op, stage, resolver, guards);
    if (!element) {
      element.emplace();
      auto type = cast<MemRefType>(access.buffer.getType());
      for (unsigned i = 0, e = type.getRank(); i != e; ++i)
        element->push_back(
            resolver.addUnknown(symbols.getExtent(access.buffer, i)));
    }
    accesses.push_back({access.op, access.buffer, access.reads, access.writes,
                        symbols.intern(makeRelation(
                            symbols.getContext(), resolver, getRank(), *element,
                            loopIndices, guards, isExact, isExactWithGuards))});
  }
}

/// Nothing is known but the buffers: each access may touch every element.
void StageAccesses::readDeclaration(SymbolicValues &symbols) {
  auto add = [&](OperandRange buffers, bool reads, bool writes) {
    for (Value buffer : buffers) {
      AccessRelation relation;
      relation.isExact = false;
      relation.isExactWithGuards = false;
      auto type = cast<MemRefType>(buffer.getType());
      for (unsigned i = 0, e = type.getRank(); i != e; ++i) {
        AffineExpr dim =
            getAffineDimExpr(relation.numDims++, symbols.getContext());
        relation.indices.push_back(dim);
        relation.constraints.push_back(dim);
        relation.constraints.push_back(symbols.getExtent(buffer, i) - dim - 1);
      }
      accesses.push_back(
          {stage, buffer, reads, writes, symbols.intern(std::move(relation))});
    }
  };
  add(stage.getReadBuffers(), true, false);
  add(stage.getWrittenBuffers(), false, true);
  add(stage.getUpdatedBuffers(), true, true);
}

void StageAccesses::print(llvm::raw_ostream &os, AsmState &state) const {
  StageLikeOpInterface op = stage;
  os << "@" << op.getStageName() << " over (";
  llvm::interleaveComma(extents, os);
  os << ")\n";
  for (const ElementAccess &access : accesses) {
    os << "  "
       << (access.reads ? access.writes ? "updates" : "reads" : "writes")
       << " ";
    access.buffer.printAsOperand(os, state);
    os << "[";
    llvm::interleaveComma(access.relation.indices, os);
    os << "]" << (access.relation.isExact ? "" : " at most");
    for (unsigned i = 2 * getRank(), e = access.relation.constraints.size();
         i < e; ++i)
      os << (i == 2 * getRank() ? " where " : ", ")
         << access.relation.constraints[i] << " >= 0";
    os << "\n";
  }
}

} // namespace vyre
