//===- Report.cpp - What vyre-run tells -------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vyre::run {
namespace {

using Json = nlohmann::ordered_json;

const char *roleName(VyreRole role) {
  switch (role) {
  case VYRE_ROLE_INPUT:
    return "input";
  case VYRE_ROLE_OUTPUT:
    return "output";
  case VYRE_ROLE_INPUT_OUTPUT:
    return "input_output";
  case VYRE_ROLE_SHARED:
    return "shared";
  case VYRE_ROLE_STATE:
    return "state";
  }
  return "unknown";
}

const char *codeKindName(VyreCodeKind kind) {
  switch (kind) {
  case VYRE_CODE_PTX:
    return "ptx";
  case VYRE_CODE_CUBIN:
    return "cubin";
  case VYRE_CODE_ELF:
    return "elf";
  }
  return "unknown";
}

std::string listArgument(const VyreArgumentInfo &info, uint32_t position) {
  std::string line = "  argument " + std::to_string(position);
  if (*info.name)
    line += std::string(" ") + info.name;
  line += ": ";
  line += vyreElementTypeName(info.element_type);
  if (info.kind == VYRE_ARGUMENT_SCALAR)
    return line + " scalar\n";
  line += " ";
  line += formatShape({info.extents, info.extents + info.rank});
  line += " ";
  line += roleName(info.role);
  return line + ", at most " + std::to_string(info.capacity_bytes) + " bytes\n";
}

/// The value that a share of the sorted times does not exceed.
double percentile(const std::vector<double> &sorted, double share) {
  auto rank = static_cast<size_t>(
      std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(rank, 1) - 1];
}

double median(const std::vector<double> &sorted) {
  size_t middle = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[middle]
                           : (sorted[middle - 1] + sorted[middle]) / 2;
}

/// In microseconds.
struct Times {
  explicit Times(std::vector<double> times) {
    std::sort(times.begin(), times.end());
    least = times.front();
    middle = median(times);
    p99 = percentile(times, 0.99);
  }

  double least, middle, p99;
};

Json describeCounters(const VyreTelemetry &telemetry) {
  char text[2048];
  size_t length = 0;
  check(runtime::Status(
      vyreTelemetryWriteJson(&telemetry, text, sizeof(text), &length)));
  return Json::parse(text);
}

/// Adds what the program said of its result, whose shape is that of the
/// meaningful rows.
void describeResult(const VyreResultInfo &info, Json &result) {
  static const char *const routes[] = {"in place", "record", "direct", "empty"};
  static const char *const statuses[] = {"ok", "count exceeds capacity",
                                         "negative count", "count unknown"};
  if (!result["shape"].empty())
    result["shape"][0] = info.rows;
  result["status"] = statuses[info.status];
  result["route"] = routes[info.route];
  result["count"] = info.count;
  result["meaningful_bytes"] = info.meaningful_bytes;
  result["capacity_bytes"] = info.capacity_bytes;
}

} // namespace

std::string listArtifact(const runtime::Artifact &artifact) {
  std::string text = std::string("made by ") + artifact.producer() + "\n";
  for (uint32_t i = 0; i < artifact.programCount(); ++i) {
    VyreProgramInfo info = check(artifact.programInfo(i));
    text += std::string("program ") + info.name + ": " +
            std::to_string(info.launch_count) +
            (info.launch_count == 1 ? " launch\n" : " launches\n");
    if (info.host_boundary)
      text += std::string("  never captured: launch '") + info.host_boundary +
              "' waits for the host\n";
    for (uint32_t k = 0; k < info.argument_count; ++k)
      text += listArgument(check(artifact.argumentInfo(i, k)), k);
    auto ulp = [](uint32_t value) {
      return value == VYRE_ULP_UNKNOWN ? "?" : std::to_string(value);
    };
    for (uint32_t k = 0; k < info.call_count; ++k)
      text += std::string("  calls ") +
              check(artifact.callInfo(i, k)).function + "\n";
    for (uint32_t k = 0; k < info.math_function_count; ++k) {
      VyreMathFunctionInfo function = check(artifact.mathFunctionInfo(i, k));
      text += std::string("  math ") + function.name + ": cpu " +
              ulp(function.cpu_ulp) + " ulp, gpu " + ulp(function.gpu_ulp) +
              " ulp\n";
    }
    for (uint32_t k = 0; k < info.result_count; ++k)
      text += "  result " + std::to_string(k) + ": argument " +
              std::to_string(check(artifact.resultArgument(i, k))) + "\n";
  }
  for (uint32_t i = 0; i < artifact.codeCount(); ++i) {
    VyreCodeInfo info = check(artifact.codeInfo(i));
    text += std::string("code ") + codeKindName(info.kind) + " " +
            info.architecture +
            (*info.features ? std::string(" ") + info.features : "") + ": " +
            std::to_string(info.byte_size) + " bytes\n";
  }
  return text;
}

std::string listTimes(const RunSummary &summary) {
  if (summary.times.size() == 1)
    return "";
  Times times(summary.times);
  char line[160];
  std::snprintf(line, sizeof(line),
                "%zu dispatches: min %.1f us, median %.1f us, p99 %.1f us\n",
                summary.times.size(), times.least, times.middle, times.p99);
  return line;
}

void writeReport(const Options &options, const runtime::Artifact &artifact,
                 uint32_t program, const ChosenDevice &chosen,
                 const Arguments &arguments, const RunSummary &summary) {
  VyreProgramInfo programInfo = check(artifact.programInfo(program));
  VyreDeviceInfo deviceInfo = check(chosen.device.info());
  VyreCacheCounters cache = check(chosen.device.cacheCounters());
  Times times(summary.times);
  Json results = Json::array();
  for (size_t i = 0; i < arguments.written().size(); ++i) {
    const HostArray &array = arguments.array(arguments.written()[i]);
    Json result{{"argument", arguments.written()[i]},
                {"name", arguments.info(arguments.written()[i]).name},
                {"element_type", vyreElementTypeName(array.elementType)},
                {"shape", array.extents}};
    if (i < summary.results.size())
      describeResult(summary.results[i], result);
    if (i < summary.files.size() && !summary.files[i].empty())
      result["file"] = summary.files[i];
    results.push_back(std::move(result));
  }
  Json report{
      {"artifact", options.artifact},
      {"program", programInfo.name},
      {"program_digest", programInfo.digest},
      {"device", deviceInfo.id},
      {"device_name", deviceInfo.name},
      {"device_architecture", deviceInfo.architecture},
      {"device_reason", chosen.reason},
      {"launches", summary.dispatch.launches},
      {"bytes_up", summary.dispatch.bytes_up},
      {"resident_bytes", summary.dispatch.resident_bytes},
      {"bytes_down", summary.dispatch.bytes_down},
      {"arena_bytes", summary.dispatch.arena_bytes},
      {"is_persistent", summary.dispatch.is_persistent},
      {"readback",
       {{"full_bytes", summary.dispatch.full_result_bytes},
        {"selected_bytes", summary.dispatch.selected_result_bytes},
        {"avoided_bytes", summary.dispatch.avoided_result_bytes},
        {"avoided_basis_points", summary.dispatch.avoided_result_basis_points},
        {"slab_bytes", summary.dispatch.slab_bytes},
        {"copies", summary.dispatch.result_copies},
        {"waits", summary.dispatch.waits},
        {"mapped_slab_limit", summary.dispatch.mapped_slab_limit}}},
      {"graph",
       {{"is_replay", summary.dispatch.replays != 0},
        {"no_replay_reason", summary.dispatch.no_replay_reason
                                 ? Json(summary.dispatch.no_replay_reason)
                                 : Json()},
        {"pays_after", summary.dispatch.graph_pays_after
                           ? Json(summary.dispatch.graph_pays_after)
                           : Json()}}},
      {"repeat", summary.times.size()},
      {"time_us",
       {{"min", times.least}, {"median", times.middle}, {"p99", times.p99}}},
      {"telemetry", describeCounters(summary.telemetry)},
      {"code_cache", {{"hits", cache.hits}, {"misses", cache.misses}}},
      {"results", std::move(results)}};

  if (const char *reason = summary.dispatch.no_persistent_reason)
    report["no_persistent_reason"] = reason;

  // Paths and driver messages may hold anything.
  std::string text =
      report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  std::ofstream file(options.reportPath, std::ios::binary);
  file << text;
  file.close();
  if (!file)
    throw UserError("cannot write '" + options.reportPath +
                    "': " + std::strerror(errno) +
                    ". Fix: pass --report a writable path.");
}

} // namespace vyre::run
