//===- OutputFiles.h - Where vyre-run writes --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_OUTPUTFILES_H
#define VYRE_TOOLS_VYRE_RUN_OUTPUTFILES_H

#include "Options.h"

#include <cstddef>

namespace vyre::run {

/// The file of a result in the directory that --out names.
std::string resultPath(const std::string &directory, size_t result);

/// Makes the directory of --out and throws UserError unless every file that the
/// options ask for can be written, so that nothing runs for nothing. Files keep
/// what they hold.
void prepareOutputs(const Options &options, size_t resultCount);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_OUTPUTFILES_H
