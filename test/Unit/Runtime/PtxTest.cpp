//===- PtxTest.cpp - The interpreter of PTX ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// That it computes, and that it objects to each of what a kernel must not do:
// other tests rely on it to find wrong code.
//
//===----------------------------------------------------------------------===//

#include "PtxGrid.h"

#include <gtest/gtest.h>

#include <cstring>

namespace vyre::fakecuda::ptx {
namespace {

/// A kernel over one array, with the array's address in %rd1, the thread in %r1
/// and the block in %r2.
std::string makeKernel(const std::string &body,
                       const std::string &directives = "") {
  return R"(
.version 7.8
.target sm_90
.address_size 64
.visible .entry k(.param .u64 .ptr .align 4 k_param_0)
.maxntid 64, 1, 1
)" + directives +
         R"({
  .reg .pred %p<4>;
  .reg .b16 %rs<4>;
  .reg .b32 %r<16>;
  .reg .b64 %rd<16>;
  .shared .align 16 .b8 tile[256];
  ld.param.b64 %rd15, [k_param_0];
  cvta.to.global.u64 %rd1, %rd15;
  mov.u32 %r1, %tid.x;
  mov.u32 %r2, %ctaid.x;
  mul.wide.u32 %rd2, %r1, 4;
  add.s64 %rd3, %rd1, %rd2;
)" + body +
         "  ret;\n}\n";
}

class PtxTest : public testing::Test {
protected:
  std::vector<uint32_t> array;

  /// Runs a kernel over `array`, which is all ones; returns what it must not
  /// have done.
  std::string run(const std::string &text, unsigned threads = 1,
                  unsigned blocks = 1, unsigned clusterSize = 0) {
    array.assign(64, ~0u);
    auto begin = reinterpret_cast<uint64_t>(array.data());
    uint64_t size = array.size() * 4;
    try {
      Module module = parse(text.c_str());
      Launch launch;
      launch.kernel = module.kernels.at("k");
      launch.grid = {blocks, 1, 1};
      launch.block = {threads, 1, 1};
      launch.clusterSize = clusterSize;
      launch.parameters.resize(8);
      std::memcpy(launch.parameters.data(), &begin, 8);
      ptx::run(launch, [=](uint64_t address, uint64_t bytes) {
        return address >= begin && address + bytes <= begin + size;
      });
    } catch (const Fault &fault) {
      return fault.what();
    }
    return "";
  }

  /// Stores what `body` leaves in %r3.
  uint32_t compute(const std::string &body) {
    EXPECT_EQ(run(makeKernel(body + "  st.global.b32 [%rd1], %r3;\n")), "");
    return array[0];
  }

  void expectFault(const std::string &body, const std::string &problem,
                   unsigned threads = 1, unsigned blocks = 1,
                   const std::string &directives = "") {
    std::string found = run(makeKernel(body, directives), threads, blocks);
    EXPECT_NE(found.find(problem), std::string::npos) << "found: " << found;
  }
};

TEST_F(PtxTest, integersHaveTheirTypes) {
  EXPECT_EQ(compute("mov.b32 %r4, -8;\n shr.s32 %r3, %r4, 1;\n"), -4u);
  EXPECT_EQ(compute("mov.b32 %r4, -8;\n shr.u32 %r3, %r4, 1;\n"), 0x7ffffffcu);
  EXPECT_EQ(compute("mov.b32 %r4, 1;\n shl.b32 %r3, %r4, 32;\n"), 0u);
  EXPECT_EQ(compute("mov.b32 %r4, -7;\n div.s32 %r3, %r4, 2;\n"), -3u);
  EXPECT_EQ(compute("mov.b32 %r4, -7;\n rem.u32 %r3, %r4, 10;\n"), 9u);
  EXPECT_EQ(compute("mov.b32 %r4, -1;\n mul.hi.u32 %r3, %r4, -1;\n"), -2u);
  EXPECT_EQ(compute("mov.b32 %r4, -1;\n mul.hi.s32 %r3, %r4, -1;\n"), 0u);
  EXPECT_EQ(compute("mov.b32 %r4, -2;\n mul.wide.s32 %rd4, %r4, 3;\n"
                    "shr.s64 %rd4, %rd4, 1;\n cvt.u32.u64 %r3, %rd4;\n"),
            -3u);
  EXPECT_EQ(compute("mov.b32 %r4, 0x12345678;\n"
                    "prmt.b32 %r3, %r4, 0, 0x4120U;\n"),
            0x00563478u);
  EXPECT_EQ(compute("mov.b16 %rs1, 300;\n cvt.u32.u8 %r3, %rs1;\n"), 44u);
  EXPECT_EQ(compute("bfe.u32 %r3, 0xabcd, 4, 8;\n"), 0xbcu);
}

TEST_F(PtxTest, floatsRoundAsTheySay) {
  // 1 + 2^-24 is halfway; 0.1f + 0.2f; -1.5 to integers.
  EXPECT_EQ(compute("add.rn.f32 %r3, 0f3F800000, 0f33800000;\n"), 0x3f800000u);
  EXPECT_EQ(compute("mov.b32 %r4, 0f3DCCCCCD;\n"
                    "add.rz.f32 %r3, %r4, 0f3E4CCCCD;\n"),
            0x3e999999u);
  EXPECT_EQ(compute("mov.b32 %r4, 0fBFC00000;\n cvt.rzi.s32.f32 %r3, %r4;\n"),
            -1u);
  EXPECT_EQ(compute("mov.b32 %r4, 0fBFC00000;\n cvt.rmi.s32.f32 %r3, %r4;\n"),
            -2u);
  EXPECT_EQ(compute("mov.b32 %r4, 0f7FC00000;\n cvt.rzi.s32.f32 %r3, %r4;\n"),
            0u);
  EXPECT_EQ(compute("mov.b32 %r4, 0f7F000000;\n cvt.rzi.s32.f32 %r3, %r4;\n"),
            0x7fffffffu);
  // NaN is less than nothing, but for comparisons that say so.
  EXPECT_EQ(compute("mov.b32 %r4, 0f7FC00000;\n setp.ltu.f32 %p1, %r4, %r4;\n"
                    "selp.b32 %r3, 1, 0, %p1;\n"),
            1u);
  EXPECT_EQ(compute("mov.b32 %r4, 0f7FC00000;\n setp.lt.f32 %p1, %r4, %r4;\n"
                    "selp.b32 %r3, 1, 0, %p1;\n"),
            0u);
}

TEST_F(PtxTest, threadsMeetAtShufflesAndBarriers) {
  EXPECT_EQ(run(makeKernel(R"(
  shfl.sync.bfly.b32 %r3, %r1, 16, 31, -1;
  mov.b64 %rd4, tile;
  add.s64 %rd5, %rd4, %rd2;
  st.shared.b32 [%rd5], %r3;
  bar.sync 0;
  xor.b32 %r4, %r1, 63;
  mul.wide.u32 %rd6, %r4, 4;
  add.s64 %rd7, %rd4, %rd6;
  ld.shared.b32 %r5, [%rd7];
  st.global.b32 [%rd3], %r5;
)"),
                64),
            "");
  for (unsigned i = 0; i < 64; ++i)
    EXPECT_EQ(array[i], (i ^ 63 ^ 16));
}

TEST_F(PtxTest, aClusterSharesItsMemory) {
  EXPECT_EQ(run(makeKernel(R"(
  mov.b64 %rd4, tile;
  st.shared.b32 [%rd4], %r2;
  barrier.cluster.arrive.aligned;
  barrier.cluster.wait.aligned;
  xor.b32 %r3, %r2, 1;
  mapa.shared::cluster.u64 %rd5, %rd4, %r3;
  ld.shared::cluster.b32 %r4, [%rd5];
  mul.wide.u32 %rd6, %r2, 4;
  add.s64 %rd7, %rd1, %rd6;
  st.global.b32 [%rd7], %r4;
)"),
                1, 2, 2),
            "");
  EXPECT_EQ(array[0], 1u);
  EXPECT_EQ(array[1], 0u);
}

TEST_F(PtxTest, refusesWhatItDoesNotKnow) {
  expectFault("  add.s32 %r3, %r1, %r99;\n", "line 18: no register '%r99'");
  expectFault("  sad.s32 %r3, %r1, %r1, %r1;\n", "'sad' is not interpreted");
  expectFault("  add.rn.f16 %rs1, %rs1, %rs1;\n", "16 bits is not interpreted");
  expectFault("  ld.weird.b32 %r3, [%rd3];\n", "'weird' is not interpreted");
  expectFault("  bra nowhere;\n", "no label 'nowhere'");
  EXPECT_NE(run(".version 7.8 .entry k(").find("expected '.param'"),
            std::string::npos);
}

TEST_F(PtxTest, findsAccessesOutOfBounds) {
  expectFault("  ld.global.b32 %r3, [%rd1+256];\n", "out of bounds");
  expectFault("  st.global.b32 [%rd1+-4], %r1;\n", "out of bounds");
  expectFault("  ld.global.v4.b32 {%r3, %r4, %r5, %r6}, [%rd1+248];\n",
              "accesses 16 bytes");
  expectFault("  mov.b64 %rd4, tile;\n  ld.shared.b32 %r3, [%rd4+256];\n",
              "out of bounds");
  // Not an address of this space.
  expectFault("  mov.b64 %rd4, tile;\n  ld.global.b32 %r3, [%rd4];\n",
              "out of bounds");
}

TEST_F(PtxTest, findsMisalignedAccesses) {
  expectFault("  ld.global.b32 %r3, [%rd1+2];\n", "misaligned");
  expectFault("  ld.global.v2.b32 {%r3, %r4}, [%rd1+4];\n", "misaligned");
}

TEST_F(PtxTest, findsRaces) {
  // Two threads, two blocks, and memory of a block without a barrier.
  expectFault("  st.global.b32 [%rd1], %r1;\n", "writes what another", 2);
  expectFault("  st.global.b32 [%rd1], %r2;\n", "writes what another", 1, 2);
  const std::string exchange = R"(
  mov.b64 %rd4, tile;
  add.s64 %rd5, %rd4, %rd2;
  st.shared.b32 [%rd5], %r1;
  ld.shared.b32 %r3, [%rd4];
)";
  expectFault(exchange, "another thread", 2);
  // A barrier of a block does not order what other blocks do.
  expectFault("  st.global.b32 [%rd3], %r1;\n  bar.sync 0;\n"
              "  ld.global.b32 %r3, [%rd1];\n",
              "another thread", 2, 2);
  EXPECT_EQ(run(makeKernel("  atom.global.add.u32 %r3, [%rd1], 1;\n"), 2, 2),
            "");
  EXPECT_EQ(array[0], 3u);
  // The same value from all of them.
  EXPECT_EQ(run(makeKernel("  st.global.b32 [%rd1], 7;\n"), 2, 2), "");
}

TEST_F(PtxTest, findsWritesToWhatIsReadNonCoherently) {
  expectFault("  ld.global.nc.b32 %r3, [%rd3];\n  st.global.b32 [%rd3], %r3;\n",
              "non-coherent");
  expectFault("  st.global.b32 [%rd3], %r1;\n  ld.global.nc.b32 %r3, [%rd3];\n",
              "non-coherent");
}

TEST_F(PtxTest, findsThreadsThatDoNotCome) {
  expectFault("  setp.eq.b32 %p1, %r1, 0;\n  @%p1 bra end;\n  bar.sync 0;\n"
              "end:\n",
              "do not come", 2);
  expectFault("  setp.eq.b32 %p1, %r1, 0;\n  @%p1 bra end;\n"
              "  shfl.sync.bfly.b32 %r3, %r1, 1, 31, -1;\nend:\n",
              "do not come", 32);
}

TEST_F(PtxTest, findsAccessesBeforeTheLaunchWaits) {
  expectFault("  st.global.b32 [%rd3], %r1;\n  griddepcontrol.wait;\n",
              "before it waits");
  EXPECT_EQ(run(makeKernel("  griddepcontrol.wait;\n"
                           "  st.global.b32 [%rd3], %r1;\n")),
            "");
}

TEST_F(PtxTest, findsLaunchesThatCannotBe) {
  EXPECT_NE(run(makeKernel(""), 65).find("expected at most 64"),
            std::string::npos);
  EXPECT_NE(run(makeKernel("", ".reqnctapercluster 2, 1, 1\n"), 1, 3)
                .find("3 blocks in clusters of 2"),
            std::string::npos);
}

} // namespace
} // namespace vyre::fakecuda::ptx
