//===- StageDependences.cpp - What orders two stages ----------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two accesses f(p) and g(q) meet where f(p) = g(q). Most pairs are decided by
// looking: with f(p) = (p0 + c, ...) and g(q) = (q0 + c, ...) equal elements
// imply p0 = q0. The rest goes to the Presburger solver: the points may differ
// in a matched index if
//   p in space, q in space, f(p) = g(q), p_k < q_k   (or p_k > q_k)
// has an integer solution for some k, the extents being unknowns as well.
//
//===----------------------------------------------------------------------===//

#include "vyre/Analysis/StageDependences.h"

#include "mlir/Analysis/FlatLinearValueConstraints.h"
#include "mlir/IR/IntegerSet.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace vyre {

/// Larger systems are not worth the time that their solution may take: with
/// coefficients that share nothing, it doubles with each loop.
static constexpr unsigned kMaxVariables = 24;

StringRef stringify(DependenceKind kind) {
  switch (kind) {
  case DependenceKind::RAW:
    return "read-after-write";
  case DependenceKind::WAR:
    return "write-after-read";
  case DependenceKind::WAW:
    return "write-after-write";
  }
  llvm_unreachable("all kinds are listed");
}

StringRef stringify(DependenceDistance distance) {
  switch (distance) {
  case DependenceDistance::None:
    return "none";
  case DependenceDistance::SameIndex:
    return "same-index";
  case DependenceDistance::CrossIndex:
    return "cross-index";
  case DependenceDistance::Unknown:
    return "unknown";
  }
  llvm_unreachable("all distances are listed");
}

unsigned MeetingSolver::getNumber(const AccessRelation &relation) {
  auto [known, isUnseen] = numberOf.try_emplace(&relation);
  if (!isUnseen)
    return known->second;
  // Guards and choices are no part of the question.
  Key key = {reinterpret_cast<const void *>(uintptr_t(relation.rank)),
             reinterpret_cast<const void *>(uintptr_t(relation.numDims)),
             reinterpret_cast<const void *>(uintptr_t(relation.isExact)),
             reinterpret_cast<const void *>(relation.indices.size())};
  key.reserve(key.size() + relation.indices.size() +
              relation.constraints.size());
  for (AffineExpr expr : relation.indices)
    key.push_back(expr.getAsOpaquePointer());
  for (AffineExpr expr : relation.constraints)
    key.push_back(expr.getAsOpaquePointer());
  auto [entry, isNew] = numbers.try_emplace(key, relations.size());
  if (isNew)
    relations.push_back(&relation);
  known->second = entry->second;
  return known->second;
}

const Meeting &MeetingSolver::solve(unsigned source, unsigned sink,
                                    const IndexMatch &match) {
  std::vector<unsigned> key = {source, sink};
  for (auto [left, right] : match) {
    key.push_back(left);
    key.push_back(right);
  }
  auto known = meetings.find(key);
  if (known == meetings.end())
    known =
        meetings
            .emplace(key, compute(*relations[source], *relations[sink], match))
            .first;
  return known->second;
}

/// What remains of an index that is `dim` and a term without dimensions; null
/// for another.
static AffineExpr getOffset(AffineExpr index, unsigned position) {
  AffineExpr dim = getAffineDimExpr(position, index.getContext());
  if (index == dim)
    return getAffineConstantExpr(0, index.getContext());
  auto sum = dyn_cast<AffineBinaryOpExpr>(index);
  if (sum && sum.getKind() == AffineExprKind::Add && sum.getLHS() == dim &&
      sum.getRHS().isSymbolicOrConstant())
    return sum.getRHS();
  return nullptr;
}

/// Whether two indices can never be equal because what varies in them has a
/// common divisor that their constants tell apart: 4 * i and 4 * j + 1.
static bool areDifferentModuloDivisor(AffineExpr left, AffineExpr right) {
  auto split = [](AffineExpr expr) -> std::pair<AffineExpr, int64_t> {
    auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
    if (sum && sum.getKind() == AffineExprKind::Add)
      if (auto constant = dyn_cast<AffineConstantExpr>(sum.getRHS()))
        return {sum.getLHS(), constant.getValue()};
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return {getAffineConstantExpr(0, expr.getContext()), constant.getValue()};
    return {expr, 0};
  };
  auto [leftPart, leftConstant] = split(left);
  auto [rightPart, rightConstant] = split(right);
  int64_t distance;
  if (llvm::SubOverflow(leftConstant, rightConstant, distance))
    return false;
  int64_t divisor = std::gcd(leftPart.getLargestKnownDivisor(),
                             rightPart.getLargestKnownDivisor());
  return divisor == 0 ? distance != 0 : distance % divisor != 0;
}

Meeting MeetingSolver::compute(const AccessRelation &source,
                               const AccessRelation &sink,
                               const IndexMatch &match) const {
  // The matched indices can be read off an element, in the same way on both
  // sides; or the element has constants that differ.
  auto isTied = [&](std::pair<unsigned, unsigned> pair) {
    for (auto [left, right] : llvm::zip_equal(source.indices, sink.indices)) {
      AffineExpr leftOffset = getOffset(left, pair.first);
      if (leftOffset && leftOffset == getOffset(right, pair.second))
        return true;
    }
    return false;
  };
  for (auto [left, right] : llvm::zip_equal(source.indices, sink.indices))
    if (areDifferentModuloDivisor(left, right))
      return {};
  if (llvm::all_of(match, isTied))
    return {DependenceDistance::SameIndex, {}, {}};
  return computeByPresburger(source, sink, match);
}

namespace {

/// Builds the system over the points and inner variables of two relations.
class MeetingSystem {
public:
  MeetingSystem(const AccessRelation &source, const AccessRelation &sink,
                const SymbolicValues &symbols)
      : source(source), sink(sink), context(symbols.getContext()) {
    addSide(source, 0);
    addSide(sink, source.numDims);
    for (auto [left, right] : llvm::zip_equal(source.indices, sink.indices)) {
      exprs.push_back(move(left, 0) - move(right, source.numDims));
      isEquality.push_back(true);
    }
    for (auto [symbol, position] : symbolPositions)
      if (symbols.isNonNegative(symbol))
        addInequality(getAffineSymbolExpr(position, context));
  }

  unsigned getNumVariables() const {
    return source.numDims + sink.numDims + symbolPositions.size();
  }

  FlatLinearConstraints build() const {
    unsigned numDims = source.numDims + sink.numDims;
    if (exprs.empty())
      return FlatLinearConstraints(numDims, symbolPositions.size());
    return FlatLinearConstraints(presburger::IntegerPolyhedron(
        FlatLinearValueConstraints(IntegerSet::get(
            numDims, symbolPositions.size(), exprs, isEquality))));
  }

private:
  void addInequality(AffineExpr expr) {
    exprs.push_back(expr);
    isEquality.push_back(false);
  }

  void addSide(const AccessRelation &relation, unsigned firstDim) {
    for (AffineExpr expr : relation.constraints)
      addInequality(move(expr, firstDim));
  }

  /// An expression of one side in the common system; its symbols get dense
  /// positions.
  AffineExpr move(AffineExpr expr, unsigned firstDim) {
    DenseMap<AffineExpr, AffineExpr> replacements;
    expr.walk([&](AffineExpr part) {
      if (auto dim = dyn_cast<AffineDimExpr>(part)) {
        replacements[part] =
            getAffineDimExpr(firstDim + dim.getPosition(), context);
      } else if (auto symbol = dyn_cast<AffineSymbolExpr>(part)) {
        auto position =
            symbolPositions
                .try_emplace(symbol.getPosition(), symbolPositions.size())
                .first;
        replacements[part] = getAffineSymbolExpr(position->second, context);
      }
    });
    return expr.replace(replacements);
  }

  const AccessRelation &source;
  const AccessRelation &sink;
  MLIRContext *context;
  SmallVector<AffineExpr> exprs;
  SmallVector<bool> isEquality;
  std::map<unsigned, unsigned> symbolPositions;
};

} // namespace

Meeting MeetingSolver::computeByPresburger(const AccessRelation &source,
                                           const AccessRelation &sink,
                                           const IndexMatch &match) const {
  Meeting unknown = {DependenceDistance::Unknown, {}, {}};
  MeetingSystem system(source, sink, symbols);
  if (system.getNumVariables() > kMaxVariables)
    return unknown;
  FlatLinearConstraints constraints = system.build();
  if (constraints.isIntegerEmpty())
    return {};

  auto addDifference = [&](std::pair<unsigned, unsigned> pair, int sign) {
    SmallVector<int64_t> row(constraints.getNumCols(), 0);
    row[pair.first] = sign;
    row[source.numDims + pair.second] = -sign;
    row.back() = -1;
    FlatLinearConstraints different = constraints;
    different.addInequality(row);
    return different;
  };
  for (std::pair<unsigned, unsigned> pair : match)
    for (int sign : {-1, 1}) {
      FlatLinearConstraints different = addDifference(pair, sign);
      if (different.isIntegerEmpty())
        continue;
      if (!source.isExact || !sink.isExact)
        return unknown;
      auto sample = different.findIntegerSample();
      if (!sample)
        return unknown;
      Meeting meeting = {DependenceDistance::CrossIndex, {}, {}};
      for (unsigned i = 0; i != source.rank; ++i)
        meeting.sourcePoint.push_back(int64_t((*sample)[i]));
      for (unsigned i = 0; i != sink.rank; ++i)
        meeting.sinkPoint.push_back(int64_t((*sample)[source.numDims + i]));
      return meeting;
    }
  return {DependenceDistance::SameIndex, {}, {}};
}

std::optional<DependenceKind> getDependenceKind(const ElementAccess &source,
                                                const ElementAccess &sink) {
  if (source.writes)
    return sink.reads ? DependenceKind::RAW
                      : (sink.writes ? std::optional(DependenceKind::WAW)
                                     : std::nullopt);
  if (sink.writes)
    return DependenceKind::WAR;
  return std::nullopt;
}

std::string describeBuffer(Value buffer) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    os << "argument " << argument.getArgNumber();
  else
    os << "an intermediate of type " << buffer.getType();
  return text;
}

std::string describeDependence(const Dependence &dependence,
                               const SymbolicValues &symbols) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto printElement = [&](const ElementAccess &access) {
    if (!access.relation.isExact) {
      os << " at elements that are not known exactly";
      return;
    }
    os << " at [";
    llvm::interleaveComma(access.relation.indices, os, [&](AffineExpr index) {
      os << symbols.describe(index);
    });
    os << "]";
  };
  auto printPoint = [&](ArrayRef<int64_t> point) {
    os << "(";
    llvm::interleaveComma(point, os);
    os << ")";
  };
  auto getVerb = [](const ElementAccess &access) {
    return access.writes ? (access.reads ? "updated" : "written") : "read";
  };
  os << stringify(dependence.kind) << " of "
     << describeBuffer(dependence.buffer) << ", "
     << getVerb(*dependence.source);
  printElement(*dependence.source);
  os << " and then " << getVerb(*dependence.sink);
  printElement(*dependence.sink);
  if (dependence.meeting->distance == DependenceDistance::CrossIndex) {
    os << ": point ";
    printPoint(dependence.meeting->sourcePoint);
    os << " meets point ";
    printPoint(dependence.meeting->sinkPoint);
  }
  return text;
}

SmallVector<Dependence> findDependences(const StageAccesses &source,
                                        const StageAccesses &sink,
                                        const IndexMatch &match,
                                        MeetingSolver &solver) {
  DenseMap<Value, SmallVector<const ElementAccess *, 2>> accessesOf;
  for (const ElementAccess &access : source.getAccesses())
    accessesOf[access.buffer].push_back(&access);
  SmallVector<Dependence> dependences;
  for (const ElementAccess &access : sink.getAccesses()) {
    auto met = accessesOf.find(access.buffer);
    if (met == accessesOf.end())
      continue;
    for (const ElementAccess *earlier : met->second) {
      auto kind = getDependenceKind(*earlier, access);
      if (!kind)
        continue;
      const Meeting &meeting =
          solver.solve(solver.getNumber(earlier->relation),
                       solver.getNumber(access.relation), match);
      if (meeting.distance != DependenceDistance::None)
        dependences.push_back(
            {*kind, access.buffer, earlier, &access, &meeting});
    }
  }
  return dependences;
}

} // namespace vyre
