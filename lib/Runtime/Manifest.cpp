//===- Manifest.cpp - What a pipeline is, as JSON ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vyre::runtime::internal {
namespace {

/// The version of the keys below and of what they mean.
constexpr int kSchema = 1;

bool isDigest(std::string_view text) {
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

} // namespace

Expected<std::string> Pipeline::manifest() const {
  if (!isDigest(program.digest))
    return failure(VYRE_STATUS_FAILED_PRECONDITION, "program '", program.name,
                   "' has the digest '", program.digest,
                   "', expected 64 hex digits. Fix: compile the artifact with "
                   "vyre-compile.");
  nlohmann::ordered_json manifest{
      {"schema", kSchema},
      {"backend_id", device->getIdentity().backend},
      {"pipeline_id", id},
      {"program_digest", program.digest},
      {"dispatch_policy",
       executable->nativeId.empty() ? "forwarded" : "native"},
      {"cache_hit", nullptr}};
  if (executable->cacheHit)
    manifest["cache_hit"] = *executable->cacheHit;
  // A program's name or a backend's id may hold anything.
  return manifest.dump(-1, ' ', false,
                       nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace vyre::runtime::internal
