//===- ReadbackPlan.h - Which bytes of the results come back ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of every result, how many bytes are meaningful and how they come back, by the
// planner of result compaction. Where the device writes a count, that is known
// only after the work: until then the plan holds room for what a record may
// take, and complete() judges the counts that came back. Programs that run
// again and again tend to have the same counts again: what a count says of its
// result is kept, and told to the caller while the device works.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_READBACKPLAN_H
#define VYRE_LIB_RUNTIME_READBACKPLAN_H

#include "Program.h"
#include "SizeExpressions.h"
#include "Status.h"

#include "vyre-c/Runtime.h"
#include "vyre/Planning/ResultCompaction.h"

#include <cstdint>
#include <vector>

namespace vyre::runtime::internal {

struct BoundBuffer;

/// One result in one dispatch.
struct ResultReadback {
  uint32_t argument = 0;
  /// Rows (dimension 0; 1 for rank 0) and bytes of each.
  uint64_t rows = 0, rowBytes = 0;
  /// Rows that are meaningful, as far as that is known before the dispatch.
  uint64_t meaningfulRows = 0;
  /// The caller's memory is on the host.
  bool isOnHost = false;
  /// The caller's memory, or null where the pipeline provides it.
  const void *data = nullptr;
  /// The device writes the count: to this argument, of so many bytes.
  bool isCounted = false;
  uint32_t countArgument = 0, countBytes = 0;
  /// Its place in the slab, and the bytes that it may take there.
  bool isRecord = false;
  uint64_t slabOffset = 0, recordBytes = 0;

  uint64_t fullBytes() const { return rows * rowBytes; }
  uint64_t meaningfulBytes() const { return meaningfulRows * rowBytes; }
  /// Whether a count that the device wrote can be used.
  bool accepts(int64_t count) const {
    return count >= 0 && static_cast<uint64_t>(count) <= rows;
  }
  /// Bytes that come back with an accepted count.
  uint64_t bytesFor(int64_t count) const {
    return static_cast<uint64_t>(count) * rowBytes;
  }
  /// Whether so many bytes are packed into the slab.
  bool isPacked(uint64_t bytes) const {
    return isRecord && bytes != 0 && bytes <= recordBytes;
  }
};

/// A count of `byteSize` bytes as the device wrote it.
int64_t readCount(const void *from, uint32_t byteSize);

/// What a backend did for the results of one dispatch.
struct ReadbackTraffic {
  /// One per counted result, in order, as the device wrote them; null where
  /// they did not come back.
  const int64_t *counts = nullptr;
  /// One per argument: where a result is that the pipeline provides memory
  /// for; not looked at for others.
  const void *const *data = nullptr;
  uint64_t copies = 0;
  uint64_t waits = 0;
};

class ReadbackPlan {
public:
  explicit ReadbackPlan(const Program &program);

  /// `extentsOf` gives the extents of an argument in this dispatch. With
  /// `sizesChanged` false only the locations of the buffers may differ from
  /// the plan before, and nothing is allocated.
  Status prepare(const SizeExpressions &expressions,
                 const std::vector<const int64_t *> &extentsOf,
                 const std::vector<BoundBuffer> &buffers, bool sizesChanged);

  const std::vector<ResultReadback> &results() const { return all; }
  /// Results whose counts the device writes.
  uint32_t countedResults() const {
    return static_cast<uint32_t>(countedAt.size());
  }
  /// Of a written argument: the bytes to bring back, if not counted.
  uint64_t bytesBack(uint32_t argument, uint64_t byteSize) const {
    int32_t result = resultOf[argument];
    return result < 0 ? byteSize : all[result].meaningfulBytes();
  }
  bool isResult(uint32_t argument) const { return resultOf[argument] >= 0; }
  /// The argument is a result on the host that is a record.
  bool isRecord(uint32_t argument) const {
    int32_t result = resultOf[argument];
    return result >= 0 && all[result].isOnHost && all[result].isRecord;
  }
  /// The argument is a result on the host whose count the device writes.
  bool isCountedOnHost(uint32_t argument) const {
    int32_t result = resultOf[argument];
    return result >= 0 && all[result].isCounted && all[result].isOnHost;
  }
  uint64_t slabBytes() const { return slab; }
  /// A counted result on the host may turn out to be larger than its record.
  bool mayExceedRecords() const { return mayExceed; }

  /// Fills in `infos` for the first `infoCount` results with what is known
  /// before the device's counts are, and as if these were those of the dispatch
  /// before.
  void announce(VyreResultInfo *infos, size_t infoCount) const;

  /// Judges the counts, corrects what was announced to `infos`, and fills in
  /// what `report` says of the readback. Fails if a count can't be right; the
  /// other results are.
  Status complete(const ReadbackTraffic &traffic, VyreResultInfo *infos,
                  size_t infoCount, VyreDispatchReport &report);

private:
  Status measure(ResultReadback &result, const SizeExpressions &expressions,
                 const int64_t *extents);
  Status layOut();
  void fillKnown(const std::vector<BoundBuffer> &buffers);
  /// Says of a counted result what follows from a count that it can have.
  void accept(size_t index, int64_t count);
  /// What follows from one that it can't have.
  Status refuse(size_t index, int64_t count, VyreResultInfo &info) const;
  /// Where the results are that the pipeline provides memory for.
  void locate(const ReadbackTraffic &traffic, VyreResultInfo *infos,
              size_t infoCount);

  const Program &program;
  std::vector<ResultReadback> all;
  /// Per argument its position among the results, or -1.
  std::vector<int32_t> resultOf;
  /// The positions of those whose counts the device writes.
  std::vector<uint32_t> countedAt;
  uint64_t slab = 0;
  bool mayExceed = false;
  /// Everything about the results, for counted ones with the count of
  /// `knownCounts`, in the order of `countedAt`; the written bytes in full and
  /// those that are meaningful; and the results that the pipeline provides
  /// memory for.
  std::vector<VyreResultInfo> known;
  std::vector<int64_t> knownCounts;
  uint64_t knownFull = 0, knownSelected = 0;
  std::vector<uint32_t> provided;
  /// One per argument: the places that `known` has; empty if it has none.
  std::vector<const void *> knownPlaces;
  std::vector<planning::ResultSlot> slots;
  planning::ResultCompactionScratch scratch;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_READBACKPLAN_H
