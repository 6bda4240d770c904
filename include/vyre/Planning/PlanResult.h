//===- PlanResult.h - A plan, or why there is none --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every planner returns, and the errors that it may hold. An error is
// plain data: its fields are the numbers that a program needs, and message()
// turns them into a sentence for a person. Each planner's error type is a
// variant of those that it can meet.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_PLANNING_PLANRESULT_H
#define VYRE_PLANNING_PLANRESULT_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace vyre::planning {

/// A value, or the error that kept it from being made.
template <typename Value, typename Error> class [[nodiscard]] PlanResult {
public:
  PlanResult(Value value) : state(std::in_place_index<0>, std::move(value)) {}
  PlanResult(Error error) : state(std::in_place_index<1>, std::move(error)) {}
  /// From one of the errors that the variant Error is made of.
  template <typename OneError,
            typename = std::enable_if_t<
                std::is_constructible<Error, OneError &&>::value &&
                !std::is_convertible<OneError &&, Value>::value>>
  PlanResult(OneError &&error)
      : state(std::in_place_index<1>, std::forward<OneError>(error)) {}

  bool failed() const { return state.index() != 0; }
  explicit operator bool() const { return !failed(); }

  Value &operator*() {
    assert(!failed() && "a value is there only without an error");
    return *std::get_if<0>(&state);
  }
  const Value &operator*() const {
    assert(!failed() && "a value is there only without an error");
    return *std::get_if<0>(&state);
  }
  Value *operator->() { return &**this; }
  const Value *operator->() const { return &**this; }

  const Error &error() const {
    assert(failed() && "an error is there only without a value");
    return *std::get_if<1>(&state);
  }

private:
  std::variant<Value, Error> state;
};

//===----------------------------------------------------------------------===//
// Errors of several planners
//===----------------------------------------------------------------------===//
//
// Each error has a kind, its name; visitFields(visit), which calls
// visit(name, value) for each of its fields in order, where a value is a
// uint64_t or a const char *; and message().

/// A sum or product of byte counts, or a count, does not fit its type.
struct ByteCountOverflow {
  /// The quantity, such as "fused output bytes".
  const char *field;

  static constexpr const char *kind = "ByteCountOverflow";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("field", field);
  }
  std::string message() const;
};

/// Memory for the plan or for work on it could not be had.
struct StorageReserveFailed {
  /// What it was for, such as "fusion groups".
  const char *field;
  /// Elements asked for.
  uint64_t requested;

  static constexpr const char *kind = "StorageReserveFailed";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("field", field);
    visit("requested", requested);
  }
  std::string message() const;
};

//===----------------------------------------------------------------------===//
// Errors of launch fusion
//===----------------------------------------------------------------------===//

/// The budget of a group is zero bytes.
struct ZeroBudget {
  static constexpr const char *kind = "ZeroBudget";
  template <typename Visitor> void visitFields(Visitor &&) const {}
  std::string message() const;
};

/// Two stages have one id.
struct DuplicateStage {
  uint32_t id;

  static constexpr const char *kind = "DuplicateStage";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("id", uint64_t(id));
  }
  std::string message() const;
};

/// A stage says of itself what cannot be.
struct InvalidStage {
  enum class Reason : uint8_t {
    /// firstLegalStart is behind the stage.
    StartsBehindItself,
    /// forwardedBytes is above outputBytes.
    ForwardsMoreThanItWrites,
  };

  uint32_t id;
  Reason reason;
  /// The value that was found, and the most that it may be.
  uint64_t found;
  uint64_t limit;

  static constexpr const char *kind = "InvalidStage";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("id", uint64_t(id));
  }
  std::string message() const;
};

/// A stage does not fit the budget of a group, even alone.
struct StageOverBudget {
  uint32_t id;
  uint64_t requiredBytes;
  uint64_t budgetBytes;

  static constexpr const char *kind = "StageOverBudget";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("id", uint64_t(id));
    visit("required_bytes", requiredBytes);
    visit("budget_bytes", budgetBytes);
  }
  std::string message() const;
};

//===----------------------------------------------------------------------===//
// Errors of result compaction
//===----------------------------------------------------------------------===//

/// Two results have one slot.
struct DuplicateSlot {
  uint32_t slot;

  static constexpr const char *kind = "DuplicateSlot";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("slot", uint64_t(slot));
  }
  std::string message() const;
};

/// A result has more meaningful bytes than room.
struct MeaningfulExceedsCapacity {
  uint32_t slot;
  uint64_t meaningfulBytes;
  uint64_t capacityBytes;

  static constexpr const char *kind = "MeaningfulExceedsCapacity";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("slot", uint64_t(slot));
    visit("meaningful_bytes", meaningfulBytes);
    visit("capacity_bytes", capacityBytes);
  }
  std::string message() const;
};

/// The alignment of records is no power of two.
struct InvalidAlignment {
  uint64_t alignment;

  static constexpr const char *kind = "InvalidAlignment";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("alignment", alignment);
  }
  std::string message() const;
};

//===----------------------------------------------------------------------===//
// Errors of device work queues
//===----------------------------------------------------------------------===//

/// The queue has room for no item.
struct ZeroCapacity {
  static constexpr const char *kind = "ZeroCapacity";
  template <typename Visitor> void visitFields(Visitor &&) const {}
  std::string message() const;
};

/// An item of the queue has no bytes.
struct ZeroEntryBytes {
  static constexpr const char *kind = "ZeroEntryBytes";
  template <typename Visitor> void visitFields(Visitor &&) const {}
  std::string message() const;
};

/// A drain launch may take no item.
struct ZeroDrainChunk {
  static constexpr const char *kind = "ZeroDrainChunk";
  template <typename Visitor> void visitFields(Visitor &&) const {}
  std::string message() const;
};

/// The queue starts with more items than it has room for.
struct InitialItemsExceedCapacity {
  uint64_t initialItems;
  uint64_t queueCapacity;

  static constexpr const char *kind = "InitialItemsExceedCapacity";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("initial_items", initialItems);
    visit("queue_capacity", queueCapacity);
  }
  std::string message() const;
};

/// The host wants to take part before the queue is drained.
struct HostParticipationRejected {
  static constexpr const char *kind = "HostParticipationRejected";
  template <typename Visitor> void visitFields(Visitor &&) const {}
  std::string message() const;
};

/// The queue and its control block do not fit the budget.
struct OverBudget {
  uint64_t requiredBytes;
  uint64_t budgetBytes;

  static constexpr const char *kind = "OverBudget";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("required_bytes", requiredBytes);
    visit("budget_bytes", budgetBytes);
  }
  std::string message() const;
};

//===----------------------------------------------------------------------===//
// Errors of graph capture
//===----------------------------------------------------------------------===//

/// A table of a graph has more entries than size_t can count.
struct CapacityOverflow {
  /// The table, such as "kernel pointer table".
  const char *table;

  static constexpr const char *kind = "CapacityOverflow";
  template <typename Visitor> void visitFields(Visitor &&visit) const {
    visit("table", table);
  }
  std::string message() const;
};

//===----------------------------------------------------------------------===//
// Any of them
//===----------------------------------------------------------------------===//

/// The name of an error's kind.
template <typename... Errors>
const char *getKind(const std::variant<Errors...> &error) {
  return std::visit([](const auto &one) { return one.kind; }, error);
}

/// What was found, what was expected, and a sentence "Fix: ...".
template <typename... Errors>
std::string getMessage(const std::variant<Errors...> &error) {
  return std::visit([](const auto &one) { return one.message(); }, error);
}

} // namespace vyre::planning

#endif // VYRE_PLANNING_PLANRESULT_H
