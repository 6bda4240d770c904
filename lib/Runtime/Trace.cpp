//===- Trace.cpp - Recording single dispatches ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Trace.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <sys/syscall.h>
#include <unistd.h>

namespace vyre::runtime::internal {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxEvents = 1000000;

double microseconds(Trace::Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Json describe(const VyreDispatchReport &report, const std::string &pipeline,
              bool hasFailed) {
  Json arguments{{"pipeline", pipeline},
                 {"launches", report.launches},
                 {"replays", report.replays},
                 {"graph_builds", report.graph_builds},
                 {"updates", report.node_updates},
                 {"input_bytes", report.bytes_up},
                 {"output_bytes", report.bytes_down},
                 {"failed", hasFailed}};
  if (report.has_device_ns)
    arguments["device_us"] = static_cast<double>(report.device_ns) / 1000;
  if (report.no_replay_reason)
    arguments["no_replay_reason"] = report.no_replay_reason;
  return arguments;
}

/// A file that is closed with the scope.
struct Close {
  void operator()(std::FILE *file) const { std::fclose(file); }
};

} // namespace

Trace &Trace::process() {
  // Not destroyed: threads may still dispatch while the process ends.
  static Trace *all = new Trace;
  return *all;
}

Status Trace::begin() {
  std::lock_guard<std::mutex> lock(mutex);
  if (isOn())
    return failure(VYRE_STATUS_FAILED_PRECONDITION,
                   "a trace is being recorded already. Fix: end it first.");
  events.clear();
  dropped = 0;
  epoch = Clock::now();
  on.store(true, std::memory_order_relaxed);
  return Status();
}

void Trace::record(Event event) {
  event.stop = Clock::now();
  event.thread = static_cast<uint64_t>(::syscall(SYS_gettid));
  std::lock_guard<std::mutex> lock(mutex);
  // What began before the recording is none of it.
  if (!isOn() || event.start < epoch)
    return;
  if (events.size() < kMaxEvents)
    events.push_back(std::move(event));
  else
    ++dropped;
}

void Trace::recordStep(const char *step, std::string_view label,
                       Clock::time_point start) noexcept {
  try {
    record({step, std::string(label), {}, start, {}, 0, {}, false});
  } catch (const std::bad_alloc &) {
    countLost();
  }
}

void Trace::recordDispatch(std::string_view label, std::string_view pipeline,
                           Clock::time_point start,
                           const VyreDispatchReport &report,
                           bool hasFailed) noexcept {
  try {
    record({nullptr,
            std::string(label),
            std::string(pipeline),
            start,
            {},
            0,
            report,
            hasFailed});
  } catch (const std::bad_alloc &) {
    countLost();
  }
}

/// A dispatch does not fail for want of memory for its trace.
void Trace::countLost() {
  std::lock_guard<std::mutex> lock(mutex);
  ++dropped;
}

Status Trace::end(const char *path) {
  std::vector<Event> recorded;
  uint64_t lost = 0;
  Clock::time_point zero;
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!isOn())
      return failure(VYRE_STATUS_FAILED_PRECONDITION,
                     "no trace is being recorded. Fix: begin one first.");
    on.store(false, std::memory_order_relaxed);
    recorded.swap(events);
    lost = dropped;
    zero = epoch;
  }
  std::unique_ptr<std::FILE, Close> file(std::fopen(path, "we"));
  bool isWritten = file != nullptr;
  auto write = [&](const char *separator, const Json &value) {
    // Labels may hold anything.
    std::string text =
        separator + value.dump(-1, ' ', false, Json::error_handler_t::replace);
    isWritten = isWritten && std::fputs(text.c_str(), file.get()) >= 0;
  };
  auto writeText = [&](const char *text) {
    isWritten = isWritten && std::fputs(text, file.get()) >= 0;
  };
  const int64_t process = ::getpid();
  writeText("{\"displayTimeUnit\":\"ns\",\"otherData\":");
  write("", {{"dropped_events", lost}});
  writeText(",\"traceEvents\":[\n");
  write("", {{"ph", "M"},
             {"name", "process_name"},
             {"pid", process},
             {"args", {{"name", "vyre"}}}});
  uint64_t id = 0;
  for (const Event &event : recorded) {
    Json common{{"name", event.step ? event.step : event.label},
                {"cat", event.step ? "host" : "dispatch"},
                {"pid", process},
                {"tid", event.thread}};
    double start = microseconds(event.start - zero);
    double stop = microseconds(event.stop - zero);
    if (event.step) {
      common.update({{"ph", "X"},
                     {"ts", start},
                     {"dur", stop - start},
                     {"args", {{"label", event.label}}}});
      write(",\n", common);
      continue;
    }
    // Dispatches may overlap, so that they are no part of a thread's row.
    Json end = common;
    common.update(
        {{"ph", "b"},
         {"id", ++id},
         {"ts", start},
         {"args", describe(event.report, event.pipeline, event.hasFailed)}});
    end.update({{"ph", "e"}, {"id", id}, {"ts", stop}});
    write(",\n", common);
    write(",\n", end);
  }
  writeText("\n]}\n");
  if (file && std::fclose(file.release()) != 0)
    isWritten = false;
  if (!isWritten)
    return failure(VYRE_STATUS_IO_ERROR, "the trace cannot be written to '",
                   path, "': ", std::strerror(errno),
                   ". Fix: pass a writable path.");
  return Status();
}

} // namespace vyre::runtime::internal
