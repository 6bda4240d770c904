//===- LineReader.h - Lines of any length from a file descriptor *- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYREPLAN_LINEREADER_H
#define VYRE_TOOLS_VYREPLAN_LINEREADER_H

#include <cstddef>
#include <string>
#include <string_view>

namespace vyre::plan_tool {

/// Reads lines, each ended by a line feed or by the end of the input.
class LineReader {
public:
  /// Longer lines than the limit, in bytes, are skipped and reported.
  LineReader(int descriptor, size_t limit)
      : descriptor(descriptor), limit(limit) {}

  enum class Result { Line, TooLong, End, Failed };

  /// Reads the next line; it stays valid until the next call. Failed leaves the
  /// reason in errno.
  Result next(std::string_view &line);

  /// Whether next() has a line to give without waiting for more input.
  bool hasBufferedLine() const;

private:
  void fill();

  int descriptor;
  size_t limit;
  std::string buffer;
  /// Where the next line starts, and up to where no line feed follows.
  size_t start = 0;
  size_t searched = 0;
  bool isSkipping = false;
  bool isAtEnd = false;
  bool hasFailed = false;
};

} // namespace vyre::plan_tool

#endif // VYRE_TOOLS_VYREPLAN_LINEREADER_H
