//===- NpyFile.h - NumPy's .npy files ---------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes .npy files of versions 1, 2 and 3: little-endian, row-major
// arrays of booleans, integers and floats. Anything else is refused with a
// reason.
//
// NumPy has no bfloat16. A bf16 argument takes the 16-bit patterns as '<u2', or
// as the opaque 'V2' that ml_dtypes writes; bf16 results are written as '<u2'.
// Signedness is not part of an element type: 'i' and 'u' of the same size both
// fit an integer argument, and results are written as 'i'.
//
// Format: numpy/lib/format.py, "NEP 1".
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_NPYFILE_H
#define VYRE_TOOLS_VYRE_RUN_NPYFILE_H

#include "HostArray.h"

#include <string>

namespace vyre::run {

/// Reads a file as an array of this element type. Throws UserError if it is no
/// .npy file, is damaged, or holds another type. `what` names its use.
HostArray readNpy(const std::string &path, uint32_t elementType,
                  const std::string &what);

/// Writes an array. Throws UserError if the system refuses.
void writeNpy(const std::string &path, const HostArray &array);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_NPYFILE_H
