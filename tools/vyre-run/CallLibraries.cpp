//===- CallLibraries.cpp - Functions that a program calls -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CallLibraries.h"

#include "Arguments.h"

#include <dlfcn.h>
#include <link.h>

namespace vyre::run {
namespace {

/// A function that a library itself defines: its name comes from an artifact,
/// and must not find what the library depends on.
void *findOwn(void *library, const char *name) {
  void *symbol = ::dlsym(library, name);
  link_map *map = nullptr;
  Dl_info info;
  bool isOwn = symbol && ::dladdr(symbol, &info) != 0 &&
               ::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 &&
               reinterpret_cast<uintptr_t>(info.dli_fbase) == map->l_addr;
  return isOwn ? symbol : nullptr;
}

} // namespace

void registerCalls(const runtime::Artifact &artifact, uint32_t program,
                   const std::vector<std::string> &libraries) {
  std::vector<void *> loaded;
  for (const std::string &path : libraries) {
    // Without a slash it would be looked for elsewhere.
    std::string file = path.find('/') == std::string::npos ? "./" + path : path;
    void *library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      const char *reason = ::dlerror();
      throw UserError("--call-library '" + path + "' cannot be loaded: " +
                      (reason ? reason : "no reason is given") +
                      ". Fix: pass a shared library for this host.");
    }
    loaded.push_back(library);
  }
  uint32_t count = check(artifact.programInfo(program)).call_count;
  for (uint32_t i = 0; i < count; ++i) {
    VyreCall call = {};
    call.struct_size = sizeof(call);
    call.name = check(artifact.callInfo(program, i)).function;
    for (void *library : loaded)
      if (!call.function)
        call.function = reinterpret_cast<decltype(call.function)>(
            findOwn(library, call.name));
    if (!call.function)
      throw UserError(
          std::string("the program calls the host's function '") + call.name +
          "', which " +
          (loaded.empty() ? "no --call-library provides"
                          : "none of the libraries of --call-library defines") +
          ". Fix: pass --call-library=LIB.so with a C function of that name, "
          "as vyre-c/Call.h describes it.");
    check(runtime::Status(vyreCallRegister(&call)));
  }
}

} // namespace vyre::run
