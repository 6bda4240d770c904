//===- VyreAttributes.h - Attributes of the dialect -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_DIALECT_VYRE_IR_VYREATTRIBUTES_H
#define VYRE_DIALECT_VYRE_IR_VYREATTRIBUTES_H

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "vyre/Dialect/Vyre/IR/VyreDialect.h"

#include "vyre/Dialect/Vyre/IR/VyreEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "vyre/Dialect/Vyre/IR/VyreAttributes.h.inc"

#endif // VYRE_DIALECT_VYRE_IR_VYREATTRIBUTES_H
