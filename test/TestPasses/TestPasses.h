//===- TestPasses.h - Passes that only tests use -------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vyre-opt has these where the tests are built.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_TESTPASSES_TESTPASSES_H
#define VYRE_TEST_TESTPASSES_TESTPASSES_H

#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

void registerTestCaptureAnalyses();
void registerTestStreamedBuffers();
void registerTestDependences();
void registerTestExecution();

/// All of them.
inline void registerTestPasses() {
  registerTestCaptureAnalyses();
  registerTestStreamedBuffers();
  registerTestDependences();
  registerTestExecution();
}

} // namespace vyre

#endif // VYRE_TEST_TESTPASSES_TESTPASSES_H
