//===- Status.h - Errors inside the runtime ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime's own status type. The C API hands the same object out. A
// success owns nothing and allocates nothing.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_STATUS_H
#define VYRE_LIB_RUNTIME_STATUS_H

#include "vyre-c/Runtime.h"

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

struct VyreStatus {
  VyreStatusCode code;
  std::string message;
};

namespace vyre::runtime::internal {

namespace detail {
inline void append(std::string &out, std::string_view text) { out += text; }
inline void append(std::string &out, char c) { out += c; }
template <typename T,
          typename = std::enable_if_t<std::is_arithmetic<T>::value &&
                                      !std::is_same<T, char>::value>>
void append(std::string &out, T number) {
  out += std::to_string(number);
}
} // namespace detail

/// Joins strings and numbers into one string.
template <typename... Parts> std::string concat(const Parts &...parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

/// Success, or an error with a code and a message.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(VyreStatusCode code, std::string message)
      : error(new VyreStatus{code, std::move(message)}) {}

  bool failed() const { return error != nullptr; }
  VyreStatusCode code() const { return error ? error->code : VYRE_STATUS_OK; }
  std::string_view message() const {
    return error ? std::string_view(error->message) : std::string_view();
  }

  /// A second object with the same content.
  Status copy() const {
    return error ? Status(error->code, error->message) : Status();
  }
  /// Hands the error to the C API; NULL for success.
  VyreStatus *release() { return error.release(); }

  /// Keeps the first of several errors.
  void update(Status other) {
    if (!failed())
      *this = std::move(other);
  }

private:
  std::unique_ptr<VyreStatus> error;
};

/// An error whose message is the parts, joined.
template <typename... Parts>
Status failure(VyreStatusCode code, const Parts &...parts) {
  return Status(code, concat(parts...));
}

template <typename... Parts> Status invalid(const Parts &...parts) {
  return failure(VYRE_STATUS_INVALID_ARGUMENT, parts...);
}

template <typename... Parts> Status badArtifact(const Parts &...parts) {
  return failure(VYRE_STATUS_BAD_ARTIFACT, parts...);
}

/// A value, or the error that kept it from being made.
template <typename T> class [[nodiscard]] Expected {
public:
  Expected(T value) : value(std::move(value)) {}
  Expected(Status status) : status(std::move(status)) {
    assert(this->status.failed() && "an error is needed where no value is");
  }

  bool failed() const { return !value.has_value(); }
  Status takeStatus() { return std::move(status); }
  T &operator*() { return *value; }
  T *operator->() { return &*value; }

private:
  std::optional<T> value;
  Status status;
};

} // namespace vyre::runtime::internal

#endif // VYRE_LIB_RUNTIME_STATUS_H
