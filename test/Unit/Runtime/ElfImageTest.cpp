//===- ElfImageTest.cpp - What shared objects are let through ---*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/ElfImage.h"
#include "CPU/SharedObject.h"
#include "RuntimeTest.h"

#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fstream>
#include <functional>
#include <gnu/libc-version.h>
#include <iterator>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

Status verify(const std::vector<uint8_t> &image) {
  return verifySharedObject({image.data(), image.size()});
}

Elf64_Ehdr &header(std::vector<uint8_t> &image) {
  return *reinterpret_cast<Elf64_Ehdr *>(image.data());
}

Elf64_Phdr &segment(std::vector<uint8_t> &image, uint32_t type) {
  auto *first =
      reinterpret_cast<Elf64_Phdr *>(image.data() + header(image).e_phoff);
  for (unsigned i = 0; i < header(image).e_phnum; ++i)
    if (first[i].p_type == type)
      return first[i];
  ADD_FAILURE() << "no segment of type " << type;
  return first[0];
}

Elf64_Dyn &dynamic(std::vector<uint8_t> &image, int64_t tag) {
  auto *entry = reinterpret_cast<Elf64_Dyn *>(
      image.data() + segment(image, PT_DYNAMIC).p_offset);
  for (; entry->d_tag != DT_NULL; ++entry)
    if (entry->d_tag == tag)
      break;
  EXPECT_EQ(entry->d_tag, tag);
  return *entry;
}

TEST(ElfImageTest, LetsCompiledFunctionsThrough) {
  Status status = verify(cpuCode());
  EXPECT_FALSE(status.failed()) << status.message();
}

struct BadImage {
  const char *name;
  std::function<void(std::vector<uint8_t> &)> change;
  const char *message;
};

const BadImage kBadImages[] = {
    {"NoElf", [](auto &i) { i[0] = 0; }, "ELF header"},
    {"Empty", [](auto &i) { i.clear(); }, "ELF header"},
    {"OtherMachine", [](auto &i) { header(i).e_machine = EM_AARCH64; },
     "x86-64"},
    {"Executable", [](auto &i) { header(i).e_type = ET_EXEC; }, "type"},
    {"HeadersOutside", [](auto &i) { header(i).e_phoff = i.size() - 8; },
     "program headers"},
    {"HeadersOverflow", [](auto &i) { header(i).e_phoff = UINT64_MAX - 8; },
     "program headers"},
    {"SegmentOutside",
     [](auto &i) { segment(i, PT_LOAD).p_filesz = UINT64_MAX; }, "segment"},
    {"SegmentHuge", [](auto &i) { segment(i, PT_LOAD).p_memsz = 1ull << 40; },
     "sizes"},
    {"WritableCode",
     [](auto &i) { segment(i, PT_LOAD).p_flags = PF_R | PF_W | PF_X; },
     "writable and executable"},
    {"UnreadableSegment", [](auto &i) { segment(i, PT_LOAD).p_flags = 0; },
     "cannot be read"},
    {"ExecutableStack",
     [](auto &i) { segment(i, PT_GNU_STACK).p_flags |= PF_X; },
     "executable stack"},
    {"ThreadLocal", [](auto &i) { segment(i, PT_GNU_STACK).p_type = PT_TLS; },
     "thread-local"},
    {"Interpreter",
     [](auto &i) { segment(i, PT_GNU_STACK).p_type = PT_INTERP; },
     "interpreter"},
    {"NoDynamic", [](auto &i) { segment(i, PT_DYNAMIC).p_type = PT_NULL; },
     "dynamic"},
    {"DynamicOutside",
     [](auto &i) { segment(i, PT_DYNAMIC).p_vaddr = 1 << 20; },
     "dynamic table"},
    {"DynamicCut", [](auto &i) { segment(i, PT_DYNAMIC).p_memsz = 32; },
     "no end"},
    {"Initializer", [](auto &i) { dynamic(i, DT_PLTGOT).d_tag = DT_INIT; },
     "run when it is loaded"},
    {"InitializerArray",
     [](auto &i) { dynamic(i, DT_PLTRELSZ).d_tag = DT_INIT_ARRAYSZ; },
     "run when it is loaded"},
    {"RunPath", [](auto &i) { dynamic(i, DT_PLTGOT).d_tag = DT_RUNPATH; },
     "dynamic tag"},
    {"Auditor", [](auto &i) { dynamic(i, DT_PLTGOT).d_tag = DT_AUDIT; },
     "dynamic tag"},
    {"OtherLibrary",
     [](auto &i) {
       dynamic(i, DT_PLTGOT).d_un.d_val = 1;
       dynamic(i, DT_PLTGOT).d_tag = DT_NEEDED;
     },
     "library other than"},
    {"LibraryNameOutside",
     [](auto &i) {
       dynamic(i, DT_PLTGOT).d_un.d_val = 1 << 20;
       dynamic(i, DT_PLTGOT).d_tag = DT_NEEDED;
     },
     "string table"},
    {"StringsOutside",
     [](auto &i) { dynamic(i, DT_STRSZ).d_un.d_val = 1 << 20; },
     "string table"},
    {"SymbolsOutside",
     [](auto &i) { dynamic(i, DT_SYMTAB).d_un.d_ptr = 1 << 20; },
     "symbol table"},
    {"SymbolsOfOtherSize",
     [](auto &i) { dynamic(i, DT_SYMENT).d_un.d_val = 16; }, "symbol table"},
    {"HashOutside",
     [](auto &i) { dynamic(i, DT_GNU_HASH).d_un.d_ptr = 1 << 20; },
     "hash table"},
    {"RelocationsOutside",
     [](auto &i) { dynamic(i, DT_PLTRELSZ).d_un.d_val = 24 << 20; },
     "relocations"},
    {"RelocationsMisaligned",
     [](auto &i) { dynamic(i, DT_JMPREL).d_un.d_ptr += 4; }, "relocations"},
    {"TwoTags", [](auto &i) { dynamic(i, DT_PLTGOT).d_tag = DT_STRSZ; },
     "twice"},
};

class BadImageTest : public ::testing::TestWithParam<BadImage> {};

TEST_P(BadImageTest, IsRefused) {
  std::vector<uint8_t> image = cpuCode();
  GetParam().change(image);
  Status status = verify(image);
  EXPECT_EQ(status.code(), VYRE_STATUS_BAD_ARTIFACT);
  EXPECT_NE(status.message().find(GetParam().message), std::string_view::npos)
      << status.message();
}

INSTANTIATE_TEST_SUITE_P(All, BadImageTest, ::testing::ValuesIn(kBadImages),
                         [](const auto &info) { return info.param.name; });

/// Cut anywhere, it is refused or still whole enough, and never read beyond.
TEST(ElfImageTest, SurvivesTruncation) {
  for (size_t size = 0; size < cpuCode().size(); size += 8) {
    // Of exactly that size, so that a sanitizer sees a read beyond it.
    std::vector<uint8_t> part(cpuCode().begin(), cpuCode().begin() + size);
    part.shrink_to_fit();
    (void)verify(part).failed();
  }
}

/// Every byte that is not code or its debugging tables, set to extremes. What
/// is let through must also survive the loader.
TEST(ElfImageTest, WhatPassesCanBeLoaded) {
  std::vector<uint8_t> image = cpuCode();
  size_t tables = segment(image, PT_LOAD).p_filesz;
  Elf64_Phdr dynamicSegment = segment(image, PT_DYNAMIC);
  int loaded = 0, refused = 0;
  auto tryByte = [&](size_t at) {
    for (uint8_t value : {0x00, 0x01, 0x08, 0x7f, 0x80, 0xff}) {
      uint8_t before = std::exchange(image[at], value);
      if (before != value) {
        auto object = SharedObject::load({image.data(), image.size()});
        ++(object.failed() ? refused : loaded);
        if (!object.failed())
          (void)(*object)->find("sample_scale");
      }
      image[at] = before;
    }
  };
  for (size_t at = 0; at < tables; ++at)
    tryByte(at);
  for (size_t at = 0; at < dynamicSegment.p_filesz; ++at)
    tryByte(dynamicSegment.p_offset + at);
  EXPECT_GT(refused, 1000);
  EXPECT_GT(loaded, 100);
}

TEST(ElfImageTest, RefusesLibrariesThatRunCodeWhenLoaded) {
  // The C library that this test runs with has initialisers.
  Dl_info library = {};
  ASSERT_NE(dladdr(reinterpret_cast<void *>(&gnu_get_libc_version), &library),
            0);
  std::ifstream file(library.dli_fname, std::ios::binary);
  std::vector<uint8_t> image(std::istreambuf_iterator<char>(file), {});
  ASSERT_FALSE(image.empty()) << library.dli_fname;
  EXPECT_EQ(verify(image).code(), VYRE_STATUS_BAD_ARTIFACT);
}

TEST(SharedObjectTest, LoadsManyAtOnceAndTellsThemApart) {
  std::vector<std::unique_ptr<SharedObject>> objects;
  for (int i = 0; i < 8; ++i) {
    auto object = SharedObject::load({cpuCode().data(), cpuCode().size()});
    ASSERT_FALSE(object.failed()) << object.takeStatus().message();
    for (const auto &other : objects)
      EXPECT_NE((*object)->find("sample_scale"), other->find("sample_scale"));
    EXPECT_EQ((*object)->find("no_such_function"), nullptr);
    objects.push_back(std::move(*object));
    if (i == 4)
      objects.erase(objects.begin());
  }
}

} // namespace
} // namespace vyre::testing
