//===- SharedObject.cpp - CPU code, loaded from memory ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/SharedObject.h"

#include "CPU/ElfImage.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace vyre::runtime::internal {
namespace {

Status systemError(const char *what) {
  return failure(VYRE_STATUS_DEVICE_ERROR, what,
                 " for the artifact's CPU code failed: ", std::strerror(errno),
                 ". Fix: allow the process memory files (memfd_create) and "
                 "enough file descriptors.");
}

Status writeAll(int file, Bytes image) {
  while (image.size) {
    ssize_t written = ::write(file, image.data, image.size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return systemError("writing memory");
    image.data += written;
    image.size -= static_cast<size_t>(written);
  }
  return Status();
}

/// CPU code may leave its math functions undefined without naming libm; with
/// libm in the global scope they are found.
bool provideMathFunctions() {
  static void *const libm = ::dlopen("libm.so.6", RTLD_NOW | RTLD_GLOBAL);
  return libm != nullptr;
}

} // namespace

Expected<std::unique_ptr<SharedObject>> SharedObject::load(Bytes image) {
  if (Status status = verifySharedObject(image); status.failed())
    return status;
  if (!provideMathFunctions())
    return failure(VYRE_STATUS_DEVICE_ERROR,
                   "libm.so.6 cannot be loaded, and CPU code needs it. Fix: "
                   "install the C library's math part.");

  std::unique_ptr<SharedObject> object(new SharedObject());
  object->file =
      ::memfd_create("vyre-cpu-code", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (object->file < 0)
    return systemError("making a memory file");
  if (Status status = writeAll(object->file, image); status.failed())
    return status;
  if (::fcntl(object->file, F_ADD_SEALS,
              F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return systemError("sealing memory");

  // The loader tells libraries apart by path: the descriptor stays open as long
  // as the library, so that no other one gets the same number.
  std::string path = concat("/proc/self/fd/", object->file);
  object->handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!object->handle) {
    const char *reason = ::dlerror();
    return failure(VYRE_STATUS_UNSUPPORTED,
                   "the artifact's CPU code cannot be loaded: ",
                   reason ? reason : "no reason given",
                   ". Fix: compile the artifact for this system's C library.");
  }
  return object;
}

SharedObject::~SharedObject() {
  if (handle)
    ::dlclose(handle);
  if (file >= 0)
    ::close(file);
}

CpuEntry SharedObject::find(const char *name) const {
  return reinterpret_cast<CpuEntry>(::dlsym(handle, name));
}

} // namespace vyre::runtime::internal
