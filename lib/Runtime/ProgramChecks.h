//===- ProgramChecks.h - What checks of a program share ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_PROGRAMCHECKS_H
#define VYRE_LIB_RUNTIME_PROGRAMCHECKS_H

#include "Artifact.h"
#include "Program.h"
#include "Status.h"

#include <string_view>
#include <vector>

namespace vyre::runtime::internal {

/// How to come by a better artifact.
inline constexpr const char *kRemake =
    " Fix: compile the artifact again with a matching vyre-compile.";

/// Of a program of an artifact with these constants.
class ProgramChecks {
public:
  ProgramChecks(const Program &program, const std::vector<Constant> &constants)
      : program(program), constants(constants) {}

protected:
  template <typename... Parts> Status error(const Parts &...parts) const {
    return badArtifact("program '", program.name, "': ", parts..., kRemake);
  }

  bool isNode(int64_t node) const {
    return node >= 0 && node < static_cast<int64_t>(program.exprs.size());
  }
  Status verifyNode(int64_t node, std::string_view what) const {
    if (isNode(node))
      return Status();
    return error(what, " is size expression ", node, ", there are ",
                 program.exprs.size(), ".");
  }

  const Program &program;
  const std::vector<Constant> &constants;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_PROGRAMCHECKS_H
