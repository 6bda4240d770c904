//===- Compiler.cpp - The compiler's C API --------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Compiler.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "vyre/Target/Compile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

#include <cstring>
#include <mutex>

using namespace mlir;

struct VyreCompiledArtifact {
  std::unique_ptr<llvm::MemoryBuffer> bytes;
};

namespace {

/// Hands what is to be said to the caller.
class Messenger {
public:
  Messenger(VyreDiagnosticHandler handler, void *userData)
      : handler(handler), userData(userData) {}

  void say(VyreSeverity severity, const Twine &message,
           FileLineColLoc place = {}) {
    if (!handler)
      return;
    std::string text = message.str();
    std::string file = place ? place.getFilename().str() : std::string();
    VyreDiagnostic diagnostic = {};
    diagnostic.struct_size = sizeof(diagnostic);
    diagnostic.severity = severity;
    diagnostic.message = text.c_str();
    diagnostic.file = file.c_str();
    if (place) {
      diagnostic.line = place.getLine();
      diagnostic.column = place.getColumn();
    }
    handler(&diagnostic, userData);
  }

  /// A diagnostic of MLIR's, and its notes.
  void say(Diagnostic &diagnostic) {
    say(getSeverity(diagnostic), diagnostic.str(),
        diagnostic.getLocation()->findInstanceOf<FileLineColLoc>());
    for (Diagnostic &note : diagnostic.getNotes())
      say(note);
  }

private:
  static VyreSeverity getSeverity(Diagnostic &diagnostic) {
    switch (diagnostic.getSeverity()) {
    case DiagnosticSeverity::Note:
      return VYRE_SEVERITY_NOTE;
    case DiagnosticSeverity::Remark:
      return VYRE_SEVERITY_REMARK;
    case DiagnosticSeverity::Warning:
      return VYRE_SEVERITY_WARNING;
    case DiagnosticSeverity::Error:
      return VYRE_SEVERITY_ERROR;
    }
    return VYRE_SEVERITY_ERROR;
  }

  VyreDiagnosticHandler handler;
  void *userData;
};

} // namespace

/// What the caller set of the options; the rest stays zero, which a caller that
/// was built with an older header leaves out.
static VyreCompileOptions takeOptions(const VyreCompileOptions *options) {
  VyreCompileOptions known = {};
  if (options)
    std::memcpy(&known, options,
                std::min(options->struct_size, sizeof(VyreCompileOptions)));
  return known;
}

static FailureOr<vyre::CompileOptions>
readOptions(const VyreCompileOptions &options, Messenger &messenger) {
  vyre::CompileFlags flags;
  if (options.targets)
    for (StringRef target : llvm::split(options.targets, ','))
      flags.targets.push_back(target.str());
  auto take = [](const char *text, std::string &flag) {
    if (text)
      flag = text;
  };
  take(options.cpu, flags.cpu);
  take(options.math, flags.math);
  take(options.fuse, flags.fuse);
  take(options.compact, flags.compact);
  take(options.capture, flags.capture);
  take(options.programmatic_edges, flags.programmaticEdges);
  take(options.remarks_filter, flags.remarksFilter);
  if (options.default_capacity)
    flags.defaultCapacity = int64_t(options.default_capacity);
  if (options.max_unroll)
    flags.maxUnroll = int64_t(options.max_unroll);
  flags.verifyLaunches = options.verify_launches;
  flags.persistent = options.persistent;
  return flags.parse([&](const Twine &message) {
    messenger.say(VYRE_SEVERITY_ERROR, message);
  });
}

static FailureOr<std::string> compile(StringRef source, StringRef fileName,
                                      const vyre::CompileOptions &options,
                                      Messenger &messenger) {
  DialectRegistry registry;
  vyre::registerCompileDialects(registry);
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { messenger.say(diagnostic); });
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(source, fileName), llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return failure();
  return vyre::compileToArtifact(*module, options);
}

bool vyreCompile(const void *source, size_t byte_size,
                 const VyreCompileOptions *options,
                 VyreDiagnosticHandler handler, void *user_data,
                 VyreCompiledArtifact **artifact) {
  Messenger messenger(handler, user_data);
  auto refuse = [&](const Twine &message) {
    messenger.say(VYRE_SEVERITY_ERROR, message);
    return false;
  };
  if (!artifact)
    return refuse("artifact is null, expected where to put it");
  *artifact = nullptr;
  if (!source)
    return refuse("source is null, expected an MLIR module");
  if (options && options->struct_size < sizeof(size_t))
    return refuse("options has struct_size " + Twine(options->struct_size) +
                  ", expected sizeof(VyreCompileOptions)");
  VyreCompileOptions known = takeOptions(options);
  FailureOr<vyre::CompileOptions> read = readOptions(known, messenger);
  if (failed(read))
    return false;

  // LLVM's options, which lld resets, are those of the process.
  static std::mutex compiling;
  std::lock_guard<std::mutex> lock(compiling);
  FailureOr<std::string> bytes =
      compile(StringRef(static_cast<const char *>(source), byte_size),
              known.file_name ? known.file_name : "source", *read, messenger);
  if (failed(bytes))
    return false;
  *artifact = new VyreCompiledArtifact{
      llvm::MemoryBuffer::getMemBufferCopy(*bytes, "artifact")};
  return true;
}

const void *vyreCompiledArtifactData(const VyreCompiledArtifact *artifact) {
  return artifact ? artifact->bytes->getBufferStart() : nullptr;
}

size_t vyreCompiledArtifactSize(const VyreCompiledArtifact *artifact) {
  return artifact ? artifact->bytes->getBufferSize() : 0;
}

void vyreCompiledArtifactRelease(VyreCompiledArtifact *artifact) {
  delete artifact;
}

uint32_t vyreCompilerVersion(void) { return VYRE_COMPILER_VERSION; }
