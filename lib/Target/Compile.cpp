//===- Compile.cpp - From MLIR to an artifact -----------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Target/Compile.h"

#include "CodeGeneration.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Remarks.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Transforms/Passes.h"
#include "vyre/Conversion/Passes.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"
#include "vyre/Dialect/Vyre/Transforms/Pipelines.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace vyre;

std::optional<CodeTarget> CodeTarget::parse(StringRef text) {
  if (text == "cpu")
    return CodeTarget{Kind::CPU, ""};
  Kind kind = text.consume_front("cubin:") ? Kind::Cubin : Kind::PTX;
  StringRef number = text;
  unsigned version;
  if (!number.consume_front("sm_") || number.consumeInteger(10, version) ||
      !(number.empty() || number == "a" || number == "f") || version < 70)
    return std::nullopt;
  return CodeTarget{kind, text.str()};
}

void vyre::registerCompileDialects(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  registry.insert<VyreDialect>();
}

static bool hasTarget(const CompileOptions &options, bool onCPU) {
  return llvm::any_of(options.targets, [&](const CodeTarget &target) {
    return (target.kind == CodeTarget::Kind::CPU) == onCPU;
  });
}

FailureOr<CompileOptions>
CompileFlags::parse(llvm::function_ref<void(const Twine &)> emitError) const {
  CompileOptions options;
  auto fail = [&](const Twine &message) {
    emitError(message);
    return failure();
  };
  if (!targets.empty())
    options.targets.clear();
  for (const std::string &text : targets) {
    std::optional<CodeTarget> target = CodeTarget::parse(text);
    if (!target)
      return fail("--targets has '" + text +
                  "', expected cpu, sm_<N> or cubin:sm_<N> with N from 70");
    bool isNew = llvm::none_of(options.targets, [&](const CodeTarget &other) {
      return other.kind == target->kind &&
             other.architecture == target->architecture;
    });
    if (isNew)
      options.targets.push_back(*target);
  }
  if (cpu != "portable" && cpu != "native")
    return fail("--cpu is '" + cpu + "', expected portable or native");
  options.nativeCPU = cpu == "native";
  if (math != "library" && math != "portable")
    return fail("--math is '" + math + "', expected library or portable");
  options.math = math == "portable" ? MathMode::Portable : MathMode::Library;
  if (defaultCapacity <= 0)
    return fail("--default-capacity is " + Twine(defaultCapacity) +
                ", expected a positive number of bytes");
  options.defaultCapacity = defaultCapacity;
  if (maxUnroll < 0)
    return fail("--max-unroll is " + Twine(maxUnroll) +
                ", expected a number of copies");
  options.maxUnroll = maxUnroll;
  std::string reason;
  if (!remarksFilter.empty() && !llvm::Regex(remarksFilter).isValid(reason))
    return fail("--remarks-filter is '" + remarksFilter +
                "', expected a regular expression: " + reason);
  options.remarksFilter = remarksFilter;
  auto read = [](const std::string &text, std::optional<std::string> &passes) {
    if (text == "off")
      passes.reset();
    else if (text != "on")
      passes = text;
  };
  read(fuse, options.fuse);
  read(compact, options.compact);
  bool isPolicy = symbolizeCapturePolicy(capture).has_value();
  read(isPolicy ? "capture=" + capture : capture, options.capture);
  if (programmaticEdges != "on" && programmaticEdges != "off")
    return fail("--programmatic-edges is '" + programmaticEdges +
                "', expected on or off");
  options.programmaticEdges = programmaticEdges == "on";
  options.verifyLaunches = verifyLaunches;
  options.persistent = persistent;
  return options;
}

/// Adds a pass with options that the user wrote.
static LogicalResult addPass(ModuleOp module, OpPassManager &manager,
                             std::unique_ptr<Pass> pass, StringRef options,
                             StringRef what) {
  if (failed(pass->initializeOptions(options, [&](const Twine &message) {
        InFlightDiagnostic diag = module.emitError("the options of ");
        diag << what << " can't be used: ";
        // Of a value that an option can't read, LLVM tells the terminal alone.
        std::string reason = message.str();
        if (reason.empty())
          diag << "'" << options << "' has a value that its option can't read";
        else
          diag << reason;
        diag.attachNote() << "fix: vyre-opt --help lists the options of "
                          << pass->getArgument();
        return diag;
      })))
    return failure();
  manager.addPass(std::move(pass));
  return success();
}

/// Makes the remarks that are asked for diagnostics.
static LogicalResult enableRemarks(MLIRContext *context,
                                   const CompileOptions &options) {
  if (options.remarksFilter.empty() || context->getRemarkEngine())
    return success();
  // Kinds of remarks that are not mentioned are off, whatever `all` says.
  remark::RemarkCategories categories{options.remarksFilter, "", "", "", ""};
  return remark::enableOptimizationRemarks(
      *context, /*streamer=*/nullptr,
      std::make_unique<remark::RemarkEmittingPolicyAll>(), categories,
      /*printAsEmitRemarks=*/true);
}

static LogicalResult run(PassManager &manager, Operation *op,
                         const CompileOptions &options) {
  if (options.instrument && failed(options.instrument(manager)))
    return failure();
  return manager.run(op);
}

LogicalResult vyre::runCompilePasses(ModuleOp module, CompileStep step,
                                     const CompileOptions &options) {
  if (failed(enableRemarks(module.getContext(), options)))
    return failure();
  for (ModuleOp nested : module.getOps<ModuleOp>())
    if (nested.getSymName() != kCPUModuleName)
      nested.emitWarning("is a module in a module, which is not compiled")
              .attachNote()
          << "fix: compile it by itself, or move its functions to the outer "
             "module";
  PassManager manager(module->getName());
  InputPipelineOptions input;
  input.defaultCapacity = options.defaultCapacity;
  input.maxUnroll = options.maxUnroll;
  buildInputPipeline(manager, input);
  if (step >= CompileStep::Plan) {
    OpPassManager &program = manager.nest<ProgramOp>();
    program.addPass(createRequireBounds());
    if (options.fuse) {
      if (failed(addPass(module, program, createFuseLaunches(), *options.fuse,
                         "fusion")))
        return failure();
      if (options.verifyLaunches)
        program.addPass(createVerifyLaunches());
    }
    program.addPass(createFormLaunches());
    if (options.compact &&
        failed(addPass(module, program, createCompactResults(),
                       *options.compact, "compaction")))
      return failure();
    // For code, what lowering leaves is planned instead.
    if (step == CompileStep::Plan && options.capture &&
        failed(addPass(module, program, createPlanCapture(), *options.capture,
                       "capture")))
      return failure();
  }
  if (step >= CompileStep::GPU) {
    OpPassManager &program = manager.nest<ProgramOp>();
    program.addPass(createGuardDivisions());
    program.addPass(createSettleFastMath());
    program.addPass(createMergeStages());
    program.addPass(createCanonicalizerPass());
    program.addPass(createCSEPass());
    if (hasTarget(options, /*onCPU=*/true))
      manager.addPass(createConvertVyreToCPU());
    if (hasTarget(options, /*onCPU=*/false))
      manager.addPass(createConvertVyreToGPU({options.persistent}));
    manager.addPass(createShareKernels());
    if (options.capture &&
        failed(addPass(module, manager.nest<ProgramOp>(), createPlanCapture(),
                       *options.capture, "capture")))
      return failure();
  }
  return run(manager, module, options);
}

/// The first op that lowering left; one that computes something before a cast
/// between what it and its neighbours became. Null if there is none.
static Operation *findNotLowered(Operation *module) {
  Operation *cast = nullptr, *found = nullptr;
  module->walk([&](Operation *op) {
    bool isLowered =
        op == module || isa<gpu::GPUModuleOp, ModuleOp>(op) ||
        isa<LLVM::LLVMDialect, NVVM::NVVMDialect>(op->getDialect());
    if (isLowered)
      return WalkResult::advance();
    if (isa<UnrealizedConversionCastOp>(op)) {
      cast = cast ? cast : op;
      return WalkResult::advance();
    }
    found = op;
    return WalkResult::interrupt();
  });
  return found ? found : cast;
}

/// Checks that lowering left nothing but ops of LLVM.
static LogicalResult checkLowered(Operation *module, StringRef where) {
  Operation *op = findNotLowered(module);
  if (!op)
    return success();
  InFlightDiagnostic diag = emitError(op->getLoc())
                            << "'" << op->getName()
                            << "' can't be lowered for the " << where;
  if (isa_and_nonnull<math::MathDialect>(op->getDialect()))
    diag.attachNote() << "fix: use --math=portable where it covers the "
                         "function";
  return diag;
}

/// The CPU's functions, lowered, in a module of their own; null if there are
/// none.
static FailureOr<OwningOpRef<ModuleOp>>
lowerFunctions(ModuleOp module, const CompileOptions &options) {
  auto functions = module.lookupSymbol<ModuleOp>(kCPUModuleName);
  if (!functions || functions.getBody()->empty())
    return OwningOpRef<ModuleOp>();
  OwningOpRef<ModuleOp> copy = functions.clone();
  PassManager manager(copy->getContext(), ModuleOp::getOperationName());
  buildCPULoweringPipeline(manager, options.math);
  if (failed(run(manager, *copy, options)) ||
      failed(checkLowered(*copy, "CPU")))
    return failure();
  return copy;
}

/// Lowers every kernel and moves them all into one gpu.module.
static FailureOr<gpu::GPUModuleOp> lowerKernels(ModuleOp module,
                                                const CompileOptions &options) {
  auto kernels = llvm::to_vector(module.getOps<gpu::GPUModuleOp>());
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  auto all = gpu::GPUModuleOp::create(builder, module.getLoc(), "vyre_gpu");
  for (gpu::GPUModuleOp kernel : kernels) {
    auto bitwidth = kernel->getAttrOfType<IntegerAttr>(kIndexBitwidthAttrName);
    PassManager manager(kernel->getContext(),
                        gpu::GPUModuleOp::getOperationName());
    buildGPULoweringPipeline(manager, bitwidth ? bitwidth.getInt() : 64,
                             options.math);
    if (failed(run(manager, kernel, options)) ||
        failed(checkLowered(kernel, "GPU")))
      return failure();
    for (Operation &op : llvm::make_early_inc_range(*kernel.getBody())) {
      auto symbol = dyn_cast<SymbolOpInterface>(op);
      // Declarations of math functions come with every kernel.
      if (symbol && all.lookupSymbol(symbol.getName())) {
        auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
        if (function && function.isExternal())
          continue;
        return op.emitError("symbol '")
               << symbol.getName() << "' is defined by two kernels' modules";
      }
      op.moveBefore(all.getBody(), all.getBody()->end());
    }
    kernel.erase();
  }
  return all;
}

/// Of the two kernels of a launch in clusters, leaves the one for GPUs with
/// clusters or the other, under the launch's name for it.
static void chooseKernels(gpu::GPUModuleOp module, bool onClusters) {
  for (auto kernel : llvm::to_vector(module.getOps<LLVM::LLVMFuncOp>())) {
    auto clustered = module.lookupSymbol<LLVM::LLVMFuncOp>(
        (kernel.getSymName() + kClusteredSuffix).str());
    if (!clustered)
      continue;
    if (!onClusters) {
      clustered.erase();
      continue;
    }
    clustered.setSymNameAttr(kernel.getSymNameAttr());
    kernel.erase();
  }
}

FailureOr<std::vector<GeneratedCode>>
vyre::generateCode(ModuleOp module, const CompileOptions &options) {
  // All passes come first: lld, as a library, resets the command line's
  // options, which `instrument` may go by. Programs without a launch need no
  // code.
  OwningOpRef<ModuleOp> functions, copy;
  if (hasTarget(options, /*onCPU=*/true)) {
    FailureOr<OwningOpRef<ModuleOp>> lowered = lowerFunctions(module, options);
    if (failed(lowered))
      return failure();
    functions = std::move(*lowered);
  }
  gpu::GPUModuleOp kernels;
  if (hasTarget(options, /*onCPU=*/false) &&
      !module.getOps<gpu::GPUModuleOp>().empty()) {
    copy = module.clone();
    FailureOr<gpu::GPUModuleOp> lowered = lowerKernels(*copy, options);
    if (failed(lowered))
      return failure();
    kernels = *lowered;
  }

  std::vector<GeneratedCode> codes;
  if (functions) {
    FailureOr<std::vector<GeneratedCode>> generated =
        generateCPUCode(*functions, options.nativeCPU);
    if (failed(generated))
      return failure();
    codes = std::move(*generated);
  }
  if (!kernels)
    return codes;
  for (const CodeTarget &target : options.targets) {
    if (target.kind == CodeTarget::Kind::CPU)
      continue;
    OwningOpRef<gpu::GPUModuleOp> ofTarget(kernels.clone());
    chooseKernels(*ofTarget, hasClusters(target.architecture));
    FailureOr<std::string> ptx = generatePTX(*ofTarget, target.architecture);
    if (failed(ptx))
      return failure();
    GeneratedCode code;
    code.target = target;
    code.architecture = target.architecture;
    code.data = std::move(*ptx);
    code.waitsForDependencies = options.programmaticEdges &&
                                canWaitForDependencies(target.architecture);
    if (code.waitsForDependencies)
      code.data = insertDependencyWaits(code.data);
    if (target.kind == CodeTarget::Kind::Cubin) {
      FailureOr<std::string> cubin =
          assembleCubin(code.data, target.architecture, module.getLoc());
      if (failed(cubin))
        return failure();
      code.data = std::move(*cubin);
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

FailureOr<std::string> vyre::compileToArtifact(ModuleOp module,
                                               const CompileOptions &options) {
  if (failed(runCompilePasses(module, CompileStep::GPU, options)))
    return failure();
  FailureOr<std::vector<GeneratedCode>> codes = generateCode(module, options);
  if (failed(codes))
    return failure();
  return writeArtifact(module, *codes, options.math);
}
