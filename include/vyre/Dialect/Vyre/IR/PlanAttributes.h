//===- PlanAttributes.h - What passes note down --------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Discardable attributes by which a pass tells the artifact's writer what the
// ops alone no longer say. A program without them is as right.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_PLANATTRIBUTES_H
#define VYRE_DIALECT_VYRE_IR_PLANATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace vyre {

/// Of a program: the positions of the arguments whose capacity is the option
/// default-capacity, as array<i32>, so that a refusal can name that option.
inline constexpr llvm::StringLiteral kDefaultCapacityAttrName =
    "vyre.default_capacity";

/// Of a launch: the names of the stages that vyre-merge-stages made one of, in
/// order, as an array of strings.
inline constexpr llvm::StringLiteral kMergedStagesAttrName =
    "vyre.merged_stages";

/// Of a program: how it is captured and replayed, as a #vyre.capture_plan.
inline constexpr llvm::StringLiteral kCapturePlanAttrName = "vyre.capture_plan";

} // namespace vyre

#endif // VYRE_DIALECT_VYRE_IR_PLANATTRIBUTES_H
