//===- ElfImage.cpp - What a shared object asks of its loader ---*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CPU/ElfImage.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <optional>
#include <string_view>
#include <vector>

namespace vyre::runtime::internal {
namespace {

/// The most memory that the segments of an image may span, in bytes.
constexpr uint64_t kMaxSpan = uint64_t(1) << 30;
/// The page of x86-64, and the largest that linkers align segments to.
constexpr uint64_t kPage = 4096;
constexpr uint64_t kMaxPage = uint64_t(1) << 16;

template <typename... Parts> Status refuse(const Parts &...parts) {
  return badArtifact(
      "the artifact's CPU code is no usable shared object: ", parts...,
      ". Fix: compile the artifact again with a matching "
      "vyre-compile.");
}

class ElfImage {
public:
  explicit ElfImage(Bytes image) : image(image) {}

  Status verify() {
    if (Status status = readHeader(); status.failed())
      return status;
    if (Status status = readSegments(); status.failed())
      return status;
    if (Status status = readDynamic(); status.failed())
      return status;
    if (Status status = verifyNeeded(); status.failed())
      return status;
    if (Status status = verifySymbols(); status.failed())
      return status;
    if (Status status = verifyHash(); status.failed())
      return status;
    if (Status status = verifyVersions(); status.failed())
      return status;
    if (Status status = verifyRelocations(DT_RELA, DT_RELASZ); status.failed())
      return status;
    return verifyRelocations(DT_JMPREL, DT_PLTRELSZ);
  }

private:
  Status readHeader();
  Status readSegments();
  Status verifyLoad(const Elf64_Phdr &segment);
  Status readDynamic();
  Status verifyTag(const Elf64_Dyn &entry);
  Status verifyNeeded();
  Status verifySymbols();
  Status verifyHash();
  Status verifySysvHash(uint64_t address);
  Status verifyGnuHash(uint64_t address);
  Status verifyVersions();
  Status verifyRelocations(int64_t table, int64_t size);

  /// A copy of the T at a file offset, if it lies within the image.
  template <typename T> std::optional<T> readFile(uint64_t offset) const {
    T value;
    if (offset > image.size || image.size - offset < sizeof(T))
      return std::nullopt;
    std::memcpy(&value, image.data + offset, sizeof(T));
    return value;
  }

  /// The file bytes behind an address, if `size` of them are loaded from the
  /// file by one segment.
  const uint8_t *at(uint64_t address, uint64_t size) const {
    for (const Elf64_Phdr &load : loads)
      if (address >= load.p_vaddr && address - load.p_vaddr <= load.p_filesz &&
          load.p_filesz - (address - load.p_vaddr) >= size)
        return image.data + load.p_offset + (address - load.p_vaddr);
    return nullptr;
  }

  template <typename T> std::optional<T> read(uint64_t address) const {
    const uint8_t *bytes = at(address, sizeof(T));
    if (!bytes)
      return std::nullopt;
    T value;
    std::memcpy(&value, bytes, sizeof(T));
    return value;
  }

  /// Whether `size` bytes at an address may be written after loading.
  bool isWritable(uint64_t address, uint64_t size) const {
    return std::any_of(loads.begin(), loads.end(), [&](const auto &load) {
      return (load.p_flags & PF_W) && address >= load.p_vaddr &&
             address - load.p_vaddr <= load.p_memsz &&
             load.p_memsz - (address - load.p_vaddr) >= size;
    });
  }

  /// Whether a range that the loader makes read-only lies in one writable
  /// segment, up to the padding of its last page.
  bool isProtectable(const Elf64_Phdr &range) const {
    return std::any_of(loads.begin(), loads.end(), [&](const auto &load) {
      uint64_t end = (load.p_vaddr + load.p_memsz + kPage - 1) / kPage * kPage;
      return (load.p_flags & PF_W) && range.p_vaddr >= load.p_vaddr &&
             range.p_vaddr <= end && range.p_memsz <= end - range.p_vaddr;
    });
  }

  /// Whether an address lies in some segment.
  bool isLoaded(uint64_t address) const {
    return std::any_of(loads.begin(), loads.end(), [&](const auto &load) {
      return address >= load.p_vaddr && address - load.p_vaddr <= load.p_memsz;
    });
  }

  /// The value of a dynamic tag, if it is there.
  std::optional<uint64_t> tag(int64_t which) const {
    for (const Elf64_Dyn &entry : dynamic)
      if (entry.d_tag == which)
        return entry.d_un.d_val;
    return std::nullopt;
  }

  /// A string of the dynamic string table, if it ends within it.
  std::optional<std::string_view> string(uint64_t offset) const {
    if (offset >= strings.size())
      return std::nullopt;
    size_t end = strings.find('\0', offset);
    if (end == std::string_view::npos)
      return std::nullopt;
    return strings.substr(offset, end - offset);
  }

  Bytes image;
  Elf64_Ehdr header = {};
  std::vector<Elf64_Phdr> loads;
  std::optional<Elf64_Phdr> dynamicSegment;
  std::vector<Elf64_Dyn> dynamic;
  std::string_view strings;
  uint64_t symbolTable = 0;
  /// Symbols that the hash table lets a lookup reach, and relocations use.
  uint64_t symbolCount = 0;
};

Status ElfImage::readHeader() {
  auto read = readFile<Elf64_Ehdr>(0);
  if (!read || std::memcmp(read->e_ident, ELFMAG, SELFMAG) != 0)
    return refuse("it does not begin with an ELF header");
  header = *read;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_ident[EI_VERSION] != EV_CURRENT ||
      (header.e_ident[EI_OSABI] != ELFOSABI_SYSV &&
       header.e_ident[EI_OSABI] != ELFOSABI_GNU) ||
      header.e_machine != EM_X86_64 || header.e_version != EV_CURRENT)
    return refuse("it is not for x86-64 Linux");
  if (header.e_type != ET_DYN)
    return refuse("its type is ", header.e_type, ", expected ", ET_DYN);
  if (header.e_ehsize != sizeof(Elf64_Ehdr) ||
      header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
      header.e_phnum > 64)
    return refuse("its header has unexpected sizes");
  return Status();
}

Status ElfImage::verifyLoad(const Elf64_Phdr &segment) {
  if ((segment.p_flags & PF_W) && (segment.p_flags & PF_X))
    return refuse("a segment is both writable and executable");
  if (!(segment.p_flags & PF_R))
    return refuse("a segment cannot be read");
  if (segment.p_filesz > segment.p_memsz || segment.p_memsz == 0 ||
      segment.p_vaddr > kMaxSpan || segment.p_memsz > kMaxSpan)
    return refuse("a segment has unexpected sizes");
  bool isPowerOfTwo =
      segment.p_align != 0 && (segment.p_align & (segment.p_align - 1)) == 0;
  if (!isPowerOfTwo || segment.p_align < kPage || segment.p_align > kMaxPage ||
      (segment.p_vaddr - segment.p_offset) % segment.p_align != 0)
    return refuse("a segment has the alignment ", segment.p_align);
  if (!loads.empty()) {
    uint64_t end = loads.back().p_vaddr + loads.back().p_memsz;
    if (segment.p_vaddr / kPage < (end + kPage - 1) / kPage)
      return refuse("its segments overlap or are out of order");
  }
  loads.push_back(segment);
  return Status();
}

Status ElfImage::readSegments() {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    uint64_t offset;
    if (__builtin_add_overflow(header.e_phoff, i * sizeof(Elf64_Phdr), &offset))
      return refuse("its program headers lie outside of it");
    auto segment = readFile<Elf64_Phdr>(offset);
    if (!segment)
      return refuse("its program headers lie outside of it");
    if (segment->p_offset > image.size ||
        segment->p_filesz > image.size - segment->p_offset)
      return refuse("a segment lies outside of it");
    switch (segment->p_type) {
    case PT_LOAD:
      if (Status status = verifyLoad(*segment); status.failed())
        return status;
      break;
    case PT_DYNAMIC:
      if (dynamicSegment)
        return refuse("it has two dynamic segments");
      dynamicSegment = *segment;
      break;
    case PT_GNU_STACK:
      if (segment->p_flags & PF_X)
        return refuse("it asks for an executable stack");
      break;
    case PT_INTERP:
      return refuse("it names a program interpreter");
    case PT_TLS:
      return refuse("it has thread-local storage");
    default:
      break;
    }
  }
  if (loads.empty() || !dynamicSegment)
    return refuse("it has no loadable or no dynamic segment");

  // What the loader reads or protects must lie in what it loads.
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    auto segment =
        *readFile<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    switch (segment.p_type) {
    case PT_PHDR:
    case PT_NOTE:
    case PT_GNU_PROPERTY:
      if (!at(segment.p_vaddr, segment.p_filesz) ||
          segment.p_memsz > segment.p_filesz)
        return refuse("a note lies outside of its segments");
      break;
    case PT_GNU_RELRO:
      if (!isProtectable(segment))
        return refuse("its read-only data lies outside of its segments");
      break;
    default:
      break;
    }
  }
  return Status();
}

/// Refuses whatever would run code, load libraries or change how symbols are
/// found.
Status ElfImage::verifyTag(const Elf64_Dyn &entry) {
  switch (entry.d_tag) {
  case DT_HASH:
  case DT_GNU_HASH:
  case DT_STRTAB:
  case DT_SYMTAB:
  case DT_STRSZ:
  case DT_SYMENT:
  case DT_NEEDED:
  case DT_SONAME:
  case DT_RELA:
  case DT_RELASZ:
  case DT_RELAENT:
  case DT_RELACOUNT:
  case DT_JMPREL:
  case DT_PLTRELSZ:
  case DT_PLTREL:
  case DT_PLTGOT:
  case DT_VERSYM:
  case DT_VERNEED:
  case DT_VERNEEDNUM:
  case DT_NULL:
    return Status();
  case DT_FLAGS:
    if (entry.d_un.d_val & ~uint64_t(DF_BIND_NOW | DF_SYMBOLIC))
      return refuse("its dynamic flags are ", entry.d_un.d_val);
    return Status();
  case DT_FLAGS_1:
    if (entry.d_un.d_val & ~uint64_t(DF_1_NOW))
      return refuse("its dynamic flags are ", entry.d_un.d_val);
    return Status();
  case DT_INIT_ARRAYSZ:
  case DT_FINI_ARRAYSZ:
  case DT_PREINIT_ARRAYSZ:
    if (entry.d_un.d_val != 0)
      return refuse("it has functions that run when it is loaded or unloaded");
    return Status();
  case DT_INIT_ARRAY:
  case DT_FINI_ARRAY:
  case DT_PREINIT_ARRAY:
  case DT_INIT:
  case DT_FINI:
    return refuse("it has functions that run when it is loaded or unloaded");
  default:
    return refuse("it has the unexpected dynamic tag ", entry.d_tag);
  }
}

Status ElfImage::readDynamic() {
  uint64_t address = dynamicSegment->p_vaddr;
  uint64_t size = dynamicSegment->p_memsz;
  const uint8_t *bytes = at(address, size);
  if (!bytes || address % alignof(Elf64_Dyn) != 0 || !isWritable(address, size))
    return refuse("its dynamic table lies outside of its segments");
  bool hasEnd = false;
  for (uint64_t i = 0; i < size / sizeof(Elf64_Dyn) && !hasEnd; ++i) {
    Elf64_Dyn entry;
    std::memcpy(&entry, bytes + i * sizeof(entry), sizeof(entry));
    if (Status status = verifyTag(entry); status.failed())
      return status;
    if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_NULL && tag(entry.d_tag))
      return refuse("its dynamic table has tag ", entry.d_tag, " twice");
    hasEnd = entry.d_tag == DT_NULL;
    dynamic.push_back(entry);
  }
  if (!hasEnd)
    return refuse("its dynamic table has no end");

  uint64_t stringBytes = tag(DT_STRSZ).value_or(0);
  auto stringTable = tag(DT_STRTAB);
  const uint8_t *text = stringTable ? at(*stringTable, stringBytes) : nullptr;
  if (!text || stringBytes == 0 || text[stringBytes - 1] != 0)
    return refuse("its string table lies outside of its segments");
  strings = {reinterpret_cast<const char *>(text), stringBytes};
  if (auto name = tag(DT_SONAME); name && !string(*name))
    return refuse("its name lies outside of its string table");
  if (auto got = tag(DT_PLTGOT);
      got && (*got % 8 != 0 || !isWritable(*got, 24)))
    return refuse("its global offset table lies outside of its segments");
  return Status();
}

Status ElfImage::verifyNeeded() {
  for (const Elf64_Dyn &entry : dynamic) {
    if (entry.d_tag != DT_NEEDED)
      continue;
    auto name = string(entry.d_un.d_val);
    if (!name)
      return refuse("the name of a library lies outside of its string table");
    if (*name != "libc.so.6" && *name != "libm.so.6")
      return refuse("it needs a library other than libc.so.6 and libm.so.6");
  }
  return Status();
}

/// The table's length is only told by what follows it or by the hash table; a
/// lookup or a relocation goes no further than the segment's end.
Status ElfImage::verifySymbols() {
  auto table = tag(DT_SYMTAB);
  if (!table || *table % alignof(Elf64_Sym) != 0 ||
      tag(DT_SYMENT) != sizeof(Elf64_Sym))
    return refuse("it has no symbol table of the expected form");
  symbolTable = *table;
  if (!at(symbolTable, sizeof(Elf64_Sym)))
    return refuse("its symbol table lies outside of its segments");
  return Status();
}

Status ElfImage::verifySysvHash(uint64_t address) {
  auto bucketCount = read<uint32_t>(address);
  auto chainCount = read<uint32_t>(address + 4);
  if (address % 4 != 0 || !bucketCount || !chainCount || *bucketCount == 0 ||
      !at(address, 8 + 4 * (uint64_t(*bucketCount) + *chainCount)))
    return refuse("its hash table lies outside of its segments");
  uint64_t buckets = address + 8, chains = buckets + 4ull * *bucketCount;
  // A chain that only ever falls cannot be a cycle; linkers make either rising
  // or falling ones, so count steps instead.
  uint64_t steps = 0;
  for (uint32_t i = 0; i < *bucketCount; ++i)
    for (uint32_t symbol = *read<uint32_t>(buckets + 4ull * i); symbol != 0;
         symbol = *read<uint32_t>(chains + 4ull * symbol))
      if (symbol >= *chainCount || ++steps > *chainCount)
        return refuse("its hash table is damaged");
  symbolCount = std::max<uint64_t>(symbolCount, *chainCount);
  return Status();
}

Status ElfImage::verifyGnuHash(uint64_t address) {
  struct {
    uint32_t bucketCount, firstSymbol, bloomWords, bloomShift;
  } table;
  const uint8_t *bytes = at(address, sizeof(table));
  if (address % 8 != 0 || !bytes)
    return refuse("its hash table lies outside of its segments");
  std::memcpy(&table, bytes, sizeof(table));
  bool isPowerOfTwo =
      table.bloomWords != 0 && (table.bloomWords & (table.bloomWords - 1)) == 0;
  uint64_t bloomBytes = 8ull * table.bloomWords;
  uint64_t bucketBytes = 4ull * table.bucketCount;
  if (!isPowerOfTwo || table.bucketCount == 0 || table.bloomShift >= 64 ||
      !at(address, sizeof(table) + bloomBytes + bucketBytes))
    return refuse("its hash table is damaged");
  uint64_t buckets = address + sizeof(table) + bloomBytes;
  uint64_t chains = buckets + bucketBytes;

  // Symbols are sorted by bucket, so that no two chains share any.
  uint64_t end = table.firstSymbol;
  for (uint32_t i = 0; i < table.bucketCount; ++i) {
    uint32_t symbol = *read<uint32_t>(buckets + 4ull * i);
    if (symbol == 0)
      continue;
    if (symbol < end)
      return refuse("its hash table is damaged");
    for (end = symbol;; ++end) {
      auto chain = read<uint32_t>(chains + 4 * (end - table.firstSymbol));
      if (!chain)
        return refuse("its hash table lies outside of its segments");
      if (*chain & 1)
        break;
    }
    ++end;
  }
  symbolCount = std::max(symbolCount, end);
  return Status();
}

Status ElfImage::verifyHash() {
  auto sysv = tag(DT_HASH), gnu = tag(DT_GNU_HASH);
  if (!sysv && !gnu)
    return refuse("it has no hash table");
  if (sysv)
    if (Status status = verifySysvHash(*sysv); status.failed())
      return status;
  if (gnu)
    if (Status status = verifyGnuHash(*gnu); status.failed())
      return status;

  for (uint64_t i = 0; i < symbolCount; ++i) {
    auto symbol = read<Elf64_Sym>(symbolTable + i * sizeof(Elf64_Sym));
    if (!symbol || !string(symbol->st_name))
      return refuse("its symbol table lies outside of its segments");
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    unsigned binding = ELF64_ST_BIND(symbol->st_info);
    if (type == STT_GNU_IFUNC || type == STT_TLS || binding == STB_GNU_UNIQUE)
      return refuse("a symbol asks the loader to run code or to keep it");
    if (symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
        !isLoaded(symbol->st_value))
      return refuse("a symbol lies outside of its segments");
  }
  return Status();
}

/// Versions of the symbols that libc and libm are to provide.
Status ElfImage::verifyVersions() {
  auto versions = tag(DT_VERSYM), needed = tag(DT_VERNEED);
  uint64_t files = tag(DT_VERNEEDNUM).value_or(0);
  if (needed.has_value() != (files != 0) || (needed && !versions))
    return refuse("its symbol versions are incomplete");
  if (versions && (*versions % 2 != 0 || !at(*versions, 2 * symbolCount)))
    return refuse("its symbol versions lie outside of its segments");
  if (files > 2)
    return refuse("it asks for versions of ", files, " libraries");
  uint32_t highest = 1;
  uint64_t address = needed.value_or(0);
  for (uint64_t i = 0; i < files; ++i) {
    auto file = read<Elf64_Verneed>(address);
    if (!file || address % 4 != 0 || !string(file->vn_file) ||
        file->vn_cnt > 256)
      return refuse("its symbol versions are damaged");
    // The loader looks among the libraries it has opened for this object.
    bool isNeeded =
        std::any_of(dynamic.begin(), dynamic.end(), [&](const auto &entry) {
          return entry.d_tag == DT_NEEDED &&
                 string(entry.d_un.d_val) == string(file->vn_file);
        });
    if (!isNeeded)
      return refuse("its symbol versions name a library it does not need");
    uint64_t entryAddress = address + file->vn_aux;
    for (unsigned k = 0; k < file->vn_cnt; ++k) {
      auto entry = read<Elf64_Vernaux>(entryAddress);
      if (!entry || entryAddress % 4 != 0 || !string(entry->vna_name))
        return refuse("its symbol versions are damaged");
      highest = std::max<uint32_t>(highest, entry->vna_other & 0x7fff);
      bool isLast = k + 1 == file->vn_cnt;
      if (isLast != (entry->vna_next == 0))
        return refuse("its symbol versions are damaged");
      entryAddress += entry->vna_next;
    }
    bool isLast = i + 1 == files;
    if (isLast != (file->vn_next == 0) || file->vn_cnt == 0)
      return refuse("its symbol versions are damaged");
    address += file->vn_next;
  }
  for (uint64_t i = 0; versions && i < symbolCount; ++i)
    if ((*read<uint16_t>(*versions + 2 * i) & 0x7fff) > highest)
      return refuse("its symbol versions are damaged");
  return Status();
}

Status ElfImage::verifyRelocations(int64_t table, int64_t size) {
  uint64_t bytes = tag(size).value_or(0);
  auto address = tag(table);
  if (!address && bytes == 0)
    return Status();
  if (!address || *address % alignof(Elf64_Rela) != 0 ||
      bytes % sizeof(Elf64_Rela) != 0 || !at(*address, bytes))
    return refuse("its relocations lie outside of its segments");
  bool isPlt = table == DT_JMPREL;
  if (isPlt ? tag(DT_PLTREL) != uint64_t(DT_RELA)
            : tag(DT_RELAENT) != sizeof(Elf64_Rela))
    return refuse("its relocations are of an unexpected form");
  uint64_t count = bytes / sizeof(Elf64_Rela);
  if (!isPlt && tag(DT_RELACOUNT).value_or(0) > count)
    return refuse("its relocations are damaged");
  uint64_t relativeCount = isPlt ? 0 : tag(DT_RELACOUNT).value_or(0);
  for (uint64_t i = 0; i < count; ++i) {
    auto entry = *read<Elf64_Rela>(*address + i * sizeof(Elf64_Rela));
    uint64_t type = ELF64_R_TYPE(entry.r_info);
    bool isKnown = type == R_X86_64_RELATIVE || type == R_X86_64_GLOB_DAT ||
                   type == R_X86_64_JUMP_SLOT || type == R_X86_64_64;
    if (!isKnown || (i < relativeCount && type != R_X86_64_RELATIVE))
      return refuse("it has a relocation of the unexpected type ", type);
    if (!isWritable(entry.r_offset, 8) || entry.r_offset % 8 != 0)
      return refuse("a relocation lies outside of its segments");
    // A relocation of the dynamic table itself would undo all these checks.
    if (entry.r_offset + 8 > dynamicSegment->p_vaddr &&
        entry.r_offset < dynamicSegment->p_vaddr + dynamicSegment->p_memsz)
      return refuse("a relocation changes its dynamic table");
    uint64_t symbol = ELF64_R_SYM(entry.r_info);
    if (type == R_X86_64_RELATIVE) {
      if (symbol != 0 || !isLoaded(static_cast<uint64_t>(entry.r_addend)))
        return refuse("a relocation points outside of its segments");
      continue;
    }
    if (symbol >= symbolCount)
      return refuse("a relocation's symbol lies outside of its symbol table");
  }
  return Status();
}

} // namespace

Status verifySharedObject(Bytes image) { return ElfImage(image).verify(); }

} // namespace vyre::runtime::internal
