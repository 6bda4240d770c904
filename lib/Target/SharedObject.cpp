//===- SharedObject.cpp - Linking CPU code --------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGeneration.h"

#include "lld/Common/CommonLinkerContext.h"
#include "lld/Common/Driver.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace vyre;

FailureOr<std::string> vyre::linkSharedObject(StringRef object, Location loc) {
  SmallString<128> input, output;
  if (llvm::sys::fs::createTemporaryFile("vyre", "o", input) ||
      llvm::sys::fs::createTemporaryFile("vyre", "so", output))
    return emitError(loc) << "can't create a temporary file for the linker";
  llvm::FileRemover removeInput(input), removeOutput(output);
  {
    std::error_code error;
    llvm::raw_fd_ostream stream(input, error);
    stream << object;
    stream.close();
    if (error || stream.has_error())
      return emitError(loc) << "can't write " << input << ": "
                            << (error ? error : stream.error()).message();
  }
  // Math functions stay undefined: the runtime brings libm along. Nothing of
  // the file names, the time or the machine gets into the output.
  std::string outputFlag = ("--output=" + output).str();
  const char *arguments[] = {
      "ld.lld",           "-shared",           "--build-id=none",
      "--hash-style=gnu", "--soname=vyre_cpu", "-znow",
      "-zrelro",          "-znoexecstack",     "--strip-all",
      outputFlag.c_str(), input.c_str()};
  // lld keeps its state in the process.
  static std::mutex linking;
  std::lock_guard<std::mutex> lock(linking);
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result =
      lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return emitError(loc) << "the linker failed: " << messages;
  auto linked = llvm::MemoryBuffer::getFile(output, /*IsText=*/false);
  if (!linked)
    return emitError(loc) << "can't read the linker's output: "
                          << linked.getError().message();
  return (*linked)->getBuffer().str();
}
