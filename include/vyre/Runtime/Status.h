//===- Status.h - Errors as values ------------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Success or an error, and a value or an error.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_STATUS_H
#define VYRE_RUNTIME_STATUS_H

#include "vyre-c/Status.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace vyre::runtime {

/// Success, or an error with a code and a message.
class [[nodiscard]] Status {
public:
  Status() = default;
  /// Takes over what a function of the C API returned.
  explicit Status(VyreStatus *status) : status(status) {}

  /// An error of one's own.
  static Status error(VyreStatusCode code, const std::string &message) {
    return Status(vyreStatusCreate(code, message.c_str()));
  }

  bool failed() const { return status != nullptr; }
  VyreStatusCode code() const { return vyreStatusCode(status.get()); }
  /// Valid as long as the status; "" for success.
  const char *message() const { return vyreStatusMessage(status.get()); }

  /// Hands the error to the C API; NULL for success.
  VyreStatus *release() { return status.release(); }

private:
  struct Release {
    void operator()(VyreStatus *status) const { vyreStatusRelease(status); }
  };
  std::unique_ptr<VyreStatus, Release> status;
};

/// A value, or the error that kept it from being made.
template <typename T> class [[nodiscard]] Expected {
public:
  Expected(T value) : value(std::move(value)) {}
  Expected(Status status) : status(std::move(status)) {}

  bool failed() const { return !value.has_value(); }
  const char *message() const { return status.message(); }
  Status takeStatus() { return std::move(status); }
  T &operator*() & { return *value; }
  T &&operator*() && { return std::move(*value); }
  T *operator->() { return &*value; }

private:
  std::optional<T> value;
  Status status;
};

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_STATUS_H
