//===- InnerLoopFusion.cpp - Loops over the same inner points -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   scf.parallel (%j) = 0 to %n {              scf.parallel (%j) = 0 to %n
//     store %v, %t[%i, %j]                         init (%z) {
//   }                                    ->      store %v, %t[%i, %j]
//   scf.parallel (%j) = 0 to %n init (%z) {      %a = load %t[%i, %j]
//     %a = load %t[%i, %j]                       scf.reduce(%a) { add }
//     scf.reduce(%a) { add }                   }
//   }
//
// Legal where the two loops meet in memory at equal indices only, and where
// nothing between them has to stay there: it comes before the first loop or
// behind the second. A reduction has the same extent as before, and so the same
// order.
//
// What has to stay before what is a graph over the ops at the top of the body.
// Two loops that are fused are one node of it from then on, and two that could
// not be stay so: each pair is looked at once.
//
//===----------------------------------------------------------------------===//

#include "StageBodies.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/BitVector.h"
#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace vyre;

namespace {

/// An access by an op at the top of the body, with the element where it is
/// known.
struct Access {
  bool writes;
  std::optional<SmallVector<AffineExpr>> element;
};

/// An op at the top of the body, or a loop that several were fused to.
struct Node {
  explicit Node(Operation *op) : op(op) {}

  Operation *op;
  /// The nodes that have to stay before it, but those that follow from others.
  SmallVector<unsigned, 4> predecessors;
  DenseMap<Value, SmallVector<Access, 2>> accesses;
  /// It may touch any memory; `accesses` are not all of them.
  bool isUnknown = false;
  /// Of a loop: its lower and upper bounds and steps, and its indices.
  SmallVector<AffineExpr> bounds, indices;
};

/// Fuses the loops of one body.
class LoopFuser {
public:
  LoopFuser(StageOp stage, SymbolicValues &symbols);

  void run();

private:
  void orderByValues(unsigned number);
  void orderByMemory(unsigned number, IndexResolver &resolver);
  unsigned getNode(unsigned number) const;

  bool fuseIntoEarlier(unsigned position);
  void fuse(unsigned position, unsigned secondPosition,
            const llvm::BitVector &needed);
  void mergeNodes(unsigned first, unsigned second);

  /// What the ops so far did with a buffer.
  struct Uses {
    std::optional<unsigned> writer;
    SmallVector<unsigned, 2> readersSince;
  };

  std::vector<Node> nodes;
  DenseMap<Operation *, unsigned> numberOf;
  /// Where a node was fused into another, that one.
  std::vector<unsigned> fusedInto;
  /// The nodes that are left, in the order of their ops.
  std::vector<unsigned> order;
  DenseMap<Value, Uses> usesOf;
  /// The last op that may touch any memory, and those behind it that touch
  /// some.
  std::optional<unsigned> lastUnknown;
  SmallVector<unsigned> memorySince;
};

} // namespace

//===----------------------------------------------------------------------===//
// What has to stay before what
//===----------------------------------------------------------------------===//

LoopFuser::LoopFuser(StageOp stage, SymbolicValues &symbols) {
  IndexResolver resolver(stage, symbols);
  for (Operation &op : stage.getBody().front().without_terminator()) {
    unsigned number = nodes.size();
    numberOf[&op] = number;
    nodes.emplace_back(&op);
    orderByValues(number);
    orderByMemory(number, resolver);
    auto loop = dyn_cast<scf::ParallelOp>(op);
    if (!loop)
      continue;
    for (OperandRange range :
         {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
      for (Value bound : range)
        nodes[number].bounds.push_back(resolver.getExpr(bound));
    for (Value index : loop.getInductionVars())
      nodes[number].indices.push_back(resolver.getExpr(index));
  }
  fusedInto.resize(nodes.size());
  std::iota(fusedInto.begin(), fusedInto.end(), 0);
  order = fusedInto;
}

/// Adds the predecessors that a node has for using what they result in.
void LoopFuser::orderByValues(unsigned number) {
  nodes[number].op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      auto known = numberOf.find(operand.getDefiningOp());
      if (known != numberOf.end() && known->second != number)
        nodes[number].predecessors.push_back(known->second);
    }
  });
}

/// Adds the predecessors that a node has for meeting them in memory.
void LoopFuser::orderByMemory(unsigned number, IndexResolver &resolver) {
  Node &node = nodes[number];
  if (isMemoryEffectFree(node.op))
    return;
  SmallVector<BufferAccess> accesses;
  node.isUnknown = collectBufferAccesses(node.op, accesses).has_value();
  if (lastUnknown)
    node.predecessors.push_back(*lastUnknown);
  if (node.isUnknown) {
    llvm::append_range(node.predecessors, memorySince);
    memorySince.clear();
    usesOf.clear();
    lastUnknown = number;
    return;
  }
  memorySince.push_back(number);
  for (const BufferAccess &access : accesses)
    node.accesses[access.buffer].push_back(
        {access.writes, resolver.getElement(access.op)});
  for (const auto &[buffer, list] : node.accesses) {
    Uses &uses = usesOf[buffer];
    if (uses.writer)
      node.predecessors.push_back(*uses.writer);
    if (llvm::none_of(list,
                      [](const Access &access) { return access.writes; })) {
      uses.readersSince.push_back(number);
      continue;
    }
    llvm::append_range(node.predecessors, uses.readersSince);
    uses = {number, {}};
  }
}

/// The node that a node is part of by now.
unsigned LoopFuser::getNode(unsigned number) const {
  while (fusedInto[number] != number)
    number = fusedInto[number];
  return number;
}

//===----------------------------------------------------------------------===//
// Which loops can be fused
//===----------------------------------------------------------------------===//

/// Whether an index of each of two loops can be read off the elements that they
/// touch, in the same way on both sides.
static bool isTied(const Access &left, const Access &right,
                   AffineExpr leftIndex, AffineExpr rightIndex) {
  for (auto [e, f] : llvm::zip_equal(*left.element, *right.element))
    if (e - leftIndex == f - rightIndex &&
        (e - leftIndex).isSymbolicOrConstant())
      return true;
  return false;
}

/// Whether the loops touch a common element, if at all, at equal indices.
static bool meetAtEqualIndices(const Node &first, const Node &second) {
  if (first.isUnknown || second.isUnknown)
    return false;
  auto isFine = [&](const Access &x, const Access &y) {
    if (!x.writes && !y.writes)
      return true;
    if (!x.element || !y.element)
      return false;
    return areDifferentElements(*x.element, *y.element) ||
           llvm::all_of(
               llvm::zip_equal(first.indices, second.indices), [&](auto pair) {
                 return isTied(x, y, std::get<0>(pair), std::get<1>(pair));
               });
  };
  for (const auto &[buffer, list] : second.accesses) {
    auto met = first.accesses.find(buffer);
    if (met == first.accesses.end())
      continue;
    for (const Access &x : met->second)
      for (const Access &y : list)
        if (!isFine(x, y))
          return false;
  }
  return true;
}

/// Fuses the loop at `position` of the order with the closest before it that it
/// can be fused with; whether there was one.
bool LoopFuser::fuseIntoEarlier(unsigned position) {
  const Node &second = nodes[order[position]];
  auto loop = cast<scf::ParallelOp>(second.op);
  // The nodes that have to come before the loop, directly or not, for a reason
  // other than that it comes behind the one that is looked at.
  llvm::BitVector needed(nodes.size());
  llvm::BitVector direct(nodes.size());
  for (unsigned number : second.predecessors)
    direct.set(getNode(number));
  for (unsigned i = position; i-- > 0;) {
    unsigned number = order[i];
    const Node &node = nodes[number];
    auto first = dyn_cast<scf::ParallelOp>(node.op);
    bool usesResult =
        first && llvm::any_of(first->getUsers(), [&](Operation *user) {
          return loop->isAncestor(user);
        });
    if (first && !needed[number] && !usesResult &&
        node.bounds == second.bounds && meetAtEqualIndices(node, second)) {
      fuse(i, position, needed);
      return true;
    }
    if (!needed[number] && !direct[number])
      continue;
    needed.set(number);
    for (unsigned before : node.predecessors)
      needed.set(getNode(before));
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Fusion
//===----------------------------------------------------------------------===//

/// The variable that counts the iterations of a loop: it was made behind those
/// of the loop's bounds.
static AffineExpr getOwnDimension(AffineExpr index) {
  std::optional<AffineDimExpr> own;
  index.walk([&](AffineExpr part) {
    auto dim = dyn_cast<AffineDimExpr>(part);
    if (dim && (!own || dim.getPosition() > own->getPosition()))
      own = dim;
  });
  return *own;
}

/// Makes one node of those of two loops whose indices are the same.
void LoopFuser::mergeNodes(unsigned first, unsigned second) {
  DenseMap<AffineExpr, AffineExpr> replacements;
  for (auto [index, other] :
       llvm::zip_equal(nodes[first].indices, nodes[second].indices))
    replacements[getOwnDimension(other)] = getOwnDimension(index);
  for (auto &[buffer, list] : nodes[second].accesses)
    for (Access &access : list) {
      if (access.element)
        for (AffineExpr &expr : *access.element)
          expr = expr.replace(replacements);
      nodes[first].accesses[buffer].push_back(std::move(access));
    }
  for (unsigned number : nodes[second].predecessors)
    if (getNode(number) != first)
      nodes[first].predecessors.push_back(number);
  fusedInto[second] = first;
}

/// Makes one loop of two, in the place of the first; the results of both.
static scf::ParallelOp fuseLoops(scf::ParallelOp first,
                                 scf::ParallelOp second) {
  IRRewriter rewriter(first);
  SmallVector<Value> initial(first.getInitVals());
  llvm::append_range(initial, second.getInitVals());
  auto fused = scf::ParallelOp::create(
      rewriter, rewriter.getFusedLoc({first.getLoc(), second.getLoc()}),
      first.getLowerBound(), first.getUpperBound(), first.getStep(), initial);

  SmallVector<Value> reduced;
  std::vector<std::unique_ptr<Region>> combiners;
  for (scf::ParallelOp loop : {first, second}) {
    auto reduce = cast<scf::ReduceOp>(loop.getBody()->getTerminator());
    llvm::append_range(reduced, reduce.getOperands());
    for (Region &region : reduce.getReductions()) {
      combiners.push_back(std::make_unique<Region>());
      combiners.back()->takeBody(region);
    }
    reduce.erase();
  }
  // The indices stay those of the first loop.
  fused.getRegion().takeBody(first.getRegion());
  Block *body = fused.getBody();
  for (auto [old, index] :
       llvm::zip_equal(second.getInductionVars(), fused.getInductionVars()))
    old.replaceAllUsesWith(index);
  body->getOperations().splice(body->end(), second.getBody()->getOperations());
  rewriter.setInsertionPointToEnd(body);
  auto reduce = scf::ReduceOp::create(rewriter, fused.getLoc(), reduced);
  for (auto [target, source] :
       llvm::zip_equal(reduce.getReductions(), combiners))
    target.takeBody(*source);

  auto results = fused.getResults();
  first.replaceAllUsesWith(results.take_front(first.getNumResults()));
  second.replaceAllUsesWith(results.drop_front(first.getNumResults()));
  first.erase();
  second.erase();
  return fused;
}

/// Fuses the loops at two positions; of what stands between them, what is
/// needed goes in front.
void LoopFuser::fuse(unsigned position, unsigned secondPosition,
                     const llvm::BitVector &needed) {
  unsigned first = order[position], second = order[secondPosition];
  mergeNodes(first, second);
  order.erase(order.begin() + secondPosition);
  auto begin = order.begin() + position;
  auto neededEnd =
      std::stable_partition(begin, order.begin() + secondPosition,
                            [&](unsigned number) { return needed[number]; });
  auto loop = cast<scf::ParallelOp>(nodes[first].op);
  for (unsigned number : llvm::make_range(begin, neededEnd))
    nodes[number].op->moveBefore(loop);
  nodes[first].op = fuseLoops(loop, cast<scf::ParallelOp>(nodes[second].op));
}

void LoopFuser::run() {
  for (unsigned position = 0; position < order.size();)
    if (!isa<scf::ParallelOp>(nodes[order[position]].op) ||
        !fuseIntoEarlier(position))
      ++position;
}

void vyre::fuseInnerLoops(StageOp stage, SymbolicValues &symbols) {
  if (llvm::range_size(stage.getBody().getOps<scf::ParallelOp>()) > 1)
    LoopFuser(stage, symbols).run();
}
