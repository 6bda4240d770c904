//===- RequestSchema.h - What a request may hold ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYREPLAN_REQUESTSCHEMA_H
#define VYRE_TOOLS_VYREPLAN_REQUESTSCHEMA_H

#include "Request.h"

namespace vyre::plan_tool {

/// What a field holds.
enum class FieldType : uint8_t {
  Unsigned32,
  Unsigned64,
  Boolean,
  Text,
  /// One of a few words; store() gets its index.
  Word,
  /// A list of objects, or of true, false and null.
  Objects,
  Observations,
};

struct Field {
  const char *name;
  FieldType type;
  /// A field that may be left out may also be null, which says the same.
  bool isRequired;
  /// Takes a number, a truth (0 or 1), or the index of a word. None for lists.
  void (*store)(Request &request, uint64_t value);
  /// Of Word: what it may be, separated by spaces.
  const char *words = nullptr;
  /// Of a request's fields other than "plan": the plan that has it.
  PlanKind plan = PlanKind::Fusion;

  /// What is expected, in words.
  std::string describe() const;
};

/// The fields of an object, at most 32.
struct Schema {
  const Field *fields;
  unsigned count;

  /// Looks for a name, first at and behind the field of index `start`: fields
  /// mostly come in the order of the table.
  const Field *find(std::string_view name, unsigned start) const;
  /// The names in words; of a request's, those of one plan alone if it is
  /// given.
  std::string list(std::optional<PlanKind> plan) const;
};

/// A request; its first field is "plan".
Schema getRequestSchema();

/// The objects in the list of a plan.
Schema getItemSchema(PlanKind plan);

/// The index of a word among words separated by spaces.
std::optional<unsigned> findWord(std::string_view words, std::string_view word);

} // namespace vyre::plan_tool

#endif // VYRE_TOOLS_VYREPLAN_REQUESTSCHEMA_H
