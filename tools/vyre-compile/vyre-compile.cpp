//===- vyre-compile.cpp - The compiler ------------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/AsmState.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Support/ToolUtilities.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "vyre/Registration.h"
#include "vyre/Target/Compile.h"
#include "vyre/Target/PrintPlan.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace {

enum class Emit { Program, Plan, GPU, PTX, LLVM, Artifact };

struct Flags {
  cl::OptionCategory category{"vyre-compile options"};
  cl::opt<std::string> input{cl::Positional, cl::desc("<input file>"),
                             cl::init("-"), cl::cat(category)};
  cl::opt<std::string> output{
      "o", cl::desc("Output file; - for standard output"),
      cl::value_desc("file"), cl::init("-"), cl::cat(category)};
  cl::list<std::string> targets{
      "targets",
      cl::desc("What to generate code for: cpu, sm_<N> for PTX, cubin:sm_<N> "
               "(default: cpu,sm_80,sm_90)"),
      cl::CommaSeparated, cl::cat(category)};
  cl::opt<Emit> emit{
      "emit", cl::desc("What to write"), cl::init(Emit::Artifact),
      cl::values(
          clEnumValN(Emit::Program, "program", "programs, in logical form"),
          clEnumValN(Emit::Plan, "plan", "stages and launches, as text"),
          clEnumValN(Emit::GPU, "gpu", "launches and their kernels"),
          clEnumValN(Emit::PTX, "ptx", "PTX of the first GPU target"),
          clEnumValN(Emit::LLVM, "llvm", "LLVM IR of the CPU code"),
          clEnumValN(Emit::Artifact, "artifact", "the artifact (default)")),
      cl::cat(category)};
  cl::opt<std::string> cpu{
      "cpu",
      cl::desc("portable: x86-64, -v3 and -v4; native: this machine's CPU"),
      cl::init("portable"), cl::cat(category)};
  cl::opt<std::string> math{
      "math",
      cl::desc("Math functions from each backend's library, or portable: the "
               "same polynomials everywhere"),
      cl::init("library"), cl::cat(category)};
  cl::opt<std::string> fuse{
      "fuse",
      cl::desc("on, off, or options of vyre-fuse-launches, for example "
               "'strategy=optimal max-group-bytes=1048576'"),
      cl::init("on"), cl::cat(category)};
  cl::opt<std::string> compact{
      "compact",
      cl::desc("on, off, or options of vyre-compact-results, for example "
               "'max-compact-record-bytes=1024'"),
      cl::init("on"), cl::cat(category)};
  cl::opt<std::string> capture{
      "capture",
      cl::desc(
          "auto, never, require, off, or options of vyre-plan-capture, for "
          "example 'capture=require max-arena-bytes=1048576'"),
      cl::init("auto"), cl::cat(category)};
  cl::opt<std::string> programmaticEdges{
      "programmatic-edges",
      cl::desc(
          "on or off: kernels for sm_90 and newer wait for those that they "
          "come after, so that a graph may start them early"),
      cl::init("on"), cl::cat(category)};
  cl::opt<bool> persistent{
      "persistent",
      cl::desc("Give the kernels of programs of one launch an entry that can "
               "wait on the GPU for dispatches"),
      cl::init(false), cl::cat(category)};
  cl::opt<bool> verifyLaunches{
      "verify-launches",
      cl::desc("Check every launch again after fusion (default in debug "
               "builds)"),
#ifdef NDEBUG
      cl::init(false),
#else
      cl::init(true),
#endif
      cl::cat(category)};
  cl::opt<std::string> remarksFilter{
      "remarks-filter",
      cl::desc(
          "Say what passes decided, and why: the remarks of the categories "
          "that match, for example 'vyre-.*' or vyre-fuse-launches"),
      cl::value_desc("regex"), cl::cat(category)};
  cl::opt<int64_t> maxUnroll{
      "max-unroll",
      cl::desc(
          "The most copies that a sequential loop around stages is unrolled "
          "to (default: 64)"),
      cl::init(64), cl::cat(category)};
  cl::opt<int64_t> defaultCapacity{
      "default-capacity",
      cl::desc("Bytes that an argument with dynamic dimensions may have where "
               "its binding does not say (default: 1 GiB)"),
      cl::init(int64_t(1) << 30), cl::cat(category)};
};

} // namespace

static FailureOr<vyre::CompileOptions> readOptions(const Flags &flags) {
  vyre::CompileFlags texts;
  if (!flags.targets.empty())
    texts.targets.assign(flags.targets.begin(), flags.targets.end());
  texts.cpu = flags.cpu;
  texts.math = flags.math;
  texts.fuse = flags.fuse;
  texts.compact = flags.compact;
  texts.capture = flags.capture;
  texts.defaultCapacity = flags.defaultCapacity;
  texts.programmaticEdges = flags.programmaticEdges;
  texts.verifyLaunches = flags.verifyLaunches;
  texts.persistent = flags.persistent;
  texts.maxUnroll = flags.maxUnroll;
  texts.remarksFilter = flags.remarksFilter;
  return texts.parse([](const Twine &message) {
    llvm::errs() << "vyre-compile: error: " << message << "\n";
  });
}

/// The text or bytes that --emit asks for.
static LogicalResult compile(ModuleOp module, Emit emit,
                             const vyre::CompileOptions &options,
                             raw_ostream &output) {
  if (emit == Emit::Artifact) {
    FailureOr<std::string> bytes = vyre::compileToArtifact(module, options);
    if (failed(bytes))
      return failure();
    output << *bytes;
    return success();
  }
  vyre::CompileStep step = vyre::CompileStep::GPU;
  if (emit == Emit::Program)
    step = vyre::CompileStep::Program;
  if (emit == Emit::Plan)
    step = vyre::CompileStep::Plan;
  if (failed(vyre::runCompilePasses(module, step, options)))
    return failure();
  if (emit == Emit::Program || emit == Emit::GPU) {
    module->print(output);
    output << "\n";
    return success();
  }
  if (emit == Emit::Plan) {
    vyre::printPlan(module, output);
    return success();
  }
  FailureOr<std::vector<vyre::GeneratedCode>> codes =
      vyre::generateCode(module, options);
  if (failed(codes))
    return failure();
  for (const vyre::GeneratedCode &code : *codes) {
    bool isCPU = code.target.kind == vyre::CodeTarget::Kind::CPU;
    if (emit == Emit::LLVM && isCPU) {
      output << code.llvmIR;
      return success();
    }
    if (emit == Emit::PTX && code.target.kind == vyre::CodeTarget::Kind::PTX) {
      output << StringRef(code.data).rtrim('\0');
      return success();
    }
  }
  InFlightDiagnostic diag =
      module.emitError("has no code of the kind that --emit asks for");
  diag.attachNote() << "fix: name a target that has it in --targets";
  return diag;
}

/// What LLVM calls a fatal error is one of the input where code generation can
/// go on without it; elsewhere LLVM ends the process.
static void handleFatalError(void *, const char *reason, bool) {
  llvm::errs() << "vyre-compile: error: LLVM: " << reason << "\n";
  if (llvm::CrashRecoveryContext *context =
          llvm::CrashRecoveryContext::GetCurrent())
    context->HandleExit(1);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::CrashRecoveryContext::Enable();
  llvm::install_fatal_error_handler(handleFatalError);
  Flags flags;
  // By their names, for --mlir-print-ir-after.
  registerAllPasses();
  vyre::registerAllPasses();
  registerMLIRContextCLOptions();
  registerAsmPrinterCLOptions();
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  // LLVM's own options number hundreds.
  cl::HideUnrelatedOptions(flags.category);
  cl::SetVersionPrinter([](raw_ostream &output) {
    output << "vyre-compile " VYRE_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
  cl::ParseCommandLineOptions(
      argc, argv,
      "Compiles functions on tensors or memrefs to a Vyre artifact\n\n"
      "  MLIR's own flags are there too, such as --mlir-print-ir-after-all "
      "and\n"
      "  --mlir-timing; --help-hidden lists them.\n");

  FailureOr<vyre::CompileOptions> options = readOptions(flags);
  if (failed(options))
    return 1;
  DefaultTimingManager timing;
  applyDefaultTimingManagerCLOptions(timing);
  TimingScope allTime = timing.getRootScope();
  options->instrument = [&](PassManager &manager) {
    manager.enableTiming(allTime);
    return applyPassManagerCLOptions(manager);
  };
  // lld, as a library, resets all options of the process.
  const Emit emit = flags.emit;
  const std::string outputPath = flags.output;
  if (emit == Emit::Artifact && outputPath == "-" &&
      llvm::sys::Process::StandardOutIsDisplayed()) {
    llvm::errs()
        << "vyre-compile: error: standard output is a terminal, and an "
           "artifact is not text\nvyre-compile: note: fix: pass -o "
           "FILE, or --emit=plan to read what it will do\n";
    return 1;
  }
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> input =
      openInputFile(flags.input, &message);
  if (!input) {
    llvm::errs() << "vyre-compile: error: " << message << "\n";
    return 1;
  }

  DialectRegistry registry;
  vyre::registerCompileDialects(registry);
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false); // a program may fill many screens
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(input), llvm::SMLoc());
  SourceMgrDiagnosticHandler handler(*sources, &context);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return 1;

  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (failed(compile(*module, emit, *options, stream)))
    return 1;
  std::unique_ptr<llvm::ToolOutputFile> output =
      openOutputFile(outputPath, &message);
  if (!output) {
    llvm::errs() << "vyre-compile: error: " << message << "\n";
    return 1;
  }
  output->os() << bytes;
  output->os().flush();
  if (output->os().has_error()) {
    llvm::errs() << "vyre-compile: error: can't write " << outputPath << ": "
                 << output->os().error().message() << "\n";
    output->os().clear_error();
    return 1;
  }
  output->keep();
  return 0;
}
