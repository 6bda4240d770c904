//===- CompactResults.cpp - Which results come back together --------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.return %s : memref<f32>, %y : memref<4096xf32>
//
//     ->  vyre.readback slab(%s : memref<f32>) direct(%y : memref<4096xf32>)
//         vyre.return %s : memref<f32>, %y : memref<4096xf32>
//
// The planner sees a result whose size only a dispatch or the device knows as
// if it were full: if that fits the slab, whatever it becomes does. If not, the
// result is `late`, and the runtime asks the planner again.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "vyre/Dialect/Vyre/IR/ElementTypes.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"
#include "vyre/Planning/ResultCompaction.h"

#define DEBUG_TYPE "vyre-compact-results"

namespace vyre {
#define GEN_PASS_DEF_COMPACTRESULTS
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

namespace {

/// When the meaningful bytes of a result are known.
enum class Known { Static, Dispatch, Device };

struct ResultSize {
  BlockArgument result;
  /// Its position in vyre.return.
  unsigned position = 0;
  Known known = Known::Static;
  planning::ResultSlot slot;
};

class CompactResults : public vyre::impl::CompactResultsBase<CompactResults> {
public:
  using CompactResultsBase::CompactResultsBase;

  void runOnOperation() override {
    ProgramOp program = getOperation();
    bool isPlanned = !program.getOps<ReadbackOp>().empty();
    if (isPlanned || program.getReturnOp().getResults().empty())
      return markAllAnalysesPreserved();
    if (failed(compact(program)))
      signalPassFailure();
  }

private:
  LogicalResult compact(ProgramOp program);
  LogicalResult readOptions(ProgramOp program,
                            planning::ResultCompactionOptions &options);
};

} // namespace

/// The bytes that a result takes at most and those that are meaningful, which
/// are the same where they are not known yet.
static FailureOr<ResultSize> measure(ReturnOp terminator, unsigned position) {
  auto program = terminator->getParentOfType<ProgramOp>();
  ResultSize size;
  size.result = cast<BlockArgument>(terminator.getResults()[position]);
  size.position = position;
  auto type = cast<MemRefType>(size.result.getType());
  BindingAttr binding = program.getBinding(size.result.getArgNumber());
  size.slot.slot = binding.getSlot();
  size.slot.capacityBytes = binding.getCapacity();
  uint64_t elementBytes = getElementByteCount(type.getElementType());
  if (type.hasStaticShape())
    size.slot.capacityBytes = elementBytes * type.getNumElements();
  else
    size.known = Known::Dispatch;
  size.slot.meaningfulBytes = size.slot.capacityBytes;

  Value count = terminator.getCountOf(position);
  if (!count)
    return size;
  APInt constant;
  if (!matchPattern(count, m_ConstantInt(&constant))) {
    size.known = count.getType().isIndex() ? Known::Dispatch : Known::Device;
    return size;
  }
  auto rowShape = type.getShape().drop_front();
  bool isRowKnown = !llvm::any_of(rowShape, ShapedType::isDynamic);
  int64_t rows = constant.getSExtValue();
  if (rows < 0)
    return terminator.emitOpError("result ")
           << position << " has the count " << rows
           << ", expected a number of rows";
  if (!isRowKnown)
    return size;
  uint64_t rowBytes = elementBytes;
  for (int64_t extent : rowShape)
    rowBytes *= extent;
  if (__builtin_mul_overflow(rowBytes, uint64_t(rows),
                             &size.slot.meaningfulBytes))
    size.slot.meaningfulBytes = UINT64_MAX;
  // A dynamic extent can still turn out smaller than the count: the dispatch
  // checks that.
  size.known = Known::Static;
  return size;
}

static remark::RemarkOpts makeRemark(StringRef name, ProgramOp program) {
  return remark::RemarkOpts::name(name)
      .category(DEBUG_TYPE)
      .function(program.getSymName());
}

static StringRef explain(const ResultSize &size, bool isRecord, bool isLate,
                         bool fitsRecord) {
  if (size.slot.meaningfulBytes == 0)
    return "it is empty";
  if (isRecord)
    return size.known == Known::Static
               ? "it fits a record"
               : "its capacity fits a record, whatever its size becomes";
  if (isLate)
    return size.known == Known::Device ? "only the device knows its size"
                                       : "only a dispatch knows its size";
  return fitsRecord ? "the slab would end beyond max-slab-bytes"
                    : "it is larger than max-compact-record-bytes";
}

LogicalResult
CompactResults::readOptions(ProgramOp program,
                            planning::ResultCompactionOptions &options) {
  constexpr uint64_t kMaxAlignment = 4096;
  auto emitError = [&] { return program.emitError("vyre-compact-results: "); };
  options.maxCompactRecordBytes = maxCompactRecordBytes;
  options.recordAlignment = recordAlignment;
  if (options.maxCompactRecordBytes > uint64_t(INT64_MAX))
    return emitError() << "max-compact-record-bytes is "
                       << options.maxCompactRecordBytes
                       << ", expected less than 2^63";
  if (options.recordAlignment == 0) {
    options.recordAlignment = 1;
    for (Value result : program.getReturnOp().getResults()) {
      auto argument = cast<BlockArgument>(result);
      auto type = cast<MemRefType>(argument.getType());
      uint64_t stated =
          program.getBinding(argument.getArgNumber()).getAlignment();
      options.recordAlignment =
          std::max({options.recordAlignment, stated,
                    getElementByteCount(type.getElementType())});
    }
  } else if (options.recordAlignment > kMaxAlignment ||
             !llvm::isPowerOf2_64(options.recordAlignment)) {
    return emitError() << "record-alignment is " << options.recordAlignment
                       << ", expected a power of two up to " << kMaxAlignment;
  }
  if (maxSlabBytes.empty())
    return success();
  uint64_t bytes;
  if (StringRef(maxSlabBytes).getAsInteger(10, bytes) ||
      bytes > uint64_t(INT64_MAX)) {
    InFlightDiagnostic diag =
        emitError() << "max-slab-bytes is '" << maxSlabBytes.getValue()
                    << "', expected a number of bytes below 2^63";
    diag.attachNote() << "fix: leave it out for no limit";
    return diag;
  }
  options.maxSlabBytes = bytes;
  return success();
}

/// The planner's errors in the words of the IR.
static LogicalResult report(ReturnOp terminator, ArrayRef<ResultSize> sizes,
                            const planning::ResultCompactionError &error) {
  if (auto *exceeds =
          std::get_if<planning::MeaningfulExceedsCapacity>(&error)) {
    for (const ResultSize &size : sizes)
      if (size.slot.slot == exceeds->slot) {
        InFlightDiagnostic diag =
            terminator.emitOpError("result ")
            << size.position << " has a count for which it needs "
            << exceeds->meaningfulBytes << " bytes, expected at most its "
            << exceeds->capacityBytes;
        diag.attachNote() << "fix: make the result larger, or the count "
                             "smaller";
        return diag;
      }
  }
  std::string message =
      std::visit([](const auto &known) { return known.message(); }, error);
  return terminator.emitOpError("has results that can't be planned: ")
         << message;
}

LogicalResult CompactResults::compact(ProgramOp program) {
  ReturnOp terminator = program.getReturnOp();
  planning::ResultCompactionOptions options;
  if (failed(readOptions(program, options)))
    return failure();
  std::vector<ResultSize> sizes;
  std::vector<planning::ResultSlot> slots;
  for (unsigned i = 0, e = terminator.getResults().size(); i != e; ++i) {
    FailureOr<ResultSize> size = measure(terminator, i);
    if (failed(size))
      return failure();
    sizes.push_back(*size);
    slots.push_back(size->slot);
  }
  auto planned =
      planning::planResultCompaction({slots.data(), slots.size()}, options);
  if (planned.failed())
    return report(terminator, sizes, planned.error());
  const planning::ResultCompactionPlan &plan = *planned;

  llvm::sort(sizes, [](const ResultSize &a, const ResultSize &b) {
    return a.slot.slot < b.slot.slot;
  });
  SmallVector<Value> slab, direct, late;
  SmallVector<int64_t> offsets;
  uint64_t directBytes = 0;
  auto record = plan.compactRecords.begin(),
       recordsEnd = plan.compactRecords.end();
  for (const ResultSize &size : sizes) {
    bool isRecord = record != recordsEnd && record->slot == size.slot.slot;
    // What is empty has no record and needs none.
    bool isEmpty = size.slot.meaningfulBytes == 0;
    bool isLate = !isRecord && !isEmpty && size.known != Known::Static;
    StringRef kind = isRecord || isEmpty ? "a record"
                     : isLate            ? "decided late"
                                         : "direct";
    if (isRecord || isEmpty) {
      slab.push_back(size.result);
      int64_t previous = offsets.empty() ? 0 : offsets.back();
      offsets.push_back(isRecord ? int64_t(record->compactOffset) : previous);
    } else if (isLate) {
      late.push_back(size.result);
    } else {
      direct.push_back(size.result);
      directBytes += size.slot.meaningfulBytes;
    }
    if (isRecord)
      ++record;
    remark::analysis(terminator.getLoc(), makeRemark("result", program))
        << remark::add("result {0} is {1}", size.position, kind)
        << remark::reason("{0}", explain(size, isRecord, isLate,
                                         size.slot.meaningfulBytes <=
                                             options.maxCompactRecordBytes))
        << remark::metric("Slot", size.slot.slot)
        << remark::metric("Bytes", size.slot.meaningfulBytes)
        << remark::metric("Capacity", size.slot.capacityBytes);
  }
  remark::passed(terminator.getLoc(), makeRemark("compacted", program))
      << remark::metric("Records", slab.size())
      << remark::metric("Direct", direct.size())
      << remark::metric("Late", late.size())
      << remark::metric("SlabBytes", plan.slabBytes)
      << remark::metric("FullBytes", plan.fullCapacityBytes)
      << remark::metric("SelectedBytes", plan.selectedReadbackBytes)
      << remark::metric("AvoidedBytes", plan.avoidedReadbackBytes)
      << remark::metric("AvoidedBasisPoints", plan.avoidedReadbackBasisPoints);

  OpBuilder builder(terminator);
  IntegerAttr maxSlab;
  if (options.maxSlabBytes)
    maxSlab = builder.getI64IntegerAttr(*options.maxSlabBytes);
  ReadbackOp::create(builder, terminator.getLoc(), slab, direct, late,
                     builder.getDenseI64ArrayAttr(offsets),
                     builder.getI64IntegerAttr(options.maxCompactRecordBytes),
                     builder.getI64IntegerAttr(options.recordAlignment),
                     maxSlab, builder.getI64IntegerAttr(plan.fullCapacityBytes),
                     builder.getI64IntegerAttr(plan.slabBytes),
                     builder.getI64IntegerAttr(directBytes));
  return success();
}
