//===- AddPersistentEntries.cpp - Kernels that wait for dispatches --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Beside each kernel of a marked module, an entry that stays on the device:
//
//   llvm.func @f(%x: !llvm.ptr, %n: i64) attributes {nvvm.kernel} { ... }
//   // gains
//   llvm.func internal @f$persistent_body(%x: !llvm.ptr, %n: i64) { ... }
//   llvm.func @f$persistent(%control: !llvm.ptr, %number: i64)
//       attributes {nvvm.kernel} {
//     while the first thread finds a dispatch in time:
//       tell the others; read the values where they changed
//       copy what goes up; llvm.call @f$persistent_body(...); copy what comes
//       down store that it is done
//     store that it has left
//   }
//
// Where blocks of the kernel have nothing in common (no barrier, no workgroup
// memory), and a body is small, the entry's block is a multiple of the
// kernel's: its threads are those of several blocks, which then need not wait
// for each other's accesses.
//
// The protocol is that of PersistentControl.h. The body is a function, so that
// nothing that holds of a kernel's parameters holds of its own: the host writes
// buffers between two dispatches, and a load that the GPU may keep
// (ld.global.nc) would find what was there before.
//
//===----------------------------------------------------------------------===//

#include "vyre/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Builders.h"
#include "vyre/Target/PersistentControl.h"

#define DEBUG_TYPE "vyre-add-persistent-entries"

namespace vyre {
#define GEN_PASS_DEF_ADDPERSISTENTENTRIES
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// Workgroup memory, of an address space of its own.
static constexpr unsigned kSharedSpace = 3;

/// The most threads of a block, which leave 64 registers to each; a larger body
/// may want more of them.
static constexpr int32_t kMaxThreads = 1024;
static constexpr int64_t kMaxOperations = 150;
static constexpr int32_t kWarpSize = 32;

namespace {

class EntryBuilder {
public:
  explicit EntryBuilder(LLVM::LLVMFuncOp kernel)
      : kernel(kernel), loc(kernel.getLoc()), builder(kernel),
        i32(builder.getI32Type()), i64(builder.getI64Type()),
        pointer(LLVM::LLVMPointerType::get(builder.getContext())),
        shared(LLVM::LLVMPointerType::get(builder.getContext(), kSharedSpace)),
        valueCount(kernel.getNumArguments() + artifact::kPersistentTransfers) {}

  void build();

private:
  LLVM::LLVMFuncOp cloneBody();
  bool areBlocksIndependent();
  void joinBlocks(LLVM::LLVMFuncOp body);
  LLVM::GlobalOp createShared();
  void buildWait();
  void buildReading();
  void buildCopy(int32_t firstValue);
  void buildRun(LLVM::LLVMFuncOp body);
  void buildLeave();

  Block *addBlock(TypeRange arguments = {}) {
    return builder.createBlock(&entry.getBody(), entry.getBody().end(),
                               arguments,
                               SmallVector<Location>(arguments.size(), loc));
  }
  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type,
                                    builder.getIntegerAttr(type, value));
  }
  Value compare(LLVM::ICmpPredicate predicate, Value left, Value right) {
    return LLVM::ICmpOp::create(builder, loc, predicate, left, right);
  }
  Value readTimer() { return NVVM::GlobalTimerOp::create(builder, loc, i64); }
  void branch(Block *to, ValueRange arguments = {}) {
    LLVM::BrOp::create(builder, loc, arguments, to);
  }
  void branchIf(Value condition, Block *then, ValueRange thenArguments,
                Block *otherwise, ValueRange otherwiseArguments = {}) {
    LLVM::CondBrOp::create(builder, loc, condition, then, thenArguments,
                           otherwise, otherwiseArguments);
  }
  Value add(Value left, Value right) {
    return LLVM::AddOp::create(builder, loc, left, right);
  }
  /// `bytes` into the control block, at element `index` of 8 bytes.
  Value controlAt(uint32_t bytes, Value index = Value()) {
    Value at = LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(),
                                   entry.getArgument(0),
                                   ArrayRef<LLVM::GEPArg>{int32_t(bytes)});
    if (!index)
      return at;
    return LLVM::GEPOp::create(builder, loc, pointer, i64, at,
                               ArrayRef<LLVM::GEPArg>{index});
  }
  /// Element `index` of workgroup memory: the values, then the doorbell.
  Value sharedAt(LLVM::GEPArg index) {
    return LLVM::GEPOp::create(builder, loc, shared, i64, sharedBase,
                               ArrayRef<LLVM::GEPArg>{index});
  }
  /// What the host writes, or another launch of this entry.
  Value loadOrdered(Type type, Value from, LLVM::AtomicOrdering ordering) {
    return LLVM::LoadOp::create(
        builder, loc, type, from, type.getIntOrFloatBitWidth() / 8,
        /*isVolatile=*/false, /*isNonTemporal=*/false, /*isInvariant=*/false,
        /*isInvariantGroup=*/false, ordering);
  }
  void publish(Value value, Value to) {
    LLVM::StoreOp::create(builder, loc, value, to, sizeof(uint32_t),
                          /*isVolatile=*/false, /*isNonTemporal=*/false,
                          /*isInvariantGroup=*/false,
                          LLVM::AtomicOrdering::release);
  }
  void barrier() { NVVM::Barrier0Op::create(builder, loc); }

  LLVM::LLVMFuncOp kernel, entry;
  Location loc;
  OpBuilder builder;
  Type i32, i64;
  LLVM::LLVMPointerType pointer, shared;
  LLVM::GlobalOp memory;

  // Of the whole entry.
  int32_t valueCount;
  Value thread, threads, isFirst, done, idle, sharedBase;
  /// The block that waits, with the number of the last dispatch, the version of
  /// the parameters, and when the last dispatch ended.
  Block *wait = nullptr;
  Value last, held, since;
  /// After the wait: what the first thread found.
  Block *run = nullptr, *leave = nullptr;
  Value number, version;
};

} // namespace

/// The kernel as a function, of whose pointers only the alignment is known.
LLVM::LLVMFuncOp EntryBuilder::cloneBody() {
  auto body = cast<LLVM::LLVMFuncOp>(builder.clone(*kernel));
  body.setSymName(
      (kernel.getSymName() + artifact::kPersistentSuffix + "_body").str());
  body.setLinkage(LLVM::Linkage::Internal);
  body.setAlwaysInline(true);
  for (NamedAttribute attribute : llvm::to_vector(body->getDiscardableAttrs()))
    body->removeDiscardableAttr(attribute.getName());
  StringRef alignment = LLVM::LLVMDialect::getAlignAttrName();
  for (unsigned i = 0, e = body.getNumArguments(); i != e; ++i) {
    NamedAttrList kept;
    if (Attribute value = body.getArgAttr(i, alignment))
      kept.append(alignment, value);
    body.setArgAttrs(i, kept.getDictionary(body.getContext()));
  }
  return body;
}

/// Whether a thread of the kernel has nothing to do with others of its block.
bool EntryBuilder::areBlocksIndependent() {
  int64_t operations = 0;
  WalkResult walked = kernel.walk([&](Operation *op) {
    if (++operations > kMaxOperations ||
        isa<LLVM::InlineAsmOp, LLVM::CallIntrinsicOp>(op))
      return WalkResult::interrupt();
    // A function that others made, of libdevice, is one of numbers.
    if (auto call = dyn_cast<LLVM::CallOp>(op)) {
      auto callee = SymbolTable::lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(
          call, call.getCalleeAttr());
      return callee && callee.isExternal() ? WalkResult::advance()
                                           : WalkResult::interrupt();
    }
    if (auto address = dyn_cast<LLVM::AddressOfOp>(op))
      return address.getType().getAddressSpace() == kSharedSpace
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    bool isOfNvidia = isa_and_nonnull<NVVM::NVVMDialect>(op->getDialect());
    bool isPlace =
        isa<NVVM::ThreadIdXOp, NVVM::ThreadIdYOp, NVVM::ThreadIdZOp,
            NVVM::BlockIdXOp, NVVM::BlockIdYOp, NVVM::BlockIdZOp,
            NVVM::BlockDimXOp, NVVM::BlockDimYOp, NVVM::BlockDimZOp,
            NVVM::GridDimXOp, NVVM::GridDimYOp, NVVM::GridDimZOp>(op);
    return isOfNvidia && !isPlace ? WalkResult::interrupt()
                                  : WalkResult::advance();
  });
  return !walked.wasInterrupted();
}

/// Makes the threads of a block those of as many blocks of the kernel as it has
/// room for.
void EntryBuilder::joinBlocks(LLVM::LLVMFuncOp body) {
  StringRef maxName = NVVM::NVVMDialect::getMaxntidAttrName();
  auto shape = kernel->getAttrOfType<DenseI32ArrayAttr>(maxName);
  // How many blocks a processor is to hold is said of the kernel's blocks; one
  // of any size it has to hold anyway.
  auto held = kernel->getAttrOfType<IntegerAttr>(
      NVVM::NVVMDialect::getMinctasmAttrName());
  if (!shape || shape.size() != 3 || shape[1] != 1 || shape[2] != 1 ||
      (held && held.getInt() > 1))
    return;
  int32_t size = shape[0], blocks = size > 0 ? kMaxThreads / size : 0;
  if (blocks < 2 || size % kWarpSize != 0 || !areBlocksIndependent())
    return;
  entry->setAttr(maxName, builder.getDenseI32ArrayAttr({blocks * size, 1, 1}));
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Operation *> places;
  body.walk([&](Operation *op) {
    if (isa<NVVM::ThreadIdXOp, NVVM::BlockIdXOp, NVVM::BlockDimXOp,
            NVVM::GridDimXOp>(op))
      places.push_back(op);
  });
  for (Operation *op : places) {
    builder.setInsertionPoint(op);
    Value place;
    if (isa<NVVM::BlockDimXOp>(op)) {
      place = constant(i32, size);
    } else if (isa<NVVM::GridDimXOp>(op)) {
      place = constant(i32, blocks);
    } else {
      Value real = NVVM::ThreadIdXOp::create(builder, loc, i32);
      Value divisor = constant(i32, size);
      place =
          isa<NVVM::ThreadIdXOp>(op)
              ? LLVM::URemOp::create(builder, loc, real, divisor).getResult()
              : LLVM::UDivOp::create(builder, loc, real, divisor).getResult();
    }
    op->getResult(0).replaceAllUsesWith(place);
    op->erase();
  }
}

LLVM::GlobalOp EntryBuilder::createShared() {
  auto type = LLVM::LLVMArrayType::get(i64, valueCount + 1);
  return LLVM::GlobalOp::create(
      builder, loc, type, /*isConstant=*/false, LLVM::Linkage::Internal,
      (kernel.getSymName() + artifact::kPersistentSuffix + "_values").str(),
      Attribute(), /*alignment=*/8, kSharedSpace);
}

/// The first thread polls until there is a dispatch, or it is time to leave;
/// then all know.
void EntryBuilder::buildWait() {
  using Predicate = LLVM::ICmpPredicate;
  Block *poll = addBlock(), *tick = addBlock(), *tell = addBlock({i64}),
        *join = addBlock();
  builder.setInsertionPointToEnd(wait);
  branchIf(isFirst, poll, {}, join);

  builder.setInsertionPointToEnd(poll);
  Value word = loadOrdered(i64, controlAt(0), LLVM::AtomicOrdering::acquire);
  Value found = LLVM::TruncOp::create(builder, loc, i32, word);
  Value isNew = compare(Predicate::ne, found, last);
  Value mustLeave = compare(Predicate::slt, word, constant(i64, 0));
  branchIf(LLVM::OrOp::create(builder, loc, isNew, mustLeave), tell, word,
           tick);

  builder.setInsertionPointToEnd(tick);
  Value waited = LLVM::SubOp::create(builder, loc, readTimer(), since);
  branchIf(compare(Predicate::ugt, waited, idle), tell, word, poll);

  builder.setInsertionPointToEnd(tell);
  LLVM::StoreOp::create(builder, loc, tell->getArgument(0),
                        sharedAt(valueCount));
  branch(join);

  builder.setInsertionPointToEnd(join);
  barrier();
  Value told = LLVM::LoadOp::create(builder, loc, i64, sharedAt(valueCount));
  number = LLVM::TruncOp::create(builder, loc, i32, told);
  Value high = LLVM::TruncOp::create(
      builder, loc, i32,
      LLVM::LShrOp::create(builder, loc, told, constant(i64, 32)));
  version = LLVM::AndOp::create(builder, loc, high, constant(i32, INT32_MAX));
  Block *begin = addBlock();
  leave = addBlock();
  builder.setInsertionPointToEnd(join);
  branchIf(compare(Predicate::eq, number, last), leave, {}, begin);
  builder.setInsertionPointToEnd(begin);
}

/// All threads read the values into workgroup memory, unless they are there.
void EntryBuilder::buildReading() {
  using Predicate = LLVM::ICmpPredicate;
  Block *begin = builder.getInsertionBlock();
  Block *head = addBlock({i32}), *read = addBlock(), *end = addBlock();
  run = addBlock();
  builder.setInsertionPointToEnd(begin);
  branchIf(compare(Predicate::eq, version, held), run, {}, head, thread);

  builder.setInsertionPointToEnd(head);
  Value index = head->getArgument(0);
  branchIf(compare(Predicate::ult, index, constant(i32, valueCount)), read, {},
           end);

  builder.setInsertionPointToEnd(read);
  Value value = loadOrdered(i64, controlAt(artifact::kPersistentValues, index),
                            LLVM::AtomicOrdering::monotonic);
  LLVM::StoreOp::create(builder, loc, value, sharedAt(index));
  branch(head, add(index, threads));

  builder.setInsertionPointToEnd(end);
  barrier();
  branch(run);
}

/// Copies as the three values from `firstValue` on say, all threads together.
/// Each has four words on their way at once, since host memory is far, and none
/// twice, since the bus is narrow.
void EntryBuilder::buildCopy(int32_t firstValue) {
  constexpr int64_t kInFlight = 4;
  using Predicate = LLVM::ICmpPredicate;
  auto word = VectorType::get(4, i32);
  auto load = [&](int32_t index) -> Value {
    return LLVM::LoadOp::create(builder, loc, i64, sharedAt(index));
  };
  Value from =
      LLVM::IntToPtrOp::create(builder, loc, pointer, load(firstValue));
  Value to =
      LLVM::IntToPtrOp::create(builder, loc, pointer, load(firstValue + 1));
  Value words = LLVM::TruncOp::create(builder, loc, i32, load(firstValue + 2));
  Block *begin = builder.getInsertionBlock();
  Block *head = addBlock({i32}), *copy = addBlock(), *end = addBlock();
  builder.setInsertionPointToEnd(begin);
  branch(head, thread);

  builder.setInsertionPointToEnd(head);
  Value index = head->getArgument(0);
  branchIf(compare(Predicate::ult, index, words), copy, {}, end);

  // All loads come before the first store, which waits for them.
  builder.setInsertionPointToEnd(copy);
  auto placeIn = [&](Value base, Value place) -> Value {
    return LLVM::GEPOp::create(builder, loc, pointer, word, base,
                               ArrayRef<LLVM::GEPArg>{place});
  };
  SmallVector<Value> places, isThere, loaded;
  for (int64_t i = 0; i < kInFlight; ++i) {
    places.push_back(index);
    isThere.push_back(compare(Predicate::ult, index, words));
    index = add(index, threads);
  }
  Value nothing = LLVM::ZeroOp::create(builder, loc, word);
  for (auto [place, condition] : llvm::zip_equal(places, isThere)) {
    Block *before = builder.getInsertionBlock();
    Block *read = addBlock(), *next = addBlock({word});
    builder.setInsertionPointToEnd(before);
    branchIf(condition, read, {}, next, nothing);
    builder.setInsertionPointToEnd(read);
    branch(next, LLVM::LoadOp::create(builder, loc, word, placeIn(from, place),
                                      /*alignment=*/16)
                     .getResult());
    builder.setInsertionPointToEnd(next);
    loaded.push_back(next->getArgument(0));
  }
  for (auto [place, condition, value] :
       llvm::zip_equal(places, isThere, loaded)) {
    Block *before = builder.getInsertionBlock();
    Block *write = addBlock(), *next = addBlock();
    builder.setInsertionPointToEnd(before);
    branchIf(condition, write, {}, next);
    builder.setInsertionPointToEnd(write);
    LLVM::StoreOp::create(builder, loc, value, placeIn(to, place),
                          /*alignment=*/16);
    branch(next);
    builder.setInsertionPointToEnd(next);
  }
  branch(head, index);

  end->moveBefore(&entry.getBody(), entry.getBody().end());
  builder.setInsertionPointToEnd(end);
  barrier();
}

void EntryBuilder::buildRun(LLVM::LLVMFuncOp body) {
  builder.setInsertionPointToEnd(run);
  buildCopy(/*firstValue=*/0);
  SmallVector<Value> arguments;
  for (auto [index, type] : llvm::enumerate(kernel.getArgumentTypes())) {
    int32_t place = int32_t(index) + artifact::kPersistentTransfers;
    Value value = LLVM::LoadOp::create(builder, loc, i64, sharedAt(place));
    if (isa<LLVM::LLVMPointerType>(type))
      value = LLVM::IntToPtrOp::create(builder, loc, type, value);
    arguments.push_back(value);
  }
  LLVM::CallOp::create(builder, loc, body, arguments);
  barrier();
  buildCopy(/*firstValue=*/3);
  Block *end = builder.getInsertionBlock();
  Block *tell = addBlock(), *next = addBlock();
  builder.setInsertionPointToEnd(end);
  branchIf(isFirst, tell, {}, next);

  builder.setInsertionPointToEnd(tell);
  publish(number, done);
  branch(next);

  builder.setInsertionPointToEnd(next);
  branch(wait, ValueRange{number, version, readTimer()});
}

void EntryBuilder::buildLeave() {
  Block *tell = addBlock(), *end = addBlock();
  builder.setInsertionPointToEnd(leave);
  branchIf(isFirst, tell, {}, end);
  builder.setInsertionPointToEnd(tell);
  Value launch = LLVM::TruncOp::create(builder, loc, i32, entry.getArgument(1));
  publish(launch, controlAt(artifact::kPersistentLeft));
  branch(end);
  builder.setInsertionPointToEnd(end);
  LLVM::ReturnOp::create(builder, loc, ValueRange());
}

void EntryBuilder::build() {
  builder.setInsertionPointAfter(kernel);
  memory = createShared();
  LLVM::LLVMFuncOp body = cloneBody();
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(builder.getContext()), {pointer, i64});
  entry = LLVM::LLVMFuncOp::create(
      builder, loc, (kernel.getSymName() + artifact::kPersistentSuffix).str(),
      type);
  // What a kernel is, and how large its blocks are.
  entry->setDiscardableAttrs(llvm::to_vector(kernel->getDiscardableAttrs()));
  joinBlocks(body);

  addBlock({pointer, i64});
  Block *first = &entry.getBody().front();
  builder.setInsertionPointToEnd(first);
  sharedBase =
      LLVM::AddressOfOp::create(builder, loc, shared, memory.getSymName());
  thread = NVVM::ThreadIdXOp::create(builder, loc, i32);
  isFirst = compare(LLVM::ICmpPredicate::eq, thread, constant(i32, 0));
  threads = NVVM::BlockDimXOp::create(builder, loc, i32);
  done = controlAt(artifact::kPersistentDone);
  Value lastDone = loadOrdered(i32, done, LLVM::AtomicOrdering::monotonic);
  idle = loadOrdered(i64, controlAt(artifact::kPersistentIdle),
                     LLVM::AtomicOrdering::monotonic);
  Value begin = readTimer();
  Value none = constant(i32, 0);
  wait = addBlock({i32, i32, i64});
  last = wait->getArgument(0);
  held = wait->getArgument(1);
  since = wait->getArgument(2);
  builder.setInsertionPointToEnd(first);
  branch(wait, ValueRange{lastDone, none, begin});

  buildWait();
  buildReading();
  buildRun(body);
  buildLeave();
}

namespace {

struct AddPersistentEntries
    : vyre::impl::AddPersistentEntriesBase<AddPersistentEntries> {
  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    if (!module->hasAttr(kPersistentAttrName))
      return;
    for (auto kernel : llvm::to_vector(module.getOps<LLVM::LLVMFuncOp>())) {
      if (!kernel->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
        continue;
      if (failed(check(kernel)))
        return signalPassFailure();
      EntryBuilder(kernel).build();
    }
    // Once is enough.
    module->removeAttr(kPersistentAttrName);
  }

  static LogicalResult check(LLVM::LLVMFuncOp kernel) {
    if (kernel.getNumArguments() > artifact::kMaxPersistentValues)
      return kernel.emitError("takes ")
             << kernel.getNumArguments() << " parameters, expected at most "
             << artifact::kMaxPersistentValues << " of a persistent kernel";
    for (auto [index, type] : llvm::enumerate(kernel.getArgumentTypes()))
      if (!isa<LLVM::LLVMPointerType>(type) && !type.isInteger(64))
        return kernel.emitError("has parameter ")
               << index << " of type " << type
               << ", expected a pointer or an i64 of a persistent kernel";
    return success();
  }
};

} // namespace
