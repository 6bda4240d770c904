//===- Pipeline.cpp - A program with its sets in flight ---------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"

#include <algorithm>
#include <utility>

namespace vyre::runtime::internal {

/// A set that is taken, and given back at the end of the scope unless a
/// dispatch is under way in it.
class Pipeline::TakenSet {
public:
  explicit TakenSet(Pipeline &pipeline)
      : pipeline(pipeline), set(&pipeline.acquire()) {}
  TakenSet(const TakenSet &) = delete;
  TakenSet &operator=(const TakenSet &) = delete;
  ~TakenSet() {
    if (set)
      pipeline.release(*set);
  }

  InFlight *operator->() { return set; }
  InFlight &keep() { return *std::exchange(set, nullptr); }

private:
  Pipeline &pipeline;
  InFlight *set;
};

Expected<std::shared_ptr<Pipeline>>
Pipeline::create(std::shared_ptr<Device> device,
                 std::shared_ptr<const Artifact> artifact, uint32_t program,
                 uint32_t maxInFlight, VyreCapturePolicy capture) {
  if (Status status = device->health(); status.failed())
    return status;
  const Program &info = artifact->programs[program];
  std::shared_ptr<Pipeline> pipeline(new Pipeline(device, artifact, info));
  if (capture != VYRE_CAPTURE_DEFAULT)
    pipeline->capture = capture;
  auto executable = device->load(artifact, info);
  if (executable.failed())
    return executable.takeStatus();
  pipeline->executable = std::move(*executable);
  device->retain();
  // State is one: dispatches take turns.
  Status status;
  try {
    status = pipeline->createSets(info.hasState() ? 1 : maxInFlight);
  } catch (...) {
    // The first failure is what counts.
    (void)pipeline->close().failed();
    throw;
  }
  if (status.failed()) {
    status.update(pipeline->close());
    return status;
  }
  return pipeline;
}

Status Pipeline::createSets(uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    sets.push_back(std::make_unique<InFlight>(program, device->target()));
    auto execution = executable->createExecution();
    if (execution.failed()) {
      sets.pop_back();
      return execution.takeStatus();
    }
    sets.back()->execution = std::move(*execution);
  }
  return Status();
}

/// Gives the caller a set of its own, when it is its turn.
InFlight &Pipeline::acquire() {
  std::unique_lock<std::mutex> lock(mutex);
  uint64_t ticket = nextTicket++;
  changed.wait(lock, [&] { return servedTicket == ticket; });
  while (true) {
    InFlight *oldest = nullptr;
    for (const auto &set : sets) {
      if (set->state == InFlight::State::free) {
        set->state = InFlight::State::reserved;
        set->ticket = ticket;
        ++servedTicket;
        changed.notify_all();
        return *set;
      }
      if (set->state == InFlight::State::running &&
          (!oldest || set->ticket < oldest->ticket))
        oldest = set.get();
    }
    if (oldest)
      finish(*oldest, std::nullopt, lock);
    else
      changed.wait(lock);
  }
}

void Pipeline::release(InFlight &set) {
  std::lock_guard<std::mutex> lock(mutex);
  set.state = InFlight::State::free;
  changed.notify_all();
}

bool Pipeline::finish(InFlight &set, const Deadline &deadline,
                      std::unique_lock<std::mutex> &lock) {
  set.state = InFlight::State::finishing;
  lock.unlock();
  bool isDone = false;
  Status status = set.execution->wait(deadline, isDone);
  lock.lock();
  if (isDone) {
    if (!status.failed())
      status = set.plan.readback.complete(
          set.execution->traffic(), set.plan.buffers, set.completion->results,
          set.completion->resultCount, set.completion->report);
    set.completion->status = std::move(status);
    set.completion->isDone = true;
    set.completion->set = nullptr;
    set.completion = nullptr;
    set.state = InFlight::State::free;
  } else {
    set.state = InFlight::State::running;
  }
  changed.notify_all();
  return isDone;
}

Status Pipeline::submit(const VyreBinding *bindings, size_t count,
                        DispatchOptions options, Completion &completion) {
  if (options.capture == VYRE_CAPTURE_DEFAULT)
    options.capture = capture;
  if (Status status = device->health(); status.failed())
    return status;
  TakenSet taken(*this);
  if (Status status = taken->plan.prepare(bindings, count); status.failed())
    return status;
  if (Status status = taken->execution->check(taken->plan, options);
      status.failed())
    return status;
  if (Status status = taken->execution->start(taken->plan, options);
      status.failed())
    return status;
  InFlight &set = taken.keep();
  std::lock_guard<std::mutex> lock(mutex);
  completion.report = set.plan.report();
  set.execution->describe(completion.report);
  completion.results = options.results;
  completion.resultCount =
      std::min<size_t>(options.resultCount, program.results.size());
  completion.set = &set;
  set.completion = &completion;
  set.state = InFlight::State::running;
  changed.notify_all();
  return Status();
}

bool Pipeline::wait(Completion &completion, const Deadline &deadline) {
  std::unique_lock<std::mutex> lock(mutex);
  while (!completion.isDone) {
    if (completion.set->state == InFlight::State::running) {
      if (!finish(*completion.set, deadline, lock))
        return false;
    } else if (!deadline) {
      changed.wait(lock);
    } else if (changed.wait_until(lock, *deadline) == std::cv_status::timeout &&
               !completion.isDone) {
      return false;
    }
  }
  return true;
}

Status Pipeline::checkState(uint32_t argument, const void *data,
                            uint64_t byteSize) const {
  if (argument >= program.arguments.size() ||
      !program.arguments[argument].isState())
    return invalid("argument ", argument, " of program '", program.name,
                   "' is no state. Fix: pass the position of a state "
                   "argument.");
  const Argument &info = program.arguments[argument];
  uint64_t expected = elementSize(info.elementType);
  for (int64_t extent : info.extents)
    expected *= static_cast<uint64_t>(extent);
  if (byteSize != expected)
    return invalid(describeArgument(program, argument), " is a state of ",
                   expected, " bytes, found ", byteSize,
                   ". Fix: pass exactly its size.");
  if (byteSize && !data)
    return invalid("the memory for ", describeArgument(program, argument),
                   " is NULL. Fix: pass ", expected, " bytes.");
  return device->health();
}

Status Pipeline::resetState() {
  if (Status status = device->health(); status.failed())
    return status;
  TakenSet taken(*this);
  return executable->resetState();
}

Status Pipeline::readState(uint32_t argument, void *data, uint64_t byteSize) {
  if (Status status = checkState(argument, data, byteSize); status.failed())
    return status;
  TakenSet taken(*this);
  return executable->readState(argument, data, byteSize);
}

Status Pipeline::writeState(uint32_t argument, const void *data,
                            uint64_t byteSize) {
  if (Status status = checkState(argument, data, byteSize); status.failed())
    return status;
  TakenSet taken(*this);
  return executable->writeState(argument, data, byteSize);
}

Status Pipeline::close() {
  {
    std::unique_lock<std::mutex> lock(mutex);
    for (const auto &set : sets)
      while (set->state != InFlight::State::free) {
        if (set->state == InFlight::State::running)
          finish(*set, std::nullopt, lock);
        else
          changed.wait(lock);
      }
  }
  Status status;
  for (const auto &set : sets)
    if (set->execution)
      status.update(set->execution->close());
  sets.clear();
  status.update(executable->close());
  executable.reset();
  status.update(device->letGo());
  return status;
}

} // namespace vyre::runtime::internal
