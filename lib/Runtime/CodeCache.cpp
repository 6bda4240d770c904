//===- CodeCache.cpp - Compiled code that is kept ---------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file of the folder is a header, the target, the source and the code. It is
// written under another name and then renamed, so that whoever reads it sees
// all of it or none; a digest tells what a crash or a bad disk left behind.
//
//===----------------------------------------------------------------------===//

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "CodeCache.h"

#include "CAPI/Common.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace vyre::runtime::internal {
namespace {

constexpr uint64_t kDefaultDiskBytes = uint64_t(256) << 20;
constexpr uint64_t kDefaultMemoryBytes = uint64_t(64) << 20;
constexpr const char *kSuffix = ".code";
constexpr const char *kTemporary = "unfinished-";
/// What a process that ended left unfinished goes after so many seconds.
constexpr int64_t kTemporarySeconds = 3600;
/// No entry is larger; a file that says so is damaged.
constexpr uint64_t kMaxPartBytes = uint64_t(1) << 31;

struct Header {
  char magic[8];
  uint64_t targetBytes, sourceBytes, codeBytes;
  /// Of all that follows the header.
  uint64_t digestLow, digestHigh;
};
constexpr char kMagic[8] = {'V', 'Y', 'R', 'E', 'C', 'D', 'E', '1'};

XXH128_hash_t hashOf(const CodeKey &key) {
  XXH128_hash_t target = XXH3_128bits(key.target.data(), key.target.size());
  XXH128_hash_t source = XXH3_128bits_withSeed(
      key.source.data(), key.source.size(), target.low64 ^ target.high64);
  return source;
}

std::string hexOf(XXH128_hash_t hash) {
  char text[33];
  std::snprintf(text, sizeof(text), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

const char *environment(const char *name) {
  const char *value = ::secure_getenv(name);
  return value && *value ? value : nullptr;
}

fs::path defaultFolder() {
  const char *cache = environment("XDG_CACHE_HOME");
  // The specification has a relative path ignored.
  if (cache && *cache == '/')
    return fs::path(cache) / "vyre" / "code";
  const char *home = environment("HOME");
  return home && *home == '/' ? fs::path(home) / ".cache" / "vyre" / "code"
                              : fs::path();
}

/// A file descriptor that is closed with the scope.
class File {
public:
  explicit File(int descriptor) : descriptor(descriptor) {}
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  ~File() {
    if (descriptor >= 0)
      ::close(descriptor);
  }
  bool isOpen() const { return descriptor >= 0; }

  bool read(void *data, size_t size) {
    return transfer(
        static_cast<char *>(data), size,
        [&](char *at, size_t left) { return ::read(descriptor, at, left); });
  }
  bool write(const void *data, size_t size) {
    return transfer(static_cast<const char *>(data), size,
                    [&](const char *at, size_t left) {
                      return ::write(descriptor, at, left);
                    });
  }
  /// Of a regular file; -1 for anything else.
  int64_t size() const {
    struct stat facts;
    return ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode)
               ? static_cast<int64_t>(facts.st_size)
               : -1;
  }

private:
  template <typename Byte, typename Call>
  bool transfer(Byte *data, size_t size, Call call) {
    while (size) {
      ssize_t done = call(data, size);
      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        return false;
      data += done;
      size -= static_cast<size_t>(done);
    }
    return true;
  }

  int descriptor;
};

/// The folder is there, and nobody else may put anything into it: what it holds
/// will run.
bool isOurs(const fs::path &folder) {
  std::error_code error;
  if (fs::create_directories(folder, error))
    ::chmod(folder.c_str(), S_IRWXU);
  struct stat facts;
  return ::stat(folder.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) &&
         facts.st_uid == ::geteuid() &&
         (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

XXH128_hash_t digestOf(const std::vector<uint8_t> &body) {
  return XXH3_128bits(body.data(), body.size());
}

} // namespace

CodeCache &CodeCache::process() {
  // Not destroyed: threads may still compile while the process ends.
  static CodeCache *all = new CodeCache;
  return *all;
}

void CodeCache::setUp(const VyreCodeCacheConfig &config, bool isConfigured) {
  std::string_view named;
  if (const char *chosen = environment("VYRE_CODE_CACHE");
      chosen && !config.folder)
    named = chosen;
  bool isAskedFor = isConfigured || !named.empty();
  isEnabled = isAskedFor && !config.is_off && named != "off";
  maxMemoryBytes =
      config.max_memory_bytes ? config.max_memory_bytes : kDefaultMemoryBytes;
  maxDiskBytes = config.max_disk_bytes;
  if (const char *bytes = environment("VYRE_CODE_CACHE_BYTES");
      bytes && !maxDiskBytes)
    maxDiskBytes = std::strtoull(bytes, nullptr, 10);
  if (!maxDiskBytes)
    maxDiskBytes = kDefaultDiskBytes;
  folder = config.folder                    ? fs::path(config.folder)
           : named.empty() || named == "on" ? defaultFolder()
                                            : fs::path(named);
  if (!isEnabled || config.is_memory_only)
    folder.clear();
  entries.clear();
  counts = {};
}

Status CodeCache::configure(const VyreCodeCacheConfig *config) {
  VyreCodeCacheConfig known;
  if (Status status = readConfig(config, "VyreCodeCacheConfig", known);
      status.failed())
    return status;
  std::lock_guard<std::mutex> lock(mutex);
  setUp(known, /*isConfigured=*/config != nullptr);
  return Status();
}

bool CodeCache::isOn() {
  std::lock_guard<std::mutex> lock(mutex);
  return isEnabled;
}

VyreCodeCacheInfo CodeCache::info() {
  std::lock_guard<std::mutex> lock(mutex);
  return counts;
}

CompiledCode CodeCache::find(const CodeKey &key) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!isEnabled)
    return nullptr;
  for (auto it = entries.begin(); it != entries.end(); ++it) {
    if (it->target != key.target || it->source != key.source)
      continue;
    ++counts.memory_hits;
    entries.splice(entries.begin(), entries, it);
    return entries.front().code;
  }
  CompiledCode code = readEntry(key);
  if (code) {
    ++counts.disk_hits;
    keepInMemory(key, code);
  } else {
    ++counts.misses;
  }
  return code;
}

void CodeCache::insert(const CodeKey &key, const std::vector<uint8_t> &code) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!isEnabled || code.empty())
    return;
  keepInMemory(key, std::make_shared<const std::vector<uint8_t>>(code));
  if (folder.empty() || !writeEntry(key, code))
    return;
  ++counts.stored;
  evict();
}

void CodeCache::keepInMemory(const CodeKey &key, CompiledCode code) {
  // Two threads may have compiled the same.
  for (auto it = entries.begin(); it != entries.end(); ++it)
    if (it->target == key.target && it->source == key.source) {
      counts.memory_bytes -= it->byteSize();
      entries.erase(it);
      break;
    }
  entries.push_front(
      {std::string(key.target), std::string(key.source), std::move(code)});
  counts.memory_bytes += entries.front().byteSize();
  while (counts.memory_bytes > maxMemoryBytes) {
    counts.memory_bytes -= entries.back().byteSize();
    entries.pop_back();
  }
}

fs::path CodeCache::pathOf(const CodeKey &key) const {
  return folder / (hexOf(hashOf(key)) + kSuffix);
}

/// Reads an entry, and says by its time that it was used. One that is damaged
/// is removed.
CompiledCode CodeCache::readEntry(const CodeKey &key) {
  if (folder.empty() || !isOurs(folder))
    return nullptr;
  fs::path path = pathOf(key);
  // A pipe in its place would have a reader wait for somebody to write.
  File file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.isOpen())
    return nullptr;
  auto readBody = [&](Header &header, std::vector<uint8_t> &body) {
    int64_t size = file.size();
    if (size < static_cast<int64_t>(sizeof(header)) ||
        !file.read(&header, sizeof(header)) ||
        std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 ||
        header.targetBytes > kMaxPartBytes ||
        header.sourceBytes > kMaxPartBytes || header.codeBytes > kMaxPartBytes)
      return false;
    uint64_t bytes = header.targetBytes + header.sourceBytes + header.codeBytes;
    if (bytes != static_cast<uint64_t>(size) - sizeof(header))
      return false;
    body.resize(bytes);
    if (!file.read(body.data(), bytes))
      return false;
    XXH128_hash_t digest = digestOf(body);
    return digest.low64 == header.digestLow &&
           digest.high64 == header.digestHigh && header.codeBytes != 0;
  };
  Header header;
  std::vector<uint8_t> body;
  if (!readBody(header, body)) {
    ++counts.damaged;
    ::unlink(path.c_str());
    return nullptr;
  }
  // Another key of the same hash is sound, but not what is wanted.
  std::string_view text(reinterpret_cast<const char *>(body.data()),
                        body.size());
  if (text.substr(0, header.targetBytes) != key.target ||
      text.substr(header.targetBytes, header.sourceBytes) != key.source)
    return nullptr;
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  body.erase(body.begin(),
             body.begin() + static_cast<ptrdiff_t>(header.targetBytes +
                                                   header.sourceBytes));
  return std::make_shared<const std::vector<uint8_t>>(std::move(body));
}

bool CodeCache::writeEntry(const CodeKey &key,
                           const std::vector<uint8_t> &code) const {
  if (!isOurs(folder))
    return false;
  std::vector<uint8_t> body;
  body.reserve(key.target.size() + key.source.size() + code.size());
  body.insert(body.end(), key.target.begin(), key.target.end());
  body.insert(body.end(), key.source.begin(), key.source.end());
  body.insert(body.end(), code.begin(), code.end());
  XXH128_hash_t digest = digestOf(body);
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.targetBytes = key.target.size();
  header.sourceBytes = key.source.size();
  header.codeBytes = code.size();
  header.digestLow = digest.low64;
  header.digestHigh = digest.high64;
  if (sizeof(header) + body.size() > maxDiskBytes)
    return false;

  std::string temporary = (folder / kTemporary).string() + "XXXXXX";
  bool isWritten = false;
  {
    File file(::mkostemp(&temporary[0], O_CLOEXEC));
    if (!file.isOpen())
      return false;
    isWritten = file.write(&header, sizeof(header)) &&
                file.write(body.data(), body.size());
  }
  if (isWritten && std::rename(temporary.c_str(), pathOf(key).c_str()) == 0)
    return true;
  ::unlink(temporary.c_str());
  return false;
}

/// Removes what was not used for the longest time, until the folder is small
/// enough. Others may do the same at the same time.
void CodeCache::evict() {
  struct Found {
    fs::path path;
    fs::file_time_type time;
    uint64_t byteSize;
  };
  std::vector<Found> found;
  uint64_t total = 0;
  std::error_code error;
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;
    const fs::path &path = it->path();
    fs::file_time_type time = fs::last_write_time(path, gone);
    uint64_t size = gone ? 0 : fs::file_size(path, gone);
    if (gone)
      continue;
    if (path.filename().string().rfind(kTemporary, 0) == 0) {
      if (now - time > std::chrono::seconds(kTemporarySeconds))
        fs::remove(path, gone);
    } else if (path.extension() == kSuffix) {
      found.push_back({path, time, size});
      total += size;
    }
  }
  if (total <= maxDiskBytes)
    return;
  std::sort(found.begin(), found.end(),
            [](const Found &a, const Found &b) { return a.time < b.time; });
  for (const Found &entry : found) {
    if (total <= maxDiskBytes)
      return;
    std::error_code ignored;
    counts.evicted += fs::remove(entry.path, ignored);
    total -= entry.byteSize;
  }
}

} // namespace vyre::runtime::internal

using namespace vyre::runtime::internal;

VyreStatus *vyreCodeCacheConfigure(const VyreCodeCacheConfig *config) {
  return guarded([&] { return CodeCache::process().configure(config); });
}

VyreStatus *vyreCodeCacheGetInfo(VyreCodeCacheInfo *info) {
  return guarded([&] {
    return writeInfo(CodeCache::process().info(), "VyreCodeCacheInfo", info);
  });
}
