//===- ArgumentNames.cpp - What arguments are called ----------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArgumentNames.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace vyre;

/// Whether a name can be typed, and is none like those of what has no name.
static bool isUsable(StringRef name) {
  auto isLetter = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  if (name.empty() || llvm::isDigit(name.front()) ||
      !llvm::all_of(name, isLetter))
    return false;
  StringRef number = name;
  bool isGiven = number.consume_front("arg") ||
                 number.consume_front("intermediate") ||
                 number.consume_front("constant");
  return !isGiven || number.empty() || !llvm::all_of(number, llvm::isDigit);
}

SmallVector<std::string> vyre::getArgumentNames(ProgramOp program) {
  llvm::StringMap<unsigned> uses;
  auto getStated = [](BlockArgument argument) {
    auto location = dyn_cast<NameLoc>(argument.getLoc());
    return location ? location.getName().getValue() : StringRef();
  };
  for (BlockArgument argument : program.getArguments())
    ++uses[getStated(argument)];
  SmallVector<std::string> names;
  for (BlockArgument argument : program.getArguments()) {
    StringRef stated = getStated(argument);
    bool isTaken = isUsable(stated) && uses.lookup(stated) == 1;
    names.push_back(isTaken ? stated.str()
                            : "arg" + std::to_string(argument.getArgNumber()));
  }
  return names;
}
