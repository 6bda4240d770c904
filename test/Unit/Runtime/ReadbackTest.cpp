//===- ReadbackTest.cpp - Meaningful bytes of results -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What comes back of results with counts, on the CPU and over the stand-in
// driver.
//
//===----------------------------------------------------------------------===//

#include "FakeCudaTest.h"

#include <algorithm>

namespace vyre::testing {
namespace {

class ReadbackTest : public FakeCudaTest,
                     public ::testing::WithParamInterface<const char *> {
protected:
  bool isGpu() const { return GetParam() == std::string("cuda"); }
  void expectMeaningfulBytes(const char *program);
};

using ReadbackCudaTest = FakeCudaTest;

/// One dispatch of `hits`, with everything that it reports.
struct Outcome {
  Outcome(runtime::Pipeline &pipeline, HitsCall &call) {
    report.struct_size = sizeof(report);
    config.struct_size = sizeof(config);
    config.results = results.data();
    config.result_count = results.size();
    auto bindings = call.bindings();
    status =
        pipeline.dispatch(bindings.data(), bindings.size(), &config, &report);
  }

  VyreDispatchConfig config = {};
  VyreDispatchReport report = {};
  std::vector<VyreResultInfo> results = std::vector<VyreResultInfo>(4);
  runtime::Status status;
};

TEST_P(ReadbackTest, ExactlyTheMeaningfulBytesComeBack) {
  expectMeaningfulBytes("hits");
}

/// A kernel whose pointers are in memory gets those of each dispatch.
TEST_P(ReadbackTest, ExactlyTheMeaningfulBytesComeBackThroughAPointerTable) {
  expectMeaningfulBytes("hits_table");
}

/// With buffers that move, also within a graph, and of which some stay.
TEST_P(ReadbackTest, PointerTablesFollowTheBuffers) {
  Session session(GetParam(), "hits_table");
  std::vector<HitsCall> calls;
  for (int i = 0; i < 3; ++i)
    calls.emplace_back(i, 16 - i);
  for (int round = 0; round < 9; ++round) {
    HitsCall &call = calls[round * round % 3];
    call.wanted = {round, 2048 - round};
    std::fill(call.many.begin(), call.many.end(), -1);
    auto bindings = call.bindings();
    if (round % 2) {
      bindings[2].data = nullptr;
      bindings[2].byte_length = 0;
      bindings[2].location = VYRE_MEMORY_READBACK;
    }
    ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
    EXPECT_EQ(call.n[0], round);
    EXPECT_EQ(call.m[0], 2048 - round);
    EXPECT_TRUE(std::equal(call.values.begin(), call.values.end() - round,
                           call.many.begin()));
  }
}

void ReadbackTest::expectMeaningfulBytes(const char *program) {
  Session session(GetParam(), program);
  for (auto [n, m] : std::vector<std::pair<int64_t, int64_t>>{
           {0, 0}, {1, 1}, {16, 16}, {3, 17}, {5, 2047}, {16, 2048}, {0, 9}}) {
    SCOPED_TRACE(std::to_string(n) + " and " + std::to_string(m));
    HitsCall call(n, m);
    Outcome done(session.pipeline, call);
    ASSERT_OK(done.status);
    EXPECT_EQ(call.n[0], n);
    EXPECT_EQ(call.m[0], m);
    for (int64_t i = 0; i < n; ++i)
      ASSERT_EQ(call.few[i], call.values[i]);
    for (int64_t i = 0; i < m; ++i)
      ASSERT_EQ(call.many[i], call.values[i]);
    // The CPU computes in place; a GPU leaves the rest alone.
    for (int64_t i = n; isGpu() && i < 16; ++i)
      ASSERT_EQ(call.few[i], -1);
    for (int64_t i = m; isGpu() && i < 2048; ++i)
      ASSERT_EQ(call.many[i], -1);

    const VyreResultInfo &few = done.results[0], &many = done.results[2];
    EXPECT_EQ(few.status, VYRE_RESULT_OK);
    EXPECT_EQ(few.rows, n);
    EXPECT_EQ(few.meaningful_bytes, uint64_t(4 * n));
    EXPECT_EQ(few.capacity_bytes, 64u);
    EXPECT_EQ(few.route, n ? VYRE_RESULT_RECORD : VYRE_RESULT_EMPTY);
    EXPECT_EQ(many.rows, m);
    EXPECT_EQ(many.meaningful_bytes, uint64_t(4 * m));
    EXPECT_EQ(many.route, m == 0    ? VYRE_RESULT_EMPTY
                          : m <= 16 ? VYRE_RESULT_RECORD
                                    : VYRE_RESULT_DIRECT);
    EXPECT_EQ(done.results[1].route, VYRE_RESULT_RECORD);

    uint64_t full = 64 + 8 + 8192 + 8, selected = uint64_t(4 * (n + m) + 16);
    EXPECT_EQ(done.report.full_result_bytes, full);
    EXPECT_EQ(done.report.selected_result_bytes, selected);
    EXPECT_EQ(done.report.bytes_down, selected);
    EXPECT_EQ(done.report.avoided_result_bytes, full - selected);
    EXPECT_EQ(done.report.avoided_result_basis_points,
              (full - selected) * 10000 / full);
    // Records of 64, 8, 64 and 8 bytes at multiples of 16.
    EXPECT_EQ(done.report.slab_bytes, 64u + 16 + 64 + 8);
    EXPECT_EQ(done.report.waits, 1u);
    EXPECT_EQ(done.report.result_copies, 0u);
  }
}

TEST_P(ReadbackTest, WrongCountsSpoilTheirResultAlone) {
  Session session(GetParam(), "hits");
  for (int64_t wrong : {int64_t(-1), int64_t(17), int64_t(1) << 31, INT64_MIN,
                        INT64_MAX, int64_t(1) << 62}) {
    SCOPED_TRACE(wrong);
    HitsCall call(wrong, 20);
    Outcome done(session.pipeline, call);
    expectError(done.status, VYRE_STATUS_INVALID_RESULT,
                {"result 0", "'few'", std::to_string(wrong).c_str(),
                 "expected 0 to its 16 rows", "every other result is right"});
    EXPECT_EQ(done.results[0].status, wrong < 0 ? VYRE_RESULT_NEGATIVE_COUNT
                                                : VYRE_RESULT_EXCEEDS_CAPACITY);
    EXPECT_EQ(done.results[0].count, wrong);
    EXPECT_EQ(done.results[0].rows, 0);
    EXPECT_EQ(done.results[0].meaningful_bytes, 0u);
    EXPECT_EQ(done.results[2].status, VYRE_RESULT_OK);
    EXPECT_EQ(done.report.selected_result_bytes, 96u);
    for (int64_t i = 0; i < 20; ++i)
      ASSERT_EQ(call.many[i], call.values[i]);
    EXPECT_EQ(call.n[0], wrong);
  }
  // And in the other position, where the capacity is larger than a record.
  for (int64_t wrong : {int64_t(-1), int64_t(2049), INT64_MIN}) {
    HitsCall call(16, wrong);
    Outcome done(session.pipeline, call);
    expectError(done.status, VYRE_STATUS_INVALID_RESULT,
                {"result 2", "'many'"});
    EXPECT_EQ(
        std::vector<int32_t>(call.values.begin(), call.values.begin() + 16),
        call.few);
  }
  HitsCall again(1, 1);
  EXPECT_OK(Outcome(session.pipeline, again).status);
}

TEST_P(ReadbackTest, TellsWithoutBeingAsked) {
  Session session(GetParam(), "hits");
  HitsCall call(99, 0);
  auto bindings = call.bindings();
  expectError(session.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_RESULT, {"result 0"});
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.result_count = 1;
  expectError(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_INVALID_ARGUMENT, {"results is NULL"});
}

TEST_P(ReadbackTest, RefusesBuffersThatAreTooSmall) {
  Session session(GetParam(), "hits");
  HitsCall call(1, 1);
  auto bindings = call.bindings();
  bindings[4].byte_length = 8188;
  expectError(session.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"'many'", "8192 bytes", "8188"});
  EXPECT_EQ(call.n[0], -1);
}

TEST_P(ReadbackTest, CallersBuffersAreKept) {
  Session session(GetParam(), "hits");
  std::vector<runtime::ResultBuffer> results(1);
  VyreSlotReport reuse = {};
  reuse.struct_size = sizeof(reuse);
  HitsCall call(4, 100);
  auto run = [&] {
    return session.pipeline.dispatchInto(call.bindings(), results, nullptr,
                                         nullptr, &reuse);
  };
  ASSERT_OK(run());
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(reuse.moved_slots, 0u);
  EXPECT_EQ(reuse.appended_slots, 4u);
  EXPECT_EQ(reuse.appended_bytes, 16u + 8 + 400 + 8);
  EXPECT_EQ(reuse.reused_slots, 0u);
  EXPECT_EQ(results[2].extents(), std::vector<int64_t>{100});
  EXPECT_EQ(results[2].elementCount(), 100u);
  EXPECT_EQ(results[2].elements<double>(), nullptr);
  ASSERT_NE(results[2].elements<int32_t>(), nullptr);
  EXPECT_TRUE(std::equal(call.values.begin(), call.values.begin() + 100,
                         results[2].elements<int32_t>()));

  const void *memory = results[2].data();
  call.wanted = {16, 2048};
  ASSERT_OK(run());
  EXPECT_EQ(reuse.reused_slots, 4u);
  EXPECT_EQ(reuse.reused_bytes, 64u + 8 + 8192 + 8);
  EXPECT_EQ(reuse.moved_slots + reuse.appended_slots, 0u);
  EXPECT_EQ(results[2].data(), memory);
  EXPECT_TRUE(std::equal(call.values.begin(), call.values.end(),
                         results[2].elements<int32_t>()));

  call.wanted = {-3, 1};
  expectError(run(), VYRE_STATUS_INVALID_RESULT, {"result 0", "-3"});
  EXPECT_EQ(results[0].byteSize(), 0u);
  EXPECT_EQ(results[0].info().status, VYRE_RESULT_NEGATIVE_COUNT);
  EXPECT_EQ(results[2].elements<int32_t>()[0], call.values[0]);
}

/// In a steady state the pack kernel is one launch behind the graph's, and
/// nothing else is; results beyond their records take one wait more together.
TEST_P(ReadbackTest, ThePipelineProvidesMemory) {
  Session session(GetParam(), "hits");
  for (auto [n, m] : std::vector<std::pair<int64_t, int64_t>>{
           {3, 2}, {16, 2048}, {0, 17}, {3, 2}, {3, 2}, {-1, 5}}) {
    SCOPED_TRACE(std::to_string(n) + " and " + std::to_string(m));
    HitsCall call(n, m);
    auto bindings = call.bindings();
    // Not for the third, so that both kinds meet.
    for (size_t i : {2, 4, 5}) {
      bindings[i].data = nullptr;
      bindings[i].byte_length = 0;
      bindings[i].location = VYRE_MEMORY_READBACK;
    }
    std::vector<VyreResultInfo> results(4);
    VyreDispatchConfig config = {};
    config.struct_size = sizeof(config);
    config.results = results.data();
    config.result_count = 4;
    VyreDispatchReport report = {};
    report.struct_size = sizeof(report);
    runtime::Status status = session.pipeline.dispatch(
        bindings.data(), bindings.size(), &config, &report);
    EXPECT_EQ(status.code(),
              n < 0 ? VYRE_STATUS_INVALID_RESULT : VYRE_STATUS_OK);
    EXPECT_EQ(call.n[0], n);
    EXPECT_EQ(results[1].data, call.n.data());
    EXPECT_EQ(*static_cast<const int64_t *>(results[3].data), m);
    int64_t rows = std::max<int64_t>(n, 0);
    EXPECT_EQ(results[0].meaningful_bytes, uint64_t(4 * rows));
    EXPECT_EQ(results[0].data == nullptr, rows == 0);
    EXPECT_EQ(
        std::vector<int32_t>(call.values.begin(), call.values.begin() + rows),
        std::vector<int32_t>(static_cast<const int32_t *>(results[0].data),
                             static_cast<const int32_t *>(results[0].data) +
                                 rows));
    EXPECT_TRUE(std::equal(call.values.begin(), call.values.begin() + m,
                           static_cast<const int32_t *>(results[2].data)));
    EXPECT_EQ(report.selected_result_bytes, uint64_t(4 * (rows + m) + 16));
    EXPECT_EQ(call.few[0], -1);
    EXPECT_EQ(call.many[0], -1);
  }
}

TEST_P(ReadbackTest, TheProgramsMemoryIsForResultsAlone) {
  Session session(GetParam(), "hits");
  HitsCall call(1, 1);
  auto bindings = call.bindings();
  bindings[0].location = VYRE_MEMORY_READBACK;
  expectError(session.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"memory of the pipeline"});
  bindings = call.bindings();
  bindings[2].location = VYRE_MEMORY_READBACK;
  expectError(session.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"'few'", "found a buffer"});
  bindings[2].location = 3;
  expectError(session.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"unknown memory location 3"});
}

/// What bindings point to may change while they stay the same byte by byte.
TEST_P(ReadbackTest, LooksBehindRepeatedBindings) {
  Session session(GetParam(), "hits");
  HitsCall call(2, 3);
  auto bindings = call.bindings();
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  int64_t extent = bindings[0].extents[0];
  bindings[0].extents = &extent;
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  call.wanted = {5, 6};
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
  EXPECT_EQ(call.n[0], 5);
  EXPECT_EQ(call.m[0], 6);
  ++extent;
  expectError(session.pipeline.dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"shape"});
  --extent;
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size()));
}

/// What a dispatch says of its results is never that of the one before, for
/// counts that stay, change, are wrong and are right again.
TEST_P(ReadbackTest, RepeatedDispatchesTellTheirOwnCounts) {
  Session session(GetParam(), "hits");
  HitsCall call(0, 0);
  std::vector<VyreResultInfo> results(4);
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.results = results.data();
  VyreDispatchReport report = {};
  report.struct_size = sizeof(report);
  for (bool isReadback : {false, true})
    for (auto [n, m] : std::vector<std::pair<int64_t, int64_t>>{{5, 9},
                                                                {5, 9},
                                                                {-1, 9},
                                                                {-1, 2000},
                                                                {5, 2000},
                                                                {0, 0},
                                                                {0, 0},
                                                                {17, 2049},
                                                                {16, 2048}}) {
      SCOPED_TRACE(std::to_string(n) + " and " + std::to_string(m));
      call.wanted = {n, m};
      auto bindings = call.bindings();
      for (size_t i : {2, 4})
        if (isReadback) {
          bindings[i].data = nullptr;
          bindings[i].byte_length = 0;
          bindings[i].location = VYRE_MEMORY_READBACK;
        }
      // Asked about all, then about some.
      for (size_t asked : {4, 1}) {
        config.result_count = asked;
        std::fill(results.begin(), results.end(), VyreResultInfo());
        runtime::Status status = session.pipeline.dispatch(
            bindings.data(), bindings.size(), &config, &report);
        bool isRight = n >= 0 && n <= 16, areRight = m >= 0 && m <= 2048;
        EXPECT_EQ(status.code(), isRight && areRight
                                     ? VYRE_STATUS_OK
                                     : VYRE_STATUS_INVALID_RESULT);
        uint64_t bytes[] = {isRight ? uint64_t(4 * n) : 0,
                            areRight ? uint64_t(4 * m) : 0};
        EXPECT_EQ(report.selected_result_bytes, bytes[0] + bytes[1] + 16);
        auto expectResult = [&](const VyreResultInfo &info, int64_t count,
                                bool hasRightCount, const int32_t *buffer) {
          EXPECT_EQ(info.status, hasRightCount ? VYRE_RESULT_OK
                                 : count < 0   ? VYRE_RESULT_NEGATIVE_COUNT
                                               : VYRE_RESULT_EXCEEDS_CAPACITY);
          EXPECT_EQ(info.count, count);
          EXPECT_EQ(info.rows, hasRightCount ? count : 0);
          EXPECT_EQ(info.meaningful_bytes, uint64_t(4 * info.rows));
          ASSERT_EQ(info.data == nullptr, info.rows == 0);
          EXPECT_TRUE(isReadback || !info.data || info.data == buffer);
          EXPECT_TRUE(std::equal(call.values.begin(),
                                 call.values.begin() + info.rows,
                                 static_cast<const int32_t *>(info.data)));
        };
        expectResult(results[0], n, isRight, call.few.data());
        if (asked == 4)
          expectResult(results[2], m, areRight, call.many.data());
        else
          EXPECT_EQ(results[2].capacity_bytes, 0u);
      }
    }
}

/// Records that are too many to be mapped are packed on the device and copied;
/// the CPU computes in place.
TEST_F(ReadbackCudaTest, CopiesSlabsAboveTheLimit) {
  VyreDeviceConfig config = {};
  config.struct_size = sizeof(config);
  config.mapped_slab_limit = 1;
  auto device = runtime::Device::open("cuda:0", &config);
  ASSERT_OK(device);
  auto artifact = Session::load();
  uint32_t program = *artifact->findProgram("hits");
  auto pipeline = runtime::Pipeline::create(*device, *artifact, program);
  ASSERT_OK(pipeline);
  int i = 0;
  for (int64_t m : {7, 7, 2048, 16, 17}) {
    HitsCall call(3 + i, m);
    Outcome done(*pipeline, call);
    ASSERT_OK(done.status);
    EXPECT_EQ(done.report.mapped_slab_limit, 1u);
    // What is larger than its record is copied when its size is known.
    EXPECT_EQ(done.report.result_copies, m > 16 ? 2u : 1u);
    EXPECT_EQ(done.report.waits, m > 16 ? 2u : 1u);
    EXPECT_EQ(call.n[0], 3 + i);
    EXPECT_TRUE(std::equal(call.values.begin(), call.values.begin() + 3 + i,
                           call.few.begin()));
    EXPECT_EQ(call.few[3 + i], -1);
    EXPECT_TRUE(std::equal(call.values.begin(), call.values.begin() + m,
                           call.many.begin()));
    ++i;
  }
}

/// Copies that are made when sizes are known are waited for as well, whoever's
/// stream they are on.
TEST_F(ReadbackCudaTest, WaitsForLateCopiesOnTheCallersStream) {
  VyreDeviceConfig deviceConfig = {};
  deviceConfig.struct_size = sizeof(deviceConfig);
  deviceConfig.mapped_slab_limit = 1;
  auto device = runtime::Device::open("cuda:0", &deviceConfig);
  ASSERT_OK(device);
  auto artifact = Session::load();
  auto pipeline = runtime::Pipeline::create(*device, *artifact,
                                            *artifact->findProgram("hits"));
  ASSERT_OK(pipeline);
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = fakecuda::createStream();
  for (int i = 0; i < 3; ++i) {
    HitsCall call(3, 2000 + i);
    auto bindings = call.bindings();
    VyreDispatchReport report = emptyReport();
    ASSERT_OK(
        pipeline->dispatch(bindings.data(), bindings.size(), &config, &report));
    EXPECT_EQ(report.waits, 2u);
    EXPECT_TRUE(std::equal(call.values.begin(), call.values.begin() + 2000 + i,
                           call.many.begin()));
  }
  ASSERT_OK(pipeline->close());
  fakecuda::destroyStream(config.cuda_stream);
}

/// What a kernel reads its pointers from, a later dispatch changes.
TEST_F(ReadbackCudaTest, PointerTablesAreNoPartOfTheCallersCapture) {
  Session session("cuda", "hits_table");
  HitsCall call(3, 100);
  auto bindings = call.bindings();
  for (VyreBinding &binding : bindings) {
    auto memory = session.device.allocate(binding.byte_length);
    ASSERT_OK(memory);
    binding.data = *memory;
    binding.location = VYRE_MEMORY_DEVICE;
  }
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = fakecuda::createStream();
  fakecuda::beginCapture(config.cuda_stream);
  expectError(
      session.pipeline.dispatch(bindings.data(), bindings.size(), &config),
      VYRE_STATUS_UNSUPPORTED, {"'hits_table'", "addresses from memory"});
  EXPECT_EQ(fakecuda::endCapture(config.cuda_stream), 0u);
  for (const VyreBinding &binding : bindings)
    ASSERT_OK(session.device.free(binding.data));
  fakecuda::destroyStream(config.cuda_stream);
}

TEST_F(ReadbackCudaTest, RepeatedDispatchesMakeNoOtherCalls) {
  Session session("cuda", "hits");
  HitsCall first(3, 100), small(4, 5), large(1, 1000);
  // The second one builds the graph.
  for (int i = 0; i < 2; ++i)
    ASSERT_OK(Outcome(session.pipeline, first).status);
  std::vector<std::string> expected = {
      "cuCtxPushCurrent", "cuGraphLaunch",       "cuCtxPopCurrent",
      "cuCtxPushCurrent", "cuStreamSynchronize", "cuCtxPopCurrent"};
  fakecuda::forgetCalls();
  ASSERT_OK(Outcome(session.pipeline, small).status);
  EXPECT_EQ(fakecuda::calls(), expected);
  fakecuda::forgetCalls();
  ASSERT_OK(Outcome(session.pipeline, large).status);
  EXPECT_EQ(fakecuda::calls(), expected);
}

/// Results in device memory stay there; their counts come back.
TEST_P(ReadbackTest, DeviceMemoryStaysOnTheDevice) {
  Session session(GetParam(), "hits");
  auto memory = session.device.allocate(8192);
  ASSERT_OK(memory);
  HitsCall call(2, 1000);
  auto bindings = call.bindings();
  bindings[4].data = *memory;
  bindings[4].location = VYRE_MEMORY_DEVICE;
  std::vector<VyreResultInfo> results(4);
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.results = results.data();
  config.result_count = 4;
  VyreDispatchReport report = {};
  report.struct_size = sizeof(report);
  ASSERT_OK(session.pipeline.dispatch(bindings.data(), bindings.size(), &config,
                                      &report));
  EXPECT_EQ(results[2].rows, 1000);
  EXPECT_EQ(results[2].route, VYRE_RESULT_IN_PLACE);
  EXPECT_EQ(report.full_result_bytes, 80u);
  EXPECT_EQ(report.waits, 1u);
  std::vector<int32_t> many(2048);
  ASSERT_OK(session.device.download(many.data(), *memory, 8192));
  EXPECT_EQ(many, call.values);
  EXPECT_OK(session.device.free(*memory));
}

/// A completion has the same to say, also after a wait that ran out of time
/// between the counts and the direct results.
TEST_P(ReadbackTest, WaitsInParts) {
  VyreDeviceConfig onDevice = {};
  onDevice.struct_size = sizeof(onDevice);
  onDevice.mapped_slab_limit = 1;
  auto device = runtime::Device::open(isGpu() ? "cuda:0" : "cpu", &onDevice);
  ASSERT_OK(device);
  auto artifact = Session::load();
  auto pipeline = runtime::Pipeline::create(*device, *artifact,
                                            *artifact->findProgram("hits"));
  ASSERT_OK(pipeline);
  HitsCall call(2, 700);
  auto bindings = call.bindings();
  std::vector<VyreResultInfo> results(4);
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.results = results.data();
  config.result_count = 4;
  fakecuda::setPendingQueries(3);
  auto completion = pipeline->submit(bindings.data(), bindings.size(), &config);
  ASSERT_OK(completion);
  VyreDispatchReport report = {};
  report.struct_size = sizeof(report);
  runtime::Status status = completion->wait(0, &report);
  while (status.code() == VYRE_STATUS_DEADLINE_EXCEEDED)
    status = completion->wait(0, &report);
  ASSERT_OK(status);
  EXPECT_EQ(results[2].rows, 700);
  EXPECT_EQ(report.selected_result_bytes, 8u + 8 + 2800 + 8);
  EXPECT_EQ(call.many[699], call.values[699]);
}

INSTANTIATE_TEST_SUITE_P(Backends, ReadbackTest,
                         ::testing::Values("cpu", "cuda"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });

} // namespace
} // namespace vyre::testing
