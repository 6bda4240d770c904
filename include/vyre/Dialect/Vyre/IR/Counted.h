//===- Counted.h - Numbers of things in diagnostics -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_COUNTED_H
#define VYRE_DIALECT_VYRE_IR_COUNTED_H

#include "llvm/ADT/Twine.h"

namespace vyre {

/// "1 result", "2 results"; the plural is the noun with an s unless it is
/// given.
inline std::string counted(uint64_t number, llvm::StringRef noun,
                           llvm::StringRef plural = "") {
  std::string text = std::to_string(number) + " ";
  if (number == 1)
    return text + noun.str();
  return text + (plural.empty() ? noun.str() + "s" : plural.str());
}

} // namespace vyre

#endif // VYRE_DIALECT_VYRE_IR_COUNTED_H
