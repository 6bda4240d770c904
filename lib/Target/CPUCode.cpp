//===- CPUCode.cpp - Shared objects for the CPU ---------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGeneration.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;
using namespace vyre;

/// What LLVM can do for an x86-64 of each level. 512-bit vectors are worth
/// their lower clock for the loops that we generate.
namespace {
struct CPULevel {
  StringRef name;
  StringRef cpu;
  StringRef features;
};
} // namespace

static const CPULevel kX86Levels[] = {
    {"x86-64", "x86-64", ""},
    {"x86-64-v3", "x86-64-v3", ""},
    {"x86-64-v4", "x86-64-v4", "-prefer-256-bit"},
};

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const llvm::Triple &triple, const CPULevel &level,
                    Location loc) {
  static const bool isInitialized = [] {
    return !llvm::InitializeNativeTarget() &&
           !llvm::InitializeNativeTargetAsmPrinter();
  }();
  std::string error;
  const llvm::Target *target =
      isInitialized ? llvm::TargetRegistry::lookupTarget(triple, error)
                    : nullptr;
  if (!target) {
    emitError(loc) << "no code generator for " << triple.str() << ": " << error;
    return nullptr;
  }
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, level.cpu, level.features, options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

/// Gives every kernel function its entry point:
///   void name(void *const *pointers, const int64_t *parameters,
///             int64_t begin, int64_t end)
/// which takes the arguments apart; the kernel itself becomes internal.
static void buildEntryPoints(ModuleOp module) {
  OpBuilder builder(module.getContext());
  auto kernels = llvm::to_vector(module.getOps<LLVM::LLVMFuncOp>());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type i64 = builder.getI64Type();
  for (LLVM::LLVMFuncOp kernel : kernels) {
    if (kernel.isExternal())
      continue;
    Location loc = kernel.getLoc();
    std::string name = kernel.getSymName().str();
    kernel.setSymName(name + ".kernel");
    kernel.setLinkage(LLVM::Linkage::Internal);
    builder.setInsertionPointAfter(kernel);
    auto entry = LLVM::LLVMFuncOp::create(
        builder, loc, name,
        LLVM::LLVMFunctionType::get(
            LLVM::LLVMVoidType::get(module.getContext()),
            {pointer, pointer, i64, i64}));
    Block *block = entry.addEntryBlock(builder);
    builder.setInsertionPointToStart(block);
    SmallVector<Value> arguments;
    int32_t counts[] = {0, 0};
    ArrayRef<Type> types = kernel.getArgumentTypes();
    for (Type type : types.drop_back(2)) {
      bool isScalar = type.isInteger(64);
      Value address = LLVM::GEPOp::create(
          builder, loc, pointer, type, block->getArgument(isScalar),
          ArrayRef<LLVM::GEPArg>{counts[isScalar]++});
      arguments.push_back(LLVM::LoadOp::create(builder, loc, type, address));
    }
    arguments.push_back(block->getArgument(2));
    arguments.push_back(block->getArgument(3));
    LLVM::CallOp::create(builder, loc, kernel, arguments);
    LLVM::ReturnOp::create(builder, loc, ValueRange());
  }
}

FailureOr<std::vector<GeneratedCode>> vyre::generateCPUCode(ModuleOp module,
                                                            bool nativeCPU) {
  Location loc = module.getLoc();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  SmallVector<CPULevel> levels;
  std::string hostFeatures;
  if (nativeCPU) {
    for (const auto &feature : llvm::sys::getHostCPUFeatures())
      hostFeatures += (hostFeatures.empty() ? "" : ",") +
                      std::string(feature.getValue() ? "+" : "-") +
                      feature.getKey().str();
    levels.push_back({llvm::sys::getHostCPUName(), llvm::sys::getHostCPUName(),
                      hostFeatures});
  } else if (triple.getArch() == llvm::Triple::x86_64) {
    llvm::append_range(levels, kX86Levels);
  } else {
    levels.push_back({"generic", "generic", ""});
  }

  buildEntryPoints(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> source =
      translateModuleToLLVMIR(module, context, "vyre_cpu");
  if (!source)
    return module.emitError("can't be translated to LLVM IR");

  std::vector<GeneratedCode> codes;
  for (const CPULevel &level : levels) {
    std::unique_ptr<llvm::TargetMachine> machine =
        createTargetMachine(triple, level, loc);
    if (!machine)
      return failure();
    std::unique_ptr<llvm::Module> copy = llvm::CloneModule(*source);
    copy->setTargetTriple(triple);
    copy->setDataLayout(machine->createDataLayout());
    copy->setPICLevel(llvm::PICLevel::BigPIC);
    optimize(*copy, *machine);

    GeneratedCode code;
    code.target.kind = CodeTarget::Kind::CPU;
    code.architecture = triple.getArchName().str();
    code.features = level.name.str();
    llvm::raw_string_ostream(code.llvmIR) << *copy;
    SmallString<0> object;
    llvm::raw_svector_ostream stream(object);
    llvm::legacy::PassManager emitter;
    if (machine->addPassesToEmitFile(emitter, stream, nullptr,
                                     llvm::CodeGenFileType::ObjectFile))
      return module.emitError("no object code can be made for ")
             << triple.str();
    emitter.run(*copy);
    FailureOr<std::string> shared = linkSharedObject(object, loc);
    if (failed(shared))
      return failure();
    code.data = std::move(*shared);
    codes.push_back(std::move(code));
  }
  return codes;
}
