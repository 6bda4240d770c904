//===- FakeCuda.h - A stand-in for the CUDA driver --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For tests only: the driver calls that the runtime makes, over host memory.
// Kernels are the functions of the same name in the tests' CPU code. What is
// enqueued runs no earlier than somebody waits for it, so that a missing wait
// shows. Every call is recorded, any of them can be made to fail, and wrong use
// of handles and memory is counted.
//
// The runtime loads it through the environment variable VYRE_CUDA_DRIVER; a
// test links the same library to reach these functions.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TEST_RUNTIME_FAKECUDA_FAKECUDA_H
#define VYRE_TEST_RUNTIME_FAKECUDA_FAKECUDA_H

#include <cstdint>
#include <string>
#include <vector>

namespace vyre::fakecuda {

/// Forgets every setting, record and count. Objects that live stay.
void reset();

/// What a new process would find: nothing lives, nothing is enqueued, and this
/// thread has no context.
void resetDevice();

/// Lets call number `position` from now on (0 is the next) fail with `result`,
/// without doing anything. A sticky failure is also the result of every later
/// call.
void failCall(uint64_t position, int result, bool isSticky = false);
/// Whether that call has come.
bool hasFailed();

/// The calls since the last reset, without those that only look up an error's
/// text.
std::vector<std::string> calls();
void forgetCalls();

/// Contexts, modules, streams, events and memory that nobody has given back.
uint64_t liveObjects();
/// Calls with a handle or memory that is not live, or without a context.
uint64_t misuses();

void setDeviceCount(int count);
/// Major * 10 + minor; 90 at first.
void setComputeCapability(int capability);
/// Major * 1000 + minor * 10 of CUDA; 13000 at first.
void setDriverVersion(int version);
/// Device memory that can be allocated, in bytes.
void setMemoryLimit(uint64_t bytes);
/// How many queries of streams and events answer "not ready".
void setPendingQueries(uint64_t count);
/// Whether graphs take what was captured as a child.
void setTakesChildren(bool takes);
/// Whether graphs run at once, with nobody waiting for them.
void setEager(bool isEager);
/// Whether a sticky failure came.
bool isDeviceLost();
/// Whether kernels of modules that are loaded from now on do nothing, whatever
/// they are called; but for the runtime's own.
void skipKernels(bool areSkipped);
/// What each byte of memory is that is allocated from now on; 0xcd at first.
void setFill(int byte);
/// Lets persistent kernels do nothing for now, not even leave.
void holdPersistent(bool isHeld);
/// What loading a module answers, and the log that comes with it.
void rejectModules(int result, const char *log);

/// A stream of the caller's.
void *createStream();
void destroyStream(void *stream);
/// Begins or ends the capture of a stream. Ending returns how many operations
/// were captured and forgets them; nothing of them has run.
void beginCapture(void *stream);
uint64_t endCapture(void *stream);

} // namespace vyre::fakecuda

#endif // VYRE_TEST_RUNTIME_FAKECUDA_FAKECUDA_H
