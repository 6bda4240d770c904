//===- BackendRegistry.h - All backends there are ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_BACKENDREGISTRY_H
#define VYRE_LIB_RUNTIME_BACKENDREGISTRY_H

#include "Backend.h"

#include "vyre-c/Backend.h"

#include <memory>
#include <string>
#include <string_view>

namespace vyre::runtime::internal {

/// The backend of this id, or null.
std::shared_ptr<Backend> findBackend(std::string_view id);
/// The ids of all backends, quoted, for a message.
std::string listBackends();

/// See vyreBackendRegister and vyreBackendUnregister.
Status registerBackend(const VyreBackend *table);
Status unregisterBackend(const char *id);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_BACKENDREGISTRY_H
