//===- MakeSample.cpp - Writes the tests' sample artifact to a file --*- C++
//-*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vyre-make-sample OUT.vyre [SEED]: with a seed, a mutant of it with a right
// digest.
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "SamplePrograms.h"

#include <cstdlib>
#include <fstream>

int main(int argc, char **argv) {
  using namespace vyre::testing;
  if (argc < 2 || argc > 3)
    return 2;
  std::vector<uint8_t> payload = buildPayload(sampleTables());
  if (argc == 3)
    payload =
        mutatePayload(std::move(payload), std::strtoull(argv[2], nullptr, 10));
  std::vector<uint8_t> bytes = addHeader(payload);
  std::ofstream file(argv[1], std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file ? 0 : 1;
}
