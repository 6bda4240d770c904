//===- ArtifactExercise.cpp - Uses an artifact, runs nothing ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArtifactExercise.h"

#include "Artifact.h"
#include "CPU/ElfImage.h"
#include "CPU/HostFeatures.h"
#include "CUDA/CUDAModule.h"
#include "DispatchPlan.h"

#include <algorithm>
#include <cstdlib>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

/// Binds every argument of a program to made-up memory, which planning does not
/// touch. Dynamic extents become `extent`.
struct MadeUpBindings {
  MadeUpBindings(const Program &program, int64_t extent)
      : bindings(program.arguments.size()), extents(bindings.size()) {
    for (size_t i = 0; i < bindings.size(); ++i) {
      const Argument &argument = program.arguments[i];
      if (!argument.isBound())
        continue;
      VyreBinding &binding = bindings[i];
      binding.element_type = static_cast<uint32_t>(argument.elementType);
      if (!argument.isBuffer()) {
        binding.data = &scalar;
        binding.byte_length = sizeof(scalar);
        continue;
      }
      extents[i] = argument.extents;
      std::replace(extents[i].begin(), extents[i].end(), int64_t(-1), extent);
      binding.rank = argument.rank();
      if (argument.extentExprs.empty())
        binding.extents = extents[i].data();
      binding.data =
          reinterpret_cast<void *>((uintptr_t(i) + 1) * (uintptr_t(1) << 40));
      binding.byte_length = uint64_t(1) << 40;
    }
  }

  int64_t scalar = 1;
  std::vector<VyreBinding> bindings;
  std::vector<std::vector<int64_t>> extents;
};

void require(bool condition) {
  if (!condition)
    std::abort();
}

/// A function is told of no more bytes than there are.
void exerciseCall(const Launch &launch, const DispatchPlan &plan,
                  const LaunchSizes &sizes) {
  for (size_t i = 0; i < launch.pointers.size(); ++i) {
    uint64_t bytes = plan.callBytes[sizes.firstCallBuffer + i];
    const MemoryRef &memory = launch.pointers[i];
    if (memory.kind == MemoryKind::argument &&
        !plan.getProgram().arguments[memory.index].isState())
      require(bytes <= plan.buffers[memory.index].byteSize);
    if (memory.kind == MemoryKind::intermediate)
      require(bytes <= plan.intermediateSizes[memory.index]);
  }
}

/// Prepares a plan twice, and checks what a backend relies on.
void exercisePlan(const Program &program, DispatchPlan::Target target,
                  int64_t extent) {
  MadeUpBindings made(program, extent);
  DispatchPlan plan(program, target);
  for (int round = 0; round < 2; ++round) {
    if (plan.prepare(made.bindings.data(), made.bindings.size()).failed())
      return;
    require(plan.sizesVersion() == 1);
    for (size_t i = 0; i < plan.buffers.size(); ++i)
      require(plan.buffers[i].byteSize <= program.arguments[i].capacityBytes);
    for (uint64_t offset : plan.arena.offsets)
      require(offset <= plan.arena.byteSize);
    for (size_t i = 0; i < plan.launches.size(); ++i) {
      const LaunchSizes &launch = plan.launches[i];
      if (program.launches[i].isCall())
        exerciseCall(program.launches[i], plan, launch);
      else
        require(launch.isEmpty || launch.cpuItems > 0 ||
                (launch.grid[0] && launch.grid[1] && launch.grid[2]));
    }
    (void)plan.report();
  }
}

} // namespace

VyreStatusCode exerciseArtifact(const uint8_t *data, size_t size) {
  auto artifact = Artifact::loadMemory(data, size);
  if (artifact.failed())
    return artifact.takeStatus().code();
  for (const Program &program : (*artifact)->programs) {
    const auto &launches = program.launches;
    bool hasCpu =
        std::all_of(launches.begin(), launches.end(), [](const Launch &launch) {
          return !launch.cpuEntry.empty() || launch.isCall();
        });
    bool hasGpu =
        std::all_of(launches.begin(), launches.end(), [](const Launch &launch) {
          return !launch.kernel.empty() || launch.isCall();
        });
    for (int64_t extent :
         {int64_t(0), int64_t(1), int64_t(1000), int64_t(1) << 40, INT64_MAX}) {
      if (hasCpu)
        exercisePlan(program, DispatchPlan::Target::cpu, extent);
      if (hasGpu)
        exercisePlan(program, DispatchPlan::Target::gpu, extent);
      MadeUpBindings made(program, extent);
      DispatchPlan plan(program, DispatchPlan::Target::cpu);
      for (uint32_t i = 0; i < program.arguments.size(); ++i) {
        std::vector<int64_t> result(program.arguments[i].rank());
        if (program.arguments[i].isBuffer())
          (void)plan
              .inferExtents(made.bindings.data(), made.bindings.size(), i,
                            result.data())
              .failed();
      }
    }
  }
  for (const Code &code : (*artifact)->codes)
    if (code.kind == CodeKind::elf)
      (void)verifySharedObject(code.data).failed();
  (void)selectCpuCode(**artifact);
  (void)cuda::selectGpuCode(**artifact, 90);
  return VYRE_STATUS_OK;
}

} // namespace vyre::testing
