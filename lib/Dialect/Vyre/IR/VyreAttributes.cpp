//===- VyreAttributes.cpp - Attributes of the dialect ---------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/IR/VyreAttributes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vyre;

#include "vyre/Dialect/Vyre/IR/VyreEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "vyre/Dialect/Vyre/IR/VyreAttributes.cpp.inc"

void VyreDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "vyre/Dialect/Vyre/IR/VyreAttributes.cpp.inc"
      >();
}

LogicalResult BindingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  uint32_t slot, Role role, uint64_t alignment,
                                  uint64_t capacity, ElementsAttr initial) {
  // Written with a minus sign, a number arrives here as a huge one.
  if (slot > uint32_t(std::numeric_limits<int32_t>::max()))
    return emitError() << "slot is " << slot << ", expected at most "
                       << std::numeric_limits<int32_t>::max();
  if (capacity > uint64_t(std::numeric_limits<int64_t>::max()))
    return emitError() << "capacity is " << capacity
                       << ", expected less than 2^63 bytes";
  if (alignment != 0 && !llvm::isPowerOf2_64(alignment))
    return emitError() << "alignment is " << alignment
                       << ", expected a power of two";
  if (alignment > (uint64_t(1) << 16))
    return emitError() << "alignment is " << alignment
                       << ", expected at most 65536";
  if (initial && role != Role::State)
    return emitError() << "an initial value on a binding with role "
                       << stringifyRole(role) << ", expected role state";
  return success();
}

LogicalResult CallAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               uint64_t scratchBytes, bool, bool) {
  if (scratchBytes > uint64_t(std::numeric_limits<int64_t>::max()))
    return emitError() << "scratch_bytes is " << scratchBytes
                       << ", expected less than 2^63";
  return success();
}
