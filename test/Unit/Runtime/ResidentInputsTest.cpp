//===- ResidentInputsTest.cpp - Dispatches without uploads ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs that are bound as unchanged stay on the device, wherever that has
// them; and nothing of the dispatch before comes out of one without uploads.
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

namespace vyre::testing {
namespace {

using namespace runtime::internal;
using artifact::ReplaySafety;

class ResidentInputsTest : public FakeCudaTest {};

/// The sample artifact, with `scale` proved to be safe without uploads.
Artifact residentTables() {
  Artifact tables = sampleTables();
  Program &scale = tables.programs[kScale];
  for (Argument &argument : scale.arguments)
    argument.capacityBytes = uint64_t(1) << 30;
  scale.capture.replay = {ReplaySafety::read_only, ReplaySafety::value,
                          ReplaySafety::wholly_written};
  scale.capture.isResidentReplaySafe = true;
  return tables;
}

runtime::Config required() {
  runtime::Config config;
  config.capture = VYRE_CAPTURE_REQUIRE;
  return config;
}

/// `scale` with x bound as unchanged, or not.
struct UnchangedCall : ScaleCall {
  using ScaleCall::ScaleCall;
  std::vector<VyreBinding> bindings() {
    std::vector<VyreBinding> all = ScaleCall::bindings();
    all[0].flags = isUnchanged ? VYRE_BINDING_UNCHANGED : 0;
    return all;
  }
  bool isUnchanged = false;
};

/// Takes x up, then runs as many dispatches as make a replay without uploads
/// the usual thing. The graph may copy nothing up any more.
void warmUp(Loaded &setup, UnchangedCall &call) {
  call.isUnchanged = false;
  EXPECT_EQ(setup.run(call).resident_bytes, 0u);
  call.isUnchanged = true;
  fakecuda::forgetCalls();
  EXPECT_EQ(setup.run(call).resident_bytes, call.x.size() * sizeof(float));
  EXPECT_EQ(countOf("cuGraphAddMemcpyNode"), 0u);
  EXPECT_EQ(countOf("cuMemcpyHtoDAsync"), 0u);
}

/// Through page-locked memory, by a copy of its own, or read there: an
/// unchanged input is not touched. Only a caller that breaks its word can tell.
TEST_F(ResidentInputsTest, UnchangedInputsStayOnTheDevice) {
  for (int64_t n : {1000, 1 << 18}) {
    for (bool isStreamed : {false, true}) {
      Artifact tables = residentTables();
      Launch &launch = tables.programs[kScale].launches[0];
      if (isStreamed)
        launch.streams = launch.reads;
      Loaded setup(tables, kScale, required());
      UnchangedCall call(n);
      warmUp(setup, call);
      fakecuda::forgetCalls();
      std::vector<float> before = call.x;
      std::fill(call.x.begin(), call.x.end(), 77.0f);
      auto bindings = call.bindings();
      ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
      EXPECT_EQ(
          fakecuda::calls(),
          (std::vector<std::string>{"cuCtxPushCurrent", "cuGraphLaunch",
                                    "cuCtxPopCurrent", "cuCtxPushCurrent",
                                    "cuStreamSynchronize", "cuCtxPopCurrent"}));
      call.x = before;
      call.expectResult();
    }
  }
}

/// A scalar may change meanwhile, and the next dispatch may bring new bytes.
TEST_F(ResidentInputsTest, EverythingElseMayChange) {
  Loaded setup(residentTables(), kScale, required());
  UnchangedCall call(1000);
  warmUp(setup, call);
  call.s = -4.0f;
  setup.run(call);
  call.isUnchanged = false;
  call.x[17] = 123.0f;
  EXPECT_EQ(setup.run(call).resident_bytes, 0u);
  call.isUnchanged = true;
  EXPECT_EQ(setup.run(call).resident_bytes, 4000u);
}

/// Other memory, another size, and memory that moved are taken up: what the
/// device has are not these bytes.
TEST_F(ResidentInputsTest, OtherBytesAreTakenUp) {
  Loaded setup(residentTables(), kScale, required());
  UnchangedCall call(1000), other(1000), longer(5000);
  warmUp(setup, call);
  std::fill(other.x.begin(), other.x.end(), 5.0f);
  for (UnchangedCall *next : {&other, &longer, &call}) {
    next->isUnchanged = true;
    EXPECT_EQ(setup.run(*next).resident_bytes, 0u);
    EXPECT_EQ(setup.run(*next).resident_bytes, next->x.size() * sizeof(float));
  }
}

/// The set that comes next need not be the one that has the latest bytes.
TEST_F(ResidentInputsTest, EachSetHasItsOwn) {
  runtime::Config config = required();
  config.maxInFlight = 2;
  Loaded setup(residentTables(), kScale, config);
  UnchangedCall call(1000);
  std::vector<float> y(1000);
  std::vector<VyreBinding> first = call.bindings(), second = first;
  second[2].data = y.data();
  auto one = setup.pipeline.submit(first.data(), first.size());
  ASSERT_OK(one);
  std::fill(call.x.begin(), call.x.end(), 9.0f);
  auto two = setup.pipeline.submit(second.data(), second.size());
  ASSERT_OK(two);
  ASSERT_OK(one->wait());
  ASSERT_OK(two->wait());
  call.isUnchanged = true;
  EXPECT_EQ(setup.run(call).resident_bytes, 0u);
  EXPECT_EQ(setup.run(call).resident_bytes, 4000u);
}

/// A failure, wherever it comes, leaves nothing that would be taken for the
/// caller's bytes.
TEST_F(ResidentInputsTest, FailuresForgetWhatIsThere) {
  for (uint64_t position = 0;; ++position) {
    Loaded setup(residentTables(), kScale, required());
    UnchangedCall call(1000);
    setup.run(call);
    std::fill(call.x.begin(), call.x.end(), 2.0f);
    fakecuda::failCall(position, /*CUDA_ERROR_UNKNOWN=*/999);
    auto bindings = call.bindings();
    bool isOver =
        !setup.pipeline.dispatch(bindings.data(), bindings.size()).failed();
    bool hasFailed = fakecuda::hasFailed();
    fakecuda::reset();
    if (isOver && !hasFailed)
      break;
    // Whether they went up is the runtime's business.
    call.isUnchanged = true;
    setup.run(call);
    EXPECT_EQ(setup.run(call).resident_bytes, 4000u);
  }
}

/// `scale` that writes only the first m elements of y, which is one more
/// argument.
Artifact partialTables() {
  Artifact tables = residentTables();
  Program &scale = tables.programs[kScale];
  Argument m = scale.arguments[1];
  m.name = "m";
  m.elementType = ElementType::i64;
  scale.arguments.push_back(m);
  scale.exprs.push_back({0, 3, 0, 0, ExprOp::scalar});
  scale.launches[0].parameters[1].index =
      static_cast<uint32_t>(scale.exprs.size() - 1);
  scale.capture.replay = {ReplaySafety::read_only, ReplaySafety::value,
                          ReplaySafety::escaping_result, ReplaySafety::value};
  return tables;
}

/// Mapped, staged and copied results, and those that the pipeline keeps: what
/// the program does not write is zero, not the last dispatch's.
TEST_F(ResidentInputsTest, NothingOfTheDispatchBeforeComesOut) {
  for (const char *device : {"cuda", "cpu"}) {
    for (int64_t n : {100, 20000, 1 << 19}) {
      for (uint32_t location : {VYRE_MEMORY_HOST, VYRE_MEMORY_READBACK}) {
        // On the CPU the caller's memory is used in place.
        if (location == VYRE_MEMORY_HOST && device == std::string("cpu"))
          continue;
        Loaded setup(partialTables(), kScale, runtime::Config(), device);
        UnchangedCall call(n);
        VyreResultInfo info = {};
        VyreDispatchConfig config = {};
        config.struct_size = sizeof(config);
        config.results = &info;
        config.result_count = 1;
        for (int64_t m : {n, int64_t(3), int64_t(2)}) {
          call.isUnchanged = m != n;
          auto bindings = call.bindings();
          bindings.push_back(bindScalar(m));
          if (location == VYRE_MEMORY_READBACK) {
            bindings[2].data = nullptr;
            bindings[2].byte_length = 0;
            bindings[2].location = location;
          }
          ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(),
                                            &config));
          const auto *y = static_cast<const float *>(info.data);
          for (int64_t i = 0; i < n; ++i)
            ASSERT_EQ(y[i], i < m ? call.s * call.x[i] : 0.0f)
                << device << " " << n << " at " << i;
        }
      }
    }
  }
}

/// On the CPU, which works in place, the promise changes nothing.
TEST_F(ResidentInputsTest, TheCpuTakesThePromiseToo) {
  // Whose replay is a plan that is prepared once: it can be required, too.
  Loaded setup(residentTables(), kScale, required(), "cpu");
  UnchangedCall call(1000);
  for (bool isUnchanged : {false, true, true}) {
    call.isUnchanged = isUnchanged;
    EXPECT_EQ(setup.run(call).resident_bytes, 0u);
  }
}

/// What was not proved, and what no proof is about, on both backends.
TEST_F(ResidentInputsTest, RefusesWhatIsNotProved) {
  for (const char *device : {"cuda", "cpu"}) {
    auto refuse = [&](const Artifact &tables, size_t argument, uint32_t flags,
                      std::initializer_list<const char *> parts) {
      Loaded setup(tables, kScale, runtime::Config(), device);
      ScaleCall call(8);
      auto bindings = call.bindings();
      bindings[argument].flags = flags;
      fakecuda::forgetCalls();
      expectError(setup.pipeline.dispatch(bindings.data(), bindings.size()),
                  VYRE_STATUS_INVALID_ARGUMENT, parts);
      EXPECT_TRUE(fakecuda::calls().empty());
      call.expectUntouched();
    };
    Artifact unplanned = sampleTables();
    refuse(unplanned, 0, VYRE_BINDING_UNCHANGED,
           {"argument 0 'x'", "nothing proves"});
    Artifact unsafe = residentTables();
    unsafe.programs[kScale].capture.isResidentReplaySafe = false;
    unsafe.programs[kScale].capture.replay[2] = ReplaySafety::read_modify_write;
    refuse(unsafe, 0, VYRE_BINDING_UNCHANGED,
           {"argument 0 'x'", "argument 2 'y'", "read_modify_write"});
    refuse(residentTables(), 1, VYRE_BINDING_UNCHANGED,
           {"argument 1 's'", "only reads"});
    refuse(residentTables(), 2, VYRE_BINDING_UNCHANGED,
           {"argument 2 'y'", "only reads"});
    refuse(residentTables(), 0, 2, {"argument 0 'x'", "unknown flags 2"});
  }
}

/// An artifact whose plan contradicts its own arguments is damaged.
TEST_F(ResidentInputsTest, ContradictingPlansAreRefused) {
  for (uint32_t program : {2u, 3u}) {
    Artifact tables = sampleTables();
    tables.programs[program].capture.isResidentReplaySafe = true;
    expectError(Loaded::load(tables).takeStatus(), VYRE_STATUS_BAD_ARTIFACT,
                {"leaves out uploads"});
  }
}

} // namespace
} // namespace vyre::testing
