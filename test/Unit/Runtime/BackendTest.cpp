//===- BackendTest.cpp - Backends that are registered -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "RuntimeTest.h"

#include "vyre/Runtime/Backend.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>

namespace vyre::testing {
namespace {

using runtime::Backend;
using runtime::NativePipeline;
using Json = nlohmann::json;

const std::string kDigest(64, 'a');

/// The sample artifact, with digests as a compiler writes them.
runtime::Artifact loadWithDigests(const std::string &digest = kDigest) {
  runtime::internal::Artifact tables = sampleTables();
  for (auto &program : tables.programs)
    program.digest = digest;
  std::vector<uint8_t> bytes = buildArtifact(tables);
  return *runtime::Artifact::loadMemory(bytes.data(), bytes.size());
}

/// What a backend of these tests saw.
struct Record {
  std::atomic<int> dispatches{0}, nativeDispatches{0}, compiles{0};
  std::atomic<int> prewarms{0}, destroyed{0}, released{0};
  std::atomic<uint64_t> hits{0}, misses{0};
  /// Of the last dispatch.
  std::vector<const void *> memory;
  std::string label;
};

/// y = s * x, for `scale`; its own arithmetic.
runtime::Status runScale(Record &record, const VyreBackendDispatch &dispatch) {
  VyreProgramInfo info = {};
  info.struct_size = sizeof(info);
  if (runtime::Status status(
          vyreArtifactProgramInfo(dispatch.artifact, dispatch.program, &info));
      status.failed())
    return status;
  if (info.name != std::string("scale"))
    return runtime::Status::error(VYRE_STATUS_UNSUPPORTED,
                                  "only scale is known. Fix: run scale.");
  record.memory.clear();
  for (size_t i = 0; i < dispatch.binding_count; ++i)
    record.memory.push_back(dispatch.bindings[i].data);
  record.label = dispatch.label;
  const auto *x = static_cast<const float *>(dispatch.bindings[0].data);
  float s;
  std::memcpy(&s, dispatch.bindings[1].data, sizeof(s));
  auto *y = static_cast<float *>(dispatch.bindings[2].data);
  for (int64_t i = 0; i < dispatch.bindings[2].extents[0]; ++i)
    y[i] = s * x[i];
  return runtime::Status();
}

class PlainBackend : public Backend {
public:
  explicit PlainBackend(Record &record) : record(record) {}
  ~PlainBackend() override { ++record.destroyed; }
  runtime::Status dispatch(const VyreBackendDispatch &dispatch) override {
    ++record.dispatches;
    return runScale(record, dispatch);
  }
  runtime::Status prewarm(const VyreBackendDispatch &) override {
    ++record.prewarms;
    return runtime::Status();
  }

protected:
  Record &record;
};

class CompilingBackend : public PlainBackend {
public:
  using PlainBackend::PlainBackend;

  class Compiled : public NativePipeline {
  public:
    explicit Compiled(Record &record) : record(record) {}
    ~Compiled() override { ++record.released; }
    const char *id() const override { return "my-own-id"; }
    runtime::Status dispatch(const VyreBackendDispatch &dispatch) override {
      ++record.nativeDispatches;
      return runScale(record, dispatch);
    }

  private:
    Record &record;
  };

  runtime::Status compile(const VyreArtifact *, uint32_t program,
                          std::unique_ptr<NativePipeline> &pipeline) override {
    ++record.compiles;
    if (!isCompiled(program))
      return runtime::Status();
    // The first time it is not in the cache.
    (seen.fetch_add(1) ? record.hits : record.misses) += 1;
    // Others have the time to do the same, if they may.
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    pipeline = std::make_unique<Compiled>(record);
    return runtime::Status();
  }
  std::optional<Counters> cacheCounters() const override {
    return Counters{record.hits, record.misses};
  }
  virtual bool isCompiled(uint32_t program) const { return program == 0; }

private:
  std::atomic<int> seen{0};
};

/// Registers a backend for one test.
class Registration {
public:
  Registration(std::string id, std::unique_ptr<Backend> backend)
      : id(std::move(id)) {
    EXPECT_OK(runtime::registerBackend(this->id, std::move(backend)));
  }
  ~Registration() {
    if (!isOver)
      EXPECT_OK(runtime::unregisterBackend(id));
  }
  void end() {
    EXPECT_OK(runtime::unregisterBackend(id));
    isOver = true;
  }

private:
  std::string id;
  bool isOver = false;
};

Json manifestOf(const runtime::Pipeline &pipeline) {
  auto text = pipeline.manifest();
  EXPECT_FALSE(text.failed()) << text.message();
  return text.failed() ? Json() : Json::parse(*text);
}

/// Each dispatch of a wrapper is one of the backend, with the caller's memory;
/// a call with the same inputs is no exception.
TEST(BackendTest, AWrapperReachesTheBackendOncePerDispatch) {
  Record record;
  Registration registration("plain", std::make_unique<PlainBackend>(record));
  auto device = runtime::Device::open("plain");
  ASSERT_OK(device);
  auto pipeline = runtime::Pipeline::create(*device, loadWithDigests(), 0);
  ASSERT_OK(pipeline);
  ScaleCall call(100);
  auto bindings = call.bindings();
  ASSERT_OK(pipeline->prewarm(bindings.data(), bindings.size()));
  EXPECT_EQ(record.prewarms, 1);
  EXPECT_EQ(record.dispatches, 0);
  for (int i = 1; i <= 3; ++i) {
    ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
    EXPECT_EQ(record.dispatches, i);
    call.expectResult();
  }
  EXPECT_EQ(record.memory[0], call.x.data());
  EXPECT_EQ(record.memory[2], call.y.data());
  EXPECT_EQ(record.label, "scale");
  // What the runtime refuses does not get there.
  bindings[2].byte_length -= 4;
  expectError(pipeline->dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"'y'"});
  EXPECT_EQ(record.dispatches, 3);

  Json expected = {{"schema", 1},
                   {"backend_id", "plain"},
                   {"pipeline_id", "plain:scale@aaaaaaaaaaaaaaaa"},
                   {"program_digest", kDigest},
                   {"dispatch_policy", "forwarded"},
                   {"cache_hit", nullptr}};
  EXPECT_EQ(manifestOf(*pipeline), expected);
}

/// A native pipeline is what is dispatched, under its own id; the backend's
/// plain dispatch is never called.
TEST(BackendTest, ANativePipelineComesBackAsItIs) {
  Record record;
  {
    Registration registration("compiling",
                              std::make_unique<CompilingBackend>(record));
    auto device = runtime::Device::open("compiling");
    ASSERT_OK(device);
    runtime::Artifact artifact = loadWithDigests();
    auto first = runtime::Pipeline::create(*device, artifact, 0);
    auto second = runtime::Pipeline::create(*device, artifact, 0);
    ASSERT_OK(first);
    ASSERT_OK(second);
    ScaleCall call(10);
    auto bindings = call.bindings();
    ASSERT_OK(first->dispatch(bindings.data(), bindings.size()));
    call.expectResult();
    EXPECT_EQ(record.nativeDispatches, 1);
    EXPECT_EQ(record.dispatches, 0);
    Json manifest = manifestOf(*first);
    EXPECT_EQ(manifest["pipeline_id"], "my-own-id");
    EXPECT_EQ(manifest["dispatch_policy"], "native");
    EXPECT_EQ(manifest["cache_hit"], false);
    EXPECT_EQ(manifestOf(*second)["cache_hit"], true);
    // A program that it does not compile is forwarded.
    auto forwarded = runtime::Pipeline::create(*device, artifact, 1);
    ASSERT_OK(forwarded);
    EXPECT_EQ(manifestOf(*forwarded)["pipeline_id"],
              "compiling:sine@aaaaaaaaaaaaaaaa");
    EXPECT_EQ(manifestOf(*forwarded)["cache_hit"], nullptr);
    // The backend's own refusal is the caller's.
    SineCall sine(4);
    auto other = sine.bindings();
    expectError(forwarded->dispatch(other.data(), other.size()),
                VYRE_STATUS_UNSUPPORTED, {"only scale"});
    EXPECT_EQ(record.released, 0);
    EXPECT_OK(first->close());
    EXPECT_EQ(record.released, 1);
    // Out of the list, but alive as long as its devices are.
    registration.end();
    expectError(runtime::Device::open("compiling").takeStatus(),
                VYRE_STATUS_NOT_FOUND, {"'compiling'", "'cpu'"});
    ASSERT_OK(second->dispatch(bindings.data(), bindings.size()));
    EXPECT_EQ(record.destroyed, 0);
  }
  EXPECT_EQ(record.released, 2);
  EXPECT_EQ(record.destroyed, 1);
}

/// In whichever form a program is run, that is one dispatch of the native
/// pipeline, or one plain one: never both, none twice, and none left out
/// because its result is known.
TEST(BackendTest, EveryFormIsOneDispatch) {
  for (bool isNative : {false, true}) {
    SCOPED_TRACE(isNative);
    Record record;
    std::unique_ptr<Backend> backend;
    if (isNative)
      backend = std::make_unique<CompilingBackend>(record);
    else
      backend = std::make_unique<PlainBackend>(record);
    Registration registration("forms", std::move(backend));
    auto device = runtime::Device::open("forms");
    ASSERT_OK(device);
    runtime::Config config;
    config.maxInFlight = 3;
    auto pipeline =
        runtime::Pipeline::create(*device, loadWithDigests(), 0, config);
    ASSERT_OK(pipeline);
    ScaleCall call(10);
    auto bindings = call.bindings();
    int expected = 0;
    auto expectOne = [&](int count = 1) {
      expected += count;
      EXPECT_EQ(record.nativeDispatches, isNative ? expected : 0);
      EXPECT_EQ(record.dispatches, isNative ? 0 : expected);
    };
    ASSERT_OK(pipeline->prewarm(bindings.data(), bindings.size()));
    expectOne(0);
    ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
    expectOne();
    VyreDispatchReport report = emptyReport();
    ASSERT_OK(
        pipeline->dispatchTimed(bindings.data(), bindings.size(), report));
    expectOne();
    std::vector<runtime::ResultBuffer> results;
    ASSERT_OK(pipeline->dispatchInto(bindings, results));
    expectOne();
    std::vector<VyreBatchItem> items(3);
    for (VyreBatchItem &item : items) {
      item.bindings = bindings.data();
      item.binding_count = bindings.size();
    }
    ASSERT_OK(pipeline->dispatchBatch(items));
    expectOne(3);
    std::vector<std::vector<runtime::ResultBuffer>> batch;
    ASSERT_OK(pipeline->dispatchBatchInto({bindings, bindings}, batch));
    expectOne(2);
    for (int i = 0; i < 2; ++i) {
      auto completion = pipeline->submit(bindings.data(), bindings.size());
      ASSERT_OK(completion);
      ASSERT_OK(completion->wait());
      ASSERT_OK(completion->wait());
      expectOne();
    }
    runtime::Config limited;
    limited.timeLimit = std::chrono::hours(1);
    ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size(), limited));
    expectOne();
    call.expectResult();
  }
}

/// Forms that take the artifact by move hand over the one there is.
TEST(BackendTest, MovingAnArtifactCopiesNothing) {
  class Looking : public Backend {
  public:
    explicit Looking(const void *&payload) : payload(payload) {}
    runtime::Status dispatch(const VyreBackendDispatch &dispatch) override {
      size_t size = 0;
      return runtime::Status(
          vyreArtifactPayload(dispatch.artifact, &payload, &size));
    }

  private:
    const void *&payload;
  };
  const void *seen = nullptr, *before = nullptr;
  Registration registration("looking", std::make_unique<Looking>(seen));
  auto device = runtime::Device::open("looking");
  ASSERT_OK(device);
  runtime::Artifact artifact = loadWithDigests();
  size_t size = 0;
  ASSERT_OK(
      runtime::Status(vyreArtifactPayload(artifact.get(), &before, &size)));
  auto shared = runtime::Pipeline::create(*device, artifact, 0);
  ASSERT_OK(shared);
  auto owning = runtime::Pipeline::create(*device, std::move(artifact), 0);
  ASSERT_OK(owning);
  EXPECT_EQ(artifact.get(), nullptr);
  ScaleCall call(4);
  auto bindings = call.bindings();
  for (runtime::Pipeline *pipeline : {&*shared, &*owning}) {
    seen = nullptr;
    ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
    EXPECT_EQ(seen, before);
  }
  EXPECT_OK(shared->close());
  ASSERT_OK(owning->dispatch(bindings.data(), bindings.size()));
}

/// What such a backend cannot do is refused where it is demanded; a program
/// that is meant to be captured runs all the same.
TEST(BackendTest, RefusesWhatItsBackendCannotDo) {
  Record record;
  Registration registration("simple", std::make_unique<PlainBackend>(record));
  auto device = runtime::Device::open("simple");
  ASSERT_OK(device);
  runtime::internal::Artifact tables = sampleTables();
  tables.programs[0].capture.policy = artifact::CapturePolicy::require;
  std::vector<uint8_t> bytes = buildArtifact(tables);
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  ASSERT_OK(artifact);
  auto pipeline = runtime::Pipeline::create(*device, *artifact, 0);
  ASSERT_OK(pipeline);
  ScaleCall call(4);
  auto bindings = call.bindings();
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
  call.expectResult();
  runtime::Config demanding;
  demanding.capture = VYRE_CAPTURE_REQUIRE;
  expectError(pipeline->dispatch(bindings.data(), bindings.size(), demanding),
              VYRE_STATUS_UNSUPPORTED, {"'simple'", "VYRE_CAPTURE_REQUIRE"});
  demanding.capture = VYRE_CAPTURE_AUTO;
  demanding.persistent = VYRE_PERSISTENT_REQUIRE;
  expectError(pipeline->dispatch(bindings.data(), bindings.size(), demanding),
              VYRE_STATUS_UNSUPPORTED, {"'simple'", "VYRE_PERSISTENT_REQUIRE"});
  VyreDispatchConfig config = {};
  config.struct_size = sizeof(config);
  config.cuda_stream = &config;
  expectError(pipeline->dispatch(bindings.data(), bindings.size(), &config),
              VYRE_STATUS_INVALID_ARGUMENT, {"'simple'", "CUDA stream"});
  EXPECT_EQ(record.dispatches, 1);
}

/// A label set in the call comes before the pipeline's, that before the name.
TEST(BackendTest, LabelsReachTheBackend) {
  Record record;
  Registration registration("labels", std::make_unique<PlainBackend>(record));
  auto device = runtime::Device::open("labels");
  ASSERT_OK(device);
  runtime::Artifact artifact = loadWithDigests();
  runtime::Config compiled, call;
  {
    std::string shortLived = "compiled with";
    compiled.label = shortLived;
  }
  auto pipeline = runtime::Pipeline::create(*device, artifact, 0, compiled);
  ASSERT_OK(pipeline);
  compiled.label = "changed afterwards";
  ScaleCall scale(4);
  auto bindings = scale.bindings();
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size(), call));
  EXPECT_EQ(record.label, "compiled with");
  call.label = "this one";
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size(), call));
  EXPECT_EQ(record.label, "this one");
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
  EXPECT_EQ(record.label, "compiled with");
  // A profile keeps a copy of its own.
  VyrePipelineConfig profile = {};
  profile.struct_size = sizeof(profile);
  char label[] = "of a profile";
  profile.label = label;
  ASSERT_OK(runtime::Status(vyreProfileDefine("labelled", &profile)));
  label[0] = 'x';
  call = {};
  call.profile = "labelled";
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size(), call));
  EXPECT_EQ(record.label, "of a profile");
}

/// The counters are those of the backend as a whole; each compilation is told
/// what was its own all the same.
TEST(BackendTest, CacheHitsAreRightWhileOthersCompile) {
  Record record;
  Registration registration("counting",
                            std::make_unique<CompilingBackend>(record));
  auto device = runtime::Device::open("counting");
  ASSERT_OK(device);
  runtime::Artifact artifact = loadWithDigests();
  constexpr int kThreads = 8, kRounds = 20;
  std::atomic<int> hits{0}, misses{0}, others{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        auto pipeline = runtime::Pipeline::create(*device, artifact, 0);
        Json hit = manifestOf(*pipeline)["cache_hit"];
        ++(hit == true ? hits : hit == false ? misses : others);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(misses, 1);
  EXPECT_EQ(hits, kThreads * kRounds - 1);
  EXPECT_EQ(others, 0);
}

/// On cpu and cuda one of all that compile at the same time loads the code.
TEST(BackendTest, OneOfManyThreadsLoadsTheCode) {
  for (const char *backend : {"cpu", "cuda"}) {
    auto device = runtime::Device::open(backend);
    ASSERT_OK(device);
    runtime::Artifact artifact = loadWithDigests();
    std::vector<runtime::Pipeline> pipelines;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        auto pipeline = runtime::Pipeline::create(*device, artifact, 0);
        ASSERT_OK(pipeline);
        std::lock_guard<std::mutex> lock(mutex);
        pipelines.push_back(std::move(*pipeline));
      });
    for (std::thread &thread : threads)
      thread.join();
    int misses = 0;
    for (const runtime::Pipeline &pipeline : pipelines)
      misses += manifestOf(pipeline)["cache_hit"] == false;
    EXPECT_EQ(misses, 1);
  }
}

/// What a compilation was is told by the backend, or follows from its counters;
/// what neither says is null, and no guess.
TEST(BackendTest, CacheHitsAreKnownOrNull) {
  struct Cache {
    uint32_t outcome = VYRE_CACHE_UNKNOWN;
    uint64_t hitsEach = 0, missesEach = 0;
    VyreCacheCounters counters = {};
    bool tells = true;
  } cache;
  VyreBackend table = {};
  table.struct_size = sizeof(table);
  table.id = "telling";
  table.user = &cache;
  table.dispatch = [](void *, const VyreBackendDispatch *) -> VyreStatus * {
    return nullptr;
  };
  table.compile = [](void *user, const VyreArtifact *, uint32_t,
                     VyreNativePipeline *pipeline) -> VyreStatus * {
    auto *cache = static_cast<Cache *>(user);
    cache->counters.hits += cache->hitsEach;
    cache->counters.misses += cache->missesEach;
    pipeline->cache_outcome = cache->outcome;
    return nullptr;
  };
  table.cache_counters = [](void *user,
                            VyreCacheCounters *counters) -> VyreStatus * {
    auto *cache = static_cast<Cache *>(user);
    if (!cache->tells)
      return vyreStatusCreate(VYRE_STATUS_UNSUPPORTED, "none. Fix: none.");
    counters->hits = cache->counters.hits;
    counters->misses = cache->counters.misses;
    return nullptr;
  };
  ASSERT_OK(runtime::Status(vyreBackendRegister(&table)));
  {
    auto device = runtime::Device::open("telling");
    ASSERT_OK(device);
    runtime::Artifact artifact = loadWithDigests();
    auto outcome = [&] {
      auto pipeline = runtime::Pipeline::create(*device, artifact, 0);
      EXPECT_FALSE(pipeline.failed());
      return manifestOf(*pipeline)["cache_hit"];
    };
    cache.hitsEach = 1;
    EXPECT_EQ(outcome(), true);
    cache.hitsEach = 0;
    cache.missesEach = 1;
    EXPECT_EQ(outcome(), false);
    // What it says itself comes first.
    cache.outcome = VYRE_CACHE_HIT;
    EXPECT_EQ(outcome(), true);
    cache.outcome = VYRE_CACHE_MISS;
    cache.missesEach = 0;
    EXPECT_EQ(outcome(), false);
    cache.outcome = VYRE_CACHE_UNKNOWN;
    EXPECT_EQ(outcome(), nullptr);
    cache.hitsEach = cache.missesEach = 1;
    EXPECT_EQ(outcome(), nullptr);
    cache.missesEach = 0;
    cache.tells = false;
    EXPECT_EQ(outcome(), nullptr);
  }
  EXPECT_OK(runtime::Status(vyreBackendUnregister("telling")));
}

/// State is the pipeline's, in memory that the backend gets as a binding.
TEST(BackendTest, StateIsHandedToTheBackend) {
  class Counting : public Backend {
    runtime::Status dispatch(const VyreBackendDispatch &dispatch) override {
      int64_t step;
      std::memcpy(&step, dispatch.bindings[0].data, sizeof(step));
      auto *total = static_cast<int64_t *>(dispatch.bindings[1].data);
      auto *out = static_cast<int64_t *>(dispatch.bindings[2].data);
      for (int64_t i = 0; i < dispatch.bindings[1].extents[0]; ++i)
        out[i] = total[i] += step;
      return runtime::Status();
    }
  };
  Registration registration("stateful", std::make_unique<Counting>());
  auto device = runtime::Device::open("stateful");
  ASSERT_OK(device);
  runtime::Artifact artifact = loadWithDigests();
  auto pipeline = runtime::Pipeline::create(*device, artifact,
                                            *artifact.findProgram("count"));
  ASSERT_OK(pipeline);
  std::vector<int64_t> extents = {4}, out(4);
  int64_t step = 5;
  std::vector<VyreBinding> bindings = {bindScalar(step), VyreBinding(),
                                       bindBuffer(out, extents)};
  for (int64_t round = 1; round <= 2; ++round) {
    ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
    for (size_t i = 0; i < 4; ++i)
      EXPECT_EQ(out[i], kCountStart[i] + round * step);
  }
  ASSERT_OK(pipeline->resetState());
  ASSERT_OK(pipeline->dispatch(bindings.data(), bindings.size()));
  EXPECT_EQ(out[0], kCountStart[0] + step);
}

TEST(BackendTest, RefusesWhatIsNoBackend) {
  Record record;
  Registration registration("taken", std::make_unique<PlainBackend>(record));
  Record other;
  expectError(
      runtime::registerBackend("taken", std::make_unique<PlainBackend>(other)),
      VYRE_STATUS_FAILED_PRECONDITION, {"'taken'"});
  EXPECT_EQ(other.destroyed, 1);
  for (const char *id : {"", "auto", "a:b", "a b"})
    expectError(
        runtime::registerBackend(id, std::make_unique<PlainBackend>(other)),
        VYRE_STATUS_INVALID_ARGUMENT, {"VyreBackend::id"});
  expectError(
      runtime::registerBackend("cuda", std::make_unique<PlainBackend>(other)),
      VYRE_STATUS_FAILED_PRECONDITION, {"'cuda'"});
  expectError(runtime::unregisterBackend("cpu"), VYRE_STATUS_NOT_FOUND, {});
  expectError(runtime::unregisterBackend("none"), VYRE_STATUS_NOT_FOUND, {});
  VyreBackend table = {};
  table.struct_size = sizeof(table);
  table.id = "half";
  expectError(runtime::Status(vyreBackendRegister(&table)),
              VYRE_STATUS_INVALID_ARGUMENT, {"dispatch"});
  table.dispatch = [](void *, const VyreBackendDispatch *) {
    return static_cast<VyreStatus *>(nullptr);
  };
  table.allocate = [](void *, uint64_t, void **) {
    return static_cast<VyreStatus *>(nullptr);
  };
  expectError(runtime::Status(vyreBackendRegister(&table)),
              VYRE_STATUS_INVALID_ARGUMENT, {"1 of the functions"});

  auto device = runtime::Device::open("taken");
  ASSERT_OK(device);
  expectError(device->allocate(8).takeStatus(), VYRE_STATUS_UNSUPPORTED,
              {"'taken'"});
  auto pipeline = runtime::Pipeline::create(*device, loadWithDigests(), 0);
  ASSERT_OK(pipeline);
  ScaleCall call(4);
  auto bindings = call.bindings();
  bindings[0].location = VYRE_MEMORY_DEVICE;
  expectError(pipeline->dispatch(bindings.data(), bindings.size()),
              VYRE_STATUS_INVALID_ARGUMENT, {"'x'", "device memory"});
  EXPECT_EQ(record.dispatches, 0);
  expectError(runtime::Device::open("taken:1").takeStatus(),
              VYRE_STATUS_NOT_FOUND, {"taken:1"});
}

/// cpu and cuda compile programs themselves; id and digest follow from the
/// artifact alone.
TEST(BackendTest, BuiltInPipelinesHaveManifests) {
  for (const char *backend : {"cpu", "cuda"}) {
    runtime::Artifact artifact = loadWithDigests(std::string(64, '7'));
    auto device = runtime::Device::open(backend);
    ASSERT_OK(device);
    auto first = runtime::Pipeline::create(*device, artifact, 0);
    auto second = runtime::Pipeline::create(*device, artifact, 1);
    ASSERT_OK(first);
    ASSERT_OK(second);
    Json expected = {
        {"schema", 1},
        {"backend_id", backend},
        {"pipeline_id", std::string(backend) + "/scale@7777777777777777"},
        {"program_digest", std::string(64, '7')},
        {"dispatch_policy", "native"},
        {"cache_hit", false}};
    EXPECT_EQ(manifestOf(*first), expected);
    EXPECT_EQ(manifestOf(*second)["cache_hit"], true);
  }
  // Without a digest there is nothing to go by.
  auto device = runtime::Device::open("cpu");
  ASSERT_OK(device);
  auto pipeline = runtime::Pipeline::create(*device, loadWithDigests(""), 0);
  ASSERT_OK(pipeline);
  expectError(pipeline->manifest().takeStatus(),
              VYRE_STATUS_FAILED_PRECONDITION, {"'scale'", "digest"});
}

TEST(BackendTest, AnAuditCountsCompilations) {
  auto read = [](uint32_t threshold) {
    VyreCacheAudit audit = {};
    audit.struct_size = sizeof(audit);
    EXPECT_OK(runtime::Status(vyreCacheAuditGet(threshold, &audit)));
    return audit;
  };
  VyreCacheAudit before = read(0);
  Record record;
  Registration registration("audited",
                            std::make_unique<CompilingBackend>(record));
  auto device = runtime::Device::open("audited");
  ASSERT_OK(device);
  runtime::Artifact artifact = loadWithDigests();
  for (uint32_t program : {0, 0, 0, 1})
    ASSERT_OK(runtime::Pipeline::create(*device, artifact, program));
  VyreCacheAudit after = read(1);
  EXPECT_EQ(after.misses - before.misses, 1u);
  EXPECT_EQ(after.hits - before.hits, 2u);
  EXPECT_EQ(after.unknowns - before.unknowns, 1u);
  ASSERT_TRUE(after.has_hit_rate);
  EXPECT_EQ(after.hit_rate_bps,
            after.hits * 10000 / (after.hits + after.misses));
  EXPECT_FALSE(after.below_alarm_threshold);
  EXPECT_TRUE(read(10001).below_alarm_threshold);
}

} // namespace
} // namespace vyre::testing
