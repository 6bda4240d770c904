//===- ArtifactBuilder.h - Artifacts without a compiler ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the runtime's own tables back into the format they are read from, so
// that tests make artifacts, sound or not, as plain C++ data.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_RUNTIME_ARTIFACTBUILDER_H
#define VYRE_TEST_UNIT_RUNTIME_ARTIFACTBUILDER_H

#include "Artifact.h"

#include <cstdint>
#include <vector>

namespace vyre::testing {

/// The FlatBuffers payload of an artifact.
std::vector<uint8_t> buildPayload(const runtime::internal::Artifact &artifact);

/// A payload behind its header, with right digests.
std::vector<uint8_t> addHeader(const std::vector<uint8_t> &payload);

/// Makes the digest of a changed header right again.
void rewriteHeaderDigest(std::vector<uint8_t> &file);

/// Payload and header.
std::vector<uint8_t> buildArtifact(const runtime::internal::Artifact &artifact);

/// A payload with a few random changes, which follow from the seed, outside of
/// its CPU code: that is native code, and nothing says what changes to it do.
std::vector<uint8_t> mutatePayload(std::vector<uint8_t> payload, uint64_t seed);

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_RUNTIME_ARTIFACTBUILDER_H
