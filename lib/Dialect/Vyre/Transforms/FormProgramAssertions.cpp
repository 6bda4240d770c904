//===- FormProgramAssertions.cpp - What the source asserts of sizes -------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   %same = arith.cmpi eq, %m, %n : index
//   cf.assert %same, "rows differ"
//
//     ->  vyre.require "rows differ" %m at_least %n
//         vyre.require "rows differ" %n at_least %m
//
// so that the runtime refuses the dispatch before it launches anything. An
// assertion in a loop over stages is unrolled with them; in any other loop it
// is moved in front of it where it says the same there. What only the device
// knows can't be asserted: nobody would hear of it.
//
//===----------------------------------------------------------------------===//

#include "FormProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace vyre;

/// A message on one line, in UTF-8, as those of the runtime are.
static std::string makePlain(StringRef text) {
  std::string plain = llvm::json::fixUTF8(text);
  for (char &c : plain)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = ' ';
  StringRef trimmed = StringRef(plain).trim();
  return trimmed.empty() ? "what the source asserts" : trimmed.str();
}

namespace {

/// Makes the requirements of one assertion, in front of it.
class Assertion {
public:
  explicit Assertion(cf::AssertOp op)
      : builder(op), loc(op.getLoc()), message(makePlain(op.getMsg())) {}

  void require(Value condition);

private:
  void requireAtLeast(Value found, Value least);
  void requireComparison(arith::CmpIOp compare);
  Value add(Value value, int64_t constant) {
    return builder.createOrFold<arith::AddIOp>(
        loc, value, arith::ConstantIndexOp::create(builder, loc, constant));
  }

  OpBuilder builder;
  Location loc;
  std::string message;
};

} // namespace

void Assertion::requireAtLeast(Value found, Value least) {
  RequireOp::create(builder, loc, message, found, least);
}

/// Whether the operands of a comparison are sizes, and it is one of order.
static bool comparesSizes(arith::CmpIOp compare) {
  Type type = compare.getLhs().getType();
  switch (compare.getPredicate()) {
  case arith::CmpIPredicate::eq:
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::sge:
    return type.isIndex() || type.isInteger(64);
  default:
    return false;
  }
}

void Assertion::requireComparison(arith::CmpIOp compare) {
  auto asIndex = [&](Value value) -> Value {
    if (value.getType().isIndex())
      return value;
    return builder.createOrFold<arith::IndexCastOp>(loc, builder.getIndexType(),
                                                    value);
  };
  Value left = asIndex(compare.getLhs()), right = asIndex(compare.getRhs());
  switch (compare.getPredicate()) {
  case arith::CmpIPredicate::sge:
    return requireAtLeast(left, right);
  case arith::CmpIPredicate::sgt:
    return requireAtLeast(left, add(right, 1));
  case arith::CmpIPredicate::sle:
    return requireAtLeast(right, left);
  case arith::CmpIPredicate::slt:
    return requireAtLeast(right, add(left, 1));
  default: // equality
    requireAtLeast(left, right);
    return requireAtLeast(right, left);
  }
}

void Assertion::require(Value condition) {
  if (auto both = condition.getDefiningOp<arith::AndIOp>()) {
    require(both.getLhs());
    return require(both.getRhs());
  }
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (compare && comparesSizes(compare))
    return requireComparison(compare);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  requireAtLeast(
      builder.createOrFold<arith::SelectOp>(loc, condition, one, zero), one);
}

/// Moves an assertion in front of the loops around it, with what it is computed
/// from; false where that depends on an iteration or is under a condition.
static bool moveToTopLevel(cf::AssertOp op, ProgramOp program) {
  Operation *outermost = op;
  while (outermost->getParentOp() != program) {
    outermost = outermost->getParentOp();
    if (!isa<LoopLikeOpInterface>(outermost) || isa<scf::WhileOp>(outermost))
      return false;
  }
  llvm::SetVector<Operation *> needed;
  SmallVector<Value> worklist = {op.getArg()};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!outermost->isAncestor(value.getParentRegion()->getParentOp()))
      continue;
    Operation *source = value.getDefiningOp();
    if (!source || source->getNumRegions() != 0 || !isMemoryEffectFree(source))
      return false;
    if (needed.insert(source))
      llvm::append_range(worklist, source->getOperands());
  }
  OpBuilder builder(outermost);
  IRMapping mapping;
  // Operands were found after their users.
  SmallVector<Operation *> ordered = llvm::to_vector(needed);
  llvm::sort(ordered, [](Operation *left, Operation *right) {
    return left->getBlock() == right->getBlock()
               ? left->isBeforeInBlock(right)
               : left->getParentRegion()->isProperAncestor(
                     right->getParentRegion());
  });
  for (Operation *source : ordered)
    builder.clone(*source, mapping);
  op->moveBefore(outermost);
  op.getArgMutable().assign(mapping.lookupOrDefault(op.getArg()));
  return true;
}

LogicalResult vyre::formRequirements(ProgramOp program) {
  WalkResult walk = program.walk([&](cf::AssertOp op) {
    if (op->getParentOp() != program && !moveToTopLevel(op, program)) {
      (void)refuseOp(op,
                     "asserts '" + op.getMsg() +
                         "' on the device, which can't report it",
                     "take it out, or clamp what it checks");
      return WalkResult::interrupt();
    }
    if (failed(verifyKnownOnHost(op, op.getArg(), "a condition")))
      return WalkResult::interrupt();
    Assertion(op).require(op.getArg());
    op.erase();
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}
