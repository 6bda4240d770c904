//===- Compile.h - From MLIR to an artifact ------------------- -*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What vyre-compile does, for compilers that embed it.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TARGET_COMPILE_H
#define VYRE_TARGET_COMPILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "vyre/Conversion/Pipelines.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vyre {

/// One kind of code that an artifact carries.
struct CodeTarget {
  enum class Kind { CPU, PTX, Cubin };
  Kind kind;
  /// "sm_80" for PTX and cubin; empty for the CPU.
  std::string architecture;

  /// Parses "cpu", "sm_<N>" (PTX) or "cubin:sm_<N>".
  static std::optional<CodeTarget> parse(llvm::StringRef text);
};

struct CompileOptions {
  std::vector<CodeTarget> targets = {{CodeTarget::Kind::CPU, ""},
                                     {CodeTarget::Kind::PTX, "sm_80"},
                                     {CodeTarget::Kind::PTX, "sm_90"}};
  /// Bytes that a binding with dynamic dimensions may have where nothing else
  /// is said.
  int64_t defaultCapacity = int64_t(1) << 30;
  /// The most copies that a sequential loop around stages is unrolled to.
  int64_t maxUnroll = 64;
  /// Code for the CPU of this machine alone instead of x86-64, -v3 and -v4.
  bool nativeCPU = false;
  MathMode math = MathMode::Library;
  /// Options of vyre-fuse-launches, as in a textual pipeline; not set: every
  /// stage is a launch of its own.
  std::optional<std::string> fuse = "";
  /// Options of vyre-compact-results, as in a textual pipeline; not set: every
  /// result comes back by itself.
  std::optional<std::string> compact = "";
  /// Options of vyre-plan-capture, as in a textual pipeline; not set: nothing
  /// is planned, and the runtime decides alone.
  std::optional<std::string> capture = "";
  /// Whether kernels wait for those that they come after, from sm_90 on, so
  /// that a graph may start them early.
  bool programmaticEdges = true;
  /// Whether the kernel of a program of one launch also gets an entry that
  /// stays on the GPU.
  bool persistent = false;
  /// Whether launches are checked again after fusion, by vyre-verify-launches.
  bool verifyLaunches = false;
  /// The categories (`vyre-<pass>`) whose remarks become diagnostics, as a
  /// regular expression; empty: none. A context that has a remark engine
  /// already keeps that.
  std::string remarksFilter;
  /// Called with every pass manager before it runs, to add what prints, times
  /// or checks; not set: nothing. Its failure ends the compilation.
  std::function<llvm::LogicalResult(mlir::PassManager &)> instrument;
};

/// The options as text: the flags of vyre-compile by their names.
struct CompileFlags {
  /// Empty: those of CompileOptions.
  std::vector<std::string> targets;
  std::string cpu = "portable";
  std::string math = "library";
  std::string fuse = "on";
  std::string compact = "on";
  std::string capture = "auto";
  std::string programmaticEdges = "on";
  std::string remarksFilter;
  int64_t defaultCapacity = int64_t(1) << 30;
  int64_t maxUnroll = 64;
  bool verifyLaunches = false;
  bool persistent = false;

  /// Reads them; `emitError` is told which flag is wrong and what is expected.
  llvm::FailureOr<CompileOptions>
  parse(llvm::function_ref<void(const llvm::Twine &)> emitError) const;
};

/// Steps of the compilation; each leaves valid IR.
///   Program: programs in logical form, from functions on tensors or memrefs.
///   Plan:    programs in physical form, launches with the stages fused into
///            them.
///   GPU:     these made one stage each, and kernels for the GPU and the CPU.
enum class CompileStep { Program, Plan, GPU };

/// Runs the passes up to and including `step`. Diagnostics say what failed.
llvm::LogicalResult runCompilePasses(mlir::ModuleOp module, CompileStep step,
                                     const CompileOptions &options);

/// Generated code, for --emit=ptx and --emit=llvm.
struct GeneratedCode {
  CodeTarget target;
  /// "sm_80", or the ELF's architecture.
  std::string architecture;
  /// Of an ELF: "x86-64", "x86-64-v3", "x86-64-v4" or a CPU's name.
  std::string features;
  /// Its kernels wait for those that they come after.
  bool waitsForDependencies = false;
  /// PTX with its NUL, a cubin, or a shared object.
  std::string data;
  /// Of CPU code: the LLVM IR that it was made from, optimised.
  std::string llvmIR;
};

/// Generates the code of a module that went through CompileStep::GPU, which
/// stays as it is.
llvm::FailureOr<std::vector<GeneratedCode>>
generateCode(mlir::ModuleOp module, const CompileOptions &options);

/// The bytes of the artifact for the programs of `module`, which went through
/// CompileStep::GPU, with `codes` for its kernels, which have that `math`.
llvm::FailureOr<std::string> writeArtifact(mlir::ModuleOp module,
                                           llvm::ArrayRef<GeneratedCode> codes,
                                           MathMode math);

/// All of it: from the module that came in to the bytes of the artifact.
llvm::FailureOr<std::string> compileToArtifact(mlir::ModuleOp module,
                                               const CompileOptions &options);

/// Adds what compilation needs to `registry`: all dialects that the input may
/// use, and the translations to LLVM IR.
void registerCompileDialects(mlir::DialectRegistry &registry);

} // namespace vyre

#endif // VYRE_TARGET_COMPILE_H
