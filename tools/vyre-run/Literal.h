//===- Literal.h - Scalars from the command line ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_LITERAL_H
#define VYRE_TOOLS_VYRE_RUN_LITERAL_H

#include "HostArray.h"

#include <optional>
#include <string>

namespace vyre::run {

/// Reads "3", "-0x10", "true", "0.5", "nan" as a value of the element type,
/// rounded to nearest-even where it is a float. Nothing if the text is no
/// number at all; throws UserError if it is one that the type cannot hold.
/// Integers may be given signed or unsigned.
std::optional<HostArray> parseLiteral(const std::string &text,
                                      uint32_t elementType,
                                      const std::string &what);

/// The bits of the f16 or bf16 nearest to a number, ties to even.
uint16_t roundToF16(double value);
uint16_t roundToBf16(double value);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_LITERAL_H
