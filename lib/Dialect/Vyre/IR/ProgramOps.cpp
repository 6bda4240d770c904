//===- ProgramOps.cpp - Programs, their results and dispatches ------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "vyre/Dialect/Vyre/IR/Counted.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace vyre;

//===----------------------------------------------------------------------===//
// ProgramOp
//===----------------------------------------------------------------------===//

void ProgramOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                      FunctionType type) {
  state.addAttribute(getSymNameAttrName(state.name),
                     builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  Region *body = state.addRegion();
  Block &entry = body->emplaceBlock();
  for (Type input : type.getInputs())
    entry.addArgument(input, state.location);
}

ParseResult ProgramOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildFunctionType =
      [](Builder &builder, ArrayRef<Type> inputs, ArrayRef<Type> results,
         function_interface_impl::VariadicFlag,
         std::string &) { return builder.getFunctionType(inputs, results); };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), buildFunctionType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void ProgramOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

BindingAttr ProgramOp::getBinding(unsigned argument) {
  return getArgAttrOfType<BindingAttr>(argument, VyreDialect::kBindingAttrName);
}

void ProgramOp::setBinding(unsigned argument, BindingAttr binding) {
  setArgAttr(argument, VyreDialect::kBindingAttrName, binding);
}

SmallVector<unsigned> ProgramOp::getPassedArguments() {
  SmallVector<unsigned> passed;
  for (unsigned i = 0, e = getNumArguments(); i != e; ++i) {
    BindingAttr binding = getBinding(i);
    if (!binding || binding.isPassedByCaller())
      passed.push_back(i);
  }
  return passed;
}

ExtentsOp ProgramOp::getExtentsOf(BlockArgument output) {
  for (Operation *user : output.getUsers())
    if (auto extents = dyn_cast<ExtentsOp>(user))
      return extents;
  return nullptr;
}

ReturnOp ProgramOp::getReturnOp() {
  return cast<ReturnOp>(getBody().front().getTerminator());
}

static LogicalResult verifyBinding(ProgramOp program, unsigned index,
                                   BindingAttr binding) {
  auto type = cast<MemRefType>(program.getArgumentTypes()[index]);
  auto emitError = [&] {
    return program.emitOpError("argument ") << index << " ";
  };
  uint64_t elementBytes = getElementByteCount(type.getElementType());
  if (binding.getAlignment() != 0 && binding.getAlignment() < elementBytes)
    return emitError() << "has alignment " << binding.getAlignment()
                       << ", expected at least its element's " << elementBytes;
  if (!type.hasStaticShape()) {
    // No caller passes it, so nobody says how large it is.
    if (!binding.isPassedByCaller())
      return emitError() << "has role " << stringifyRole(binding.getRole())
                         << " and type " << type << ", expected a static shape";
    if (binding.getCapacity() == 0)
      return emitError() << "has a dynamic dimension and no capacity"
                         << ", expected capacity = <bytes> in its binding";
  } else if (binding.getCapacity() != 0) {
    uint64_t bytes = elementBytes * type.getNumElements();
    if (binding.getCapacity() < bytes)
      return emitError() << "has capacity " << binding.getCapacity()
                         << ", expected at least its type's " << bytes;
  }
  if (ElementsAttr initial = binding.getInitial()) {
    if (initial.getElementType() != type.getElementType() ||
        initial.getShapedType().getShape() != type.getShape())
      return emitError() << "has type " << type << " and an initial value of "
                         << initial.getShapedType();
  }
  return success();
}

LogicalResult ProgramOp::verify() {
  if (isExternal())
    return emitOpError("has no body");
  llvm::SmallDenseMap<uint32_t, unsigned> slots;
  for (auto [index, type] : llvm::enumerate(getArgumentTypes())) {
    auto emitError = [&, index = index] {
      return emitOpError("argument ") << index << " ";
    };
    Attribute attribute = getArgAttr(index, VyreDialect::kBindingAttrName);
    auto binding = dyn_cast_or_null<BindingAttr>(attribute);
    if (!isa<BaseMemRefType>(type)) {
      if (attribute)
        return emitError() << "has type " << type
                           << " and a binding, expected a memref";
      if (!isDeviceElementType(type))
        return emitError() << "has type " << type
                           << ", expected a memref or a scalar of type f16, "
                              "bf16, f32, f64, i1, i8, i16, i32, i64 or index";
      continue;
    }
    if (failed(verifyBufferType(type, emitError)))
      return failure();
    if (!binding)
      return emitError() << "is a memref without a '"
                         << VyreDialect::kBindingAttrName << "' attribute";
    if (failed(verifyBinding(*this, index, binding)))
      return failure();
    auto [known, isNew] = slots.try_emplace(binding.getSlot(), index);
    if (!isNew)
      return emitError() << "has slot " << binding.getSlot()
                         << ", which is that of argument " << known->second;
  }
  return success();
}

/// Of a program's top level: pure arithmetic on scalars, memref.dim, and the
/// constants of bodies, which canonicalization moves here.
static bool isScalarArithmetic(Operation *op) {
  if (isa<memref::DimOp>(op))
    return true;
  if (op->hasTrait<OpTrait::ConstantLike>())
    return llvm::none_of(op->getResultTypes(),
                         llvm::IsaPred<TensorType, BaseMemRefType>);
  if (op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return false;
  auto isScalar = [](Type type) { return isDeviceElementType(type); };
  return llvm::all_of(op->getOperandTypes(), isScalar) &&
         llvm::all_of(op->getResultTypes(), isScalar);
}

LogicalResult ProgramOp::verifyRegions() {
  Block &entry = getBody().front();
  if (!isa<ReturnOp>(entry.back()))
    return emitOpError("ends with '")
           << entry.back().getName() << "', expected 'vyre.return'";

  llvm::StringMap<Operation *> names;
  LogicalResult result = success();
  auto checkName = [&](Operation *op, StringRef name) {
    if (name.empty()) {
      result = op->emitOpError("has an empty name");
      return;
    }
    auto [known, isNew] = names.try_emplace(name, op);
    if (isNew)
      return;
    InFlightDiagnostic diag = op->emitOpError("has the name @")
                              << name << " of another stage or launch";
    diag.attachNote(known->second->getLoc()) << "the other one is here";
    result = failure();
  };
  for (Operation &op : entry) {
    if (auto launch = dyn_cast<LaunchOp>(op))
      checkName(&op, launch.getLaunchName());
    bool isVyreOp =
        op.getDialect() == (*this)->getDialect() && !isa<DispatchOp>(op);
    if (!isVyreOp && !isa<StageLikeOpInterface>(op) &&
        !isScalarArithmetic(&op)) {
      InFlightDiagnostic diag = op.emitOpError(
          "stands at the top level of a program, expected stages and "
          "arithmetic on scalars");
      if (!isa<DispatchOp>(op))
        diag.attachNote() << "fix: move it into a vyre.stage";
      return diag;
    }
  }
  names.clear();
  (*this)->walk([&](StageLikeOpInterface stage) {
    checkName(stage, stage.getStageName());
  });
  if (failed(result))
    return failure();

  // A result with dynamic dimensions says how large it is; of another output
  // the caller may.
  ValueRange results = getReturnOp().getResults();
  for (BlockArgument argument : getArguments()) {
    BindingAttr binding = getBinding(argument.getArgNumber());
    if (!binding || binding.getRole() != Role::Output)
      continue;
    auto type = cast<MemRefType>(argument.getType());
    bool isResult = llvm::is_contained(results, argument);
    auto isExtents = [](Operation *user) { return isa<ExtentsOp>(user); };
    unsigned count = llvm::count_if(argument.getUsers(), isExtents);
    unsigned most = type.hasStaticShape() ? 0 : 1;
    if (count > most || (isResult && count < most))
      return emitOpError("argument ")
             << argument.getArgNumber() << " is "
             << (isResult ? "a result" : "an output") << " of type " << type
             << " with " << count << " vyre.extents, expected "
             << (most == 0  ? "none"
                 : isResult ? "one"
                            : "at most one");
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ExtentsOp
//===----------------------------------------------------------------------===//

LogicalResult ExtentsOp::verify() {
  auto type = dyn_cast<MemRefType>(getOutput().getType());
  auto argument = dyn_cast<BlockArgument>(getOutput());
  if (!type || !argument)
    return emitOpError("expected an argument of the program");
  auto program = (*this)->getParentOfType<ProgramOp>();
  BindingAttr binding = program.getBinding(argument.getArgNumber());
  if (!binding || binding.getRole() != Role::Output)
    return emitOpError("names argument ")
           << argument.getArgNumber() << ", which is no output";
  if (type.getNumDynamicDims() != getExtents().size())
    return emitOpError("has ")
           << counted(getExtents().size(), "extent")
           << ", expected one for each of "
           << counted(type.getNumDynamicDims(), "dynamic dimension") << " of "
           << type;

  // No extent that is computed depends on another one that is.
  SmallVector<Value> worklist(getExtents());
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    if (auto dim = dyn_cast<memref::DimOp>(op)) {
      auto source = dyn_cast<BlockArgument>(dim.getSource());
      BindingAttr sourceBinding =
          source ? program.getBinding(source.getArgNumber()) : BindingAttr();
      if (!sourceBinding || program.getExtentsOf(source)) {
        InFlightDiagnostic diag =
            emitOpError("depends on an extent that the caller does not state");
        diag.attachNote(dim.getLoc()) << "the extent is taken here";
        return diag;
      }
      continue;
    }
    llvm::append_range(worklist, op->getOperands());
  }
  return success();
}

//===----------------------------------------------------------------------===//
// RequireOp
//===----------------------------------------------------------------------===//

LogicalResult RequireOp::verify() {
  if (getSubject().empty())
    return emitOpError("has no subject, expected what 'found' is");
  return success();
}

//===----------------------------------------------------------------------===//
// ReturnOp
//===----------------------------------------------------------------------===//

void ReturnOp::build(OpBuilder &builder, OperationState &state,
                     ValueRange results) {
  SmallVector<int32_t> countOf(results.size(), -1);
  build(builder, state, results, ValueRange(), countOf);
}

Value ReturnOp::getCountOf(unsigned result) {
  ArrayRef<int32_t> positions = getCountOfAttr().asArrayRef();
  if (result >= positions.size() || positions[result] < 0)
    return nullptr;
  return getCounts()[positions[result]];
}

ParseResult ReturnOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::UnresolvedOperand> results, counts;
  SmallVector<Type> resultTypes, countTypes;
  SmallVector<int32_t> countOf;
  SMLoc start = parser.getCurrentLocation();
  auto parseCount = [&]() -> ParseResult {
    Type type;
    countOf.push_back(counts.size());
    if (parser.parseLParen() || parser.parseOperand(counts.emplace_back()) ||
        parser.parseColonType(type) || parser.parseRParen())
      return failure();
    countTypes.push_back(type);
    return success();
  };
  OpAsmParser::UnresolvedOperand operand;
  OptionalParseResult first = parser.parseOptionalOperand(operand);
  while (first.has_value()) {
    if (failed(*first))
      return failure();
    results.push_back(operand);
    if (succeeded(parser.parseOptionalKeyword("count"))) {
      if (parseCount())
        return failure();
    } else {
      countOf.push_back(-1);
    }
    if (parser.parseColonType(resultTypes.emplace_back()))
      return failure();
    if (failed(parser.parseOptionalComma()))
      break;
    if (parser.parseOperand(operand))
      return failure();
  }
  if (parser.parseOptionalAttrDict(result.attributes) ||
      parser.resolveOperands(results, resultTypes, start, result.operands) ||
      parser.resolveOperands(counts, countTypes, start, result.operands))
    return failure();
  Builder &builder = parser.getBuilder();
  result.getOrAddProperties<Properties>().count_of =
      builder.getDenseI32ArrayAttr(countOf);
  result.getOrAddProperties<Properties>().operandSegmentSizes = {
      int32_t(results.size()), int32_t(counts.size())};
  return success();
}

void ReturnOp::print(OpAsmPrinter &printer) {
  for (auto [index, result] : llvm::enumerate(getResults())) {
    printer << (index ? ", " : " ") << result;
    if (Value count = getCountOf(index))
      printer << " count(" << count << " : " << count.getType() << ")";
    printer << " : " << result.getType();
  }
  printer.printOptionalAttrDict((*this)->getAttrs(),
                                {"count_of", "operandSegmentSizes"});
}

LogicalResult ReturnOp::verify() {
  auto program = cast<ProgramOp>((*this)->getParentOp());
  if (TypeRange(getResults()) != TypeRange(program.getResultTypes()))
    return emitOpError("returns (")
           << getResults().getTypes() << "), expected the program's results ("
           << program.getResultTypes() << ")";
  ArrayRef<int32_t> countOf = getCountOfAttr().asArrayRef();
  if (countOf.size() != getResults().size())
    return emitOpError("has ")
           << counted(countOf.size(), "count position") << " for "
           << counted(getResults().size(), "result");
  llvm::SmallBitVector used(getCounts().size());
  for (int32_t position : countOf) {
    if (position < -1 || position >= int32_t(getCounts().size()) ||
        (position >= 0 && used.test(position)))
      return emitOpError("has the count position ")
             << position << ", expected -1 or that of a count, each once";
    if (position >= 0)
      used.set(position);
  }
  if (!used.all())
    return emitOpError("has a count of no result");

  llvm::SmallDenseMap<Value, unsigned> seen;
  for (auto [index, result] : llvm::enumerate(getResults())) {
    auto argument = dyn_cast<BlockArgument>(result);
    BindingAttr binding =
        argument ? program.getBinding(argument.getArgNumber()) : BindingAttr();
    if (!binding || binding.getRole() != Role::Output) {
      InFlightDiagnostic diag = emitOpError("result ")
                                << index << " is no argument with role output";
      diag.attachNote() << "fix: copy it to an output in a stage";
      return diag;
    }
    auto [known, isNew] = seen.try_emplace(result, index);
    if (!isNew)
      return emitOpError("result ")
             << index << " is the same binding as result " << known->second;
    Value count = getCountOf(index);
    if (!count)
      continue;
    if (cast<MemRefType>(result.getType()).getRank() == 0)
      return emitOpError("result ")
             << index << " has rank 0 and a count, expected rows to count";
    if (count.getType().isIndex())
      continue;
    auto type = dyn_cast<MemRefType>(count.getType());
    if (!type || !type.hasStaticShape() || type.getNumElements() != 1 ||
        !type.getElementType().isIntOrIndex() ||
        type.getElementType().isInteger(1))
      return emitOpError("result ")
             << index << " has a count of type " << count.getType()
             << ", expected index or a memref with one integer element";
    auto isWritten = [&](Operation *user) {
      auto stage = dyn_cast<StageLikeOpInterface>(user);
      return stage && (llvm::is_contained(stage.getWrittenBuffers(), count) ||
                       llvm::is_contained(stage.getUpdatedBuffers(), count));
    };
    if (llvm::none_of(count.getUsers(), isWritten))
      return emitOpError("result ")
             << index << " has a count that no stage writes";
  }
  return success();
}

void ReturnOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  for (OpOperand &operand : (*this)->getOpOperands())
    if (isa<BaseMemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
}

//===----------------------------------------------------------------------===//
// DispatchOp
//===----------------------------------------------------------------------===//

LogicalResult DispatchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto program =
      symbols.lookupNearestSymbolFrom<ProgramOp>(*this, getProgramAttr());
  if (!program) {
    InFlightDiagnostic diag = emitOpError("names ")
                              << getProgramAttr()
                              << ", which is no vyre.program";
    if (symbols.lookupNearestSymbolFrom(*this, getProgramAttr()))
      diag.attachNote() << "fix: make a program of it first, by "
                           "vyre-input-pipeline or vyre-compile --emit=program";
    return diag;
  }
  SmallVector<unsigned> passed = program.getPassedArguments();
  if (passed.size() != getArguments().size())
    return emitOpError("has ")
           << counted(getArguments().size(), "operand") << ", expected "
           << passed.size() << " as " << getProgramAttr();
  for (auto [index, value] : llvm::enumerate(getArguments())) {
    Type expected = program.getArgumentTypes()[passed[index]];
    if (value.getType() != expected)
      return emitOpError("operand ")
             << index << " has type " << value.getType() << ", expected "
             << expected << " as " << getProgramAttr();
  }
  return success();
}

void DispatchOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  auto program =
      SymbolTable::lookupNearestSymbolFrom<ProgramOp>(*this, getProgramAttr());
  // State that the program keeps is not among the operands.
  effects.emplace_back(MemoryEffects::Read::get());
  effects.emplace_back(MemoryEffects::Write::get());
  SmallVector<unsigned> passed;
  if (program)
    passed = program.getPassedArguments();
  for (OpOperand &operand : getArgumentsMutable()) {
    if (!isa<BaseMemRefType>(operand.get().getType()))
      continue;
    unsigned position = operand.getOperandNumber();
    BindingAttr binding = position < passed.size()
                              ? program.getBinding(passed[position])
                              : BindingAttr();
    Role role = binding ? binding.getRole() : Role::InputOutput;
    if (role != Role::Output)
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (role != Role::Input)
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}
