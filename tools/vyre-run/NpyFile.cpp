//===- NpyFile.cpp - NumPy's .npy files -------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpyFile.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace vyre::run {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr uint64_t kMaxHeaderBytes = uint64_t(1) << 20;
constexpr size_t kMaxRank = 64;

struct CloseFile {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// The dictionary in front of the data.
struct NpyHeader {
  std::string descr;
  bool isFortranOrder = false;
  std::vector<int64_t> shape;
};

/// Parses the header, a Python dictionary of three keys, without Python.
class HeaderParser {
public:
  HeaderParser(std::string_view text, const std::string &path)
      : text(text), path(path) {}

  NpyHeader parse() {
    NpyHeader header;
    bool hasDescr = false, hasOrder = false, hasShape = false;
    expect('{');
    while (!take('}')) {
      std::string key = parseString();
      expect(':');
      if (key == "descr" && !hasDescr) {
        skipSpace();
        if (position < text.size() && text[position] == '[')
          fail("it holds records. Fix: save one plain array");
        header.descr = parseString();
        hasDescr = true;
      } else if (key == "fortran_order" && !hasOrder) {
        header.isFortranOrder = parseBool();
        hasOrder = true;
      } else if (key == "shape" && !hasShape) {
        header.shape = parseShape();
        hasShape = true;
      } else {
        fail("its header has the unexpected key '" + key + "'");
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skipSpace();
    if (position != text.size())
      fail("its header goes on after its end");
    if (!hasDescr || !hasOrder || !hasShape)
      fail("its header lacks 'descr', 'fortran_order' or 'shape'");
    return header;
  }

private:
  [[noreturn]] void fail(const std::string &reason) const {
    throw UserError("'" + path + "' is not a usable .npy file: " + reason +
                    (reason.find("Fix:") == std::string::npos
                         ? ". Fix: write it with numpy.save."
                         : "."));
  }

  void skipSpace() {
    while (position < text.size() &&
           (text[position] == ' ' || text[position] == '\n' ||
            text[position] == '\t' || text[position] == '\r'))
      ++position;
  }

  bool take(char c) {
    skipSpace();
    if (position == text.size() || text[position] != c)
      return false;
    ++position;
    return true;
  }

  void expect(char c) {
    if (!take(c))
      fail(std::string("its header lacks a '") + c + "'");
  }

  std::string parseString() {
    skipSpace();
    if (position == text.size() ||
        (text[position] != '\'' && text[position] != '"'))
      fail("its header lacks a string");
    char quote = text[position++];
    size_t end = text.find(quote, position);
    if (end == std::string_view::npos || end - position > 64)
      fail("its header has a string without end");
    std::string result(text.substr(position, end - position));
    for (char c : result)
      if (c < 0x20 || c > 0x7e || c == '\\')
        fail("its header has a string with unexpected characters");
    position = end + 1;
    return result;
  }

  bool parseBool() {
    skipSpace();
    for (bool value : {false, true}) {
      std::string_view word = value ? "True" : "False";
      if (text.substr(position, word.size()) == word) {
        position += word.size();
        return value;
      }
    }
    fail("its 'fortran_order' is neither True nor False");
  }

  std::vector<int64_t> parseShape() {
    std::vector<int64_t> shape;
    expect('(');
    while (!take(')')) {
      shape.push_back(parseExtent());
      if (shape.size() > kMaxRank)
        fail("its rank is above " + std::to_string(kMaxRank));
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }

  int64_t parseExtent() {
    skipSpace();
    size_t begin = position;
    int64_t value = 0;
    for (; position < text.size() && text[position] >= '0' &&
           text[position] <= '9';
         ++position)
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, text[position] - '0', &value))
        fail("an extent is above 2^63");
    if (position == begin)
      fail("an extent is not a number");
    // Python 2 wrote long integers with a suffix.
    if (position < text.size() && text[position] == 'L')
      ++position;
    return value;
  }

  std::string_view text;
  const std::string &path;
  size_t position = 0;
};

/// What numpy calls the type of a result.
const char *descrOf(uint32_t elementType) {
  switch (elementType) {
  case VYRE_ELEMENT_I1:
    return "|b1";
  case VYRE_ELEMENT_I8:
    return "|i1";
  case VYRE_ELEMENT_I16:
    return "<i2";
  case VYRE_ELEMENT_I32:
    return "<i4";
  case VYRE_ELEMENT_F16:
    return "<f2";
  case VYRE_ELEMENT_BF16:
    return "<u2";
  case VYRE_ELEMENT_F32:
    return "<f4";
  case VYRE_ELEMENT_F64:
    return "<f8";
  default:
    return "<i8";
  }
}

/// Whether an array of this numpy type can be an argument of the element type.
bool fits(std::string_view descr, uint32_t elementType) {
  std::string_view type = descr.substr(1);
  switch (elementType) {
  case VYRE_ELEMENT_I1:
    return type == "b1";
  case VYRE_ELEMENT_I8:
    return type == "i1" || type == "u1";
  case VYRE_ELEMENT_I16:
    return type == "i2" || type == "u2";
  case VYRE_ELEMENT_I32:
    return type == "i4" || type == "u4";
  case VYRE_ELEMENT_I64:
  case VYRE_ELEMENT_INDEX:
    return type == "i8" || type == "u8";
  case VYRE_ELEMENT_F16:
    return type == "f2";
  case VYRE_ELEMENT_BF16:
    return type == "u2" || type == "V2";
  case VYRE_ELEMENT_F32:
    return type == "f4";
  case VYRE_ELEMENT_F64:
    return type == "f8";
  default:
    return false;
  }
}

void checkDescr(const std::string &descr, uint32_t elementType,
                const std::string &path, const std::string &what) {
  if (descr.size() < 2)
    throw UserError("'" + path + "' has the unknown element type '" + descr +
                    "'. Fix: write it with numpy.save.");
  if (descr[0] == '>')
    throw UserError("'" + path + "' is big-endian ('" + descr +
                    "'), expected little-endian. Fix: save "
                    "x.astype(x.dtype.newbyteorder('<')).");
  if (descr.find('O') != std::string::npos)
    throw UserError("'" + path +
                    "' holds Python objects, expected numbers. "
                    "Fix: save an array of a number type.");
  bool hasOrder = descr[0] == '<' || descr[0] == '|' || descr[0] == '=';
  if (!hasOrder || !fits(descr, elementType))
    throw UserError("'" + path + "' has element type '" + descr + "', " + what +
                    " takes " + vyreElementTypeName(elementType) +
                    ". Fix: save it as '" + descrOf(elementType) + "'.");
}

class NpyReader {
public:
  explicit NpyReader(const std::string &path) : path(path) {
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd < 0 || ::fstat(fd, &info) != 0) {
      int reason = errno;
      if (fd >= 0)
        ::close(fd);
      throw UserError("cannot open '" + path + "': " + std::strerror(reason) +
                      ". Fix: pass the path of a readable .npy file.");
    }
    file.reset(::fdopen(fd, "rb"));
    if (!file)
      ::close(fd);
    if (!file || !S_ISREG(info.st_mode))
      throw UserError("'" + path +
                      "' is not a regular file. Fix: pass the "
                      "path of a .npy file.");
    bytesLeft = static_cast<uint64_t>(info.st_size);
  }

  void read(void *target, uint64_t size, const char *part) {
    if (size > bytesLeft)
      throw UserError("'" + path + "' ends within its " + part +
                      ". Fix: write it again with numpy.save.");
    if (size != 0 && std::fread(target, 1, size, file.get()) != size)
      throw UserError("reading '" + path +
                      "' failed. Fix: check the file system.");
    bytesLeft -= size;
  }

  NpyHeader readHeader() {
    unsigned char lead[8];
    read(lead, sizeof(lead), "magic number");
    if (std::memcmp(lead, kMagic.data(), kMagic.size()) != 0)
      throw UserError("'" + path +
                      "' is not a .npy file: it does not begin "
                      "with its magic number. Fix: write it with "
                      "numpy.save.");
    if (lead[6] < 1 || lead[6] > 3)
      throw UserError("'" + path + "' has .npy version " +
                      std::to_string(lead[6]) + "." + std::to_string(lead[7]) +
                      ", expected 1, 2 or 3. Fix: write it with numpy.save.");
    unsigned lengthBytes = lead[6] == 1 ? 2 : 4;
    unsigned char raw[4] = {};
    read(raw, lengthBytes, "header");
    uint64_t length = raw[0] | raw[1] << 8 | raw[2] << 16 |
                      static_cast<uint64_t>(raw[3]) << 24;
    if (length > kMaxHeaderBytes)
      throw UserError("'" + path + "' has a header of " +
                      std::to_string(length) + " bytes, expected at most " +
                      std::to_string(kMaxHeaderBytes) +
                      ". Fix: write it with numpy.save.");
    std::string text(length, '\0');
    read(text.data(), length, "header");
    return HeaderParser(text, path).parse();
  }

  uint64_t left() const { return bytesLeft; }

private:
  const std::string &path;
  File file;
  uint64_t bytesLeft = 0;
};

/// The bytes that a shape needs, or the largest number where that overflows.
uint64_t byteSizeOf(const std::vector<int64_t> &shape, uint64_t elementBytes) {
  uint64_t bytes = elementBytes;
  for (int64_t extent : shape)
    if (extent == 0)
      return 0;
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes))
      return UINT64_MAX;
  return bytes;
}

} // namespace

HostArray readNpy(const std::string &path, uint32_t elementType,
                  const std::string &what) {
  NpyReader reader(path);
  NpyHeader header = reader.readHeader();
  checkDescr(header.descr, elementType, path, what);
  if (header.isFortranOrder)
    throw UserError("'" + path +
                    "' is in Fortran order, expected row-major. "
                    "Fix: save numpy.ascontiguousarray(x).");
  // Before any memory is taken for what the header claims.
  uint64_t expected =
      byteSizeOf(header.shape, vyreElementTypeSize(elementType));
  if (expected != reader.left())
    throw UserError("'" + path + "' has " + std::to_string(reader.left()) +
                    " bytes of data, its shape " + formatShape(header.shape) +
                    " takes " + std::to_string(expected) +
                    ". Fix: write it again with numpy.save.");
  HostArray array =
      HostArray::allocate(elementType, std::move(header.shape), what);
  reader.read(array.data.get(), array.byteSize, "data");
  if (elementType == VYRE_ELEMENT_I1)
    for (uint64_t i = 0; i < array.byteSize; ++i)
      if (array.data.get()[i] > 1)
        throw UserError("'" + path +
                        "' holds a boolean that is neither 0 nor "
                        "1. Fix: write it with numpy.save.");
  return array;
}

void writeNpy(const std::string &path, const HostArray &array) {
  std::string header = std::string("{'descr': '") + descrOf(array.elementType) +
                       "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < array.extents.size(); ++i)
    header += std::to_string(array.extents[i]) +
              (i + 1 < array.extents.size() || i == 0 ? "," : "") +
              (i + 1 < array.extents.size() ? " " : "");
  header += "), }";
  // The data begins at a multiple of 64 bytes.
  size_t before = kMagic.size() + 4;
  size_t total = (before + header.size() + 1 + 63) / 64 * 64;
  header.append(total - before - header.size() - 1, ' ');
  header += '\n';

  std::string lead(kMagic);
  lead += '\x01';
  lead += '\0';
  lead += static_cast<char>(header.size() & 0xff);
  lead += static_cast<char>(header.size() >> 8);
  lead += header;

  File file(std::fopen(path.c_str(), "wb"));
  bool isWritten =
      file &&
      std::fwrite(lead.data(), 1, lead.size(), file.get()) == lead.size() &&
      (array.byteSize == 0 || std::fwrite(array.data.get(), 1, array.byteSize,
                                          file.get()) == array.byteSize);
  // A full disk may show only now.
  if (!isWritten || std::fclose(file.release()) != 0)
    throw UserError("cannot write '" + path + "': " + std::strerror(errno) +
                    ". Fix: pass --out a writable directory with room.");
}

} // namespace vyre::run
