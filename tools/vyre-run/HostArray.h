//===- HostArray.h - An array in host memory --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Row-major data of one element type, aligned for any argument of a program.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_HOSTARRAY_H
#define VYRE_TOOLS_VYRE_RUN_HOSTARRAY_H

#include "vyre-c/Runtime.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace vyre::run {

/// Anything that the user can mend; main() prints it and exits with 2.
class UserError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct HostArray {
  uint32_t elementType = VYRE_ELEMENT_I8;
  std::vector<int64_t> extents;
  uint64_t byteSize = 0;
  /// Never NULL, not even for an empty array.
  std::unique_ptr<uint8_t, void (*)(void *)> data{nullptr, std::free};

  /// Zeros. Throws UserError where the size overflows or there is no memory.
  static HostArray allocate(uint32_t elementType, std::vector<int64_t> extents,
                            const std::string &what);

  HostArray clone() const;
};

/// "2x3", "scalar" for rank 0.
std::string formatShape(const std::vector<int64_t> &extents);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_HOSTARRAY_H
