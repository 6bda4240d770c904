//===- ArtifactFile.cpp - Opening an artifact -------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The outermost layer of a .vyre file: how the bytes come in, the header, and
// the digest over the payload. What is inside is ArtifactReader.cpp's.
//
//===----------------------------------------------------------------------===//

#include "Artifact.h"

#include "vyre/Target/ArtifactFormat.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

namespace vyre::runtime::internal {
namespace {

constexpr const char *kRemake =
    " Fix: compile the artifact again, or fetch a whole copy of it.";

/// FlatBuffers offsets are signed 32-bit.
constexpr uint64_t kMaxPayloadBytes = (uint64_t(1) << 31) - 64;

/// Closes a file descriptor at the end of a scope.
class FileDescriptor {
public:
  explicit FileDescriptor(int fd) : fd(fd) {}
  FileDescriptor(const FileDescriptor &) = delete;
  FileDescriptor &operator=(const FileDescriptor &) = delete;
  ~FileDescriptor() {
    if (fd >= 0)
      ::close(fd);
  }
  int get() const { return fd; }

private:
  int fd;
};

AlignedBytes allocatePayload(size_t size) {
  size_t rounded = (size / 64 + 1) * 64;
  auto *memory = static_cast<uint8_t *>(std::aligned_alloc(64, rounded));
  if (!memory)
    throw std::bad_alloc();
  return AlignedBytes(memory);
}

/// Checks all that can be said about a header alone, given the whole size.
Status checkHeader(const artifact::Header &header, uint64_t totalBytes) {
  if (std::memcmp(header.magic, artifact::kMagic, sizeof(header.magic)) != 0)
    return badArtifact(
        "this is not a .vyre artifact: it does not begin with the magic number."
        " Fix: pass the output of vyre-compile.");
  if (XXH3_64bits(&header, offsetof(artifact::Header, headerDigest)) !=
      header.headerDigest)
    return badArtifact("the artifact's header is damaged: its digest does not "
                       "match.",
                       kRemake);
  if (header.majorVersion != artifact::kMajorVersion ||
      header.minorVersion > artifact::kMinorVersion)
    return failure(VYRE_STATUS_UNSUPPORTED, "the artifact has format version ",
                   header.majorVersion, ".", header.minorVersion,
                   ", this runtime reads ", artifact::kMajorVersion, ".0 to ",
                   artifact::kMajorVersion, ".", artifact::kMinorVersion,
                   ". Fix: use a compiler and a runtime of the same release.");
  if (header.reserved[0] || header.reserved[1])
    return badArtifact("the artifact's header is damaged: its reserved words "
                       "are not zero.",
                       kRemake);
  if (header.payloadBytes != totalBytes - sizeof(header))
    return badArtifact("the artifact has ", totalBytes - sizeof(header),
                       " bytes of payload, its header says ",
                       header.payloadBytes, ".", kRemake);
  if (header.payloadBytes > kMaxPayloadBytes)
    return failure(VYRE_STATUS_UNSUPPORTED, "the artifact's payload has ",
                   header.payloadBytes, " bytes, the format holds at most ",
                   kMaxPayloadBytes,
                   ". Fix: pass large tables as inputs, not as constants.");
  return Status();
}

Status tooShort(uint64_t size) {
  return badArtifact("the artifact has ", size,
                     " bytes, expected at least the header's ",
                     sizeof(artifact::Header), ".", kRemake);
}

Status checkDigest(const artifact::Header &header, const uint8_t *payload) {
  XXH128_hash_t digest = XXH3_128bits(payload, header.payloadBytes);
  if (digest.low64 != header.digestLow || digest.high64 != header.digestHigh)
    return badArtifact(
        "the artifact is damaged: its content does not match its digest.",
        kRemake);
  return Status();
}

/// Reads exactly `size` bytes.
Status readAll(int fd, void *target, size_t size, const char *path) {
  auto *bytes = static_cast<uint8_t *>(target);
  while (size) {
    ssize_t got = ::read(fd, bytes, size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failure(VYRE_STATUS_IO_ERROR, "reading '", path,
                     "' failed: ", std::strerror(errno),
                     ". Fix: check the file system.");
    if (got == 0)
      return failure(VYRE_STATUS_IO_ERROR, "'", path,
                     "' became shorter while it was read. Fix: do not change "
                     "an artifact in place; write a new file and rename it.");
    bytes += got;
    size -= static_cast<size_t>(got);
  }
  return Status();
}

} // namespace

Expected<std::shared_ptr<const Artifact>> Artifact::loadMemory(const void *data,
                                                               size_t size) {
  artifact::Header header;
  if (size < sizeof(header))
    return tooShort(size);
  std::memcpy(&header, data, sizeof(header));
  if (Status status = checkHeader(header, size); status.failed())
    return status;

  auto artifact = std::make_shared<Artifact>();
  artifact->payload = allocatePayload(header.payloadBytes);
  artifact->payloadBytes = header.payloadBytes;
  uint8_t *payload = artifact->payload.get();
  std::memcpy(payload, static_cast<const uint8_t *>(data) + sizeof(header),
              header.payloadBytes);
  if (Status status = checkDigest(header, payload); status.failed())
    return status;
  if (Status status = readPayload(payload, header.payloadBytes, *artifact);
      status.failed())
    return status;
  return std::shared_ptr<const Artifact>(std::move(artifact));
}

Expected<std::shared_ptr<const Artifact>> Artifact::loadFile(const char *path) {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would hang.
  FileDescriptor file(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0)
    return failure(errno == ENOENT ? VYRE_STATUS_NOT_FOUND
                                   : VYRE_STATUS_IO_ERROR,
                   "cannot open '", path, "': ", std::strerror(errno),
                   ". Fix: pass the path of a readable .vyre file.");
  struct stat info;
  if (::fstat(file.get(), &info) != 0)
    return failure(VYRE_STATUS_IO_ERROR, "cannot look at '", path,
                   "': ", std::strerror(errno),
                   ". Fix: check the file system.");
  if (!S_ISREG(info.st_mode))
    return failure(VYRE_STATUS_IO_ERROR, "'", path,
                   "' is not a regular file. Fix: pass the path of a .vyre "
                   "file, or load its bytes from memory.");
  auto totalBytes = static_cast<uint64_t>(info.st_size);
  artifact::Header header;
  if (totalBytes < sizeof(header))
    return tooShort(totalBytes);
  if (Status status = readAll(file.get(), &header, sizeof(header), path);
      status.failed())
    return status;
  if (Status status = checkHeader(header, totalBytes); status.failed())
    return status;

  // Read, not mapped: a mapped file that someone truncates is a SIGBUS.
  auto artifact = std::make_shared<Artifact>();
  artifact->payload = allocatePayload(header.payloadBytes);
  artifact->payloadBytes = header.payloadBytes;
  uint8_t *payload = artifact->payload.get();
  if (Status status = readAll(file.get(), payload, header.payloadBytes, path);
      status.failed())
    return status;
  if (Status status = checkDigest(header, payload); status.failed())
    return status;
  if (Status status = readPayload(payload, header.payloadBytes, *artifact);
      status.failed())
    return status;
  return std::shared_ptr<const Artifact>(std::move(artifact));
}

} // namespace vyre::runtime::internal
