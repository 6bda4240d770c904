//===- Plugin.cpp - Vyre for a stock mlir-opt -------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two functions that MLIR looks up in a plugin:
//
//   mlir-opt --load-dialect-plugin=VyrePlugin.so
//            --load-pass-plugin=VyrePlugin.so --pass-pipeline='...' in.mlir
//
// It is linked to the same shared libMLIR as mlir-opt, so that there is one
// MLIR in the process.
//
//===----------------------------------------------------------------------===//

#include "vyre/Registration.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Vyre", LLVM_VERSION_STRING,
          [](mlir::DialectRegistry *registry) {
            vyre::registerAllDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Vyre", LLVM_VERSION_STRING,
          [] { vyre::registerAllPasses(); }};
}
