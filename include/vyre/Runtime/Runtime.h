//===- Runtime.h - C++ layer over the runtime's C API -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Owning C++17 handles over vyre-c/Runtime.h, whose documentation holds here
// too. Header-only, so that it works with any standard library and with
// -fno-exceptions: errors are values.
//
//   auto artifact = Artifact::loadFile("model.vyre");
//   auto device = Device::open("auto");
//   auto pipeline = Pipeline::create(*device, *artifact, 0);
//   if (Status status = pipeline->dispatch(bindings, count); status.failed())
//     report(status.message());
//
// Handles may be destroyed in any order: a pipeline keeps its device open.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_RUNTIME_H
#define VYRE_RUNTIME_RUNTIME_H

#include "vyre-c/Runtime.h"
#include "vyre/Runtime/Artifact.h"
#include "vyre/Runtime/Backend.h"
#include "vyre/Runtime/Call.h"
#include "vyre/Runtime/Config.h"
#include "vyre/Runtime/Device.h"
#include "vyre/Runtime/Pipeline.h"
#include "vyre/Runtime/ResultBuffer.h"
#include "vyre/Runtime/Status.h"

#endif // VYRE_RUNTIME_RUNTIME_H
