//===- Arguments.cpp - What a program is run on -----------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"

#include "Literal.h"
#include "NpyFile.h"

#include <algorithm>
#include <cstring>

namespace vyre::run {
namespace {

/// "x=a.npy" into "x" and "a.npy".
std::pair<std::string, std::string> splitAssignment(const std::string &text,
                                                    const char *option) {
  size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw UserError(std::string(option) + " '" + text +
                    "' has no '='. Fix: pass " + option +
                    " NAME=VALUE or INDEX=VALUE.");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<int64_t> parseShape(const std::string &text,
                                const std::string &option) {
  std::vector<int64_t> shape;
  auto fail = [&] {
    throw UserError("--shape '" + option +
                    "' is no shape. Fix: pass extents such as 2x3.");
  };
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('x', begin), text.size());
    if (end == begin || end - begin > 18)
      fail();
    int64_t extent = 0;
    for (size_t i = begin; i < end; ++i) {
      if (text[i] < '0' || text[i] > '9')
        fail();
      extent = extent * 10 + (text[i] - '0');
    }
    shape.push_back(extent);
    begin = end + 1;
  }
  return shape;
}

bool isBuffer(const VyreArgumentInfo &info) {
  return info.kind == VYRE_ARGUMENT_BUFFER;
}
/// Passed by the caller, with a value.
bool isInput(const VyreArgumentInfo &info) {
  return !isBuffer(info) || info.role == VYRE_ROLE_INPUT ||
         info.role == VYRE_ROLE_INPUT_OUTPUT;
}
bool isWritten(const VyreArgumentInfo &info) {
  return isBuffer(info) &&
         (info.role == VYRE_ROLE_OUTPUT || info.role == VYRE_ROLE_INPUT_OUTPUT);
}
bool isBound(const VyreArgumentInfo &info) {
  return isInput(info) || isWritten(info);
}

/// A generator of well-mixed 64-bit numbers (SplitMix64, Steele, Lea and Flood
/// 2014).
class Numbers {
public:
  explicit Numbers(uint64_t state) : state(state) {}
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  /// A multiple of 2^-23 in [-1, 1), which f32 and f64 hold exactly.
  double nextFraction() {
    return static_cast<double>(next() >> 40) * 0x1p-23 - 1.0;
  }

private:
  uint64_t state;
};

template <typename T> void store(uint8_t *bytes, uint64_t index, T value) {
  std::memcpy(bytes + index * sizeof(T), &value, sizeof(T));
}

} // namespace

void fillArray(HostArray &array, uint64_t seed, uint32_t argument) {
  Numbers numbers(seed + argument * 0xd1b54a32d192ed03u);
  size_t elementBytes = vyreElementTypeSize(array.elementType);
  uint8_t *bytes = array.data.get();
  for (uint64_t i = 0; i < array.byteSize / elementBytes; ++i) {
    switch (array.elementType) {
    case VYRE_ELEMENT_F16:
      store(bytes, i, roundToF16(numbers.nextFraction()));
      break;
    case VYRE_ELEMENT_BF16:
      store(bytes, i, roundToBf16(numbers.nextFraction()));
      break;
    case VYRE_ELEMENT_F32:
      store(bytes, i, static_cast<float>(numbers.nextFraction()));
      break;
    case VYRE_ELEMENT_F64:
      store(bytes, i, numbers.nextFraction());
      break;
    case VYRE_ELEMENT_I1:
      store(bytes, i, static_cast<uint8_t>(numbers.next() & 1));
      break;
    default: {
      uint64_t value = numbers.next() & 7;
      std::memcpy(bytes + i * elementBytes, &value, elementBytes);
      break;
    }
    }
  }
}

Arguments::Arguments(const runtime::Artifact &artifact, uint32_t program,
                     const Options &options) {
  VyreProgramInfo info = check(artifact.programInfo(program));
  for (uint32_t i = 0; i < info.argument_count; ++i)
    infos.push_back(check(artifact.argumentInfo(program, i)));
  arrays.resize(infos.size());
  shapes.resize(infos.size());
  originals.resize(infos.size());
  bound.resize(infos.size());

  parseInputs(options.inputs);
  parseShapes(options.shapes);
  provideInputs(options.fillSeed);
  provideOutputs(artifact, program);

  for (uint32_t i = 0; i < info.result_count; ++i)
    outputs.push_back(check(artifact.resultArgument(program, i)));
  for (uint32_t i = 0; i < infos.size(); ++i)
    if (isWritten(infos[i]) &&
        std::find(outputs.begin(), outputs.end(), i) == outputs.end())
      outputs.push_back(i);
}

std::string Arguments::describe(uint32_t argument) const {
  std::string name = infos[argument].name;
  return "argument " + std::to_string(argument) +
         (name.empty() ? "" : " '" + name + "'");
}

uint32_t Arguments::find(const std::string &label, const char *option) const {
  for (uint32_t i = 0; i < infos.size(); ++i)
    if (label == infos[i].name)
      return i;
  for (uint32_t i = 0; i < infos.size(); ++i)
    if (label == std::to_string(i))
      return i;
  throw UserError(std::string(option) + " names '" + label +
                  "', and the program has no such argument. Fix: see "
                  "vyre-run --list.");
}

void Arguments::parseInputs(const std::vector<std::string> &inputs) {
  for (const std::string &input : inputs) {
    auto [label, value] = splitAssignment(input, "--in");
    uint32_t argument = find(label, "--in");
    const VyreArgumentInfo &info = infos[argument];
    if (!isInput(info))
      throw UserError(describe(argument) +
                      " is given with --in, and the program does not read "
                      "it. Fix: leave it out.");
    if (arrays[argument])
      throw UserError(describe(argument) +
                      " is given twice. Fix: pass one --in for it.");
    if (!isBuffer(info))
      arrays[argument] =
          parseLiteral(value, info.element_type, describe(argument));
    if (!arrays[argument])
      arrays[argument] = readNpy(value, info.element_type, describe(argument));
    if (!isBuffer(info) && !arrays[argument]->extents.empty())
      throw UserError(describe(argument) + " is a scalar, '" + value +
                      "' has shape " + formatShape(arrays[argument]->extents) +
                      ". Fix: pass a 0-d array or a literal.");
  }
}

void Arguments::parseShapes(const std::vector<std::string> &options) {
  for (const std::string &option : options) {
    auto [label, value] = splitAssignment(option, "--shape");
    uint32_t argument = find(label, "--shape");
    if (!isBuffer(infos[argument]) || !isBound(infos[argument]))
      throw UserError(describe(argument) +
                      " takes no shape. Fix: leave its --shape out.");
    if (shapes[argument])
      throw UserError(describe(argument) +
                      " has two shapes. Fix: pass one --shape for it.");
    shapes[argument] = parseShape(value, option);
    if (shapes[argument]->size() != infos[argument].rank)
      throw UserError(describe(argument) + " has rank " +
                      std::to_string(infos[argument].rank) + ", --shape '" +
                      option + "' has " +
                      std::to_string(shapes[argument]->size()) +
                      ". Fix: pass one extent per dimension.");
    if (arrays[argument] && arrays[argument]->extents != *shapes[argument])
      throw UserError(describe(argument) + " has shape " +
                      formatShape(arrays[argument]->extents) +
                      " in its file and " + formatShape(*shapes[argument]) +
                      " in --shape. Fix: leave the --shape out.");
  }
}

/// The shape of a buffer that no file gives.
std::vector<int64_t> Arguments::shapeToFill(uint32_t argument) const {
  if (shapes[argument])
    return *shapes[argument];
  const VyreArgumentInfo &info = infos[argument];
  std::vector<int64_t> shape(info.extents, info.extents + info.rank);
  if (std::find(shape.begin(), shape.end(), VYRE_DYNAMIC_EXTENT) != shape.end())
    throw UserError(describe(argument) + " has shape " + formatShape(shape) +
                    ", which is known only at dispatch. Fix: pass --shape " +
                    (*info.name ? info.name : std::to_string(argument)) +
                    "=...");
  return shape;
}

void Arguments::bind(uint32_t argument) {
  HostArray &array = *arrays[argument];
  VyreBinding &binding = bound[argument];
  binding.data = array.data.get();
  binding.byte_length = array.byteSize;
  binding.extents = array.extents.data();
  binding.rank = static_cast<uint32_t>(array.extents.size());
  binding.element_type = array.elementType;
  binding.location = VYRE_MEMORY_HOST;
}

void Arguments::provideInputs(const std::optional<uint64_t> &seed) {
  for (uint32_t i = 0; i < infos.size(); ++i) {
    if (!isInput(infos[i]))
      continue;
    if (!arrays[i]) {
      std::string label = *infos[i].name ? infos[i].name : std::to_string(i);
      if (!seed)
        throw UserError(describe(i) + " is not given. Fix: pass --in " + label +
                        "=" + (isBuffer(infos[i]) ? "FILE.npy" : "VALUE") +
                        " or --fill SEED.");
      arrays[i] = HostArray::allocate(
          infos[i].element_type,
          isBuffer(infos[i]) ? shapeToFill(i) : std::vector<int64_t>(),
          describe(i));
      fillArray(*arrays[i], *seed, i);
    }
    if (isWritten(infos[i]))
      originals[i] = arrays[i]->clone();
    bind(i);
  }
}

void Arguments::provideOutputs(const runtime::Artifact &artifact,
                               uint32_t program) {
  std::vector<uint32_t> pending;
  for (uint32_t i = 0; i < infos.size(); ++i)
    if (isBound(infos[i]) && !isInput(infos[i]))
      pending.push_back(i);

  // First the ones that the user decides on: others may follow from them.
  for (uint32_t i : pending) {
    bound[i].element_type = infos[i].element_type;
    bound[i].rank = infos[i].rank;
    if (infos[i].extents_are_computed && !shapes[i])
      continue;
    shapes[i] = shapeToFill(i);
    bound[i].extents = shapes[i]->data();
  }
  for (uint32_t i : pending) {
    arrays[i] = HostArray::allocate(
        infos[i].element_type, check(artifact.inferExtents(program, bound, i)),
        describe(i));
  }
  for (uint32_t i : pending)
    bind(i);
}

void Arguments::restore() {
  for (uint32_t i = 0; i < infos.size(); ++i)
    if (originals[i])
      std::memcpy(arrays[i]->data.get(), originals[i]->data.get(),
                  arrays[i]->byteSize);
}

} // namespace vyre::run
