//===- PipelineSets.cpp - Sets in flight, and waiting for them --*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Who waits for what: callers for a set, in the order in which they came, and
// sets for the device. One thread waits for the device at a time, without the
// lock; the others wait for `changed`.
//
//===----------------------------------------------------------------------===//

#include "PipelineSets.h"

#include "Trace.h"

#include <algorithm>
#include <utility>

namespace vyre::runtime::internal {

/// A caller's place in the line; it leaves the line with the scope. The mutex
/// is held at both ends.
class Pipeline::Turn {
public:
  explicit Turn(Pipeline &pipeline) : pipeline(pipeline) {
    (pipeline.lastTurn ? pipeline.lastTurn->next : pipeline.firstTurn) = this;
    pipeline.lastTurn = this;
  }
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;
  ~Turn() {
    Turn *before = nullptr;
    if (pipeline.firstTurn == this) {
      pipeline.firstTurn = next;
    } else {
      before = pipeline.firstTurn;
      while (before->next != this)
        before = before->next;
      before->next = next;
    }
    if (!next)
      pipeline.lastTurn = before;
    pipeline.changed.notify_all();
  }
  bool hasCome() const { return pipeline.firstTurn == this; }

private:
  Pipeline &pipeline;
  Turn *next = nullptr;
};

thread_local const Pipeline::Starting *Pipeline::Starting::innermost = nullptr;

Pipeline::Starting::Starting(const Pipeline &pipeline)
    : pipeline(pipeline), outer(innermost) {
  innermost = this;
}

Pipeline::Starting::~Starting() { innermost = outer; }

Status Pipeline::Starting::check(const Pipeline &pipeline) {
  for (const Starting *each = innermost; each; each = each->outer)
    if (&each->pipeline == &pipeline)
      return failure(VYRE_STATUS_FAILED_PRECONDITION, "program '",
                     pipeline.program.name,
                     "' is dispatched by a function that it calls itself, and "
                     "would wait for itself. Fix: dispatch another pipeline "
                     "there.");
  return Status();
}

uint32_t Pipeline::setLimit(const PipelineConfig &effective) const {
  // State is one: dispatches take turns.
  return program.hasState() ? 1 : effective.maxInFlight.value_or(1);
}

Status Pipeline::createSet() {
  sets.push_back(std::make_unique<InFlight>(program, device->target()));
  Status status;
  try {
    auto execution = executable->createExecution();
    if (!execution.failed()) {
      sets.back()->execution = std::move(*execution);
      return Status();
    }
    status = execution.takeStatus();
  } catch (...) {
    sets.pop_back();
    throw;
  }
  sets.pop_back();
  return status;
}

bool Pipeline::waitForChange(const Deadline &deadline,
                             std::unique_lock<std::mutex> &lock) {
  if (!deadline) {
    changed.wait(lock);
    return true;
  }
  return changed.wait_until(lock, *deadline) != std::cv_status::timeout;
}

/// Takes a set for whoever is first in line, when fewer than `limit` are in
/// use. Where the deadline comes first `taken` stays null.
Status Pipeline::takeSet(uint32_t limit, const Deadline &deadline,
                         std::unique_lock<std::mutex> &lock, InFlight *&taken) {
  while (true) {
    InFlight *oldest = nullptr, *unused = nullptr;
    uint32_t inUse = 0;
    for (const auto &set : sets) {
      if (set->state == InFlight::State::free) {
        unused = unused ? unused : set.get();
        continue;
      }
      ++inUse;
      if (set->state == InFlight::State::running &&
          (!oldest || set->ticket < oldest->ticket))
        oldest = set.get();
    }
    if (inUse < limit) {
      if (!unused) {
        if (Status status = createSet(); status.failed())
          return status;
        unused = sets.back().get();
      }
      unused->state = InFlight::State::reserved;
      unused->ticket = nextTicket++;
      taken = unused;
      return Status();
    }
    if (oldest ? !finish(*oldest, deadline, lock)
               : !waitForChange(deadline, lock))
      return Status();
  }
}

Status Pipeline::acquire(uint32_t limit, const Deadline &deadline,
                         InFlight *&taken) {
  std::unique_lock<std::mutex> lock(mutex);
  Turn turn(*this);
  while (!turn.hasCome())
    if (!waitForChange(deadline, lock))
      return Status();
  return takeSet(limit, deadline, lock, taken);
}

Status Pipeline::acquireAll(uint32_t limit, const Deadline &deadline,
                            std::vector<std::unique_ptr<TakenSet>> &taken) {
  std::unique_lock<std::mutex> lock(mutex);
  // One turn for all: who holds some sets and gets in line for more waits for
  // callers that wait for those.
  Turn turn(*this);
  while (!turn.hasCome())
    if (!waitForChange(deadline, lock))
      return Status();
  for (uint32_t i = 0; i < limit; ++i) {
    auto next = std::make_unique<TakenSet>(*this);
    taken.push_back(nullptr);
    InFlight *set = nullptr;
    Status status = takeSet(limit, deadline, lock, set);
    if (status.failed() || !set) {
      taken.pop_back();
      return status;
    }
    next->adopt(*set);
    taken.back() = std::move(next);
  }
  return Status();
}

void Pipeline::release(InFlight &set) {
  std::lock_guard<std::mutex> lock(mutex);
  set.state = InFlight::State::free;
  changed.notify_all();
}

bool Pipeline::finish(InFlight &set, const Deadline &deadline,
                      std::unique_lock<std::mutex> &lock) {
  set.state = InFlight::State::finishing;
  const bool isTraced = set.completion->isTraced;
  const std::string label = isTraced ? set.completion->label : std::string();
  lock.unlock();
  Clock::time_point begin = isTraced ? Clock::now() : Clock::time_point();
  bool isDone = false;
  Status status;
  try {
    status = set.execution->wait(deadline, isDone);
  } catch (...) {
    // Whoever waits next tries again.
    lock.lock();
    set.state = InFlight::State::running;
    changed.notify_all();
    throw;
  }
  if (isTraced)
    Trace::process().recordStep("wait", label, begin);
  lock.lock();
  if (isDone) {
    if (!status.failed())
      status = set.plan.readback.complete(
          set.execution->traffic(), set.completion->results,
          set.completion->resultCount, set.completion->report);
    else
      std::fill_n(set.completion->results, set.completion->resultCount,
                  VyreResultInfo());
    set.completion->status = std::move(status);
    countEnd(*set.completion, *set.execution);
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

void Pipeline::collectOverdue() {
  for (auto it = overdue.begin(); it != overdue.end();) {
    if (!it->isDone) {
      ++it;
      continue;
    }
    overdueStatus.update(std::move(it->status));
    it = overdue.erase(it);
  }
}

Status Pipeline::drain(const Deadline &deadline) {
  std::unique_lock<std::mutex> lock(mutex);
  uint64_t end = nextTicket;
  auto findBusy = [&]() -> InFlight * {
    for (const auto &set : sets)
      if (set->state != InFlight::State::free && set->ticket < end)
        return set.get();
    return nullptr;
  };
  while (InFlight *busy = findBusy()) {
    bool isInTime = true;
    if (busy->state == InFlight::State::running)
      isInTime = finish(*busy, deadline, lock);
    else if (!deadline)
      changed.wait(lock);
    else
      isInTime = changed.wait_until(lock, *deadline) != std::cv_status::timeout;
    if (!isInTime)
      return failure(VYRE_STATUS_DEADLINE_EXCEEDED, "program '", program.name,
                     "' is still under way. Fix: wait longer; the memory of "
                     "its dispatches stays borrowed.");
  }
  collectOverdue();
  return std::exchange(overdueStatus, Status());
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
