//===- FaultReport.cpp - When compiled code faults --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FaultReport.h"

#include <csignal>
#include <cstring>
#include <initializer_list>
#include <unistd.h>

namespace vyre::run {
namespace {

/// Enough for the handler, which calls nothing but write.
alignas(16) char handlerStack[16384];

/// May run at any point of the program: calls nothing that takes a lock.
void reportAndExit(int signal) {
  const char *what = signal == SIGSEGV || signal == SIGBUS
                         ? "an access to memory that is not there"
                     : signal == SIGFPE ? "a division that traps"
                     : signal == SIGILL
                         ? "an instruction that this CPU does not have"
                         : "an abort, as of a corrupted heap";
  for (const char *part :
       {"vyre-run: error: the artifact's CPU code faulted: ", what,
        ". Fix: check the program for accesses out of bounds; if it is right, "
        "compile the artifact again.\n"}) {
    ssize_t written = ::write(STDERR_FILENO, part, std::strlen(part));
    (void)written;
  }
  ::_exit(2);
}

} // namespace

void reportFaults() {
  // A stack of its own, for the case that the other one is used up.
  stack_t stack = {};
  stack.ss_sp = handlerStack;
  stack.ss_size = sizeof(handlerStack);
  ::sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = &reportAndExit;
  action.sa_flags = SA_ONSTACK;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    ::sigaction(signal, &action, nullptr);
}

} // namespace vyre::run
