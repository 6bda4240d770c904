//===- ArgumentNames.h - What arguments are called --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_TARGET_ARGUMENTNAMES_H
#define VYRE_LIB_TARGET_ARGUMENTNAMES_H

#include "vyre/Dialect/Vyre/IR/VyreOps.h"

namespace vyre {

/// The name of each argument of a program: that of its location (a NameLoc,
/// which front ends give arguments), where this is an identifier that no other
/// argument has and the compiler gives nothing, else "arg" and its position.
llvm::SmallVector<std::string> getArgumentNames(ProgramOp program);

} // namespace vyre

#endif // VYRE_LIB_TARGET_ARGUMENTNAMES_H
