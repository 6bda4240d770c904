//===- FaultReport.h - When compiled code faults ----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_FAULTREPORT_H
#define VYRE_TOOLS_VYRE_RUN_FAULTREPORT_H

namespace vyre::run {

/// From now on, a fault of this process (an access to memory that is not there,
/// an illegal instruction, a division that traps, a corrupted heap) ends it
/// with a message and exit code 2. An artifact's CPU code is native code: what
/// it does can be reported, but not undone.
void reportFaults();

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_FAULTREPORT_H
