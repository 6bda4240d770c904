//===- CallLibraries.h - Functions that a program calls ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that calls functions of the host finds them in the shared libraries
// of --call-library: C functions of the same names, of the type of
// VyreCall::function.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_CALLLIBRARIES_H
#define VYRE_TOOLS_VYRE_RUN_CALLLIBRARIES_H

#include "vyre/Runtime/Runtime.h"

#include <string>
#include <vector>

namespace vyre::run {

/// Loads the libraries, for good, and registers the functions that a program
/// calls; of several that have one the first counts. Throws a UserError where a
/// library cannot be loaded or a function is in none.
void registerCalls(const runtime::Artifact &artifact, uint32_t program,
                   const std::vector<std::string> &libraries);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_CALLLIBRARIES_H
