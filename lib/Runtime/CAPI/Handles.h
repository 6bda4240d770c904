//===- Handles.h - The pipeline behind its handle ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CAPI_HANDLES_H
#define VYRE_LIB_RUNTIME_CAPI_HANDLES_H

#include "CAPI/Common.h"
#include "Pipeline.h"

#include "vyre-c/Runtime.h"

#include <memory>

struct VyrePipeline {
  std::shared_ptr<vyre::runtime::internal::Pipeline> pipeline;
};

#endif // VYRE_LIB_RUNTIME_CAPI_HANDLES_H
