//===- CUDACompiler.cpp - PTX to code of a GPU ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDACompiler.h"

#include <fstream>

namespace vyre::runtime::internal::cuda {
namespace {

/// The kernel module's own version: two builds of the driver may say the same
/// version of CUDA. Empty where it is not told.
const std::string &driverBuild() {
  static const std::string build = [] {
    std::ifstream file("/proc/driver/nvidia/version");
    std::string line;
    std::getline(file, line);
    return line;
  }();
  return build;
}

/// A link that is given back with the scope.
class Link {
public:
  explicit Link(CudaDevice &device) : device(device) {}
  Link(const Link &) = delete;
  Link &operator=(const Link &) = delete;
  ~Link() { (void)close().failed(); }

  Status close() {
    if (!state)
      return Status();
    Status status = device.giveBack(
        [&] { return device.driver().linkDestroy(state); }, "cuLinkDestroy");
    state = nullptr;
    return status;
  }

  CUlinkState state = nullptr;

private:
  CudaDevice &device;
};

Status compile(CudaDevice &device, Bytes ptx, CUresult &result,
               std::vector<uint8_t> &code) {
  const DriverTable &driver = device.driver();
  CompilerLog log;
  Link link(device);
  result = driver.linkCreate(CompilerLog::kOptionCount, log.options(),
                             log.values(), &link.state);
  if (result != CUDA_SUCCESS) {
    link.state = nullptr;
    return device.check(result, "cuLinkCreate");
  }
  result = driver.linkAddData(link.state, CU_JIT_INPUT_PTX,
                              const_cast<uint8_t *>(ptx.data), ptx.size,
                              "program.ptx", 0, nullptr, nullptr);
  if (result != CUDA_SUCCESS)
    return log.addTo(device.check(result, "cuLinkAddData"));
  void *image = nullptr;
  size_t size = 0;
  result = driver.linkComplete(link.state, &image, &size);
  if (result != CUDA_SUCCESS)
    return log.addTo(device.check(result, "cuLinkComplete"));
  // The image is the link's.
  const auto *bytes = static_cast<const uint8_t *>(image);
  code.assign(bytes, bytes + size);
  return link.close();
}

} // namespace

Status CompilerLog::addTo(Status status) const {
  if (!status.failed() || text[0] == '\0')
    return status;
  std::string_view said(text);
  said = said.substr(0, said.find_last_not_of(" \n\t") + 1);
  return failure(status.code(), status.message(),
                 " The driver's compiler says: ", said);
}

Status compilePtx(CudaDevice &device, Bytes ptx, CUresult &result,
                  CompiledCode &code) {
  code = nullptr;
  CodeCache &cache = CodeCache::process();
  if (!device.driver().hasLinker() || !cache.isOn())
    return Status();
  int version = 0;
  result = device.driver().driverGetVersion(&version);
  if (result != CUDA_SUCCESS)
    return device.check(result, "cuDriverGetVersion");
  std::string target =
      concat("cuda ", version, "\n", driverBuild(), "\nsm_",
             device.computeCapability(), "\nlink, default options\n");
  CodeKey key{target, {reinterpret_cast<const char *>(ptx.data), ptx.size}};
  code = cache.find(key);
  if (code)
    return Status();
  std::vector<uint8_t> fresh;
  if (Status status = compile(device, ptx, result, fresh); status.failed())
    return status;
  code = std::make_shared<const std::vector<uint8_t>>(std::move(fresh));
  try {
    cache.insert(key, *code);
  } catch (const std::exception &) {
    // Compiled it is; that it is not kept is no error.
  }
  return Status();
}

} // namespace vyre::runtime::internal::cuda
