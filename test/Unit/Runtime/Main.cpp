//===- Main.cpp - Runs the runtime's unit tests -----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <gtest/gtest.h>

#include <cstdlib>

int main(int argc, char **argv) {
  // Before the runtime looks for a driver.
  ::setenv("VYRE_CUDA_DRIVER", VYRE_FAKE_CUDA, 1);
  // Tests that want it say so.
  ::setenv("VYRE_CODE_CACHE", "off", 1);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
