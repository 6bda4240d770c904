//===- PtxParser.cpp - PTX from its text ------------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PtxProgram.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <sstream>

using namespace vyre::fakecuda::ptx;

namespace {

struct Token {
  std::string text; // empty at the end
  unsigned line = 0;
};

std::vector<Token> tokenize(const char *text) {
  std::vector<Token> tokens;
  unsigned line = 1;
  auto isWord = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '$' || c == '%' || c == '.';
  };
  for (const char *at = text; *at;) {
    if (*at == '\n')
      ++line;
    if (std::isspace(static_cast<unsigned char>(*at))) {
      ++at;
    } else if (at[0] == '/' && at[1] == '/') {
      at += std::strcspn(at, "\n");
    } else if (at[0] == '/' && at[1] == '*') {
      for (at += 2; *at && !(at[0] == '*' && at[1] == '/'); ++at)
        line += *at == '\n';
      at += *at ? 2 : 0;
    } else if (*at == '"') {
      const char *end = at + 1 + std::strcspn(at + 1, "\"");
      tokens.push_back({std::string(at, end), line});
      at = end + (*end ? 1 : 0);
    } else if (isWord(*at)) {
      const char *end = at;
      while (isWord(*end) || (end[0] == ':' && end[1] == ':'))
        end += *end == ':' ? 2 : 1;
      tokens.push_back({std::string(at, end), line});
      at = end;
    } else {
      tokens.push_back({std::string(1, *at++), line});
    }
  }
  tokens.push_back({"", line});
  return tokens;
}

std::vector<std::string> splitAtDots(const std::string &text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, '.');)
    words.push_back(word);
  return words;
}

uint64_t alignTo(uint64_t offset, uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

bool isNumber(const std::string &text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0]));
}

const std::map<std::string, Special> specials = {
    {"%tid.x", Special::ThreadX},
    {"%tid.y", Special::ThreadY},
    {"%tid.z", Special::ThreadZ},
    {"%ntid.x", Special::BlockSizeX},
    {"%ntid.y", Special::BlockSizeY},
    {"%ntid.z", Special::BlockSizeZ},
    {"%ctaid.x", Special::BlockX},
    {"%ctaid.y", Special::BlockY},
    {"%ctaid.z", Special::BlockZ},
    {"%nctaid.x", Special::GridX},
    {"%nctaid.y", Special::GridY},
    {"%nctaid.z", Special::GridZ},
    {"%laneid", Special::Lane},
    {"%cluster_ctarank", Special::RankInCluster},
    {"%cluster_nctarank", Special::ClusterSize},
    {"%globaltimer", Special::Time},
};

class Parser {
public:
  explicit Parser(const char *text) : tokens(tokenize(text)) {}

  Module parse();

private:
  struct Variable {
    Space space;
    uint64_t place;
  };
  /// The names of a block in braces.
  struct Scope {
    std::map<std::string, uint32_t> registers;
    std::map<std::string, Variable> variables;
  };

  [[noreturn]] void fail(const std::string &message) const {
    throw Fault("PTX line " + std::to_string(tokens[position].line) + ": " +
                message);
  }
  const std::string &peek() const { return tokens[position].text; }
  std::string next() {
    if (peek().empty())
      fail("ends too early");
    return tokens[position++].text;
  }
  bool take(const char *text) {
    if (peek() != text)
      return false;
    ++position;
    return true;
  }
  void expect(const char *text) {
    if (!take(text))
      fail("found '" + peek() + "', expected '" + text + "'");
  }
  uint64_t takeNumber();
  void skipTo(const char *end) {
    while (!take(end))
      next();
  }

  Variable declare(Space space, std::string *name = nullptr);
  void parseGlobal();
  void parseParameters();
  void parseEntry();
  void skipFunction();
  void parseStatement();
  void parseRegisters();
  void parseInstruction();
  void parseOperands(Instruction &made);
  void parseAddress(Instruction &made);
  Operand parseOperand();
  uint32_t registerOf(const std::string &name) const;

  std::vector<Token> tokens;
  size_t position = 0;
  Module module;
  /// The module's, then those of the kernel from the outside to the inside.
  std::vector<Scope> scopes = {Scope()};
  std::shared_ptr<Kernel> kernel;
  std::map<std::string, uint32_t> labels;
  /// Branches by position, with their labels and where they stand.
  std::vector<std::pair<size_t, Token>> branches;
};

} // namespace

uint64_t Parser::takeNumber() {
  bool isNegative = take("-");
  std::string text = next();
  if (!isNumber(text))
    fail("found '" + text + "', expected a number");
  bool isFloat =
      text.size() > 2 && text[0] == '0' && std::strchr("fFdD", text[1]);
  const char *begin = text.c_str() + (isFloat ? 2 : 0);
  char *end = nullptr;
  uint64_t value = std::strtoull(begin, &end, isFloat ? 16 : 0);
  if (end == begin || (*end && std::strcmp(end, "U") != 0))
    fail("found '" + text + "', expected a number");
  return isNegative ? ~value + 1 : value;
}

/// [.align N] .TYPE NAME [ [COUNT] ], after the name of the space.
Parser::Variable Parser::declare(Space space, std::string *nameOut) {
  uint64_t alignment = 1, size = 0;
  while (peek()[0] == '.') {
    std::string word = next();
    if (word == ".align") {
      alignment = takeNumber();
    } else if (word != ".ptr" && word != ".global") {
      size = std::strtoull(word.c_str() + 2, nullptr, 10) / 8;
      if (size == 0)
        fail("'" + word + "' is not interpreted");
      alignment = std::max(alignment, space == Space::Param ? size : 1);
    }
  }
  std::string name = next();
  if (take("[")) {
    size *= peek() == "]" ? 0 : takeNumber();
    expect("]");
  }
  if (nameOut)
    *nameOut = name;
  Variable made = {space, 0};
  if (space == Space::Global) {
    module.globals.push_back(std::make_unique<std::vector<uint8_t>>(size));
    made.place = reinterpret_cast<uint64_t>(module.globals.back()->data());
  } else if (!kernel) {
    if (size != 0)
      fail("'" + name + "' is of no kernel");
    made.place = kDynamic;
  } else {
    uint64_t *end = space == Space::Param    ? &kernel->parameterBytes
                    : space == Space::Shared ? &kernel->sharedBytes
                                             : &kernel->localBytes;
    if (space == Space::Param)
      alignment = std::max<uint64_t>(std::min<uint64_t>(size, 8), 1);
    made.place = alignTo(*end, alignment);
    *end = made.place + size;
    if (space == Space::Param)
      kernel->parameters.push_back({name, made.place, size});
  }
  scopes.back().variables[name] = made;
  return made;
}

/// .global ... [= { bytes }];
void Parser::parseGlobal() {
  declare(Space::Global);
  std::vector<uint8_t> &bytes = *module.globals.back();
  if (take("=")) {
    expect("{");
    for (size_t i = 0; !take("}"); ++i) {
      uint64_t value = takeNumber();
      if (i >= bytes.size() || value > 255)
        fail("is not an array of bytes");
      bytes[i] = uint8_t(value);
      take(",");
    }
  }
  expect(";");
}

void Parser::parseParameters() {
  expect("(");
  while (!take(")")) {
    expect(".param");
    // The alignment of what a pointer points to is none of the parameter's.
    declare(Space::Param);
    take(",");
  }
}

void Parser::parseEntry() {
  kernel = std::make_shared<Kernel>();
  kernel->name = next();
  scopes.emplace_back();
  labels.clear();
  branches.clear();
  parseParameters();
  while (!take("{")) {
    std::string word = next();
    uint64_t product = 1;
    while (isNumber(peek())) {
      product *= takeNumber();
      take(",");
    }
    if (word == ".maxntid" || word == ".reqntid")
      kernel->maxThreads = unsigned(product);
    else if (word == ".reqnctapercluster")
      kernel->clusterSize = unsigned(product);
    else if (word != ".minnctapersm" && word != ".explicitcluster")
      fail("'" + word + "' is not interpreted");
  }
  size_t outside = scopes.size();
  scopes.emplace_back();
  while (scopes.size() > outside)
    parseStatement();
  scopes.pop_back();
  for (const auto &[at, label] : branches) {
    auto found = labels.find(label.text);
    if (found == labels.end())
      throw Fault("PTX line " + std::to_string(label.line) + ": no label '" +
                  label.text + "'");
    kernel->instructions[at].target = found->second;
  }
  kernel->sharedBytes = alignTo(kernel->sharedBytes, 16);
  module.kernels[kernel->name] = kernel;
  kernel.reset();
}

/// One that is only called: who calls it is refused.
void Parser::skipFunction() {
  while (peek() != ";" && peek() != "{")
    next();
  unsigned depth = 0;
  do {
    std::string word = next();
    depth += word == "{";
    depth -= word == "}";
  } while (depth != 0);
}

Module Parser::parse() {
  while (!peek().empty()) {
    std::string word = next();
    if (word == ".version" || word == ".target" || word == ".address_size")
      next();
    else if (word == ".entry")
      parseEntry();
    else if (word == ".func")
      skipFunction();
    else if (word == ".global" || word == ".const")
      parseGlobal();
    else if (word == ".shared" || word == ".local") {
      declare(Space::Shared);
      expect(";");
    } else if (word != ".visible" && word != ".extern" && word != ".weak")
      fail("'" + word + "' is not interpreted");
  }
  return std::move(module);
}

void Parser::parseRegisters() {
  next(); // their type: each is kept in 64 bits
  do {
    std::string name = next();
    uint64_t count = 1;
    bool isRange = take("<");
    if (isRange) {
      count = takeNumber();
      expect(">");
    }
    for (uint64_t i = 0; i < count; ++i)
      scopes.back().registers[isRange ? name + std::to_string(i) : name] =
          kernel->registerCount++;
  } while (take(","));
  expect(";");
}

void Parser::parseStatement() {
  if (take("{")) {
    scopes.emplace_back();
  } else if (take("}")) {
    scopes.pop_back();
  } else if (take(".reg")) {
    parseRegisters();
  } else if (take(".shared")) {
    declare(Space::Shared);
    expect(";");
  } else if (take(".local")) {
    declare(Space::Local);
    expect(";");
  } else if (take(".pragma")) {
    skipTo(";");
  } else if (!take(";")) {
    if (tokens[position + 1].text == ":") {
      labels[next()] = uint32_t(kernel->instructions.size());
      next();
    } else {
      parseInstruction();
    }
  }
}

uint32_t Parser::registerOf(const std::string &name) const {
  for (size_t i = scopes.size(); i-- > 0;)
    if (auto found = scopes[i].registers.find(name);
        found != scopes[i].registers.end())
      return found->second;
  fail("no register '" + name + "'");
}

Operand Parser::parseOperand() {
  Operand made;
  if (peek() == "-" || isNumber(peek())) {
    made.form = Operand::Immediate;
    made.value = takeNumber();
    return made;
  }
  std::string name = next();
  if (name == "_")
    return made;
  if (auto special = specials.find(name); special != specials.end()) {
    made.form = Operand::SpecialRegister;
    made.special = special->second;
    return made;
  }
  for (size_t i = scopes.size(); i-- > 0;) {
    auto found = scopes[i].variables.find(name);
    if (found == scopes[i].variables.end())
      continue;
    made.form = Operand::Variable;
    made.space = found->second.space;
    made.value = found->second.place;
    return made;
  }
  made.form = Operand::Register;
  made.index = registerOf(name);
  return made;
}

void Parser::parseAddress(Instruction &made) {
  made.address = parseOperand();
  if (take("+"))
    made.offset = int64_t(takeNumber());
  else if (peek() == "-")
    made.offset = int64_t(takeNumber());
  expect("]");
}

/// The first operand, or all in its braces, is the result.
void Parser::parseOperands(Instruction &made) {
  bool hasResult = made.op != Op::Store && made.op != Op::Barrier &&
                   made.op != Op::WarpBarrier;
  for (bool isFirst = true; !take(";"); isFirst = false) {
    if (take("[")) {
      parseAddress(made);
      // An atomic access whose old value nobody wants has no result.
      hasResult &= !isFirst;
    } else {
      bool isResult = isFirst && hasResult;
      unsigned &count = isResult ? made.resultCount : made.sourceCount;
      bool isGroup = take("{");
      do {
        if (count == 4)
          fail("has more than four operands");
        (isResult ? made.results : made.sources)[count++] = parseOperand();
      } while (take("|") || (isGroup && take(",")));
      if (isGroup)
        expect("}");
    }
    if (peek() != ";")
      expect(",");
  }
}

void Parser::parseInstruction() {
  unsigned line = tokens[position].line;
  int32_t guard = -1;
  bool isNegated = false;
  if (take("@")) {
    isNegated = take("!");
    guard = int32_t(registerOf(next()));
  }
  std::string name = next();
  Instruction made;
  try {
    made = decode(splitAtDots(name));
  } catch (const Fault &fault) {
    --position;
    fail(name + ": " + fault.what());
  }
  made.line = line;
  made.guard = guard;
  made.isGuardNegated = isNegated;
  if (made.op == Op::Branch) {
    branches.push_back({kernel->instructions.size(), tokens[position]});
    next();
    expect(";");
  } else {
    parseOperands(made);
  }
  kernel->waits |= made.op == Op::DependencyWait;
  kernel->instructions.push_back(std::move(made));
}

bool vyre::fakecuda::ptx::isPtx(const char *image) {
  return std::strstr(image, ".version") && std::strstr(image, ".entry");
}

Module vyre::fakecuda::ptx::parse(const char *text) {
  return Parser(std::strstr(text, ".version")).parse();
}
