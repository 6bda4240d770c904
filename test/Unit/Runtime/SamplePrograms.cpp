//===- SamplePrograms.cpp - Programs for the tests --------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SamplePrograms.h"

#include "ArtifactBuilder.h"

#include <fstream>
#include <iterator>

namespace vyre::testing {

using namespace runtime::internal;

const std::vector<float> kSineTable = {0.5f, -1.0f, 2.0f, 0.25f, 3.0f};
const std::vector<int64_t> kCountStart = {10, 20, 30, 40};

namespace {

// The stand-in driver reads no more of it than the kernels' names, and how many
// pointers and values they take.
constexpr char kPtx[] = ".version 7.0\n"
                        ".target sm_80\n"
                        ".address_size 64\n"
                        "// kernel sample_scale 2 2\n"
                        "// kernel sample_add_table 3 2\n"
                        "// kernel sample_sine 2 1\n"
                        "// kernel sample_count 2 2\n"
                        "// kernel sample_accumulate 2 1\n"
                        "// kernel sample_hits 6 1\n"
                        "// kernel sample_hits_table 1 1\n"
                        "// persistent sample_scale 2 2\n"
                        "// persistent sample_accumulate 2 1\n";

Argument buffer(const char *name, uint32_t slot, ElementType type, Role role,
                std::vector<int64_t> extents) {
  Argument argument = {};
  argument.name = name;
  argument.kind = ArgumentKind::buffer;
  argument.elementType = type;
  argument.role = role;
  argument.slot = slot;
  argument.extents = std::move(extents);
  argument.alignment = 4;
  argument.capacityBytes = 1 << 20;
  argument.initial = -1;
  return argument;
}

Argument scalar(const char *name, ElementType type) {
  Argument argument = {};
  argument.name = name;
  argument.kind = ArgumentKind::scalar;
  argument.elementType = type;
  argument.alignment = 1;
  argument.initial = -1;
  return argument;
}

SizeExpr imm(int64_t value) { return {value, 0, 0, 0, ExprOp::constant}; }
SizeExpr extent(int32_t argument, int32_t dimension) {
  return {0, argument, dimension, 0, ExprOp::extent};
}
SizeExpr op(ExprOp which, int32_t a, int32_t b) { return {0, a, b, 0, which}; }

MemoryRef argumentMemory(uint32_t index) {
  return {index, MemoryKind::argument};
}

/// A launch with one thread for each of `items`, in blocks of 256; `blocks` and
/// `one` are nodes for its grid.
Launch launch(const char *entry, int32_t items, int32_t blocks, int32_t one) {
  Launch launch;
  launch.name = entry;
  launch.kernel = entry;
  launch.cpuEntry = entry;
  launch.stages = {entry};
  launch.cpuItems = items;
  launch.cpuGrain = 64;
  launch.grid[0] = blocks;
  launch.grid[1] = launch.grid[2] = one;
  launch.block[0] = 256;
  return launch;
}

} // namespace

Program scaleProgram() {
  Program program;
  program.name = "scale";
  // 0: n, 1: 256, 2: ceil(n / 256), 3: 1
  program.exprs = {extent(0, 0), imm(256), op(ExprOp::div_ceil, 0, 1), imm(1)};
  program.arguments = {buffer("x", 0, ElementType::f32, Role::input, {-1}),
                       scalar("s", ElementType::f32),
                       buffer("y", 1, ElementType::f32, Role::output, {-1})};
  program.arguments[2].extentExprs = {0};
  program.results = {{2, CountKind::all, -1}};
  Launch scale = launch("sample_scale", 0, 2, 3);
  scale.pointers = {argumentMemory(0), argumentMemory(2)};
  scale.parameters = {{1, ParameterKind::scalar},
                      {0, ParameterKind::expression}};
  scale.reads = {argumentMemory(0)};
  scale.writes = {argumentMemory(2)};
  program.launches = {scale};
  program.noOverlap = {artifact::NoOverlap(0, 2)};
  return program;
}

Program sineProgram() {
  Program program;
  program.name = "sine";
  // 0: n, 1: 256, 2: blocks, 3: 1, 4: 4, 5: bytes of t, 6: length of the table
  program.exprs = {extent(0, 0),
                   imm(256),
                   op(ExprOp::div_ceil, 0, 1),
                   imm(1),
                   imm(4),
                   op(ExprOp::mul, 0, 4),
                   imm(static_cast<int64_t>(kSineTable.size()))};
  program.arguments = {buffer("x", 0, ElementType::f32, Role::input, {-1}),
                       buffer("y", 1, ElementType::f32, Role::output, {-1})};
  program.arguments[1].extentExprs = {0};
  program.results = {{1, CountKind::all, -1}};
  program.intermediates = {{"t", 5, 64, 0, 1}};
  Launch add = launch("sample_add_table", 0, 2, 3);
  add.pointers = {argumentMemory(0),
                  {0, MemoryKind::constant},
                  {0, MemoryKind::intermediate}};
  add.parameters = {{6, ParameterKind::expression},
                    {0, ParameterKind::expression}};
  add.reads = {argumentMemory(0), {0, MemoryKind::constant}};
  add.writes = {{0, MemoryKind::intermediate}};
  Launch sine = launch("sample_sine", 0, 2, 3);
  sine.parameters = {{0, ParameterKind::expression}};
  sine.pointers = {{0, MemoryKind::intermediate}, argumentMemory(1)};
  sine.reads = {{0, MemoryKind::intermediate}};
  sine.writes = {argumentMemory(1)};
  sine.dependsOn = {0};
  program.launches = {add, sine};
  program.capture.replay = {artifact::ReplaySafety::read_only,
                            artifact::ReplaySafety::wholly_written};
  program.capture.isResidentReplaySafe = true;
  return program;
}

Program countProgram() {
  Program program;
  program.name = "count";
  program.exprs = {imm(static_cast<int64_t>(kCountStart.size())), imm(1)};
  auto length = static_cast<int64_t>(kCountStart.size());
  program.arguments = {
      scalar("step", ElementType::i64),
      buffer("total", 0, ElementType::i64, Role::state, {length}),
      buffer("out", 1, ElementType::i64, Role::output, {length})};
  program.arguments[1].alignment = 8;
  program.arguments[1].initial = 1;
  program.arguments[2].alignment = 8;
  program.results = {{2, CountKind::all, -1}};
  Launch count = launch("sample_count", 0, 1, 1);
  count.pointers = {argumentMemory(1), argumentMemory(2)};
  count.parameters = {{0, ParameterKind::scalar},
                      {0, ParameterKind::expression}};
  count.reads = {argumentMemory(1)};
  count.writes = {argumentMemory(1), argumentMemory(2)};
  program.launches = {count};
  return program;
}

Program accumulateProgram() {
  Program program;
  program.name = "accumulate";
  // 0: n, 1: 2, 2: items, 3: 256, 4: blocks, 5: 1
  program.exprs = {extent(0, 1),
                   imm(2),
                   op(ExprOp::mul, 0, 1),
                   imm(256),
                   op(ExprOp::div_ceil, 2, 3),
                   imm(1)};
  program.arguments = {
      buffer("a", 0, ElementType::i32, Role::input_output, {2, -1}),
      buffer("b", 1, ElementType::i32, Role::input, {2, -1})};
  program.arguments[1].capacityIsDefault = true;
  Launch accumulate = launch("sample_accumulate", 2, 4, 5);
  accumulate.pointers = {argumentMemory(0), argumentMemory(1)};
  accumulate.parameters = {{2, ParameterKind::expression}};
  accumulate.reads = accumulate.pointers;
  accumulate.writes = {argumentMemory(0)};
  program.launches = {accumulate};
  program.noOverlap = {artifact::NoOverlap(0, 1)};
  return program;
}

Program hitsProgram() {
  Program program;
  program.name = "hits";
  // 0: items, 1: blocks, 2: 1
  program.exprs = {imm(2048), imm(8), imm(1)};
  program.arguments = {
      buffer("values", 0, ElementType::i32, Role::input, {2048}),
      buffer("wanted", 1, ElementType::i64, Role::input, {2}),
      buffer("few", 2, ElementType::i32, Role::output, {16}),
      buffer("n", 3, ElementType::i64, Role::output, {1}),
      buffer("many", 4, ElementType::i32, Role::output, {2048}),
      buffer("m", 5, ElementType::i64, Role::output, {1})};
  program.results = {{2, CountKind::buffer, 3},
                     {3, CountKind::all, -1},
                     {4, CountKind::buffer, 5},
                     {5, CountKind::all, -1}};
  program.readback.maxRecordBytes = 64;
  program.readback.recordAlignment = 16;
  Launch hits = launch("sample_hits", 0, 1, 2);
  for (uint32_t i = 0; i < 6; ++i)
    hits.pointers.push_back(argumentMemory(i));
  hits.parameters = {{0, ParameterKind::expression}};
  hits.reads = {argumentMemory(0), argumentMemory(1)};
  hits.writes = {argumentMemory(2), argumentMemory(3), argumentMemory(4),
                 argumentMemory(5)};
  program.launches = {hits};
  return program;
}

/// The same, whose kernel takes its pointers from memory.
Program hitsTableProgram() {
  Program program = hitsProgram();
  program.name = "hits_table";
  program.launches[0].kernel = "sample_hits_table";
  program.launches[0].hasPointerTable = true;
  return program;
}

const std::vector<uint8_t> &cpuCode() {
  static const std::vector<uint8_t> bytes = [] {
    std::ifstream file(VYRE_TEST_KERNELS, std::ios::binary);
    return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
  }();
  return bytes;
}

Artifact sampleTables() {
  Artifact artifact;
  artifact.producer = "vyre-test";
  artifact.programs = {scaleProgram(),      sineProgram(), countProgram(),
                       accumulateProgram(), hitsProgram(), hitsTableProgram()};
  for (size_t i = 0; i < artifact.programs.size(); ++i)
    artifact.programs[i].digest =
        std::string(64, static_cast<char>('a' + static_cast<char>(i)));
  artifact.constants = {{"table",
                         64,
                         {reinterpret_cast<const uint8_t *>(kSineTable.data()),
                          kSineTable.size() * sizeof(float)}},
                        {"start",
                         8,
                         {reinterpret_cast<const uint8_t *>(kCountStart.data()),
                          kCountStart.size() * sizeof(int64_t)}}};
  artifact.codes = {
      {CodeKind::elf, "x86_64", "x86-64", {cpuCode().data(), cpuCode().size()}},
      {CodeKind::ptx,
       "sm_80",
       "",
       {reinterpret_cast<const uint8_t *>(kPtx), sizeof(kPtx)}}};
  return artifact;
}

Artifact callTables() {
  Artifact tables = sampleTables();
  Launch &launch = tables.programs[1].launches[1];
  launch.kernel.clear();
  launch.cpuEntry.clear();
  Call &call = launch.call.emplace();
  call.function = "finish";
  call.buffers = {{ElementType::f32, {0}}, {ElementType::f32, {0}}};
  call.scalars = {ElementType::index};
  return tables;
}

std::vector<uint8_t> sampleArtifact() { return buildArtifact(sampleTables()); }

void addSecondBranch(Program &program) {
  program.arguments.push_back(program.arguments[1]);
  program.arguments[2].name = "z";
  program.arguments[2].slot = 2;
  program.intermediates.push_back(program.intermediates[0]);
  program.intermediates[1].name = "u";
  program.intermediates[1].firstUse = 2;
  program.intermediates[1].lastUse = 3;
  Launch add = program.launches[0], sine = program.launches[1];
  add.pointers[2].index = add.writes[0].index = 1;
  sine.pointers[0].index = sine.reads[0].index = 1;
  sine.pointers[1].index = sine.writes[0].index = 2;
  sine.dependsOn = {2};
  // The second branch takes another input, so that a mix-up shows.
  program.arguments.push_back(program.arguments[0]);
  program.arguments[3].name = "w";
  program.arguments[3].slot = 3;
  add.pointers[0].index = add.reads[0].index = 3;
  program.launches.push_back(add);
  program.launches.push_back(sine);
  program.capture.replay.push_back(program.capture.replay[1]);
  program.capture.replay.push_back(program.capture.replay[0]);
}

} // namespace vyre::testing
