//===- vyre-run.cpp - Runs a program of an artifact -------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads an artifact, takes a device, provides the arguments, dispatches, and
// writes results and a report. Exit code 0: it ran. Exit code 2: bad input, or
// a device that failed, with a message that says how to mend it.
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "CallLibraries.h"
#include "FaultReport.h"
#include "Manifest.h"
#include "NpyFile.h"
#include "Options.h"
#include "OutputFiles.h"
#include "Report.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>

using namespace vyre;
using namespace vyre::run;

namespace {

/// The program that --program names, or the only one.
uint32_t chooseProgram(const runtime::Artifact &artifact,
                       const std::string &name) {
  if (!name.empty())
    return check(artifact.findProgram(name));
  if (artifact.programCount() == 1)
    return 0;
  std::string names;
  for (uint32_t i = 0; i < artifact.programCount(); ++i)
    names += std::string(names.empty() ? "'" : ", '") +
             check(artifact.programInfo(i)).name + "'";
  throw UserError("the artifact has " +
                  std::to_string(artifact.programCount()) +
                  " programs. Fix: pass --program with one of " + names + ".");
}

/// The GPU if one answers and the artifact has code for it, else the CPU.
ChosenDevice chooseDevice(const std::string &id,
                          const runtime::Artifact &artifact) {
  if (id != "auto")
    return {check(runtime::Device::open(id)), "asked for"};
  auto gpu = runtime::Device::open("cuda");
  if (gpu.failed())
    return {check(runtime::Device::open("cpu")),
            std::string("no GPU: ") + gpu.message()};
  runtime::Status fits = gpu->supports(artifact);
  if (!fits.failed())
    return {std::move(*gpu), "the GPU answers"};
  return {check(runtime::Device::open("cpu")),
          std::string("the GPU cannot run it: ") + fits.message()};
}

RunSummary runProgram(runtime::Pipeline &pipeline, Arguments &arguments,
                      uint32_t resultCount, const Options &options) {
  using Clock = std::chrono::steady_clock;
  RunSummary summary;
  summary.dispatch.struct_size = sizeof(summary.dispatch);
  summary.times.reserve(options.repeat);
  summary.results.resize(resultCount);
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.results = summary.results.data();
  config.result_count = resultCount;
  std::vector<VyreBinding> bindings = arguments.bindings();
  for (uint32_t i = 0; i < options.repeat; ++i) {
    arguments.restore();
    if (i == 1 && options.keepsInputs)
      for (uint32_t k = 0; k < bindings.size(); ++k)
        if (arguments.isReadOnly(k))
          bindings[k].flags = VYRE_BINDING_UNCHANGED;
    auto begin = Clock::now();
    runtime::Status status = pipeline.dispatch(bindings.data(), bindings.size(),
                                               &config, &summary.dispatch);
    // The other results are right.
    summary.resultError = status.message();
    if (status.code() != VYRE_STATUS_INVALID_RESULT)
      check(std::move(status));
    std::chrono::duration<double, std::micro> time = Clock::now() - begin;
    summary.times.push_back(time.count());
  }
  return summary;
}

/// A copy of the rows that are meaningful.
HostArray firstRows(const HostArray &full, const VyreResultInfo &info) {
  std::vector<int64_t> extents = full.extents;
  extents[0] = info.rows;
  HostArray rows =
      HostArray::allocate(full.elementType, std::move(extents), "a result");
  std::memcpy(rows.data.get(), full.data.get(), rows.byteSize);
  return rows;
}

void writeResults(const std::string &directory, const Arguments &arguments,
                  RunSummary &summary) {
  for (size_t i = 0; i < arguments.written().size(); ++i) {
    const HostArray &full = arguments.array(arguments.written()[i]);
    std::string label = "result" + std::to_string(i);
    std::optional<HostArray> meaningful;
    if (i < summary.results.size()) {
      const VyreResultInfo &info = summary.results[i];
      if (info.status != VYRE_RESULT_OK) {
        std::printf("%s: no meaning, its count is %lld\n", label.c_str(),
                    static_cast<long long>(info.count));
        summary.files.push_back("");
        continue;
      }
      if (!full.extents.empty() && info.rows != full.extents[0])
        meaningful = firstRows(full, info);
    }
    const HostArray &array = meaningful ? *meaningful : full;
    std::printf("%s: %s %s", label.c_str(),
                vyreElementTypeName(array.elementType),
                formatShape(array.extents).c_str());
    if (!directory.empty()) {
      summary.files.push_back(resultPath(directory, i));
      writeNpy(summary.files.back(), array);
      std::printf(" -> %s", summary.files.back().c_str());
    }
    std::printf("\n");
  }
}

void execute(const Options &options) {
  runtime::Artifact artifact =
      check(runtime::Artifact::loadFile(options.artifact));
  if (options.lists) {
    std::fputs(listArtifact(artifact).c_str(), stdout);
    return;
  }
  std::optional<Manifest> manifest;
  if (!options.fromManifest.empty())
    manifest = readManifest(options.fromManifest);
  uint32_t program = manifest ? findProgram(*manifest, artifact)
                              : chooseProgram(artifact, options.program);
  Arguments arguments(artifact, program, options);
  prepareOutputs(options, arguments.written().size());
  registerCalls(artifact, program, options.callLibraries);
  std::string wanted = !options.device.empty() ? options.device
                       : manifest              ? manifest->backendId
                                               : "auto";
  ChosenDevice chosen = chooseDevice(wanted, artifact);
  VyreDeviceInfo info = check(chosen.device.info());
  std::printf("device: %s (%s, %s): %s\n", info.id, info.name,
              info.architecture, chosen.reason.c_str());
  runtime::Config config;
  config.ulpBudget = options.ulpBudget;
  config.expectedDispatches =
      options.expectedDispatches.value_or(options.repeat);
  if (options.isPersistent)
    config.persistent = VYRE_PERSISTENT_ON;
  runtime::Pipeline pipeline = check(
      runtime::Pipeline::create(chosen.device, artifact, program, config));
  if (manifest)
    checkPipeline(*manifest, pipeline);
  if (!options.manifestPath.empty())
    writeManifest(options.manifestPath, pipeline);
  if (!options.tracePath.empty())
    check(runtime::Status(vyreTraceBegin()));

  // From here on native code out of the artifact runs in this process.
  if (std::string(info.backend) == "cpu")
    reportFaults();
  RunSummary summary =
      runProgram(pipeline, arguments,
                 check(artifact.programInfo(program)).result_count, options);
  if (!options.tracePath.empty())
    check(runtime::Status(vyreTraceEnd(options.tracePath.c_str())));
  summary.telemetry = check(pipeline.telemetry());
  std::fputs(listTimes(summary).c_str(), stdout);
  writeResults(options.outDirectory, arguments, summary);
  if (!options.reportPath.empty())
    writeReport(options, artifact, program, chosen, arguments, summary);
  if (!summary.resultError.empty())
    throw UserError(summary.resultError);
  check(pipeline.close());
  check(chosen.device.close());
}

} // namespace

int main(int argc, char **argv) {
  try {
    ParsedOptions parsed = parseOptions(argc, argv);
    if (parsed.exitCode)
      return *parsed.exitCode;
    execute(parsed.options);
    return 0;
  } catch (const std::bad_alloc &) {
    std::fputs("vyre-run: error: the host has no memory left. Fix: pass "
               "smaller data.\n",
               stderr);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "vyre-run: error: %s\n", error.what());
  }
  return 2;
}
