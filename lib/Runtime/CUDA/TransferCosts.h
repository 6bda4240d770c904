//===- TransferCosts.h - Which way is faster --------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes, in bytes, from which another way between host and GPU takes less time.
// All are measured on an H200 by test/Baselines/capture/TransferWays.cu; the
// numbers are in docs/Performance.md.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_TRANSFERCOSTS_H
#define VYRE_LIB_RUNTIME_CUDA_TRANSFERCOSTS_H

#include <cstdint>

namespace vyre::runtime::internal::cuda {

/// Host buffers that are read, up to this size, travel together through
/// page-locked memory: copying them twice costs less than the driver's copy of
/// pageable memory (64 KiB: 13.9 us against 15.1; 256 KiB: 28.3 against 25.8).
inline constexpr uint64_t kMaxStagedBytes = uint64_t(64) << 10;

/// The same for buffers that are only written (1 MiB: 75 us against 95; 4 MiB:
/// 383 against 277).
inline constexpr uint64_t kMaxStagedResultBytes = uint64_t(1) << 20;

/// What kernels may read and write in mapped page-locked memory, if each
/// element is touched a few times at most. A 64 KiB input and result: 9.0 us in
/// place, 11.2 and more with a copy of the input.
inline constexpr uint64_t kMaxMappedBytes = uint64_t(64) << 10;

/// Inputs up to this size go up by a copy node, larger ones by a kernel (4 KiB:
/// 8.4 us against 9.0; 16 KiB: 10.2 against 9.4). Down a kernel is always
/// better: a copy node takes 9 us.
inline constexpr uint64_t kMaxCopyNodeBytes = uint64_t(8) << 10;

/// Beyond this size both ways are the copy engine's.
inline constexpr uint64_t kMaxCopyKernelBytes = uint64_t(1) << 20;

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_TRANSFERCOSTS_H
