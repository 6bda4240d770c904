//===- FakeMemory.cpp - Memory and copies -----------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeWorld.h"

#include <cstdlib>
#include <cstring>

using namespace vyre::runtime::internal::cuda;
using namespace vyre::fakecuda;

extern "C" {

CUresult cuMemAlloc_v2(CUdeviceptr *memory, size_t size) {
  FAKE_ENTER("cuMemAlloc");
  expectQuiet();
  if (size == 0)
    return misuse();
  if (size > w.settings.memoryLimit - w.usedMemory)
    return CUDA_ERROR_OUT_OF_MEMORY;
  void *block = std::aligned_alloc(256, (size + 255) / 256 * 256);
  if (!block)
    return CUDA_ERROR_OUT_OF_MEMORY;
  std::memset(block, w.settings.fill, size);
  *memory = reinterpret_cast<CUdeviceptr>(block);
  w.deviceMemory[*memory] = size;
  w.usedMemory += size;
  return CUDA_SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr memory) {
  FAKE_ENTER("cuMemFree");
  expectQuiet();
  auto found = w.deviceMemory.find(memory);
  if (found == w.deviceMemory.end())
    return misuse();
  w.usedMemory -= found->second;
  w.deviceMemory.erase(found);
  std::free(reinterpret_cast<void *>(memory));
  return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void **memory, size_t size, unsigned) {
  FAKE_ENTER("cuMemHostAlloc");
  expectQuiet();
  if (size == 0)
    return misuse();
  *memory = std::malloc(size);
  if (!*memory)
    return CUDA_ERROR_OUT_OF_MEMORY;
  std::memset(*memory, w.settings.fill, size);
  w.pinnedMemory[reinterpret_cast<uint64_t>(*memory)] = size;
  return CUDA_SUCCESS;
}

CUresult cuMemFreeHost(void *memory) {
  FAKE_ENTER("cuMemFreeHost");
  expectQuiet();
  if (!w.pinnedMemory.erase(reinterpret_cast<uint64_t>(memory)))
    return misuse();
  std::free(memory);
  return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void *source,
                              size_t size, CUstream stream) {
  FAKE_ENTER("cuMemcpyHtoDAsync");
  if (!isDeviceRange(target, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memcpy(reinterpret_cast<void *>(target), source, size);
  });
}

CUresult cuMemcpyDtoHAsync_v2(void *target, CUdeviceptr source, size_t size,
                              CUstream stream) {
  FAKE_ENTER("cuMemcpyDtoHAsync");
  if (!isDeviceRange(source, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memcpy(target, reinterpret_cast<const void *>(source), size);
  });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source,
                              size_t size, CUstream stream) {
  FAKE_ENTER("cuMemcpyDtoDAsync");
  if (!isDeviceRange(target, size) || !isDeviceRange(source, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memmove(reinterpret_cast<void *>(target),
                 reinterpret_cast<const void *>(source), size);
  });
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t size,
                         CUstream stream) {
  FAKE_ENTER("cuMemsetD8Async");
  if (!isDeviceRange(target, size))
    return misuse();
  return enqueue(stream, [=] {
    std::memset(reinterpret_cast<void *>(target), value, size);
  });
}

CUresult cuPointerGetAttributes(unsigned count, CUpointer_attribute *wanted,
                                void **answers, CUdeviceptr address) {
  FAKE_ENTER("cuPointerGetAttributes");
  bool isDevice = isDeviceRange(address, 0);
  auto found = w.deviceMemory.upper_bound(address);
  for (unsigned i = 0; i < count; ++i) {
    auto set = [&](auto value) {
      std::memcpy(answers[i], &value, sizeof(value));
    };
    if (wanted[i] == CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
      set(uint32_t(isDevice ? CU_MEMORYTYPE_DEVICE : 0));
    else if (wanted[i] == CU_POINTER_ATTRIBUTE_IS_MANAGED)
      set(uint32_t(0));
    else if (wanted[i] == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
      set(int(isDevice ? 0 : -2));
    else if (wanted[i] == CU_POINTER_ATTRIBUTE_RANGE_START_ADDR)
      set(uint64_t(isDevice ? std::prev(found)->first : 0));
    else
      set(size_t(isDevice ? std::prev(found)->second : 0));
  }
  return CUDA_SUCCESS;
}

} // extern "C"
