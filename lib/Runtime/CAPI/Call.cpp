//===- Call.cpp - Functions of the host in the C API ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPI/Common.h"
#include "CallRegistry.h"

using namespace vyre::runtime::internal;

VyreStatus *vyreCallRegister(const VyreCall *call) {
  return guarded([&] { return registerCall(call); });
}

VyreStatus *vyreCallUnregister(const char *name, const char *backend) {
  return guarded([&] { return unregisterCall(name, backend); });
}
