//===- LineReader.cpp - Lines of any length from a file descriptor --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LineReader.h"

#include <cerrno>
#include <unistd.h>

using namespace vyre::plan_tool;

/// Bytes that are asked for at once.
static constexpr size_t kChunk = 256 * 1024;

/// Appends a piece of input to the buffer, or finds that there is none.
void LineReader::fill() {
  // Lines that were given out make room, once they are most of the buffer.
  if (start > buffer.size() / 2) {
    buffer.erase(0, start);
    searched -= start;
    start = 0;
  }
  size_t size = buffer.size();
  buffer.resize(size + kChunk);
  ssize_t count;
  do
    count = read(descriptor, buffer.data() + size, kChunk);
  while (count < 0 && errno == EINTR);
  buffer.resize(size + (count > 0 ? size_t(count) : 0));
  isAtEnd = count <= 0;
  hasFailed = count < 0;
}

bool LineReader::hasBufferedLine() const {
  return !isSkipping && buffer.find('\n', searched) != buffer.npos;
}

LineReader::Result LineReader::next(std::string_view &line) {
  while (true) {
    size_t end = buffer.find('\n', searched);
    bool isWhole = end != buffer.npos;
    if (!isWhole) {
      end = searched = buffer.size();
      if (end - start > limit) {
        // Forgets what it has of a line that is refused anyway.
        isSkipping = true;
        start = end;
      }
      if (!isAtEnd) {
        fill();
        continue;
      }
      if (hasFailed)
        return Result::Failed;
      if (start == end && !isSkipping)
        return Result::End;
    }
    line = std::string_view(buffer).substr(start, end - start);
    bool isTooLong = isSkipping || line.size() > limit;
    isSkipping = false;
    start = searched = isWhole ? end + 1 : end;
    return isTooLong ? Result::TooLong : Result::Line;
  }
}
