//===- ArenaPlacement.cpp - Intermediates in one block of memory ----------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every placement goes through the values one by one and puts each into the
// smallest gap between those in its way that holds it, or behind them. Who is
// in the way is what differs:
//
//   in order      values whose uses overlap in the launches' order
//   side by side  values that the graph does not order
//   between       the second, while that stays within the budget; for a value
//                 that does not fit, the first, at the price of edges
//
// Values come by their size or by their first use, whichever takes less: big
// ones first leaves small gaps, early ones first is exact for chains.
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/ArenaPlacement.h"

#include "Reservation.h"

#include <algorithm>
#include <limits>

using namespace vyre::planning;

std::string ArenaOverBudget::message() const {
  return "the arena takes " + std::to_string(requiredBytes) +
         " bytes with one launch after the other; expected at most " +
         std::to_string(budgetBytes) +
         ". Fix: raise max_arena_bytes, or make the intermediates smaller.";
}

namespace {

/// Which values are never in use at once.
class LiveSets {
public:
  [[nodiscard]] std::optional<StorageReserveFailed>
  reset(const LaunchGraph &graph, Span<const ArenaValue> values);
  /// After edges were added to the graph.
  void update(const LaunchGraph &graph, Span<const ArenaValue> values);

  /// Whether every use of `a` precedes every use of `b`.
  bool precedes(uint32_t a, uint32_t b) const {
    const uint64_t *uses = used.data() + a * words;
    const uint64_t *allowed = before.data() + b * words;
    for (size_t i = 0; i < words; ++i)
      if (uses[i] & ~allowed[i])
        return false;
    return true;
  }

private:
  size_t words = 0;
  /// For each value a bit for each launch: those that use it, and those that
  /// precede all that use it.
  FlatArray<uint64_t> used, before;
};

class ArenaPlanner {
public:
  ArenaPlanner(const LaunchGraph &graph, Span<const ArenaValue> values,
               const ArenaOptions &options)
      : graph(graph), values(values), options(options) {}

  PlanResult<ArenaPlan, ArenaError> plan();

private:
  using Failure = std::optional<ArenaError>;

  Failure prepare();
  Failure choosePlacement();
  Failure placeInOrder();
  Failure placeSideBySide();
  Failure placeWithin(uint64_t budget, bool &fits);
  Failure addEdges(LaunchGraph &ordered);
  Failure listAddedEdges(const LaunchGraph &ordered);
  void order(bool bySize);
  void insert(uint32_t value, uint64_t offset);
  /// Takes the offset of `value`; false where bytes overflow.
  template <typename Predicate>
  bool findPlace(uint32_t value, Predicate isInTheWay, uint64_t &offset) const;
  template <typename Predicate>
  Failure placeAll(Predicate isInTheWay, uint64_t &byteSize);
  void keepIfSmaller(uint64_t byteSize, uint64_t &smallest);

  uint32_t firstUse(uint32_t value) const { return values[value].uses[0]; }
  uint32_t lastUse(uint32_t value) const {
    Span<const uint32_t> uses = values[value].uses;
    return uses[uses.size() - 1];
  }
  bool overlapInOrder(uint32_t a, uint32_t b) const {
    return firstUse(a) <= lastUse(b) && firstUse(b) <= lastUse(a);
  }
  bool shareBytes(uint32_t a, uint32_t b) const {
    return result.offsets[a] < result.offsets[b] + sizes[b] &&
           result.offsets[b] < result.offsets[a] + sizes[a];
  }

  const LaunchGraph &graph;
  Span<const ArenaValue> values;
  const ArenaOptions &options;
  ArenaPlan result;
  /// Rounded up.
  FlatArray<uint64_t> sizes;
  /// Values with bytes, in the order in which they are placed.
  FlatArray<uint32_t> pending;
  /// Those that have a place, by it, and where.
  FlatArray<uint32_t> placed;
  FlatArray<uint64_t> offsets;
  LiveSets live;
  bool isConcurrent = false;
};

} // namespace

std::optional<StorageReserveFailed>
LiveSets::reset(const LaunchGraph &graph, Span<const ArenaValue> values) {
  words = (graph.size() + 63) / 64;
  size_t count = words * values.size();
  for (FlatArray<uint64_t> *sets : {&used, &before}) {
    if (auto failed = reserve(*sets, count, "arena live sets"))
      return failed;
    sets->setSize(count);
    std::fill(sets->begin(), sets->end(), 0);
  }
  for (size_t value = 0; value < values.size(); ++value)
    for (uint32_t use : values[value].uses)
      used[value * words + use / 64] |= uint64_t(1) << (use % 64);
  update(graph, values);
  return std::nullopt;
}

void LiveSets::update(const LaunchGraph &graph, Span<const ArenaValue> values) {
  for (size_t value = 0; value < values.size(); ++value) {
    uint64_t *row = before.data() + value * words;
    std::fill(row, row + words, ~uint64_t(0));
    for (uint32_t use : values[value].uses) {
      Span<const uint64_t> earlier = graph.predecessors(use);
      for (size_t i = 0; i < words; ++i)
        row[i] &= earlier[i];
    }
  }
}

//===----------------------------------------------------------------------===//
// One value after the other
//===----------------------------------------------------------------------===//

void ArenaPlanner::order(bool bySize) {
  std::sort(pending.begin(), pending.end(), [&](uint32_t a, uint32_t b) {
    if (bySize && sizes[a] != sizes[b])
      return sizes[a] > sizes[b];
    return firstUse(a) != firstUse(b) ? firstUse(a) < firstUse(b) : a < b;
  });
  placed.clear();
}

void ArenaPlanner::insert(uint32_t value, uint64_t offset) {
  offsets[value] = offset;
  uint32_t *position = std::upper_bound(
      placed.begin(), placed.end(), offset,
      [&](uint64_t o, uint32_t other) { return o < offsets[other]; });
  size_t index = static_cast<size_t>(position - placed.begin());
  placed.setSize(placed.size() + 1);
  std::copy_backward(placed.begin() + index, placed.end() - 1, placed.end());
  placed[index] = value;
}

template <typename Predicate>
bool ArenaPlanner::findPlace(uint32_t value, Predicate isInTheWay,
                             uint64_t &offset) const {
  uint64_t size = sizes[value], end = 0;
  uint64_t smallest = std::numeric_limits<uint64_t>::max();
  for (uint32_t other : placed) {
    if (!isInTheWay(value, other))
      continue;
    uint64_t begin = offsets[other];
    if (begin > end && begin - end >= size && begin - end < smallest) {
      smallest = begin - end;
      offset = end;
    }
    end = std::max(end, begin + sizes[other]);
  }
  if (smallest != std::numeric_limits<uint64_t>::max())
    return true;
  offset = end;
  return size <= std::numeric_limits<uint64_t>::max() - end;
}

template <typename Predicate>
std::optional<ArenaError> ArenaPlanner::placeAll(Predicate isInTheWay,
                                                 uint64_t &byteSize) {
  byteSize = 0;
  for (uint32_t value : pending) {
    uint64_t offset = 0;
    if (!findPlace(value, isInTheWay, offset))
      return ArenaError(ByteCountOverflow{"arena bytes"});
    insert(value, offset);
    byteSize = std::max(byteSize, offset + sizes[value]);
  }
  return std::nullopt;
}

void ArenaPlanner::keepIfSmaller(uint64_t byteSize, uint64_t &smallest) {
  if (byteSize >= smallest)
    return;
  smallest = byteSize;
  std::copy(offsets.begin(), offsets.end(), result.offsets.begin());
}

//===----------------------------------------------------------------------===//
// The placements
//===----------------------------------------------------------------------===//

std::optional<ArenaError> ArenaPlanner::prepare() {
  size_t count = values.size();
  for (auto &failed : {reserve(result.offsets, count, "arena offsets"),
                       reserve(offsets, count, "arena offsets"),
                       reserve(sizes, count, "arena values"),
                       reserve(pending, count, "arena values"),
                       reserve(placed, count, "arena values")})
    if (failed)
      return ArenaError(*failed);
  for (FlatArray<uint64_t> *array : {&result.offsets, &offsets, &sizes}) {
    array->setSize(count);
    std::fill(array->begin(), array->end(), 0);
  }
  for (uint32_t value = 0; value < count; ++value) {
    uint64_t bytes = values[value].byteSize;
    if (bytes == 0 || values[value].uses.empty())
      continue;
    if (bytes > std::numeric_limits<uint64_t>::max() - (options.granule - 1))
      return ArenaError(ByteCountOverflow{"arena bytes"});
    sizes[value] =
        (bytes + options.granule - 1) & ~uint64_t(options.granule - 1);
    pending.append(value);
  }
  isConcurrent = !graph.isInOrder() && pending.size() <= kMaxConcurrentValues;
  if (isConcurrent)
    if (auto failed = live.reset(graph, values))
      return ArenaError(*failed);
  return std::nullopt;
}

std::optional<ArenaError> ArenaPlanner::placeInOrder() {
  result.inOrderByteSize = std::numeric_limits<uint64_t>::max();
  uint64_t byteSize = 0;
  // By first use, what is over need not be looked at again.
  order(/*bySize=*/false);
  for (uint32_t value : pending) {
    uint32_t now = firstUse(value);
    uint32_t *kept =
        std::remove_if(placed.begin(), placed.end(),
                       [&](uint32_t other) { return lastUse(other) < now; });
    placed.setSize(static_cast<size_t>(kept - placed.begin()));
    uint64_t offset = 0;
    if (!findPlace(value, [](uint32_t, uint32_t) { return true; }, offset))
      return ArenaError(ByteCountOverflow{"arena bytes"});
    insert(value, offset);
    byteSize = std::max(byteSize, offset + sizes[value]);
  }
  keepIfSmaller(byteSize, result.inOrderByteSize);
  if (!isConcurrent)
    return std::nullopt;
  order(/*bySize=*/true);
  auto isInTheWay = [&](uint32_t a, uint32_t b) {
    return overlapInOrder(a, b);
  };
  if (auto failed = placeAll(isInTheWay, byteSize))
    return failed;
  keepIfSmaller(byteSize, result.inOrderByteSize);
  return std::nullopt;
}

std::optional<ArenaError> ArenaPlanner::placeSideBySide() {
  auto isInTheWay = [&](uint32_t a, uint32_t b) {
    return !live.precedes(a, b) && !live.precedes(b, a);
  };
  uint64_t smallest = std::numeric_limits<uint64_t>::max();
  for (bool bySize : {false, true}) {
    order(bySize);
    uint64_t byteSize = 0;
    if (auto failed = placeAll(isInTheWay, byteSize))
      return failed;
    keepIfSmaller(byteSize, smallest);
  }
  result.concurrentByteSize = smallest;
  return std::nullopt;
}

/// Sharing that needs edges only where the budget would be passed without.
/// Where even that does not fit, the placement is not changed.
std::optional<ArenaError> ArenaPlanner::placeWithin(uint64_t budget,
                                                    bool &fits) {
  PlanResult<LaunchGraph, LaunchGraphError> copy = graph.clone();
  if (copy.failed())
    return ArenaError(std::get<StorageReserveFailed>(copy.error()));
  auto isUnordered = [&](uint32_t a, uint32_t b) {
    return !live.precedes(a, b) && !live.precedes(b, a);
  };
  auto isAliveInOrder = [&](uint32_t a, uint32_t b) {
    return overlapInOrder(a, b);
  };
  order(/*bySize=*/true);
  uint64_t byteSize = 0;
  fits = false;
  for (uint32_t value : pending) {
    uint64_t offset = 0;
    bool isFound = findPlace(value, isUnordered, offset);
    if (!isFound || offset > budget || sizes[value] > budget - offset) {
      if (!findPlace(value, isAliveInOrder, offset) || offset > budget ||
          sizes[value] > budget - offset)
        return std::nullopt;
      for (uint32_t other : placed) {
        if (offsets[other] >= offset + sizes[value] ||
            offset >= offsets[other] + sizes[other] ||
            !isUnordered(value, other))
          continue;
        bool isFirst = lastUse(value) < firstUse(other);
        for (uint32_t earlier : values[isFirst ? value : other].uses)
          for (uint32_t later : values[isFirst ? other : value].uses)
            if (!copy->addEdge(earlier, later))
              return ArenaError(StorageReserveFailed{"launch edges", 1});
      }
      live.update(*copy, values);
    }
    insert(value, offset);
    byteSize = std::max(byteSize, offset + sizes[value]);
  }
  fits = true;
  result.byteSize = byteSize;
  std::copy(offsets.begin(), offsets.end(), result.offsets.begin());
  return std::nullopt;
}

/// Orders all values that share bytes.
std::optional<ArenaError> ArenaPlanner::addEdges(LaunchGraph &ordered) {
  if (!isConcurrent) {
    for (uint32_t launch = 1; launch < graph.size(); ++launch)
      if (!ordered.addEdge(launch - 1, launch))
        return ArenaError(StorageReserveFailed{"launch edges", 1});
    return std::nullopt;
  }
  std::copy(result.offsets.begin(), result.offsets.end(), offsets.begin());
  order(/*bySize=*/false);
  for (uint32_t value : pending) {
    for (uint32_t other : placed) {
      if (!shareBytes(value, other))
        continue;
      // What is used first is over before the other one begins: an order of
      // the graph is one of the numbers.
      for (uint32_t earlier : values[other].uses)
        for (uint32_t later : values[value].uses)
          if (!ordered.addEdge(earlier, later))
            return ArenaError(StorageReserveFailed{"launch edges", 1});
    }
    placed.append(value);
  }
  return std::nullopt;
}

std::optional<ArenaError>
ArenaPlanner::listAddedEdges(const LaunchGraph &ordered) {
  auto reduced = ordered.reduce();
  if (reduced.failed())
    return ArenaError(std::get<StorageReserveFailed>(reduced.error()));
  if (auto failed = reserve(result.addedEdges, reduced->size(), "launch edges"))
    return ArenaError(*failed);
  for (const LaunchEdge &edge : *reduced)
    if (!graph.precedes(edge.earlier, edge.later))
      result.addedEdges.append(edge);
  return std::nullopt;
}

/// Takes the best placement that the options allow.
std::optional<ArenaError> ArenaPlanner::choosePlacement() {
  if (auto failed = placeInOrder())
    return failed;
  result.byteSize = result.concurrentByteSize = result.inOrderByteSize;
  bool isChosen = false;
  if (isConcurrent) {
    FlatArray<uint64_t> inOrder;
    if (auto failed = reserve(inOrder, values.size(), "arena offsets"))
      return ArenaError(*failed);
    inOrder.setSize(values.size());
    std::copy(result.offsets.begin(), result.offsets.end(), inOrder.begin());
    if (auto failed = placeSideBySide())
      return failed;
    // What is good side by side is so in order.
    result.inOrderByteSize =
        std::min(result.inOrderByteSize, result.concurrentByteSize);
    uint64_t budget = options.maxBytes.value_or(
        std::max(options.concurrentBytes, result.inOrderByteSize));
    if (result.concurrentByteSize <= budget) {
      result.byteSize = result.concurrentByteSize;
      isChosen = true;
    } else if (auto failed = placeWithin(budget, isChosen)) {
      return failed;
    }
    if (!isChosen) {
      result.byteSize = result.inOrderByteSize;
      std::copy(inOrder.begin(), inOrder.end(), result.offsets.begin());
    }
  }
  if (options.maxBytes && result.byteSize > *options.maxBytes)
    return ArenaError(ArenaOverBudget{result.byteSize, *options.maxBytes});
  return std::nullopt;
}

PlanResult<ArenaPlan, ArenaError> ArenaPlanner::plan() {
  if (auto failed = prepare())
    return *failed;
  if (pending.empty())
    return std::move(result);
  if (auto failed = choosePlacement())
    return *failed;
  if (graph.isInOrder())
    return std::move(result);
  PlanResult<LaunchGraph, LaunchGraphError> ordered = graph.clone();
  if (ordered.failed())
    return ArenaError(std::get<StorageReserveFailed>(ordered.error()));
  if (auto failed = addEdges(*ordered))
    return *failed;
  if (auto failed = listAddedEdges(*ordered))
    return *failed;
  return std::move(result);
}

PlanResult<ArenaPlan, ArenaError>
vyre::planning::planArena(const LaunchGraph &graph,
                          Span<const ArenaValue> values,
                          const ArenaOptions &options) {
  return ArenaPlanner(graph, values, options).plan();
}

PlanResult<std::optional<ArenaConflict>, ArenaError>
vyre::planning::findArenaConflict(const LaunchGraph &graph,
                                  Span<const ArenaValue> values,
                                  Span<const uint64_t> offsets) {
  FlatArray<uint32_t> order;
  if (auto failed = reserve(order, values.size(), "arena values"))
    return ArenaError(*failed);
  for (uint32_t value = 0; value < values.size(); ++value)
    if (values[value].byteSize != 0 && !values[value].uses.empty())
      order.append(value);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return offsets[a] < offsets[b]; });
  auto allPrecede = [&](uint32_t a, uint32_t b) {
    for (uint32_t earlier : values[a].uses)
      for (uint32_t later : values[b].uses)
        if (!graph.precedes(earlier, later))
          return false;
    return true;
  };
  for (size_t i = 0; i < order.size(); ++i) {
    uint32_t a = order[i];
    uint64_t end = offsets[a] + values[a].byteSize;
    for (size_t k = i + 1; k < order.size() && offsets[order[k]] < end; ++k) {
      uint32_t b = order[k];
      if (!allPrecede(a, b) && !allPrecede(b, a))
        return std::optional<ArenaConflict>(
            ArenaConflict{std::min(a, b), std::max(a, b)});
    }
  }
  return std::optional<ArenaConflict>();
}
