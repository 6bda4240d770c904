//===- Telemetry.cpp - What the runtime counts ------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Telemetry.h"

#include <nlohmann/json.hpp>

namespace vyre::runtime::internal {

Telemetry &Telemetry::process() {
  static Telemetry all(nullptr);
  return all;
}

VyreTelemetry Telemetry::snapshot() const {
  VyreTelemetry answer = {};
#define VYRE_COUNTER(name) answer.name = name.load(std::memory_order_relaxed);
  VYRE_TELEMETRY_COUNTERS(VYRE_COUNTER)
#undef VYRE_COUNTER
  return answer;
}

std::string toJson(const VyreTelemetry &telemetry) {
  nlohmann::ordered_json object;
#define VYRE_COUNTER(name) object[#name] = telemetry.name;
  VYRE_TELEMETRY_COUNTERS(VYRE_COUNTER)
#undef VYRE_COUNTER
  return object.dump();
}

} // namespace vyre::runtime::internal
