//===- Common.h - What the C API's parts share ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Handles, and the border that keeps exceptions in and checks the sizes of
// structs.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CAPI_COMMON_H
#define VYRE_LIB_RUNTIME_CAPI_COMMON_H

#include "Artifact.h"
#include "Backend.h"
#include "Status.h"

#include "vyre-c/Runtime.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>

struct VyreArtifact {
  std::shared_ptr<const vyre::runtime::internal::Artifact> artifact;
};

struct VyreDevice {
  std::shared_ptr<vyre::runtime::internal::Device> device;
};

namespace vyre::runtime::internal {

/// The statuses that need no memory; they are never freed.
VyreStatus *outOfHostMemory();
VyreStatus *unexpectedException();

/// Takes over what a function of the C API or of a caller gave.
Status adopt(VyreStatus *status);

/// Runs what may fail or throw; nothing but a status comes out.
template <typename Function> VyreStatus *guarded(Function function) noexcept {
  try {
    try {
      return Status(function()).release();
    } catch (const std::system_error &error) {
      return failure(VYRE_STATUS_DEVICE_ERROR,
                     "the system refused a resource: ", error.what(),
                     ". Fix: raise the process's limits.")
          .release();
    } catch (const std::length_error &) {
      return outOfHostMemory();
    }
  } catch (const std::bad_alloc &) {
    return outOfHostMemory();
  } catch (...) {
    return unexpectedException();
  }
}

inline Status nullArgument(const char *name) {
  return invalid("'", name, "' is NULL. Fix: pass an object.");
}

/// Reads a config of any release: missing fields are zero, unknown ones must
/// be.
template <typename Config>
Status readConfig(const Config *from, const char *name, Config &to) {
  std::memset(&to, 0, sizeof(to));
  if (!from)
    return Status();
  if (from->struct_size < sizeof(size_t) || from->struct_size > size_t(1) << 16)
    return invalid(name, "::struct_size is ", from->struct_size,
                   ". Fix: set it to sizeof(", name, ").");
  const auto *bytes = reinterpret_cast<const unsigned char *>(from);
  for (size_t i = sizeof(to); i < from->struct_size; ++i)
    if (bytes[i])
      return failure(VYRE_STATUS_UNSUPPORTED, name,
                     " sets a field that this runtime does not know. Fix: use "
                     "a newer libvyre_runtime.");
  std::memcpy(&to, from, std::min(sizeof(to), from->struct_size));
  return Status();
}

/// Success if an answer can be written later, or is not asked for.
template <typename Info> Status checkInfo(const char *name, const Info *to) {
  if (to && to->struct_size < sizeof(size_t))
    return invalid(name, "::struct_size is ", to->struct_size,
                   ". Fix: set it to sizeof(", name, ").");
  return Status();
}

/// Writes as much of an answer as the caller's struct holds.
template <typename Info>
Status writeInfo(const Info &from, const char *name, Info *to) {
  if (!to)
    return nullArgument(name);
  if (Status status = checkInfo(name, to); status.failed())
    return status;
  size_t size = to->struct_size;
  std::memcpy(to, &from, std::min(size, sizeof(from)));
  to->struct_size = size;
  return Status();
}

/// Copies as much of a text as there is room for, with a NUL, and tells its
/// whole length.
Status writeText(std::string_view from, char *text, size_t size,
                 size_t *length);

/// Success if the artifact has a program of this number.
Status checkProgram(const VyreArtifact *artifact, uint32_t program);

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CAPI_COMMON_H
