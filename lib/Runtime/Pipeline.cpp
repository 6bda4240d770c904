//===- Pipeline.cpp - A program with its sets in flight ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"

#include "CacheAudit.h"
#include "PipelineSets.h"
#include "Trace.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace vyre::runtime::internal {

namespace {

Deadline deadlineOf(const PipelineConfig &config) {
  return config.timeLimitNs ? deadlineAfter(*config.timeLimitNs) : std::nullopt;
}

Status overTime(uint64_t limitNs, std::string_view what, std::string_view fix) {
  return failure(VYRE_STATUS_DEADLINE_EXCEEDED, "the dispatch ", what,
                 " after its time limit of ", limitNs, " ns. Fix: ", fix, ".");
}

} // namespace

Deadline deadlineAfter(uint64_t nanoseconds) {
  // Far enough to overflow the clock is as good as never.
  if (nanoseconds >= uint64_t(std::numeric_limits<int64_t>::max()) / 2)
    return std::nullopt;
  return Clock::now() +
         std::chrono::nanoseconds(static_cast<int64_t>(nanoseconds));
}

/// What the program was compiled with. Where nothing is captured at all, a
/// program that is meant to be still runs.
static VyreCapturePolicy defaultCapture(const Device &device,
                                        const Program &program) {
  switch (program.capture.policy) {
  case artifact::CapturePolicy::never:
    return VYRE_CAPTURE_NEVER;
  case artifact::CapturePolicy::require:
    return device.captures() ? VYRE_CAPTURE_REQUIRE : VYRE_CAPTURE_AUTO;
  case artifact::CapturePolicy::auto_:
    break;
  }
  return VYRE_CAPTURE_AUTO;
}

Expected<std::shared_ptr<Pipeline>>
Pipeline::create(std::shared_ptr<Device> device,
                 std::shared_ptr<const Artifact> artifact, uint32_t program,
                 const PipelineConfig &config) {
  if (Status status = device->health(); status.failed())
    return status;
  const Program &info = artifact->programs[program];
  std::shared_ptr<Pipeline> pipeline(new Pipeline(device, artifact, info));
  pipeline->config = config;
  pipeline->label = config.label ? config.label : info.name;
  pipeline->config.label = pipeline->label.c_str();
  if (config.capture == VYRE_CAPTURE_DEFAULT)
    pipeline->config.capture = defaultCapture(*device, info);
  if (config.waitMode == VYRE_WAIT_DEFAULT)
    pipeline->config.waitMode = VYRE_WAIT_BLOCK;
  if (Status status = pipeline->checkUlp(config); status.failed())
    return status;
  auto executable = device->load(artifact, info);
  if (executable.failed())
    return executable.takeStatus();
  pipeline->executable = std::move(*executable);
  device->retain();
  const Executable &made = *pipeline->executable;
  pipeline->id = made.nativeId.empty() ? concat(device->getIdentity().backend,
                                                ":", programId(info))
                                       : made.nativeId;
  Status status;
  try {
    uint32_t count = pipeline->setLimit(pipeline->config);
    for (uint32_t i = 0; i < count && !status.failed(); ++i)
      status = pipeline->createSet();
  } catch (...) {
    // The first failure is what counts.
    (void)pipeline->close().failed();
    throw;
  }
  if (status.failed()) {
    status.update(pipeline->close());
    return status;
  }
  std::optional<bool> cacheHit = pipeline->executable->cacheHit;
  CacheAudit::process().observe(cacheHit);
  if (cacheHit)
    pipeline->telemetry.add(
        *cacheHit ? &Telemetry::cache_hits : &Telemetry::cache_misses, 1);
  return pipeline;
}

PipelineConfig Pipeline::effectiveConfig(DispatchOptions &options) const {
  PipelineConfig effective = options.overrides;
  effective.inherit(config);
  options.label = effective.label;
  options.capture = effective.capture;
  options.waitMode = effective.waitMode;
  options.persistent = effective.persistent;
  options.persistentIdleNs =
      effective.persistentIdleNs.value_or(kDefaultPersistentIdleNs);
  options.graphShapes = effective.graphShapes.value_or(kDefaultGraphShapes);
  options.expectedDispatches = effective.expectedDispatches;
  return effective;
}

Status Pipeline::checkUlp(const PipelineConfig &effective) const {
  if (!effective.ulpBudget)
    return Status();
  const std::string &backend = device->getIdentity().backend;
  DispatchPlan::Target target = device->target();
  if (!program.math || target == DispatchPlan::Target::none)
    return failure(VYRE_STATUS_UNSUPPORTED, "nobody tells how precise '",
                   program.name, "' is on '", backend, "', expected at most ",
                   *effective.ulpBudget,
                   " ulp by ulp_budget. Fix: compile it with this "
                   "vyre-compile and run it on cpu or cuda, or set no "
                   "ulp_budget.");
  for (const MathFunction &function : *program.math) {
    uint32_t ulp =
        target == DispatchPlan::Target::gpu ? function.gpuUlp : function.cpuUlp;
    if (ulp <= *effective.ulpBudget && ulp != MathFunction::kUnknown)
      continue;
    std::string found = ulp == MathFunction::kUnknown
                            ? std::string("nobody knows how many")
                            : std::to_string(ulp);
    return failure(VYRE_STATUS_UNSUPPORTED, "'", function.name,
                   "' of program '", program.name, "' may be off by ", found,
                   " ulp on '", backend, "', expected at most ",
                   *effective.ulpBudget,
                   " by ulp_budget. Fix: raise the budget, or do without the "
                   "function.");
  }
  return Status();
}

Status Pipeline::checkLimits(const DispatchPlan &plan,
                             const PipelineConfig &effective) const {
  if (!effective.resultByteLimit)
    return Status();
  uint64_t bytes = 0;
  for (const Result &result : program.results)
    if (__builtin_add_overflow(bytes, plan.buffers[result.argument].byteSize,
                               &bytes)) {
      bytes = UINT64_MAX;
      break;
    }
  if (bytes <= *effective.resultByteLimit)
    return Status();
  return invalid("the results of program '", program.name, "' take ", bytes,
                 " bytes with these extents, expected at most ",
                 *effective.resultByteLimit,
                 " by result_byte_limit. Fix: pass smaller extents, or raise "
                 "the limit.");
}

Status Pipeline::prepare(InFlight &set, const VyreBinding *bindings,
                         size_t count, const DispatchOptions &options,
                         const PipelineConfig &effective) {
  if (kChecksDispatches)
    if (Status status = checkUlp(effective); status.failed())
      return status;
  if (Status status = set.plan.prepare(bindings, count); status.failed())
    return status;
  if (kChecksDispatches)
    if (Status status = checkLimits(set.plan, effective); status.failed())
      return status;
  return set.execution->check(set.plan, options);
}

/// Dispatches have numbers of their own in each argument's contents, unless the
/// caller says that they are those of the one before.
void Pipeline::numberContents(DispatchPlan &plan) {
  if (!program.capture.isResidentReplaySafe)
    return;
  std::lock_guard<std::mutex> lock(mutex);
  for (uint32_t i : readArguments) {
    contents[i] += !plan.buffers[i].isUnchanged;
    plan.contents[i] = contents[i];
  }
}

Status Pipeline::submitBefore(const Deadline &deadline,
                              const VyreBinding *bindings, size_t count,
                              const DispatchOptions &options,
                              const PipelineConfig &effective,
                              Completion &completion) {
  Trace &trace = Trace::process();
  completion.isTimed = options.isTimed;
  completion.isTraced = trace.isOn();
  if (completion.isTraced)
    completion.label = options.label;
  if (completion.isTimed || completion.isTraced)
    completion.begin = Clock::now();
  if (Status status = device->health(); status.failed())
    return status;
  if (Status status = Starting::check(*this); status.failed())
    return status;
  TakenSet taken(*this);
  if (Status status = taken.take(setLimit(effective), deadline);
      status.failed())
    return status;
  if (!taken.get())
    return overTime(*effective.timeLimitNs, "has not begun",
                    "raise the limit, or max_in_flight");
  Status status = prepare(*taken.get(), bindings, count, options, effective);
  if (completion.isTraced)
    trace.recordStep("prepare", completion.label, completion.begin);
  if (status.failed())
    return status;
  numberContents(taken.get()->plan);
  Clock::time_point begin =
      completion.isTraced ? Clock::now() : Clock::time_point();
  {
    Starting starting(*this);
    status = taken.get()->execution->start(taken.get()->plan, options);
  }
  if (completion.isTraced)
    trace.recordStep("start", completion.label, begin);
  if (status.failed())
    return status;
  InFlight &set = taken.keep();
  completion.results = options.results;
  completion.resultCount =
      std::min<size_t>(options.resultCount, program.results.size());
  // While the device works.
  set.plan.readback.announce(completion.results, completion.resultCount);
  std::lock_guard<std::mutex> lock(mutex);
  completion.report = set.plan.report();
  set.execution->describe(completion.report);
  countStart(completion.report);
  completion.keptAlive = options.keptAlive;
  completion.set = &set;
  set.completion = &completion;
  set.state = InFlight::State::running;
  changed.notify_all();
  return Status();
}

void Pipeline::countStart(const VyreDispatchReport &report) {
  telemetry.add(&Telemetry::dispatches, 1);
  telemetry.add(&Telemetry::launches, report.launches);
  telemetry.add(&Telemetry::replays, report.replays);
  telemetry.add(&Telemetry::graph_builds, report.graph_builds);
  telemetry.add(&Telemetry::updates, report.node_updates);
  telemetry.add(&Telemetry::input_bytes,
                report.bytes_up - report.resident_bytes);
}

void Pipeline::countEnd(Completion &completion, const Execution &execution) {
  VyreDispatchReport &report = completion.report;
  bool hasFailed = completion.status.failed();
  if (!hasFailed || completion.status.code() == VYRE_STATUS_INVALID_RESULT) {
    telemetry.add(&Telemetry::output_bytes, report.bytes_down);
    telemetry.add(&Telemetry::output_slots, program.results.size());
  }
  if (completion.isTimed) {
    report.wall_ns = static_cast<uint64_t>(
        std::chrono::nanoseconds(Clock::now() - completion.begin).count());
    execution.describeTimes(report);
  }
  if (completion.isTraced)
    Trace::process().recordDispatch(completion.label, id, completion.begin,
                                    report, hasFailed);
}

Status Pipeline::prewarm(const VyreBinding *bindings, size_t count,
                         DispatchOptions options) {
  PipelineConfig effective = effectiveConfig(options);
  if (Status status = device->health(); status.failed())
    return status;
  if (Status status = Starting::check(*this); status.failed())
    return status;
  Starting starting(*this);
  // All sets are held at once, so that each is prewarmed once.
  std::vector<std::unique_ptr<TakenSet>> taken;
  const uint32_t limit = setLimit(effective);
  if (Status status = acquireAll(limit, deadlineOf(effective), taken);
      status.failed())
    return status;
  if (taken.size() < limit)
    return overTime(*effective.timeLimitNs, "has no free set",
                    "raise the limit");
  for (const auto &holder : taken) {
    InFlight &set = *holder->get();
    if (Status status = prepare(set, bindings, count, options, effective);
        status.failed())
      return status;
    if (Status status = set.execution->prewarm(set.plan, options);
        status.failed())
      return status;
  }
  return Status();
}

Status Pipeline::submit(const VyreBinding *bindings, size_t count,
                        DispatchOptions options, Completion &completion) {
  PipelineConfig effective = effectiveConfig(options);
  return submitBefore(deadlineOf(effective), bindings, count, options,
                      effective, completion);
}

Status Pipeline::dispatch(const VyreBinding *bindings, size_t count,
                          DispatchOptions options, VyreDispatchReport *report) {
  PipelineConfig effective = effectiveConfig(options);
  Deadline deadline = deadlineOf(effective);
  options.waitsAtOnce = !deadline;
  // What outlives its time limit is kept by the pipeline.
  std::list<Completion> kept;
  std::optional<Completion> local;
  Completion &completion = deadline ? kept.emplace_back() : local.emplace();
  if (Status status = submitBefore(deadline, bindings, count, options,
                                   effective, completion);
      status.failed())
    return status;
  if (!wait(completion, deadline)) {
    std::lock_guard<std::mutex> lock(mutex);
    overdue.splice(overdue.end(), kept);
    collectOverdue();
    return overTime(*effective.timeLimitNs, "is not done",
                    "raise the limit; its memory stays borrowed until "
                    "vyrePipelineDrain");
  }
  bool isDone = !completion.status.failed() ||
                completion.status.code() == VYRE_STATUS_INVALID_RESULT;
  if (report && isDone)
    *report = completion.report;
  return std::move(completion.status);
}

} // namespace vyre::runtime::internal
