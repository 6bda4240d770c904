//===- StageDependences.h - What orders two stages ------------ -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides between which points of two stages an access of one and an access of
// the other meet in an element.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_STAGEDEPENDENCES_H
#define VYRE_ANALYSIS_STAGEDEPENDENCES_H

#include "vyre/Analysis/StageAccesses.h"

namespace vyre {

/// Read after write, write after read, write after write.
enum class DependenceKind { RAW, WAR, WAW };

/// Where two accesses meet.
enum class DependenceDistance {
  /// In no element.
  None,
  /// Only at points whose matched indices are equal: proved for all sizes.
  SameIndex,
  /// Also elsewhere: there are sizes for which an example exists.
  CrossIndex,
  /// Not known: an access is not affine, or depends on data.
  Unknown
};

llvm::StringRef stringify(DependenceKind kind);
llvm::StringRef stringify(DependenceDistance distance);

/// Which index of one stage is which of another: pairs of positions. Indices
/// that are in no pair are free.
using IndexMatch = llvm::SmallVector<std::pair<unsigned, unsigned>, 4>;

/// How two accesses meet, with an example where they do at unequal points.
struct Meeting {
  DependenceDistance distance = DependenceDistance::None;
  llvm::SmallVector<int64_t> sourcePoint;
  llvm::SmallVector<int64_t> sinkPoint;
};

/// Answers for pairs of access relations of one program. Equal questions are
/// answered once.
class MeetingSolver {
public:
  explicit MeetingSolver(const SymbolicValues &symbols) : symbols(symbols) {}

  /// A number for a relation of the SymbolicValues; relations to which the
  /// answers are the same have one number.
  unsigned getNumber(const AccessRelation &relation);
  const AccessRelation &getRelation(unsigned number) const {
    return *relations[number];
  }

  /// How two numbered relations into one buffer meet, the indices in `match`
  /// held to be the same.
  const Meeting &solve(unsigned source, unsigned sink, const IndexMatch &match);

private:
  using Key = std::vector<const void *>;

  Meeting compute(const AccessRelation &source, const AccessRelation &sink,
                  const IndexMatch &match) const;
  Meeting computeByPresburger(const AccessRelation &source,
                              const AccessRelation &sink,
                              const IndexMatch &match) const;

  const SymbolicValues &symbols;
  std::map<Key, unsigned> numbers;
  llvm::DenseMap<const AccessRelation *, unsigned> numberOf;
  std::vector<const AccessRelation *> relations;
  std::map<std::vector<unsigned>, Meeting> meetings;
};

/// A dependence of a later stage on an earlier one.
struct Dependence {
  DependenceKind kind;
  mlir::Value buffer;
  const ElementAccess *source;
  const ElementAccess *sink;
  /// The solver's.
  const Meeting *meeting;
};

/// The strongest kind of dependence that two accesses can have; none where
/// neither writes. A write met by an update is RAW.
std::optional<DependenceKind> getDependenceKind(const ElementAccess &source,
                                                const ElementAccess &sink);

/// A buffer of a program in words, for messages: 'argument 2', 'an intermediate
/// of type memref<4xf32>'.
std::string describeBuffer(mlir::Value buffer);

/// A dependence in words: the kind, the buffer, the elements on both sides, and
/// the points that meet. The sink must have one of the distances CrossIndex and
/// Unknown.
std::string describeDependence(const Dependence &dependence,
                               const SymbolicValues &symbols);

/// All dependences between two stages, in the order of the accesses, those
/// with the distance None left out.
llvm::SmallVector<Dependence> findDependences(const StageAccesses &source,
                                              const StageAccesses &sink,
                                              const IndexMatch &match,
                                              MeetingSolver &solver);

} // namespace vyre

#endif // VYRE_ANALYSIS_STAGEDEPENDENCES_H
