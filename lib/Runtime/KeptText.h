//===- KeptText.h - Text that outlives everything ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_KEPTTEXT_H
#define VYRE_LIB_RUNTIME_KEPTTEXT_H

#include <mutex>
#include <set>
#include <string>

namespace vyre::runtime::internal {

/// Text that stays for ever, as reports want it: for what there are few kinds
/// of, such as the driver's errors and the names of functions.
inline const char *keepForEver(std::string text) {
  static std::mutex mutex;
  static auto *kept = new std::set<std::string>;
  std::lock_guard<std::mutex> lock(mutex);
  return kept->insert(std::move(text)).first->c_str();
}

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_KEPTTEXT_H
