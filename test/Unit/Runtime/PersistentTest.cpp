//===- PersistentTest.cpp - Dispatches by persistent kernels ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel that waits on the device is told by memory alone, does each dispatch
// once, and is gone whenever the driver would wait for it: the stand-in counts
// a call that would as wrong use.
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include "vyre/Target/PersistentControl.h"

#include <atomic>
#include <thread>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

class PersistentTest : public FakeCudaTest {
protected:
  void TearDown() override {
    fakecuda::holdPersistent(false);
    FakeCudaTest::TearDown();
  }
};

/// The sample artifact, as compiled with --persistent.
Artifact persistentTables() {
  Artifact tables = sampleTables();
  for (uint32_t program : {kScale, kAccumulate}) {
    Launch &launch = tables.programs[program].launches[0];
    launch.persistentKernel = launch.kernel + artifact::kPersistentSuffix;
  }
  return tables;
}

/// Unless it is to leave, it waits for as long as it may.
runtime::Config persistent(int64_t idleNs = 10000000000) {
  runtime::Config config;
  config.persistent = VYRE_PERSISTENT_REQUIRE;
  config.persistentIdle = std::chrono::nanoseconds(idleNs);
  return config;
}

/// Arguments of `accumulate`, with what all calls so far make of them.
struct AccumulateCall {
  explicit AccumulateCall(int64_t n)
      : extents{2, n}, a(static_cast<size_t>(2 * n)), b(a.size()), sum(a) {
    for (size_t i = 0; i < b.size(); ++i)
      b[i] = static_cast<int32_t>(i % 7 + 1);
  }
  std::vector<VyreBinding> bindings() {
    for (size_t i = 0; i < b.size(); ++i)
      sum[i] += b[i];
    return {bindBuffer(a, extents), bindBuffer(b, extents)};
  }
  void expectResult() const { ASSERT_EQ(a, sum); }

  std::vector<int64_t> extents;
  std::vector<int32_t> a, b, sum;
};

/// Once it is there, a dispatch makes no call to the driver at all, whatever
/// the values.
TEST_F(PersistentTest, ADispatchMakesNoCall) {
  Loaded setup(persistentTables(), kScale, persistent());
  ScaleCall call(200);
  EXPECT_TRUE(setup.run(call).is_persistent);
  fakecuda::forgetCalls();
  for (int i = 0; i < 20; ++i) {
    call.s = static_cast<float>(i);
    call.x[3] = static_cast<float>(2 * i);
    VyreDispatchReport report = setup.run(call);
    EXPECT_TRUE(report.is_persistent);
    EXPECT_EQ(report.no_persistent_reason, nullptr);
    EXPECT_EQ(report.replays, 0u);
    EXPECT_STREQ(report.no_replay_reason, "a persistent kernel runs it");
    EXPECT_EQ(report.waits, 1u);
  }
  // A host that gets no turn for long asks whether the device still lives.
  for (const std::string &name : fakecuda::calls())
    EXPECT_TRUE(name == "cuStreamQuery" || name == "cuCtxPushCurrent" ||
                name == "cuCtxPopCurrent")
        << name;
}

/// After a while without dispatches it leaves; the next one starts it again.
TEST_F(PersistentTest, LeavesWhenNothingComes) {
  Loaded setup(persistentTables(), kScale, persistent(/*idleNs=*/1000));
  ScaleCall call(200);
  setup.run(call);
  for (int i = 0; i < 3; ++i) {
    fakecuda::forgetCalls();
    // On a busy host its thread may get no turn to leave for a while.
    for (int tries = 0; tries < 500 && countOf("cuLaunchKernel") == 0;
         ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      call.s += 1.0f;
      EXPECT_TRUE(setup.run(call).is_persistent);
    }
    EXPECT_GE(countOf("cuLaunchKernel"), 1u);
  }
}

/// However it comes and goes, it does each dispatch once.
TEST_F(PersistentTest, DoesEachDispatchOnce) {
  for (int64_t idleNs : {1, 2000, 50000}) {
    Loaded setup(persistentTables(), kAccumulate, persistent(idleNs));
    for (int64_t n : {500, 1, 4000}) {
      AccumulateCall call(n);
      for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(setup.run(call).is_persistent);
    }
  }
}

/// Memory that is taken and given back, code that is loaded, other sizes: each
/// makes the kernel leave first.
TEST_F(PersistentTest, LeavesBeforeCallsThatWouldWaitForIt) {
  Loaded setup(persistentTables(), kScale, persistent());
  for (int64_t n : {200, 100, 3000}) {
    ScaleCall call(n);
    setup.run(call);
    auto memory = setup.device.allocate(1000);
    ASSERT_OK(memory);
    setup.run(call);
    ASSERT_OK(setup.device.free(*memory));
    setup.run(call);
    Loaded other(sampleTables(), kSine, runtime::Config());
    SineCall sine(1000);
    for (int i = 0; i < 3; ++i) {
      other.run(sine);
      setup.run(call);
    }
    ASSERT_OK(other.pipeline.close());
    EXPECT_TRUE(setup.run(call).is_persistent);
  }
}

/// Modes may alternate; buffers in device memory are used where they are.
TEST_F(PersistentTest, TakesTurnsWithGraphs) {
  Loaded setup(persistentTables(), kScale, persistent());
  runtime::Config off;
  off.persistent = VYRE_PERSISTENT_OFF;
  VyrePipelineConfig fields = off.fields();
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  auto memory = setup.device.allocate(4000);
  ASSERT_OK(memory);
  ScaleCall call(1000);
  ASSERT_OK(setup.device.upload(*memory, call.x.data(), 4000));
  for (int i = 0; i < 6; ++i) {
    call.s = static_cast<float>(i);
    config.overrides = i % 2 ? &fields : nullptr;
    VyreDispatchReport report = emptyReport();
    auto bindings = call.bindings();
    if (i % 3 == 0) {
      bindings[0].data = *memory;
      bindings[0].location = VYRE_MEMORY_DEVICE;
    }
    ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size(), &config,
                                      &report));
    call.expectResult();
    EXPECT_EQ(report.is_persistent, i % 2 == 0);
  }
  ASSERT_OK(setup.device.free(*memory));
}

/// The same memory may be bound to a launch, which reads an input where the
/// host wrote it or has it copied by a kernel, and to a persistent kernel,
/// which copies it by itself.
TEST_F(PersistentTest, TheSameBindingsLieElsewhere) {
  Artifact tables = persistentTables();
  Launch &launch = tables.programs[kScale].launches[0];
  for (bool isReadOnce : {true, false}) {
    launch.streams = isReadOnce ? launch.reads : std::vector<MemoryRef>();
    for (VyreCapturePolicy policy :
         {VYRE_CAPTURE_NEVER, VYRE_CAPTURE_REQUIRE}) {
      runtime::Config config;
      config.capture = policy;
      Loaded setup(tables, kScale, config);
      ScaleCall call(4096);
      auto bindings = call.bindings();
      for (int i = 0; i < 6; ++i) {
        SCOPED_TRACE(i);
        runtime::Config mode;
        mode.persistent = i % 2 ? VYRE_PERSISTENT_OFF : VYRE_PERSISTENT_REQUIRE;
        for (float &x : call.x)
          x += 1;
        ASSERT_OK(
            setup.pipeline.dispatch(bindings.data(), bindings.size(), mode));
        call.expectResult();
      }
    }
  }
}

/// An input that is bound as unchanged is not even copied to mapped memory.
TEST_F(PersistentTest, UnchangedInputsStay) {
  Artifact tables = persistentTables();
  tables.programs[kScale].capture.isResidentReplaySafe = true;
  Loaded setup(tables, kScale, persistent());
  ScaleCall call(100);
  setup.run(call);
  ScaleCall before = call;
  std::fill(call.x.begin(), call.x.end(), 0.0f);
  auto bindings = call.bindings();
  bindings[0].flags = VYRE_BINDING_UNCHANGED;
  ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
  call.x = before.x;
  call.expectResult();
}

/// A dispatch that has it wait for another time starts it with that.
TEST_F(PersistentTest, TheTimeItWaitsMayChange) {
  Loaded setup(persistentTables(), kScale, persistent());
  ScaleCall call(100);
  auto bindings = call.bindings();
  setup.run(call);
  for (int64_t idleNs : {int64_t(2000000000), int64_t(3000000000)}) {
    runtime::Config other = persistent(idleNs);
    for (uint64_t starts : {1, 0}) {
      fakecuda::forgetCalls();
      ASSERT_OK(
          setup.pipeline.dispatch(bindings.data(), bindings.size(), other));
      call.expectResult();
      EXPECT_EQ(countOf("cuLaunchKernel"), starts);
    }
  }
}

/// What it cannot be: said in the report, or refused where it is required.
TEST_F(PersistentTest, SaysWhyNot) {
  runtime::Config on;
  on.persistent = VYRE_PERSISTENT_ON;
  auto expectReason = [&](const Artifact &tables, int64_t n,
                          const char *reason) {
    Loaded falling(tables, kScale, on);
    ScaleCall call(n);
    VyreDispatchReport report = falling.run(call);
    EXPECT_FALSE(report.is_persistent);
    EXPECT_STREQ(report.no_persistent_reason, reason);
    Loaded strict(tables, kScale, persistent());
    auto bindings = call.bindings();
    expectError(strict.pipeline.dispatch(bindings.data(), bindings.size()),
                VYRE_STATUS_UNSUPPORTED, {"'scale'", reason});
  };
  expectReason(sampleTables(), 10,
               "the artifact was compiled without persistent entries");
  expectReason(persistentTables(), 32 * 256 + 1,
               "the launch is too large for one block");
  expectReason(persistentTables(), 0, "there is nothing to launch");
  Artifact coarse = persistentTables();
  coarse.programs[kScale].exprs[1].imm = 1024;
  coarse.programs[kScale].launches[0].block[0] = 1024;
  expectReason(coarse, (1 << 14) + 1, "a host buffer is larger than 64 KiB");
  for (unsigned dimension : {1, 2}) {
    Artifact flat = persistentTables();
    Program &program = flat.programs[kScale];
    program.exprs.push_back({2, 0, 0, 0, ExprOp::constant});
    program.launches[0].grid[dimension] =
        static_cast<int32_t>(program.exprs.size() - 1);
    expectReason(flat, 10, "the launch is too large for one block");
  }
  // What the program leaves out of a result is not the last dispatch's.
  Artifact escaping = persistentTables();
  CapturePlan &plan = escaping.programs[kScale].capture;
  plan.replay = {artifact::ReplaySafety::read_only,
                 artifact::ReplaySafety::value,
                 artifact::ReplaySafety::escaping_result};
  plan.isResidentReplaySafe = true;
  Loaded kept(escaping, kScale, on);
  ScaleCall same(10);
  EXPECT_TRUE(kept.run(same).is_persistent);
  std::vector<VyreBinding> unchanged = same.bindings();
  unchanged[0].flags = VYRE_BINDING_UNCHANGED;
  VyreDispatchReport keptReport = emptyReport();
  ASSERT_OK(kept.pipeline.dispatch(unchanged.data(), unchanged.size(), nullptr,
                                   &keptReport));
  EXPECT_FALSE(keptReport.is_persistent);
  EXPECT_STREQ(keptReport.no_persistent_reason,
               "results would have to be cleared");
  Loaded two(sampleTables(), kSine, on);
  SineCall sine(10);
  EXPECT_STREQ(two.run(sine).no_persistent_reason,
               "the program has not one launch");
  Loaded cpu(persistentTables(), kScale, persistent(), "cpu");
  ScaleCall call(10);
  auto bindings = call.bindings();
  expectError(cpu.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_UNSUPPORTED, {"CPU", "VYRE_PERSISTENT_ON"});
  Loaded willing(persistentTables(), kScale, on, "cpu");
  VyreDispatchReport report = willing.run(call);
  EXPECT_FALSE(report.is_persistent);
  EXPECT_STREQ(report.no_persistent_reason,
               "the CPU has no persistent kernels");
}

TEST_F(PersistentTest, RefusesBadConfigs) {
  runtime::Config config = persistent(10000000001);
  VyrePipelineConfig fields = config.fields();
  Loaded setup(persistentTables(), kScale, runtime::Config());
  auto create = [&] {
    return runtime::Pipeline::create(setup.device, setup.artifact, kScale,
                                     &fields)
        .takeStatus();
  };
  expectError(create(), VYRE_STATUS_INVALID_ARGUMENT, {"persistent_idle_ns"});
  fields.persistent_idle_ns = 0;
  fields.persistent = 4;
  expectError(create(), VYRE_STATUS_INVALID_ARGUMENT, {"persistent"});
}

/// An entry that the launch has no room for makes an artifact bad.
TEST_F(PersistentTest, RefusesBadEntries) {
  auto expectBad = [](void (*change)(Launch &)) {
    Artifact tables = persistentTables();
    change(tables.programs[kScale].launches[0]);
    expectError(Loaded::load(tables).takeStatus(), VYRE_STATUS_BAD_ARTIFACT,
                {"persistent entry"});
  };
  expectBad([](Launch &launch) { launch.block[1] = 2; });
  expectBad([](Launch &launch) { launch.dynamicSharedBytes = 3; });
  expectBad([](Launch &launch) {
    launch.cluster[0] = launch.cluster[1] = launch.cluster[2] = 1;
  });
  expectBad([](Launch &launch) {
    launch.parameters.resize(artifact::kMaxPersistentValues - 1,
                             launch.parameters[0]);
  });
  Artifact tables = persistentTables();
  tables.programs[kScale].launches[0].persistentKernel = "nothing";
  auto loaded = Loaded::load(tables);
  ASSERT_OK(loaded);
  auto device = runtime::Device::open("cuda");
  ASSERT_OK(device);
  expectError(runtime::Pipeline::create(*device, *loaded, kScale).takeStatus(),
              VYRE_STATUS_BAD_ARTIFACT, {"no kernel 'nothing'"});
}

/// A kernel that does not answer: a time limit ends the wait, not the work.
TEST_F(PersistentTest, KeepsTimeLimits) {
  Loaded setup(persistentTables(), kScale, persistent());
  ScaleCall call(100);
  setup.run(call);
  fakecuda::holdPersistent(true);
  auto bindings = call.bindings();
  auto completion = setup.pipeline.submit(bindings.data(), bindings.size());
  ASSERT_OK(completion);
  for (uint64_t limit : {0, 1, 1000000})
    expectError(completion->wait(limit), VYRE_STATUS_DEADLINE_EXCEEDED,
                {"wait again"});
  fakecuda::holdPersistent(false);
  ASSERT_OK(completion->wait());
  call.expectResult();
}

/// Nobody answers and the driver has lost the device: a status, no hang.
TEST_F(PersistentTest, TheWatchSeesALostDevice) {
  {
    Loaded setup(persistentTables(), kScale, persistent());
    ScaleCall call(100);
    setup.run(call);
    fakecuda::holdPersistent(true);
    // Push, query.
    fakecuda::failCall(1, 719, /*isSticky=*/true);
    auto bindings = call.bindings();
    expectError(setup.pipeline.dispatch(bindings.data(), bindings.size()),
                VYRE_STATUS_DEVICE_LOST, {"cuStreamQuery"});
    expectError(setup.pipeline.dispatch(bindings.data(), bindings.size()),
                VYRE_STATUS_DEVICE_LOST, {"is lost"});
    fakecuda::holdPersistent(false);
  }
  fakecuda::resetDevice();
}

/// A failure of the watch that the device survives is told, and the next
/// dispatch works.
TEST_F(PersistentTest, TheWatchMayFail) {
  Loaded setup(persistentTables(), kScale, persistent());
  ScaleCall call(100);
  setup.run(call);
  fakecuda::holdPersistent(true);
  fakecuda::failCall(1, 999);
  std::thread late([] {
    while (!fakecuda::hasFailed())
      std::this_thread::yield();
    fakecuda::holdPersistent(false);
  });
  auto bindings = call.bindings();
  runtime::Status status =
      setup.pipeline.dispatch(bindings.data(), bindings.size());
  late.join();
  expectError(status, VYRE_STATUS_DEVICE_ERROR, {"cuStreamQuery"});
  EXPECT_TRUE(setup.run(call).is_persistent);
}

/// One that went without a word, while the driver tells nothing any more, is
/// not waited for for ever.
TEST_F(PersistentTest, NobodyTellsOfItsEnd) {
  {
    Loaded setup(persistentTables(), kScale, persistent(/*idleNs=*/1000000));
    ScaleCall call(100);
    setup.run(call);
    fakecuda::holdPersistent(true);
    // Push; the allocation has it leave, and push again.
    fakecuda::failCall(1, 201, /*isSticky=*/true);
    expectError(setup.device.allocate(100).takeStatus(),
                VYRE_STATUS_DEVICE_ERROR, {"cuMemAlloc", "(201)"});
    fakecuda::holdPersistent(false);
  }
  fakecuda::resetDevice();
}

/// What a life with a persistent kernel does; the first failure.
runtime::Status wholeLife() {
  auto artifact = Loaded::load(persistentTables());
  auto device = runtime::Device::open("cuda");
  if (device.failed())
    return device.takeStatus();
  runtime::Status first;
  auto note = [&](runtime::Status status) {
    if (status.failed() && !first.failed())
      first = std::move(status);
  };
  VyrePipelineConfig fields = persistent().fields();
  auto pipeline =
      runtime::Pipeline::create(*device, *artifact, kScale, &fields);
  if (pipeline.failed()) {
    note(pipeline.takeStatus());
  } else {
    for (int64_t n : {100, 100, 1000}) {
      ScaleCall call(n);
      auto bindings = call.bindings();
      runtime::Status status =
          pipeline->dispatch(bindings.data(), bindings.size());
      if (!status.failed())
        call.expectResult();
      note(std::move(status));
      auto memory = device->allocate(100);
      if (memory.failed())
        note(memory.takeStatus());
      else
        note(device->free(*memory));
    }
    note(pipeline->close());
  }
  note(device->close());
  return first;
}

/// Every call, failing once, in every position: somebody is told, nothing is
/// lost, and no call has to wait for the kernel.
TEST_F(PersistentTest, EveryCallMayFail) {
  ASSERT_OK(wholeLife());
  fakecuda::reset();
  ASSERT_OK(wholeLife());
  size_t count = fakecuda::calls().size();
  ASSERT_GT(count, 30u);
  for (size_t i = 0; i < count; ++i) {
    SCOPED_TRACE(i);
    fakecuda::reset();
    fakecuda::failCall(i, 999);
    runtime::Status status = wholeLife();
    if (status.failed()) {
      EXPECT_EQ(status.code(), VYRE_STATUS_DEVICE_ERROR) << status.message();
    }
    EXPECT_EQ(fakecuda::liveObjects(), 0u);
    EXPECT_EQ(fakecuda::misuses(), 0u);
    fakecuda::reset();
    EXPECT_OK(wholeLife());
  }
  for (size_t i = 0; i < count; ++i) {
    SCOPED_TRACE(i);
    fakecuda::reset();
    fakecuda::failCall(i, 719, /*isSticky=*/true);
    runtime::Status status = wholeLife();
    // How often the device is asked depends on the host's speed.
    if (fakecuda::hasFailed()) {
      EXPECT_EQ(status.code(), VYRE_STATUS_DEVICE_LOST) << status.message();
    }
    fakecuda::resetDevice();
  }
}

/// Several kernels, callers that come together, and one who takes and gives
/// back memory all the time.
TEST_F(PersistentTest, ManyThreadsAtOnce) {
  runtime::Config config = persistent(/*idleNs=*/20000);
  config.maxInFlight = 3;
  Loaded setup(persistentTables(), kAccumulate, config);
  std::atomic<int> busy{4};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      AccumulateCall call(100 * (t + 1));
      for (int i = 0; i < 50; ++i) {
        auto bindings = call.bindings();
        ASSERT_OK(setup.pipeline.dispatch(bindings.data(), bindings.size()));
        call.expectResult();
      }
      --busy;
    });
  while (busy) {
    auto memory = setup.device.allocate(100);
    ASSERT_OK(memory);
    ASSERT_OK(setup.device.free(*memory));
  }
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace
} // namespace vyre::testing
