//===- Program.cpp - A program as the runtime holds it ----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "Status.h"

namespace vyre::runtime::internal {

uint32_t elementSize(ElementType type) {
  switch (type) {
  case ElementType::i1:
  case ElementType::i8:
    return 1;
  case ElementType::i16:
  case ElementType::f16:
  case ElementType::bf16:
    return 2;
  case ElementType::i32:
  case ElementType::f32:
    return 4;
  case ElementType::i64:
  case ElementType::f64:
  case ElementType::index:
    return 8;
  }
  return 0;
}

uint64_t stateBytes(const Argument &argument) {
  uint64_t bytes = elementSize(argument.elementType);
  for (int64_t extent : argument.extents)
    bytes *= static_cast<uint64_t>(extent);
  return bytes;
}

const char *elementTypeName(ElementType type) {
  switch (type) {
  case ElementType::i1:
    return "i1";
  case ElementType::i8:
    return "i8";
  case ElementType::i16:
    return "i16";
  case ElementType::i32:
    return "i32";
  case ElementType::i64:
    return "i64";
  case ElementType::f16:
    return "f16";
  case ElementType::bf16:
    return "bf16";
  case ElementType::f32:
    return "f32";
  case ElementType::f64:
    return "f64";
  case ElementType::index:
    return "index";
  }
  return "unknown";
}

bool isInteger(ElementType type) {
  switch (type) {
  case ElementType::f16:
  case ElementType::bf16:
  case ElementType::f32:
  case ElementType::f64:
    return false;
  default:
    return true;
  }
}

std::string describeArgument(const Program &program, uint32_t argument) {
  const std::string &name = program.arguments[argument].name;
  std::string label = name.empty() ? std::string() : concat(" '", name, "'");
  return concat("argument ", argument, label, " of program '", program.name,
                "'");
}

} // namespace vyre::runtime::internal
