//===- StageOps.cpp - Stages and launches ---------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "vyre/Dialect/Vyre/IR/BufferAccess.h"
#include "vyre/Dialect/Vyre/IR/Counted.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

using namespace mlir;
using namespace vyre;

void vyre::detail::appendStageEffects(
    StageLikeOpInterface stage,
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  auto append = [&](OperandRange range, bool isRead, bool isWritten) {
    for (unsigned i = 0, e = range.size(); i != e; ++i) {
      OpOperand *operand =
          &stage->getOpOperand(range.getBeginOperandIndex() + i);
      if (isRead)
        effects.emplace_back(MemoryEffects::Read::get(), operand);
      if (isWritten)
        effects.emplace_back(MemoryEffects::Write::get(), operand);
    }
  };
  append(stage.getReadBuffers(), true, false);
  append(stage.getWrittenBuffers(), false, true);
  append(stage.getUpdatedBuffers(), true, true);
}

/// Checks that a body has the indices of its index space as arguments.
static LogicalResult verifyIndices(StageLikeOpInterface stage) {
  Region *body = stage.getStageBody();
  if (!body)
    return success();
  if (body->empty())
    return stage->emitOpError("has an empty body");
  size_t rank = stage.getIndexSpace().size();
  if (body->getNumArguments() != rank)
    return stage->emitOpError("has a body with ")
           << counted(body->getNumArguments(), "argument")
           << ", expected one for each of " << counted(rank, "extent");
  for (BlockArgument index : body->getArguments())
    if (!index.getType().isIndex())
      return stage->emitOpError("has a body argument of type ")
             << index.getType() << ", expected index";
  return success();
}

/// Checks what holds for the buffers of every kind of stage: whole buffers of
/// the program, each named once, none written that must not be.
static LogicalResult verifyStageBuffers(StageLikeOpInterface stage) {
  auto program = stage->getParentOfType<ProgramOp>();
  if (!program)
    return success();
  llvm::SmallDenseSet<Value> seen;
  auto check = [&](Value buffer, bool isWritten) -> LogicalResult {
    if (!seen.insert(buffer).second)
      return stage->emitOpError("names a buffer twice among reads, writes and "
                                "updates, expected once");
    if (isa_and_nonnull<IntermediateOp>(buffer.getDefiningOp()))
      return success();
    if (auto constant = buffer.getDefiningOp<vyre::ConstantOp>()) {
      if (!isWritten)
        return success();
      InFlightDiagnostic diag = stage->emitOpError("writes a constant");
      diag.attachNote(constant.getLoc()) << "the constant is here";
      return diag;
    }
    auto argument = dyn_cast<BlockArgument>(buffer);
    if (!argument || argument.getOwner()->getParentOp() != program)
      return stage->emitOpError(
          "names memory that is no binding, intermediate or constant of the "
          "program");
    BindingAttr binding = program.getBinding(argument.getArgNumber());
    if (!binding)
      return success(); // The program reports it.
    if (binding.getRole() == Role::Shared)
      return stage->emitOpError("names the shared binding of argument ")
             << argument.getArgNumber()
             << " among its buffers, expected it in 'shared'";
    if (isWritten && binding.getRole() == Role::Input) {
      InFlightDiagnostic diag = stage->emitOpError("writes argument ")
                                << argument.getArgNumber()
                                << ", which has role input";
      diag.attachNote() << "fix: give its binding role input_output";
      return diag;
    }
    return success();
  };
  for (Value buffer : stage.getReadBuffers())
    if (failed(check(buffer, /*isWritten=*/false)))
      return failure();
  for (OperandRange range :
       {stage.getWrittenBuffers(), stage.getUpdatedBuffers()})
    for (Value buffer : range)
      if (failed(check(buffer, /*isWritten=*/true)))
        return failure();
  return success();
}

LogicalResult vyre::detail::verifyStageLike(Operation *op) {
  auto stage = cast<StageLikeOpInterface>(op);
  if (failed(verifyIndices(stage)))
    return failure();
  return verifyStageBuffers(stage);
}

//===----------------------------------------------------------------------===//
// StageOp
//===----------------------------------------------------------------------===//

void StageOp::build(
    OpBuilder &builder, OperationState &state, StringRef name,
    ValueRange extents, ValueRange reads, ValueRange writes, ValueRange updates,
    function_ref<void(OpBuilder &, Location, ValueRange)> buildBody) {
  OpBuilder::InsertionGuard guard(builder);
  state.addOperands(extents);
  state.addOperands(reads);
  state.addOperands(writes);
  state.addOperands(updates);
  auto &properties = state.getOrAddProperties<Properties>();
  properties.stage_name = builder.getStringAttr(name);
  properties.operandSegmentSizes = {
      int32_t(extents.size()), int32_t(reads.size()), int32_t(writes.size()),
      int32_t(updates.size())};
  Region *body = state.addRegion();
  SmallVector<Type> types(extents.size(), builder.getIndexType());
  SmallVector<Location> locations(extents.size(), state.location);
  Block *block = builder.createBlock(body, {}, types, locations);
  if (!buildBody)
    return;
  buildBody(builder, state.location, block->getArguments());
  ensureTerminator(*body, builder, state.location);
}

OperandRange StageOp::getIndexSpace() { return getExtents(); }
OperandRange StageOp::getReadBuffers() { return getReads(); }
OperandRange StageOp::getWrittenBuffers() { return getWrites(); }
OperandRange StageOp::getUpdatedBuffers() { return getUpdates(); }
uint64_t StageOp::getScratchByteCount() {
  return getScratchBytes().value_or(0);
}
bool StageOp::isHostBoundary() { return getHostBoundary(); }
Region *StageOp::getStageBody() { return &getBody(); }

void StageOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  detail::appendStageEffects(*this, effects);
}

/// `name(%a, %b : type, type)`, absent where there are none.
static ParseResult
parseBuffers(OpAsmParser &parser, StringRef keyword,
             SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
             SmallVectorImpl<Type> &types) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  return failure(parser.parseLParen() || parser.parseOperandList(operands) ||
                 parser.parseColonTypeList(types) || parser.parseRParen());
}

ParseResult StageOp::parse(OpAsmParser &parser, OperationState &result) {
  auto &properties = result.getOrAddProperties<Properties>();
  SmallVector<OpAsmParser::Argument> indices;
  SmallVector<OpAsmParser::UnresolvedOperand> extents;
  Builder &builder = parser.getBuilder();
  if (parser.parseSymbolName(properties.stage_name) ||
      parser.parseArgumentList(indices, OpAsmParser::Delimiter::Paren) ||
      parser.parseKeyword("in"))
    return failure();
  SMLoc extentsLoc = parser.getCurrentLocation();
  if (parser.parseOperandList(extents, OpAsmParser::Delimiter::Paren) ||
      parser.resolveOperands(extents, builder.getIndexType(), result.operands))
    return failure();
  if (indices.size() != extents.size())
    return parser.emitError(extentsLoc)
           << "has " << counted(extents.size(), "extent") << " for "
           << counted(indices.size(), "index", "indices");
  std::array<int32_t, 4> segments = {int32_t(extents.size()), 0, 0, 0};
  constexpr StringLiteral keywords[] = {"reads", "writes", "updates"};
  for (auto [position, keyword] : llvm::enumerate(keywords)) {
    SmallVector<OpAsmParser::UnresolvedOperand> buffers;
    SmallVector<Type> types;
    SMLoc location = parser.getCurrentLocation();
    if (parseBuffers(parser, keyword, buffers, types) ||
        parser.resolveOperands(buffers, types, location, result.operands))
      return failure();
    segments[position + 1] = buffers.size();
  }
  properties.operandSegmentSizes = segments;
  if (succeeded(parser.parseOptionalKeyword("host_boundary")))
    properties.host_boundary = builder.getUnitAttr();
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  for (OpAsmParser::Argument &index : indices)
    index.type = builder.getIndexType();
  Region *body = result.addRegion();
  if (parser.parseRegion(*body, indices))
    return failure();
  ensureTerminator(*body, builder, result.location);
  return success();
}

void StageOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printer.printSymbolName(getStageName());
  printer << " (";
  llvm::interleaveComma(getIndices(), printer, [&](BlockArgument index) {
    printer.printRegionArgument(index, {}, /*omitType=*/true);
  });
  printer << ") in (" << getExtents() << ")";
  auto printBuffers = [&](StringRef keyword, OperandRange buffers) {
    if (!buffers.empty())
      printer << " " << keyword << "(" << buffers << " : " << buffers.getTypes()
              << ")";
  };
  printBuffers("reads", getReads());
  printBuffers("writes", getWrites());
  printBuffers("updates", getUpdates());
  if (getHostBoundary())
    printer << " host_boundary";
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(), {getStageNameAttrName(), getHostBoundaryAttrName(),
                            getOperandSegmentSizesAttrName()});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false,
                      /*printBlockTerminators=*/false);
}

LogicalResult StageOp::verifyRegions() {
  SmallVector<BufferAccess> accesses;
  if (auto unknown = collectBufferAccesses(getBody(), accesses)) {
    InFlightDiagnostic diag = emitOpError("has a body with unknown accesses");
    diag.attachNote(unknown->op->getLoc())
        << "'" << unknown->op->getName() << "' " << unknown->reason;
    return diag;
  }
  llvm::SmallDenseSet<Value> readable, writable;
  readable.insert(getReads().begin(), getReads().end());
  readable.insert(getUpdates().begin(), getUpdates().end());
  writable.insert(getWrites().begin(), getWrites().end());
  writable.insert(getUpdates().begin(), getUpdates().end());
  for (const BufferAccess &access : accesses) {
    Operation *owner = access.buffer.getDefiningOp();
    // What one point writes there, others would see.
    if (isa_and_nonnull<memref::GetGlobalOp>(owner)) {
      InFlightDiagnostic diag = emitOpError("has a body that touches a global, "
                                            "expected buffers of the program");
      diag.attachNote(access.op->getLoc()) << "the access is here";
      diag.attachNote() << "fix: make it a vyre.constant, or a binding";
      return diag;
    }
    bool isOwnMemory = owner && (*this)->isProperAncestor(owner);
    bool isDeclared = (!access.reads || readable.contains(access.buffer)) &&
                      (!access.writes || writable.contains(access.buffer));
    if (isOwnMemory || isDeclared)
      continue;
    bool isMissingWrite = access.writes && !writable.contains(access.buffer);
    InFlightDiagnostic diag = emitOpError("has a body that ")
                              << (isMissingWrite ? "writes" : "reads")
                              << " a buffer that it does not declare so";
    diag.attachNote(access.op->getLoc()) << "the access is here";
    diag.attachNote() << "fix: name the buffer in '"
                      << (access.reads || !isMissingWrite ? "reads" : "writes")
                      << "', or in 'updates' where it is read and written";
    return diag;
  }
  return success();
}

namespace {

/// Makes the declared accesses what the body does: drops what it no longer
/// touches, and turns `updates` into `reads` or `writes` where one half is
/// gone.
struct TightenAccesses : OpRewritePattern<StageOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(StageOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<BufferAccess> accesses;
    if (collectBufferAccesses(op.getBody(), accesses))
      return rewriter.notifyMatchFailure(op, "accesses are not known");
    llvm::SmallDenseSet<Value> read, written;
    for (const BufferAccess &access : accesses) {
      if (access.reads)
        read.insert(access.buffer);
      if (access.writes)
        written.insert(access.buffer);
    }
    SmallVector<Value> reads, writes, updates;
    for (OperandRange range : {op.getReads(), op.getWrites(), op.getUpdates()})
      for (Value buffer : range) {
        bool isRead = read.contains(buffer),
             isWritten = written.contains(buffer);
        if (isRead && isWritten)
          updates.push_back(buffer);
        else if (isRead)
          reads.push_back(buffer);
        else if (isWritten)
          writes.push_back(buffer);
      }
    if (reads.size() == op.getReads().size() &&
        writes.size() == op.getWrites().size() &&
        updates.size() == op.getUpdates().size())
      return rewriter.notifyMatchFailure(op, "accesses are exact");
    rewriter.modifyOpInPlace(op, [&] {
      op.getReadsMutable().assign(reads);
      op.getWritesMutable().assign(writes);
      op.getUpdatesMutable().assign(updates);
    });
    return success();
  }
};

/// A stage that writes nothing does nothing.
struct EraseStageWithoutWrites : OpRewritePattern<StageOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(StageOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getWrites().empty() || !op.getUpdates().empty())
      return rewriter.notifyMatchFailure(op, "it writes");
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void StageOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<TightenAccesses, EraseStageWithoutWrites>(context);
}

//===----------------------------------------------------------------------===//
// OpaqueStageOp
//===----------------------------------------------------------------------===//

OperandRange OpaqueStageOp::getIndexSpace() {
  return getOperation()->getOperands().take_front(0);
}
OperandRange OpaqueStageOp::getReadBuffers() { return getReads(); }
OperandRange OpaqueStageOp::getWrittenBuffers() { return getWrites(); }
OperandRange OpaqueStageOp::getUpdatedBuffers() { return getUpdates(); }
uint64_t OpaqueStageOp::getScratchByteCount() {
  return getScratchBytes().value_or(0);
}
bool OpaqueStageOp::isHostBoundary() { return getHostBoundary(); }
Region *OpaqueStageOp::getStageBody() { return nullptr; }

void OpaqueStageOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  detail::appendStageEffects(*this, effects);
}

/// `(x, y, z)`.
static ParseResult parseExtents(OpAsmParser &parser,
                                DenseI32ArrayAttr &extents) {
  SmallVector<int32_t> values;
  auto parseOne = [&] { return parser.parseInteger(values.emplace_back()); };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, parseOne))
    return failure();
  extents = parser.getBuilder().getDenseI32ArrayAttr(values);
  return success();
}
static void printExtents(OpAsmPrinter &printer, Operation *,
                         DenseI32ArrayAttr extents) {
  printer << "(";
  llvm::interleaveComma(extents.asArrayRef(), printer);
  printer << ")";
}
static ParseResult parseOptionalExtents(OpAsmParser &parser,
                                        DenseI32ArrayAttr &extents) {
  return parseExtents(parser, extents);
}
static void printOptionalExtents(OpAsmPrinter &printer, Operation *op,
                                 DenseI32ArrayAttr extents) {
  printExtents(printer, op, extents);
}

LogicalResult OpaqueStageOp::verify() {
  if (getGrid().size() != 3)
    return emitOpError("has ")
           << counted(getGrid().size(), "grid extent") << ", expected 3";
  auto checkExtents = [&](StringRef what, ArrayRef<int32_t> extents,
                          int64_t limit) -> LogicalResult {
    if (extents.size() != 3)
      return emitOpError("has ")
             << counted(extents.size(), (what + " extent").str())
             << ", expected 3";
    int64_t product = 1;
    for (int32_t extent : extents)
      if (extent < 1 || (product *= extent) > limit)
        return emitOpError("has the ")
               << what << " " << extents << ", expected positive extents with "
               << "a product of at most " << limit;
    return success();
  };
  if (failed(checkExtents("block", getBlock(), 1024)))
    return failure();
  if (getCluster() && failed(checkExtents("cluster", *getCluster(), 16)))
    return failure();
  auto program = (*this)->getParentOfType<ProgramOp>();
  for (Value buffer : getShared()) {
    auto argument = dyn_cast<BlockArgument>(buffer);
    BindingAttr binding =
        argument ? program.getBinding(argument.getArgNumber()) : BindingAttr();
    if (!binding || binding.getRole() != Role::Shared)
      return emitOpError("names memory in 'shared' that is no binding with "
                         "role shared");
  }
  return success();
}

LogicalResult OpaqueStageOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel =
      symbols.lookupNearestSymbolFrom<FunctionOpInterface>(*this, getKernel());
  if (!kernel)
    return emitOpError("names the kernel ")
           << getKernel() << ", which is no function";
  unsigned expected = getReads().size() + getWrites().size() +
                      getUpdates().size() + getParams().size();
  if (kernel.getNumArguments() != expected)
    return emitOpError("passes ")
           << counted(expected, "argument") << " to " << getKernel()
           << ", which takes " << kernel.getNumArguments();
  return success();
}

//===----------------------------------------------------------------------===//
// LaunchOp
//===----------------------------------------------------------------------===//

LogicalResult LaunchOp::verifyRegions() {
  Block &body = getBody().front();
  unsigned stages = 0;
  StringRef lonely;
  for (Operation &op : body) {
    if (!isa<StageLikeOpInterface>(op)) {
      InFlightDiagnostic diag = emitOpError("holds something else than stages");
      diag.attachNote(op.getLoc()) << "'" << op.getName() << "' is here";
      return diag;
    }
    ++stages;
    if (isa<OpaqueStageOp>(op))
      lonely = "an opaque";
    else if (isa<CallStageOp>(op))
      lonely = "a call";
  }
  if (stages == 0)
    return emitOpError("holds no stage");
  if (!lonely.empty() && stages != 1)
    return emitOpError("holds ")
           << lonely << " stage and " << counted(stages - 1, "other")
           << ", expected it alone";
  return success();
}

#define GET_OP_CLASSES
#include "vyre/Dialect/Vyre/IR/VyreOps.cpp.inc"

#include "vyre/Dialect/Vyre/IR/VyreInterfaces.cpp.inc"
