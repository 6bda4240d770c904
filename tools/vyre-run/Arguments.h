//===- Arguments.h - What a program is run on -------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From --in, --shape and --fill to one host array per argument.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_TOOLS_VYRE_RUN_ARGUMENTS_H
#define VYRE_TOOLS_VYRE_RUN_ARGUMENTS_H

#include "HostArray.h"
#include "Options.h"

#include "vyre/Runtime/Runtime.h"

#include <optional>
#include <string>
#include <vector>

namespace vyre::run {

/// Unwraps a value of the runtime; throws its message.
template <typename T> T check(runtime::Expected<T> value) {
  if (value.failed())
    throw UserError(value.message());
  return std::move(*value);
}
inline void check(runtime::Status status) {
  if (status.failed())
    throw UserError(status.message());
}

/// The arguments of one program, with memory.
class Arguments {
public:
  /// Reads and fills everything. Throws UserError.
  Arguments(const runtime::Artifact &artifact, uint32_t program,
            const Options &options);

  /// One per argument; zero for what the program owns.
  const std::vector<VyreBinding> &bindings() const { return bound; }
  /// The arguments that the program writes: results first, then the others, in
  /// order.
  const std::vector<uint32_t> &written() const { return outputs; }
  const VyreArgumentInfo &info(uint32_t argument) const {
    return infos[argument];
  }
  const HostArray &array(uint32_t argument) const { return *arrays[argument]; }
  /// Whether it is a buffer that the program only reads.
  bool isReadOnly(uint32_t argument) const {
    return infos[argument].kind == VYRE_ARGUMENT_BUFFER &&
           infos[argument].role == VYRE_ROLE_INPUT;
  }
  /// Puts back what arguments that are read and written held at first.
  void restore();

private:
  uint32_t find(const std::string &label, const char *option) const;
  std::string describe(uint32_t argument) const;
  void parseInputs(const std::vector<std::string> &inputs);
  void parseShapes(const std::vector<std::string> &shapes);
  std::vector<int64_t> shapeToFill(uint32_t argument) const;
  void provideInputs(const std::optional<uint64_t> &seed);
  void provideOutputs(const runtime::Artifact &artifact, uint32_t program);
  void bind(uint32_t argument);

  std::vector<VyreArgumentInfo> infos;
  std::vector<std::optional<HostArray>> arrays;
  std::vector<std::optional<std::vector<int64_t>>> shapes;
  std::vector<std::optional<HostArray>> originals;
  std::vector<VyreBinding> bound;
  std::vector<uint32_t> outputs;
};

/// Numbers that follow from the seed and the argument's position alone: floats
/// in [-1, 1), integers in [0, 8), booleans.
void fillArray(HostArray &array, uint64_t seed, uint32_t argument);

} // namespace vyre::run

#endif // VYRE_TOOLS_VYRE_RUN_ARGUMENTS_H
