//===- CallRegistry.cpp - Functions that programs may call ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CallRegistry.h"

#include "CAPI/Common.h"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace vyre::runtime::internal {
namespace {

class Registry {
public:
  using Call = std::shared_ptr<const RegisteredCall>;

  Call find(std::string_view name, std::string_view backend) {
    std::lock_guard<std::mutex> lock(mutex);
    for (std::string_view of : {backend, std::string_view()}) {
      auto found = calls.find({std::string(name), std::string(of)});
      if (found != calls.end())
        return found->second;
    }
    return nullptr;
  }

  std::string list(std::string_view backend) {
    std::lock_guard<std::mutex> lock(mutex);
    std::set<std::string_view> names;
    for (const auto &[key, call] : calls)
      if (key.second.empty() || key.second == backend)
        names.insert(key.first);
    std::string text;
    for (std::string_view name : names)
      text += concat(text.empty() ? "'" : ", '", name, "'");
    return text.empty() ? "none" : text;
  }

  Status add(const VyreCall &table) {
    std::string backend = table.backend ? table.backend : "";
    std::lock_guard<std::mutex> lock(mutex);
    // What is refused stays the caller's, so that it is not wrapped before.
    auto [entry, isNew] = calls.try_emplace({table.name, backend});
    if (!isNew)
      return failure(VYRE_STATUS_FAILED_PRECONDITION, "there is a function '",
                     table.name, "' for ",
                     backend.empty() ? "any backend" : backend,
                     " already. Fix: unregister it first, or take another "
                     "name.");
    try {
      entry->second = std::make_shared<const RegisteredCall>(table);
    } catch (...) {
      calls.erase(entry);
      throw;
    }
    return Status();
  }

  Status remove(const char *name, const char *backend) {
    // Given back after the lock is: the function's owner may call the runtime.
    Call removed;
    std::lock_guard<std::mutex> lock(mutex);
    auto found = calls.find({name, backend ? backend : ""});
    if (found == calls.end())
      return failure(VYRE_STATUS_NOT_FOUND, "there is no function '", name,
                     "' for ", backend ? backend : "any backend",
                     ". Fix: pass a name and a backend that vyreCallRegister "
                     "took.");
    removed = std::move(found->second);
    calls.erase(found);
    return Status();
  }

private:
  std::mutex mutex;
  /// By name and backend, which is empty for any.
  std::map<std::pair<std::string, std::string>, Call> calls;
};

Registry &registry() {
  // Not destroyed: pipelines may still be released while the process ends.
  static Registry *all = new Registry;
  return *all;
}

} // namespace

std::shared_ptr<const RegisteredCall> findCall(std::string_view name,
                                               std::string_view backend) {
  return registry().find(name, backend);
}

std::string listCalls(std::string_view backend) {
  return registry().list(backend);
}

Status registerCall(const VyreCall *from) {
  if (!from)
    return nullArgument("call");
  VyreCall table;
  if (Status status = readConfig(from, "VyreCall", table); status.failed())
    return status;
  if (!table.name || !*table.name)
    return invalid("VyreCall::name is ", table.name ? "empty" : "NULL",
                   ". Fix: pass the name that the program has for the "
                   "function.");
  if (table.backend && !*table.backend)
    return invalid("VyreCall::backend of '", table.name,
                   "' is empty. Fix: pass a backend's id, or NULL for any.");
  if (!table.function)
    return invalid("VyreCall::function of '", table.name,
                   "' is NULL. Fix: pass a function.");
  return registry().add(table);
}

Status unregisterCall(const char *name, const char *backend) {
  return name ? registry().remove(name, backend) : nullArgument("name");
}

} // namespace vyre::runtime::internal
