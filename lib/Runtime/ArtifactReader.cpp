//===- ArtifactReader.cpp - From a payload to checked tables ----*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decodes the FlatBuffers payload into the runtime's own tables. Each field is
// checked for what can be said about it alone: presence, enum values, text,
// alignment. What fields say about each other is ProgramVerifier.cpp's.
//
// FlatBuffers may refer to one object many times, so that a small file can
// describe a huge one. The decoder therefore counts what it allocates.
//
//===----------------------------------------------------------------------===//

#include "Artifact.h"
#include "ProgramChecks.h"
#include "ProgramVerifier.h"

#include "vyre/Target/Artifact_generated.h"

#include <cstring>

namespace vyre::runtime::internal {
namespace {

/// Text that is safe to print and to put into JSON: valid UTF-8 without
/// control characters.
bool isPlainText(const uint8_t *text, size_t size) {
  for (size_t i = 0; i < size;) {
    uint8_t lead = text[i];
    if (lead < 0x20 || lead == 0x7f)
      return false;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    unsigned length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || size - i < length)
      return false;
    uint32_t point = lead & (0x7f >> length);
    for (unsigned k = 1; k < length; ++k) {
      if ((text[i + k] & 0xc0) != 0x80)
        return false;
      point = point << 6 | (text[i + k] & 0x3f);
    }
    bool isOverlong =
        (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (isOverlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return false;
    i += length;
  }
  return true;
}

template <typename Enum> bool isKnown(Enum value, Enum last) {
  return static_cast<unsigned>(value) <= static_cast<unsigned>(last);
}

class Decoder {
public:
  Decoder(size_t payloadBytes, Artifact &artifact)
      : artifact(artifact), budget(payloadBytes * 32 + (uint64_t(1) << 20)) {}

  Status decode(const artifact::Artifact &root);

private:
  Status decodeConstant(const artifact::Constant &from, Constant &to);
  Status decodeCode(const artifact::Code &from, Code &to);
  Status decodeProgram(const artifact::Program &from, Program &to);
  Status decodeArgument(const artifact::Argument &from, Argument &to);
  Status decodeIntermediate(const artifact::Intermediate &from,
                            Intermediate &to);
  Status decodeLaunch(const artifact::Launch &from, Launch &to);
  Status decodeCallBuffer(const artifact::CallBuffer &from, CallBuffer &to);
  Status decodeCall(const artifact::Call &from, Call &to);
  Status decodeCapturePlan(const artifact::CapturePlan &from, CapturePlan &to);
  Status decodeRequirement(const artifact::Requirement &from, Requirement &to);
  Status decodeMathFunction(const artifact::MathFunction &from,
                            MathFunction &to);

  /// Takes `count` things of `size` bytes from the budget.
  Status spend(uint64_t count, size_t size) {
    if (count > budget / size)
      return badArtifact("the artifact describes far more than it holds, by "
                         "using parts of itself many times.",
                         kRemake);
    budget -= count * size;
    return Status();
  }

  Status text(const flatbuffers::String *from, const char *what,
              std::string &to) {
    if (!from)
      return Status();
    if (Status status = spend(from->size(), 1); status.failed())
      return status;
    if (!isPlainText(from->Data(), from->size()))
      return badArtifact("the artifact's ", what,
                         " is not plain UTF-8 text without control characters.",
                         kRemake);
    to.assign(from->c_str(), from->size());
    return Status();
  }

  Status alignment(uint32_t value, const char *what) {
    if (value == 0 || (value & (value - 1)) != 0 || value > kMaxAlignment)
      return badArtifact("the artifact gives a ", what, " the alignment ",
                         value, ", expected a power of two up to ",
                         kMaxAlignment, ".", kRemake);
    return Status();
  }

  template <typename Enum>
  Status known(Enum value, Enum last, const char *what) {
    if (isKnown(value, last))
      return Status();
    return badArtifact("the artifact has the unknown ", what, " ",
                       static_cast<unsigned>(value), ", expected at most ",
                       static_cast<unsigned>(last), ".", kRemake);
  }

  /// FlatBuffers' verifier looks at where a vector's length lies, not at where
  /// its elements do.
  template <typename Element, typename T>
  Status aligned(const flatbuffers::Vector<T> &vector) {
    if (vector.size() == 0 ||
        reinterpret_cast<uintptr_t>(vector.Data()) % alignof(Element) == 0)
      return Status();
    return badArtifact("the artifact has a misaligned table.", kRemake);
  }

  template <typename T, typename U>
  Status numbers(const flatbuffers::Vector<T> *from, std::vector<U> &to) {
    if (!from)
      return Status();
    if (Status status = spend(from->size(), sizeof(U)); status.failed())
      return status;
    if (Status status = aligned<T>(*from); status.failed())
      return status;
    to.assign(from->begin(), from->end());
    return Status();
  }

  /// Three numbers into an array; `from` may be absent.
  template <typename T>
  Status triple(const flatbuffers::Vector<T> *from, const char *what, T *to) {
    if (!from || from->size() == 0)
      return Status();
    if (from->size() != 3)
      return badArtifact("the artifact gives a launch ", from->size(), " ",
                         what, ", expected 3.", kRemake);
    for (unsigned i = 0; i < 3; ++i)
      to[i] = from->Get(i);
    return Status();
  }

  Status memory(const flatbuffers::Vector<const artifact::Memory *> *from,
                std::vector<MemoryRef> &to) {
    if (!from)
      return Status();
    if (Status status = spend(from->size(), sizeof(MemoryRef)); status.failed())
      return status;
    to.reserve(from->size());
    for (const artifact::Memory *entry : *from) {
      if (Status status =
              known(entry->kind(), MemoryKind::constant, "kind of memory");
          status.failed())
        return status;
      to.push_back({entry->index(), entry->kind()});
    }
    return Status();
  }

  /// Decodes each table of a vector with a member function.
  template <typename From, typename To>
  Status tables(const flatbuffers::Vector<flatbuffers::Offset<From>> *from,
                std::vector<To> &to,
                Status (Decoder::*decodeOne)(const From &, To &)) {
    if (!from)
      return Status();
    if (Status status = spend(from->size(), sizeof(To)); status.failed())
      return status;
    to.resize(from->size());
    for (unsigned i = 0; i < from->size(); ++i)
      if (Status status = (this->*decodeOne)(*from->Get(i), to[i]);
          status.failed())
        return status;
    return Status();
  }

  Artifact &artifact;
  uint64_t budget;
};

Status Decoder::decodeConstant(const artifact::Constant &from, Constant &to) {
  if (Status status = text(from.name(), "constant's name", to.name);
      status.failed())
    return status;
  if (Status status = alignment(from.alignment(), "constant"); status.failed())
    return status;
  to.alignment = from.alignment();
  if (from.data())
    to.data = {from.data()->data(), from.data()->size()};
  return Status();
}

Status Decoder::decodeCode(const artifact::Code &from, Code &to) {
  if (Status status = known(from.kind(), CodeKind::elf, "kind of code");
      status.failed())
    return status;
  to.kind = from.kind();
  if (Status status =
          text(from.architecture(), "architecture", to.architecture);
      status.failed())
    return status;
  if (Status status = text(from.features(), "CPU features", to.features);
      status.failed())
    return status;
  if (!from.data() || from.data()->size() == 0)
    return badArtifact("the artifact has an empty code section for '",
                       to.architecture, "'.", kRemake);
  to.data = {from.data()->data(), from.data()->size()};
  to.waitsForDependencies = from.waits_for_dependencies();
  // The driver reads PTX up to its NUL, wherever that is.
  bool isText = to.data.data[to.data.size - 1] == 0 &&
                std::memchr(to.data.data, 0, to.data.size - 1) == nullptr;
  if (to.kind == CodeKind::ptx && !isText)
    return badArtifact("the artifact's PTX for '", to.architecture,
                       "' is not one NUL-terminated text.", kRemake);
  return Status();
}

Status Decoder::decodeArgument(const artifact::Argument &from, Argument &to) {
  if (Status status = text(from.name(), "argument's name", to.name);
      status.failed())
    return status;
  if (Status status =
          known(from.kind(), ArgumentKind::buffer, "kind of argument");
      status.failed())
    return status;
  if (Status status =
          known(from.element_type(), ElementType::index, "element type");
      status.failed())
    return status;
  if (Status status = known(from.role(), Role::state, "role"); status.failed())
    return status;
  to.kind = from.kind();
  to.elementType = from.element_type();
  to.role = from.role();
  to.slot = from.slot();
  to.alignment = 1;
  to.capacityBytes = from.capacity_bytes();
  to.capacityIsDefault = from.capacity_is_default();
  to.initial = from.initial();
  if (!to.isBuffer())
    return Status();
  if (Status status = alignment(from.alignment(), "buffer argument");
      status.failed())
    return status;
  to.alignment = from.alignment();
  if (Status status = numbers(from.extents(), to.extents); status.failed())
    return status;
  return numbers(from.extent_exprs(), to.extentExprs);
}

Status Decoder::decodeIntermediate(const artifact::Intermediate &from,
                                   Intermediate &to) {
  if (Status status = text(from.name(), "intermediate's name", to.name);
      status.failed())
    return status;
  if (Status status = alignment(from.alignment(), "intermediate");
      status.failed())
    return status;
  to.alignment = from.alignment();
  to.byteSize = from.byte_size();
  to.firstUse = from.first_use();
  to.lastUse = from.last_use();
  return Status();
}

Status Decoder::decodeRequirement(const artifact::Requirement &from,
                                  Requirement &to) {
  to.found = from.found();
  to.least = from.least();
  return text(from.subject(), "requirement's subject", to.subject);
}

Status Decoder::decodeMathFunction(const artifact::MathFunction &from,
                                   MathFunction &to) {
  to.cpuUlp = from.cpu_ulp();
  to.gpuUlp = from.gpu_ulp();
  return text(from.name(), "math function's name", to.name);
}

Status Decoder::decodeCallBuffer(const artifact::CallBuffer &from,
                                 CallBuffer &to) {
  if (Status status =
          known(from.element_type(), ElementType::index, "element type");
      status.failed())
    return status;
  to.elementType = from.element_type();
  return numbers(from.extents(), to.extents);
}

Status Decoder::decodeCall(const artifact::Call &from, Call &to) {
  if (Status status = text(from.function(), "function's name", to.function);
      status.failed())
    return status;
  if (const auto *scalars = from.scalars()) {
    if (Status status = spend(scalars->size(), sizeof(ElementType));
        status.failed())
      return status;
    for (unsigned i = 0; i < scalars->size(); ++i) {
      auto type = static_cast<ElementType>(scalars->Get(i));
      if (Status status = known(type, ElementType::index, "element type");
          status.failed())
        return status;
      to.scalars.push_back(type);
    }
  }
  to.hasScratch = from.has_scratch();
  to.isCapturable = !from.no_capture();
  return tables(from.buffers(), to.buffers, &Decoder::decodeCallBuffer);
}

Status Decoder::decodeLaunch(const artifact::Launch &from, Launch &to) {
  if (Status status = text(from.name(), "launch's name", to.name);
      status.failed())
    return status;
  if (Status status = text(from.kernel(), "kernel's name", to.kernel);
      status.failed())
    return status;
  if (Status status = text(from.persistent_kernel(), "persistent entry's name",
                           to.persistentKernel);
      status.failed())
    return status;
  if (Status status = text(from.cpu_entry(), "CPU entry's name", to.cpuEntry);
      status.failed())
    return status;
  if (Status status = memory(from.pointers(), to.pointers); status.failed())
    return status;
  if (Status status = memory(from.reads(), to.reads); status.failed())
    return status;
  if (Status status = memory(from.streams(), to.streams); status.failed())
    return status;
  to.hasPointerTable = from.pointer_table();
  to.isHostBoundary = from.host_boundary();
  if (Status status = memory(from.writes(), to.writes); status.failed())
    return status;
  if (Status status = numbers(from.depends_on(), to.dependsOn); status.failed())
    return status;

  if (const auto *parameters = from.parameters()) {
    if (Status status = spend(parameters->size(), sizeof(ParameterRef));
        status.failed())
      return status;
    to.parameters.reserve(parameters->size());
    for (const artifact::Parameter *entry : *parameters) {
      if (Status status =
              known(entry->kind(), ParameterKind::scalar, "kind of parameter");
          status.failed())
        return status;
      to.parameters.push_back({entry->index(), entry->kind()});
    }
  }
  if (const auto *stages = from.stages()) {
    if (Status status = spend(stages->size(), sizeof(std::string));
        status.failed())
      return status;
    to.stages.resize(stages->size());
    for (unsigned i = 0; i < stages->size(); ++i)
      if (Status status = text(stages->Get(i), "stage's name", to.stages[i]);
          status.failed())
        return status;
  }

  if (Status status = triple(from.grid(), "grid extents", to.grid);
      status.failed())
    return status;
  if (Status status = triple(from.block(), "block extents", to.block);
      status.failed())
    return status;
  if (Status status = triple(from.cluster(), "cluster extents", to.cluster);
      status.failed())
    return status;
  to.dynamicSharedBytes = from.dynamic_shared_bytes();
  to.cpuItems = from.cpu_items();
  if (from.cpu_grain() == 0 || from.cpu_grain() > uint64_t(INT64_MAX))
    return badArtifact("the artifact gives a launch the CPU grain ",
                       from.cpu_grain(), ", expected 1 to 2^63 - 1.", kRemake);
  to.cpuGrain = static_cast<int64_t>(from.cpu_grain());
  return from.call() ? decodeCall(*from.call(), to.call.emplace()) : Status();
}

Status Decoder::decodeCapturePlan(const artifact::CapturePlan &from,
                                  CapturePlan &to) {
  if (Status status = known(from.policy(), artifact::CapturePolicy::require,
                            "capture policy");
      status.failed())
    return status;
  to.policy = from.policy();
  to.isResidentReplaySafe = from.resident_replay();
  if (const auto *replay = from.replay()) {
    if (Status status = spend(replay->size(), sizeof(artifact::ReplaySafety));
        status.failed())
      return status;
    for (unsigned i = 0; i < replay->size(); ++i) {
      auto safety = static_cast<artifact::ReplaySafety>(replay->Get(i));
      if (Status status = known(safety, artifact::ReplaySafety::workgroup,
                                "kind of replay safety");
          status.failed())
        return status;
      to.replay.push_back(safety);
    }
  }
  if (Status status = numbers(from.arena_offsets(), to.arenaOffsets);
      status.failed())
    return status;
  to.arenaBytes = from.arena_bytes();
  if (const auto *edges = from.memory_edges()) {
    if (Status status = spend(edges->size(), sizeof(planning::LaunchEdge));
        status.failed())
      return status;
    if (Status status = aligned<artifact::LaunchEdge>(*edges); status.failed())
      return status;
    to.memoryEdges.reserve(edges->size());
    for (const artifact::LaunchEdge *edge : *edges)
      to.memoryEdges.push_back({edge->earlier(), edge->later()});
  }
  if (from.max_arena_bytes() != UINT64_MAX)
    to.maxArenaBytes = from.max_arena_bytes();
  return Status();
}

Status Decoder::decodeProgram(const artifact::Program &from, Program &to) {
  if (Status status = text(from.name(), "program's name", to.name);
      status.failed())
    return status;
  if (Status status = text(from.digest(), "program's digest", to.digest);
      status.failed())
    return status;
  if (const auto *exprs = from.exprs()) {
    if (Status status = spend(exprs->size(), sizeof(SizeExpr)); status.failed())
      return status;
    if (Status status = aligned<artifact::Expr>(*exprs); status.failed())
      return status;
    to.exprs.reserve(exprs->size());
    for (const artifact::Expr *expr : *exprs) {
      if (Status status =
              known(expr->op(), ExprOp::xor_, "operation of a size expression");
          status.failed())
        return status;
      to.exprs.push_back(
          {expr->imm(), expr->a(), expr->b(), expr->c(), expr->op()});
    }
  }
  if (Status status =
          tables(from.arguments(), to.arguments, &Decoder::decodeArgument);
      status.failed())
    return status;
  if (const auto *results = from.results()) {
    if (Status status = spend(results->size(), sizeof(Result)); status.failed())
      return status;
    to.results.reserve(results->size());
    for (const artifact::Result *result : *results) {
      if (Status status =
              known(result->count_kind(), CountKind::buffer, "kind of count");
          status.failed())
        return status;
      to.results.push_back(
          {result->argument(), result->count_kind(), result->count()});
    }
  }
  if (Status status = tables(from.intermediates(), to.intermediates,
                             &Decoder::decodeIntermediate);
      status.failed())
    return status;
  if (Status status =
          tables(from.launches(), to.launches, &Decoder::decodeLaunch);
      status.failed())
    return status;
  if (Status status = tables(from.requirements(), to.requirements,
                             &Decoder::decodeRequirement);
      status.failed())
    return status;
  if (from.math()) {
    to.math.emplace();
    if (Status status =
            tables(from.math(), *to.math, &Decoder::decodeMathFunction);
        status.failed())
      return status;
  }
  if (const auto *pairs = from.no_overlap()) {
    if (Status status = spend(pairs->size(), sizeof(artifact::NoOverlap));
        status.failed())
      return status;
    to.noOverlap.reserve(pairs->size());
    for (const artifact::NoOverlap *pair : *pairs)
      to.noOverlap.push_back(*pair);
  }
  if (const artifact::Readback *readback = from.readback()) {
    if (Status status = alignment(readback->record_alignment(), "record");
        status.failed())
      return status;
    to.readback.maxRecordBytes = readback->max_record_bytes();
    to.readback.recordAlignment = readback->record_alignment();
    if (readback->max_slab_bytes() != UINT64_MAX)
      to.readback.maxSlabBytes = readback->max_slab_bytes();
  }
  if (const artifact::CapturePlan *plan = from.capture())
    if (Status status = decodeCapturePlan(*plan, to.capture); status.failed())
      return status;
  return verifyProgram(to, artifact.constants);
}

Status Decoder::decode(const artifact::Artifact &root) {
  if (Status status = text(root.producer(), "producer", artifact.producer);
      status.failed())
    return status;
  if (Status status = tables(root.constants(), artifact.constants,
                             &Decoder::decodeConstant);
      status.failed())
    return status;
  if (Status status =
          tables(root.codes(), artifact.codes, &Decoder::decodeCode);
      status.failed())
    return status;
  if (Status status =
          tables(root.programs(), artifact.programs, &Decoder::decodeProgram);
      status.failed())
    return status;
  return verifyProgramNames(artifact.programs);
}

} // namespace

Status readPayload(const uint8_t *payload, size_t size, Artifact &artifact) {
  flatbuffers::Verifier verifier(payload, size);
  // The smallest buffer is a root offset and the file identifier.
  if (size < 8 || !artifact::VerifyArtifactBuffer(verifier))
    return badArtifact("the artifact's payload is not a sound FlatBuffers "
                       "table of the expected schema.",
                       kRemake);
  return Decoder(size, artifact).decode(*artifact::GetArtifact(payload));
}

} // namespace vyre::runtime::internal
