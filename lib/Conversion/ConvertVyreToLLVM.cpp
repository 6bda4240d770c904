//===- ConvertVyreToLLVM.cpp - Dispatches as calls of the runtime ---------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Host code that runs programs:
//
//   vyre.dispatch @f(%x, %n) : memref<?xf32>, index
//
// becomes, with the artifact as bytes in the module,
//
//   %status = llvm.call @vyreEmbeddedDispatch(%program, %bindings, %count)
//   llvm.call @vyre_check(%status)
//
// where %program is the address of a VyreEmbeddedProgram in static memory and
// %bindings an array of VyreBinding on the stack. The programs themselves go:
// their code is in the artifact.
//
//===----------------------------------------------------------------------===//

#include "EmbeddedArtifact.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Transforms/DialectConversion.h"

namespace vyre {
#define GEN_PASS_DEF_CONVERTVYRETOLLVM
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

/// The fields of VyreBinding, in its order.
enum BindingField { kData, kByteLength, kExtents, kRank, kElementType };

LLVM::LLVMStructType getBindingType(MLIRContext *context) {
  auto pointer = LLVM::LLVMPointerType::get(context);
  Type i32 = IntegerType::get(context, 32), i64 = IntegerType::get(context, 64);
  auto reserved = LLVM::LLVMArrayType::get(i64, 2);
  return LLVM::LLVMStructType::getLiteral(
      context, {pointer, i64, pointer, i32, i32, i32, i32, reserved});
}
// What the type above says of the C struct; all else in it is zero, which also
// is VYRE_MEMORY_HOST.
static_assert(sizeof(VyreBinding) == 56 && offsetof(VyreBinding, data) == 0 &&
              offsetof(VyreBinding, byte_length) == 8 &&
              offsetof(VyreBinding, extents) == 16 &&
              offsetof(VyreBinding, rank) == 24 &&
              offsetof(VyreBinding, element_type) == 28 &&
              offsetof(VyreBinding, location) == 32 && VYRE_MEMORY_HOST == 0);

/// Builds the bindings of one dispatch.
class BindingsBuilder {
public:
  BindingsBuilder(ConversionPatternRewriter &rewriter, DispatchOp dispatch)
      : rewriter(rewriter), loc(dispatch.getLoc()),
        pointer(LLVM::LLVMPointerType::get(dispatch.getContext())) {
    // The function's stack frame: in a loop's own scope, which is gone once
    // there are branches instead, the stack would grow with every turn.
    Operation *scope =
        dispatch->getParentWithTrait<OpTrait::IsIsolatedFromAbove>();
    Region *region = dispatch->getParentRegion();
    while (region->getParentOp() != scope)
      region = region->getParentOp()->getParentRegion();
    allocations = &region->front();
  }

  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(rewriter, loc, type, value);
  }
  Value i64(int64_t value) { return constant(rewriter.getI64Type(), value); }
  Value zero(Type type) { return LLVM::ZeroOp::create(rewriter, loc, type); }

  /// Memory on the stack of the function for `count` elements.
  Value allocate(Type type, int64_t count) {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(allocations);
    return LLVM::AllocaOp::create(rewriter, loc, pointer, type, i64(count));
  }
  void store(Value value, Value array, Type elementType, int64_t position) {
    Value address = LLVM::GEPOp::create(rewriter, loc, pointer, elementType,
                                        array, LLVM::GEPArg(position));
    LLVM::StoreOp::create(rewriter, loc, value, address);
  }

  /// A scalar: the address of its value.
  Value bindScalar(Value value, Type type) {
    // An i1 is a byte that is 0 or 1.
    if (type.isInteger(1))
      value = LLVM::ZExtOp::create(rewriter, loc, rewriter.getI8Type(), value);
    Value address = allocate(value.getType(), 1);
    LLVM::StoreOp::create(rewriter, loc, value, address);
    return bind(address, i64(getElementByteCount(type)), zero(pointer), 0,
                type);
  }

  /// A memref: its bytes and its extents.
  Value bindBuffer(Value descriptor, MemRefType type) {
    MemRefDescriptor memref(descriptor);
    int64_t rank = type.getRank();
    Value bytes = i64(getElementByteCount(type.getElementType()));
    Value extents = zero(pointer);
    if (rank != 0)
      extents = allocate(rewriter.getI64Type(), rank);
    for (int64_t i = 0; i != rank; ++i) {
      Value extent = type.isDynamicDim(i) ? memref.size(rewriter, loc, i)
                                          : i64(type.getDimSize(i));
      bytes = LLVM::MulOp::create(rewriter, loc, bytes, extent);
      store(extent, extents, rewriter.getI64Type(), i);
    }
    return bind(memref.alignedPtr(rewriter, loc), bytes, extents, rank,
                type.getElementType());
  }

private:
  Value bind(Value data, Value bytes, Value extents, int64_t rank,
             Type elementType) {
    Type i32 = rewriter.getI32Type();
    Value binding = zero(getBindingType(rewriter.getContext()));
    auto set = [&](BindingField field, Value value) {
      binding =
          LLVM::InsertValueOp::create(rewriter, loc, binding, value, field);
    };
    set(kData, data);
    set(kByteLength, bytes);
    set(kExtents, extents);
    set(kRank, constant(i32, rank));
    set(kElementType, constant(i32, getRuntimeElementType(elementType)));
    return binding;
  }

  ConversionPatternRewriter &rewriter;
  Location loc;
  LLVM::LLVMPointerType pointer;
  Block *allocations;
};

struct ConvertDispatch : ConvertOpToLLVMPattern<DispatchOp> {
  ConvertDispatch(const LLVMTypeConverter &converter,
                  const EmbeddedArtifact &artifact,
                  SymbolTableCollection &symbols)
      : ConvertOpToLLVMPattern(converter), artifact(artifact),
        symbols(symbols) {}

  LogicalResult
  matchAndRewrite(DispatchOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto program =
        symbols.lookupNearestSymbolFrom<ProgramOp>(op, op.getProgramAttr());
    Location loc = op.getLoc();
    BindingsBuilder builder(rewriter, op);
    Type bindingType = getBindingType(op.getContext());
    unsigned count = program.getNumArguments();
    Value bindings = builder.allocate(bindingType, std::max(count, 1u));
    // What the caller does not pass stays zero.
    SmallVector<Value> values(count, nullptr);
    for (auto [position, original, converted] :
         llvm::zip_equal(program.getPassedArguments(), op.getArguments(),
                         adaptor.getArguments())) {
      auto type = dyn_cast<MemRefType>(original.getType());
      values[position] =
          type ? builder.bindBuffer(converted, type)
               : builder.bindScalar(converted, original.getType());
    }
    for (auto [position, value] : llvm::enumerate(values))
      builder.store(value ? value : builder.zero(bindingType), bindings,
                    bindingType, position);
    Value address = LLVM::AddressOfOp::create(
        rewriter, loc, artifact.getProgram(program.getSymNameAttr()));
    Value status =
        LLVM::CallOp::create(rewriter, loc, artifact.getDispatchFunction(),
                             ValueRange{address, bindings, builder.i64(count)})
            .getResult();
    LLVM::CallOp::create(rewriter, loc, artifact.getCheckFunction(), status);
    rewriter.eraseOp(op);
    return success();
  }

private:
  const EmbeddedArtifact &artifact;
  SymbolTableCollection &symbols;
};

struct ConvertVyreToLLVM
    : vyre::impl::ConvertVyreToLLVMBase<ConvertVyreToLLVM> {
  using ConvertVyreToLLVMBase::ConvertVyreToLLVMBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<ProgramOp> programs;
    SymbolTableCollection symbols;
    // A module inside is a binary of its own, and a run of its own.
    auto isOurs = [&](DispatchOp dispatch) {
      return SymbolTable::getNearestSymbolTable(dispatch) == module;
    };
    module.walk([&](DispatchOp dispatch) {
      if (!isOurs(dispatch))
        return;
      auto program = symbols.lookupNearestSymbolFrom<ProgramOp>(
          dispatch, dispatch.getProgramAttr());
      if (!llvm::is_contained(programs, program))
        programs.push_back(program);
    });
    if (!programs.empty()) {
      FailureOr<EmbeddedArtifact> embedded =
          EmbeddedArtifact::create(module, programs, artifact, device, handler);
      if (failed(embedded))
        return signalPassFailure();
      LLVMTypeConverter converter(&getContext());
      RewritePatternSet patterns(&getContext());
      patterns.add<ConvertDispatch>(converter, *embedded, symbols);
      ConversionTarget target(getContext());
      target.addLegalDialect<LLVM::LLVMDialect>();
      target.addDynamicallyLegalOp<DispatchOp>(
          [&](DispatchOp dispatch) { return !isOurs(dispatch); });
      if (failed(applyPartialConversion(module, target, std::move(patterns))))
        return signalPassFailure();
    }
    for (ProgramOp program :
         llvm::make_early_inc_range(module.getOps<ProgramOp>()))
      program.erase();
    // What only programs called: whoever runs them registers it.
    for (auto function :
         llvm::make_early_inc_range(module.getOps<FunctionOpInterface>()))
      if (function->hasAttr(VyreDialect::kCallAttrName) &&
          SymbolTable::symbolKnownUseEmpty(function, module))
        function.erase();
  }
};

} // namespace
