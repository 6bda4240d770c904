//===- PackGuard.cpp - Any count, and no byte outside of the slab ---------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the runtime's pack kernel on a GPU with counts that no result can have,
// in every slot and of every width, while the slab, the room for what is larger
// than a record and the counts lie in mapped memory between pages that nothing
// may touch: at the begin of their pages, then at the end, with a block for
// each result and with three. A write outside of them ends the run with an
// illegal address; one inside that should not be is found by comparing all
// bytes. To be run alone and under compute-sanitizer. Needs nothing but the
// driver:
//   g++ -std=c++17 -I include -I lib/Runtime PackGuard.cpp -lcuda
//
//===----------------------------------------------------------------------===//

#include <cuda.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <vector>

namespace {

constexpr char kPackResults[] =
#include "CUDA/PackResults.ptx.inc"
    ;

/// As PackResults.cu has it.
struct PackedResult {
  uint64_t data, count, rows, rowBytes, slabOffset, recordBytes;
  uint64_t direct, countBytes;
};

void check(CUresult result, const char *call) {
  if (result == CUDA_SUCCESS)
    return;
  const char *name = "an unknown error";
  cuGetErrorName(result, &name);
  std::fprintf(stderr, "%s: %s\n", call, name);
  std::exit(1);
}
#define CHECK(call) check((call), #call)

/// Mapped memory between pages that nothing may touch.
class GuardedMemory {
public:
  GuardedMemory(size_t byteSize, bool isAtEnd) {
    constexpr size_t page = 4096;
    size_t inner = (byteSize + page - 1) / page * page;
    auto *all =
        static_cast<uint8_t *>(mmap(nullptr, inner + 2 * page, PROT_NONE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (all == MAP_FAILED ||
        mprotect(all + page, inner, PROT_READ | PROT_WRITE) != 0) {
      std::perror("mmap");
      std::exit(1);
    }
    CHECK(cuMemHostRegister(all + page, inner, CU_MEMHOSTREGISTER_DEVICEMAP));
    CUdeviceptr mapped;
    CHECK(cuMemHostGetDevicePointer(&mapped, all + page, 0));
    size_t shift = isAtEnd ? (inner - byteSize) / 16 * 16 : 0;
    host = all + page + shift;
    device = mapped + shift;
  }

  uint8_t *host;
  CUdeviceptr device;
};

struct Slot {
  uint64_t rows, rowBytes;
};

/// Records with and without whole 16 bytes, of one byte, empty, and larger than
/// a record, of which all but the last have room elsewhere.
constexpr Slot kSlots[] = {{16, 4},   {1, 1}, {7, 16},  {4096, 1}, {0, 8},
                           {1025, 4}, {5, 3}, {64, 64}, {127, 2},  {3, 0}};
constexpr size_t kSlotCount = sizeof(kSlots) / sizeof(kSlots[0]);
constexpr uint64_t kMaxRecordBytes = 2048;
constexpr size_t kNoRoom = 7;
constexpr uint8_t kUntouched = 0xA5;

} // namespace

static bool hasRoom(size_t slot) {
  return kSlots[slot].rows * kSlots[slot].rowBytes > kMaxRecordBytes &&
         slot != kNoRoom;
}

static int64_t truncated(int64_t value, uint64_t byteSize) {
  switch (byteSize) {
  case 1:
    return static_cast<int8_t>(value);
  case 2:
    return static_cast<int16_t>(value);
  case 4:
    return static_cast<int32_t>(value);
  default:
    return value;
  }
}

int main() {
  CHECK(cuInit(0));
  CUdevice device;
  CUcontext context;
  CHECK(cuDeviceGet(&device, 0));
  CHECK(cuDevicePrimaryCtxRetain(&context, device));
  CHECK(cuCtxSetCurrent(context));
  CUmodule module;
  CUfunction kernel;
  CHECK(cuModuleLoadData(&module, kPackResults));
  CHECK(cuModuleGetFunction(&kernel, module, "vyre_pack_results"));

  std::vector<PackedResult> table(kSlotCount);
  uint64_t slabBytes = 0, directBytes = 0;
  std::vector<std::vector<uint8_t>> contents;
  CUdeviceptr counts, tableOnDevice;
  CHECK(cuMemAlloc(&counts, kSlotCount * sizeof(int64_t)));
  CHECK(cuMemAlloc(&tableOnDevice, kSlotCount * sizeof(PackedResult)));
  for (size_t i = 0; i < kSlotCount; ++i) {
    uint64_t bytes = kSlots[i].rows * kSlots[i].rowBytes;
    CUdeviceptr data;
    CHECK(cuMemAlloc(&data, bytes + 1));
    contents.emplace_back(bytes);
    for (uint8_t &byte : contents.back())
      byte = uint8_t(std::rand());
    if (bytes)
      CHECK(cuMemcpyHtoD(data, contents.back().data(), bytes));
    uint64_t recordBytes = bytes < kMaxRecordBytes ? bytes : kMaxRecordBytes;
    slabBytes = (slabBytes + 15) / 16 * 16;
    table[i] = {data,           counts + i * sizeof(int64_t),
                kSlots[i].rows, kSlots[i].rowBytes,
                slabBytes,      recordBytes,
                directBytes,    8};
    slabBytes += recordBytes;
    if (hasRoom(i))
      directBytes += (bytes + 15) / 16 * 16;
  }

  unsigned runs = 0;
  const std::vector<PackedResult> offsets = table;
  for (bool isAtEnd : {false, true}) {
    GuardedMemory slab(slabBytes, isAtEnd);
    GuardedMemory direct(directBytes, isAtEnd);
    for (size_t i = 0; i < kSlotCount; ++i)
      table[i].direct = hasRoom(i) ? direct.device + offsets[i].direct : 0;
    GuardedMemory written(kSlotCount * sizeof(int64_t), isAtEnd);
    for (uint64_t width : {1, 2, 4, 8})
      for (size_t position = 0; position < kSlotCount; ++position) {
        auto rows = static_cast<int64_t>(kSlots[position].rows);
        for (int64_t count :
             {int64_t(-1), int64_t(0), rows, rows + 1, int64_t(1) << 31,
              (int64_t(1) << 31) - 1, int64_t(1) << 62, INT64_MIN, INT64_MAX}) {
          std::vector<int64_t> given(kSlotCount), expected(kSlotCount);
          for (size_t i = 0; i < kSlotCount; ++i) {
            table[i].countBytes = i == position ? width : 8;
            given[i] =
                i == position ? count : static_cast<int64_t>(kSlots[i].rows);
            expected[i] = truncated(given[i], table[i].countBytes);
          }
          CHECK(cuMemcpyHtoD(counts, given.data(), given.size() * 8));
          CHECK(cuMemcpyHtoD(tableOnDevice, table.data(),
                             table.size() * sizeof(PackedResult)));
          std::memset(slab.host, kUntouched, slabBytes);
          std::memset(direct.host, kUntouched, directBytes);
          std::memset(written.host, kUntouched, kSlotCount * 8);
          uint64_t resultCount = kSlotCount;
          void *parameters[] = {&tableOnDevice, &written.device, &slab.device,
                                &resultCount};
          unsigned blocks = runs % 2 ? 3 : 1;
          CHECK(cuLaunchKernel(kernel, kSlotCount, blocks, 1, 128, 1, 1, 0,
                               nullptr, parameters, nullptr));
          CHECK(cuCtxSynchronize());
          ++runs;
          std::vector<uint8_t> wanted(slabBytes, kUntouched);
          std::vector<uint8_t> wantedDirect(directBytes, kUntouched);
          for (size_t i = 0; i < kSlotCount; ++i) {
            if (expected[i] < 0 || uint64_t(expected[i]) > kSlots[i].rows)
              continue;
            uint64_t bytes = uint64_t(expected[i]) * kSlots[i].rowBytes;
            if (bytes && bytes <= table[i].recordBytes)
              std::memcpy(wanted.data() + table[i].slabOffset,
                          contents[i].data(), bytes);
            else if (bytes && hasRoom(i))
              std::memcpy(wantedDirect.data() + offsets[i].direct,
                          contents[i].data(), bytes);
          }
          if (std::memcmp(slab.host, wanted.data(), slabBytes) != 0 ||
              std::memcmp(direct.host, wantedDirect.data(), directBytes) != 0 ||
              std::memcmp(written.host, expected.data(), kSlotCount * 8) != 0) {
            std::fprintf(stderr,
                         "slot %zu with count %lld of %llu bytes: the "
                         "slab or the counts are wrong\n",
                         position, static_cast<long long>(count),
                         static_cast<unsigned long long>(width));
            return 1;
          }
        }
      }
  }
  std::printf("%u launches, all right\n", runs);
  return 0;
}
