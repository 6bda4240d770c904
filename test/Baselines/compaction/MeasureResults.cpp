//===- MeasureResults.cpp - Times a program of many results ---------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre-measure-results ARTIFACT [DEVICE] [REPEATS] [MAPPED_SLAB_LIMIT]
//
// Runs a program of pack.py, out[i][j] = x[j] + i, from the call to all results
// on the host, and prints one line of JSON with medians in microseconds: `view`
// reads the results where the runtime has them, as the kernels written by hand
// do, `caller` has each in pageable memory of its own. Both are checked.
//
//===----------------------------------------------------------------------===//

#include "vyre-c/Runtime.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

static void check(VyreStatus *status) {
  if (!status)
    return;
  std::fprintf(stderr, "%s\n", vyreStatusMessage(status));
  std::exit(1);
}

namespace {

/// One way to get the results, with everything that it takes.
class Run {
public:
  Run(VyrePipeline *pipeline, const VyreArtifact *artifact, bool isView)
      : pipeline(pipeline), isView(isView) {
    VyreProgramInfo program = {};
    program.struct_size = sizeof(program);
    check(vyreArtifactProgramInfo(artifact, 0, &program));
    std::vector<uint32_t> resultOf(program.argument_count,
                                   program.result_count);
    for (uint32_t i = 0; i < program.result_count; ++i) {
      uint32_t argument = 0;
      check(vyreArtifactResultArgument(artifact, 0, i, &argument));
      resultOf[argument] = i;
    }
    infos.resize(program.result_count);
    memory.resize(program.argument_count);
    for (uint32_t i = 0; i < program.argument_count; ++i) {
      VyreArgumentInfo info = {};
      info.struct_size = sizeof(info);
      check(vyreArtifactArgumentInfo(artifact, 0, i, &info));
      uint64_t byteSize = vyreElementTypeSize(info.element_type);
      for (uint32_t k = 0; k < info.rank; ++k)
        byteSize *= uint64_t(info.extents[k]);
      VyreBinding binding = {};
      binding.rank = info.rank;
      binding.element_type = info.element_type;
      bool isResult = resultOf[i] != program.result_count;
      if (isResult && isView) {
        binding.location = VYRE_MEMORY_READBACK;
      } else {
        memory[i].resize(byteSize / 4);
        binding.data = memory[i].data();
        binding.byte_length = byteSize;
      }
      if (!isResult && info.element_type == VYRE_ELEMENT_F32)
        for (size_t k = 0; k < memory[i].size(); ++k)
          memory[i][k].number = float(std::rand() % 1000);
      if (!isResult && info.element_type == VYRE_ELEMENT_I32)
        memory[i][0].count = int32_t(memory[0].size());
      bindings.push_back(binding);
    }
    config.struct_size = sizeof(config);
    config.results = infos.data();
    config.result_count = infos.size();
    report.struct_size = sizeof(report);
  }

  void dispatch() {
    check(vyrePipelineDispatch(pipeline, bindings.data(), bindings.size(),
                               &config, &report));
  }

  void expectResults() const {
    const std::vector<Word> &x = memory[0];
    for (size_t i = 0; i < infos.size(); ++i) {
      auto *words = static_cast<const Word *>(infos[i].data);
      bool isCount = infos[i].capacity_bytes == 4 && memory.size() > 1 &&
                     i + 1 == infos.size() && hasCounts();
      for (size_t k = 0; k < infos[i].meaningful_bytes / 4; ++k)
        if (isCount ? words[k].count != int32_t(x.size())
                    : words[k].number != x[k].number + float(i)) {
          std::fprintf(stderr, "result %zu is wrong at %zu\n", i, k);
          std::exit(1);
        }
      if (infos[i].meaningful_bytes != (isCount ? 4 : 4 * x.size())) {
        std::fprintf(
            stderr, "result %zu has %llu bytes\n", i,
            static_cast<unsigned long long>(infos[i].meaningful_bytes));
        std::exit(1);
      }
    }
  }

  VyreDispatchReport report = {};

private:
  union Word {
    float number;
    int32_t count;
  };

  /// There are two inputs, and not one.
  bool hasCounts() const { return bindings.size() == infos.size() + 2; }

  VyrePipeline *pipeline;
  bool isView;
  std::vector<std::vector<Word>> memory;
  std::vector<VyreBinding> bindings;
  std::vector<VyreResultInfo> infos;
  VyreDispatchConfig config = {};
};

} // namespace

static double median(int repeats, const std::function<void()> &run) {
  std::vector<double> times;
  for (int i = 0; i < repeats + 20; ++i) {
    auto begin = std::chrono::steady_clock::now();
    run();
    std::chrono::duration<double, std::micro> time =
        std::chrono::steady_clock::now() - begin;
    if (i >= 20)
      times.push_back(time.count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr,
                 "usage: %s ARTIFACT [DEVICE] [REPEATS] [MAPPED_SLAB_LIMIT]\n",
                 argv[0]);
    return 2;
  }
  VyreArtifact *artifact = nullptr;
  VyreDevice *device = nullptr;
  VyrePipeline *pipeline = nullptr;
  check(vyreArtifactLoadFile(argv[1], &artifact));
  VyreDeviceConfig config = {};
  config.struct_size = sizeof(config);
  config.mapped_slab_limit = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 0;
  check(vyreDeviceOpen(argc > 2 ? argv[2] : "cuda:0", &config, &device));
  check(vyrePipelineCreate(device, artifact, 0, nullptr, &pipeline));
  int repeats = argc > 3 ? std::atoi(argv[3]) : 200;
  const char *separator = "{";
  for (bool isView : {true, false}) {
    Run run(pipeline, artifact, isView);
    double time = median(repeats, [&] { run.dispatch(); });
    run.expectResults();
    std::printf("%s\"%s\": %.1f", separator, isView ? "view" : "caller", time);
    separator = ", ";
    if (!isView)
      std::printf(", \"copies\": %llu, \"waits\": %llu, \"slab\": %llu, "
                  "\"mapped_limit\": %llu, \"replays\": %llu",
                  static_cast<unsigned long long>(run.report.result_copies),
                  static_cast<unsigned long long>(run.report.waits),
                  static_cast<unsigned long long>(run.report.slab_bytes),
                  static_cast<unsigned long long>(run.report.mapped_slab_limit),
                  static_cast<unsigned long long>(run.report.replays));
  }
  std::printf("}\n");
  check(vyrePipelineRelease(pipeline));
  check(vyreDeviceRelease(device));
  vyreArtifactRelease(artifact);
  return 0;
}
