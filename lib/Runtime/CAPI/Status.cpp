//===- Status.cpp - Version, statuses, element types ------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CAPI/Common.h"

#include <iterator>

namespace vyre::runtime::internal {

VyreStatus *outOfHostMemory() {
  static VyreStatus status{
      VYRE_STATUS_OUT_OF_MEMORY,
      "the host has no memory left. Fix: free memory, or pass smaller data."};
  return &status;
}
VyreStatus *unexpectedException() {
  static VyreStatus status{VYRE_STATUS_INTERNAL,
                           "the runtime met an unexpected exception. Fix: "
                           "report it to the Vyre project."};
  return &status;
}

Status adopt(VyreStatus *status) {
  std::unique_ptr<VyreStatus, decltype(&vyreStatusRelease)> owned(
      status, vyreStatusRelease);
  return status ? Status(status->code, status->message) : Status();
}

Status writeText(std::string_view from, char *text, size_t size,
                 size_t *length) {
  if (size && !text)
    return nullArgument("text");
  if (!length)
    return nullArgument("length");
  if (size) {
    size_t copied = std::min(from.size(), size - 1);
    std::memcpy(text, from.data(), copied);
    text[copied] = '\0';
  }
  *length = from.size();
  return Status();
}

} // namespace vyre::runtime::internal

using namespace vyre::runtime::internal;

uint32_t vyreRuntimeVersion(void) { return VYRE_RUNTIME_VERSION; }

VyreStatusCode vyreStatusCode(const VyreStatus *status) {
  return status ? status->code : VYRE_STATUS_OK;
}

const char *vyreStatusMessage(const VyreStatus *status) {
  return status ? status->message.c_str() : "";
}

const char *vyreStatusCodeName(uint32_t code) {
  constexpr const char *kNames[] = {"ok",
                                    "invalid argument",
                                    "not found",
                                    "bad artifact",
                                    "unsupported",
                                    "out of memory",
                                    "device unavailable",
                                    "device error",
                                    "device lost",
                                    "deadline exceeded",
                                    "failed precondition",
                                    "i/o error",
                                    "internal error",
                                    "invalid result"};
  return code < std::size(kNames) ? kNames[code] : "unknown";
}

VyreStatus *vyreStatusCreate(VyreStatusCode code, const char *message) {
  if (code == VYRE_STATUS_OK)
    return nullptr;
  return guarded([&] { return Status(code, message ? message : ""); });
}

void vyreStatusRelease(VyreStatus *status) {
  if (status != outOfHostMemory() && status != unexpectedException())
    delete status;
}

size_t vyreElementTypeSize(uint32_t type) {
  return type <= VYRE_ELEMENT_INDEX
             ? elementSize(static_cast<ElementType>(type))
             : 0;
}

const char *vyreElementTypeName(uint32_t type) {
  return type <= VYRE_ELEMENT_INDEX
             ? elementTypeName(static_cast<ElementType>(type))
             : "unknown";
}
