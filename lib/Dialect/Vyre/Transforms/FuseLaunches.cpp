//===- FuseLaunches.cpp - Neighbouring stages into one launch -------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre.stage @a (%i) in (%n) ...        vyre.launch @a_b {
//   vyre.stage @b (%i) in (%n) ...          vyre.stage @a (%i) in (%n) ...
//                                    ->     vyre.stage @b (%i) in (%n) ...
//   vyre.stage @c (%i) in (%k) ...        }
//                                         vyre.stage @c (%i) in (%k) ...
//
// LaunchWindow says how far back a launch with each stage may begin; the
// planner chooses groups by that, by bytes and by the budget; LaunchFormation
// rewrites. A stage that joins no other stays where it is: vyre-form-launches
// gives it a launch of its own.
//
//===----------------------------------------------------------------------===//

#include "LaunchFormation.h"
#include "LaunchVerification.h"
#include "mlir/IR/Remarks.h"
#include "vyre/Analysis/BufferBounds.h"
#include "vyre/Analysis/StageOrder.h"
#include "vyre/Dialect/Vyre/Transforms/Passes.h"
#include "vyre/Planning/LaunchFusion.h"
#include "llvm/Support/xxhash.h"

#define DEBUG_TYPE "vyre-fuse-launches"

namespace vyre {
#define GEN_PASS_DEF_FUSELAUNCHES
#include "vyre/Dialect/Vyre/Transforms/Passes.h.inc"
} // namespace vyre

using namespace mlir;
using namespace vyre;

/// A kernel's arguments fit where it has no more buffers than this: a kernel
/// may have 4 KiB of them.
static constexpr unsigned kMaxBuffersPerLaunch = 384;

namespace {

/// Neighbouring stages that become a launch.
struct Group {
  unsigned first;
  unsigned last;
  uint64_t requiredBytes;
  uint64_t avoidedBytes;
};

/// An order that the stages may have, and how they are grouped in it.
struct Plan {
  SmallVector<StageLikeOpInterface> stages;
  std::vector<Placement> placements;
  /// For each stage the first that may share a launch with it and all between.
  SmallVector<unsigned> firstLegalStarts;
  /// The window's position of the first stage.
  unsigned base = 0;
  std::vector<planning::LaunchFusionStage> profiles;
  SmallVector<Group> groups;

  uint64_t getAvoidedBytes() const {
    uint64_t sum = 0;
    for (const Group &group : groups)
      sum = llvm::SaturatingAdd(sum, group.avoidedBytes);
    return sum;
  }
  std::string getName(unsigned position) const {
    StageLikeOpInterface stage = stages[position];
    return ("@" + stage.getStageName()).str();
  }
};

/// What the options say, read.
struct Settings {
  /// Not set: no limit.
  std::optional<uint64_t> budget;
  planning::LaunchFusionStrategy strategy;
  planning::LaunchFusionAccounting accounting;
  bool reorder;
  uint64_t maxStagesPerLaunch;
};

/// Fuses the stages of one program.
class LaunchFuser {
public:
  LaunchFuser(ProgramOp program, const Settings &settings)
      : program(program), settings(settings), symbols(program), solver(symbols),
        window(symbols, solver), bounds(program, symbols) {}

  LogicalResult run();

private:
  LogicalResult fuse(ArrayRef<StageLikeOpInterface> stages);

  // Planning.
  Plan place(ArrayRef<StageLikeOpInterface> stages);
  void addProfiles(Plan &plan);
  std::vector<uint64_t> getForwardedBytes(const Plan &plan);
  LogicalResult group(Plan &plan);
  void splitLargeGroups(Plan &plan);
  uint64_t getPrivateBytes(const Plan &plan);
  bool isBetter(const Plan &plan, const Plan &other);

  // What is said about it.
  std::string explain(const Plan &plan, const Group &group);
  std::string explainRefusal(const Plan &plan, unsigned position);
  void remarkOn(const Plan &plan, ArrayRef<LaunchOp> launches);

  ProgramOp program;
  const Settings &settings;
  SymbolicValues symbols;
  MeetingSolver solver;
  LaunchWindow window;
  BufferBounds bounds;
  llvm::StringSet<> launchNames;
};

} // namespace

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

Plan LaunchFuser::place(ArrayRef<StageLikeOpInterface> stages) {
  Plan plan;
  plan.stages = llvm::to_vector(stages);
  window.restart();
  plan.base = window.getNextPosition();
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
std::vector<uint64_t> LaunchFuser::getForwardedBytes(const Plan &plan) {
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
void LaunchFuser::addProfiles(Plan &plan) {
  std::vector<uint64_t> forwarded = getForwardedBytes(plan);
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
                            const Plan &plan, ProgramOp program) {
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

LogicalResult LaunchFuser::group(Plan &plan) {
  addProfiles(plan);
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
  splitLargeGroups(plan);
  return success();
}

/// Cuts groups that have too many stages or buffers for one kernel. Any part of
/// a legal group is legal.
void LaunchFuser::splitLargeGroups(Plan &plan) {
  SmallVector<Group> groups;
  for (const Group &group : plan.groups) {
    Group part = {group.first, group.first, group.requiredBytes, 0};
    llvm::SmallDenseSet<Value> buffers;
    auto addBuffers = [&](unsigned position) {
      StageLikeOpInterface stage = plan.stages[position];
      for (OperandRange range :
           {stage.getReadBuffers(), stage.getWrittenBuffers(),
            stage.getUpdatedBuffers()})
        buffers.insert(range.begin(), range.end());
    };
    addBuffers(part.first);
    for (unsigned i = group.first + 1; i <= group.last; ++i) {
      addBuffers(i);
      bool isFull = settings.maxStagesPerLaunch != 0 &&
                    i - part.first == settings.maxStagesPerLaunch;
      if (isFull || buffers.size() > kMaxBuffersPerLaunch) {
        groups.push_back(part);
        part = {i, i, group.requiredBytes, 0};
        buffers.clear();
        addBuffers(i);
        continue;
      }
      part.last = i;
      part.avoidedBytes = llvm::SaturatingAdd(part.avoidedBytes,
                                              plan.profiles[i - 1].outputBytes);
    }
    bool isWhole = part.first == group.first;
    groups.push_back(isWhole ? group : part);
  }
  plan.groups = std::move(groups);
}

/// The bytes of the intermediates that the stages of one group alone use.
uint64_t LaunchFuser::getPrivateBytes(const Plan &plan) {
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
bool LaunchFuser::isBetter(const Plan &plan, const Plan &other) {
  auto rank = [&](const Plan &some) {
    return std::make_tuple(some.groups.size(), ~getPrivateBytes(some),
                           ~some.getAvoidedBytes());
  };
  return rank(plan) < rank(other);
}

//===----------------------------------------------------------------------===//
// Remarks
//===----------------------------------------------------------------------===//

/// Why a stage and the launch before it could not be one, from the analysis.
std::string LaunchFuser::explainRefusal(const Plan &plan, unsigned position) {
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
std::string LaunchFuser::explain(const Plan &plan, const Group &group) {
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

static remark::RemarkOpts makeRemark(StringRef name, ProgramOp program) {
  return remark::RemarkOpts::name(name)
      .category(DEBUG_TYPE)
      .function(program.getSymName());
}

void LaunchFuser::remarkOn(const Plan &plan, ArrayRef<LaunchOp> launches) {
  for (auto [group, launch] : llvm::zip_equal(plan.groups, launches)) {
    unsigned stages = group.last - group.first + 1;
    if (launch) {
      std::string names;
      for (unsigned i = group.first; i <= group.last; ++i)
        names += (i == group.first ? "" : ", ") + plan.getName(i);
      remark::passed(LaunchOp(launch).getLoc(), makeRemark("fused", program))
          << remark::add("launch @{0} holds {1}",
                         LaunchOp(launch).getLaunchName(), names)
          << remark::metric("Stages", stages)
          << remark::metric("RequiredBytes", group.requiredBytes)
          << remark::metric("AvoidedLaunches", stages - 1)
          << remark::metric("AvoidedBytes", group.avoidedBytes);
    }
    if (group.last + 1 == plan.stages.size())
      continue;
    StageLikeOpInterface next = plan.stages[group.last + 1];
    remark::missed(next->getLoc(), makeRemark("not-fused", program))
        << remark::add("{0} does not join {1}", plan.getName(group.last + 1),
                       plan.getName(group.last))
        << remark::reason("{0}", explain(plan, group));
  }
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Whether stages may move past an op of the top level: it computes a size,
/// states one, or makes memory.
static bool isTransparent(Operation *op) {
  return isa<IntermediateOp, vyre::ConstantOp, ExtentsOp>(op) ||
         isMemoryEffectFree(op);
}

/// Puts stages into another order; what they use comes before all of them.
static void reorderStages(ArrayRef<StageLikeOpInterface> from,
                          ArrayRef<StageLikeOpInterface> to) {
  Operation *first = StageLikeOpInterface(from.front());
  Operation *end = StageLikeOpInterface(from.back())->getNextNode();
  for (Operation *op = first->getNextNode(); op != end;) {
    Operation *next = op->getNextNode();
    if (!isa<StageLikeOpInterface>(op))
      op->moveBefore(first);
    op = next;
  }
  for (StageLikeOpInterface stage : to)
    stage->moveBefore(end);
}

LogicalResult LaunchFuser::fuse(ArrayRef<StageLikeOpInterface> stages) {
  Plan plan = place(stages);
  if (failed(group(plan)))
    return failure();
  if (settings.reorder && plan.groups.size() > 1) {
    SmallVector<StageLikeOpInterface> ordered = orderForFusion(stages, window);
    if (ordered != stages) {
      Plan other = place(ordered);
      if (failed(group(other)))
        return failure();
      if (isBetter(other, plan)) {
        reorderStages(stages, ordered);
        plan = std::move(other);
      }
    }
  }
  LaunchFormation formation(plan.stages, plan.placements, launchNames);
  SmallVector<LaunchOp> launches;
  for (const Group &group : plan.groups)
    launches.push_back(group.first == group.last
                           ? LaunchOp()
                           : formation.form(group.first, group.last));
  remarkOn(plan, launches);
  return success();
}

LogicalResult LaunchFuser::run() {
  // Runs of stages that nothing else with an effect stands between.
  std::vector<SmallVector<StageLikeOpInterface>> runs(1);
  for (Operation &op : program.getBody().front()) {
    if (auto launch = dyn_cast<LaunchOp>(op))
      launchNames.insert(launch.getLaunchName());
    if (auto stage = dyn_cast<StageLikeOpInterface>(op))
      runs.back().push_back(stage);
    else if (!isTransparent(&op) && !runs.back().empty())
      runs.emplace_back();
  }
  for (ArrayRef<StageLikeOpInterface> stages : runs)
    if (failed(fuse(stages)))
      return failure();
  return success();
}

namespace {

class FuseLaunches : public vyre::impl::FuseLaunchesBase<FuseLaunches> {
public:
  using FuseLaunchesBase::FuseLaunchesBase;

  void runOnOperation() override {
    FailureOr<Settings> settings = readOptions();
    if (failed(settings) ||
        failed(LaunchFuser(getOperation(), *settings).run()))
      return signalPassFailure();
#ifndef NDEBUG
    if (failed(verifyLaunches(getOperation())))
      signalPassFailure();
#endif
  }

private:
  FailureOr<Settings> readOptions() {
    auto emitError = [&] {
      return getOperation().emitError("vyre-fuse-launches: ");
    };
    using Strategy = planning::LaunchFusionStrategy;
    using Accounting = planning::LaunchFusionAccounting;
    Settings settings;
    settings.reorder = reorder;
    settings.maxStagesPerLaunch = maxStagesPerLaunch;
    if (!maxGroupBytes.empty()) {
      uint64_t bytes;
      if (StringRef(maxGroupBytes).getAsInteger(10, bytes) || bytes == 0) {
        InFlightDiagnostic diag = emitError()
                                  << "max-group-bytes is '" << maxGroupBytes
                                  << "', expected a number of bytes from 1 on";
        diag.attachNote() << "fix: leave it out for no limit";
        return diag;
      }
      settings.budget = bytes;
    }
    if (strategy == "greedy" || strategy == "optimal")
      settings.strategy =
          strategy == "greedy" ? Strategy::Greedy : Strategy::Optimal;
    else
      return emitError() << "strategy is '" << strategy
                         << "', expected greedy or optimal";
    if (accounting == "sum" || accounting == "live")
      settings.accounting =
          accounting == "sum" ? Accounting::Sum : Accounting::Live;
    else
      return emitError() << "accounting is '" << accounting
                         << "', expected sum or live";
    return settings;
  }
};

} // namespace
