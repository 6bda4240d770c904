//===- Manifest.h - Which pipeline to run -----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The manifest of a pipeline as a file: written after a run, and given to a
// later one, which then runs the same pipeline or none.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_MANIFEST_H
#define VYRE_TOOLS_VYRE_RUN_MANIFEST_H

#include "vyre/Runtime/Runtime.h"

#include <cstdint>
#include <string>

namespace vyre::run {

struct Manifest {
  std::string backendId;
  std::string pipelineId;
  std::string programDigest;
};

/// Reads a manifest. Throws UserError if it is none.
Manifest readManifest(const std::string &path);

/// The program of the artifact that the manifest is of. Throws UserError, with
/// both digests, if there is none.
uint32_t findProgram(const Manifest &manifest,
                     const runtime::Artifact &artifact);

/// Throws UserError if the pipeline is not the manifest's.
void checkPipeline(const Manifest &manifest, const runtime::Pipeline &pipeline);

/// Writes a pipeline's manifest. Throws UserError if the system refuses.
void writeManifest(const std::string &path, const runtime::Pipeline &pipeline);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_MANIFEST_H
