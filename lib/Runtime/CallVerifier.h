//===- CallVerifier.h - Checks of calls of the host's -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a launch that calls a function of the host says of it is checked against
// the program, so that the function is told the truth.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CALLVERIFIER_H
#define VYRE_LIB_RUNTIME_CALLVERIFIER_H

#include "ProgramChecks.h"

namespace vyre::runtime::internal {

class CallVerifier : ProgramChecks {
public:
  using ProgramChecks::ProgramChecks;

  /// Of the launch at `position`, whose memory has been checked.
  Status verify(uint32_t position) const;

private:
  Status verifyBuffer(uint32_t position, size_t index) const;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CALLVERIFIER_H
