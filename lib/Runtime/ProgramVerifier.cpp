//===- ProgramVerifier.cpp - Checks of a program's tables -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProgramVerifier.h"

#include "ArenaPacking.h"
#include "CallVerifier.h"
#include "LaunchOrder.h"
#include "SizeExpressions.h"

#include "vyre/Target/PersistentControl.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace vyre::runtime::internal {
namespace {

/// A GPU's limits that no architecture exceeds.
constexpr uint32_t kMaxBlockThreads = 1024;
constexpr uint32_t kMaxClusterBlocks = 16;

class ProgramVerifier : ProgramChecks {
public:
  ProgramVerifier(Program &program, const std::vector<Constant> &constants)
      : ProgramChecks(program, constants), program(program) {}

  Status verify();

private:
  Status verifyDigest() const;
  Status verifyExpr(size_t position) const;
  Status verifyExtentOperand(size_t position) const;
  Status verifyArgument(uint32_t position) const;
  Status verifyUniqueness() const;
  Status verifyState(uint32_t position) const;
  Status verifyResult(const Result &result) const;
  Status verifyLaunch(uint32_t position) const;
  Status verifyGpuPart(const Launch &launch, uint32_t position) const;
  Status verifyMemory(const MemoryRef &memory, uint32_t launch) const;
  Status verifyAccessSets(const Launch &launch, uint32_t position) const;
  void collectFunctions();
  Status verifyCapturePlan();
  Status verifyArena();

  bool isBuffer(int64_t argument) const {
    return argument >= 0 &&
           argument < static_cast<int64_t>(program.arguments.size()) &&
           program.arguments[static_cast<size_t>(argument)].isBuffer();
  }

  Program &program;
};

Status ProgramVerifier::verifyDigest() const {
  if (program.digest.empty())
    return Status();
  bool isHex =
      program.digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (program.digest.size() == 64 && isHex)
    return Status();
  return error("its digest is not 64 hexadecimal digits.");
}

/// An extent must be known where it is used: given by the type or the caller,
/// or computed by an earlier node.
Status ProgramVerifier::verifyExtentOperand(size_t position) const {
  const SizeExpr &expr = program.exprs[position];
  if (!isBuffer(expr.a))
    return error("size expression ", position, " takes an extent of argument ",
                 expr.a, ", which is not a buffer.");
  const Argument &argument = program.arguments[static_cast<size_t>(expr.a)];
  if (expr.b < 0 || static_cast<uint32_t>(expr.b) >= argument.rank())
    return error("size expression ", position, " takes extent ", expr.b,
                 " of argument ", expr.a, ", which has rank ", argument.rank(),
                 ".");
  auto dimension = static_cast<size_t>(expr.b);
  if (argument.extents[dimension] >= 0)
    return Status();
  if (!argument.isBound())
    return error("size expression ", position, " takes extent ", expr.b,
                 " of argument ", expr.a, ", which no caller passes.");
  if (!argument.extentExprs.empty() &&
      static_cast<size_t>(argument.extentExprs[dimension]) >= position)
    return error("size expression ", position, " takes extent ", expr.b,
                 " of argument ", expr.a, ", which is computed later.");
  return Status();
}

Status ProgramVerifier::verifyExpr(size_t position) const {
  const SizeExpr &expr = program.exprs[position];
  if (expr.op == ExprOp::extent)
    return verifyExtentOperand(position);
  if (expr.op == ExprOp::scalar) {
    bool isScalar =
        expr.a >= 0 && static_cast<size_t>(expr.a) < program.arguments.size() &&
        !program.arguments[static_cast<size_t>(expr.a)].isBuffer() &&
        isInteger(program.arguments[static_cast<size_t>(expr.a)].elementType);
    if (!isScalar)
      return error("size expression ", position, " takes argument ", expr.a,
                   ", which is not an integer scalar.");
    return Status();
  }
  int32_t operands[3] = {expr.a, expr.b, expr.c};
  for (unsigned i = 0; i < operandCount(expr.op); ++i)
    if (operands[i] < 0 || static_cast<size_t>(operands[i]) >= position)
      return error("size expression ", position, " uses expression ",
                   operands[i], ", expected an earlier one.");
  return Status();
}

Status ProgramVerifier::verifyArgument(uint32_t position) const {
  const Argument &argument = program.arguments[position];
  if (!argument.isBuffer())
    return Status();
  if (argument.rank() > kMaxRank)
    return error("argument ", position, " has rank ", argument.rank(),
                 ", expected at most ", kMaxRank, ".");
  for (int64_t extent : argument.extents)
    if (extent < -1)
      return error("argument ", position, " has the extent ", extent,
                   ", expected -1 or a size.");
  if (argument.extentExprs.empty())
    return Status();
  if (argument.role != Role::output)
    return error("argument ", position,
                 " is no output, but its extents are computed.");
  if (argument.extentExprs.size() != argument.extents.size())
    return error("argument ", position, " has rank ", argument.rank(), " and ",
                 argument.extentExprs.size(), " extent expressions.");
  for (int32_t node : argument.extentExprs)
    if (Status status =
            verifyNode(node, concat("an extent of argument ", position));
        status.failed())
      return status;
  return Status();
}

/// Names and slots tell arguments apart.
Status ProgramVerifier::verifyUniqueness() const {
  std::set<std::string_view> names;
  std::set<uint32_t> slots;
  for (const Argument &argument : program.arguments) {
    if (!argument.name.empty() && !names.insert(argument.name).second)
      return error("two arguments are called '", argument.name, "'.");
    if (argument.isBuffer() && !slots.insert(argument.slot).second)
      return error("two buffers have slot ", argument.slot, ".");
  }
  return Status();
}

Status ProgramVerifier::verifyState(uint32_t position) const {
  const Argument &argument = program.arguments[position];
  uint64_t bytes = elementSize(argument.elementType);
  for (int64_t extent : argument.extents) {
    if (extent < 0)
      return error("state argument ", position, " has a dynamic extent.");
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes))
      return error("the size of state argument ", position,
                   " overflows 64 bits.");
  }
  if (argument.initial == -1)
    return Status();
  if (argument.initial < -1 ||
      static_cast<size_t>(argument.initial) >= constants.size())
    return error("state argument ", position, " starts as constant ",
                 argument.initial, ", there are ", constants.size(), ".");
  size_t size = constants[static_cast<size_t>(argument.initial)].data.size;
  if (size != bytes)
    return error("state argument ", position, " has ", bytes,
                 " bytes, the constant it starts as has ", size, ".");
  return Status();
}

Status ProgramVerifier::verifyResult(const Result &result) const {
  if (!isBuffer(result.argument) ||
      program.arguments[result.argument].role != Role::output)
    return error("a result is argument ", result.argument,
                 ", which is not an output.");
  if (result.countKind == CountKind::expression)
    return verifyNode(result.count, "a result's count");
  if (result.countKind == CountKind::buffer) {
    if (!isBuffer(result.count))
      return error("a result's count is argument ", result.count,
                   ", which is not a buffer.");
    const Argument &count =
        program.arguments[static_cast<size_t>(result.count)];
    bool isOne = std::all_of(count.extents.begin(), count.extents.end(),
                             [](int64_t extent) { return extent == 1; });
    if (!isOne || !isInteger(count.elementType) || !count.isWritten())
      return error("a result's count is argument ", result.count,
                   ", which is not one integer that the program writes.");
  }
  return Status();
}

Status ProgramVerifier::verifyMemory(const MemoryRef &memory,
                                     uint32_t launch) const {
  switch (memory.kind) {
  case MemoryKind::argument:
    if (!isBuffer(memory.index))
      return error("launch ", launch, " uses argument ", memory.index,
                   " as memory, which is not a buffer.");
    if (program.arguments[memory.index].role == Role::shared)
      return error("launch ", launch, " takes a pointer to argument ",
                   memory.index, ", which is workgroup memory.");
    return Status();
  case MemoryKind::intermediate: {
    if (memory.index >= program.intermediates.size())
      return error("launch ", launch, " uses intermediate ", memory.index,
                   ", there are ", program.intermediates.size(), ".");
    const Intermediate &value = program.intermediates[memory.index];
    if (launch < value.firstUse || launch > value.lastUse)
      return error("launch ", launch, " uses intermediate ", memory.index,
                   ", which lives from launch ", value.firstUse, " to ",
                   value.lastUse, ".");
    return Status();
  }
  case MemoryKind::constant:
    if (memory.index >= constants.size())
      return error("launch ", launch, " uses constant ", memory.index,
                   ", there are ", constants.size(), ".");
    return Status();
  }
  return error("launch ", launch, " uses an unknown kind of memory.");
}

/// What a launch reads and writes it has a pointer to, and it writes nothing
/// that must not change.
Status ProgramVerifier::verifyAccessSets(const Launch &launch,
                                         uint32_t position) const {
  auto isPointer = [&](const MemoryRef &memory) {
    return std::any_of(launch.pointers.begin(), launch.pointers.end(),
                       [&](const MemoryRef &pointer) {
                         return pointer.kind == memory.kind &&
                                pointer.index == memory.index;
                       });
  };
  for (const auto *set : {&launch.reads, &launch.writes, &launch.streams})
    for (const MemoryRef &memory : *set)
      if (!isPointer(memory))
        return error("launch ", position,
                     " accesses memory that it has no pointer to.");
  for (const MemoryRef &memory : launch.writes)
    if (memory.kind == MemoryKind::constant ||
        (memory.kind == MemoryKind::argument &&
         program.arguments[memory.index].role == Role::input))
      return error("launch ", position, " writes to ",
                   memory.kind == MemoryKind::constant ? "constant "
                                                       : "input argument ",
                   memory.index, ".");
  return Status();
}

Status ProgramVerifier::verifyGpuPart(const Launch &launch,
                                      uint32_t position) const {
  for (int32_t node : launch.grid)
    if (Status status =
            verifyNode(node, concat("a grid extent of launch ", position));
        status.failed())
      return status;
  uint64_t threads = 1, blocks = 1;
  for (unsigned i = 0; i < 3; ++i) {
    if (launch.block[i] == 0 || launch.block[i] > kMaxBlockThreads)
      return error("launch ", position, " has the block extent ",
                   launch.block[i], ", expected 1 to ", kMaxBlockThreads, ".");
    threads *= launch.block[i];
    if ((launch.cluster[i] != 0) != launch.hasCluster() ||
        launch.cluster[i] > kMaxClusterBlocks)
      return error("launch ", position, " has the cluster extent ",
                   launch.cluster[i], ", expected 1 to ", kMaxClusterBlocks,
                   ".");
    blocks *= launch.cluster[i];
  }
  if (!launch.persistentKernel.empty() &&
      (launch.hasCluster() || launch.dynamicSharedBytes >= 0 ||
       threads != launch.block[0] ||
       launch.pointers.size() + launch.parameters.size() >
           artifact::kMaxPersistentValues))
    return error("launch ", position,
                 " has a persistent entry, expected one of a launch with "
                 "blocks of one dimension, no clusters, no dynamic shared "
                 "memory, and at most ",
                 artifact::kMaxPersistentValues, " parameters.");
  if (threads > kMaxBlockThreads)
    return error("launch ", position, " has ", threads,
                 " threads in a block, expected at most ", kMaxBlockThreads,
                 ".");
  if (blocks > kMaxClusterBlocks)
    return error("launch ", position, " has ", blocks,
                 " blocks in a cluster, expected at most ", kMaxClusterBlocks,
                 ".");
  if (launch.dynamicSharedBytes == -1)
    return Status();
  return verifyNode(launch.dynamicSharedBytes,
                    concat("the dynamic shared memory of launch ", position));
}

Status ProgramVerifier::verifyLaunch(uint32_t position) const {
  const Launch &launch = program.launches[position];
  if (launch.kernel.empty() && launch.cpuEntry.empty() && !launch.isCall())
    return error("launch ", position,
                 " has neither GPU nor CPU code, and calls no function.");
  for (const auto *list :
       {&launch.pointers, &launch.reads, &launch.writes, &launch.streams})
    for (const MemoryRef &memory : *list)
      if (Status status = verifyMemory(memory, position); status.failed())
        return status;
  if (Status status = verifyAccessSets(launch, position); status.failed())
    return status;
  for (const ParameterRef &parameter : launch.parameters) {
    if (parameter.kind == ParameterKind::expression) {
      if (Status status = verifyNode(
              parameter.index, concat("a parameter of launch ", position));
          status.failed())
        return status;
    } else if (parameter.index >= program.arguments.size() ||
               program.arguments[parameter.index].isBuffer()) {
      return error("launch ", position, " takes argument ", parameter.index,
                   " by value, which is not a scalar.");
    }
  }
  for (uint32_t earlier : launch.dependsOn)
    if (earlier >= position)
      return error("launch ", position, " depends on launch ", earlier,
                   ", expected an earlier one.");
  if (launch.isCall())
    return CallVerifier(program, constants).verify(position);
  if (!launch.kernel.empty())
    if (Status status = verifyGpuPart(launch, position); status.failed())
      return status;
  if (!launch.cpuEntry.empty())
    return verifyNode(launch.cpuItems,
                      concat("the work items of launch ", position));
  return Status();
}

/// A placement is taken only where it follows from constant sizes, and where
/// nothing that may be in use at once shares bytes. One that would take long to
/// check is made anew.
Status ProgramVerifier::verifyArena() {
  CapturePlan &plan = program.capture;
  if (program.intermediates.size() > planning::kMaxConcurrentValues) {
    plan.arenaOffsets.clear();
    plan.memoryEdges.clear();
    return Status();
  }
  if (plan.arenaOffsets.size() != program.intermediates.size())
    return error("its capture plan places ", plan.arenaOffsets.size(),
                 " intermediates, there are ", program.intermediates.size(),
                 ".");
  if (plan.arenaBytes > uint64_t(INT64_MAX) ||
      (plan.maxArenaBytes && plan.arenaBytes > *plan.maxArenaBytes))
    return error("its capture plan has an arena of ", plan.arenaBytes,
                 " bytes, expected at most ",
                 plan.maxArenaBytes.value_or(uint64_t(INT64_MAX)), ".");
  std::vector<std::vector<uint32_t>> uses = findIntermediateUses(program);
  std::vector<planning::ArenaValue> values(uses.size());
  uint64_t alignment = arenaAlignment(program);
  for (size_t i = 0; i < values.size(); ++i) {
    const SizeExpr &size =
        program.exprs[static_cast<size_t>(program.intermediates[i].byteSize)];
    uint64_t offset = plan.arenaOffsets[i];
    if (size.op != ExprOp::constant || size.imm < 0)
      return error("its capture plan places intermediate ", i,
                   ", whose size is not a constant.");
    values[i].byteSize = static_cast<uint64_t>(size.imm);
    values[i].uses = {uses[i].data(), uses[i].size()};
    if (offset % alignment != 0 || offset > plan.arenaBytes ||
        values[i].byteSize > plan.arenaBytes - offset)
      return error("its capture plan places intermediate ", i, " of ", size.imm,
                   " bytes at ", offset, ", expected a multiple of ", alignment,
                   " within the arena's ", plan.arenaBytes, " bytes.");
  }
  auto graph = makeLaunchGraph(program);
  if (graph.failed())
    return graph.takeStatus();
  bool hasMemory = true;
  for (const planning::LaunchEdge &edge : plan.memoryEdges)
    hasMemory &= graph->addEdge(edge.earlier, edge.later);
  auto conflict = planning::findArenaConflict(
      *graph, {values.data(), values.size()},
      {plan.arenaOffsets.data(), plan.arenaOffsets.size()});
  if (!hasMemory || conflict.failed())
    return failure(VYRE_STATUS_OUT_OF_MEMORY,
                   "there is no memory left to check the arena of program '",
                   program.name, "'. Fix: free memory.");
  if (*conflict)
    return error("its capture plan places intermediates ", (*conflict)->first,
                 " and ", (*conflict)->second,
                 " in the same bytes, and both may be in use at once.");
  return Status();
}

Status ProgramVerifier::verifyCapturePlan() {
  const CapturePlan &plan = program.capture;
  if (!plan.replay.empty() && plan.replay.size() != program.arguments.size())
    return error("its capture plan describes ", plan.replay.size(),
                 " arguments, there are ", program.arguments.size(), ".");
  for (uint32_t i = 0;
       plan.isResidentReplaySafe && i < program.arguments.size(); ++i) {
    const Argument &argument = program.arguments[i];
    if (argument.isState() || (argument.isRead() && argument.isWritten()))
      return error("its capture plan leaves out uploads, although argument ", i,
                   " keeps what a dispatch writes.");
  }
  findHostBoundaries(program);
  const Launch *boundary = program.hostBoundary();
  if (boundary && plan.policy == artifact::CapturePolicy::require)
    return error("its capture plan requires a graph, although launch '",
                 boundary->name,
                 "' waits for the host to see what an earlier one wrote.");
  for (const planning::LaunchEdge &edge : plan.memoryEdges)
    if (edge.earlier >= edge.later || edge.later >= program.launches.size())
      return error("its capture plan has an edge from launch ", edge.earlier,
                   " to launch ", edge.later,
                   ", expected one to a later launch.");
  if (plan.arenaOffsets.empty())
    return Status();
  return verifyArena();
}

void ProgramVerifier::collectFunctions() {
  std::map<std::string_view, size_t> known;
  for (const Launch &launch : program.launches) {
    if (!launch.isCall())
      continue;
    auto [entry, isNew] =
        known.try_emplace(launch.call->function, program.functions.size());
    if (isNew)
      program.functions.push_back({launch.call->function, true});
    program.functions[entry->second].isCapturable &= launch.call->isCapturable;
  }
}

Status ProgramVerifier::verify() {
  if (program.name.empty())
    return badArtifact("a program has no name.", kRemake);
  if (Status status = verifyDigest(); status.failed())
    return status;
  auto argumentCount = static_cast<uint32_t>(program.arguments.size());
  for (uint32_t i = 0; i < argumentCount; ++i)
    if (Status status = verifyArgument(i); status.failed())
      return status;
  if (Status status = verifyUniqueness(); status.failed())
    return status;
  for (size_t i = 0; i < program.exprs.size(); ++i)
    if (Status status = verifyExpr(i); status.failed())
      return status;
  for (uint32_t i = 0; i < argumentCount; ++i) {
    if (!program.arguments[i].isState())
      continue;
    if (Status status = verifyState(i); status.failed())
      return status;
    program.states.push_back(i);
  }

  std::set<uint32_t> resultArguments;
  for (const Result &result : program.results) {
    if (Status status = verifyResult(result); status.failed())
      return status;
    if (!resultArguments.insert(result.argument).second)
      return error("argument ", result.argument, " is a result twice.");
  }
  for (size_t i = 0; i < program.intermediates.size(); ++i) {
    const Intermediate &value = program.intermediates[i];
    if (Status status =
            verifyNode(value.byteSize, concat("the size of intermediate ", i));
        status.failed())
      return status;
    if (value.firstUse > value.lastUse ||
        value.lastUse >= program.launches.size())
      return error("intermediate ", i, " lives from launch ", value.firstUse,
                   " to ", value.lastUse, ", there are ",
                   program.launches.size(), ".");
  }
  for (uint32_t i = 0; i < program.launches.size(); ++i)
    if (Status status = verifyLaunch(i); status.failed())
      return status;
  collectFunctions();
  if (Status status = completeDependences(program); status.failed())
    return status;
  if (Status status = verifyCapturePlan(); status.failed())
    return status;
  for (const Requirement &requirement : program.requirements)
    for (int32_t node : {requirement.found, requirement.least})
      if (Status status = verifyNode(node, "a side of a requirement");
          status.failed())
        return status;
  for (const artifact::NoOverlap &pair : program.noOverlap)
    if (!isBuffer(pair.a()) || !isBuffer(pair.b()) || pair.a() == pair.b())
      return error("arguments ", pair.a(), " and ", pair.b(),
                   " are said not to overlap, expected two buffers.");
  return Status();
}

} // namespace

Status verifyProgram(Program &program, const std::vector<Constant> &constants) {
  return ProgramVerifier(program, constants).verify();
}

Status verifyProgramNames(const std::vector<Program> &programs) {
  if (programs.empty())
    return badArtifact("the artifact has no program.", kRemake);
  std::set<std::string_view> names;
  for (const Program &program : programs)
    if (!names.insert(program.name).second)
      return badArtifact("two programs are called '", program.name, "'.",
                         kRemake);
  return Status();
}

} // namespace vyre::runtime::internal
