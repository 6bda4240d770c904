//===- Artifact.h - A loaded artifact ---------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An artifact in memory: its payload, and the decoded tables that point into
// it. Loading checks everything before anything is used.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_ARTIFACT_H
#define VYRE_LIB_RUNTIME_ARTIFACT_H

#include "Program.h"
#include "Status.h"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace vyre::runtime::internal {

/// Bytes inside an artifact's payload.
struct Bytes {
  const uint8_t *data = nullptr;
  size_t size = 0;
};

struct Constant {
  std::string name;
  uint32_t alignment;
  Bytes data;
};

struct Code {
  CodeKind kind;
  std::string architecture;
  std::string features;
  Bytes data;
  /// Every kernel waits for those that it comes after.
  bool waitsForDependencies = false;
};

struct FreeDeleter {
  void operator()(void *memory) const { std::free(memory); }
};

/// 64-byte aligned bytes of the heap; what FlatBuffers needs to read in place.
using AlignedBytes = std::unique_ptr<uint8_t, FreeDeleter>;

class Artifact {
public:
  static Expected<std::shared_ptr<const Artifact>> loadFile(const char *path);
  static Expected<std::shared_ptr<const Artifact>> loadMemory(const void *data,
                                                              size_t size);

  std::string producer;
  std::vector<Program> programs;

  /// Whether any code is needed to run its programs; calls need none.
  bool needsCode() const {
    for (const Program &program : programs)
      for (const Launch &launch : program.launches)
        if (!launch.isCall())
          return true;
    return false;
  }
  std::vector<Constant> constants;
  std::vector<Code> codes;

  /// What the tables were decoded from.
  Bytes getPayload() const { return {payload.get(), payloadBytes}; }

private:
  AlignedBytes payload;
  size_t payloadBytes = 0;
};

/// Decodes and checks a payload: the FlatBuffers verifier first, then every
/// index, enum value, alignment, string and expression. `artifact` refers to
/// `payload` afterwards, which is 64-byte aligned.
Status readPayload(const uint8_t *payload, size_t size, Artifact &artifact);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_ARTIFACT_H
