//===- CopyWords.cu - Between mapped and device memory ---------*- CUDA -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies words of 16 bytes, one a thread. In a graph it takes a tenth of the
// time of a copy node down, and less than one up beyond a few KiB: see
// TransferCosts.h.
//
// The library embeds it as PTX, like PackResults.cu; after a change write it
// anew:
//   clang-22 -o - -x cuda -nocudainc -nocudalib --cuda-device-only -S -O2
//     --cuda-gpu-arch=sm_70 --cuda-feature=+ptx63 CopyWords.cu
//   into CopyWords.ptx.inc, with its first line and its last.
//
//===----------------------------------------------------------------------===//

typedef unsigned int Word __attribute__((ext_vector_type(4)));

extern "C" __attribute__((global, launch_bounds(256))) void
vyre_copy_words(const Word *__restrict__ from, Word *__restrict__ to,
                unsigned long long count) {
  unsigned long long i =
      (unsigned long long)__nvvm_read_ptx_sreg_ctaid_x() * 256 +
      __nvvm_read_ptx_sreg_tid_x();
  if (i < count)
    to[i] = from[i];
}
