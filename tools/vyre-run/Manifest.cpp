//===- Manifest.cpp - Which pipeline to run ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Manifest.h"

#include "Arguments.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vyre::run {
namespace {

using Json = nlohmann::json;

[[noreturn]] void noManifest(const std::string &path, const std::string &why) {
  throw UserError("'" + path + "' is no manifest: " + why +
                  ". Fix: pass a file that --manifest wrote.");
}

std::string readString(const Json &manifest, const char *key,
                       const std::string &path) {
  auto found = manifest.find(key);
  if (found == manifest.end())
    noManifest(path, std::string("it has no '") + key + "'");
  if (!found->is_string())
    noManifest(path, std::string("its '") + key + "' is no string");
  return *found;
}

} // namespace

Manifest readManifest(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw UserError("cannot read '" + path + "': " + std::strerror(errno) +
                    ". Fix: pass --from-manifest a file that --manifest "
                    "wrote.");
  Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    noManifest(path, "it is no JSON object");
  auto schema = json.find("schema");
  if (schema == json.end() || *schema != 1)
    noManifest(path, "its 'schema' is " +
                         (schema == json.end() ? "missing" : schema->dump()) +
                         ", expected 1");
  return {readString(json, "backend_id", path),
          readString(json, "pipeline_id", path),
          readString(json, "program_digest", path)};
}

uint32_t findProgram(const Manifest &manifest,
                     const runtime::Artifact &artifact) {
  std::string found;
  for (uint32_t i = 0; i < artifact.programCount(); ++i) {
    VyreProgramInfo info = check(artifact.programInfo(i));
    if (manifest.programDigest == info.digest)
      return i;
    found += (found.empty() ? "'" : ", '") + std::string(info.name) + "' " +
             (*info.digest ? info.digest : "without one");
  }
  throw UserError("the manifest is of the program with the digest " +
                  manifest.programDigest + ", the artifact has " + found +
                  ". Fix: pass the artifact that the manifest was written "
                  "for, or write a new manifest.");
}

void checkPipeline(const Manifest &manifest,
                   const runtime::Pipeline &pipeline) {
  Json found = Json::parse(check(pipeline.manifest()));
  if (found["pipeline_id"] != manifest.pipelineId)
    throw UserError("the manifest is of pipeline '" + manifest.pipelineId +
                    "' of backend '" + manifest.backendId + "', found '" +
                    found["pipeline_id"].get<std::string>() + "' of '" +
                    found["backend_id"].get<std::string>() +
                    "'. Fix: run it on the manifest's backend.");
}

void writeManifest(const std::string &path, const runtime::Pipeline &pipeline) {
  std::ofstream file(path, std::ios::binary);
  file << check(pipeline.manifest()) << "\n";
  file.close();
  if (!file)
    throw UserError("cannot write '" + path + "': " + std::strerror(errno) +
                    ". Fix: pass --manifest a writable path.");
}

} // namespace vyre::run
