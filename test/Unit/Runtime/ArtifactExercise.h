//===- ArtifactExercise.h - Uses an artifact, runs nothing ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_RUNTIME_ARTIFACTEXERCISE_H
#define VYRE_TEST_UNIT_RUNTIME_ARTIFACTEXERCISE_H

#include "vyre-c/Runtime.h"

#include <cstddef>
#include <cstdint>

namespace vyre::testing {

/// Loads an artifact and does with each of its programs all that comes before
/// native code runs: sizes, checks, layout, choice and checks of code. Returns
/// what loading said.
VyreStatusCode exerciseArtifact(const uint8_t *data, size_t size);

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_RUNTIME_ARTIFACTEXERCISE_H
