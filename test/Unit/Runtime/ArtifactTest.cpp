//===- ArtifactTest.cpp - Loading artifacts, sound and not ------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArtifactBuilder.h"
#include "ArtifactExercise.h"
#include "RuntimeTest.h"

#include "vyre/Target/ArtifactFormat.h"

#include <cstdio>
#include <cstring>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

namespace vyre::testing {
namespace {

using namespace runtime::internal;

runtime::Status loadStatus(const std::vector<uint8_t> &bytes) {
  auto artifact = runtime::Artifact::loadMemory(bytes.data(), bytes.size());
  return artifact.failed() ? artifact.takeStatus() : runtime::Status();
}

TEST(ArtifactTest, DescribesWhatItHolds) {
  auto artifact = Session::load();
  ASSERT_OK(artifact);
  EXPECT_STREQ(artifact->producer(), "vyre-test");
  ASSERT_EQ(artifact->programCount(), 6u);
  auto program = artifact->programInfo(0);
  ASSERT_OK(program);
  EXPECT_STREQ(program->name, "scale");
  EXPECT_EQ(program->digest, std::string(64, 'a'));
  EXPECT_EQ(program->argument_count, 3u);
  EXPECT_EQ(program->result_count, 1u);
  EXPECT_EQ(program->launch_count, 1u);
  auto x = artifact->argumentInfo(0, 0);
  ASSERT_OK(x);
  EXPECT_STREQ(x->name, "x");
  EXPECT_EQ(x->kind, VYRE_ARGUMENT_BUFFER);
  EXPECT_EQ(x->role, VYRE_ROLE_INPUT);
  EXPECT_EQ(x->element_type, VYRE_ELEMENT_F32);
  ASSERT_EQ(x->rank, 1u);
  EXPECT_EQ(x->extents[0], VYRE_DYNAMIC_EXTENT);
  EXPECT_EQ(x->capacity_bytes, 1u << 20);
  EXPECT_FALSE(x->extents_are_computed);
  EXPECT_TRUE(artifact->argumentInfo(0, 2)->extents_are_computed);
  EXPECT_EQ(*artifact->resultArgument(0, 0), 2u);
  ASSERT_EQ(artifact->codeCount(), 2u);
  EXPECT_EQ(artifact->codeInfo(1)->kind, VYRE_CODE_PTX);
  EXPECT_STREQ(artifact->codeInfo(1)->architecture, "sm_80");
}

TEST(ArtifactTest, LooksThingsUpByNameAndNumber) {
  auto artifact = Session::load();
  ASSERT_OK(artifact);
  EXPECT_EQ(*artifact->findProgram("accumulate"), 3u);
  expectError(artifact->findProgram("nothing").takeStatus(),
              VYRE_STATUS_NOT_FOUND, {"'nothing'", "'scale'", "'sine'"});
  expectError(artifact->programInfo(6).takeStatus(), VYRE_STATUS_NOT_FOUND,
              {"program 6", "has 6"});
  expectError(artifact->argumentInfo(0, 3).takeStatus(), VYRE_STATUS_NOT_FOUND,
              {"argument 3"});
  expectError(artifact->resultArgument(0, 1).takeStatus(),
              VYRE_STATUS_NOT_FOUND, {"result 1"});
  expectError(artifact->codeInfo(2).takeStatus(), VYRE_STATUS_NOT_FOUND,
              {"code section 2"});
}

TEST(ArtifactTest, LoadsFromAFile) {
  std::string path = ::testing::TempDir() + "/artifact-test.vyre";
  std::vector<uint8_t> bytes = sampleArtifact();
  std::FILE *file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), file), bytes.size());
  std::fclose(file);
  auto artifact = runtime::Artifact::loadFile(path);
  ASSERT_OK(artifact);
  EXPECT_EQ(artifact->programCount(), 6u);
  // The file is not needed any more, nor may it be mapped.
  ASSERT_EQ(truncate(path.c_str(), 0), 0);
  EXPECT_EQ(*artifact->findProgram("sine"), 1u);
  expectError(runtime::Artifact::loadFile(path).takeStatus(),
              VYRE_STATUS_BAD_ARTIFACT, {"0 bytes"});
  unlink(path.c_str());
  expectError(runtime::Artifact::loadFile(path).takeStatus(),
              VYRE_STATUS_NOT_FOUND, {path.c_str()});
  expectError(runtime::Artifact::loadFile("/").takeStatus(),
              VYRE_STATUS_IO_ERROR, {"regular file"});
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  expectError(runtime::Artifact::loadFile(path).takeStatus(),
              VYRE_STATUS_IO_ERROR, {"regular file"});
  unlink(path.c_str());
}

TEST(ArtifactTest, RefusesOtherFilesAndVersions) {
  std::vector<uint8_t> bytes = sampleArtifact();
  std::vector<uint8_t> other(1000, 'x');
  expectError(loadStatus(other), VYRE_STATUS_BAD_ARTIFACT, {"magic"});
  expectError(loadStatus({}), VYRE_STATUS_BAD_ARTIFACT, {"0 bytes", "64"});

  // A version that this runtime does not know is said to be that, not damage.
  for (size_t field : {offsetof(artifact::Header, majorVersion),
                       offsetof(artifact::Header, minorVersion)}) {
    std::vector<uint8_t> payload(bytes.begin() + 64, bytes.end());
    std::vector<uint8_t> newer = addHeader(payload);
    newer[field] += 1;
    rewriteHeaderDigest(newer);
    expectError(loadStatus(newer), VYRE_STATUS_UNSUPPORTED, {"version", "1.0"});
  }
}

/// What an older minor version lacks is absent, and no reason to refuse it.
TEST(ArtifactTest, TakesOlderMinorVersions) {
  std::vector<uint8_t> bytes = sampleArtifact();
  for (uint32_t minor = 0; minor <= artifact::kMinorVersion; ++minor) {
    std::memcpy(&bytes[offsetof(artifact::Header, minorVersion)], &minor,
                sizeof(minor));
    rewriteHeaderDigest(bytes);
    EXPECT_OK(loadStatus(bytes));
  }
}

/// Damage is found wherever it is.
TEST(ArtifactTest, FindsEveryFlippedByte) {
  std::vector<uint8_t> bytes = sampleArtifact();
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (uint8_t mask : {0x01, 0xff}) {
      bytes[i] ^= mask;
      ASSERT_EQ(loadStatus(bytes).code() == VYRE_STATUS_OK, false)
          << "byte " << i;
      bytes[i] ^= mask;
    }
  }
  EXPECT_FALSE(loadStatus(bytes).failed());
}

TEST(ArtifactTest, FindsEveryTruncation) {
  std::vector<uint8_t> bytes = sampleArtifact();
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<uint8_t> part(bytes.begin(), bytes.begin() + size);
    ASSERT_TRUE(loadStatus(part).failed()) << size << " bytes";
  }
  bytes.push_back(0);
  EXPECT_TRUE(loadStatus(bytes).failed());
}

/// With a digest that matches, a short payload still is no sound table.
TEST(ArtifactTest, RefusesTruncatedPayloadsWithARightDigest) {
  std::vector<uint8_t> payload = buildPayload(sampleTables());
  for (size_t size = 0; size < payload.size(); size += 16) {
    std::vector<uint8_t> part(payload.begin(), payload.begin() + size);
    // The root lies at the front, so that what is cut off may be unused.
    runtime::Status status = loadStatus(addHeader(part));
    ASSERT_TRUE(!status.failed() || status.code() == VYRE_STATUS_BAD_ARTIFACT)
        << status.message();
  }
}

/// One change that makes the tables contradict themselves.
struct BadTable {
  const char *name;
  std::function<void(Artifact &)> change;
  const char *message;
};

Program &scale(Artifact &artifact) { return artifact.programs[0]; }
Program &sine(Artifact &artifact) { return artifact.programs[1]; }

/// Gives the program a second intermediate, which both of its launches use like
/// the first, and places both, which are 512 bytes each.
void placeTwo(Artifact &artifact, std::vector<uint64_t> offsets,
              uint64_t bytes) {
  Program &program = sine(artifact);
  program.exprs.push_back({512, 0, 0, 0, ExprOp::constant});
  auto size = static_cast<int32_t>(program.exprs.size() - 1);
  program.intermediates[0].byteSize = size;
  program.intermediates.push_back({"u", size, 64, 0, 1});
  for (Launch &launch : program.launches)
    launch.pointers.push_back({1, MemoryKind::intermediate});
  program.capture.arenaOffsets = std::move(offsets);
  program.capture.arenaBytes = bytes;
}
Program &count(Artifact &artifact) { return artifact.programs[2]; }

const BadTable kBadTables[] = {
    {"NoPrograms", [](Artifact &a) { a.programs.clear(); }, "no program"},
    {"EqualPrograms", [](Artifact &a) { a.programs[1].name = "scale"; },
     "two programs"},
    {"NamelessProgram", [](Artifact &a) { scale(a).name = ""; }, "no name"},
    {"ControlCharacter", [](Artifact &a) { scale(a).name = "a\nb"; },
     "plain UTF-8"},
    {"BadUtf8", [](Artifact &a) { a.producer = "\xc0\xaf"; }, "plain UTF-8"},
    {"ShortDigest", [](Artifact &a) { scale(a).digest = "abc"; }, "digest"},
    {"UnknownElementType",
     [](Artifact &a) {
       scale(a).arguments[0].elementType = static_cast<ElementType>(10);
     },
     "element type 10"},
    {"UnknownRole",
     [](Artifact &a) { scale(a).arguments[0].role = static_cast<Role>(5); },
     "role 5"},
    {"UnknownArgumentKind",
     [](Artifact &a) {
       scale(a).arguments[0].kind = static_cast<ArgumentKind>(2);
     },
     "kind of argument 2"},
    {"UnknownExpr",
     [](Artifact &a) { scale(a).exprs[0].op = static_cast<ExprOp>(99); },
     "size expression 99"},
    {"UnknownMemoryKind",
     [](Artifact &a) {
       scale(a).launches[0].pointers[0].kind = static_cast<MemoryKind>(3);
     },
     "kind of memory 3"},
    {"UnknownParameterKind",
     [](Artifact &a) {
       scale(a).launches[0].parameters[0].kind = static_cast<ParameterKind>(2);
     },
     "kind of parameter 2"},
    {"UnknownCountKind",
     [](Artifact &a) {
       scale(a).results[0].countKind = static_cast<CountKind>(3);
     },
     "kind of count 3"},
    {"UnknownCodeKind",
     [](Artifact &a) { a.codes[0].kind = static_cast<CodeKind>(3); },
     "kind of code 3"},
    {"EmptyCode", [](Artifact &a) { a.codes[0].data.size = 0; },
     "empty code section"},
    {"PtxWithoutEnd", [](Artifact &a) { --a.codes[1].data.size; },
     "NUL-terminated"},
    {"AlignmentNoPowerOfTwo",
     [](Artifact &a) { scale(a).arguments[0].alignment = 3; }, "alignment 3"},
    {"AlignmentZero", [](Artifact &a) { a.constants[0].alignment = 0; },
     "alignment 0"},
    {"AlignmentHuge",
     [](Artifact &a) { sine(a).intermediates[0].alignment = 1u << 31; },
     "alignment 2147483648"},
    {"NegativeExtent",
     [](Artifact &a) { scale(a).arguments[0].extents[0] = -2; }, "extent -2"},
    {"RankHuge",
     [](Artifact &a) { scale(a).arguments[0].extents.assign(33, 1); },
     "rank 33"},
    {"ForwardExpr", [](Artifact &a) { scale(a).exprs[2].a = 2; },
     "uses expression 2"},
    {"NegativeExpr", [](Artifact &a) { scale(a).exprs[2].b = -1; },
     "uses expression -1"},
    {"ExtentOfScalar", [](Artifact &a) { scale(a).exprs[0].a = 1; },
     "not a buffer"},
    {"ExtentOfNothing", [](Artifact &a) { scale(a).exprs[0].a = 3; },
     "not a buffer"},
    {"ExtentBeyondRank", [](Artifact &a) { scale(a).exprs[0].b = 1; },
     "takes extent 1"},
    {"ExtentOfItself",
     [](Artifact &a) { scale(a).exprs[0] = {0, 2, 0, 0, ExprOp::extent}; },
     "computed later"},
    {"ScalarExprOfFloat",
     [](Artifact &a) { scale(a).exprs[0] = {0, 1, 0, 0, ExprOp::scalar}; },
     "not an integer scalar"},
    {"ExtentExprBeyondTable",
     [](Artifact &a) { scale(a).arguments[2].extentExprs = {4}; },
     "size expression 4"},
    {"ExtentExprsOfInput",
     [](Artifact &a) { scale(a).arguments[0].extentExprs = {1}; }, "no output"},
    {"ExtentExprsOfOtherRank",
     [](Artifact &a) { scale(a).arguments[2].extentExprs = {1, 1}; },
     "2 extent expressions"},
    {"EqualNames", [](Artifact &a) { scale(a).arguments[0].name = "y"; },
     "two arguments"},
    {"EqualSlots", [](Artifact &a) { scale(a).arguments[0].slot = 1; },
     "slot 1"},
    {"DynamicState", [](Artifact &a) { count(a).arguments[1].extents = {-1}; },
     "dynamic extent"},
    {"HugeState",
     [](Artifact &a) { count(a).arguments[1].extents = {INT64_MAX}; },
     "overflows"},
    {"StateOfNoConstant",
     [](Artifact &a) { count(a).arguments[1].initial = 2; }, "constant 2"},
    {"StateOfNegativeConstant",
     [](Artifact &a) { count(a).arguments[1].initial = -2; }, "constant -2"},
    {"StateOfOtherSize", [](Artifact &a) { count(a).arguments[1].initial = 0; },
     "the constant it starts as"},
    {"ResultBeyondTable", [](Artifact &a) { scale(a).results[0].argument = 3; },
     "argument 3"},
    {"ResultOfInput", [](Artifact &a) { scale(a).results[0].argument = 0; },
     "not an output"},
    {"ResultTwice",
     [](Artifact &a) { scale(a).results.push_back(scale(a).results[0]); },
     "twice"},
    {"ResultCountBeyondTable",
     [](Artifact &a) {
       scale(a).results[0].countKind = CountKind::expression;
       scale(a).results[0].count = 4;
     },
     "size expression 4"},
    {"ResultCountOfManyElements",
     [](Artifact &a) {
       scale(a).results[0].countKind = CountKind::buffer;
       scale(a).results[0].count = 2;
     },
     "not one integer"},
    {"PointerBeyondArguments",
     [](Artifact &a) { scale(a).launches[0].pointers[0].index = 3; },
     "argument 3"},
    {"PointerToScalar",
     [](Artifact &a) { scale(a).launches[0].pointers[0].index = 1; },
     "not a buffer"},
    {"PointerToShared",
     [](Artifact &a) { scale(a).arguments[0].role = Role::shared; },
     "no caller passes"},
    {"PointerBeyondConstants",
     [](Artifact &a) { sine(a).launches[0].pointers[1].index = 2; },
     "constant 2"},
    {"PointerBeyondIntermediates",
     [](Artifact &a) { sine(a).launches[0].pointers[2].index = 1; },
     "intermediate 1"},
    {"WriteToInput",
     [](Artifact &a) {
       scale(a).launches[0].writes = {{0, MemoryKind::argument}};
     },
     "writes to input argument 0"},
    {"WriteToConstant",
     [](Artifact &a) {
       sine(a).launches[0].writes = {{0, MemoryKind::constant}};
     },
     "writes to constant 0"},
    {"AccessWithoutPointer",
     [](Artifact &a) {
       sine(a).launches[1].reads = {{0, MemoryKind::constant}};
     },
     "no pointer"},
    {"IntermediateDeadTooSoon",
     [](Artifact &a) { sine(a).intermediates[0].lastUse = 0; },
     "lives from launch 0 to 0"},
    {"IntermediateBornTooLate",
     [](Artifact &a) { sine(a).intermediates[0].firstUse = 1; },
     "lives from launch 1 to 1"},
    {"IntermediateBackwards",
     [](Artifact &a) { sine(a).intermediates.push_back({"u", 5, 64, 1, 0}); },
     "lives from launch 1 to 0"},
    {"IntermediateBeyondLaunches",
     [](Artifact &a) { sine(a).intermediates[0].lastUse = 2; }, "there are 2"},
    {"IntermediateSizeBeyondTable",
     [](Artifact &a) { sine(a).intermediates[0].byteSize = 7; },
     "size expression 7"},
    {"ParameterBeyondExprs",
     [](Artifact &a) { scale(a).launches[0].parameters[1].index = 4; },
     "size expression 4"},
    {"ParameterOfBuffer",
     [](Artifact &a) { scale(a).launches[0].parameters[0].index = 0; },
     "not a scalar"},
    {"DependsOnItself",
     [](Artifact &a) { sine(a).launches[1].dependsOn = {1}; },
     "depends on launch 1"},
    {"CaptureReplayOfOthers",
     [](Artifact &a) {
       scale(a).capture.replay = {artifact::ReplaySafety::value};
     },
     "describes 1 arguments"},
    {"CaptureEdgeBackwards",
     [](Artifact &a) { sine(a).capture.memoryEdges = {{1, 0}}; },
     "an edge from launch 1 to launch 0"},
    {"CaptureEdgeBeyondLaunches",
     [](Artifact &a) { sine(a).capture.memoryEdges = {{0, 2}}; },
     "an edge from launch 0 to launch 2"},
    {"ArenaOfOthers",
     [](Artifact &a) { sine(a).capture.arenaOffsets = {0, 256}; },
     "places 2 intermediates, there are 1"},
    {"ArenaOfUnknownSizes",
     [](Artifact &a) {
       sine(a).capture.arenaOffsets = {0};
       sine(a).capture.arenaBytes = 4096;
     },
     "whose size is not a constant"},
    {"ArenaBeyondItsEnd", [](Artifact &a) { placeTwo(a, {0, 1024}, 1280); },
     "of 512 bytes at 1024"},
    {"ArenaMisaligned", [](Artifact &a) { placeTwo(a, {0, 520}, 4096); },
     "expected a multiple of 256"},
    {"ArenaOverlaps", [](Artifact &a) { placeTwo(a, {0, 256}, 1024); },
     "places intermediates 0 and 1 in the same bytes"},
    {"ArenaOverItsLimit",
     [](Artifact &a) {
       placeTwo(a, {0, 512}, 1024);
       sine(a).capture.maxArenaBytes = 1023;
     },
     "an arena of 1024 bytes, expected at most 1023"},
    {"NoCode",
     [](Artifact &a) {
       scale(a).launches[0].kernel = "";
       scale(a).launches[0].cpuEntry = "";
     },
     "neither GPU nor CPU"},
    {"GridBeyondTable", [](Artifact &a) { scale(a).launches[0].grid[1] = 4; },
     "size expression 4"},
    {"EmptyBlock", [](Artifact &a) { scale(a).launches[0].block[2] = 0; },
     "block extent 0"},
    {"HugeBlock", [](Artifact &a) { scale(a).launches[0].block[1] = 5; },
     "1280 threads"},
    {"HalfACluster", [](Artifact &a) { scale(a).launches[0].cluster[0] = 2; },
     "cluster extent 0"},
    {"HugeCluster",
     [](Artifact &a) {
       for (uint32_t &extent : scale(a).launches[0].cluster)
         extent = 3;
     },
     "27 blocks"},
    {"SharedBytesBeyondTable",
     [](Artifact &a) { scale(a).launches[0].dynamicSharedBytes = 4; },
     "size expression 4"},
    {"CpuItemsMissing", [](Artifact &a) { scale(a).launches[0].cpuItems = -1; },
     "work items"},
    {"CpuGrainZero", [](Artifact &a) { scale(a).launches[0].cpuGrain = 0; },
     "grain 0"},
    {"CpuGrainHuge", [](Artifact &a) { scale(a).launches[0].cpuGrain = -1; },
     "grain 18446744073709551615"},
    {"OverlapOfScalar",
     [](Artifact &a) { scale(a).noOverlap = {artifact::NoOverlap(0, 1)}; },
     "two buffers"},
    {"RequirementBeyondTable",
     [](Artifact &a) { scale(a).requirements = {{"it", 0, 1 << 20}}; },
     "size expression 1048576"},
    {"OverlapWithItself",
     [](Artifact &a) { scale(a).noOverlap = {artifact::NoOverlap(0, 0)}; },
     "two buffers"},
};

class BadTableTest : public ::testing::TestWithParam<BadTable> {};

TEST_P(BadTableTest, IsRefused) {
  Artifact tables = sampleTables();
  GetParam().change(tables);
  expectError(loadStatus(buildArtifact(tables)), VYRE_STATUS_BAD_ARTIFACT,
              {GetParam().message});
}

INSTANTIATE_TEST_SUITE_P(All, BadTableTest, ::testing::ValuesIn(kBadTables),
                         [](const auto &info) { return info.param.name; });

/// Writers align a vector's elements only where it has some.
TEST(ArtifactTest, TakesEmptyTables) {
  Artifact tables = sampleTables();
  Program empty;
  empty.name = "empty";
  tables.programs = {empty};
  // Names of every length put what follows at every place.
  for (int length = 1; length < 20; ++length) {
    tables.programs[0].name += 'x';
    EXPECT_OK(loadStatus(buildArtifact(tables)));
  }
}

/// One table used a million times must not take a million times its memory.
TEST(ArtifactTest, RefusesToDecodeOneTableOverAndOver) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<artifact::Expr> nodes(1000);
  auto exprs = builder.CreateVectorOfStructs(nodes);
  auto name = builder.CreateString("p");
  auto program = artifact::CreateProgram(builder, name, exprs);
  std::vector<flatbuffers::Offset<artifact::Program>> many(100000, program);
  auto programs = builder.CreateVector(many);
  builder.Finish(artifact::CreateArtifact(builder, 0, programs),
                 artifact::ArtifactIdentifier());
  std::vector<uint8_t> payload(builder.GetBufferPointer(),
                               builder.GetBufferPointer() + builder.GetSize());
  expectError(loadStatus(addHeader(payload)), VYRE_STATUS_BAD_ARTIFACT, {});
}

/// Mutated contents behind a right digest: a status or a sound artifact, whose
/// sizes can be asked for.
TEST(ArtifactTest, SurvivesMutationsWithARightDigest) {
  std::vector<uint8_t> payload = buildPayload(sampleTables());
  std::vector<uint8_t> withCall = buildPayload(callTables());
  int loaded = 0;
  for (uint64_t seed = 0; seed < 20000; ++seed) {
    std::vector<uint8_t> bytes =
        addHeader(mutatePayload(seed % 4 ? payload : withCall, seed));
    VyreStatusCode code = exerciseArtifact(bytes.data(), bytes.size());
    ASSERT_TRUE(code == VYRE_STATUS_OK || code == VYRE_STATUS_BAD_ARTIFACT);
    loaded += code == VYRE_STATUS_OK;
  }
  // Else the mutations only ever hit the outermost checks.
  EXPECT_GT(loaded, 1000);
}

} // namespace
} // namespace vyre::testing
