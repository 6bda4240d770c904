//===- EmbeddedArtifact.cpp - An artifact inside a module -----------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The artifact is read here by the runtime's own reader, so that what fails at
// the first dispatch fails at compile time already.
//
//===----------------------------------------------------------------------===//

#include "EmbeddedArtifact.h"

#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace vyre {

VyreElementType getRuntimeElementType(Type type) {
  return llvm::TypeSwitch<Type, VyreElementType>(type)
      .Case([](Float16Type) { return VYRE_ELEMENT_F16; })
      .Case([](BFloat16Type) { return VYRE_ELEMENT_BF16; })
      .Case([](Float32Type) { return VYRE_ELEMENT_F32; })
      .Case([](Float64Type) { return VYRE_ELEMENT_F64; })
      .Case([](IndexType) { return VYRE_ELEMENT_INDEX; })
      .Case([](IntegerType integer) {
        switch (integer.getWidth()) {
        case 1:
          return VYRE_ELEMENT_I1;
        case 8:
          return VYRE_ELEMENT_I8;
        case 16:
          return VYRE_ELEMENT_I16;
        case 32:
          return VYRE_ELEMENT_I32;
        case 64:
          return VYRE_ELEMENT_I64;
        default:
          llvm_unreachable("not a device element type");
        }
      });
}

namespace {

struct StatusDeleter {
  void operator()(VyreStatus *status) const { vyreStatusRelease(status); }
};
struct ArtifactDeleter {
  void operator()(VyreArtifact *artifact) const {
    vyreArtifactRelease(artifact);
  }
};
using OwnedStatus = std::unique_ptr<VyreStatus, StatusDeleter>;
using OwnedArtifact = std::unique_ptr<VyreArtifact, ArtifactDeleter>;

VyreRole getRuntimeRole(Role role) {
  switch (role) {
  case Role::Input:
    return VYRE_ROLE_INPUT;
  case Role::Output:
    return VYRE_ROLE_OUTPUT;
  case Role::InputOutput:
    return VYRE_ROLE_INPUT_OUTPUT;
  case Role::Shared:
    return VYRE_ROLE_SHARED;
  case Role::State:
    return VYRE_ROLE_STATE;
  }
  llvm_unreachable("covered switch");
}

/// Whether an argument of the artifact is the program's.
bool isSameArgument(const VyreArgumentInfo &info, Type type,
                    BindingAttr binding) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref)
    return info.kind == VYRE_ARGUMENT_SCALAR &&
           info.element_type == getRuntimeElementType(type);
  auto isSameExtent = [](auto pair) {
    auto [written, wanted] = pair;
    return ShapedType::isDynamic(wanted) ? written == VYRE_DYNAMIC_EXTENT
                                         : written == wanted;
  };
  return info.kind == VYRE_ARGUMENT_BUFFER &&
         info.element_type == getRuntimeElementType(memref.getElementType()) &&
         info.role == getRuntimeRole(binding.getRole()) &&
         info.rank == memref.getRank() &&
         llvm::all_of(
             llvm::zip(ArrayRef(info.extents, info.rank), memref.getShape()),
             isSameExtent);
}

LogicalResult checkProgram(const VyreArtifact *artifact, StringRef path,
                           ProgramOp program) {
  uint32_t index = 0;
  if (OwnedStatus status{vyreArtifactFindProgram(
          artifact, program.getSymName().str().c_str(), &index)})
    return program.emitOpError("is not in '")
           << path << "': " << vyreStatusMessage(status.get());
  VyreProgramInfo info = {};
  info.struct_size = sizeof(info);
  OwnedStatus described{vyreArtifactProgramInfo(artifact, index, &info)};
  bool isSame = !described && info.argument_count == program.getNumArguments();
  for (unsigned i = 0, e = program.getNumArguments(); isSame && i != e; ++i) {
    VyreArgumentInfo argument = {};
    argument.struct_size = sizeof(argument);
    OwnedStatus status{vyreArtifactArgumentInfo(artifact, index, i, &argument)};
    isSame = !status && isSameArgument(argument, program.getArgumentTypes()[i],
                                       program.getBinding(i));
  }
  if (isSame)
    return success();
  InFlightDiagnostic diag = program.emitOpError("takes other arguments than '")
                            << path << "' says";
  diag.attachNote() << "fix: compile this module again";
  return diag;
}

FailureOr<OwnedArtifact> readArtifact(ModuleOp module, StringRef path,
                                      StringRef bytes) {
  VyreArtifact *artifact = nullptr;
  if (OwnedStatus status{
          vyreArtifactLoadMemory(bytes.data(), bytes.size(), &artifact)})
    return module.emitError("'")
           << path << "' is no artifact: " << vyreStatusMessage(status.get());
  return OwnedArtifact(artifact);
}

/// Puts globals and functions into a module under names that are free.
class ModuleBuilder {
public:
  explicit ModuleBuilder(ModuleOp module)
      : loc(module.getLoc()), symbols(module), builder(module.getBodyRegion()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())) {}

  /// A constant array of bytes.
  LLVM::GlobalOp addBytes(StringRef name, StringRef bytes, unsigned alignment) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
    auto global = LLVM::GlobalOp::create(
        builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
        builder.getStringAttr(bytes), alignment);
    symbols.insert(global);
    return global;
  }
  LLVM::GlobalOp addString(StringRef name, StringRef text) {
    return addBytes(name, (text + Twine('\0')).str(), 1);
  }

  /// A struct whose fields are `fields`; null ones are null pointers.
  LLVM::GlobalOp addStruct(StringRef name, ArrayRef<Attribute> fields) {
    SmallVector<Type> types;
    for (Attribute field : fields)
      types.push_back(isa_and_nonnull<IntegerAttr>(field)
                          ? Type(builder.getI64Type())
                          : pointer);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(getBody());
    auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
    auto global =
        LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/false,
                               LLVM::Linkage::Internal, name, Attribute());
    symbols.insert(global);
    builder.createBlock(&global.getInitializer());
    Value value = LLVM::ZeroOp::create(builder, loc, type);
    for (auto [position, field] : llvm::enumerate(fields)) {
      if (!field)
        continue;
      Value element;
      if (auto integer = dyn_cast<IntegerAttr>(field))
        element = LLVM::ConstantOp::create(builder, loc, integer);
      else
        element = LLVM::AddressOfOp::create(builder, loc, pointer,
                                            cast<FlatSymbolRefAttr>(field));
      value =
          LLVM::InsertValueOp::create(builder, loc, value, element, position);
    }
    LLVM::ReturnOp::create(builder, loc, value);
    return global;
  }

  FailureOr<LLVM::LLVMFuncOp> declare(StringRef name, ArrayRef<Type> arguments,
                                      Type result, bool isVarArg = false) {
    return LLVM::lookupOrCreateFn(builder, symbols.getOp(), name, arguments,
                                  result, isVarArg);
  }

  FailureOr<LLVM::LLVMFuncOp> addCheck(StringRef handler);

  Location loc;
  SymbolTable symbols;
  OpBuilder builder;
  LLVM::LLVMPointerType pointer;

private:
  /// Where globals go, wherever the builder stands.
  Block *getBody() { return &symbols.getOp()->getRegion(0).front(); }
  LogicalResult addAbort(Value status);
};

/// Says on standard error what `status` says, and ends the process.
LogicalResult ModuleBuilder::addAbort(Value status) {
  Type i32 = builder.getI32Type();
  auto none = LLVM::LLVMVoidType::get(builder.getContext());
  auto message = declare("vyreStatusMessage", pointer, pointer);
  auto print = declare("dprintf", {i32, pointer}, i32, /*isVarArg=*/true);
  auto abort = declare("abort", {}, none);
  if (failed(message) || failed(print) || failed(abort))
    return failure();
  Value format = LLVM::AddressOfOp::create(
      builder, loc, addString("vyre_failure_format", "vyre: %s\n"));
  Value text = LLVM::CallOp::create(builder, loc, *message, status).getResult();
  Value standardError = LLVM::ConstantOp::create(builder, loc, i32, 2);
  LLVM::CallOp::create(builder, loc, *print,
                       ValueRange{standardError, format, text});
  LLVM::CallOp::create(builder, loc, *abort, ValueRange());
  LLVM::UnreachableOp::create(builder, loc);
  return success();
}

/// void vyre_check(VyreStatus *status) { if (status) ...; }
FailureOr<LLVM::LLVMFuncOp> ModuleBuilder::addCheck(StringRef handler) {
  auto none = LLVM::LLVMVoidType::get(builder.getContext());
  auto check = LLVM::LLVMFuncOp::create(
      builder, loc, "vyre_check", LLVM::LLVMFunctionType::get(none, pointer),
      LLVM::Linkage::Internal);
  symbols.insert(check);
  OpBuilder::InsertionGuard guard(builder);
  Block *entry = check.addEntryBlock(builder);
  Block *isWrong = builder.createBlock(&check.getBody());
  Block *isRight = builder.createBlock(&check.getBody());
  Value status = entry->getArgument(0);

  builder.setInsertionPointToEnd(entry);
  Value null = LLVM::ZeroOp::create(builder, loc, pointer);
  Value isSuccess =
      LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, status, null);
  LLVM::CondBrOp::create(builder, loc, isSuccess, isRight, isWrong);

  builder.setInsertionPointToEnd(isRight);
  LLVM::ReturnOp::create(builder, loc, ValueRange());

  builder.setInsertionPointToEnd(isWrong);
  if (handler.empty()) {
    if (failed(addAbort(status)))
      return failure();
    return check;
  }
  auto callee = declare(handler, pointer, none);
  if (failed(callee))
    return failure();
  LLVM::CallOp::create(builder, loc, *callee, status);
  LLVM::BrOp::create(builder, loc, isRight);
  return check;
}

} // namespace

FailureOr<EmbeddedArtifact>
EmbeddedArtifact::create(ModuleOp module, ArrayRef<ProgramOp> programs,
                         StringRef path, StringRef device, StringRef handler) {
  if (path.empty()) {
    InFlightDiagnostic diag =
        module.emitError("dispatches programs, and no artifact is given");
    diag.attachNote() << "fix: compile the module with vyre-compile and pass "
                         "artifact=<file>";
    return diag;
  }
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return module.emitError("can't read '")
           << path << "': " << file.getError().message();
  StringRef bytes = (*file)->getBuffer();
  FailureOr<OwnedArtifact> artifact = readArtifact(module, path, bytes);
  if (failed(artifact))
    return failure();
  for (ProgramOp program : programs)
    if (failed(checkProgram(artifact->get(), path, program)))
      return failure();

  ModuleBuilder builder(module);
  auto refer = [](LLVM::GlobalOp global) -> Attribute {
    return FlatSymbolRefAttr::get(global.getSymNameAttr());
  };
  LLVM::GlobalOp data = builder.addBytes("vyre_artifact_data", bytes, 64);
  LLVM::GlobalOp id = builder.addString("vyre_device", device);
  LLVM::GlobalOp embedded = builder.addStruct(
      "vyre_artifact",
      {refer(data), builder.builder.getI64IntegerAttr(bytes.size()), refer(id),
       Attribute()});
  EmbeddedArtifact result;
  for (ProgramOp program : programs) {
    StringRef name = program.getSymName();
    LLVM::GlobalOp text = builder.addString(("vyre_name_" + name).str(), name);
    result.programs[program.getSymNameAttr()] =
        builder.addStruct(("vyre_program_" + name).str(),
                          {refer(embedded), refer(text), Attribute()});
  }
  auto dispatch = builder.declare(
      "vyreEmbeddedDispatch",
      {builder.pointer, builder.pointer, builder.builder.getI64Type()},
      builder.pointer);
  auto check = builder.addCheck(handler);
  if (failed(dispatch) || failed(check))
    return failure();
  result.dispatch = *dispatch;
  result.check = *check;
  return result;
}

} // namespace vyre
