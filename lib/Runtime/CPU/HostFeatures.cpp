//===- HostFeatures.cpp - What this CPU can run -----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CPUID, read once. Levels are those of the x86-64 psABI. A CPU's name stands
// for a level and what LLVM uses beyond it without being asked; features such
// as AMX, which only intrinsics reach, do not count.
//
//===----------------------------------------------------------------------===//

#include "CPU/HostFeatures.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace vyre::runtime::internal {
namespace {

/// Beyond a level.
enum Extra : uint32_t {
  kAes = 1 << 0,
  kPclmul = 1 << 1,
  kSha = 1 << 2,
  kGfni = 1 << 3,
  kVaes = 1 << 4,
  kVpclmul = 1 << 5,
  kAvx512Vnni = 1 << 6,
  kAvx512Bf16 = 1 << 7,
  kAvx512Fp16 = 1 << 8,
  kAvx512Vbmi = 1 << 9,
  kAvx512Vbmi2 = 1 << 10,
  kAvx512Ifma = 1 << 11,
  kAvx512Bitalg = 1 << 12,
  kAvx512Vpopcntdq = 1 << 13,
  kAvxVnni = 1 << 14,
  kAdx = 1 << 15,
  kVp2intersect = 1 << 16,
};

struct Host {
  int level = 1;
  uint32_t extras = 0;
  std::string name = "an unknown CPU";
};

#if defined(__x86_64__)
struct CpuidWords {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidWords cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  CpuidWords words;
  // Leaves beyond the highest one answer with zeros here.
  __get_cpuid_count(leaf, subleaf, &words.eax, &words.ebx, &words.ecx,
                    &words.edx);
  return words;
}

/// The register states that the operating system saves.
uint64_t enabledStates() {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

bool has(uint32_t word, std::initializer_list<int> bits) {
  for (int bit : bits)
    if (!(word >> bit & 1))
      return false;
  return true;
}

Host detectHost() {
  Host host;
  CpuidWords basic = cpuid(1), extended = cpuid(0x80000001);
  CpuidWords seven = cpuid(7), sevenOne = cpuid(7, 1);

  bool hasXsave = has(basic.ecx, {27});
  uint64_t states = hasXsave ? enabledStates() : 0;
  bool savesAvx = (states & 0x6) == 0x6, savesAvx512 = (states & 0xe6) == 0xe6;

  // SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF.
  if (has(basic.ecx, {0, 9, 13, 19, 20, 23}) && has(extended.ecx, {0}))
    host.level = 2;
  // FMA, MOVBE, AVX, F16C; LZCNT; BMI1, AVX2, BMI2.
  if (host.level == 2 && savesAvx && has(basic.ecx, {12, 22, 28, 29}) &&
      has(extended.ecx, {5}) && has(seven.ebx, {3, 5, 8}))
    host.level = 3;
  // AVX-512 F, DQ, CD, BW, VL.
  if (host.level == 3 && savesAvx512 && has(seven.ebx, {16, 17, 28, 30, 31}))
    host.level = 4;

  auto note = [&](bool condition, Extra extra) {
    if (condition)
      host.extras |= extra;
  };
  note(has(basic.ecx, {25}), kAes);
  note(has(basic.ecx, {1}), kPclmul);
  note(has(seven.ebx, {29}), kSha);
  note(has(seven.ebx, {19}), kAdx);
  note(has(seven.ecx, {8}), kGfni);
  if (host.level >= 3) {
    note(has(seven.ecx, {9}), kVaes);
    note(has(seven.ecx, {10}), kVpclmul);
    note(has(sevenOne.eax, {4}), kAvxVnni);
  }
  if (host.level >= 4) {
    note(has(seven.ebx, {21}), kAvx512Ifma);
    note(has(seven.ecx, {1}), kAvx512Vbmi);
    note(has(seven.ecx, {6}), kAvx512Vbmi2);
    note(has(seven.ecx, {11}), kAvx512Vnni);
    note(has(seven.ecx, {12}), kAvx512Bitalg);
    note(has(seven.ecx, {14}), kAvx512Vpopcntdq);
    note(has(seven.edx, {8}), kVp2intersect);
    note(has(seven.edx, {23}), kAvx512Fp16);
    note(has(sevenOne.eax, {5}), kAvx512Bf16);
  }

  if (cpuid(0x80000000).eax >= 0x80000004) {
    char brand[49] = {};
    for (uint32_t i = 0; i < 3; ++i) {
      CpuidWords words = cpuid(0x80000002 + i);
      std::memcpy(brand + 16 * i, &words, 16);
    }
    host.name = brand;
    host.name.erase(0, host.name.find_first_not_of(' '));
    host.name.erase(host.name.find_last_not_of(' ') + 1);
  }
  return host;
}
#else
Host detectHost() {
  Host host;
  host.level = 0;
  return host;
}
#endif

const Host &theHost() {
  static const Host host = detectHost();
  return host;
}

constexpr uint32_t kCrypto = kAes | kPclmul;
constexpr uint32_t kIcelake = kCrypto | kSha | kGfni | kVaes | kVpclmul | kAdx |
                              kAvx512Vnni | kAvx512Vbmi | kAvx512Vbmi2 |
                              kAvx512Ifma | kAvx512Bitalg | kAvx512Vpopcntdq;
constexpr uint32_t kAlderlake =
    kCrypto | kSha | kGfni | kVaes | kVpclmul | kAdx | kAvxVnni;

struct KnownCpu {
  std::string_view name;
  int level;
  uint32_t extras;
};

/// LLVM's names. A name that is not here cannot be judged and is not run.
constexpr KnownCpu kKnownCpus[] = {
    {"nehalem", 2, 0},
    {"westmere", 2, kPclmul},
    {"haswell", 3, kPclmul},
    {"broadwell", 3, kPclmul | kAdx},
    {"skylake", 3, kCrypto | kAdx},
    {"skylake-avx512", 4, kCrypto | kAdx},
    {"cascadelake", 4, kCrypto | kAdx | kAvx512Vnni},
    {"cooperlake", 4, kCrypto | kAdx | kAvx512Vnni | kAvx512Bf16},
    {"icelake-client", 4, kIcelake},
    {"icelake-server", 4, kIcelake},
    {"tigerlake", 4, kIcelake | kVp2intersect},
    {"rocketlake", 4, kIcelake},
    {"sapphirerapids", 4, kIcelake | kAvx512Bf16 | kAvx512Fp16 | kAvxVnni},
    {"emeraldrapids", 4, kIcelake | kAvx512Bf16 | kAvx512Fp16 | kAvxVnni},
    {"graniterapids", 4, kIcelake | kAvx512Bf16 | kAvx512Fp16 | kAvxVnni},
    {"alderlake", 3, kAlderlake},
    {"raptorlake", 3, kAlderlake},
    {"meteorlake", 3, kAlderlake},
    {"znver1", 3, kCrypto | kSha | kAdx},
    {"znver2", 3, kCrypto | kSha | kAdx},
    {"znver3", 3, kCrypto | kSha | kAdx | kVaes | kVpclmul},
    {"znver4", 4, kIcelake | kAvx512Bf16},
    {"znver5", 4, kIcelake | kAvx512Bf16 | kAvxVnni | kVp2intersect},
};

int levelOf(std::string_view features) {
  if (features == "x86-64")
    return 1;
  if (features == "x86-64-v2")
    return 2;
  if (features == "x86-64-v3")
    return 3;
  if (features == "x86-64-v4")
    return 4;
  return 0;
}

int countBits(uint32_t word) { return __builtin_popcount(word); }

} // namespace

const char *hostLevel() {
  constexpr const char *kNames[] = {"no x86-64", "x86-64", "x86-64-v2",
                                    "x86-64-v3", "x86-64-v4"};
  return kNames[theHost().level];
}

std::string hostName() { return theHost().name; }

int rankFeatures(std::string_view features) {
  const Host &host = theHost();
  // Wider vectors count more than anything beyond the level.
  if (int level = levelOf(features))
    return level <= host.level ? level * 64 : -1;
  for (const KnownCpu &cpu : kKnownCpus)
    if (cpu.name == features)
      return cpu.level <= host.level && (cpu.extras & ~host.extras) == 0
                 ? cpu.level * 64 + 1 + countBits(cpu.extras)
                 : -1;
  return -1;
}

const Code *selectCpuCode(const Artifact &artifact) {
  const Code *best = nullptr;
  int bestRank = -1;
  for (const Code &code : artifact.codes) {
    if (code.kind != CodeKind::elf || code.architecture != "x86_64")
      continue;
    int rank = rankFeatures(code.features);
    if (rank > bestRank) {
      best = &code;
      bestRank = rank;
    }
  }
  return best;
}

} // namespace vyre::runtime::internal
