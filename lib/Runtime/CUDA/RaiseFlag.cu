//===- RaiseFlag.cu - Tells the host that a graph is done -----*- CUDA -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One thread, after everything else of a graph: makes a flag in mapped memory 1
// and, before that, what the graph wrote visible to the host. A node that
// writes memory (cuGraphAddBatchMemOpNode) does the same, but takes the host a
// microsecond more to launch. From sm_90 on the kernel is started while the one
// before it ends, and waits for that itself.
//
// The library embeds it as PTX; after a change write it anew:
//   clang-22 -o - -x cuda -nocudainc -nocudalib --cuda-device-only -S -O2
//     --cuda-gpu-arch=sm_70 --cuda-feature=+ptx63 RaiseFlag.cu
//   into RaiseFlag.ptx.inc, with its first line and its last, and with sm_90
//   and +ptx78 into RaiseFlag90.ptx.inc.
//
//===----------------------------------------------------------------------===//

extern "C" __attribute__((global, launch_bounds(1))) void
vyre_raise_flag(unsigned *flag) {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
  asm volatile("st.release.sys.u32 [%0], %1;" ::"l"(flag), "r"(1) : "memory");
}
