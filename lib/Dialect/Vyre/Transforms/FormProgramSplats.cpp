//===- FormProgramSplats.cpp - Constants of one value ---------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   %c = memref.get_global @splat   // dense<2.5> : memref<4194304xf32>
//   %v = memref.load %c[%i]         //  ->  %v = arith.constant 2.5
//
// Front ends broadcast scalars in full. In memory such a constant would be as
// large as its type says, in the artifact and on the device, and be read from
// there at every point.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"

using namespace mlir;
using namespace vyre;

/// What each element of a buffer is, if it is a constant of one value.
static TypedAttr getSplatElement(Value buffer, SymbolTableCollection &symbols) {
  auto access = buffer ? buffer.getDefiningOp<memref::GetGlobalOp>() : nullptr;
  if (!access || !isDeviceElementType(access.getType().getElementType()))
    return nullptr;
  auto global = symbols.lookupNearestSymbolFrom<memref::GlobalOp>(
      access, access.getNameAttr());
  if (!global || !global.getConstant())
    return nullptr;
  auto value = dyn_cast_or_null<SplatElementsAttr>(
      global.getInitialValue().value_or(Attribute()));
  if (!value || value.empty())
    return nullptr;
  return cast<TypedAttr>(value.getSplatValue<Attribute>());
}

/// Erases a view or an access to a global that nobody uses, and what only it
/// used.
static void eraseUnused(Operation *op) {
  while (op && isOpTriviallyDead(op)) {
    Operation *source =
        op->getNumOperands() > 0 ? op->getOperand(0).getDefiningOp() : nullptr;
    op->erase();
    op = source;
  }
}

void vyre::foldSplatLoads(ProgramOp program) {
  SymbolTableCollection symbols;
  SmallVector<memref::LoadOp> loads;
  program.walk([&](memref::LoadOp load) { loads.push_back(load); });
  for (memref::LoadOp load : loads) {
    TypedAttr element =
        getSplatElement(getUnderlyingBuffer(load.getMemRef()), symbols);
    if (!element || element.getType() != load.getType())
      continue;
    OpBuilder builder(load);
    Operation *source = load.getMemRef().getDefiningOp();
    load.replaceAllUsesWith(
        arith::ConstantOp::create(builder, load.getLoc(), element).getResult());
    load.erase();
    eraseUnused(source);
  }
}
