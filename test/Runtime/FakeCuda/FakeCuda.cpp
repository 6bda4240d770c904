//===- FakeCuda.cpp - A stand-in for the CUDA driver ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeCuda.h"

#include "FakeWorld.h"

#include <cstdlib>

namespace vyre::fakecuda {

World &world() {
  static auto *instance = new World();
  return *instance;
}

std::atomic<bool> &isLost() {
  static std::atomic<bool> is{false};
  return is;
}

int &contextDepth() {
  thread_local int depth = 0;
  return depth;
}

CUcontext theContext() { return reinterpret_cast<CUcontext>(&world()); }

CUresult enter(const char *name, bool needsContext) {
  World &w = world();
  Settings &s = w.settings;
  w.calls.push_back(name);
  if (s.hasFailed && s.isSticky)
    return static_cast<CUresult>(s.failResult);
  if (s.mustFail && !s.hasFailed && s.failPosition-- == 0) {
    s.hasFailed = true;
    isLost() = s.isSticky;
    return static_cast<CUresult>(s.failResult);
  }
  if (needsContext && contextDepth() == 0) {
    ++w.misuses;
    return static_cast<CUresult>(201);
  }
  return CUDA_SUCCESS;
}

CUresult misuse() {
  ++world().misuses;
  return CUDA_ERROR_INVALID_VALUE;
}

static bool isRange(const std::map<uint64_t, uint64_t> &memory,
                    uint64_t address, uint64_t size) {
  auto next = memory.upper_bound(address);
  if (next == memory.begin())
    return false;
  auto [begin, length] = *std::prev(next);
  return address - begin <= length && size <= length - (address - begin);
}

bool isDeviceRange(uint64_t address, uint64_t size) {
  return isRange(world().deviceMemory, address, size);
}

bool isKernelRange(uint64_t address, uint64_t size) {
  return isDeviceRange(address, size) ||
         isRange(world().pinnedMemory, address, size);
}

CUresult enqueue(CUstream handle, std::function<void()> work) {
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!world().streams.count(stream))
    return misuse();
  if (stream->capture == CU_STREAM_CAPTURE_STATUS_INVALIDATED)
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  if (stream->captured) {
    auto node = std::make_unique<FakeNode>();
    node->work = std::move(work);
    stream->captured->nodes.push_back(std::move(node));
    return CUDA_SUCCESS;
  }
  stream->work.push_back(std::move(work));
  return CUDA_SUCCESS;
}

static std::lock_guard<std::recursive_mutex> hold() {
  return std::lock_guard<std::recursive_mutex>(world().mutex);
}

void reset() {
  auto lock = hold();
  world().settings = Settings();
  isLost() = false;
  world().calls.clear();
  world().misuses = 0;
  world().fault.clear();
}

void resetDevice() {
  reset();
  auto lock = hold();
  World &w = world();
  // Persistent kernels end with the streams they are on.
  isLost() = true;
  for (FakeStream *stream : w.streams)
    delete stream;
  isLost() = false;
  for (FakeEvent *event : w.events)
    delete event;
  for (FakeGraphExec *exec : w.graphExecs)
    delete exec;
  for (FakeGraph *graph : w.graphs)
    delete graph;
  for (FakeModule *module : w.modules)
    delete module;
  for (FakeLink *link : w.links)
    delete link;
  for (auto [address, size] : w.deviceMemory)
    std::free(reinterpret_cast<void *>(address));
  for (auto [address, size] : w.pinnedMemory)
    std::free(reinterpret_cast<void *>(address));
  w.streams.clear();
  w.events.clear();
  w.graphExecs.clear();
  w.graphs.clear();
  w.modules.clear();
  w.links.clear();
  w.deviceMemory.clear();
  w.pinnedMemory.clear();
  w.retainedContexts = 0;
  w.usedMemory = 0;
  contextDepth() = 0;
}

void failCall(uint64_t position, int result, bool isSticky) {
  auto lock = hold();
  Settings &s = world().settings;
  s.mustFail = true;
  s.hasFailed = false;
  s.isSticky = isSticky;
  s.failPosition = position;
  s.failResult = result;
}

bool isDeviceLost() { return isLost(); }

void skipKernels(bool areSkipped) {
  auto lock = hold();
  world().settings.skipsKernels = areSkipped;
}

void setFill(int byte) {
  auto lock = hold();
  world().settings.fill = byte;
}

bool hasFailed() {
  auto lock = hold();
  return world().settings.hasFailed;
}

std::vector<std::string> calls() {
  auto lock = hold();
  return world().calls;
}

void forgetCalls() {
  auto lock = hold();
  world().calls.clear();
}

uint64_t liveObjects() {
  auto lock = hold();
  World &w = world();
  return w.retainedContexts + w.modules.size() + w.links.size() +
         w.streams.size() + w.events.size() + w.graphs.size() +
         w.graphExecs.size() + w.deviceMemory.size() + w.pinnedMemory.size();
}

uint64_t misuses() {
  auto lock = hold();
  return world().misuses;
}

void setDeviceCount(int count) {
  auto lock = hold();
  world().settings.deviceCount = count;
}

void setComputeCapability(int capability) {
  auto lock = hold();
  world().settings.capability = capability;
}

void setDriverVersion(int version) {
  auto lock = hold();
  world().settings.driverVersion = version;
}

void setMemoryLimit(uint64_t bytes) {
  auto lock = hold();
  world().settings.memoryLimit = bytes;
}

void setPendingQueries(uint64_t count) {
  auto lock = hold();
  world().settings.pendingQueries = count;
}

void setEager(bool isEager) {
  auto lock = hold();
  world().settings.isEager = isEager;
}

void setTakesChildren(bool takes) {
  auto lock = hold();
  world().settings.takesChildren = takes;
}

void rejectModules(int result, const char *log) {
  auto lock = hold();
  world().settings.moduleResult = result;
  world().settings.moduleLog = log;
}

void *createStream() {
  auto lock = hold();
  auto *stream = new FakeStream();
  world().streams.insert(stream);
  return stream;
}

void destroyStream(void *handle) {
  auto lock = hold();
  auto *stream = static_cast<FakeStream *>(handle);
  stream->drain();
  world().streams.erase(stream);
  delete stream;
}

void beginCapture(void *handle) {
  auto lock = hold();
  static_cast<FakeStream *>(handle)->capture = CU_STREAM_CAPTURE_STATUS_ACTIVE;
}

uint64_t endCapture(void *handle) {
  auto lock = hold();
  auto *stream = static_cast<FakeStream *>(handle);
  stream->capture = CU_STREAM_CAPTURE_STATUS_NONE;
  uint64_t count = stream->work.size();
  stream->work.clear();
  stream->done += count;
  return count;
}

} // namespace vyre::fakecuda
