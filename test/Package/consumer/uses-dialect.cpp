//===- uses-dialect.cpp - The installed dialect and a pass ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses a program, gives its stages launches, and counts them. Exit code 0
// where one stage became one launch.
//
//===----------------------------------------------------------------------===//

#include "vyre/Dialect/Vyre/IR/VyreDialect.h"
#include "vyre/Dialect/Vyre/IR/VyreOps.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

static constexpr llvm::StringLiteral source = R"(
vyre.program @copy(
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>},
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 1, role = output>})
    -> memref<4xf32> {
  %c4 = arith.constant 4 : index
  vyre.stage @copy (%i) in (%c4) reads(%x : memref<4xf32>) writes(%y : memref<4xf32>) {
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %y[%i] : memref<4xf32>
  }
  vyre.return %y : memref<4xf32>
})";

int main() {
  mlir::DialectRegistry registry;
  registry.insert<vyre::VyreDialect>();
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
  if (!module)
    return 1;
  mlir::PassManager passes(&context);
  passes.nest<vyre::ProgramOp>().addPass(vyre::createFormLaunches());
  if (mlir::failed(passes.run(*module)))
    return 1;
  unsigned launches = 0;
  module->walk([&](vyre::LaunchOp) { ++launches; });
  llvm::outs() << launches << " launch\n";
  return launches == 1 ? 0 : 1;
}
