//===- MakeSample.cpp - Writes the tests' sample artifact to a file --*- C++
//-*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SamplePrograms.h"

#include <fstream>

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  std::vector<uint8_t> bytes = vyre::testing::sampleArtifact();
  std::ofstream file(argv[1], std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file ? 0 : 1;
}
