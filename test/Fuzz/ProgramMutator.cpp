//===- ProgramMutator.cpp - Programs that nobody compiled -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProgramMutator.h"

#include "vyre/Target/PersistentControl.h"

#include <utility>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

class Mutator {
public:
  Mutator(Program &program, Choices &choices)
      : program(program), choices(choices) {}

  void mutate() {
    switch (choices.below(10)) {
    case 0:
      return mutateExpression();
    case 1:
    case 2:
      return mutateArgument();
    case 3:
      return mutateResult();
    case 4:
      return mutateIntermediate();
    case 5:
    case 6:
    case 7:
      return mutateLaunch();
    case 8:
      return mutateCapture();
    default:
      return mutateOther();
    }
  }

private:
  /// A node, which may be one that is not there.
  int32_t node() {
    if (choices.oneIn(16))
      return static_cast<int32_t>(choices.number());
    return static_cast<int32_t>(choices.below(program.exprs.size() + 1)) -
           choices.oneIn(8);
  }
  uint32_t argument() {
    return static_cast<uint32_t>(choices.below(program.arguments.size()));
  }
  MemoryRef memory() {
    switch (choices.below(6)) {
    case 0:
      return {static_cast<uint32_t>(choices.below(2)), MemoryKind::constant};
    case 1:
    case 2:
      return {static_cast<uint32_t>(
                  choices.below(program.intermediates.size() + 1)),
              MemoryKind::intermediate};
    default:
      return {argument(), MemoryKind::argument};
    }
  }
  ElementType elementType() {
    return static_cast<ElementType>(
        choices.below(static_cast<size_t>(ElementType::index) + 1));
  }
  uint32_t alignment() { return uint32_t(1) << choices.below(13); }

  void mutateExpression() {
    if (program.exprs.empty() || choices.oneIn(4)) {
      program.exprs.push_back({choices.number(), 0, 0, 0, ExprOp::constant});
      return;
    }
    SizeExpr &expr = choices.of(program.exprs);
    switch (choices.below(3)) {
    case 0:
      expr.imm = choices.number();
      return;
    case 1:
      expr.op = static_cast<ExprOp>(
          choices.below(static_cast<size_t>(ExprOp::xor_) + 1));
      return;
    default:
      choices.of({&expr.a, &expr.b, &expr.c})[0] =
          static_cast<int32_t>(choices.below(8));
      return;
    }
  }

  void mutateArgument() {
    Argument &changed = choices.of(program.arguments);
    switch (choices.below(9)) {
    case 0:
      changed.elementType = elementType();
      return;
    case 1:
      changed.role = static_cast<Role>(
          choices.below(static_cast<size_t>(Role::state) + 1));
      return;
    case 2:
      if (!changed.extents.empty())
        choices.of(changed.extents) = choices.oneIn(3) ? -1 : choices.number();
      return;
    case 3:
      if (choices.oneIn(2))
        changed.extents.push_back(choices.oneIn(3) ? -1 : choices.number());
      else if (!changed.extents.empty())
        changed.extents.pop_back();
      return;
    case 4:
      changed.extentExprs.clear();
      for (size_t i = 0; i < changed.extents.size(); ++i)
        changed.extentExprs.push_back(node());
      return;
    case 5:
      changed.alignment = alignment();
      return;
    case 6:
      changed.capacityBytes = static_cast<uint64_t>(choices.number());
      return;
    case 7:
      changed.initial = static_cast<int32_t>(choices.below(4)) - 1;
      return;
    default: {
      // Another one of the kind, which the first launch gets.
      if (program.arguments.size() > 40)
        return;
      Argument copy = changed;
      copy.name += "'";
      copy.slot = static_cast<uint32_t>(100 + program.arguments.size());
      program.arguments.push_back(std::move(copy));
      auto index = static_cast<uint32_t>(program.arguments.size() - 1);
      if (!program.capture.replay.empty())
        program.capture.replay.push_back(program.capture.replay[0]);
      if (!program.launches.empty() && program.arguments.back().isBuffer())
        choices.of(program.launches)
            .pointers.push_back({index, MemoryKind::argument});
      return;
    }
    }
  }

  void mutateResult() {
    if (program.results.empty() || choices.oneIn(3)) {
      program.results.push_back({argument(), CountKind::all, -1});
      return;
    }
    Result &result = choices.of(program.results);
    switch (choices.below(4)) {
    case 0:
      result.argument = argument();
      return;
    case 1:
      result.countKind = CountKind::expression;
      result.count = node();
      return;
    case 2:
      result.countKind = CountKind::buffer;
      result.count = static_cast<int32_t>(argument());
      return;
    default:
      std::swap(result, program.results.front());
      return;
    }
  }

  void mutateIntermediate() {
    if (program.intermediates.empty() || choices.oneIn(3)) {
      auto last = static_cast<uint32_t>(program.launches.size()) - 1;
      program.intermediates.push_back({"i", node(), alignment(), 0, last});
      return;
    }
    Intermediate &value = choices.of(program.intermediates);
    switch (choices.below(4)) {
    case 0:
      value.byteSize = node();
      return;
    case 1:
      value.alignment = alignment();
      return;
    case 2:
      value.firstUse = static_cast<uint32_t>(choices.below(4));
      return;
    default:
      value.lastUse = static_cast<uint32_t>(choices.below(4));
      return;
    }
  }

  void mutateLaunch() {
    if (program.launches.empty())
      return;
    Launch &launch = choices.of(program.launches);
    switch (choices.below(14)) {
    case 0:
      launch.pointers.push_back(memory());
      return;
    case 1:
      if (!launch.pointers.empty())
        choices.of(launch.pointers) = memory();
      return;
    case 2:
    case 3: {
      auto &set = *choices.of({&launch.reads, &launch.writes, &launch.streams});
      if (!set.empty() && choices.oneIn(3))
        set.pop_back();
      else if (!launch.pointers.empty())
        set.push_back(choices.of(launch.pointers));
      return;
    }
    case 4:
      launch.parameters.push_back(
          choices.oneIn(2) ? ParameterRef{argument(), ParameterKind::scalar}
                           : ParameterRef{static_cast<uint32_t>(node()),
                                          ParameterKind::expression});
      return;
    case 5:
      choices.of({&launch.grid[0], &launch.grid[1], &launch.grid[2],
                  &launch.dynamicSharedBytes, &launch.cpuItems})[0] = node();
      return;
    case 6:
      launch.block[choices.below(3)] =
          static_cast<uint32_t>(choices.below(1026));
      return;
    case 7:
      for (uint32_t &extent : launch.cluster)
        extent = static_cast<uint32_t>(choices.below(4));
      return;
    case 8:
      launch.hasPointerTable = !launch.hasPointerTable;
      return;
    case 9:
      launch.isHostBoundary = !launch.isHostBoundary;
      return;
    case 10:
      launch.persistentKernel =
          launch.persistentKernel.empty()
              ? launch.kernel + artifact::kPersistentSuffix
              : "";
      return;
    case 11:
      return callInstead(launch);
    case 12:
      launch.dependsOn = {static_cast<uint32_t>(choices.below(4))};
      return;
    default:
      if (program.launches.size() < 12) {
        Launch copy = launch;
        program.launches.push_back(std::move(copy));
        for (Intermediate &value : program.intermediates)
          value.lastUse = static_cast<uint32_t>(program.launches.size()) - 1;
      }
      return;
    }
  }

  void callInstead(Launch &launch) {
    launch.kernel.clear();
    launch.cpuEntry.clear();
    launch.persistentKernel.clear();
    launch.hasPointerTable = false;
    launch.streams.clear();
    Call call;
    call.function = "fuzz";
    call.isCapturable = !choices.oneIn(6);
    for (const MemoryRef &pointer : launch.pointers) {
      bool isArgument = pointer.kind == MemoryKind::argument &&
                        pointer.index < program.arguments.size();
      CallBuffer buffer = {isArgument
                               ? program.arguments[pointer.index].elementType
                               : elementType(),
                           {}};
      for (size_t i = 0, rank = choices.below(3); i < rank; ++i)
        buffer.extents.push_back(node());
      call.buffers.push_back(std::move(buffer));
    }
    for (size_t i = 0; i < launch.parameters.size(); ++i)
      call.scalars.push_back(elementType());
    if (!call.buffers.empty() && choices.oneIn(3)) {
      call.hasScratch = true;
      call.buffers.back().elementType = ElementType::i8;
      call.buffers.back().extents = {node()};
    }
    launch.call = std::move(call);
  }

  void mutateCapture() {
    CapturePlan &plan = program.capture;
    switch (choices.below(6)) {
    case 0:
      plan.policy = choices.of({artifact::CapturePolicy::auto_,
                                artifact::CapturePolicy::never,
                                artifact::CapturePolicy::require});
      return;
    case 1:
      plan.isResidentReplaySafe = !plan.isResidentReplaySafe;
      return;
    case 2:
      plan.replay.clear();
      for (size_t i = 0; i < program.arguments.size(); ++i)
        plan.replay.push_back(
            static_cast<artifact::ReplaySafety>(choices.below(7)));
      return;
    case 3:
      plan.arenaOffsets.clear();
      for (size_t i = 0; i < program.intermediates.size(); ++i)
        plan.arenaOffsets.push_back(256 * choices.below(4));
      plan.arenaBytes = 256 * choices.below(40);
      return;
    case 4:
      plan.memoryEdges.push_back({static_cast<uint32_t>(choices.below(3)),
                                  static_cast<uint32_t>(choices.below(4))});
      return;
    default:
      plan.maxArenaBytes = static_cast<uint64_t>(choices.number());
      return;
    }
  }

  void mutateOther() {
    switch (choices.below(5)) {
    case 0:
      program.readback.maxRecordBytes = static_cast<uint64_t>(choices.number());
      return;
    case 1:
      program.readback.recordAlignment = alignment();
      return;
    case 2:
      program.readback.maxSlabBytes = static_cast<uint64_t>(choices.number());
      return;
    case 3:
      program.requirements.push_back({"a size", node(), node()});
      return;
    default:
      program.noOverlap.push_back({argument(), argument()});
      return;
    }
  }

  Program &program;
  Choices &choices;
};

} // namespace

void mutateProgram(Program &program, Choices &choices) {
  Mutator(program, choices).mutate();
}

} // namespace vyre::testing
