//===- PersistentControl.h - How a persistent kernel is told ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A persistent entry (Launch.persistent_kernel of Artifact.fbs) runs its
// kernel's body again and again, in one block that takes all points of the
// index space: its grid is 1, its block as large as the entry allows, which is
// a multiple of the kernel's. It takes the address of a control block in mapped
// page-locked memory, and a number, each as 8 bytes.
//
//   byte 0     the doorbell, 64 bits: see below
//   byte 8     nanoseconds without a dispatch after which it leaves
//   byte 64    the dispatch that it did last, 32 bits
//   byte 68    the number that it was started with, once it has left, 32 bits
//   byte 128   8 bytes each: what it copies before the body (from, to, words of
//              16 bytes), what it copies after it, the kernel's parameters
//
// The doorbell's low half is the number of the dispatch to do; the entry does
// one whose number is not that of the last it did, and then stores it. The high
// half is a version of the values at byte 128, which are read again where it
// differs from the one before (and is never 0), and, as its sign bit, whether
// to leave when there is nothing to do. Each side publishes at system scope. An
// entry that has left without doing a dispatch never will; started again, it
// goes on after the last one it did.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TARGET_PERSISTENTCONTROL_H
#define VYRE_TARGET_PERSISTENTCONTROL_H

#include <cstdint>

namespace vyre::artifact {

/// What follows a kernel's name in that of its persistent entry. The names of
/// generated kernels are letters, digits and underscores.
inline constexpr char kPersistentSuffix[] = "$persistent";

/// The most parameters that a persistent entry has room for, behind the numbers
/// that say what it copies.
inline constexpr uint32_t kMaxPersistentValues = 128;
inline constexpr uint32_t kPersistentTransfers = 6;

/// Offsets in the control block, and its size, in bytes.
inline constexpr uint32_t kPersistentIdle = 8;
inline constexpr uint32_t kPersistentDone = 64;
inline constexpr uint32_t kPersistentLeft = 68;
inline constexpr uint32_t kPersistentValues = 128;
inline constexpr uint32_t kPersistentControlBytes =
    kPersistentValues + 8 * (kPersistentTransfers + kMaxPersistentValues);

} // namespace vyre::artifact

#endif // VYRE_TARGET_PERSISTENTCONTROL_H
