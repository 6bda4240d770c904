//===- CodeCache.h - Compiled code that is kept -----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Content-addressed: an entry holds all that the code was made from, and is
// found only if that is equal, byte for byte. The hash merely names it.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CODECACHE_H
#define VYRE_LIB_RUNTIME_CODECACHE_H

#include "Status.h"

#include "vyre-c/CodeCache.h"

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace vyre::runtime::internal {

/// What compiled code depends on.
struct CodeKey {
  /// Compiler, its options and version, and the target, as text.
  std::string_view target;
  std::string_view source;
};

/// Code as its compiler wrote it.
using CompiledCode = std::shared_ptr<const std::vector<uint8_t>>;

class CodeCache {
public:
  static CodeCache &process();

  /// Null sets it up by the environment.
  Status configure(const VyreCodeCacheConfig *config);

  bool isOn();
  /// The code of this key, or null.
  CompiledCode find(const CodeKey &key);
  /// Keeps code. What goes wrong is not the caller's concern.
  void insert(const CodeKey &key, const std::vector<uint8_t> &code);

  VyreCodeCacheInfo info();

private:
  struct Entry {
    std::string target, source;
    CompiledCode code;
    uint64_t byteSize() const {
      return target.size() + source.size() + code->size();
    }
  };

  CodeCache() { setUp(VyreCodeCacheConfig(), /*isConfigured=*/false); }
  void setUp(const VyreCodeCacheConfig &config, bool isConfigured);
  void keepInMemory(const CodeKey &key, CompiledCode code);
  std::filesystem::path pathOf(const CodeKey &key) const;
  CompiledCode readEntry(const CodeKey &key);
  bool writeEntry(const CodeKey &key, const std::vector<uint8_t> &code) const;
  void evict();

  /// Guards everything; what takes long, compiling, happens outside.
  std::mutex mutex;
  bool isEnabled = false;
  /// Empty: nothing is kept on disk.
  std::filesystem::path folder;
  uint64_t maxDiskBytes = 0, maxMemoryBytes = 0;
  /// The entry that was used last is the first.
  std::list<Entry> entries;
  VyreCodeCacheInfo counts = {};
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_CODECACHE_H
