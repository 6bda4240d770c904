//===- ShareKernels.cpp - Equal kernels once ------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   gpu.module @p_a { ... }
//   gpu.module @p_b { ... the same ... }
//   vyre.launch @a kernel @p_a::@p_a { ... }
//   vyre.launch @b kernel @p_b::@p_b { ... }
// ->
//   gpu.module @p_a { ... }
//   vyre.launch @a kernel @p_a::@p_a { ... }
//   vyre.launch @b kernel @p_a::@p_a { ... }
//
// and so for the CPU's functions. A kernel says nothing of what it is launched
// on, so kernels are equal where they are but for their names and locations.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"

#define DEBUG_TYPE "vyre-share-kernels"

namespace vyre {
#define GEN_PASS_DEF_SHAREKERNELS
#include "vyre/Conversion/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// An op's attributes, its properties included, but for its name as a symbol.
static DictionaryAttr getAttributes(Operation *op) {
  NamedAttrList attributes(op->getAttrDictionary());
  attributes.erase(SymbolTable::getSymbolAttrName());
  return attributes.getDictionary(op->getContext());
}

namespace {

/// The kernels of one kind seen so far, each once.
class KernelSet {
public:
  /// The first kernel that was equal to this one; often itself. `outer` is what
  /// holds it alone, or null.
  Operation *getFirst(Operation *kernel, Operation *outer) {
    Entry entry{kernel, getAttributes(kernel),
                outer ? getAttributes(outer) : DictionaryAttr()};
    SmallVector<Entry> &alike = entries[getHash(entry)];
    for (const Entry &other : alike)
      if (isEqual(entry, other))
        return other.kernel;
    alike.push_back(entry);
    return kernel;
  }

private:
  struct Entry {
    Operation *kernel;
    DictionaryAttr attributes, outerAttributes;
  };

  static llvm::hash_code getHash(const Entry &entry) {
    llvm::hash_code hash =
        llvm::hash_combine(entry.attributes, entry.outerAttributes);
    entry.kernel->getRegion(0).walk([&](Operation *op) {
      hash = llvm::hash_combine(hash, op->getName(), op->hashProperties(),
                                op->getNumOperands());
      for (Type type : op->getResultTypes())
        hash = llvm::hash_combine(hash, type);
    });
    return hash;
  }

  static bool isEqual(const Entry &one, const Entry &other) {
    return one.attributes == other.attributes &&
           one.outerAttributes == other.outerAttributes &&
           OperationEquivalence::isRegionEquivalentTo(
               &one.kernel->getRegion(0), &other.kernel->getRegion(0),
               OperationEquivalence::IgnoreLocations);
  }

  llvm::DenseMap<size_t, SmallVector<Entry>> entries;
};

struct ShareKernels : vyre::impl::ShareKernelsBase<ShareKernels> {
  void runOnOperation() override {
    SymbolTableCollection symbols;
    KernelSet kernels, functions;
    SmallVector<Operation *> unused;
    for (ProgramOp program : getOperation().getOps<ProgramOp>()) {
      for (LaunchOp launch : program.getBody().getOps<LaunchOp>()) {
        if (std::optional<SymbolRefAttr> name = launch.getKernel()) {
          auto kernel =
              symbols.lookupNearestSymbolFrom<gpu::GPUFuncOp>(program, *name);
          if (kernel && isAlone(kernel)) {
            Operation *outer = kernel->getParentOp();
            auto first = cast<gpu::GPUFuncOp>(kernels.getFirst(kernel, outer));
            if (first != kernel) {
              launch.setKernelAttr(getReference(first));
              unused.push_back(outer);
            }
          }
        }
        if (std::optional<SymbolRefAttr> name = launch.getCpuEntry()) {
          auto function =
              symbols.lookupNearestSymbolFrom<func::FuncOp>(program, *name);
          if (function) {
            Operation *first = functions.getFirst(function, nullptr);
            if (first != function) {
              launch.setCpuEntryAttr(getReference(first));
              unused.push_back(function);
            }
          }
        }
      }
    }
    // A kernel may have had several launches to begin with.
    llvm::SmallPtrSet<Operation *, 16> erased;
    for (Operation *op : unused)
      if (erased.insert(op).second)
        op->erase();
  }

private:
  /// Whether a gpu.module holds nothing else, as those that we build.
  static bool isAlone(gpu::GPUFuncOp kernel) {
    return llvm::hasSingleElement(
        *cast<gpu::GPUModuleOp>(kernel->getParentOp()).getBody());
  }

  static SymbolRefAttr getReference(Operation *function) {
    return SymbolRefAttr::get(
        SymbolTable::getSymbolName(function->getParentOp()),
        FlatSymbolRefAttr::get(SymbolTable::getSymbolName(function)));
  }
};

} // namespace
