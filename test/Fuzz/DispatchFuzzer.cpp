//===- DispatchFuzzer.cpp - Dispatches of made-up programs ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A libFuzzer target. Its inputs are decisions: which program of the samples is
// changed and how, and what a caller then does with it through the C API, on
// the CPU or over the stand-in driver, one of whose calls may fail. Kernels do
// nothing, so that whatever is read or written beyond its memory is the
// runtime's doing. In the end nothing may be lost or misused.
//
//   vyre-fuzz-dispatch FOLDER-FOR-FINDINGS
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "Choices.h"
#include "FakeCuda.h"
#include "ProgramMutator.h"
#include "SamplePrograms.h"

#include "vyre-c/Runtime.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

/// Larger buffers teach nothing that smaller ones don't.
constexpr uint64_t kMaxBytes = 2 << 20;

void require(bool condition, const char *what) {
  if (condition)
    return;
  std::fprintf(stderr, "expected: %s\n", what);
  std::abort();
}

/// Whether it went well; a message tells how to mend what did not.
bool isOk(VyreStatus *status) {
  bool isGood = status == nullptr;
  if (!isGood)
    require(std::strstr(vyreStatusMessage(status), "Fix: ") != nullptr ||
                vyreStatusCode(status) == VYRE_STATUS_DEVICE_LOST,
            vyreStatusMessage(status));
  vyreStatusRelease(status);
  return isGood;
}

/// Reads every byte, which the sanitizers watch.
void touch(const void *memory, uint64_t byteSize) {
  const auto *bytes = static_cast<const volatile uint8_t *>(memory);
  for (uint64_t i = 0; i < byteSize; ++i)
    (void)bytes[i];
}

/// The host's function that changed launches call.
VyreStatus *callFunction(void *, const VyreCallArguments *arguments) {
  for (size_t i = 0; i < arguments->buffer_count; ++i) {
    const VyreCallBuffer &buffer = arguments->buffers[i];
    touch(buffer.extents, buffer.rank * sizeof(int64_t));
    // On a GPU it would only enqueue; the stand-in's memory is the host's.
    touch(buffer.data, buffer.byte_size);
  }
  touch(arguments->scalars,
        arguments->scalar_count * sizeof(*arguments->scalars));
  touch(arguments->scratch, arguments->scratch_bytes);
  return nullptr;
}

//===----------------------------------------------------------------------===//
// The artifact
//===----------------------------------------------------------------------===//

/// One program, and code that does nothing for each of its launches.
std::vector<uint8_t> makeArtifact(Choices &choices) {
  runtime::internal::Artifact tables =
      choices.oneIn(4) ? callTables() : sampleTables();
  Program program = tables.programs[choices.below(tables.programs.size())];
  if (program.name == "sine" && !program.launches[1].isCall() &&
      choices.oneIn(2))
    addSecondBranch(program);
  for (size_t i = choices.below(8); i-- > 0;)
    mutateProgram(program, choices);
  std::string ptx = ".version 7.0\n.target sm_80\n.address_size 64\n";
  for (size_t i = 0; i < program.launches.size(); ++i) {
    Launch &launch = program.launches[i];
    if (launch.isCall()) {
      launch.call->function = "fuzz";
      continue;
    }
    std::string name = "k" + std::to_string(i);
    std::string counts = " " + name + " " +
                         std::to_string(launch.pointerParameters()) + " " +
                         std::to_string(launch.parameters.size()) + "\n";
    launch.kernel = name;
    launch.cpuEntry = "sample_nothing";
    ptx += "// kernel" + counts;
    if (launch.persistentKernel.empty())
      continue;
    launch.persistentKernel = name + "$persistent";
    ptx += "// persistent" + counts;
  }
  tables.programs = {std::move(program)};
  tables.codes[1].data = {reinterpret_cast<const uint8_t *>(ptx.c_str()),
                          ptx.size() + 1};
  return buildArtifact(tables);
}

//===----------------------------------------------------------------------===//
// Bindings
//===----------------------------------------------------------------------===//

struct Free {
  void operator()(void *memory) const { std::free(memory); }
};

/// One binding per argument, with memory of exactly the size that it says.
class Bindings {
public:
  Bindings(VyreDevice *device, const VyreArtifact *artifact, Choices &choices)
      : device(device), artifact(artifact), choices(choices) {
    VyreProgramInfo program = {};
    program.struct_size = sizeof(program);
    require(isOk(vyreArtifactProgramInfo(artifact, 0, &program)), "a program");
    bindings.resize(program.argument_count);
    extents.resize(program.argument_count);
    for (uint32_t i = 0; i < program.argument_count; ++i)
      chooseExtents(i);
    for (uint32_t i = 0; i < program.argument_count; ++i)
      bind(i);
  }
  Bindings(const Bindings &) = delete;
  Bindings &operator=(const Bindings &) = delete;
  ~Bindings() {
    for (void *memory : onDevice)
      vyreStatusRelease(vyreDeviceFree(device, memory));
  }

  std::vector<VyreBinding> bindings;

private:
  VyreArgumentInfo describe(uint32_t argument) const {
    VyreArgumentInfo info = {};
    info.struct_size = sizeof(info);
    require(isOk(vyreArtifactArgumentInfo(artifact, 0, argument, &info)),
            "an argument");
    return info;
  }
  static bool isBound(const VyreArgumentInfo &info) {
    return info.kind == VYRE_ARGUMENT_SCALAR ||
           (info.role != VYRE_ROLE_STATE && info.role != VYRE_ROLE_SHARED);
  }

  void chooseExtents(uint32_t argument) {
    VyreArgumentInfo info = describe(argument);
    if (!isBound(info))
      return;
    VyreBinding &binding = bindings[argument];
    binding.element_type = static_cast<uint32_t>(info.element_type);
    if (info.kind == VYRE_ARGUMENT_SCALAR) {
      scalars.push_back(std::make_unique<int64_t>(
          choices.oneIn(8) ? choices.number() : choices.below(2)));
      binding.data = scalars.back().get();
      binding.byte_length = vyreElementTypeSize(binding.element_type);
      return;
    }
    binding.rank = info.rank;
    extents[argument].assign(info.extents, info.extents + info.rank);
    for (int64_t &extent : extents[argument])
      if (extent < 0)
        extent = static_cast<int64_t>(
            choices.of({64, 64, 1, 0, 300, 20000, 300000}));
    if (!info.extents_are_computed)
      binding.extents = extents[argument].data();
  }

  void bind(uint32_t argument) {
    VyreArgumentInfo info = describe(argument);
    if (!isBound(info) || info.kind == VYRE_ARGUMENT_SCALAR)
      return;
    VyreBinding &binding = bindings[argument];
    std::vector<int64_t> &own = extents[argument];
    if (!isOk(vyreArtifactInferExtents(artifact, 0, bindings.data(),
                                       bindings.size(), argument, own.data(),
                                       info.rank)))
      return;
    if (choices.oneIn(2))
      binding.extents = own.data();
    uint64_t byteSize = vyreElementTypeSize(binding.element_type);
    for (int64_t extent : own)
      if (__builtin_mul_overflow(byteSize, static_cast<uint64_t>(extent),
                                 &byteSize))
        return;
    if (byteSize > kMaxBytes)
      return;
    if (choices.oneIn(6))
      binding.flags = VYRE_BINDING_UNCHANGED;
    switch (choices.below(8)) {
    case 0:
      binding.location = VYRE_MEMORY_READBACK;
      return;
    case 1:
    case 2:
      if (byteSize == 0 ||
          !isOk(vyreDeviceAllocate(device, byteSize, &binding.data)))
        return;
      onDevice.push_back(binding.data);
      binding.location = VYRE_MEMORY_DEVICE;
      break;
    default:
      if (::posix_memalign(&binding.data, std::max<size_t>(info.alignment, 8),
                           byteSize) != 0)
        return;
      onHost.emplace_back(binding.data);
      std::memset(binding.data, choices.oneIn(2) ? 1 : 0, byteSize);
      break;
    }
    binding.byte_length = byteSize;
    if (choices.oneIn(40))
      tellLies(binding);
  }

  void tellLies(VyreBinding &binding) {
    switch (choices.below(6)) {
    case 0:
      binding.byte_length /= 2;
      return;
    case 1:
      binding.element_type = static_cast<uint32_t>(choices.below(12));
      return;
    case 2:
      binding.rank = static_cast<uint32_t>(choices.below(3));
      return;
    case 3:
      binding.location = static_cast<uint32_t>(choices.below(5));
      return;
    case 4:
      binding.flags = static_cast<uint32_t>(choices.below(5));
      return;
    default:
      binding.data = nullptr;
      return;
    }
  }

  VyreDevice *device;
  const VyreArtifact *artifact;
  Choices &choices;
  std::vector<std::vector<int64_t>> extents;
  std::vector<std::unique_ptr<int64_t>> scalars;
  std::vector<std::unique_ptr<void, Free>> onHost;
  std::vector<void *> onDevice;
};

//===----------------------------------------------------------------------===//
// Dispatches
//===----------------------------------------------------------------------===//

/// A pipeline and what is done with it.
class Session {
public:
  Session(VyreDevice *device, const VyreArtifact *artifact, Choices &choices)
      : device(device), artifact(artifact), choices(choices) {
    VyreProgramInfo program = {};
    program.struct_size = sizeof(program);
    require(isOk(vyreArtifactProgramInfo(artifact, 0, &program)), "a program");
    infos.resize(program.result_count);
    slots.resize(program.result_count);
  }
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;
  ~Session() {
    for (VyreResultSlot &slot : slots)
      vyreResultSlotRelease(&slot);
    (void)isOk(vyrePipelineRelease(pipeline));
    if (stream)
      fakecuda::destroyStream(stream);
  }

  bool create() {
    VyrePipelineConfig config = chooseConfig();
    return isOk(vyrePipelineCreate(device, artifact, 0, &config, &pipeline));
  }

  void dispatchOften() {
    for (size_t i = 1 + choices.below(8); i-- > 0;) {
      // The same memory again, as callers do.
      if (!bound || choices.oneIn(2))
        bound = std::make_unique<Bindings>(device, artifact, choices);
      bool isCaptured = stream && choices.oneIn(4);
      if (isCaptured)
        fakecuda::beginCapture(stream);
      dispatch(/*onStream=*/isCaptured || choices.oneIn(3));
      if (isCaptured)
        fakecuda::endCapture(stream);
      // Nothing is borrowed any more.
      (void)isOk(vyrePipelineDrain(pipeline, VYRE_WAIT_FOREVER));
      useStates();
    }
  }

  /// Takes another stream than the pipeline's own now and then.
  void makeStream() { stream = fakecuda::createStream(); }

private:
  VyrePipelineConfig chooseConfig() {
    VyrePipelineConfig config = {};
    config.struct_size = sizeof(config);
    config.capture = static_cast<uint32_t>(choices.below(4));
    config.wait_mode = static_cast<uint32_t>(choices.below(3));
    config.persistent =
        choices.oneIn(3) ? static_cast<uint32_t>(choices.below(4)) : 0;
    config.max_in_flight = static_cast<uint32_t>(choices.below(3));
    config.graph_shapes = static_cast<uint32_t>(choices.below(3));
    config.expected_dispatches = choices.of({0, 0, 3, 1000});
    if (choices.oneIn(20))
      config.time_limit_ns = choices.of({1, 1000000});
    if (choices.oneIn(20)) {
      config.has_result_byte_limit = true;
      config.result_byte_limit = choices.below(1000);
    }
    return config;
  }

  void expectResults() {
    for (const VyreResultInfo &info : infos)
      if (info.status == VYRE_RESULT_OK && info.data)
        touch(info.data, info.meaningful_bytes);
  }

  /// With sizes that are right for some and wrong for others.
  void useStates() {
    if (choices.oneIn(4))
      (void)isOk(vyrePipelineResetState(pipeline));
    uint32_t argument = static_cast<uint32_t>(choices.below(4));
    std::vector<uint8_t> bytes(choices.of({0, 8, 32, 64}));
    if (choices.oneIn(2))
      (void)isOk(vyrePipelineReadState(pipeline, argument, bytes.data(),
                                       bytes.size()));
    if (choices.oneIn(2))
      (void)isOk(vyrePipelineWriteState(pipeline, argument, bytes.data(),
                                        bytes.size()));
  }

  void dispatch(bool onStream) {
    std::vector<VyreBinding> &bindings = bound->bindings;
    size_t count = bindings.size();
    VyrePipelineConfig overrides = chooseConfig();
    VyreDispatchConfig config = {};
    config.struct_size = sizeof(config);
    config.results = infos.data();
    config.result_count = infos.size();
    if (choices.oneIn(3))
      config.overrides = &overrides;
    config.is_timed = choices.oneIn(6);
    config.cuda_stream = onStream ? stream : nullptr;
    std::fill(infos.begin(), infos.end(), VyreResultInfo());
    VyreDispatchReport report = {};
    report.struct_size = sizeof(report);
    switch (choices.below(8)) {
    case 0:
      (void)isOk(
          vyrePipelinePrewarm(pipeline, bindings.data(), count, &config));
      return;
    case 1: {
      VyreSlotReport slotReport = {};
      slotReport.struct_size = sizeof(slotReport);
      if (isOk(vyrePipelineDispatchInto(pipeline, bindings.data(), count,
                                        &config, slots.data(), slots.size(),
                                        &report, &slotReport)))
        for (const VyreResultSlot &slot : slots)
          touch(slot.data, slot.info.meaningful_bytes);
      return;
    }
    case 2: {
      VyreBatchItem item = {bindings.data(), count, nullptr, 0, nullptr, 0};
      std::vector<VyreBatchItem> items(1 + choices.below(3), item);
      size_t done = 0;
      bool isGood = isOk(vyrePipelineDispatchBatch(
          pipeline, items.data(), items.size(), &config, &done));
      require(isGood == (done == items.size()), "how many items were done");
      return;
    }
    case 3: {
      VyreCompletion *completion = nullptr;
      if (!isOk(vyrePipelineSubmit(pipeline, bindings.data(), count, &config,
                                   &completion)))
        return;
      if (choices.oneIn(2))
        (void)isOk(vyreCompletionWait(completion, choices.below(2), &report));
      if (isOk(vyreCompletionWait(completion, VYRE_WAIT_FOREVER, &report)))
        expectResults();
      vyreCompletionRelease(completion);
      return;
    }
    default:
      if (isOk(vyrePipelineDispatch(pipeline, bindings.data(), count, &config,
                                    &report))) {
        touch(report.no_replay_reason,
              report.no_replay_reason ? std::strlen(report.no_replay_reason)
                                      : 0);
        expectResults();
      }
      return;
    }
  }

  VyreDevice *device;
  const VyreArtifact *artifact;
  Choices &choices;
  VyrePipeline *pipeline = nullptr;
  std::vector<VyreResultInfo> infos;
  std::vector<VyreResultSlot> slots;
  std::unique_ptr<Bindings> bound;
  void *stream = nullptr;
};

void run(Choices &choices) {
  std::vector<uint8_t> bytes = makeArtifact(choices);
  VyreArtifact *artifact = nullptr;
  if (!isOk(vyreArtifactLoadMemory(bytes.data(), bytes.size(), &artifact)))
    return;
  bool isGpu = !choices.oneIn(4);
  VyreGraphCosts costs = {};
  costs.struct_size = sizeof(costs);
  costs.plain_call_ns = 1000000000;
  VyreDeviceConfig config = {};
  config.struct_size = sizeof(config);
  config.graph_costs = &costs;
  config.mapped_slab_limit = choices.of({uint64_t(1) << 20, uint64_t(64)});
  config.cpu_threads = 2;
  if (isGpu && choices.oneIn(3)) {
    size_t position = choices.below(120);
    int code = choices.of({1, 2, 201, 719, 801, 900, 910, 999});
    fakecuda::failCall(position, code, code == 719 || choices.oneIn(8));
  }
  fakecuda::setFill(choices.of({0, 1, 0xcd}));
  fakecuda::setPendingQueries(choices.below(3));
  VyreDevice *device = nullptr;
  if (isOk(vyreDeviceOpen(isGpu ? "cuda" : "cpu", &config, &device))) {
    {
      Session session(device, artifact, choices);
      if (isGpu && choices.oneIn(3))
        session.makeStream();
      if (session.create())
        session.dispatchOften();
    }
    (void)isOk(vyreDeviceRelease(device));
  }
  vyreArtifactRelease(artifact);
}

} // namespace
} // namespace vyre::testing

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  // Before the runtime looks for a driver.
  ::setenv("VYRE_CUDA_DRIVER", VYRE_FAKE_CUDA, 1);
  ::setenv("VYRE_CODE_CACHE", "off", 1);
  VyreCall call = {};
  call.struct_size = sizeof(call);
  call.name = "fuzz";
  call.function = vyre::testing::callFunction;
  vyre::testing::require(vyre::testing::isOk(vyreCallRegister(&call)),
                         "a function is registered");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  namespace fakecuda = vyre::fakecuda;
  fakecuda::reset();
  fakecuda::skipKernels(true);
  vyre::testing::Choices choices(data, size);
  vyre::testing::run(choices);
  bool isLost = !fakecuda::isDeviceLost() && fakecuda::liveObjects() != 0;
  if (isLost || fakecuda::misuses() != 0)
    for (const std::string &call : fakecuda::calls())
      std::fprintf(stderr, "%s\n", call.c_str());
  vyre::testing::require(!isLost, "nothing is lost");
  vyre::testing::require(fakecuda::misuses() == 0, "nothing is misused");
  fakecuda::resetDevice();
  return 0;
}
