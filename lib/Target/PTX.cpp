//===- PTX.cpp - PTX and cubins -------------------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGeneration.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace vyre;

namespace {

/// NVVM's serializer, stopped at PTX text.
class PTXSerializer : public NVVM::SerializeGPUModuleBase {
public:
  using SerializeGPUModuleBase::SerializeGPUModuleBase;

  FailureOr<SmallVector<char, 0>>
  moduleToObject(llvm::Module &llvmModule) override {
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (failed(machine))
      return failure();
    // LLVM itself would take the oldest architecture instead, with a warning.
    if (!(*machine)->getMCSubtargetInfo()->isCPUStringValid(target.getChip())) {
      InFlightDiagnostic diag =
          getOperation().emitError("can't be compiled for ")
          << target.getChip() << ", which this LLVM does not know";
      diag.attachNote()
          << "fix: name an older architecture in --targets, whose "
             "PTX newer GPUs take too";
      return diag;
    }
    // What an architecture lacks is a fatal error of the back end; where the
    // process lets itself recover (vyre-compile does), one on the module.
    FailureOr<SmallString<0>> text = failure();
    llvm::CrashRecoveryContext recovery;
    if (!recovery.RunSafely([&] {
          text = translateModuleToISA(llvmModule, **machine, [&] {
            return getOperation().emitError();
          });
        })) {
      StringRef chip = (*machine)->getTargetCPU();
      InFlightDiagnostic diag = getOperation().emitError("has a kernel that ")
                                << chip << " has not the instructions for";
      diag.attachNote() << "fix: leave " << chip << " out of --targets";
      return diag;
    }
    if (failed(text))
      return failure();
    return SmallVector<char, 0>(text->begin(), text->end());
  }
};

} // namespace

/// Where the toolkit's libdevice is, if it is there.
static bool hasLibdevice() {
  StringRef toolkit = NVVM::getCUDAToolkitPath();
  if (toolkit.empty())
    return false;
  SmallString<128> path(toolkit);
  llvm::sys::path::append(path, "nvvm", "libdevice", "libdevice.10.bc");
  return llvm::sys::fs::exists(path);
}

/// Checks that every function that is called will have a definition. Returns
/// whether libdevice has to provide some.
static FailureOr<bool> checkCalls(gpu::GPUModuleOp module) {
  bool needsLibdevice = false;
  bool isLibdeviceThere = hasLibdevice();
  WalkResult walk = module.walk([&](Operation *op) {
    auto call = dyn_cast<LLVM::CallOp>(op);
    if (!call || !call.getCallee())
      return WalkResult::advance();
    auto callee = module.lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee());
    if (callee && !callee.isExternal())
      return WalkResult::advance();
    if (!call.getCallee()->starts_with("__nv_")) {
      emitError(op->getLoc()) << "calls '" << *call.getCallee()
                              << "', which has no code for the GPU";
      return WalkResult::interrupt();
    }
    needsLibdevice = true;
    if (isLibdeviceThere)
      return WalkResult::advance();
    InFlightDiagnostic diag = emitError(op->getLoc())
                              << "needs the math function '"
                              << *call.getCallee()
                              << "' of CUDA's libdevice, which was not found";
    diag.attachNote() << "fix: set CUDA_HOME to a CUDA toolkit, or use "
                         "--math=portable, which covers f16, bf16 and f32";
    return WalkResult::interrupt();
  });
  if (walk.wasInterrupted())
    return failure();
  return needsLibdevice;
}

/// The PTX version that the kernels ask for, as a feature; empty for the oldest
/// that the architecture has. Up to 4352 bytes of parameters any version takes,
/// 8.1 takes more.
static FailureOr<StringRef> choosePTXVersion(gpu::GPUModuleOp module) {
  constexpr uint64_t kMaxBytes = 4352, kMaxBytesFrom81 = 32764;
  StringRef feature;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    if (!function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
      continue;
    uint64_t bytes = uint64_t(function.getNumArguments()) * 8;
    if (bytes > kMaxBytesFrom81) {
      InFlightDiagnostic diag = function.emitError("takes ")
                                << bytes << " bytes of parameters, expected at "
                                << "most " << kMaxBytesFrom81;
      diag.attachNote() << "fix: pass scalars in a buffer, or fuse fewer "
                           "stages: --fuse='max-stages-per-launch=256'";
      return diag;
    }
    if (bytes > kMaxBytes)
      feature = "+ptx81";
  }
  return feature;
}

FailureOr<std::string> vyre::generatePTX(gpu::GPUModuleOp module,
                                         StringRef architecture) {
  FailureOr<bool> needsLibdevice = checkCalls(module);
  if (failed(needsLibdevice))
    return failure();
  FailureOr<StringRef> version = choosePTXVersion(module);
  if (failed(version))
    return failure();
  NVVM::SerializeGPUModuleBase::init();
  auto target =
      NVVM::NVVMTargetAttr::get(module.getContext(), /*optLevel=*/3,
                                "nvptx64-nvidia-cuda", architecture, *version);
  PTXSerializer serializer(*module, target);
  if (*needsLibdevice && failed(serializer.appendStandardLibs()))
    return module.emitError("can't read libdevice of the CUDA toolkit at ")
           << NVVM::getCUDAToolkitPath();
  std::optional<SmallVector<char, 0>> text = serializer.run();
  if (!text)
    return failure();
  std::string ptx(text->begin(), text->end());
  while (!ptx.empty() && ptx.back() == '\0')
    ptx.pop_back();
  ptx.push_back('\0');
  return ptx;
}

FailureOr<std::string>
vyre::assembleCubin(StringRef ptx, StringRef architecture, Location loc) {
  SmallString<128> toolkit(NVVM::getCUDAToolkitPath());
  llvm::sys::path::append(toolkit, "bin");
  llvm::ErrorOr<std::string> ptxas =
      llvm::sys::findProgramByName("ptxas", {toolkit});
  if (!ptxas)
    ptxas = llvm::sys::findProgramByName("ptxas");
  if (!ptxas) {
    InFlightDiagnostic diag = emitError(loc)
                              << "a cubin for " << architecture
                              << " was asked for and ptxas was not found";
    diag.attachNote() << "fix: set CUDA_HOME to a CUDA toolkit, or ask for PTX";
    return diag;
  }
  SmallString<128> input, output, errors;
  auto makeFile = [&](StringRef suffix, SmallString<128> &path) {
    return llvm::sys::fs::createTemporaryFile("vyre", suffix, path);
  };
  if (makeFile("ptx", input) || makeFile("cubin", output) ||
      makeFile("txt", errors))
    return emitError(loc) << "can't create a temporary file for ptxas";
  llvm::FileRemover removeInput(input), removeOutput(output),
      removeErrors(errors);
  {
    std::error_code error;
    llvm::raw_fd_ostream stream(input, error);
    stream << ptx.take_until([](char c) { return c == '\0'; });
  }
  std::string arch = ("-arch=" + architecture).str();
  StringRef arguments[] = {*ptxas, arch, "-O3", input, "-o", output};
  std::optional<StringRef> redirects[] = {std::nullopt, errors.str(),
                                          errors.str()};
  int status =
      llvm::sys::ExecuteAndWait(*ptxas, arguments, std::nullopt, redirects);
  auto result = llvm::MemoryBuffer::getFile(status == 0 ? output : errors,
                                            /*IsText=*/false);
  if (status != 0 || !result)
    return emitError(loc) << "ptxas failed for " << architecture << ": "
                          << (result ? (*result)->getBuffer() : "no output");
  return (*result)->getBuffer().str();
}
