//===- ArtifactBuilder.cpp - Artifacts without a compiler -------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"

#include "vyre/Target/ArtifactFormat.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <random>
#include <utility>

namespace vyre::testing {
namespace {

namespace fb = flatbuffers;
namespace rt = runtime::internal;

class PayloadWriter {
  template <typename From, typename Function>
  auto tables(const std::vector<From> &from, Function function) {
    std::vector<decltype(function(from.front()))> offsets;
    for (const From &one : from)
      offsets.push_back(function(one));
    return builder.CreateVector(offsets);
  }

  /// Bytes that begin at a multiple of 64 in the payload.
  fb::Offset<fb::Vector<uint8_t>> bytes(rt::Bytes from) {
    builder.ForceVectorAlignment(from.size, 1, 64);
    return builder.CreateVector(from.data, from.size);
  }

  auto memory(const std::vector<rt::MemoryRef> &from) {
    std::vector<artifact::Memory> to;
    for (const rt::MemoryRef &one : from)
      to.emplace_back(one.index, one.kind);
    return builder.CreateVectorOfStructs(to);
  }

  fb::Offset<artifact::Constant> constant(const rt::Constant &from) {
    auto data = bytes(from.data);
    return artifact::CreateConstant(builder, builder.CreateString(from.name),
                                    from.alignment, data);
  }

  fb::Offset<artifact::Code> code(const rt::Code &from) {
    auto data = bytes(from.data);
    auto architecture = builder.CreateString(from.architecture);
    auto features = builder.CreateString(from.features);
    return artifact::CreateCode(builder, from.kind, architecture, features,
                                data, from.waitsForDependencies);
  }

  fb::Offset<artifact::Argument> argument(const rt::Argument &from) {
    auto name = builder.CreateString(from.name);
    auto extents = builder.CreateVector(from.extents);
    auto exprs = builder.CreateVector(from.extentExprs);
    return artifact::CreateArgument(builder, name, from.kind, from.elementType,
                                    from.slot, from.role, extents, exprs,
                                    from.alignment, from.capacityBytes,
                                    from.capacityIsDefault, from.initial);
  }

  fb::Offset<artifact::Launch> launch(const rt::Launch &from) {
    auto name = builder.CreateString(from.name);
    auto pointers = memory(from.pointers);
    std::vector<artifact::Parameter> values;
    for (const rt::ParameterRef &one : from.parameters)
      values.emplace_back(one.index, one.kind);
    auto parameters = builder.CreateVectorOfStructs(values);
    auto reads = memory(from.reads);
    auto writes = memory(from.writes);
    auto dependsOn = builder.CreateVector(from.dependsOn);
    auto stages = builder.CreateVectorOfStrings(from.stages);
    auto kernel = builder.CreateString(from.kernel);
    auto grid = builder.CreateVector(from.grid, 3);
    auto block = builder.CreateVector(from.block, 3);
    auto cluster = builder.CreateVector(from.cluster, 3);
    auto entry = builder.CreateString(from.cpuEntry);
    auto streams = memory(from.streams);
    auto persistent = builder.CreateString(from.persistentKernel);
    fb::Offset<artifact::Call> hostCall;
    if (from.call)
      hostCall = call(*from.call);
    return artifact::CreateLaunch(
        builder, name, pointers, parameters, reads, writes, dependsOn, stages,
        kernel, grid, block, cluster, from.dynamicSharedBytes, entry,
        from.cpuItems, static_cast<uint64_t>(from.cpuGrain), streams,
        persistent, from.hasPointerTable, from.isHostBoundary, hostCall);
  }

  fb::Offset<artifact::Call> call(const rt::Call &from) {
    auto buffers = tables(from.buffers, [&](const rt::CallBuffer &one) {
      return artifact::CreateCallBuffer(builder, one.elementType,
                                        builder.CreateVector(one.extents));
    });
    auto scalars = builder.CreateVector(from.scalars);
    return artifact::CreateCall(builder, builder.CreateString(from.function),
                                buffers, scalars, from.hasScratch,
                                !from.isCapturable);
  }

  fb::Offset<artifact::CapturePlan> capturePlan(const rt::CapturePlan &from) {
    auto replay = builder.CreateVector(from.replay);
    auto offsets = builder.CreateVector(from.arenaOffsets);
    std::vector<artifact::LaunchEdge> edges;
    for (const planning::LaunchEdge &edge : from.memoryEdges)
      edges.emplace_back(edge.earlier, edge.later);
    auto edgesOffset = builder.CreateVectorOfStructs(edges);
    return artifact::CreateCapturePlan(
        builder, from.policy, 0, replay, from.isResidentReplaySafe, offsets,
        from.arenaBytes, edgesOffset, from.maxArenaBytes.value_or(UINT64_MAX));
  }

  fb::Offset<artifact::Program> program(const rt::Program &from) {
    auto name = builder.CreateString(from.name);
    std::vector<artifact::Expr> nodes;
    for (const rt::SizeExpr &one : from.exprs)
      nodes.emplace_back(one.imm, one.a, one.b, one.c, one.op);
    auto exprs = builder.CreateVectorOfStructs(nodes);
    auto arguments =
        tables(from.arguments, [&](const auto &one) { return argument(one); });
    auto results = tables(from.results, [&](const auto &one) {
      return artifact::CreateResult(builder, one.argument, one.countKind,
                                    one.count);
    });
    auto intermediates =
        tables(from.intermediates, [&](const rt::Intermediate &one) {
          return artifact::CreateIntermediate(
              builder, builder.CreateString(one.name), one.byteSize,
              one.alignment, one.firstUse, one.lastUse);
        });
    auto launches =
        tables(from.launches, [&](const auto &one) { return launch(one); });
    auto noOverlap = builder.CreateVectorOfStructs(from.noOverlap);
    auto digest = builder.CreateString(from.digest);
    auto requirements =
        tables(from.requirements, [&](const rt::Requirement &one) {
          return artifact::CreateRequirement(
              builder, builder.CreateString(one.subject), one.found, one.least);
        });
    auto readback = artifact::CreateReadback(
        builder, from.readback.maxRecordBytes,
        static_cast<uint32_t>(from.readback.recordAlignment),
        from.readback.maxSlabBytes.value_or(UINT64_MAX));
    auto capture = capturePlan(from.capture);
    fb::Offset<fb::Vector<fb::Offset<artifact::MathFunction>>> math;
    if (from.math)
      math = tables(*from.math, [&](const rt::MathFunction &one) {
        return artifact::CreateMathFunction(
            builder, builder.CreateString(one.name), one.cpuUlp, one.gpuUlp);
      });
    return artifact::CreateProgram(builder, name, exprs, arguments, results,
                                   intermediates, launches, noOverlap, digest,
                                   readback, requirements, capture, math);
  }

  fb::FlatBufferBuilder builder;

public:
  std::vector<uint8_t> write(const rt::Artifact &artifact) {
    auto programs = tables(artifact.programs,
                           [&](const auto &from) { return program(from); });
    auto constants = tables(artifact.constants,
                            [&](const auto &from) { return constant(from); });
    auto codes =
        tables(artifact.codes, [&](const auto &from) { return code(from); });
    builder.Finish(artifact::CreateArtifact(
                       builder, builder.CreateString(artifact.producer),
                       programs, constants, codes),
                   artifact::ArtifactIdentifier());
    return {builder.GetBufferPointer(),
            builder.GetBufferPointer() + builder.GetSize()};
  }
};

} // namespace

std::vector<uint8_t> buildPayload(const rt::Artifact &artifact) {
  return PayloadWriter().write(artifact);
}

std::vector<uint8_t> addHeader(const std::vector<uint8_t> &payload) {
  artifact::Header header = {};
  std::memcpy(header.magic, artifact::kMagic, sizeof(header.magic));
  header.majorVersion = artifact::kMajorVersion;
  header.minorVersion = artifact::kMinorVersion;
  header.payloadBytes = payload.size();
  XXH128_hash_t digest = XXH3_128bits(payload.data(), payload.size());
  header.digestLow = digest.low64;
  header.digestHigh = digest.high64;
  std::vector<uint8_t> file(sizeof(header) + payload.size());
  std::memcpy(file.data(), &header, sizeof(header));
  if (!payload.empty())
    std::memcpy(file.data() + sizeof(header), payload.data(), payload.size());
  rewriteHeaderDigest(file);
  return file;
}

void rewriteHeaderDigest(std::vector<uint8_t> &file) {
  artifact::Header header;
  std::memcpy(&header, file.data(), sizeof(header));
  header.headerDigest =
      XXH3_64bits(&header, offsetof(artifact::Header, headerDigest));
  std::memcpy(file.data(), &header, sizeof(header));
}

std::vector<uint8_t> buildArtifact(const rt::Artifact &artifact) {
  return addHeader(buildPayload(artifact));
}

std::vector<uint8_t> mutatePayload(std::vector<uint8_t> payload,
                                   uint64_t seed) {
  // Where the shared objects lie.
  std::vector<std::pair<size_t, size_t>> native;
  const auto *codes = artifact::GetArtifact(payload.data())->codes();
  for (const artifact::Code *code : *codes)
    if (code->kind() == artifact::CodeKind::elf) {
      auto begin = static_cast<size_t>(code->data()->data() - payload.data());
      native.emplace_back(begin, begin + code->data()->size());
    }
  std::mt19937_64 random(seed);
  auto pickPlace = [&] {
    while (true) {
      size_t at = random() % payload.size();
      bool isNative =
          std::any_of(native.begin(), native.end(), [&](auto range) {
            return at >= range.first && at < range.second;
          });
      if (!isNative)
        return at;
    }
  };
  for (uint64_t i = 0, count = 1 + random() % 4; i < count; ++i) {
    size_t at = pickPlace();
    switch (random() % 4) {
    case 0:
      payload[at] ^= static_cast<uint8_t>(1u << random() % 8);
      break;
    case 1:
      payload[at] = static_cast<uint8_t>(random());
      break;
    case 2:
      // A small number, where offsets and indices are.
      payload[at] = static_cast<uint8_t>(random() % 9 - 4);
      break;
    default:
      payload[at] = payload[pickPlace()];
      break;
    }
  }
  return payload;
}

} // namespace vyre::testing
