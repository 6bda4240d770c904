//===- RegisteredExecutable.h - On a registered backend ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program on a registered backend: dispatches go to what the backend compiled
// it to, or to the backend's plain dispatch. State is kept here.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_REGISTEREDEXECUTABLE_H
#define VYRE_LIB_RUNTIME_REGISTEREDEXECUTABLE_H

#include "CAPI/Common.h"
#include "CPU/HostExecutable.h"
#include "ProvidedResults.h"
#include "RegisteredBackend.h"

#include <memory>
#include <utility>
#include <vector>

namespace vyre::runtime::internal {

class RegisteredExecutable final : public HostExecutable {
public:
  RegisteredExecutable(RegisteredDevice &device,
                       std::shared_ptr<const Artifact> from,
                       const Program &program)
      : HostExecutable(program), device(device), artifact{std::move(from)} {}
  ~RegisteredExecutable() override { (void)close().failed(); }

  /// Compiles, and makes room for the state.
  Status initialize(RegisteredBackend &backend);

  Expected<std::unique_ptr<Execution>> createExecution() override;
  Status close() override {
    auto release = std::exchange(native.release, nullptr);
    return release ? adopt(release(native.user)) : Status();
  }

  RegisteredDevice &device;
  /// What the backend sees of the artifact.
  VyreArtifact artifact;
  /// Without a dispatch function where the backend did not compile.
  VyreNativePipeline native = {};

private:
  const void *constant(int32_t index) const override {
    return artifact.artifact->constants[index].data.data;
  }
  uint32_t programIndex() const {
    return static_cast<uint32_t>(&program - artifact.artifact->programs.data());
  }
  friend class RegisteredExecution;
};

class RegisteredExecution final : public Execution {
public:
  explicit RegisteredExecution(RegisteredExecutable &executable)
      : executable(executable), bindings(executable.program.arguments.size()),
        provided(executable.program) {
    for (const Result &result : executable.program.results)
      if (result.countKind == CountKind::buffer)
        counts.push_back(0);
  }

  Status check(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status prewarm(const DispatchPlan &plan,
                 const DispatchOptions &options) override;
  Status start(const DispatchPlan &plan,
               const DispatchOptions &options) override;
  Status wait(const Deadline &, bool &isDone) override {
    isDone = true;
    return Status();
  }
  ReadbackTraffic traffic() const override {
    return {counts.data(), provided.data(), 0, 1};
  }
  void describeTimes(VyreDispatchReport &report) const override {
    report.has_device_ns = true;
    report.device_ns =
        static_cast<uint64_t>(std::chrono::nanoseconds(dispatchTime).count());
  }
  Status close() override { return Status(); }

private:
  VyreBackendDispatch describeDispatch(const DispatchPlan &plan,
                                       const DispatchOptions &options);
  Status readCounts(const DispatchPlan &plan);

  RegisteredExecutable &executable;
  std::vector<VyreBinding> bindings;
  ProvidedResults provided;
  /// Of the counted results.
  std::vector<int64_t> counts;
  Clock::duration dispatchTime{0};
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_REGISTEREDEXECUTABLE_H
