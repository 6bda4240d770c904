//===- ArtifactFormat.h - The header of a .vyre file ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A .vyre file is this 64-byte header and then one FlatBuffers payload
// (Artifact.fbs). Writer and runtime share it; it depends on neither LLVM nor
// FlatBuffers.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TARGET_ARTIFACTFORMAT_H
#define VYRE_TARGET_ARTIFACTFORMAT_H

#include <cstdint>

namespace vyre::artifact {

/// The first eight bytes of every artifact.
inline constexpr char kMagic[8] = {'V', 'Y', 'R', 'E', '\r', '\n', 0x1a, '\n'};

/// Artifacts of another major version are refused. Whoever appends a field or
/// an enum value to the schema raises the minor version with it: an artifact
/// with a newer minor version than the runtime's is refused as well, since it
/// may use what this runtime does not know. Of the older ones a new field is
/// absent.
///
///   1.1  Launch.streams, Code.waits_for_dependencies
///   1.2  Launch.persistent_kernel, Launch.pointer_table
///   1.3  Launch.host_boundary, Launch.call
inline constexpr uint32_t kMajorVersion = 1;
inline constexpr uint32_t kMinorVersion = 3;

/// The header, little-endian. The payload starts right behind it, so that data
/// aligned to 64 bytes within the payload is so within the file.
struct Header {
  char magic[8];
  uint32_t majorVersion;
  uint32_t minorVersion;
  /// Bytes of payload; the file ends with them.
  uint64_t payloadBytes;
  /// XXH3-128 of the payload, seed 0, low word first. It finds damage, not
  /// malice.
  uint64_t digestLow;
  uint64_t digestHigh;
  /// XXH3-64 of the 40 bytes above.
  uint64_t headerDigest;
  /// Zero.
  uint64_t reserved[2];
};
static_assert(sizeof(Header) == 64, "the header is 64 bytes in the file");

} // namespace vyre::artifact

#endif // VYRE_TARGET_ARTIFACTFORMAT_H
