//===- vyre-plan.cpp - The planners, as a filter --------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   vyre-plan < requests > answers
//
// Reads one JSON request a line and writes one JSON answer a line, in order. A
// request that fails is answered by an error and the next one is read. The exit
// status is 0 if every answer was a plan, 1 if one was an error, and 2 if the
// command line is wrong or input or output fails. docs/Planning.md describes
// requests and answers.
//
//===----------------------------------------------------------------------===//

#include "LineReader.h"
#include "Planner.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace vyre::plan_tool;

/// A longer line is refused, so that memory has a bound.
static constexpr size_t kLongestLine = size_t(256) << 20;

/// Answers wait for company up to so many bytes, or until there is nothing more
/// to answer.
static constexpr size_t kOutputChunk = 256 * 1024;

enum ExitStatus { kAllPlanned = 0, kSomeFailed = 1, kUnusable = 2 };

static const char kUsage[] =
    "usage: vyre-plan < requests > answers\n"
    "\n"
    "Reads one JSON request a line and answers each with one JSON line.\n"
    "  {\"plan\":\"queue\",\"initial_items\":256,\"queue_capacity\":1024,"
    "\"entry_bytes\":16,\n"
    "   \"control_bytes\":128,\"budget_bytes\":32768,"
    "\"host_sync\":\"final_only\"}\n"
    "Plans: fusion, compaction, queue, capture, cache-audit.\n"
    "Exit status: 0 all planned, 1 an answer is an error, 2 unusable.\n"
    "\n"
    "  --help     print this\n"
    "  --version  print the version\n";

/// Writes all of the text and empties it.
static bool flush(std::string &text) {
  for (size_t written = 0; written < text.size();) {
    ssize_t count =
        write(STDOUT_FILENO, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    written += size_t(count);
  }
  text.clear();
  return true;
}

static int fail(const char *what) {
  std::fprintf(stderr, "vyre-plan: %s: %s\n", what, std::strerror(errno));
  return kUnusable;
}

static int answerAll() {
  LineReader lines(STDIN_FILENO, kLongestLine);
  Planner planner;
  std::string out;
  int status = kAllPlanned;
  while (true) {
    std::string_view line;
    switch (lines.next(line)) {
    case LineReader::Result::Line:
      if (!planner.answer(line, out))
        status = kSomeFailed;
      break;
    case LineReader::Result::TooLong:
      answerTooLong(kLongestLine, out);
      status = kSomeFailed;
      break;
    case LineReader::Result::End:
      return flush(out) ? status : fail("cannot write the answers");
    case LineReader::Result::Failed:
      flush(out);
      return fail("cannot read requests");
    }
    // Whoever waits for an answer before the next request gets it.
    if ((out.size() >= kOutputChunk || !lines.hasBufferedLine()) && !flush(out))
      return fail("cannot write the answers");
  }
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--help") == 0) {
      std::fputs(kUsage, stdout);
      return kAllPlanned;
    }
    if (std::strcmp(argv[i], "--version") == 0) {
      std::puts("vyre-plan " VYRE_VERSION);
      return kAllPlanned;
    }
    std::fprintf(stderr,
                 "vyre-plan: unknown argument '%s'; expected --help, --version "
                 "or none\n%s",
                 argv[i], kUsage);
    return kUnusable;
  }
  // A reader that goes away is a failed write and no signal.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return answerAll();
  } catch (const std::bad_alloc &) {
    std::fputs("vyre-plan: out of memory\n", stderr);
    return kUnusable;
  }
}
