//===- Reservation.h - Reserving storage, or the error ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one way in which planners get memory.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_PLANNING_RESERVATION_H
#define VYRE_LIB_PLANNING_RESERVATION_H

#include "vyre/Planning/PlanResult.h"
#include "vyre/Planning/Storage.h"

#include <optional>

namespace vyre::planning {

/// Makes room for so many elements; the error names the field.
template <typename T>
[[nodiscard]] std::optional<StorageReserveFailed>
reserve(FlatArray<T> &array, size_t elements, const char *field) {
  if (array.tryReserve(elements))
    return std::nullopt;
  return StorageReserveFailed{field, elements};
}

} // namespace vyre::planning

#endif // VYRE_LIB_PLANNING_RESERVATION_H
