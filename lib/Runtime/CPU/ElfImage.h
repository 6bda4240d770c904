//===- ElfImage.h - What a shared object asks of its loader -----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks the shared object of a code section before the dynamic loader sees it:
// the loader trusts its input. Accepted is what a compiler makes of plain
// functions: position independent x86-64 code, no initialisers, no thread-local
// storage, no libraries but libc and libm, and tables that lie where they
// should. It does not look at the code itself.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_ELFIMAGE_H
#define VYRE_LIB_RUNTIME_CPU_ELFIMAGE_H

#include "Artifact.h"
#include "Status.h"

namespace vyre::runtime::internal {

/// Success if `image` can be handed to dlopen.
Status verifySharedObject(Bytes image);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_ELFIMAGE_H
