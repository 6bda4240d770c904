//===- poly-run.cpp - Compiles a function when it is needed, and runs it --===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// poly-run FILE.mlir NUMBER...: the first function of the file, from one
// tensor<?xf32> to another, of these numbers; on a GPU if one answers.
//
//===----------------------------------------------------------------------===//

#include "Poly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "vyre/Runtime/Runtime.h"
#include "vyre/Target/Compile.h"
#include "llvm/Support/SourceMgr.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

/// The bytes of the artifact; diagnostics go to standard error.
static llvm::FailureOr<std::string> compile(const char *path) {
  mlir::DialectRegistry registry;
  vyre::registerCompileDialects(registry);
  registry.insert<poly::PolyDialect>();
  mlir::MLIRContext context(registry);
  // Without a handler MLIR prints errors, and drops all else.
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler handler(sources, &context);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(path, sources, &context);
  if (!module)
    return mlir::failure();
  mlir::PassManager manager(&context);
  manager.addNestedPass<mlir::func::FuncOp>(poly::createLowerPoly());
  if (mlir::failed(manager.run(*module)))
    return mlir::failure();
  vyre::CompileOptions options;
  options.remarksFilter = "vyre-fuse-launches";
  return vyre::compileToArtifact(*module, options);
}

static vyre::runtime::Status run(const std::string &bytes,
                                 std::vector<float> &numbers) {
  using namespace vyre::runtime;
  auto artifact = Artifact::loadMemory(bytes.data(), bytes.size());
  if (artifact.failed())
    return artifact.takeStatus();
  auto device = Device::open("auto");
  if (device.failed())
    return device.takeStatus();
  auto pipeline = Pipeline::create(*device, *artifact, /*program=*/0);
  if (pipeline.failed())
    return pipeline.takeStatus();

  // The argument, and the result, whose memory and extents are the runtime's.
  int64_t extent = static_cast<int64_t>(numbers.size());
  std::vector<VyreBinding> bindings(2);
  bindings[0].data = numbers.data();
  bindings[0].byte_length = numbers.size() * sizeof(float);
  bindings[0].extents = &extent;
  bindings[0].rank = 1;
  bindings[0].element_type = VYRE_ELEMENT_F32;
  std::vector<ResultBuffer> results;
  if (Status status = pipeline->dispatchInto(bindings, results);
      status.failed())
    return status;
  for (uint64_t i = 0; i != results[0].elementCount(); ++i)
    std::printf("%g\n", results[0].elements<float>()[i]);
  return Status();
}

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: poly-run FILE.mlir NUMBER...\n");
    return 2;
  }
  std::vector<float> numbers;
  for (int i = 2; i != argc; ++i)
    numbers.push_back(std::strtof(argv[i], nullptr));
  llvm::FailureOr<std::string> artifact = compile(argv[1]);
  if (mlir::failed(artifact))
    return 1;
  vyre::runtime::Status status = run(*artifact, numbers);
  if (status.failed())
    std::fprintf(stderr, "poly-run: %s\n", status.message());
  return status.failed();
}
