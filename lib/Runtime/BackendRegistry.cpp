//===- BackendRegistry.cpp - All backends there are -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BackendRegistry.h"

#include "CAPI/Common.h"
#include "RegisteredBackend.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace vyre::runtime::internal {
namespace {

class Registry {
public:
  Registry() {
    // The built-in ones live as long as the process.
    for (Backend *backend : {&cpuBackend(), &cudaBackend()})
      backends.emplace(backend->id(),
                       std::shared_ptr<Backend>(backend, [](Backend *) {}));
  }

  std::shared_ptr<Backend> find(std::string_view id) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = backends.find(id);
    return found == backends.end() ? nullptr : found->second;
  }

  std::string list() {
    std::lock_guard<std::mutex> lock(mutex);
    std::string ids;
    for (const auto &entry : backends)
      ids += concat(ids.empty() ? "'" : ", '", entry.first, "'");
    return ids;
  }

  Status add(std::shared_ptr<RegisteredBackend> backend) {
    std::lock_guard<std::mutex> lock(mutex);
    if (!backends.try_emplace(backend->id(), backend).second)
      return failure(VYRE_STATUS_FAILED_PRECONDITION, "there is a backend '",
                     backend->id(), "' already. Fix: take another id.");
    backend->isAccepted = true;
    return Status();
  }

  Status remove(std::string_view id) {
    // Given back after the lock is: the backend may call the runtime then.
    std::shared_ptr<Backend> removed;
    std::lock_guard<std::mutex> lock(mutex);
    auto found = backends.find(id);
    if (found == backends.end() || id == "cpu" || id == "cuda")
      return failure(VYRE_STATUS_NOT_FOUND, "there is no registered backend '",
                     id, "'. Fix: pass an id that vyreBackendRegister took.");
    removed = std::move(found->second);
    backends.erase(found);
    return Status();
  }

private:
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Backend>, std::less<>> backends;
};

Registry &registry() {
  // Not destroyed: devices may still be closed while the process ends.
  static Registry *all = new Registry;
  return *all;
}

bool isBackendId(std::string_view id) {
  return !id.empty() && id != "auto" &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

} // namespace

std::shared_ptr<Backend> findBackend(std::string_view id) {
  return registry().find(id);
}

std::string listBackends() { return registry().list(); }

Status registerBackend(const VyreBackend *from) {
  if (!from)
    return nullArgument("backend");
  VyreBackend table;
  if (Status status = readConfig(from, "VyreBackend", table); status.failed())
    return status;
  if (!table.id || !isBackendId(table.id))
    return invalid("VyreBackend::id is '", table.id ? table.id : "",
                   "', expected a word of letters, digits, '-' and '_' other "
                   "than 'auto'. Fix: pass such a word.");
  if (!table.dispatch)
    return invalid("VyreBackend::dispatch of '", table.id,
                   "' is NULL. Fix: pass a function.");
  int memoryFunctions =
      !!table.allocate + !!table.free + !!table.upload + !!table.download;
  if (memoryFunctions != 0 && memoryFunctions != 4)
    return invalid("backend '", table.id, "' has ", memoryFunctions,
                   " of the functions allocate, free, upload and download. "
                   "Fix: pass all four, or none.");
  return registry().add(std::make_shared<RegisteredBackend>(table));
}

Status unregisterBackend(const char *id) {
  return id ? registry().remove(id) : nullArgument("id");
}

} // namespace vyre::runtime::internal
