//===- ArtifactFuzzer.cpp - Mutants with a right digest ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A libFuzzer target. Its inputs are whole .vyre files; header and digest are
// made right again before they are loaded, so that the checks behind them are
// what is tested. Nothing of a mutant's native code is run.
//
//   vyre-fuzz-artifact FOLDER-FOR-FINDINGS FOLDER-WITH-ARTIFACTS
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "ArtifactExercise.h"

#include "vyre/Target/ArtifactFormat.h"

#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr size_t kHeader = sizeof(vyre::artifact::Header);
  if (size < kHeader)
    return 0;
  std::vector<uint8_t> payload(data + kHeader, data + size);
  std::vector<uint8_t> file = vyre::testing::addHeader(payload);
  vyre::testing::exerciseArtifact(file.data(), file.size());
  return 0;
}
