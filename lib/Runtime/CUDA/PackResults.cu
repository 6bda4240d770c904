//===- PackResults.cu - Small results into the slab ------------*- CUDA -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one kernel that the runtime brings itself: it hands the host the counts
// that the device wrote, and every result that fits its record or has another
// place. Blocks share a result (y). Counts may be anything: one that the result
// can't have copies nothing.
//
// The library embeds it as PTX, which any driver takes, so that neither building
// nor running it needs a CUDA toolkit. After a change, write that anew:
//   clang-22 -o - -x cuda -nocudainc -nocudalib --cuda-device-only -S -O2
//     --cuda-gpu-arch=sm_70 --cuda-feature=+ptx63 PackResults.cu
//   into PackResults.ptx.inc, with its first line and its last.
//
//===----------------------------------------------------------------------===//

/// As CUDAReadback.h has it.
struct PackedResult {
  unsigned long long data, count, rows, rowBytes, slabOffset, recordBytes;
  unsigned long long direct, countBytes;
};

__attribute__((device)) static long long readCount(const PackedResult &result) {
  switch (result.countBytes) {
  case 1:
    return *reinterpret_cast<const signed char *>(result.count);
  case 2:
    return *reinterpret_cast<const short *>(result.count);
  case 4:
    return *reinterpret_cast<const int *>(result.count);
  default:
    return *reinterpret_cast<const long long *>(result.count);
  }
}

/// What one access moves.
typedef unsigned Bytes16 __attribute__((ext_vector_type(4)));

extern "C" __attribute__((global)) void
vyre_pack_results(const PackedResult *results, long long *counts,
                  unsigned char *slab, unsigned long long resultCount) {
  unsigned threads = __nvvm_read_ptx_sreg_ntid_x();
  unsigned thread =
      __nvvm_read_ptx_sreg_ctaid_y() * threads + __nvvm_read_ptx_sreg_tid_x();
  threads *= __nvvm_read_ptx_sreg_nctaid_y();
  unsigned long long block = __nvvm_read_ptx_sreg_ctaid_x();
  if (block >= resultCount)
    return;
  const PackedResult result = results[block];
  long long count = readCount(result);
  if (thread == 0)
    counts[block] = count;
  if (count <= 0 || static_cast<unsigned long long>(count) > result.rows)
    return;
  unsigned long long bytes =
      static_cast<unsigned long long>(count) * result.rowBytes;
  bool isRecord = bytes <= result.recordBytes;
  if (!isRecord && result.direct == 0)
    return;
  const auto *from = reinterpret_cast<const unsigned char *>(result.data);
  unsigned char *to = isRecord
                          ? slab + result.slabOffset
                          : reinterpret_cast<unsigned char *>(result.direct);
  unsigned long long copied = 0;
  if ((reinterpret_cast<unsigned long long>(to) | result.data) % 16 == 0) {
    copied = bytes / 16 * 16;
    for (unsigned long long i = thread; i < bytes / 16; i += threads)
      reinterpret_cast<Bytes16 *>(to)[i] =
          reinterpret_cast<const Bytes16 *>(from)[i];
  }
  for (unsigned long long i = copied + thread; i < bytes; i += threads)
    to[i] = from[i];
}
