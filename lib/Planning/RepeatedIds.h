//===- RepeatedIds.h - Finding an id that was there before ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which is the first id of a list that occurs earlier in it? Most lists have
// none, and a list of any 32-bit ids is told so in a few nanoseconds an id:
//
//   1. Each id sets the bit that its hash picks in a filter of at least 32 bits
//      an id. An id whose bit was set already is a hit: a repeated id always
//      is, others by chance, one in 64 or fewer.
//   2. Without a hit there is no repeated id. Else a second filter with the
//   bits
//      of the hits picks the suspects: ids that are equal to a hit, and few
//      more.
//   3. The same again among the suspects; those that remain are sorted, and
//      equal ones are then neighbours.
//
// Whoever picks ids so that their hashes collide reaches step 3 with all of
// them: O(n log n) and still exact.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_PLANNING_REPEATEDIDS_H
#define VYRE_LIB_PLANNING_REPEATEDIDS_H

#include "vyre/Planning/Storage.h"

#include <cstdint>
#include <optional>

namespace vyre::planning {

/// 64-bit words that the filter has for so many ids; saturates.
size_t getRepeatedIdFilterSize(size_t ids);

/// The index of the first id that occurs earlier in the list. There are fewer
/// than 2^32 ids. Room is reserved: in the filter by the function above, in
/// suspects for as many as there are ids.
std::optional<uint32_t> findRepeatedId(Span<const uint32_t> ids,
                                       FlatArray<uint64_t> &filter,
                                       FlatArray<uint64_t> &suspects);

} // namespace vyre::planning

#endif // VYRE_LIB_PLANNING_REPEATEDIDS_H
