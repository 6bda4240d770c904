//===- DependencyWaits.cpp - Kernels that may start early -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From sm_90 on a graph may start a kernel before the kernels that it comes
// after are done (a programmatic edge), if it waits for them itself:
//
//   .visible .entry f(...)          .visible .entry f(...)
//   {                               {
//     .reg .b64 %rd<5>;               .reg .b64 %rd<5>;
//     ld.param.b64 ...        ->      griddepcontrol.wait;
//                                     ld.param.b64 ...
//
// The wait is written into the text, as the first instruction of each kernel,
// and not as an operation before it: to LLVM nothing keeps a load of memory
// that the kernel only reads behind a wait. Of a kernel that starts in order
// the wait ends at once.
//
//===----------------------------------------------------------------------===//

#include "CodeGeneration.h"

#include "llvm/ADT/StringRef.h"

using namespace llvm;

/// Hopper brought both.
static bool isFromHopperOn(StringRef architecture) {
  unsigned number;
  return architecture.consume_front("sm_") &&
         !architecture.consumeInteger(10, number) && number >= 90;
}

bool vyre::canWaitForDependencies(StringRef architecture) {
  return isFromHopperOn(architecture);
}

bool vyre::hasClusters(StringRef architecture) {
  return isFromHopperOn(architecture);
}

/// Whether a line of a kernel's body stands before its first instruction.
static bool isBeforeCode(StringRef line) {
  line = line.ltrim();
  return line.empty() || line.starts_with("{") || line.starts_with(".") ||
         line.starts_with("//");
}

std::string vyre::insertDependencyWaits(StringRef ptx) {
  std::string result;
  result.reserve(ptx.size() + 1024);
  bool isInHead = false, isInBody = false;
  while (!ptx.empty()) {
    size_t length = std::min(ptx.find('\n'), ptx.size() - 1) + 1;
    StringRef line = ptx.take_front(length);
    ptx = ptx.drop_front(length);
    if (line.contains(".entry "))
      isInHead = true;
    else if (isInHead && line.starts_with("{"))
      isInBody = true;
    if (isInBody && !isBeforeCode(line)) {
      result += "\tgriddepcontrol.wait;\n";
      isInHead = isInBody = false;
    }
    result += line;
  }
  return result;
}
