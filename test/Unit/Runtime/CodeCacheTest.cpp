//===- CodeCacheTest.cpp - Compiled code that is kept -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeCache.h"
#include "FakeCuda.h"
#include "RuntimeTest.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace vyre::testing {
namespace {

namespace fs = std::filesystem;
using runtime::internal::CodeCache;
using runtime::internal::CodeKey;
using runtime::internal::CompiledCode;

class CodeCacheTest : public ::testing::Test {
protected:
  void SetUp() override {
    fakecuda::reset();
    std::string name = ::testing::TempDir() + "vyre-cache-XXXXXX";
    ASSERT_NE(::mkdtemp(&name[0]), nullptr);
    folder = name;
    configure();
  }
  void TearDown() override {
    EXPECT_OK(runtime::Status(vyreCodeCacheConfigure(nullptr)));
    fs::remove_all(folder);
  }

  /// As a new process finds it.
  void configure(uint64_t maxDiskBytes = 0, uint64_t maxMemoryBytes = 0,
                 bool isMemoryOnly = false) {
    VyreCodeCacheConfig config = {};
    config.struct_size = sizeof(config);
    std::string path = folder.string();
    config.folder = path.c_str();
    config.max_disk_bytes = maxDiskBytes;
    config.max_memory_bytes = maxMemoryBytes;
    config.is_memory_only = isMemoryOnly;
    ASSERT_OK(runtime::Status(vyreCodeCacheConfigure(&config)));
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto &entry : fs::directory_iterator(folder))
      found.push_back(entry.path());
    return found;
  }

  fs::path folder;
};

VyreCodeCacheInfo info() {
  VyreCodeCacheInfo info = {};
  info.struct_size = sizeof(info);
  EXPECT_OK(runtime::Status(vyreCodeCacheGetInfo(&info)));
  return info;
}

CompiledCode find(const char *target, const std::string &source) {
  return CodeCache::process().find({target, source});
}

void insert(const char *target, const std::string &source,
            const std::vector<uint8_t> &code) {
  CodeCache::process().insert({target, source}, code);
}

const std::vector<uint8_t> kCode = {1, 2, 3, 250};

std::string sourceOf(int key) { return "source " + std::to_string(key); }

TEST_F(CodeCacheTest, KeepsCodeUnderAllItDependsOn) {
  EXPECT_EQ(find("sm_90", "ptx"), nullptr);
  insert("sm_90", "ptx", kCode);
  CompiledCode found = find("sm_90", "ptx");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, kCode);
  EXPECT_EQ(find("sm_80", "ptx"), nullptr);
  EXPECT_EQ(find("sm_90", "ptx "), nullptr);
  // The border between target and source counts too.
  EXPECT_EQ(find("sm_90p", "tx"), nullptr);
  EXPECT_EQ(info().memory_hits, 1u);
  EXPECT_EQ(info().misses, 4u);
  EXPECT_EQ(info().stored, 1u);

  configure();
  found = find("sm_90", "ptx");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, kCode);
  EXPECT_EQ(info().disk_hits, 1u);
  EXPECT_NE(find("sm_90", "ptx"), nullptr);
  EXPECT_EQ(info().memory_hits, 1u);
}

/// Whatever is wrong with a file, it is a miss, and makes room for a sound one.
TEST_F(CodeCacheTest, ADamagedEntryIsAMiss) {
  insert("sm_90", "some ptx", kCode);
  ASSERT_EQ(files().size(), 1u);
  fs::path path = files()[0];
  std::ifstream in(path, std::ios::binary);
  std::string sound((std::istreambuf_iterator<char>(in)), {});
  auto tryWith = [&](const std::string &bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    configure();
    return find("sm_90", "some ptx");
  };
  for (size_t i = 0; i < sound.size(); ++i) {
    std::string damaged = sound;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    EXPECT_EQ(tryWith(damaged), nullptr) << "byte " << i;
    EXPECT_EQ(info().damaged, 1u) << "byte " << i;
    EXPECT_FALSE(fs::exists(path));
  }
  for (size_t size = 0; size < sound.size(); size += 5)
    EXPECT_EQ(tryWith(sound.substr(0, size)), nullptr) << size << " bytes";
  EXPECT_EQ(tryWith(sound + "x"), nullptr);
  ASSERT_NE(tryWith(sound), nullptr);
  // A link to elsewhere, and a folder in its place.
  fs::rename(path, folder / "elsewhere");
  fs::create_symlink(folder / "elsewhere", path);
  configure();
  EXPECT_EQ(find("sm_90", "some ptx"), nullptr);
  fs::remove(path);
  fs::create_directory(path);
  configure();
  EXPECT_EQ(find("sm_90", "some ptx"), nullptr);
  insert("sm_90", "some ptx", kCode);
  EXPECT_EQ(info().stored, 0u);
  EXPECT_NE(find("sm_90", "some ptx"), nullptr);
}

/// A pipe in the place of an entry holds nobody up.
TEST_F(CodeCacheTest, APipeIsNoEntry) {
  insert("sm_90", "ptx", kCode);
  fs::path path = files()[0];
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  configure();
  EXPECT_EQ(find("sm_90", "ptx"), nullptr);
  EXPECT_EQ(info().damaged, 1u);
  insert("sm_90", "ptx", kCode);
  EXPECT_EQ(info().stored, 1u);
  configure();
  EXPECT_NE(find("sm_90", "ptx"), nullptr);
}

/// What cannot be written is kept in memory alone, and nothing is left behind:
/// a disk that is full (here: files that may not grow), a folder that nobody
/// can write to, and a path that is no folder.
TEST_F(CodeCacheTest, AFullDiskIsNoError) {
  const std::vector<uint8_t> large(100000, 7);
  pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {5000, 5000};
    bool isRight = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
    insert("sm_90", "large", large);
    isRight &= info().stored == 0 && files().empty();
    CompiledCode found = find("sm_90", "large");
    isRight &= found && *found == large;
    insert("sm_90", "small", kCode);
    ::_exit(isRight && info().stored == 1 ? 0 : 1);
  }
  int state = 0;
  ASSERT_EQ(::waitpid(child, &state, 0), child);
  EXPECT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 0);
  EXPECT_NE(find("sm_90", "small"), nullptr);

  fs::path own = folder;
  std::ofstream(own / "file") << "x";
  for (const fs::path &path :
       {fs::path("/proc/self/task"), own / "file", fs::path("/proc/none/x")}) {
    folder = path;
    configure();
    insert("sm_90", "ptx", kCode);
    EXPECT_EQ(info().stored, 0u) << path;
    EXPECT_NE(find("sm_90", "ptx"), nullptr) << path;
  }
  folder = own;
}

/// A process that is killed while it writes leaves no entry that is not whole.
TEST_F(CodeCacheTest, KilledWritersLeaveNothingHalfDone) {
  const std::vector<uint8_t> large(4 << 20, 42);
  auto countUnfinished = [&] {
    std::vector<fs::path> all = files();
    return std::count_if(all.begin(), all.end(), [](const fs::path &path) {
      return path.extension() != ".code";
    });
  };
  for (int round = 0; round < 20; ++round) {
    auto before = countUnfinished();
    pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      configure(/*maxDiskBytes=*/uint64_t(1) << 30, /*maxMemoryBytes=*/1);
      for (int i = 0;; ++i)
        insert("sm_90", sourceOf(i % 3), large);
    }
    // As soon as it writes, or a little later.
    for (int tries = 0; tries < 5000 && countUnfinished() == before; ++tries)
      ::usleep(200);
    ::usleep(static_cast<useconds_t>(100 * round));
    ::kill(child, SIGKILL);
    int state = 0;
    ASSERT_EQ(::waitpid(child, &state, 0), child);
    ASSERT_TRUE(WIFSIGNALED(state));
    configure();
    for (int key = 0; key < 3; ++key)
      if (CompiledCode found = find("sm_90", sourceOf(key))) {
        EXPECT_EQ(*found, large);
      }
    EXPECT_EQ(info().damaged, 0u);
  }
  // What they left unfinished goes when it is old.
  for (const fs::path &path : files())
    fs::last_write_time(path, fs::file_time_type::clock::now() -
                                  std::chrono::hours(2));
  insert("sm_90", "another", kCode);
  for (const fs::path &path : files())
    EXPECT_EQ(path.extension(), ".code") << path;
}

/// The folder and the memory stay below their limits; what was not used for the
/// longest time goes.
TEST_F(CodeCacheTest, KeepsWithinItsLimits) {
  const std::vector<uint8_t> large(1000);
  configure(/*maxDiskBytes=*/3500, /*maxMemoryBytes=*/2500);
  auto age = [&](int seconds) {
    for (const fs::path &path : files())
      fs::last_write_time(path, fs::last_write_time(path) -
                                    std::chrono::seconds(seconds));
  };
  for (const char *source : {"a", "b", "c"}) {
    insert("sm_90", source, large);
    age(10);
  }
  EXPECT_EQ(info().memory_bytes, 2 * 1006u);
  // "a" is in the folder alone; being used makes it the youngest there.
  EXPECT_NE(find("sm_90", "a"), nullptr);
  EXPECT_EQ(info().disk_hits, 1u);
  insert("sm_90", "d", large);
  EXPECT_EQ(info().evicted, 1u);
  configure(3500, 2500);
  EXPECT_EQ(find("sm_90", "b"), nullptr);
  for (const char *source : {"a", "c", "d"})
    EXPECT_NE(find("sm_90", source), nullptr) << source;
  // What would not fit is not written.
  insert("sm_90", "huge", std::vector<uint8_t>(4000));
  EXPECT_EQ(files().size(), 3u);
  // Nor is what somebody left unfinished kept for ever.
  std::ofstream(folder / "unfinished-abc") << "x";
  age(7200);
  insert("sm_90", "e", large);
  EXPECT_FALSE(fs::exists(folder / "unfinished-abc"));
}

/// In memory as well, where there is no folder to find it again.
TEST_F(CodeCacheTest, ForgetsWhatWasNotUsedForTheLongestTime) {
  const std::vector<uint8_t> large(1000);
  configure(0, /*maxMemoryBytes=*/2500, /*isMemoryOnly=*/true);
  insert("sm_90", "a", large);
  insert("sm_90", "b", large);
  EXPECT_NE(find("sm_90", "a"), nullptr);
  insert("sm_90", "c", large);
  EXPECT_EQ(find("sm_90", "b"), nullptr);
  EXPECT_NE(find("sm_90", "a"), nullptr);
  EXPECT_NE(find("sm_90", "c"), nullptr);
  EXPECT_EQ(info().memory_bytes, 2 * 1006u);
  // What is larger than all that there may be is not kept.
  insert("sm_90", "huge", std::vector<uint8_t>(4000));
  EXPECT_LE(info().memory_bytes, 2500u);
  EXPECT_EQ(find("sm_90", "huge"), nullptr);
}

/// A sound file under another one's name is not what was asked for.
TEST_F(CodeCacheTest, AnEntryIsForItsKeyAlone) {
  const std::vector<std::pair<const char *, const char *>> keys = {
      {"sm_90", "ptx"}, {"sm_80", "ptx"}, {"sm_90", "xtp"}};
  for (const auto &[target, source] : keys) {
    fs::remove_all(folder);
    configure();
    insert("sm_90", "ptx", kCode);
    fs::path wanted = files().at(0);
    bool isOther = std::string(target) + source != "sm_90ptx";
    fs::rename(wanted, folder / "kept");
    configure();
    insert(target, source, {7});
    if (isOther)
      fs::rename(files().at(files()[0] == folder / "kept"), wanted);
    configure();
    CompiledCode found = find("sm_90", "ptx");
    EXPECT_EQ(found == nullptr, isOther) << target << " " << source;
    EXPECT_EQ(info().damaged, 0u);
  }
}

TEST_F(CodeCacheTest, UsesNoFolderThatOthersWriteTo) {
  insert("sm_90", "ptx", kCode);
  fs::permissions(folder, fs::perms::group_write, fs::perm_options::add);
  configure();
  EXPECT_EQ(find("sm_90", "ptx"), nullptr);
  insert("sm_90", "ptx", kCode);
  EXPECT_EQ(info().stored, 0u);
  EXPECT_NE(find("sm_90", "ptx"), nullptr);
  // A folder of its own it makes for its user alone.
  fs::path fresh = folder / "deeper" / "code";
  folder = fresh;
  configure();
  insert("sm_90", "ptx", kCode);
  EXPECT_EQ(info().stored, 1u);
  EXPECT_EQ(fs::status(fresh).permissions(), fs::perms::owner_all);
  folder = fresh.parent_path().parent_path();
}

TEST_F(CodeCacheTest, CanBeOff) {
  VyreCodeCacheConfig config = {};
  config.struct_size = sizeof(config);
  config.is_off = true;
  ASSERT_OK(runtime::Status(vyreCodeCacheConfigure(&config)));
  insert("sm_90", "ptx", kCode);
  EXPECT_EQ(find("sm_90", "ptx"), nullptr);
  EXPECT_FALSE(CodeCache::process().isOn());
  // VYRE_CODE_CACHE is "off" in these tests.
  ASSERT_OK(runtime::Status(vyreCodeCacheConfigure(nullptr)));
  EXPECT_FALSE(CodeCache::process().isOn());
}

/// The environment's choice, while nobody configures anything.
TEST_F(CodeCacheTest, IsOffUnlessAskedFor) {
  struct Restore {
    ~Restore() { ::setenv("VYRE_CODE_CACHE", "off", 1); }
  } restore;
  auto isOn = [] {
    EXPECT_OK(runtime::Status(vyreCodeCacheConfigure(nullptr)));
    return CodeCache::process().isOn();
  };
  ::unsetenv("VYRE_CODE_CACHE");
  EXPECT_FALSE(isOn());
  ::setenv("VYRE_CODE_CACHE", folder.c_str(), 1);
  EXPECT_TRUE(isOn());
  insert("sm_90", "ptx", kCode);
  EXPECT_EQ(files().size(), 1u);

  // The folder for all programs, which is below the one for caches.
  ::setenv("XDG_CACHE_HOME", folder.c_str(), 1);
  ::setenv("VYRE_CODE_CACHE", "on", 1);
  EXPECT_TRUE(isOn());
  insert("sm_90", "ptx", kCode);
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_FALSE(fs::is_empty(folder / "vyre" / "code"));
}

std::vector<uint8_t> codeOf(int key) {
  return std::vector<uint8_t>(static_cast<size_t>(3000 + key),
                              static_cast<uint8_t>(key));
}

/// Looks for entries in some order, writes what is missing, damages some, and
/// says whether all that was found was right.
bool useCache(unsigned seed, int rounds) {
  constexpr int kKeys = 8;
  for (int round = 0; round < rounds; ++round) {
    seed = seed * 1664525 + 1013904223;
    int key = static_cast<int>(seed >> 16) % kKeys;
    CompiledCode found = find("sm_90", sourceOf(key));
    if (found && *found != codeOf(key))
      return false;
    if (!found)
      insert("sm_90", sourceOf(key), codeOf(key));
  }
  return true;
}

/// Many processes share a folder that is too small for all their entries: each
/// finds the right code or none.
TEST_F(CodeCacheTest, IsSharedByManyProcesses) {
  constexpr int kProcesses = 12;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      // So little memory that every look-up goes to the folder.
      configure(/*maxDiskBytes=*/16000, /*maxMemoryBytes=*/1);
      ::_exit(useCache(static_cast<unsigned>(i), 300) ? 0 : 1);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int state = 0;
    ASSERT_EQ(::waitpid(child, &state, 0), child);
    EXPECT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 0);
  }
  for (const fs::path &path : files())
    EXPECT_EQ(path.extension(), ".code") << path;
  configure(/*maxDiskBytes=*/16000);
  EXPECT_TRUE(useCache(1, 100));
  EXPECT_EQ(info().damaged, 0u);
}

TEST_F(CodeCacheTest, IsSharedByManyThreads) {
  configure(/*maxDiskBytes=*/16000, /*maxMemoryBytes=*/8000);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (unsigned i = 0; i < 6; ++i)
    threads.emplace_back([&, i] { right += useCache(i, 100); });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(right, 6);
}

//===----------------------------------------------------------------------===//
// The driver's compiler
//===----------------------------------------------------------------------===//

/// Loads the sample on a GPU and runs it once.
runtime::Status runOnGpu() {
  auto artifact = Session::load();
  auto device = runtime::Device::open("cuda");
  if (device.failed())
    return device.takeStatus();
  auto pipeline = runtime::Pipeline::create(*device, *artifact, 0);
  runtime::Status status;
  if (pipeline.failed()) {
    status = pipeline.takeStatus();
  } else {
    ScaleCall call(10);
    auto bindings = call.bindings();
    status = pipeline->dispatch(bindings.data(), bindings.size());
    if (!status.failed())
      call.expectResult();
    runtime::Status closed = pipeline->close();
    if (!status.failed())
      status = std::move(closed);
  }
  runtime::Status closed = device->close();
  return status.failed() ? std::move(status) : std::move(closed);
}

ptrdiff_t compilations() {
  std::vector<std::string> calls = fakecuda::calls();
  fakecuda::forgetCalls();
  return std::count(calls.begin(), calls.end(), "cuLinkComplete");
}

TEST_F(CodeCacheTest, PtxIsCompiledOnce) {
  fakecuda::forgetCalls();
  ASSERT_OK(runOnGpu());
  EXPECT_EQ(compilations(), 1);
  ASSERT_OK(runOnGpu());
  EXPECT_EQ(compilations(), 0);
  configure();
  ASSERT_OK(runOnGpu());
  EXPECT_EQ(compilations(), 0);
  EXPECT_EQ(info().disk_hits, 1u);
  // Another GPU takes code of its own.
  fakecuda::setComputeCapability(100);
  ASSERT_OK(runOnGpu());
  EXPECT_EQ(compilations(), 1);
  fakecuda::setComputeCapability(90);
  // So does another driver.
  fakecuda::setDriverVersion(13010);
  ASSERT_OK(runOnGpu());
  EXPECT_EQ(compilations(), 1);
  fakecuda::setDriverVersion(13000);
  ASSERT_OK(runOnGpu());
  EXPECT_EQ(compilations(), 0);
  fs::remove_all(folder);
  configure();
  ASSERT_OK(runOnGpu());
  EXPECT_EQ(compilations(), 1);
  EXPECT_EQ(fakecuda::liveObjects(), 0u);
  EXPECT_EQ(fakecuda::misuses(), 0u);
}

TEST_F(CodeCacheTest, TheCompilersLogIsPartOfTheMessage) {
  auto artifact = Session::load();
  auto device = runtime::Device::open("cuda");
  ASSERT_OK(device);
  fakecuda::rejectModules(218, "ptxas: line 7: no such opcode\n");
  expectError(runtime::Pipeline::create(*device, *artifact, 0).takeStatus(),
              VYRE_STATUS_DEVICE_ERROR,
              {"cuLinkAddData", "CUDA_ERROR_INVALID_PTX (218)",
               "line 7: no such opcode"});
  EXPECT_EQ(info().stored, 0u);
}

/// Every call fails once, in every position, with and without kept code;
/// nothing is lost, and the next run is right.
TEST_F(CodeCacheTest, NothingIsLostWhenACallFails) {
  for (bool isKept : {false, true}) {
    bool hasFailed = true;
    for (uint64_t position = 0; hasFailed; ++position) {
      SCOPED_TRACE(position);
      fakecuda::resetDevice();
      if (!isKept)
        fs::remove_all(folder);
      configure();
      fakecuda::failCall(position, /*CUDA_ERROR_OUT_OF_MEMORY=*/2);
      runtime::Status status = runOnGpu();
      hasFailed = fakecuda::hasFailed();
      if (!status.failed() && !hasFailed) {
        EXPECT_GT(position, 10u);
      }
      EXPECT_EQ(fakecuda::liveObjects(), 0u);
      EXPECT_EQ(fakecuda::misuses(), 0u);
      fakecuda::reset();
      ASSERT_OK(runOnGpu());
    }
  }
}

} // namespace
} // namespace vyre::testing
