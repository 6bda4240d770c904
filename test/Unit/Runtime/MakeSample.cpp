//===- MakeSample.cpp - Writes the sample artifact --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vyre-make-sample OUT.vyre [SEED | PROGRAM]: all of it; a mutant with a right
// digest, which follows from the seed; or one of its programs alone.
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "SamplePrograms.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

int main(int argc, char **argv) {
  using namespace vyre::testing;
  if (argc < 2 || argc > 3)
    return 2;
  std::string variant = argc == 3 ? argv[2] : "";
  bool hasCall = variant == "finish";
  vyre::runtime::internal::Artifact tables =
      hasCall ? callTables() : sampleTables();
  if (hasCall)
    variant = "sine";
  bool isSeed = !variant.empty() && variant[0] >= '0' && variant[0] <= '9';
  if (!variant.empty() && !isSeed) {
    auto &programs = tables.programs;
    programs.erase(std::remove_if(programs.begin(), programs.end(),
                                  [&](const auto &program) {
                                    return program.name != variant;
                                  }),
                   programs.end());
  }
  std::vector<uint8_t> payload = buildPayload(tables);
  if (isSeed)
    payload = mutatePayload(std::move(payload),
                            std::strtoull(variant.c_str(), nullptr, 10));
  std::vector<uint8_t> bytes = addHeader(payload);
  std::ofstream file(argv[1], std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file ? 0 : 1;
}
