//===- CUDAModule.cpp - An artifact's code on a GPU -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDA/CUDAModule.h"

#include "CUDA/CUDACompiler.h"
#include "CUDA/PersistentKernel.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <string_view>

namespace vyre::runtime::internal::cuda {
namespace {

/// "sm_90a" is 90 and 'a'.
struct Architecture {
  int capability = 0;
  /// 0, 'a' (that architecture alone) or 'f' (its family).
  char suffix = 0;
};

bool parseArchitecture(std::string_view text, Architecture &architecture) {
  if (text.substr(0, 3) != "sm_")
    return false;
  text.remove_prefix(3);
  if (!text.empty() && (text.back() == 'a' || text.back() == 'f')) {
    architecture.suffix = text.back();
    text.remove_suffix(1);
  }
  if (text.size() < 2 || text.size() > 3)
    return false;
  for (char digit : text) {
    if (digit < '0' || digit > '9')
      return false;
    architecture.capability = architecture.capability * 10 + (digit - '0');
  }
  return true;
}

bool fits(const Code &code, int capability) {
  Architecture made;
  if (code.kind == CodeKind::elf || !parseArchitecture(code.architecture, made))
    return false;
  bool isSameMajor = made.capability / 10 == capability / 10;
  if (made.suffix == 'a')
    return made.capability == capability;
  if (code.kind == CodeKind::cubin || made.suffix == 'f')
    return isSameMajor && made.capability <= capability;
  return made.capability <= capability;
}

/// The order of preference among sections that fit.
int rank(const Code &code) {
  Architecture made;
  parseArchitecture(code.architecture, made);
  int specific = made.suffix == 'a' ? 2 : made.suffix == 'f' ? 1 : 0;
  return (code.kind == CodeKind::cubin ? 1 << 20 : 0) + made.capability * 4 +
         specific;
}

/// Whether the tables of an ELF file lie within it: the driver is not told how
/// long a cubin is.
bool isWholeElf(Bytes image) {
  Elf64_Ehdr header;
  if (image.size < sizeof(header))
    return false;
  std::memcpy(&header, image.data, sizeof(header));
  auto lies = [&](uint64_t offset, uint64_t size) {
    return offset <= image.size && size <= image.size - offset;
  };
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shnum == 0 ||
      header.e_shentsize != sizeof(Elf64_Shdr) ||
      !lies(header.e_shoff, uint64_t(header.e_shnum) * sizeof(Elf64_Shdr)) ||
      (header.e_phnum != 0 && header.e_phentsize != sizeof(Elf64_Phdr)) ||
      !lies(header.e_phoff, uint64_t(header.e_phnum) * sizeof(Elf64_Phdr)) ||
      header.e_shstrndx >= header.e_shnum)
    return false;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    std::memcpy(&section, image.data + header.e_shoff + i * sizeof(section),
                sizeof(section));
    if (section.sh_type != SHT_NOBITS &&
        !lies(section.sh_offset, section.sh_size))
      return false;
  }
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, image.data + header.e_phoff + i * sizeof(segment),
                sizeof(segment));
    if (!lies(segment.p_offset, segment.p_filesz))
      return false;
  }
  return true;
}

} // namespace

std::vector<const Code *> selectGpuCode(const Artifact &artifact,
                                        int capability) {
  std::vector<const Code *> fitting;
  for (const Code &code : artifact.codes)
    if (fits(code, capability))
      fitting.push_back(&code);
  std::stable_sort(
      fitting.begin(), fitting.end(),
      [](const Code *a, const Code *b) { return rank(*a) > rank(*b); });
  return fitting;
}

std::string listGpuCode(const Artifact &artifact) {
  std::string list;
  for (const Code &code : artifact.codes)
    if (code.kind != CodeKind::elf)
      list += concat(list.empty() ? "" : ", ",
                     code.kind == CodeKind::ptx ? "PTX of " : "a cubin of ",
                     code.architecture);
  return list.empty() ? "none" : list;
}

Status CudaModule::loadCode(const Code &code, CUresult &result) {
  if (code.kind == CodeKind::cubin && !isWholeElf(code.data))
    return badArtifact("the artifact's cubin of ", code.architecture,
                       " is not a whole ELF file. Fix: compile the artifact "
                       "again.");
  const void *image = code.data.data;
  CompiledCode compiled;
  if (code.kind == CodeKind::ptx) {
    if (Status status = compilePtx(device, code.data, result, compiled);
        status.failed())
      return status;
    if (compiled)
      image = compiled->data();
  }
  CompilerLog log;
  auto load = [&] {
    DeviceQuiet quiet(device);
    result = device.driver().moduleLoadDataEx(
        &module, image, CompilerLog::kOptionCount, log.options(), log.values());
  };
  load();
  // What was kept may be of no use; the PTX always is.
  if (compiled && (result == CUDA_ERROR_INVALID_IMAGE ||
                   result == CUDA_ERROR_NO_BINARY_FOR_GPU)) {
    image = code.data.data;
    load();
  }
  waits = code.waitsForDependencies;
  return log.addTo(device.check(result, "cuModuleLoadDataEx"));
}

Status CudaModule::uploadConstants() {
  const std::vector<Constant> &from = artifact->constants;
  uint64_t size = 0, alignment = 256;
  std::vector<uint64_t> offsets;
  for (const Constant &constant : from) {
    uint64_t granule = std::max<uint64_t>(constant.alignment, 16);
    alignment = std::max(alignment, granule);
    size = (size + granule - 1) / granule * granule;
    offsets.push_back(size);
    size += constant.data.size;
  }
  constants.resize(from.size());
  if (size == 0)
    return Status();
  if (Status status = constantBlock.reserve(size, alignment); status.failed())
    return status;
  for (size_t i = 0; i < from.size(); ++i) {
    constants[i] = constantBlock.data() + offsets[i];
    if (from[i].data.size == 0)
      continue;
    if (Status status =
            device.copyIn(constants[i], from[i].data.data, from[i].data.size);
        status.failed())
      return status;
  }
  return Status();
}

Expected<std::unique_ptr<CudaModule>>
CudaModule::load(CudaDevice &device, std::shared_ptr<const Artifact> artifact) {
  auto choices = selectGpuCode(*artifact, device.computeCapability());
  std::unique_ptr<CudaModule> loaded(
      new CudaModule(device, std::move(artifact)));
  auto finish = [&]() -> Expected<std::unique_ptr<CudaModule>> {
    Status status = loaded->uploadConstants();
    if (!status.failed())
      return std::move(loaded);
    status.update(loaded->close());
    return status;
  };
  // Programs without a launch need none.
  if (choices.empty())
    return finish();
  Status first;
  for (const Code *code : choices) {
    CUresult result = CUDA_SUCCESS;
    Status status = loaded->loadCode(*code, result);
    if (!status.failed())
      return finish();
    first.update(std::move(status));
    if (result != CUDA_ERROR_NO_BINARY_FOR_GPU &&
        result != CUDA_ERROR_UNSUPPORTED_PTX_VERSION)
      break;
  }
  return first;
}

Status CudaModule::close() {
  DeviceQuiet quiet(device);
  Status status = constantBlock.release();
  if (module)
    status.update(
        device.giveBack([&] { return device.driver().moduleUnload(module); },
                        "cuModuleUnload"));
  module = nullptr;
  return status;
}

} // namespace vyre::runtime::internal::cuda
