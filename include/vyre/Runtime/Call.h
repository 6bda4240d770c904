//===- Call.h - Functions of the host in programs ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers any callable object as a function that programs call: see
// vyre-c/Call.h for what it has to keep to.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_CALL_H
#define VYRE_RUNTIME_CALL_H

#include "vyre-c/Call.h"
#include "vyre/Runtime/Status.h"

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace vyre::runtime {

/// Registers `function`, which takes a `const VyreCallArguments &` and returns
/// a Status, under the name that programs have for it, and owns it from then
/// on. `backend` is "cpu" or "cuda"; with "" it is for each that has none of
/// its own. An exception becomes an error of the dispatch. One that is refused
/// is destroyed.
template <typename Function>
Status registerCall(const std::string &name, const std::string &backend,
                    Function &&function) {
  using Callable = std::decay_t<Function>;
  auto owned = std::make_unique<Callable>(std::forward<Function>(function));
  VyreCall table = {};
  table.struct_size = sizeof(table);
  table.name = name.c_str();
  table.backend = backend.empty() ? nullptr : backend.c_str();
  table.user = owned.get();
  table.release = [](void *user) { delete static_cast<Callable *>(user); };
  table.function = [](void *user,
                      const VyreCallArguments *arguments) -> VyreStatus * {
#if defined(__cpp_exceptions)
    try {
      return Status((*static_cast<Callable *>(user))(*arguments)).release();
    } catch (const std::exception &error) {
      return vyreStatusCreate(VYRE_STATUS_INTERNAL, error.what());
    } catch (...) {
      return vyreStatusCreate(VYRE_STATUS_INTERNAL,
                              "it threw something that is no std::exception");
    }
#else
    return Status((*static_cast<Callable *>(user))(*arguments)).release();
#endif
  };
  Status status(vyreCallRegister(&table));
  if (!status.failed())
    (void)owned.release();
  return status;
}

/// Takes a function out of the list; pipelines that call it go on.
inline Status unregisterCall(const std::string &name,
                             const std::string &backend) {
  return Status(vyreCallUnregister(
      name.c_str(), backend.empty() ? nullptr : backend.c_str()));
}

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_CALL_H
