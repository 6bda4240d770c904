//===- SharedObject.h - CPU code, loaded from memory ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A shared object out of an artifact, loaded by dlopen from a sealed memory
// file, after ElfImage.h's checks.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_SHAREDOBJECT_H
#define VYRE_LIB_RUNTIME_CPU_SHAREDOBJECT_H

#include "Artifact.h"
#include "Status.h"

#include <memory>

namespace vyre::runtime::internal {

/// The C type of a CPU entry: see Artifact.fbs.
using CpuEntry = void (*)(void *const *pointers, const int64_t *parameters,
                          int64_t begin, int64_t end);

class SharedObject {
public:
  /// Checks and loads an image, which is copied.
  static Expected<std::unique_ptr<SharedObject>> load(Bytes image);
  SharedObject(const SharedObject &) = delete;
  SharedObject &operator=(const SharedObject &) = delete;
  ~SharedObject();

  /// The function of this name, or NULL.
  CpuEntry find(const char *name) const;

private:
  SharedObject() = default;

  void *handle = nullptr;
  int file = -1;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_SHAREDOBJECT_H
