//===- LaunchPlanner.cpp - Which stages become a launch -------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaunchPlanner.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "vyre/Analysis/StageOrder.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace vyre;

/// A kernel takes 32,764 bytes of arguments, 8 for each buffer; the rest is for
/// extents and scalars. More than 4 KiB ask for PTX 8.1, of CUDA 12.1.
static constexpr unsigned kMaxBuffersPerLaunch = 3072;

LaunchPlan LaunchPlanner::place(ArrayRef<StageLikeOpInterface> stages) {
  LaunchPlan plan;
  plan.stages = llvm::to_vector(stages);
  window.restart();
  plan.base = window.getNextPosition();
  plan.placements.reserve(stages.size());
  plan.firstLegalStarts.reserve(stages.size());
  for (StageLikeOpInterface stage : stages) {
    Placement placement = window.place(stage);
    window.append(placement);
    unsigned start = placement.accesses->isKnown()
                         ? window.getStart() - plan.base
                         : plan.placements.size();
    plan.firstLegalStarts.push_back(start);
    plan.placements.push_back(std::move(placement));
  }
  return plan;
}

/// Of what each stage writes, the intermediates that only stages read which may
/// share a launch with it, in bytes.
std::vector<uint64_t> LaunchPlanner::getForwardedBytes(const LaunchPlan &plan) {
  DenseMap<Operation *, unsigned> positionOf;
  for (auto [position, stage] : llvm::enumerate(plan.stages))
    positionOf[stage] = position;
  // The last stage that uses an intermediate; none where others use it as well.
  DenseMap<Value, std::optional<unsigned>> lastUses;
  auto getLastUse = [&](Value buffer) -> std::optional<unsigned> {
    auto [known, isNew] = lastUses.try_emplace(buffer);
    if (!isNew)
      return known->second;
    Block *block = buffer.getParentBlock();
    std::optional<unsigned> last;
    for (Operation *user : buffer.getUsers()) {
      if (user->getBlock() != block || isa<memref::DimOp>(user))
        continue; // In the body of a stage, which is a user itself.
      auto position = positionOf.find(user);
      if (position == positionOf.end())
        return std::nullopt;
      last = std::max(last.value_or(0), position->second);
    }
    return lastUses[buffer] = last;
  };
  std::vector<uint64_t> forwarded;
  for (auto [position, constStage] : llvm::enumerate(plan.stages)) {
    StageLikeOpInterface stage = constStage;
    uint64_t bytes = 0;
    for (OperandRange range :
         {stage.getWrittenBuffers(), stage.getUpdatedBuffers()})
      for (Value buffer : range) {
        if (!buffer.getDefiningOp<IntermediateOp>())
          continue;
        std::optional<unsigned> last = getLastUse(buffer);
        if (last && plan.firstLegalStarts[*last] <= position)
          bytes = llvm::SaturatingAdd(bytes, bounds.getByteBound(buffer));
      }
    forwarded.push_back(bytes);
  }
  return forwarded;
}

/// Says to the planner what it needs to know of each stage.
void LaunchPlanner::addProfiles(LaunchPlan &plan) {
  // Nobody asks for them otherwise.
  bool isLive = settings.accounting == planning::LaunchFusionAccounting::Live;
  std::vector<uint64_t> forwarded =
      isLive ? getForwardedBytes(plan)
             : std::vector<uint64_t>(plan.stages.size(), 0);
  plan.profiles.reserve(plan.stages.size());
  // A stage has the layout of the one before it where they match, and one of
  // its own where not, unless it was given one.
  uint64_t derivedHash = 0;
  bool isDerived = false;
  for (auto [position, constStage] : llvm::enumerate(plan.stages)) {
    StageLikeOpInterface stage = constStage;
    planning::LaunchFusionStage profile;
    profile.id = position;
    for (Value buffer : stage.getReadBuffers())
      profile.inputBytes =
          llvm::SaturatingAdd(profile.inputBytes, bounds.getByteBound(buffer));
    for (Value buffer : stage.getWrittenBuffers())
      profile.outputBytes =
          llvm::SaturatingAdd(profile.outputBytes, bounds.getByteBound(buffer));
    for (Value buffer : stage.getUpdatedBuffers()) {
      uint64_t bytes = bounds.getByteBound(buffer);
      profile.inputBytes = llvm::SaturatingAdd(profile.inputBytes, bytes);
      profile.outputBytes = llvm::SaturatingAdd(profile.outputBytes, bytes);
    }
    profile.scratchBytes = stage.getScratchByteCount();
    profile.requiresHostMaterialization = stage.isHostBoundary();
    profile.firstLegalStart = plan.firstLegalStarts[position];
    profile.forwardedBytes = forwarded[position];

    auto body = dyn_cast<StageOp>(stage.getOperation());
    bool isGiven = body && body.getLayoutHash();
    bool joins = plan.firstLegalStarts[position] < position && isDerived;
    if (!isGiven && !joins) {
      std::string space;
      llvm::raw_string_ostream os(space);
      llvm::interleaveComma(plan.placements[position].accesses->getExtents(),
                            os);
      derivedHash = llvm::xxh3_64bits(space);
    }
    profile.layoutHash = isGiven ? *body.getLayoutHash() : derivedHash;
    isDerived = !isGiven;
    plan.profiles.push_back(profile);
  }
}

/// What the planner refuses, as a diagnostic.
static LogicalResult report(const planning::LaunchFusionError &error,
                            const LaunchPlan &plan, ProgramOp program) {
  if (auto *over = std::get_if<planning::StageOverBudget>(&error)) {
    StageLikeOpInterface stage = plan.stages[over->id];
    InFlightDiagnostic diag =
        stage->emitOpError("needs ")
        << over->requiredBytes
        << " bytes, expected at most max-group-bytes = " << over->budgetBytes;
    diag.attachNote() << "fix: raise max-group-bytes to at least "
                      << over->requiredBytes;
    return diag;
  }
  if (auto *overflow = std::get_if<planning::ByteCountOverflow>(&error)) {
    InFlightDiagnostic diag = program.emitOpError("has stages whose ")
                              << overflow->field
                              << " are 2^64 or more, expected fewer";
    diag.attachNote() << "fix: make the buffers or their capacities smaller";
    return diag;
  }
  auto getMessage = [](const auto &other) { return other.message(); };
  return program.emitOpError("cannot be planned: ")
         << std::visit(getMessage, error);
}

LogicalResult LaunchPlanner::group(LaunchPlan &plan) {
  planning::LaunchFusionOptions options;
  options.maxGroupBytes =
      settings.budget.value_or(std::numeric_limits<uint64_t>::max());
  options.strategy = settings.strategy;
  options.accounting = settings.accounting;
  auto planned = planning::planLaunchFusion(
      {plan.profiles.data(), plan.profiles.size()}, options);
  if (!planned)
    return report(planned.error(), plan, program);
  for (const planning::LaunchFusionGroup &group : planned->groups)
    plan.groups.push_back(
        {group.firstStage, group.firstStage + group.stageCount - 1,
         group.requiredBytes, group.avoidedIntermediateBytes});
  return success();
}

/// The bytes of a part of a group, as the planner would reckon.
StageGroup LaunchPlanner::measure(const LaunchPlan &plan, unsigned first,
                                  unsigned last) {
  StageGroup group = {first, last, plan.profiles[first].inputBytes, 0};
  bool isLive = settings.accounting == planning::LaunchFusionAccounting::Live;
  for (unsigned i = first; i <= last; ++i) {
    const planning::LaunchFusionStage &profile = plan.profiles[i];
    bool isLast = i == last;
    uint64_t needed = profile.outputBytes;
    if (isLive && !isLast)
      needed -= profile.forwardedBytes;
    group.requiredBytes =
        llvm::SaturatingAdd(group.requiredBytes, needed, profile.scratchBytes);
    if (!isLast)
      group.avoidedBytes = llvm::SaturatingAdd(group.avoidedBytes,
                                               isLive ? profile.forwardedBytes
                                                      : profile.outputBytes);
  }
  return group;
}

/// Cuts groups that have too many stages or buffers for one kernel. Any part of
/// a legal group is legal.
void LaunchPlanner::splitLargeGroups(LaunchPlan &plan) {
  SmallVector<StageGroup> groups;
  for (const StageGroup &group : plan.groups) {
    unsigned first = group.first;
    llvm::SmallDenseSet<Value> buffers;
    auto addBuffers = [&](unsigned position) {
      StageLikeOpInterface stage = plan.stages[position];
      for (OperandRange range :
           {stage.getReadBuffers(), stage.getWrittenBuffers(),
            stage.getUpdatedBuffers()})
        buffers.insert(range.begin(), range.end());
    };
    addBuffers(first);
    for (unsigned i = first + 1; i <= group.last; ++i) {
      addBuffers(i);
      bool isFull = settings.maxStagesPerLaunch != 0 &&
                    i - first == settings.maxStagesPerLaunch;
      if (!isFull && buffers.size() <= kMaxBuffersPerLaunch)
        continue;
      groups.push_back(measure(plan, first, i - 1));
      first = i;
      buffers.clear();
      addBuffers(i);
    }
    groups.push_back(first == group.first ? group
                                          : measure(plan, first, group.last));
  }
  plan.groups = std::move(groups);
}

/// The bytes of the intermediates that the stages of one group alone use.
uint64_t LaunchPlanner::getPrivateBytes(const LaunchPlan &plan) {
  DenseMap<Operation *, unsigned> groupOf;
  llvm::SetVector<Value> intermediates;
  for (auto [number, group] : llvm::enumerate(plan.groups))
    for (unsigned i = group.first; i <= group.last; ++i) {
      StageLikeOpInterface stage = plan.stages[i];
      groupOf[stage] = number;
      for (OperandRange range :
           {stage.getWrittenBuffers(), stage.getUpdatedBuffers()})
        for (Value buffer : range)
          if (buffer.getDefiningOp<IntermediateOp>())
            intermediates.insert(buffer);
    }
  uint64_t bytes = 0;
  for (Value buffer : intermediates) {
    std::optional<unsigned> only;
    bool isPrivate = true;
    for (Operation *user : buffer.getUsers()) {
      if (user->getBlock() != buffer.getParentBlock() ||
          isa<memref::DimOp>(user))
        continue;
      auto group = groupOf.find(user);
      isPrivate &= group != groupOf.end() &&
                   only.value_or(group->second) == group->second;
      if (!isPrivate)
        break;
      only = group->second;
    }
    if (isPrivate)
      bytes = llvm::SaturatingAdd(bytes, bounds.getByteBound(buffer));
  }
  return bytes;
}

/// Fewer launches, then more that stays within one, then more avoided bytes.
bool LaunchPlanner::isBetter(const LaunchPlan &plan, const LaunchPlan &other) {
  if (plan.groups.size() != other.groups.size())
    return plan.groups.size() < other.groups.size();
  uint64_t bytes = getPrivateBytes(plan), otherBytes = getPrivateBytes(other);
  if (bytes != otherBytes)
    return bytes > otherBytes;
  return plan.getAvoidedBytes() > other.getAvoidedBytes();
}

FailureOr<LaunchPlan>
LaunchPlanner::planInOrder(ArrayRef<StageLikeOpInterface> stages) {
  LaunchPlan plan = place(stages);
  addProfiles(plan);
  if (failed(group(plan)))
    return failure();
  plan.isOneGroup = plan.groups.size() <= 1;
  splitLargeGroups(plan);
  return plan;
}

FailureOr<LaunchPlan>
LaunchPlanner::plan(ArrayRef<StageLikeOpInterface> stages) {
  FailureOr<LaunchPlan> plan = planInOrder(stages);
  if (failed(plan) || !settings.reorder || plan->isOneGroup)
    return plan;
  SmallVector<StageLikeOpInterface> ordered = orderForFusion(stages, window);
  if (ordered == stages)
    return plan;
  FailureOr<LaunchPlan> other = planInOrder(ordered);
  if (failed(other))
    return failure();
  if (isBetter(*other, *plan))
    return other;
  return plan;
}

//===----------------------------------------------------------------------===//
// Reasons
//===----------------------------------------------------------------------===//

/// Why a stage and the launch before it could not be one, from the analysis.
std::string LaunchPlanner::explainRefusal(const LaunchPlan &plan,
                                          unsigned position) {
  const Refusal &refusal = *plan.placements[position].refusal;
  unsigned earlier = refusal.position - plan.base;
  auto describeSpace = [&](unsigned stage) {
    std::string text = "(";
    llvm::raw_string_ostream os(text);
    llvm::interleaveComma(
        plan.placements[stage].accesses->getExtents(), os,
        [&](AffineExpr extent) { os << symbols.describe(extent); });
    return text + ")";
  };
  switch (refusal.reason) {
  case Refusal::Reason::Opaque:
    return "the accesses of " + plan.getName(position) + " are not known";
  case Refusal::Reason::IndexSpace:
    return "the index space " + describeSpace(position) + " and " +
           describeSpace(earlier) + " of " + plan.getName(earlier) +
           " do not match";
  case Refusal::Reason::InnerLoops:
    return "with " + plan.getName(earlier) +
           " many inner points, each with a loop, would run in one point";
  case Refusal::Reason::Dependence:
    return "it depends on other points of " + plan.getName(earlier) + ": " +
           describeDependence(*refusal.dependence, symbols);
  case Refusal::Reason::TooManyAccesses:
    return describeBuffer(refusal.buffer) + " has too many different accesses";
  }
  llvm_unreachable("all reasons are listed");
}

/// The one reason why the stage behind a group is not in it.
std::string LaunchPlanner::explain(const LaunchPlan &plan,
                                   const StageGroup &group) {
  unsigned position = group.last + 1;
  StageLikeOpInterface stage = plan.stages[position];
  const planning::LaunchFusionStage &profile = plan.profiles[position];
  if (!plan.placements[group.last].accesses->isKnown())
    return "the accesses of " + plan.getName(group.last) + " are not known";
  if (stage.isHostBoundary())
    return "what it reads must be visible to the host before it starts";
  if (plan.firstLegalStarts[position] > group.first &&
      plan.placements[position].refusal)
    return explainRefusal(plan, position);
  uint64_t hash = plan.profiles[group.last].layoutHash;
  if (profile.layoutHash != hash)
    return "its layout hash is " + std::to_string(profile.layoutHash) +
           ", that of " + plan.getName(group.last) + " " + std::to_string(hash);
  if (settings.maxStagesPerLaunch != 0 &&
      group.last - group.first + 1 == settings.maxStagesPerLaunch)
    return "the launch has max-stages-per-launch = " +
           std::to_string(settings.maxStagesPerLaunch) + " stages";
  uint64_t joined = llvm::SaturatingAdd(
      group.requiredBytes, profile.scratchBytes, profile.outputBytes);
  if (settings.budget && joined > *settings.budget)
    return "together they need " + std::to_string(joined) +
           " bytes, more than max-group-bytes = " +
           std::to_string(*settings.budget);
  return "other groups make fewer launches or avoid more bytes";
}
