//===- Runtime.h - C++ layer over the runtime's C API -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Owning C++17 handles over vyre-c/Runtime.h, whose documentation holds here
// too. Header-only, so that it works with any standard library and with
// -fno-exceptions: errors are values.
//
//   auto artifact = Artifact::loadFile("model.vyre");
//   auto device = Device::open("auto");
//   auto pipeline = Pipeline::create(*device, *artifact, 0);
//   if (Status status = pipeline->dispatch(bindings, count); status.failed())
//     report(status.message());
//
// Handles may be destroyed in any order: a pipeline keeps its device open.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_RUNTIME_RUNTIME_H
#define VYRE_RUNTIME_RUNTIME_H

#include "vyre-c/Runtime.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vyre::runtime {

/// Success, or an error with a code and a message.
class [[nodiscard]] Status {
public:
  Status() = default;
  /// Takes over what a function of the C API returned.
  explicit Status(VyreStatus *status) : status(status) {}

  bool failed() const { return status != nullptr; }
  VyreStatusCode code() const { return vyreStatusCode(status.get()); }
  /// Valid as long as the status; "" for success.
  const char *message() const { return vyreStatusMessage(status.get()); }

private:
  struct Release {
    void operator()(VyreStatus *status) const { vyreStatusRelease(status); }
  };
  std::unique_ptr<VyreStatus, Release> status;
};

/// A value, or the error that kept it from being made.
template <typename T> class [[nodiscard]] Expected {
public:
  Expected(T value) : value(std::move(value)) {}
  Expected(Status status) : status(std::move(status)) {}

  bool failed() const { return !value.has_value(); }
  const char *message() const { return status.message(); }
  Status takeStatus() { return std::move(status); }
  T &operator*() & { return *value; }
  T &&operator*() && { return std::move(*value); }
  T *operator->() { return &*value; }

private:
  std::optional<T> value;
  Status status;
};

/// A loaded artifact.
class Artifact {
public:
  static Expected<Artifact> loadFile(const std::string &path) {
    VyreArtifact *artifact = nullptr;
    if (Status status(vyreArtifactLoadFile(path.c_str(), &artifact));
        status.failed())
      return status;
    return Artifact(artifact);
  }
  static Expected<Artifact> loadMemory(const void *data, size_t size) {
    VyreArtifact *artifact = nullptr;
    if (Status status(vyreArtifactLoadMemory(data, size, &artifact));
        status.failed())
      return status;
    return Artifact(artifact);
  }

  const char *producer() const { return vyreArtifactProducer(get()); }
  uint32_t programCount() const { return vyreArtifactProgramCount(get()); }
  uint32_t codeCount() const { return vyreArtifactCodeCount(get()); }

  Expected<uint32_t> findProgram(const std::string &name) const {
    uint32_t program = 0;
    if (Status status(vyreArtifactFindProgram(get(), name.c_str(), &program));
        status.failed())
      return status;
    return program;
  }
  Expected<VyreProgramInfo> programInfo(uint32_t program) const {
    VyreProgramInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreArtifactProgramInfo(get(), program, &info));
        status.failed())
      return status;
    return info;
  }
  Expected<VyreArgumentInfo> argumentInfo(uint32_t program,
                                          uint32_t argument) const {
    VyreArgumentInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(
            vyreArtifactArgumentInfo(get(), program, argument, &info));
        status.failed())
      return status;
    return info;
  }
  /// The argument that holds a result.
  Expected<uint32_t> resultArgument(uint32_t program, uint32_t result) const {
    uint32_t argument = 0;
    if (Status status(
            vyreArtifactResultArgument(get(), program, result, &argument));
        status.failed())
      return status;
    return argument;
  }
  Expected<VyreCodeInfo> codeInfo(uint32_t code) const {
    VyreCodeInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreArtifactCodeInfo(get(), code, &info));
        status.failed())
      return status;
    return info;
  }
  /// The extents of a buffer argument in a dispatch with these bindings.
  Expected<std::vector<int64_t>>
  inferExtents(uint32_t program, const std::vector<VyreBinding> &bindings,
               uint32_t argument) const {
    auto info = argumentInfo(program, argument);
    if (info.failed())
      return info.takeStatus();
    std::vector<int64_t> extents(info->rank);
    if (Status status(vyreArtifactInferExtents(get(), program, bindings.data(),
                                               bindings.size(), argument,
                                               extents.data(), info->rank));
        status.failed())
      return status;
    return extents;
  }

  const VyreArtifact *get() const { return handle.get(); }

private:
  explicit Artifact(VyreArtifact *artifact) : handle(artifact) {}
  struct Release {
    void operator()(VyreArtifact *artifact) const {
      vyreArtifactRelease(artifact);
    }
  };
  std::unique_ptr<VyreArtifact, Release> handle;
};

/// A CPU or GPU.
class Device {
public:
  /// `config` may be NULL.
  static Expected<Device> open(const std::string &id,
                               const VyreDeviceConfig *config = nullptr) {
    VyreDevice *device = nullptr;
    if (Status status(vyreDeviceOpen(id.c_str(), config, &device));
        status.failed())
      return status;
    return Device(device);
  }

  Expected<VyreDeviceInfo> info() const {
    VyreDeviceInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreDeviceGetInfo(get(), &info)); status.failed())
      return status;
    return info;
  }
  Status supports(const Artifact &artifact) const {
    return Status(vyreDeviceSupports(get(), artifact.get()));
  }
  Expected<VyreCacheCounters> cacheCounters() const {
    VyreCacheCounters counters = {};
    counters.struct_size = sizeof(counters);
    if (Status status(vyreDeviceGetCacheCounters(get(), &counters));
        status.failed())
      return status;
    return counters;
  }
  Expected<void *> allocate(uint64_t byteSize) {
    void *memory = nullptr;
    if (Status status(vyreDeviceAllocate(get(), byteSize, &memory));
        status.failed())
      return status;
    return memory;
  }
  Status free(void *memory) { return Status(vyreDeviceFree(get(), memory)); }
  Status upload(void *target, const void *source, uint64_t byteSize) {
    return Status(vyreDeviceUpload(get(), target, source, byteSize));
  }
  Status download(void *target, const void *source, uint64_t byteSize) {
    return Status(vyreDeviceDownload(get(), target, source, byteSize));
  }
  /// What the destructor does, with its status.
  Status close() { return Status(vyreDeviceRelease(handle.release())); }

  VyreDevice *get() const { return handle.get(); }

private:
  explicit Device(VyreDevice *device) : handle(device) {}
  struct Release {
    void operator()(VyreDevice *device) const {
      vyreStatusRelease(vyreDeviceRelease(device));
    }
  };
  std::unique_ptr<VyreDevice, Release> handle;
};

/// A dispatch under way. Its destructor waits.
class Completion {
public:
  explicit Completion(VyreCompletion *completion) : handle(completion) {}

  /// See vyreCompletionWait.
  Status wait(uint64_t timeoutNs = VYRE_WAIT_FOREVER,
              VyreDispatchReport *report = nullptr) {
    return Status(vyreCompletionWait(get(), timeoutNs, report));
  }

  VyreCompletion *get() const { return handle.get(); }

private:
  struct Release {
    void operator()(VyreCompletion *completion) const {
      vyreCompletionRelease(completion);
    }
  };
  std::unique_ptr<VyreCompletion, Release> handle;
};

/// A result that the caller owns: memory that only grows, and what the last
/// dispatch put into it.
class ResultBuffer {
public:
  ResultBuffer() = default;
  ResultBuffer(ResultBuffer &&other) noexcept { *this = std::move(other); }
  ResultBuffer &operator=(ResultBuffer &&other) noexcept {
    std::swap(memory, other.memory);
    std::swap(capacity, other.capacity);
    std::swap(alignment, other.alignment);
    std::swap(shape, other.shape);
    std::swap(last, other.last);
    std::swap(element, other.element);
    return *this;
  }
  ~ResultBuffer() { std::free(memory); }

  /// The first of `byteSize()` bytes.
  const void *data() const { return memory; }
  void *data() { return memory; }
  /// Bytes that are meaningful.
  uint64_t byteSize() const { return last.meaningful_bytes; }
  /// Bytes that there is room for.
  uint64_t capacityBytes() const { return capacity; }
  /// Extents of what is meaningful.
  const std::vector<int64_t> &extents() const { return shape; }
  VyreElementType elementType() const { return element; }
  const VyreResultInfo &info() const { return last; }
  /// The meaningful elements; NULL if they are no T by their size.
  template <typename T> const T *elements() const {
    return sizeof(T) == vyreElementTypeSize(element)
               ? static_cast<const T *>(memory)
               : nullptr;
  }
  uint64_t elementCount() const {
    return byteSize() / vyreElementTypeSize(element);
  }

private:
  friend class Pipeline;

  /// Makes room; keeps the memory if it is large enough. False if there is no
  /// memory left.
  bool reserve(uint64_t byteSize, uint64_t byteAlignment) {
    if (memory && byteSize <= capacity && byteAlignment <= alignment)
      return true;
    uint64_t unit = byteAlignment < 64 ? 64 : byteAlignment;
    if (byteSize > UINT64_MAX - 2 * unit)
      return false;
    uint64_t size = (byteSize / unit + 1) * unit;
    void *fresh = std::aligned_alloc(unit, size);
    if (!fresh)
      return false;
    std::free(memory);
    memory = fresh;
    capacity = size;
    alignment = unit;
    return true;
  }

  void *memory = nullptr;
  uint64_t capacity = 0, alignment = 0;
  std::vector<int64_t> shape;
  VyreResultInfo last = {};
  VyreElementType element = VYRE_ELEMENT_I8;
};

/// What dispatchInto did with the caller's buffers.
struct ReuseReport {
  /// Buffers whose memory was large enough, that got new memory, and that were
  /// appended, and the meaningful bytes of each kind.
  uint64_t reusedSlots = 0, movedSlots = 0, appendedSlots = 0;
  uint64_t reusedBytes = 0, movedBytes = 0, appendedBytes = 0;
};

/// A program that is ready to run.
class Pipeline {
public:
  /// `config` may be NULL.
  static Expected<Pipeline> create(const Device &device,
                                   const Artifact &artifact, uint32_t program,
                                   const VyrePipelineConfig *config = nullptr) {
    VyrePipeline *pipeline = nullptr;
    if (Status status(vyrePipelineCreate(device.get(), artifact.get(), program,
                                         config, &pipeline));
        status.failed())
      return status;
    return Pipeline(pipeline);
  }

  Status dispatch(const VyreBinding *bindings, size_t count,
                  const VyreDispatchConfig *config = nullptr,
                  VyreDispatchReport *report = nullptr) {
    return Status(vyrePipelineDispatch(get(), bindings, count, config, report));
  }
  Expected<Completion> submit(const VyreBinding *bindings, size_t count,
                              const VyreDispatchConfig *config = nullptr) {
    VyreCompletion *completion = nullptr;
    if (Status status(
            vyrePipelineSubmit(get(), bindings, count, config, &completion));
        status.failed())
      return status;
    return Completion(completion);
  }
  /// Runs the program with results in `results`, one for each result of the
  /// program in order. Of `bindings` those of the results may be empty: they
  /// are bound to the caller's buffers, which keep their memory where it is
  /// large enough. With VYRE_STATUS_INVALID_RESULT all buffers but those whose
  /// info() has a status other than VYRE_RESULT_OK are right; after any other
  /// failure what they hold is unspecified. `config` may be NULL, its `results`
  /// are not used.
  Status dispatchInto(const Artifact &artifact, uint32_t program,
                      std::vector<VyreBinding> bindings,
                      std::vector<ResultBuffer> &results,
                      const VyreDispatchConfig *config = nullptr,
                      VyreDispatchReport *report = nullptr,
                      ReuseReport *reuse = nullptr) {
    VyreProgramInfo info = {};
    info.struct_size = sizeof(info);
    if (Status status(vyreArtifactProgramInfo(artifact.get(), program, &info));
        status.failed())
      return status;
    size_t appendFrom = results.size();
    std::vector<const void *> before;
    for (const ResultBuffer &buffer : results)
      before.push_back(buffer.memory);
    results.resize(info.result_count);
    std::vector<uint32_t> arguments;
    for (uint32_t i = 0; i < info.result_count; ++i) {
      auto argument = artifact.resultArgument(program, i);
      if (argument.failed())
        return argument.takeStatus();
      auto described = artifact.argumentInfo(program, *argument);
      if (described.failed())
        return described.takeStatus();
      if (*argument >= bindings.size())
        break; // The dispatch refuses so few bindings.
      results[i].element = described->element_type;
      bindings[*argument] = VyreBinding();
      bindings[*argument].element_type = described->element_type;
      bindings[*argument].rank = described->rank;
      if (!described->extents_are_computed)
        bindings[*argument].extents = described->extents;
      arguments.push_back(*argument);
    }
    for (size_t i = 0; i < arguments.size(); ++i) {
      auto extents = artifact.inferExtents(program, bindings, arguments[i]);
      if (extents.failed())
        return extents.takeStatus();
      auto described = artifact.argumentInfo(program, arguments[i]);
      if (described.failed())
        return described.takeStatus();
      ResultBuffer &buffer = results[i];
      buffer.shape = std::move(*extents);
      // Up to the capacity, beyond which the dispatch refuses.
      uint64_t bytes = vyreElementTypeSize(buffer.element);
      for (int64_t extent : buffer.shape)
        if (__builtin_mul_overflow(bytes, uint64_t(extent), &bytes) ||
            bytes > described->capacity_bytes)
          bytes = described->capacity_bytes;
      if (!buffer.reserve(bytes, described->alignment))
        bytes = 0; // The dispatch says what it needs.
      bindings[arguments[i]].data = buffer.memory;
      bindings[arguments[i]].byte_length = bytes;
      bindings[arguments[i]].extents = buffer.shape.data();
    }
    std::vector<VyreResultInfo> infos(info.result_count);
    VyreDispatchConfig own = {};
    if (config)
      own = *config;
    own.struct_size = sizeof(own);
    own.results = infos.data();
    own.result_count = infos.size();
    Status status = dispatch(bindings.data(), bindings.size(), &own, report);
    if (status.failed() && status.code() != VYRE_STATUS_INVALID_RESULT)
      return status;
    ReuseReport counted;
    for (size_t i = 0; i < results.size(); ++i) {
      ResultBuffer &buffer = results[i];
      buffer.last = infos[i];
      if (!buffer.shape.empty())
        buffer.shape[0] = infos[i].rows;
      bool isAppended = i >= appendFrom;
      bool isReused = !isAppended && buffer.memory == before[i];
      (isAppended ? counted.appendedSlots
       : isReused ? counted.reusedSlots
                  : counted.movedSlots) += 1;
      (isAppended ? counted.appendedBytes
       : isReused ? counted.reusedBytes
                  : counted.movedBytes) += buffer.byteSize();
    }
    if (reuse)
      *reuse = counted;
    return status;
  }
  Status resetState() { return Status(vyrePipelineResetState(get())); }
  Status readState(uint32_t argument, void *data, uint64_t byteSize) {
    return Status(vyrePipelineReadState(get(), argument, data, byteSize));
  }
  Status writeState(uint32_t argument, const void *data, uint64_t byteSize) {
    return Status(vyrePipelineWriteState(get(), argument, data, byteSize));
  }
  /// What the destructor does, with its status.
  Status close() { return Status(vyrePipelineRelease(handle.release())); }

  VyrePipeline *get() const { return handle.get(); }

private:
  explicit Pipeline(VyrePipeline *pipeline) : handle(pipeline) {}
  struct Release {
    void operator()(VyrePipeline *pipeline) const {
      vyreStatusRelease(vyrePipelineRelease(pipeline));
    }
  };
  std::unique_ptr<VyrePipeline, Release> handle;
};

} // namespace vyre::runtime

#endif // VYRE_RUNTIME_RUNTIME_H
