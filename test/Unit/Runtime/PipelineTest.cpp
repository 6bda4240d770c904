//===- PipelineTest.cpp - What a pipeline can be asked to do ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unistd.h>

namespace vyre::testing {
namespace {

using namespace std::chrono_literals;
using runtime::Config;
using Json = nlohmann::json;

class PipelineTest : public ::testing::TestWithParam<const char *> {
protected:
  void SetUp() override { fakecuda::reset(); }
};

using PipelineCudaTest = FakeCudaTest;

/// A backend whose dispatches last until they are let go.
class Gate {
public:
  Gate() {
    VyreBackend table = {};
    table.struct_size = sizeof(table);
    table.id = "gate";
    table.user = this;
    table.dispatch = [](void *user, const VyreBackendDispatch *dispatch) {
      return static_cast<Gate *>(user)->pass(*dispatch);
    };
    EXPECT_OK(runtime::Status(vyreBackendRegister(&table)));
  }
  ~Gate() { EXPECT_OK(runtime::Status(vyreBackendUnregister("gate"))); }

  void open() {
    std::lock_guard<std::mutex> lock(mutex);
    isOpen = true;
    changed.notify_all();
  }
  void waitForArrivals(int count) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return arrivals >= count; });
  }

  int arrived() {
    std::lock_guard<std::mutex> lock(mutex);
    return arrivals;
  }

private:
  VyreStatus *pass(const VyreBackendDispatch &) {
    std::unique_lock<std::mutex> lock(mutex);
    ++arrivals;
    changed.notify_all();
    changed.wait(lock, [&] { return isOpen; });
    return nullptr;
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool isOpen = false;
  int arrivals = 0;
};

//===----------------------------------------------------------------------===//
// Config
//===----------------------------------------------------------------------===//

TEST_P(PipelineTest, ADispatchOverridesFieldByField) {
  Session session(GetParam(), "scale");
  Config compiled;
  compiled.resultByteLimit = 40;
  auto pipeline =
      runtime::Pipeline::create(session.device, session.artifact, 0, compiled);
  ASSERT_OK(pipeline);
  ScaleCall fits(10), large(11);
  auto few = fits.bindings(), many = large.bindings();
  EXPECT_OK(pipeline->dispatch(few.data(), few.size()));
  expectError(pipeline->dispatch(many.data(), many.size()),
              VYRE_STATUS_INVALID_ARGUMENT,
              {"44 bytes", "at most 40", "result_byte_limit"});
  large.expectUntouched();
  // A field that is set counts; another one leaves the limit as it is.
  Config raised;
  raised.resultByteLimit = 44;
  EXPECT_OK(pipeline->dispatch(many.data(), many.size(), raised));
  Config other;
  other.label = "other";
  other.waitMode = VYRE_WAIT_SPIN;
  expectError(pipeline->dispatch(many.data(), many.size(), other),
              VYRE_STATUS_INVALID_ARGUMENT, {"at most 40"});
  Config none;
  none.resultByteLimit = 0;
  expectError(pipeline->dispatch(few.data(), few.size(), none),
              VYRE_STATUS_INVALID_ARGUMENT, {"at most 0"});
}

TEST_P(PipelineTest, ProfilesAreNamedSets) {
  static int round = 0;
  std::string name = "small" + std::to_string(round++);
  Config small;
  small.resultByteLimit = 4;
  ASSERT_OK(runtime::defineProfile(name, small));
  expectError(runtime::defineProfile(name, small),
              VYRE_STATUS_FAILED_PRECONDITION, {name.c_str()});
  Config nested;
  nested.profile = "latency";
  expectError(runtime::defineProfile("nested", nested),
              VYRE_STATUS_INVALID_ARGUMENT, {"'nested'", "'latency'"});
  expectError(runtime::defineProfile("", small), VYRE_STATUS_INVALID_ARGUMENT,
              {"empty"});

  Session session(GetParam(), "scale");
  ScaleCall call(10);
  auto bindings = call.bindings();
  auto run = [&](const Config &config) {
    return session.pipeline.dispatch(bindings.data(), bindings.size(), config);
  };
  Config chosen;
  chosen.profile = name;
  expectError(run(chosen), VYRE_STATUS_INVALID_ARGUMENT, {"at most 4"});
  // What stands beside the profile comes first.
  chosen.resultByteLimit = 1000;
  EXPECT_OK(run(chosen));
  for (const char *known : {"latency", "throughput"}) {
    Config config;
    config.profile = known;
    EXPECT_OK(run(config));
  }
  chosen.profile = "unheard-of";
  expectError(run(chosen), VYRE_STATUS_NOT_FOUND,
              {"'unheard-of'", "'throughput'"});
}

/// The budget is for what runs where the program runs; of what nobody knows it
/// takes nothing.
TEST_P(PipelineTest, UlpBudgetsAreForTheDevice) {
  bool isGpu = std::string(GetParam()) == "cuda";
  runtime::internal::Artifact tables = sampleTables();
  tables.programs[0].math.emplace();
  tables.programs[1].math = {{"sin.f32", 1, 3}, {"tanh.f16", 1, 1}};
  tables.programs[2].math = {{"fpowi.f64", UINT32_MAX, UINT32_MAX}};
  std::vector<uint8_t> bytes = buildArtifact(tables);
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  ASSERT_OK(artifact);
  auto device = runtime::Device::open(GetParam());
  ASSERT_OK(device);
  auto create = [&](uint32_t program, std::optional<uint32_t> budget) {
    Config config;
    config.ulpBudget = budget;
    return runtime::Pipeline::create(*device, *artifact, program, config)
        .takeStatus();
  };
  EXPECT_OK(create(0, 0));
  EXPECT_OK(create(1, std::nullopt));
  EXPECT_OK(create(1, isGpu ? 3 : 1));
  expectError(create(1, isGpu ? 2 : 0), VYRE_STATUS_UNSUPPORTED,
              {"'sin.f32'", isGpu ? "by 3 ulp on 'cuda'" : "by 1 ulp on 'cpu'",
               isGpu ? "at most 2" : "at most 0"});
  for (uint32_t budget : {1000000u, UINT32_MAX})
    expectError(create(2, budget), VYRE_STATUS_UNSUPPORTED,
                {"'fpowi.f64'", "nobody knows"});
  EXPECT_OK(create(3, std::nullopt));
  expectError(create(3, 5), VYRE_STATUS_UNSUPPORTED,
              {"nobody tells", "'accumulate'"});

  // A dispatch may ask for more than its pipeline was made with.
  auto pipeline = runtime::Pipeline::create(*device, *artifact, 1);
  ASSERT_OK(pipeline);
  SineCall call(10);
  auto bindings = call.bindings();
  Config exact;
  exact.profile = "exact";
  expectError(pipeline->dispatch(bindings.data(), bindings.size(), exact),
              VYRE_STATUS_UNSUPPORTED, {"'sin.f32'"});
  EXPECT_EQ(call.y[0], -1.0f);
  EXPECT_OK(pipeline->dispatch(bindings.data(), bindings.size()));

  auto info = artifact->programInfo(1);
  ASSERT_OK(info);
  EXPECT_TRUE(info->has_math_functions);
  ASSERT_EQ(info->math_function_count, 2u);
  auto function = artifact->mathFunctionInfo(1, 0);
  ASSERT_OK(function);
  EXPECT_STREQ(function->name, "sin.f32");
  EXPECT_EQ(function->gpu_ulp, 3u);
  expectError(artifact->mathFunctionInfo(1, 2).takeStatus(),
              VYRE_STATUS_NOT_FOUND, {"function 2"});
  EXPECT_FALSE(artifact->programInfo(3)->has_math_functions);
}

/// A set has a stream of its own.
TEST_F(PipelineCudaTest, ThroughputIsFourAtATime) {
  Session session("cuda", "scale");
  Config config;
  config.profile = "throughput";
  VyrePipelineConfig fields = config.fields();
  fakecuda::forgetCalls();
  ASSERT_OK(
      runtime::Pipeline::create(session.device, session.artifact, 0, &fields));
  std::vector<std::string> calls = fakecuda::calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "cuStreamCreate"), 4);
}

/// A time limit ends the wait. The work goes on with the caller's memory, until
/// a drain says that it is over. (The CPU's work cannot be held up.)
TEST_F(PipelineCudaTest, ATimeLimitEndsTheWait) {
  Session session("cuda", "scale");
  ScaleCall call(10);
  auto bindings = call.bindings();
  Config limited;
  limited.timeLimit = 1us;
  fakecuda::setPendingQueries(1 << 20);
  expectError(
      session.pipeline.dispatch(bindings.data(), bindings.size(), limited),
      VYRE_STATUS_DEADLINE_EXCEEDED, {"1000 ns", "vyrePipelineDrain"});
  expectError(session.pipeline.drain(1000), VYRE_STATUS_DEADLINE_EXCEEDED,
              {"'scale'"});
  fakecuda::setPendingQueries(0);
  EXPECT_OK(session.pipeline.drain());
  call.expectResult();
  // In time, it is a dispatch like others.
  limited.timeLimit = 1h;
  ScaleCall second(20);
  auto others = second.bindings();
  EXPECT_OK(session.pipeline.dispatch(others.data(), others.size(), limited));
  second.expectResult();
}

/// It also ends the wait for a free set; then nothing has begun.
TEST(PipelineLineTest, ATimeLimitEndsTheWaitInLine) {
  Gate gate;
  Session session("gate", "scale");
  ScaleCall first(4), second(4), third(4);
  auto bindings = first.bindings(), others = second.bindings();
  std::thread holder([&] {
    EXPECT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  });
  gate.waitForArrivals(1);
  Config limited;
  limited.timeLimit = 2ms;
  expectError(session.pipeline.dispatch(others.data(), others.size(), limited),
              VYRE_STATUS_DEADLINE_EXCEEDED, {"has not begun"});
  // With leave for one more at a time it gets a set of its own.
  Config wider;
  wider.maxInFlight = 2;
  std::thread overtaker([&] {
    auto more = third.bindings();
    EXPECT_OK(session.pipeline.dispatch(more.data(), more.size(), wider));
  });
  gate.waitForArrivals(2);
  gate.open();
  holder.join();
  overtaker.join();
  // Whoever left the line holds up nobody.
  EXPECT_OK(session.pipeline.dispatch(others.data(), others.size()));
}

/// A program with state has one set, however many are asked for: who comes
/// while another is under way waits.
TEST(PipelineLineTest, StateTakesTurns) {
  Gate gate;
  Session session("gate", "count", /*maxInFlight=*/4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      std::vector<int64_t> extents = {4}, out(4);
      int64_t step = 1;
      std::vector<VyreBinding> bindings = {bindScalar(step), VyreBinding(),
                                           bindBuffer(out, extents)};
      Config wide;
      wide.maxInFlight = 8;
      EXPECT_OK(
          session.pipeline.dispatch(bindings.data(), bindings.size(), wide));
    });
  gate.waitForArrivals(1);
  // Long enough to get there, if it could.
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(gate.arrived(), 1);
  gate.open();
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(gate.arrived(), 2);
}

/// Who prewarms several sets takes them in one turn: a dispatch that wants the
/// pipeline for itself comes before all of them, or after.
TEST(PipelineLineTest, PrewarmingHoldsUpNobodyForEver) {
  // The backend prewarms when it is let go, so that somebody is in line then.
  struct Slow {
    std::atomic<bool> isBegun{false}, mayEnd{false};
    std::atomic<int> prewarms{0};
  } slow;
  VyreBackend table = {};
  table.struct_size = sizeof(table);
  table.id = "slow";
  table.user = &slow;
  table.dispatch = [](void *, const VyreBackendDispatch *) -> VyreStatus * {
    return nullptr;
  };
  table.prewarm = [](void *user, const VyreBackendDispatch *) -> VyreStatus * {
    auto *slow = static_cast<Slow *>(user);
    ++slow->prewarms;
    slow->isBegun = true;
    while (!slow->mayEnd)
      std::this_thread::yield();
    return nullptr;
  };
  ASSERT_OK(runtime::Status(vyreBackendRegister(&table)));
  {
    Session session("slow", "scale", /*maxInFlight=*/3);
    ScaleCall call(4), other(4);
    auto bindings = call.bindings(), others = other.bindings();
    Config limited;
    limited.timeLimit = 20s;
    VyrePipelineConfig fields = limited.fields();
    VyreDispatchConfig config = {};
    config.struct_size = sizeof(config);
    config.overrides = &fields;
    std::thread warmer([&] {
      EXPECT_OK(
          session.pipeline.prewarm(bindings.data(), bindings.size(), &config));
    });
    while (!slow.isBegun)
      std::this_thread::yield();
    std::thread alone([&] {
      Config narrow = limited;
      narrow.maxInFlight = 1;
      EXPECT_OK(
          session.pipeline.dispatch(others.data(), others.size(), narrow));
    });
    // Long enough to get in line.
    std::this_thread::sleep_for(20ms);
    slow.mayEnd = true;
    warmer.join();
    alone.join();
    EXPECT_EQ(slow.prewarms, 3);
  }
  EXPECT_OK(runtime::Status(vyreBackendUnregister("slow")));
}

//===----------------------------------------------------------------------===//
// Dispatching
//===----------------------------------------------------------------------===//

TEST_P(PipelineTest, TakesTheArtifactOver) {
  runtime::Artifact artifact = *Session::load();
  const void *before = nullptr;
  size_t size = 0;
  ASSERT_OK(
      runtime::Status(vyreArtifactPayload(artifact.get(), &before, &size)));
  EXPECT_GT(size, 0u);
  auto device = runtime::Device::open(GetParam());
  ASSERT_OK(device);
  auto pipeline = runtime::Pipeline::create(*device, std::move(artifact), 0);
  ASSERT_OK(pipeline);
  EXPECT_EQ(artifact.get(), nullptr);
  ScaleCall call(10);
  auto bindings = call.bindings();
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
  call.expectResult();
}

TEST_P(PipelineTest, BatchesRunInOrder) {
  Session session(GetParam(), "accumulate");
  std::vector<int64_t> extents = {2, 3};
  std::vector<int32_t> a(6, 1), b(6, 2), c(6, 100);
  // c += b comes after b += a.
  std::vector<VyreBinding> first = {bindBuffer(b, extents),
                                    bindBuffer(a, extents)},
                           second = {bindBuffer(c, extents),
                                     bindBuffer(b, extents)};
  std::vector<VyreBatchItem> items(2);
  items[0].bindings = first.data();
  items[0].binding_count = first.size();
  items[1].bindings = second.data();
  items[1].binding_count = second.size();
  size_t done = 9;
  ASSERT_OK(session.pipeline.dispatchBatch(items, nullptr, &done));
  EXPECT_EQ(done, 2u);
  EXPECT_EQ(b, std::vector<int32_t>(6, 3));
  EXPECT_EQ(c, std::vector<int32_t>(6, 103));
  // The first that fails is the last that was tried.
  items.insert(items.begin() + 1, items[1]);
  items[1].binding_count = 1;
  expectError(session.pipeline.dispatchBatch(items, nullptr, &done),
              VYRE_STATUS_INVALID_ARGUMENT, {"item 1 of the batch"});
  EXPECT_EQ(done, 1u);
  EXPECT_EQ(b, std::vector<int32_t>(6, 4));
  EXPECT_EQ(c, std::vector<int32_t>(6, 103));
}

/// Outer container, buffers and their memory stay where they are while they are
/// large enough; what is too much is dropped.
TEST_P(PipelineTest, CallersSlotsKeepTheirPlace) {
  Session session(GetParam(), "scale");
  std::vector<runtime::ResultBuffer> results;
  VyreSlotReport slots = {};
  slots.struct_size = sizeof(slots);
  auto run = [&](ScaleCall &call) {
    auto bindings = call.bindings();
    return session.pipeline.dispatchInto(bindings, results, nullptr, nullptr,
                                         &slots);
  };
  ScaleCall large(1000), small(10), larger(5000);
  ASSERT_OK(run(large));
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(slots.appended_slots, 1u);
  EXPECT_EQ(slots.appended_bytes, 4000u);
  const void *outer = results.data(), *memory = results[0].data();
  ASSERT_OK(run(small));
  EXPECT_EQ(results.data(), outer);
  EXPECT_EQ(results[0].data(), memory);
  EXPECT_EQ(slots.reused_slots, 1u);
  EXPECT_EQ(slots.reused_bytes, 40u);
  EXPECT_EQ(results[0].extents(), std::vector<int64_t>{10});
  for (size_t i = 0; i < 10; ++i)
    EXPECT_EQ(results[0].elements<float>()[i], small.s * small.x[i]);
  ASSERT_OK(run(larger));
  EXPECT_EQ(slots.moved_slots, 1u);
  EXPECT_EQ(slots.moved_bytes, 20000u);
  EXPECT_EQ(results[0].elements<float>()[4999], larger.s * larger.x[4999]);
  results.resize(3);
  ASSERT_OK(run(small));
  EXPECT_EQ(results.size(), 1u);

  // Telemetry has all of it.
  auto telemetry = session.pipeline.telemetry();
  ASSERT_OK(telemetry);
  EXPECT_EQ(telemetry->output_slots, 4u);
  EXPECT_EQ(telemetry->output_slots_appended, 1u);
  EXPECT_EQ(telemetry->output_slots_moved, 1u);
  EXPECT_EQ(telemetry->output_bytes_moved, 20000u);

  // What is too large is refused before memory is taken for it.
  memory = results[0].data();
  ScaleCall largest(200000);
  Config limited;
  limited.resultByteLimit = 400000;
  VyrePipelineConfig overrides = limited.fields();
  VyreDispatchConfig dispatchConfig = {};
  dispatchConfig.struct_size = sizeof(dispatchConfig);
  dispatchConfig.overrides = &overrides;
  expectError(session.pipeline.dispatchInto(largest.bindings(), results,
                                            &dispatchConfig),
              VYRE_STATUS_INVALID_ARGUMENT, {"800000 bytes", "at most 400000"});
  EXPECT_EQ(results[0].data(), memory);

  // What is refused leaves as many slots as there are results.
  auto few = small.bindings();
  few.pop_back();
  expectError(session.pipeline.dispatchInto(few, results),
              VYRE_STATUS_INVALID_ARGUMENT, {"binding"});
  VyreResultSlot none = {};
  auto bindings = small.bindings();
  expectError(runtime::Status(vyrePipelineDispatchInto(
                  session.pipeline.get(), bindings.data(), bindings.size(),
                  nullptr, &none, 0, nullptr, nullptr)),
              VYRE_STATUS_INVALID_ARGUMENT, {"1 results, found 0 slots"});
}

/// A slot's memory is large enough, to the byte, and aligned as the program
/// that it goes to needs it.
TEST_P(PipelineTest, SlotsAreLargeEnoughAndAligned) {
  runtime::internal::Artifact tables = sampleTables();
  Session session(GetParam(), "scale");
  std::vector<VyreResultSlot> slots(1);
  auto run = [&](runtime::Pipeline &pipeline, int64_t n) {
    ScaleCall call(n);
    auto bindings = call.bindings();
    ASSERT_OK(runtime::Status(vyrePipelineDispatchInto(
        pipeline.get(), bindings.data(), bindings.size(), nullptr, slots.data(),
        1, nullptr, nullptr)));
    ASSERT_GE(slots[0].capacity_bytes, uint64_t(4 * n));
    const auto *y = static_cast<const float *>(slots[0].data);
    EXPECT_EQ(y[n - 1], call.s * call.x[static_cast<size_t>(n - 1)]);
  };
  run(session.pipeline, 100);
  for (int i = 0; i < 3; ++i)
    run(session.pipeline,
        static_cast<int64_t>(slots[0].capacity_bytes / sizeof(float)) + 1);
  tables.programs[0].arguments[2].alignment = 4096;
  std::vector<uint8_t> bytes = buildArtifact(tables);
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  ASSERT_OK(artifact);
  auto aligned = runtime::Pipeline::create(session.device, *artifact, 0);
  ASSERT_OK(aligned);
  run(*aligned, 100);
  EXPECT_GE(slots[0].alignment, 4096u);
  vyreResultSlotRelease(&slots[0]);
}

TEST_P(PipelineTest, BatchesIntoSlots) {
  Session session(GetParam(), "scale");
  ScaleCall first(10), second(20);
  std::vector<std::vector<runtime::ResultBuffer>> results(5);
  size_t done = 0;
  ASSERT_OK(session.pipeline.dispatchBatchInto(
      {first.bindings(), second.bindings()}, results, nullptr, &done));
  EXPECT_EQ(done, 2u);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[1][0].elementCount(), 20u);
  EXPECT_EQ(results[1][0].elements<float>()[19], second.s * second.x[19]);
}

/// Room for results that is none.
TEST_P(PipelineTest, RefusesResultsWithoutMemory) {
  Session session(GetParam(), "scale");
  ScaleCall call(10);
  auto bindings = call.bindings();
  VyreBatchItem item = {
      bindings.data(), bindings.size(), nullptr, 1, nullptr, 0};
  expectError(session.pipeline.dispatchBatch({item}),
              VYRE_STATUS_INVALID_ARGUMENT,
              {"item 0", "VyreBatchItem::results is NULL"});
  item = {bindings.data(), bindings.size(), nullptr, 0, nullptr, 1};
  expectError(session.pipeline.dispatchBatch({item}),
              VYRE_STATUS_INVALID_ARGUMENT,
              {"item 0", "VyreBatchItem::slots is NULL"});
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.result_count = 1;
  expectError(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_INVALID_ARGUMENT, {"VyreDispatchConfig::results is NULL"});
  call.expectUntouched();
  // Room for more than there are stays as it is.
  std::vector<VyreResultInfo> infos(3);
  infos[1].status = infos[2].status = 77;
  config.results = infos.data();
  config.result_count = infos.size();
  ASSERT_OK(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config));
  EXPECT_EQ(infos[0].meaningful_bytes, 40u);
  EXPECT_EQ(infos[1].status, 77u);
  EXPECT_EQ(infos[2].status, 77u);
}

/// In the C API an item brings its slots; the one that fails in the middle is
/// named, those before it are done, and those behind it have not begun.
TEST_P(PipelineTest, BatchItemsMayHaveSlots) {
  Session session(GetParam(), "scale");
  ScaleCall first(10), second(20), third(30);
  VyreResultSlot slots[3][2] = {};
  VyreBatchItem items[3] = {};
  std::vector<VyreBinding> bindings[3] = {first.bindings(), second.bindings(),
                                          third.bindings()};
  for (size_t i = 0; i < 3; ++i) {
    items[i].bindings = bindings[i].data();
    items[i].binding_count = bindings[i].size();
    items[i].slots = slots[i];
    items[i].slot_count = 2;
  }
  // What is in a slot beyond the results is given back.
  slots[1][1].data = std::calloc(1, 16);
  slots[1][1].capacity_bytes = 16;
  auto run = [&](size_t &done) {
    return runtime::Status(vyrePipelineDispatchBatch(session.pipeline.get(),
                                                     items, 3, nullptr, &done));
  };
  size_t done = 9;
  ASSERT_OK(run(done));
  EXPECT_EQ(done, 3u);
  const void *before = slots[2][0].data;
  EXPECT_EQ(slots[2][0].extents[0], 30);
  EXPECT_EQ(static_cast<const float *>(before)[29], third.s * third.x[29]);
  EXPECT_EQ(slots[1][1].data, nullptr);
  third.expectUntouched();

  // The second is refused: of the third nothing changes.
  first.s = third.s = 7;
  bindings[1][0].element_type = VYRE_ELEMENT_I32;
  expectError(run(done), VYRE_STATUS_INVALID_ARGUMENT,
              {"item 1 of the batch", "'x'"});
  EXPECT_EQ(done, 1u);
  EXPECT_EQ(static_cast<const float *>(slots[0][0].data)[9], 7 * first.x[9]);
  EXPECT_EQ(slots[2][0].data, before);
  EXPECT_EQ(static_cast<const float *>(before)[29], 2.5f * third.x[29]);
  bindings[1][0].element_type = VYRE_ELEMENT_F32;
  items[1].slot_count = 0;
  expectError(run(done), VYRE_STATUS_INVALID_ARGUMENT,
              {"item 1 of the batch", "1 results, found 0 slots"});
  items[1].slots = nullptr;
  items[1].slot_count = 1;
  expectError(run(done), VYRE_STATUS_INVALID_ARGUMENT,
              {"item 1 of the batch", "VyreBatchItem::slots"});
  // Without slots it goes where it is bound.
  items[1].slot_count = 0;
  ASSERT_OK(run(done));
  second.expectResult();
  EXPECT_EQ(slots[2][0].data, before);
  // No item is no failure.
  EXPECT_OK(runtime::Status(vyrePipelineDispatchBatch(
      session.pipeline.get(), nullptr, 0, nullptr, &done)));
  EXPECT_EQ(done, 0u);
  for (auto &own : slots)
    for (VyreResultSlot &slot : own)
      vyreResultSlotRelease(&slot);
}

TEST_P(PipelineTest, PrewarmingLaunchesNothing) {
  Session session(GetParam(), "scale", /*maxInFlight=*/2);
  ScaleCall call(1000);
  auto bindings = call.bindings();
  ASSERT_OK(session.pipeline.prewarm(bindings.data(), bindings.size()));
  call.expectUntouched();
  auto telemetry = session.pipeline.telemetry();
  ASSERT_OK(telemetry);
  EXPECT_EQ(telemetry->dispatches, 0u);
  EXPECT_EQ(telemetry->launches, 0u);
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  call.expectResult();
  bindings[0].rank = 2;
  expectError(session.pipeline.prewarm(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"'x'"});
}

TEST_P(PipelineTest, TimesAreMeasuredWhereAskedFor) {
  Session session(GetParam(), "scale");
  ScaleCall call(10000);
  auto bindings = call.bindings();
  VyreDispatchReport report = emptyReport();
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size(), nullptr,
                                      &report));
  EXPECT_EQ(report.wall_ns, 0u);
  EXPECT_FALSE(report.has_device_ns);
  ASSERT_OK(
      session.pipeline.dispatchTimed(bindings.data(), bindings.size(), report));
  EXPECT_GT(report.wall_ns, 0u);
  ASSERT_TRUE(report.has_device_ns);
  EXPECT_LE(report.device_ns, report.wall_ns);
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

TEST_P(PipelineTest, CountersAddUp) {
  VyreTelemetry before = {}, after = {};
  before.struct_size = after.struct_size = sizeof(before);
  ASSERT_OK(runtime::Status(vyreTelemetryGet(&before)));
  Session session(GetParam(), "sine", /*maxInFlight=*/4);
  constexpr int kThreads = 4, kRounds = 25;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      SineCall call(100);
      auto bindings = call.bindings();
      for (int round = 0; round < kRounds; ++round)
        EXPECT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
    });
  for (std::thread &thread : threads)
    thread.join();
  constexpr uint64_t kDispatches = kThreads * kRounds;
  auto counted = session.pipeline.telemetry();
  ASSERT_OK(counted);
  EXPECT_EQ(counted->dispatches, kDispatches);
  EXPECT_EQ(counted->launches, 2 * kDispatches);
  EXPECT_EQ(counted->input_bytes, 400 * kDispatches);
  EXPECT_EQ(counted->output_bytes, 400 * kDispatches);
  EXPECT_EQ(counted->output_slots, kDispatches);
  EXPECT_EQ(counted->cache_misses, 1u);
  if (std::string(GetParam()) == "cuda") {
    EXPECT_GT(counted->replays, 0u);
    EXPECT_GT(counted->graph_builds, 0u);
  }
  ASSERT_OK(runtime::Status(vyreTelemetryGet(&after)));
  EXPECT_EQ(after.dispatches - before.dispatches, kDispatches);
  EXPECT_EQ(after.launches - before.launches, 2 * kDispatches);
  EXPECT_EQ(after.cache_misses - before.cache_misses, 1u);

  // As JSON, in as much room as there is.
  size_t length = 0;
  ASSERT_OK(
      runtime::Status(vyreTelemetryWriteJson(&*counted, nullptr, 0, &length)));
  std::string text(length + 1, '?');
  ASSERT_OK(runtime::Status(
      vyreTelemetryWriteJson(&*counted, &text[0], text.size(), &length)));
  Json json = Json::parse(text.c_str());
  EXPECT_EQ(json["launches"], 2 * kDispatches);
  EXPECT_EQ(json["replays"], counted->replays);
  std::set<std::string> keys;
  for (const auto &entry : json.items()) {
    EXPECT_TRUE(entry.value().is_number_unsigned()) << entry.key();
    keys.insert(entry.key());
  }
  EXPECT_EQ(keys, (std::set<std::string>{
                      "dispatches", "launches", "replays", "updates",
                      "graph_builds", "input_bytes", "output_bytes",
                      "output_slots", "output_slots_reused",
                      "output_slots_moved", "output_slots_appended",
                      "output_bytes_reused", "output_bytes_moved",
                      "output_bytes_appended", "cache_hits", "cache_misses"}));
  char room[4] = {'?', '?', '?', '?'};
  ASSERT_OK(
      runtime::Status(vyreTelemetryWriteJson(&*counted, room, 3, &length)));
  EXPECT_EQ(std::string(room, 4), std::string("{\"\0?", 4));
}

/// Everything at once on one device, for the thread sanitizer above all.
TEST_P(PipelineTest, ManyCompileAndDispatchAtTheSameTime) {
  Session session(GetParam(), "scale", /*maxInFlight=*/2);
  std::atomic<bool> isOver{false};
  std::thread observer([&] {
    std::string path =
        ::testing::TempDir() + "vyre-concurrent-" + GetParam() + ".json";
    while (!isOver) {
      EXPECT_OK(runtime::Status(vyreTraceBegin()));
      EXPECT_OK(session.pipeline.telemetry());
      EXPECT_OK(runtime::Status(vyreTraceEnd(path.c_str())));
    }
    std::remove(path.c_str());
  });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      std::vector<runtime::ResultBuffer> results;
      for (int round = 0; round < 10; ++round) {
        ScaleCall call(100 + thread, static_cast<float>(round));
        auto bindings = call.bindings();
        auto own =
            runtime::Pipeline::create(session.device, session.artifact, 0);
        ASSERT_OK(own);
        ASSERT_OK(own->dispatch(bindings.data(), bindings.size()));
        call.expectResult();
        ASSERT_OK(session.pipeline.dispatchInto(bindings, results));
        EXPECT_EQ(results[0].elements<float>()[5], call.s * call.x[5]);
        Config config;
        config.profile = round % 2 ? "latency" : "throughput";
        config.timeLimit = 1h;
        ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size(),
                                            config));
        auto completion =
            session.pipeline.submit(bindings.data(), bindings.size());
        ASSERT_OK(completion);
        ASSERT_OK(session.pipeline.prewarm(bindings.data(), bindings.size()));
        ASSERT_OK(completion->wait());
        ASSERT_OK(session.pipeline.drain());
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  isOver = true;
  observer.join();
  EXPECT_EQ(session.pipeline.telemetry()->dispatches, 4u * 10 * 3);
}

/// A trace as a viewer needs it: complete events that nest on their thread's
/// row, pairs of begins and ends, and times that go forward.
TEST_P(PipelineTest, TracesAreEventsOfChromes) {
  std::string path =
      ::testing::TempDir() + "vyre-trace-" + GetParam() + ".json";
  Session session(GetParam(), "scale", /*maxInFlight=*/2);
  ASSERT_OK(runtime::Status(vyreTraceBegin()));
  expectError(runtime::Status(vyreTraceBegin()),
              VYRE_STATUS_FAILED_PRECONDITION, {"already"});
  // Quotes, a line's end, what is not ASCII, and what is not even UTF-8.
  const std::string labels[] = {"scale", "the \"second\"\n", "dritter \u00fc",
                                "fourth\xff"};
  std::vector<std::thread> threads;
  for (const std::string &label : labels)
    threads.emplace_back([&] {
      ScaleCall call(100);
      auto bindings = call.bindings();
      Config named;
      if (label != "scale")
        named.label = label;
      for (int i = 0; i < 2; ++i)
        EXPECT_OK(
            session.pipeline.dispatch(bindings.data(), bindings.size(), named));
    });
  for (std::thread &thread : threads)
    thread.join();
  ASSERT_OK(runtime::Status(vyreTraceEnd(path.c_str())));
  expectError(runtime::Status(vyreTraceEnd(path.c_str())),
              VYRE_STATUS_FAILED_PRECONDITION, {"begin"});
  std::ifstream file(path);
  Json trace = Json::parse(file);
  EXPECT_EQ(trace["otherData"]["dropped_events"], 0);
  std::multiset<std::string> begun, steps, stepLabels;
  std::map<int, Json> open;
  std::map<int64_t, std::vector<std::pair<double, double>>> rows;
  for (const Json &event : trace["traceEvents"]) {
    EXPECT_EQ(event["pid"], ::getpid());
    if (event["ph"] == "M")
      continue;
    ASSERT_TRUE(event["ts"].is_number());
    ASSERT_GE(event["ts"].get<double>(), 0);
    EXPECT_TRUE(event["cat"].is_string());
    if (event["ph"] == "b") {
      begun.insert(event["name"]);
      EXPECT_TRUE(open.emplace(event["id"], event).second);
      EXPECT_EQ(event["args"]["launches"], 1);
      EXPECT_EQ(event["args"]["input_bytes"], 400);
      EXPECT_EQ(event["args"]["failed"], false);
    } else if (event["ph"] == "e") {
      const Json &begin = open.at(event["id"]);
      EXPECT_EQ(event["name"], begin["name"]);
      EXPECT_EQ(event["cat"], begin["cat"]);
      EXPECT_GE(event["ts"].get<double>(), begin["ts"].get<double>());
      open.erase(open.find(event["id"]));
    } else {
      EXPECT_EQ(event["ph"], "X");
      ASSERT_GE(event["dur"].get<double>(), 0);
      steps.insert(event["name"]);
      stepLabels.insert(event["args"]["label"]);
      rows[event["tid"]].emplace_back(event["ts"], event["dur"]);
    }
  }
  EXPECT_TRUE(open.empty());
  std::multiset<std::string> wanted;
  for (std::string label : labels)
    for (int i = 0; i < 2; ++i)
      wanted.insert(label == labels[3] ? "fourth\xef\xbf\xbd" : label);
  EXPECT_EQ(begun, wanted);
  for (const char *step : {"prepare", "start", "wait"})
    EXPECT_EQ(steps.count(step), 8u) << step;
  for (const std::string &label : wanted)
    EXPECT_EQ(stepLabels.count(label), 6u) << label;
  // Of one thread a step is over before the next begins, or within another: who
  // prepares may have to wait for an earlier dispatch.
  const double rounding = 0.0015;
  for (auto &[thread, row] : rows) {
    std::sort(row.begin(), row.end(), [](const auto &left, const auto &right) {
      return left.first != right.first ? left.first < right.first
                                       : left.second > right.second;
    });
    std::vector<double> ends;
    for (auto [start, duration] : row) {
      while (!ends.empty() && ends.back() <= start + rounding)
        ends.pop_back();
      if (!ends.empty()) {
        EXPECT_LE(start + duration, ends.back() + rounding);
      }
      ends.push_back(start + duration);
    }
  }
  std::remove(path.c_str());
  // Off, nothing is kept; on again, it starts anew.
  ScaleCall call(100);
  auto bindings = call.bindings();
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  ASSERT_OK(runtime::Status(vyreTraceBegin()));
  expectError(runtime::Status(vyreTraceEnd("/no/such/folder/trace")),
              VYRE_STATUS_IO_ERROR, {"/no/such/folder/trace"});
  // What began in an earlier recording is no part of this one.
  ASSERT_OK(runtime::Status(vyreTraceBegin()));
  auto early = session.pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(early);
  ASSERT_OK(runtime::Status(vyreTraceEnd(path.c_str())));
  ASSERT_OK(runtime::Status(vyreTraceBegin()));
  ASSERT_OK(early->wait());
  ASSERT_OK(runtime::Status(vyreTraceEnd(path.c_str())));
  std::ifstream later(path);
  // But the wait is: that began in this one.
  const Json events = Json::parse(later)["traceEvents"];
  for (const Json &event : events)
    EXPECT_TRUE(event["ph"] == "M" || event["name"] == "wait") << event;
  std::remove(path.c_str());
  ASSERT_OK(runtime::Status(vyreTraceBegin()));
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  expectError(runtime::Status(vyreTraceEnd("/dev/full")), VYRE_STATUS_IO_ERROR,
              {"/dev/full"});
}

INSTANTIATE_TEST_SUITE_P(Backends, PipelineTest,
                         ::testing::Values("cpu", "cuda"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });

} // namespace
} // namespace vyre::testing
