//===- OutputFiles.cpp - Where vyre-run writes ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputFiles.h"

#include "Arguments.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace vyre::run {
namespace {

namespace fs = std::filesystem;

void makeDirectory(const std::string &path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path, error))
    throw UserError("cannot make the directory '" + path +
                    "'. Fix: pass --out a path that can be one.");
}

/// Opens a file to see whether that can be done, without changing it. To open
/// a pipe would wait for its reader.
void checkWritable(const std::string &path, const char *option) {
  std::error_code error;
  fs::file_status status = fs::status(path, error);
  bool isNew = status.type() == fs::file_type::not_found;
  if (status.type() == fs::file_type::fifo)
    return;
  std::FILE *file = std::fopen(path.c_str(), "ab");
  if (!file)
    throw UserError("cannot write '" + path + "': " + std::strerror(errno) +
                    ". Fix: pass " + option + " a writable path.");
  std::fclose(file);
  if (isNew)
    fs::remove(path, error);
}

} // namespace

std::string resultPath(const std::string &directory, size_t result) {
  return (fs::path(directory) / ("result" + std::to_string(result) + ".npy"))
      .string();
}

void prepareOutputs(const Options &options, size_t resultCount) {
  if (!options.outDirectory.empty()) {
    makeDirectory(options.outDirectory);
    for (size_t i = 0; i < resultCount; ++i)
      checkWritable(resultPath(options.outDirectory, i), "--out");
  }
  if (!options.reportPath.empty())
    checkWritable(options.reportPath, "--report");
  if (!options.manifestPath.empty())
    checkWritable(options.manifestPath, "--manifest");
  if (!options.tracePath.empty())
    checkWritable(options.tracePath, "--trace");
}

} // namespace vyre::run
