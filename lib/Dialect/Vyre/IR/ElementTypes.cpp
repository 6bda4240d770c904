//===- ElementTypes.cpp - What buffers and scalars may hold ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace vyre {

bool isDeviceElementType(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64() ||
         type.isIndex() || type.isSignlessInteger(1) ||
         type.isSignlessInteger(8) || type.isSignlessInteger(16) ||
         type.isSignlessInteger(32) || type.isSignlessInteger(64);
}

uint64_t getElementByteCount(Type type) {
  if (type.isIndex())
    return 8;
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

LogicalResult verifyBufferType(Type type,
                               function_ref<InFlightDiagnostic()> emitError) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref)
    return emitError() << "has type " << type << ", expected a ranked memref";
  if (!memref.getLayout().isIdentity())
    return emitError() << "has type " << type
                       << ", expected a row-major memref with identity layout";
  if (memref.getMemorySpace())
    return emitError() << "has type " << type
                       << ", expected the default memory space";
  if (!isDeviceElementType(memref.getElementType()))
    return emitError() << "has element type " << memref.getElementType()
                       << ", expected f16, bf16, f32, f64, i1, i8, i16, i32, "
                          "i64 or index";
  int64_t bytes = getElementByteCount(memref.getElementType());
  for (int64_t extent : memref.getShape())
    if (!ShapedType::isDynamic(extent) &&
        llvm::MulOverflow(bytes, extent, bytes))
      return emitError() << "has type " << type
                         << ", expected less than 2^63 bytes";
  return success();
}

} // namespace vyre
