//===- FakeStreams.cpp - Streams and events ---------------------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeWorld.h"

using namespace vyre::runtime::internal::cuda;
using namespace vyre::fakecuda;

extern "C" {

CUresult cuStreamCreate(CUstream *stream, unsigned) {
  FAKE_ENTER("cuStreamCreate");
  auto *fake = new FakeStream();
  w.streams.insert(fake);
  *stream = reinterpret_cast<CUstream>(fake);
  return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  FAKE_ENTER("cuStreamDestroy");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  // Memory that waiting work refers to may be gone by now.
  if (!w.streams.count(stream) || !stream->work.empty() ||
      stream->isRunning() || stream->captured)
    return misuse();
  w.streams.erase(stream);
  delete stream;
  return CUDA_SUCCESS;
}

CUresult cuStreamQuery(CUstream handle) {
  FAKE_ENTER("cuStreamQuery");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!w.streams.count(stream))
    return misuse();
  if (stream->isRunning())
    return CUDA_ERROR_NOT_READY;
  if (w.settings.pendingQueries) {
    --w.settings.pendingQueries;
    return CUDA_ERROR_NOT_READY;
  }
  stream->drain();
  return w.fault.empty() ? CUDA_SUCCESS : CUDA_ERROR_LAUNCH_FAILED;
}

CUresult cuStreamSynchronize(CUstream handle) {
  FAKE_ENTER("cuStreamSynchronize");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (w.streams.count(stream) && stream->captured) {
    stream->capture = CU_STREAM_CAPTURE_STATUS_INVALIDATED;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  if (!w.streams.count(stream) ||
      stream->capture != CU_STREAM_CAPTURE_STATUS_NONE)
    return misuse();
  stream->drain();
  return w.fault.empty() ? CUDA_SUCCESS : CUDA_ERROR_LAUNCH_FAILED;
}

CUresult cuStreamBeginCapture_v2(CUstream handle, int mode) {
  FAKE_ENTER("cuStreamBeginCapture");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!w.streams.count(stream) || mode != CU_STREAM_CAPTURE_MODE_THREAD_LOCAL ||
      stream->capture != CU_STREAM_CAPTURE_STATUS_NONE)
    return misuse();
  stream->capture = CU_STREAM_CAPTURE_STATUS_ACTIVE;
  stream->captured = std::make_unique<FakeGraph>();
  return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph *graph) {
  FAKE_ENTER("cuStreamEndCapture");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!w.streams.count(stream) || !stream->captured)
    return misuse();
  bool isWhole = stream->capture == CU_STREAM_CAPTURE_STATUS_ACTIVE;
  stream->capture = CU_STREAM_CAPTURE_STATUS_NONE;
  std::unique_ptr<FakeGraph> captured = std::move(stream->captured);
  *graph = nullptr;
  if (!isWhole)
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  *graph = reinterpret_cast<CUgraph>(captured.get());
  w.graphs.insert(captured.release());
  return CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus *status) {
  FAKE_ENTER("cuStreamIsCapturing");
  auto *stream = reinterpret_cast<FakeStream *>(handle);
  if (!w.streams.count(stream))
    return misuse();
  *status = stream->capture;
  return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent *event, unsigned) {
  FAKE_ENTER("cuEventCreate");
  auto *fake = new FakeEvent();
  w.events.insert(fake);
  *event = reinterpret_cast<CUevent>(fake);
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent handle) {
  FAKE_ENTER("cuEventDestroy");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.erase(event))
    return misuse();
  delete event;
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent handle, CUstream stream) {
  FAKE_ENTER("cuEventRecord");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.count(event) ||
      !w.streams.count(reinterpret_cast<FakeStream *>(stream)))
    return misuse();
  event->stream = reinterpret_cast<FakeStream *>(stream);
  event->end = event->stream->done + event->stream->work.size();
  return CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent handle) {
  FAKE_ENTER("cuEventQuery");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.count(event) || !event->stream)
    return misuse();
  if (w.settings.pendingQueries) {
    --w.settings.pendingQueries;
    return CUDA_ERROR_NOT_READY;
  }
  event->stream->drain(event->end);
  return CUDA_SUCCESS;
}

CUresult cuEventElapsedTime(float *milliseconds, CUevent first, CUevent last) {
  FAKE_ENTER("cuEventElapsedTime");
  for (CUevent handle : {first, last}) {
    auto *event = reinterpret_cast<FakeEvent *>(handle);
    if (!w.events.count(event) || !event->stream)
      return misuse();
  }
  // As little as can be told.
  *milliseconds = 0.0005f;
  return CUDA_SUCCESS;
}

CUresult cuEventSynchronize(CUevent handle) {
  FAKE_ENTER("cuEventSynchronize");
  auto *event = reinterpret_cast<FakeEvent *>(handle);
  if (!w.events.count(event) || !event->stream)
    return misuse();
  event->stream->drain(event->end);
  return CUDA_SUCCESS;
}

} // extern "C"
