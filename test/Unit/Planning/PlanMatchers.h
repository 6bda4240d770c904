//===- PlanMatchers.h - Comparing plans and errors --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_PLANNING_PLANMATCHERS_H
#define VYRE_TEST_UNIT_PLANNING_PLANMATCHERS_H

#include "vyre/Planning/PlanResult.h"

#include <gtest/gtest.h>

namespace vyre::testing {

inline constexpr uint64_t kMost = ~uint64_t(0);

/// An error's kind and fields as text, such as "DuplicateStage{id 3}".
template <typename Error> std::string toText(const Error &error) {
  return std::visit(
      [](const auto &one) {
        std::string text;
        one.visitFields([&](const char *name, auto value) {
          text += text.empty() ? "" : ", ";
          text += std::string(name) + ' ';
          if constexpr (std::is_same_v<decltype(value), uint64_t>)
            text += std::to_string(value);
          else
            text += value;
        });
        return std::string(one.kind) + '{' + text + '}';
      },
      error);
}

/// The error of a result as text, or "a plan".
template <typename Result> std::string errorOf(const Result &result) {
  return result ? "a plan" : toText(result.error());
}

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_PLANNING_PLANMATCHERS_H
