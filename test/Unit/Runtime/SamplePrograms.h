//===- SamplePrograms.h - Programs for the tests ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small artifacts with real CPU code (test/Runtime/Kernels) and PTX that the
// stand-in driver knows (test/Runtime/FakeCuda):
//
//   scale(x: f32[?], s: f32) -> y: f32[?]       y = s * x
//   sine(x: f32[?]) -> y: f32[?]                y = sin(x + table), two
//   launches count(step: i64, total: state) -> out       out = total += step
//   accumulate(a: i32[2, ?], b: i32[2, ?])      a += b
//   hits(values: i32[2048], wanted: i64[2]) -> few: i32[16], n, many:
//   i32[2048],
//     m      few and many are the first values, n and m count what is wanted of
//            each; records take 64 bytes
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_UNIT_RUNTIME_SAMPLEPROGRAMS_H
#define VYRE_TEST_UNIT_RUNTIME_SAMPLEPROGRAMS_H

#include "Artifact.h"

#include <cstdint>
#include <vector>

namespace vyre::testing {

/// The constant that `sine` adds.
extern const std::vector<float> kSineTable;
/// What the state of `count` starts as.
extern const std::vector<int64_t> kCountStart;

runtime::internal::Program scaleProgram();
runtime::internal::Program sineProgram();
runtime::internal::Program countProgram();
runtime::internal::Program accumulateProgram();
runtime::internal::Program hitsProgram();

/// An artifact of all these programs, as data that tests may change. The code
/// that it refers to lives as long as the process.
runtime::internal::Artifact sampleTables();

/// The same with a function of the host's, "finish"(t, y, n), instead of the
/// second launch of "sine".
runtime::internal::Artifact callTables();

/// The sample, ready to be loaded.
std::vector<uint8_t> sampleArtifact();

/// The shared object of the CPU code, read from its file.
const std::vector<uint8_t> &cpuCode();

/// Gives the program "sine" a second branch, which takes `w` to `z` as the
/// first takes `x` to `y`, with an intermediate of its own. Bound in the order
/// x, y, z, w.
void addSecondBranch(runtime::internal::Program &program);

} // namespace vyre::testing

#endif // VYRE_TEST_UNIT_RUNTIME_SAMPLEPROGRAMS_H
