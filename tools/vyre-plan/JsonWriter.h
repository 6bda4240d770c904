//===- JsonWriter.h - JSON text, appended to a string -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Answers go out by the hundred thousand and may hold as many numbers as a
// request, so they are written as they come instead of being built as a tree.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYREPLAN_JSONWRITER_H
#define VYRE_TOOLS_VYREPLAN_JSONWRITER_H

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace vyre::plan_tool {

/// Writes one value. Commas come by themselves; whoever opens an object or an
/// array closes it. Text must be UTF-8.
class JsonWriter {
public:
  explicit JsonWriter(std::string &out) : out(out) {}

  void openObject() { open('{'); }
  void closeObject() { close('}'); }
  void openArray() { open('['); }
  void closeArray() { close(']'); }

  void key(std::string_view name) {
    value(name);
    out += ':';
    needsComma = false;
  }
  void value(uint64_t number) {
    separate();
    char digits[20];
    auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
    out.append(digits, end);
  }
  void value(bool truth) {
    separate();
    out += truth ? "true" : "false";
  }
  void value(std::string_view text) {
    separate();
    out += '"';
    for (char c : text)
      appendEscaped(c);
    out += '"';
  }
  void value(const char *text) { value(std::string_view(text)); }
  void null() {
    separate();
    out += "null";
  }

  template <typename T> void member(std::string_view name, T content) {
    key(name);
    value(content);
  }

private:
  void separate() {
    if (needsComma)
      out += ',';
    needsComma = true;
  }
  void open(char bracket) {
    separate();
    out += bracket;
    needsComma = false;
  }
  void close(char bracket) {
    out += bracket;
    needsComma = true;
  }
  void appendEscaped(char c) {
    constexpr char kHex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }

  std::string &out;
  bool needsComma = false;
};

} // namespace vyre::plan_tool

#endif // VYRE_TOOLS_VYREPLAN_JSONWRITER_H
