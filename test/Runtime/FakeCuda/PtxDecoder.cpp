//===- PtxDecoder.cpp - What an instruction of PTX is -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   ld.global.nc.v4.b32  ->  Load of b32, four of them, from global memory,
//                            through the non-coherent path
//
//===----------------------------------------------------------------------===//

#include "PtxProgram.h"

#include <algorithm>
#include <functional>

using namespace vyre::fakecuda::ptx;

namespace {

const std::map<std::string, Op> &operations() {
  static const std::map<std::string, Op> table = {
      {"add", Op::Add},
      {"addc", Op::Add},
      {"sub", Op::Sub},
      {"subc", Op::Sub},
      {"mul", Op::Mul},
      {"mad", Op::Mad},
      {"madc", Op::Mad},
      {"fma", Op::Mad},
      {"div", Op::Div},
      {"rem", Op::Rem},
      {"min", Op::Min},
      {"max", Op::Max},
      {"abs", Op::Abs},
      {"neg", Op::Neg},
      {"and", Op::And},
      {"or", Op::Or},
      {"xor", Op::Xor},
      {"not", Op::Not},
      {"shl", Op::ShiftLeft},
      {"shr", Op::ShiftRight},
      {"bfe", Op::ExtractBits},
      {"brev", Op::Reverse},
      {"clz", Op::LeadingZeros},
      {"popc", Op::PopulationCount},
      {"prmt", Op::Permute},
      {"shf", Op::FunnelShift},
      {"selp", Op::Select},
      {"setp", Op::Compare},
      {"mov", Op::Move},
      {"cvta", Op::Move}, // all spaces have the host's addresses
      {"cvt", Op::Convert},
      {"ld", Op::Load},
      {"st", Op::Store},
      {"atom", Op::Atomic},
      {"red", Op::Atomic},
      {"bra", Op::Branch},
      {"ret", Op::Return},
      {"exit", Op::Return},
      {"mapa", Op::MapShared},
      {"fence", Op::Fence},
      {"membar", Op::Fence},
      {"rcp", Op::Reciprocal},
      {"sqrt", Op::SquareRoot},
      {"rsqrt", Op::InverseSquareRoot},
      {"ex2", Op::Exp2},
      {"lg2", Op::Log2},
      {"sin", Op::Sine},
      {"cos", Op::Cosine},
      {"copysign", Op::CopySign},
  };
  return table;
}

const std::map<std::string, Space> spaces = {
    {"global", Space::Global},      {"shared", Space::Shared},
    {"local", Space::Local},        {"param", Space::Param},
    {"shared::cta", Space::Shared}, {"shared::cluster", Space::Cluster},
};

/// Of the words that say nothing which matters here.
const std::vector<std::string> harmless = {"uni", "to", "approx", "full"};

using Setter = std::function<void(Instruction &)>;

/// Words that mean the same with every operation that has them.
const std::map<std::string, Setter> modifiers = {
    {"rn", [](Instruction &i) { i.rounding = Rounding::Nearest; }},
    {"rz", [](Instruction &i) { i.rounding = Rounding::Zero; }},
    {"rm", [](Instruction &i) { i.rounding = Rounding::Down; }},
    {"rp", [](Instruction &i) { i.rounding = Rounding::Up; }},
    {"sat", [](Instruction &i) { i.isSaturated = true; }},
    {"ftz", [](Instruction &i) { i.flushes = true; }},
    {"NaN", [](Instruction &i) { i.keepsNan = true; }},
    {"hi", [](Instruction &i) { i.half = Half::High; }},
    {"lo", [](Instruction &i) { i.half = Half::Low; }},
    {"wide", [](Instruction &i) { i.half = Half::Wide; }},
    {"cc", [](Instruction &i) { i.givesCarry = true; }},
    {"nc", [](Instruction &i) { i.isReadOnly = true; }},
};

const std::map<std::string, Rounding> toInteger = {
    {"rni", Rounding::Nearest},
    {"rzi", Rounding::Zero},
    {"rmi", Rounding::Down},
    {"rpi", Rounding::Up},
};

/// What only some operations know, and keep in `variant`.
const std::map<Op, std::vector<std::string>> variants = {
    {Op::Compare,
     {"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu",
      "geu", "num", "nan"}},
    {Op::Atomic, {"add", "min", "max", "and", "or", "xor", "exch", "cas"}},
    {Op::Shuffle, {"bfly", "up", "down", "idx"}},
    {Op::FunnelShift, {"l", "r", "wrap", "clamp"}},
};

const std::vector<std::string> orderings = {"volatile", "relaxed", "acquire",
                                            "release",  "acq_rel", "cta",
                                            "cluster",  "gpu",     "sys"};

bool contains(const std::vector<std::string> &list, const std::string &word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool parseType(const std::string &word, Type &type) {
  static const std::map<char, Kind> kinds = {{'b', Kind::Bits},
                                             {'u', Kind::Unsigned},
                                             {'s', Kind::Signed},
                                             {'f', Kind::Float}};
  if (word.empty())
    return false;
  if (word == "pred") {
    type = {Kind::Predicate, 1};
    return true;
  }
  auto kind = kinds.find(word[0]);
  std::string bits = word.substr(1);
  if (kind == kinds.end() || !contains({"8", "16", "32", "64"}, bits) ||
      (kind->second == Kind::Float && bits.size() == 1))
    return false;
  type = {kind->second, unsigned(std::stoul(bits))};
  return true;
}

/// The barriers, whose names have several words.
bool decodeBarrier(const std::vector<std::string> &words, Instruction &made) {
  auto isName = [&](std::initializer_list<const char *> name) {
    return words.size() == name.size() &&
           std::equal(words.begin(), words.end(), name.begin());
  };
  if (isName({"bar", "sync"}) || isName({"barrier", "sync"}))
    made.op = Op::Barrier;
  else if (isName({"bar", "warp", "sync"}))
    made.op = Op::WarpBarrier;
  else if (isName({"barrier", "cluster", "arrive"}) ||
           isName({"barrier", "cluster", "arrive", "aligned"}))
    made.op = Op::ClusterArrive;
  else if (isName({"barrier", "cluster", "wait"}) ||
           isName({"barrier", "cluster", "wait", "aligned"}))
    made.op = Op::ClusterWait;
  else if (isName({"griddepcontrol", "wait"}))
    made.op = Op::DependencyWait;
  else
    return false;
  return true;
}

} // namespace

Instruction vyre::fakecuda::ptx::decode(const std::vector<std::string> &words) {
  Instruction made;
  made.op = Op::Fence;
  if (decodeBarrier(words, made))
    return made;
  auto unknown = [](const std::string &word) {
    return Fault("'" + word + "' is not interpreted");
  };
  size_t first = 1;
  if (words.size() > 1 && words[0] == "shfl" && words[1] == "sync") {
    made.op = Op::Shuffle;
    first = 2;
  } else {
    auto found = operations().find(words[0]);
    if (found == operations().end())
      throw unknown(words[0]);
    made.op = found->second;
  }
  made.takesCarry = contains({"addc", "subc", "madc"}, words[0]);
  unsigned types = 0;
  for (size_t i = first; i < words.size(); ++i) {
    const std::string &word = words[i];
    Type type;
    auto ofOp = variants.find(made.op);
    if (ofOp != variants.end() && contains(ofOp->second, word)) {
      made.variant += made.variant.empty() ? word : "." + word;
    } else if (auto space = spaces.find(word); space != spaces.end()) {
      made.space = space->second;
    } else if (auto integer = toInteger.find(word);
               integer != toInteger.end()) {
      made.toInteger = true;
      made.rounding = integer->second;
    } else if (auto set = modifiers.find(word); set != modifiers.end()) {
      set->second(made);
    } else if (contains(orderings, word)) {
      made.isOrdered = true;
    } else if (word.size() == 2 && word[0] == 'v' &&
               contains({"2", "4"}, word.substr(1))) {
      // How many there are, the operands say.
    } else if (parseType(word, type)) {
      (types++ == 0 ? made.type : made.from) = type;
    } else if (!contains(harmless, word)) {
      throw unknown(word);
    }
  }
  bool needsType =
      made.op != Op::Branch && made.op != Op::Return && made.op != Op::Fence;
  unsigned expected = made.op == Op::Convert ? 2 : needsType ? 1 : 0;
  if (types != expected)
    throw Fault("has " + std::to_string(types) + " types, expected " +
                std::to_string(expected));
  return made;
}
