//===- ProgramMutator.h - Programs that nobody compiled ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_FUZZ_PROGRAMMUTATOR_H
#define VYRE_TEST_FUZZ_PROGRAMMUTATOR_H

#include "Choices.h"

#include "Artifact.h"

namespace vyre::testing {

/// Changes a field of the program, or adds or leaves out a part of it. Indices
/// stay within their tables for the most part, so that many of the programs are
/// sound.
void mutateProgram(runtime::internal::Program &program, Choices &choices);

} // namespace vyre::testing

#endif // VYRE_TEST_FUZZ_PROGRAMMUTATOR_H
