//===- ProgramVerifier.h - Checks of a program's tables ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The semantic checks of an artifact: indices against their tables, the
// topology of size expressions, access sets, lifetimes. After them no part of
// the runtime checks an index again.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_PROGRAMVERIFIER_H
#define VYRE_LIB_RUNTIME_PROGRAMVERIFIER_H

#include "Artifact.h"
#include "Program.h"
#include "Status.h"

#include <vector>

namespace vyre::runtime::internal {

/// Checks a decoded program against itself and the artifact's constants, and
/// fills in its list of states.
Status verifyProgram(Program &program, const std::vector<Constant> &constants);

/// Checks that there is a program, and that names tell them apart.
Status verifyProgramNames(const std::vector<Program> &programs);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_PROGRAMVERIFIER_H
