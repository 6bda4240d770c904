//===- CallRegistry.h - Functions that programs may call --------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of vyre-c/Call.h that the process registered, by name and
// backend.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CALLREGISTRY_H
#define VYRE_LIB_RUNTIME_CALLREGISTRY_H

#include "Status.h"

#include "vyre-c/Call.h"

#include <memory>
#include <string_view>

namespace vyre::runtime::internal {

/// A function, given back by the last of the list and its pipelines.
struct RegisteredCall {
  explicit RegisteredCall(const VyreCall &from) : table(from) {
    // They are the caller's.
    table.name = table.backend = nullptr;
  }
  RegisteredCall(const RegisteredCall &) = delete;
  RegisteredCall &operator=(const RegisteredCall &) = delete;
  ~RegisteredCall() {
    if (table.release)
      table.release(table.user);
  }

  VyreCall table;
};

/// The backend's own function of this name, else the one for any backend; null
/// if there is neither.
std::shared_ptr<const RegisteredCall> findCall(std::string_view name,
                                               std::string_view backend);

/// The names that a backend finds: "'gemm', 'sort'"; "none".
std::string listCalls(std::string_view backend);

Status registerCall(const VyreCall *call);
Status unregisterCall(const char *name, const char *backend);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CALLREGISTRY_H
