//===- DispatchBindings.cpp - What a caller binds, checked ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each binding against what the program declares of its argument: element type,
// rank, extents, bytes, alignment, and that buffers do not overlap.
//
//===----------------------------------------------------------------------===//

#include "DispatchPlan.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace vyre::runtime::internal {
namespace {

std::string formatExtents(const int64_t *extents, size_t rank) {
  std::string out = "[";
  for (size_t i = 0; i < rank; ++i) {
    if (i)
      out += ", ";
    out += extents[i] < 0 ? std::string("?") : std::to_string(extents[i]);
  }
  return out + "]";
}

/// The bits of a scalar of this type at `data`, as a kernel parameter.
int64_t loadScalar(ElementType type, const void *data) {
  switch (elementSize(type)) {
  case 1: {
    int8_t value;
    std::memcpy(&value, data, sizeof(value));
    return value;
  }
  case 2: {
    int16_t value;
    std::memcpy(&value, data, sizeof(value));
    return isInteger(type) ? int64_t(value) : int64_t(uint16_t(value));
  }
  case 4: {
    int32_t value;
    std::memcpy(&value, data, sizeof(value));
    return isInteger(type) ? int64_t(value) : int64_t(uint32_t(value));
  }
  default: {
    int64_t value;
    std::memcpy(&value, data, sizeof(value));
    return value;
  }
  }
}

/// Whether a replay without uploads is safe with such an argument.
bool isKeptSafely(artifact::ReplaySafety safety) {
  switch (safety) {
  case artifact::ReplaySafety::read_modify_write:
  case artifact::ReplaySafety::state:
  case artifact::ReplaySafety::host_boundary:
    return false;
  default:
    return true;
  }
}

/// Stores a value and says whether that changed it.
bool assign(int64_t &slot, int64_t value) {
  bool isNew = slot != value;
  slot = value;
  return isNew;
}

} // namespace

Status DispatchPlan::readScalar(uint32_t argument, const VyreBinding &binding) {
  ElementType type = program.arguments[argument].elementType;
  if (binding.rank != 0)
    return wrong(argument, "is a scalar, found a binding of rank ",
                 binding.rank, ". Fix: pass the address of one value.");
  if (binding.location != VYRE_MEMORY_HOST)
    return wrong(argument, "is a scalar, found memory of the device or the "
                           "pipeline. Fix: pass the host address of its "
                           "value.");
  if (!binding.data || binding.byte_length < elementSize(type))
    return wrong(argument, "is a scalar of ", elementSize(type),
                 " bytes, found ", binding.data ? binding.byte_length : 0,
                 ". Fix: pass the address of one ", elementTypeName(type), ".");
  int64_t bits = loadScalar(type, binding.data);
  if (type == ElementType::i1 && bits != 0 && bits != 1)
    return wrong(argument, "is an i1, found the byte ",
                 static_cast<unsigned>(static_cast<uint8_t>(bits)),
                 ", expected 0 or 1. Fix: pass a boolean.");
  bool isNew = assign(scalars[argument], bits);
  sizesChanged |= isNew && isInteger(type);
  return Status();
}

/// Takes the extents that the caller decides on, and compares the others.
Status DispatchPlan::readExtents(uint32_t argument,
                                 const VyreBinding &binding) {
  const Argument &info = program.arguments[argument];
  bool areComputed = !info.extentExprs.empty();
  if (areComputed && !binding.extents)
    return Status();
  if (binding.rank != info.rank())
    return wrong(argument, "has rank ", info.rank(), ", found ", binding.rank,
                 ". Fix: pass a buffer of rank ", info.rank(), ".");
  bool areGiven = std::all_of(info.extents.begin(), info.extents.end(),
                              [](int64_t extent) { return extent >= 0; });
  if (areGiven && !binding.extents)
    return Status();
  if (info.rank() != 0 && !binding.extents)
    return wrong(argument, "comes without extents, expected ", info.rank(),
                 ". Fix: set VyreBinding::extents.");
  for (uint32_t i = 0; i < info.rank(); ++i) {
    bool fits = info.extents[i] < 0 ? binding.extents[i] >= 0
                                    : binding.extents[i] == info.extents[i];
    if (!fits)
      return wrong(argument, "has shape ",
                   formatExtents(info.extents.data(), info.rank()), ", found ",
                   formatExtents(binding.extents, info.rank()),
                   ". Fix: pass a buffer of the expected shape.");
    if (!areComputed)
      sizesChanged |= assign(extentsOf(argument)[i], binding.extents[i]);
  }
  return Status();
}

/// An input may only be taken for unchanged where no dispatch changes what the
/// device has of it, nor reads what another left behind.
Status DispatchPlan::readFlags(uint32_t argument, const VyreBinding &binding) {
  if (binding.flags & ~uint32_t(VYRE_BINDING_UNCHANGED))
    return wrong(argument, "has the unknown flags ", binding.flags,
                 ". Fix: pass VyreBindingFlag bits.");
  buffers[argument].isUnchanged = binding.flags & VYRE_BINDING_UNCHANGED;
  hasUnchanged |= buffers[argument].isUnchanged;
  if (!buffers[argument].isUnchanged || program.capture.isResidentReplaySafe)
    return Status();
  constexpr const char *kFix = " Fix: bind it without VYRE_BINDING_UNCHANGED.";
  for (uint32_t i = 0; i < program.capture.replay.size(); ++i) {
    artifact::ReplaySafety safety = program.capture.replay[i];
    if (isKeptSafely(safety))
      continue;
    return wrong(argument, "is bound as unchanged, but ",
                 describeArgument(program, i), " is ",
                 artifact::EnumNameReplaySafety(safety),
                 ", so that a dispatch without uploads is not like one with "
                 "them.",
                 kFix);
  }
  return wrong(argument,
               "is bound as unchanged, but nothing proves that a dispatch "
               "without uploads is like one with them.",
               kFix);
}

Status DispatchPlan::readBindings(const VyreBinding *bindings, size_t count) {
  if (count != program.arguments.size())
    return invalid("program '", program.name, "' has ",
                   program.arguments.size(), " arguments, found ", count,
                   " bindings. Fix: pass one binding per argument.");
  if (count != 0 && !bindings)
    return invalid("the array of bindings is NULL. Fix: pass ", count,
                   " bindings.");
  hasUnchanged = false;
  for (uint32_t i = 0; i < count; ++i) {
    const Argument &info = program.arguments[i];
    const VyreBinding &binding = bindings[i];
    if (binding.reserved1[0] || binding.reserved1[1])
      return wrong(i, "has a binding whose reserved fields are not zero. Fix: "
                      "initialise the whole VyreBinding.");
    if (!info.isBound()) {
      if (binding.data || binding.byte_length || binding.flags)
        return wrong(i, "is memory that the program owns, found a buffer. "
                        "Fix: leave its binding zero.");
      continue;
    }
    if (binding.element_type != static_cast<uint32_t>(info.elementType))
      return wrong(i, "has element type ", elementTypeName(info.elementType),
                   ", found ", vyreElementTypeName(binding.element_type),
                   ". Fix: pass values of type ",
                   elementTypeName(info.elementType), ".");
    if (binding.location > VYRE_MEMORY_READBACK)
      return wrong(i, "has the unknown memory location ", binding.location,
                   ". Fix: pass VYRE_MEMORY_HOST, VYRE_MEMORY_DEVICE or "
                   "VYRE_MEMORY_READBACK.");
    if ((binding.flags & VYRE_BINDING_UNCHANGED) &&
        (!info.isRead() || info.isWritten()))
      return wrong(i, "is bound as unchanged, expected a buffer that the "
                      "program only reads. Fix: bind it without "
                      "VYRE_BINDING_UNCHANGED.");
    if (Status status = readFlags(i, binding); status.failed())
      return status;
    Status status =
        info.isBuffer() ? readExtents(i, binding) : readScalar(i, binding);
    if (status.failed())
      return status;
  }
  return Status();
}

/// The extents of an output that the program decides on.
Status DispatchPlan::computeExtents(uint32_t argument,
                                    const VyreBinding &binding) {
  const Argument &info = program.arguments[argument];
  if (!info.isBuffer() || info.extentExprs.empty())
    return Status();
  int64_t *computed = extentsOf(argument);
  if (sizesChanged) {
    for (uint32_t i = 0; i < info.rank(); ++i) {
      if (Status status = expressions.size(info.extentExprs[i],
                                           "an output's extent", computed[i]);
          status.failed())
        return status;
      if (info.extents[i] >= 0 && computed[i] != info.extents[i])
        return wrong(argument, "has extent ", info.extents[i], " in dimension ",
                     i, ", with these extents and scalars it would be ",
                     computed[i], ". Fix: pass inputs whose shapes agree.");
    }
  }
  for (uint32_t i = 0; binding.extents && i < info.rank(); ++i)
    if (binding.extents[i] != computed[i])
      return wrong(argument, "has shape ", formatExtents(computed, info.rank()),
                   ", found ", formatExtents(binding.extents, info.rank()),
                   ". Fix: pass a buffer of the expected shape; "
                   "vyreArtifactInferExtents computes it.");
  return Status();
}

Status DispatchPlan::computeByteSize(uint32_t argument) {
  const Argument &info = program.arguments[argument];
  const int64_t *shape = extentsOf(argument);
  // An extent of zero counts as one, so that the capacity bounds every other
  // extent by itself: code is compiled for what it lets through.
  bool isEmpty = false, isDynamic = false;
  uint64_t bytes = elementSize(info.elementType);
  for (uint32_t i = 0; i < info.rank(); ++i) {
    isEmpty |= shape[i] == 0;
    isDynamic |= info.extents[i] < 0;
    auto extent = std::max<uint64_t>(static_cast<uint64_t>(shape[i]), 1);
    if (__builtin_mul_overflow(bytes, extent, &bytes))
      return wrong(argument, "with shape ", formatExtents(shape, info.rank()),
                   " takes more than 2^64 bytes. Fix: pass smaller extents.");
  }
  if (kChecksDispatches && bytes > info.capacityBytes &&
      (isDynamic || !isEmpty)) {
    return wrong(argument, "with shape ", formatExtents(shape, info.rank()),
                 isEmpty ? " counts as " : " takes ", bytes,
                 isEmpty ? " bytes, with one for each extent of zero, its "
                           "capacity is "
                         : " bytes, its capacity is ",
                 info.capacityBytes,
                 info.capacityIsDefault
                     ? ", which is the option default-capacity. Fix: compile "
                       "with a larger default-capacity, or state the "
                       "capacity in the program."
                     : ". Fix: pass smaller extents, or state a larger "
                       "capacity in the program.");
  }
  buffers[argument].byteSize = isEmpty ? 0 : bytes;
  return Status();
}

Status DispatchPlan::checkMemory(uint32_t argument,
                                 const VyreBinding &binding) {
  BoundBuffer &buffer = buffers[argument];
  buffer.data = binding.data;
  buffer.location = binding.location;
  if (!kChecksDispatches)
    return Status();
  if (buffer.isReadback()) {
    if (!readback.isResult(argument) || program.arguments[argument].isRead())
      return wrong(argument, "is bound as memory of the pipeline, expected an "
                             "output that is a result. Fix: pass memory for "
                             "it.");
    if (binding.data || binding.byte_length != 0)
      return wrong(argument, "is bound as memory of the pipeline, found a "
                             "buffer. Fix: leave data NULL and byte_length 0, "
                             "or pass VYRE_MEMORY_HOST.");
    return Status();
  }
  if (buffer.byteSize == 0)
    return Status();
  if (!binding.data)
    return wrong(argument, "takes ", buffer.byteSize,
                 " bytes, found a null pointer. Fix: pass memory for it.");
  if (binding.byte_length < buffer.byteSize)
    return wrong(argument, "takes ", buffer.byteSize, " bytes, found ",
                 binding.byte_length, ". Fix: pass a buffer of at least ",
                 buffer.byteSize, " bytes.");
  auto address = reinterpret_cast<uintptr_t>(binding.data);
  uint32_t alignment = program.arguments[argument].alignment;
  if (address & (alignment - 1))
    return wrong(argument, "needs memory aligned to ", alignment,
                 " bytes, found an address that is ", address % alignment,
                 " past a multiple. Fix: allocate it with that alignment.");
  if (buffer.byteSize > std::numeric_limits<uintptr_t>::max() - address)
    return wrong(argument, "takes ", buffer.byteSize,
                 " bytes, which reach beyond the end of the address space. "
                 "Fix: pass the address of a buffer.");
  return Status();
}

/// Whether no two buffers share a byte. There are many fewer buffers than
/// pairs of them, and callers tend to bind them in the same order again, or two
/// sets of them in turn.
bool DispatchPlan::areDisjoint() {
  auto begin = [&](uint32_t argument) {
    return reinterpret_cast<uintptr_t>(buffers[argument].data);
  };
  auto isBefore = [&](uint32_t a, uint32_t b) { return begin(a) < begin(b); };
  auto isSorted = [&] {
    return std::is_sorted(byAddress.begin(), byAddress.end(), isBefore);
  };
  if (!isSorted()) {
    std::swap(byAddress, byAddressBefore);
    if (!isSorted())
      std::sort(byAddress.begin(), byAddress.end(), isBefore);
  }
  uintptr_t end = 0;
  for (uint32_t argument : byAddress) {
    uint64_t byteSize = buffers[argument].byteSize;
    if (byteSize == 0 || buffers[argument].isReadback())
      continue;
    if (begin(argument) < end)
      return false;
    end = begin(argument) + byteSize;
  }
  return true;
}

/// The program was compiled for these pairs being disjoint.
Status DispatchPlan::checkOverlap() {
  if (!kChecksDispatches || program.noOverlap.empty() || areDisjoint())
    return Status();
  for (const artifact::NoOverlap &pair : program.noOverlap) {
    const BoundBuffer &a = buffers[pair.a()], &b = buffers[pair.b()];
    // On the CPU memory of the device is the host's.
    bool areApart = target != Target::cpu && a.location != b.location;
    if (a.byteSize == 0 || b.byteSize == 0 || areApart || a.isReadback() ||
        b.isReadback())
      continue;
    auto beginA = reinterpret_cast<uintptr_t>(a.data);
    auto beginB = reinterpret_cast<uintptr_t>(b.data);
    if (beginA < beginB + b.byteSize && beginB < beginA + a.byteSize)
      return wrong(pair.a(), "overlaps argument ", pair.b(),
                   program.arguments[pair.b()].name.empty() ? "" : " '",
                   program.arguments[pair.b()].name,
                   program.arguments[pair.b()].name.empty() ? "" : "'",
                   ", and the program writes to one of them. Fix: pass "
                   "memory that does not overlap, or a copy.");
  }
  return Status();
}

} // namespace vyre::runtime::internal
