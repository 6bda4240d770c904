//===- LaunchWindow.h - Which stages may share a launch ------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks over a sequence of stages and says for each how far back a launch that
// holds it may begin.
//
// The stages of a launch share launch indices: the common outer indices of
// their spaces, once these are put in a common order. A dependence between two
// of them is legal where it is proved to stay at equal points of all indices
// that the two, and every stage between them, have in common. The space of one
// stage must be the common part; the others may have further, inner indices.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_ANALYSIS_LAUNCHWINDOW_H
#define VYRE_ANALYSIS_LAUNCHWINDOW_H

#include "vyre/Analysis/StageDependences.h"

namespace vyre {

/// Gives a space the shape of another with as many points in the same row-major
/// order: indices are split or collapsed. None where the shapes do not fit.
std::optional<StageAccesses::Reshape>
reshapeSpace(llvm::ArrayRef<mlir::AffineExpr> own,
             llvm::ArrayRef<mlir::AffineExpr> wanted);

/// Why a stage and an earlier one do not share a launch.
struct Refusal {
  enum class Reason {
    /// A stage whose code is not known.
    Opaque,
    /// The index spaces are not proved to be equal, nor one a part of the
    /// other.
    IndexSpace,
    /// Many inner points, each with a loop, would run in one point of the
    /// launch.
    InnerLoops,
    /// Different points would depend on each other.
    Dependence,
    /// One of the buffers has more different accesses than are kept track of.
    TooManyAccesses
  };
  Reason reason;
  /// The position of the earlier stage.
  unsigned position;
  /// For a dependence.
  std::optional<Dependence> dependence;
  /// For too many accesses.
  mlir::Value buffer;
};

/// Where a stage stands in a window.
struct Placement {
  const StageAccesses *accesses = nullptr;
  /// Which launch index each of the space's indices is.
  llvm::SmallVector<unsigned, 4> tags;
  /// The space that the accesses are over; null where it is the stage's own.
  std::shared_ptr<const StageAccesses::Reshape> reshape;
  /// The earliest position that a launch with this stage may begin at.
  unsigned firstLegalStart = 0;
  /// Why it is not earlier; none where nothing stands before it.
  std::optional<Refusal> refusal;
};

/// A run of stages that grows at its end. Every part of the window that begins
/// at or behind its start is a legal launch.
class LaunchWindow {
public:
  LaunchWindow(SymbolicValues &symbols, MeetingSolver &solver)
      : symbols(symbols), solver(solver) {}

  /// Where `stage` would stand if it came next. Keeps the analysis alive for as
  /// long as the window.
  Placement place(StageLikeOpInterface stage);

  /// Adds the stage. Takes amortised constant time for a bounded number of
  /// different accesses per buffer.
  void append(const Placement &placement);

  /// Begins a new window at the next position.
  void restart();

  unsigned getStart() const { return start; }
  unsigned getNextPosition() const { return next; }

private:
  /// Accesses with the same relation and tags, by the last stage that has them.
  struct Touch {
    const ElementAccess *access;
    unsigned relation;
    unsigned tagList;
    unsigned position;
  };
  /// Spaces with the same set of tags, by the last stage that has them.
  struct Space {
    llvm::SmallVector<unsigned, 4> tags;
    llvm::ArrayRef<mlir::AffineExpr> extents;
    unsigned tagList;
    unsigned position;
    bool hasLoops;
  };

  const StageAccesses &getAccesses(StageLikeOpInterface stage);
  unsigned getTagList(llvm::ArrayRef<unsigned> tags);
  void tryTags(const StageAccesses &accesses, Placement &best);
  void tryTags(const StageAccesses &accesses, unsigned dimension,
               llvm::SmallVectorImpl<unsigned> &tags, unsigned &attempts,
               Placement &best);
  void tryReshape(StageLikeOpInterface stage, Placement &best);
  void consider(const StageAccesses &accesses, llvm::ArrayRef<unsigned> tags,
                Placement &best);
  std::optional<Refusal> checkSpaces(const StageAccesses &accesses,
                                     llvm::ArrayRef<unsigned> tags);
  llvm::SmallVector<unsigned, 4>
  getTagsFrom(unsigned position, llvm::ArrayRef<unsigned> tags) const;
  static bool hasManyInnerLoops(const Space &space,
                                llvm::ArrayRef<unsigned> common);
  std::optional<Refusal> checkDependences(const StageAccesses &accesses,
                                          llvm::ArrayRef<unsigned> tags,
                                          unsigned from);

  SymbolicValues &symbols;
  MeetingSolver &solver;
  llvm::DenseMap<mlir::Operation *, std::unique_ptr<StageAccesses>> analyses;
  std::vector<std::unique_ptr<StageAccesses>> reshaped;

  unsigned start = 0;
  unsigned next = 0;
  /// The extent of each tag.
  std::vector<mlir::AffineExpr> extents;
  /// Lists of tags, numbered.
  std::map<std::vector<unsigned>, unsigned> tagListNumbers;
  std::vector<llvm::SmallVector<unsigned, 4>> tagLists;
  /// The spaces of the window, the latest last.
  std::vector<Space> spaces;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Touch, 2>> touches;
  /// For a buffer with many accesses: the position before which they are no
  /// longer known.
  llvm::DenseMap<mlir::Value, unsigned> forgotten;
};

} // namespace vyre

#endif // VYRE_ANALYSIS_LAUNCHWINDOW_H
