//===- CPUExecutable.h - A program on the CPU -------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The CPU's executable and its sets in flight.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CPU_CPUEXECUTABLE_H
#define VYRE_LIB_RUNTIME_CPU_CPUEXECUTABLE_H

#include "CPU/HostExecutable.h"
#include "CPU/LaunchTasks.h"
#include "HostCall.h"
#include "ProvidedResults.h"

#include <condition_variable>

namespace vyre::runtime::internal {

class CpuExecutable final : public HostExecutable {
public:
  static Expected<std::unique_ptr<Executable>>
  create(CpuDevice &device, std::shared_ptr<CpuModule> module,
         const Program &program);

  Expected<std::unique_ptr<Execution>> createExecution() override;
  Status close() override { return Status(); }

private:
  friend class CpuExecution;
  CpuExecutable(CpuDevice &device, std::shared_ptr<CpuModule> module,
                const Program &program)
      : HostExecutable(program), device(device), module(std::move(module)) {}

  const void *constant(int32_t index) const override {
    return module->constants[index];
  }

  CpuDevice &device;
  std::shared_ptr<CpuModule> module;
  /// One per launch: its code, or the function that it calls.
  std::vector<CpuEntry> entries;
  CallTable calls;
};

class CpuExecution final : public Execution,
                           private ThreadPool::Task,
                           private LaunchTasks::Work {
public:
  explicit CpuExecution(CpuExecutable &executable);

  Status check(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status start(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status wait(const Deadline &deadline, bool &isDone) override;
  /// Results are where they belong already.
  ReadbackTraffic traffic() const override {
    return {counts.data(), provided.data(), 0, 1};
  }
  void describe(VyreDispatchReport &report) const override {
    if (wantsPersistent)
      report.no_persistent_reason = "the CPU has no persistent kernels";
  }
  void describeTimes(VyreDispatchReport &report) const override;
  Status close() override { return Status(); }

private:
  void run() override;
  void runLaunch(uint32_t launch) override;
  void runCall(uint32_t launch);
  void finish() override;
  void prepareTasks();
  void runInOrder();
  void *address(const MemoryRef &memory) const;
  void readCounts();

  CpuExecutable &executable;
  const DispatchPlan *plan = nullptr;
  HostBlock arena;
  uint64_t arenaAlignment;
  ProvidedResults provided;
  /// The pointers of all launches, and where each launch's begin.
  std::vector<void *> pointers;
  std::vector<size_t> firstPointer;
  /// One per launch; null where it calls no function.
  std::vector<std::unique_ptr<HostCall>> calls;
  /// Of functions that are called; what comes after the first is not run.
  std::mutex failureMutex;
  Status callFailure;
  std::atomic<bool> hasFailed{false};
  LaunchTasks tasks;
  /// Whether launches run side by side, for the plan's sizes that have this
  /// version.
  bool isConcurrent = false;
  uint64_t tasksVersion = 0;
  /// Of the counted results.
  std::vector<int64_t> counts;

  std::mutex mutex;
  std::condition_variable finished;
  bool isRunning = false;

  bool wantsPersistent = false;
  bool isTimed = false;
  Clock::time_point beginTime;
  Clock::duration launchTime{0};
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CPU_CPUEXECUTABLE_H
