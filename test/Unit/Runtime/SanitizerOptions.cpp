//===- SanitizerOptions.cpp - How sanitizers run these tests ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Read by the sanitizers where they are there: running out of memory is
// something that the runtime reports, and that the tests provoke.
//
//===----------------------------------------------------------------------===//

extern "C" {
const char *__asan_default_options();
const char *__asan_default_options() { return "allocator_may_return_null=1"; }
const char *__tsan_default_options();
const char *__tsan_default_options() { return "allocator_may_return_null=1"; }
}
