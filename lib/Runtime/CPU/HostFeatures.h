//===- HostFeatures.h - What this CPU can run -------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tells which CPU code sections the host supports and which one is best.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_HOSTFEATURES_H
#define VYRE_LIB_RUNTIME_CPU_HOSTFEATURES_H

#include "Artifact.h"

#include <string>
#include <string_view>

namespace vyre::runtime::internal {

/// The widest level of x86-64 that CPU and operating system support:
/// "x86-64", "x86-64-v2", "x86-64-v3" or "x86-64-v4".
const char *hostLevel();

/// The CPU's name as it gives it itself.
std::string hostName();

/// How good code for `features` (a level, or LLVM's name of a CPU) is on this
/// host; the higher the better, -1 if the host cannot run it or the name is
/// unknown.
int rankFeatures(std::string_view features);

/// The best section of CPU code for this host, or NULL.
const Code *selectCpuCode(const Artifact &artifact);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_HOSTFEATURES_H
