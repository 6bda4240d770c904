//===- DriverAPI.h - The CUDA driver API that is used -----------*- C++ -*-===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declarations of the driver's binary interface, so that nothing of the CUDA
// toolkit is needed to build. Names and numbers are those of NVIDIA's "CUDA
// Driver API" reference; functions whose parameters once changed are looked up
// by their versioned names.
//
//===----------------------------------------------------------------------===//

#ifndef VYRE_LIB_RUNTIME_CUDA_DRIVERAPI_H
#define VYRE_LIB_RUNTIME_CUDA_DRIVERAPI_H

#include <cstddef>
#include <cstdint>

namespace vyre::runtime::internal::cuda {

using CUdevice = int;
using CUdeviceptr = uint64_t;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;
using CUevent = struct CUevent_st *;
using CUgraph = struct CUgraph_st *;
using CUgraphNode = struct CUgraphNode_st *;
using CUgraphExec = struct CUgraphExec_st *;
using CUlinkState = struct CUlinkState_st *;

/// The results that the runtime tells apart; there are more.
enum CUresult : int {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_INVALID_VALUE = 1,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_DEINITIALIZED = 4,
  CUDA_ERROR_NO_DEVICE = 100,
  CUDA_ERROR_INVALID_DEVICE = 101,
  CUDA_ERROR_INVALID_IMAGE = 200,
  CUDA_ERROR_NO_BINARY_FOR_GPU = 209,
  CUDA_ERROR_ECC_UNCORRECTABLE = 214,
  CUDA_ERROR_INVALID_PTX = 218,
  CUDA_ERROR_NVLINK_UNCORRECTABLE = 220,
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
  CUDA_ERROR_CONTAINED = 226,
  CUDA_ERROR_NOT_FOUND = 500,
  CUDA_ERROR_NOT_READY = 600,
  CUDA_ERROR_ILLEGAL_ADDRESS = 700,
  CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
  CUDA_ERROR_LAUNCH_TIMEOUT = 702,
  CUDA_ERROR_CONTEXT_IS_DESTROYED = 709,
  CUDA_ERROR_ASSERT = 710,
  CUDA_ERROR_HARDWARE_STACK_ERROR = 714,
  CUDA_ERROR_ILLEGAL_INSTRUCTION = 715,
  CUDA_ERROR_MISALIGNED_ADDRESS = 716,
  CUDA_ERROR_INVALID_ADDRESS_SPACE = 717,
  CUDA_ERROR_INVALID_PC = 718,
  CUDA_ERROR_LAUNCH_FAILED = 719,
  CUDA_ERROR_TENSOR_MEMORY_LEAK = 721,
  CUDA_ERROR_NOT_SUPPORTED = 801,
  CUDA_ERROR_MPS_CLIENT_TERMINATED = 810,
  // From the first to the last of these a capture has failed.
  CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900,
  CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901,
  CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD = 908,
  CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE = 910,
};

enum CUdevice_attribute : int {
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
};

enum CUfunction_attribute : int {
  CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0,
  CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
  CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED = 14,
};

enum CUpointer_attribute : int {
  CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2,
  CU_POINTER_ATTRIBUTE_IS_MANAGED = 8,
  CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL = 9,
  CU_POINTER_ATTRIBUTE_RANGE_START_ADDR = 11,
  CU_POINTER_ATTRIBUTE_RANGE_SIZE = 12,
};

inline constexpr uint32_t CU_MEMORYTYPE_HOST = 1;
inline constexpr uint32_t CU_MEMORYTYPE_DEVICE = 2;

enum CUjit_option : int {
  CU_JIT_INFO_LOG_BUFFER = 3,
  CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES = 4,
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
};

enum CUstreamCaptureStatus : int {
  CU_STREAM_CAPTURE_STATUS_NONE = 0,
  CU_STREAM_CAPTURE_STATUS_ACTIVE = 1,
  CU_STREAM_CAPTURE_STATUS_INVALIDATED = 2,
};

inline constexpr int CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1;
inline constexpr int CU_JIT_INPUT_PTX = 1;
inline constexpr unsigned CU_STREAM_NON_BLOCKING = 1;
inline constexpr unsigned CU_EVENT_DEFAULT = 0;
inline constexpr unsigned CU_EVENT_DISABLE_TIMING = 2;
inline constexpr int CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION = 4;

struct CUlaunchAttribute {
  int id;
  char pad[4];
  union {
    char bytes[64];
    struct {
      unsigned x, y, z;
    } clusterDim;
  } value;
};

struct CUlaunchConfig {
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  CUstream hStream;
  CUlaunchAttribute *attrs;
  unsigned numAttrs;
};
static_assert(sizeof(CUlaunchAttribute) == 72 && sizeof(CUlaunchConfig) == 56,
              "the layout is the driver's");

struct CUDA_KERNEL_NODE_PARAMS {
  CUfunction func;
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  void *const *kernelParams;
  void **extra;
  void *kern;
  CUcontext ctx;
};

/// One end of a copy.
struct CUDA_MEMCPY3D_end {
  size_t xInBytes, y, z, lod;
  uint32_t memoryType;
  void *host;
  CUdeviceptr device;
  void *array, *reserved;
  size_t pitch, height;
};

struct CUDA_MEMCPY3D {
  CUDA_MEMCPY3D_end source, target;
  size_t widthInBytes, height, depth;
};
/// What an edge is like; all zero for one that waits for all of a node.
struct CUgraphEdgeData {
  unsigned char from_port, to_port, type, reserved[5];
};
inline constexpr unsigned char CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC = 1;
inline constexpr unsigned char CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC = 1;

static_assert(sizeof(CUDA_KERNEL_NODE_PARAMS) == 72 &&
                  sizeof(CUgraphEdgeData) == 8 && sizeof(CUDA_MEMCPY3D) == 200,
              "the layout is the driver's");

// Functions as X(member, symbol, parameters). Every one returns a CUresult.
#define VYRE_CUDA_FUNCTIONS(X)                                                 \
  X(init, cuInit, (unsigned))                                                  \
  X(getErrorName, cuGetErrorName, (CUresult, const char **))                   \
  X(getErrorString, cuGetErrorString, (CUresult, const char **))               \
  X(deviceGetCount, cuDeviceGetCount, (int *))                                 \
  X(deviceGet, cuDeviceGet, (CUdevice *, int))                                 \
  X(deviceGetName, cuDeviceGetName, (char *, int, CUdevice))                   \
  X(deviceGetAttribute, cuDeviceGetAttribute,                                  \
    (int *, CUdevice_attribute, CUdevice))                                     \
  X(primaryCtxRetain, cuDevicePrimaryCtxRetain, (CUcontext *, CUdevice))       \
  X(primaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (CUdevice))               \
  X(ctxPushCurrent, cuCtxPushCurrent_v2, (CUcontext))                          \
  X(ctxPopCurrent, cuCtxPopCurrent_v2, (CUcontext *))                          \
  X(ctxGetDevice, cuCtxGetDevice, (CUdevice *))                                \
  X(moduleLoadDataEx, cuModuleLoadDataEx,                                      \
    (CUmodule *, const void *, unsigned, CUjit_option *, void **))             \
  X(moduleUnload, cuModuleUnload, (CUmodule))                                  \
  X(moduleGetFunction, cuModuleGetFunction,                                    \
    (CUfunction *, CUmodule, const char *))                                    \
  X(funcGetAttribute, cuFuncGetAttribute,                                      \
    (int *, CUfunction_attribute, CUfunction))                                 \
  X(funcSetAttribute, cuFuncSetAttribute,                                      \
    (CUfunction, CUfunction_attribute, int))                                   \
  X(launchKernel, cuLaunchKernel,                                              \
    (CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,   \
     unsigned, CUstream, void **, void **))                                    \
  X(memAlloc, cuMemAlloc_v2, (CUdeviceptr *, size_t))                          \
  X(memFree, cuMemFree_v2, (CUdeviceptr))                                      \
  X(memHostAlloc, cuMemHostAlloc, (void **, size_t, unsigned))                 \
  X(memFreeHost, cuMemFreeHost, (void *))                                      \
  X(memcpyHtoDAsync, cuMemcpyHtoDAsync_v2,                                     \
    (CUdeviceptr, const void *, size_t, CUstream))                             \
  X(memcpyDtoHAsync, cuMemcpyDtoHAsync_v2,                                     \
    (void *, CUdeviceptr, size_t, CUstream))                                   \
  X(memcpyDtoDAsync, cuMemcpyDtoDAsync_v2,                                     \
    (CUdeviceptr, CUdeviceptr, size_t, CUstream))                              \
  X(memsetD8Async, cuMemsetD8Async,                                            \
    (CUdeviceptr, unsigned char, size_t, CUstream))                            \
  X(pointerGetAttributes, cuPointerGetAttributes,                              \
    (unsigned, CUpointer_attribute *, void **, CUdeviceptr))                   \
  X(streamCreate, cuStreamCreate, (CUstream *, unsigned))                      \
  X(streamDestroy, cuStreamDestroy_v2, (CUstream))                             \
  X(streamQuery, cuStreamQuery, (CUstream))                                    \
  X(streamSynchronize, cuStreamSynchronize, (CUstream))                        \
  X(streamIsCapturing, cuStreamIsCapturing,                                    \
    (CUstream, CUstreamCaptureStatus *))                                       \
  X(eventCreate, cuEventCreate, (CUevent *, unsigned))                         \
  X(eventDestroy, cuEventDestroy_v2, (CUevent))                                \
  X(eventRecord, cuEventRecord, (CUevent, CUstream))                           \
  X(eventQuery, cuEventQuery, (CUevent))                                       \
  X(eventSynchronize, cuEventSynchronize, (CUevent))

// Functions that older drivers lack; NULL there.
#define VYRE_CUDA_OPTIONAL_FUNCTIONS(X)                                        \
  X(eventElapsedTime, cuEventElapsedTime, (float *, CUevent, CUevent))         \
  X(driverGetVersion, cuDriverGetVersion, (int *))                             \
  X(linkCreate, cuLinkCreate_v2,                                               \
    (unsigned, CUjit_option *, void **, CUlinkState *))                        \
  X(linkAddData, cuLinkAddData_v2,                                             \
    (CUlinkState, int, void *, size_t, const char *, unsigned, CUjit_option *, \
     void **))                                                                 \
  X(linkComplete, cuLinkComplete, (CUlinkState, void **, size_t *))            \
  X(linkDestroy, cuLinkDestroy, (CUlinkState))                                 \
  X(launchKernelEx, cuLaunchKernelEx,                                          \
    (const CUlaunchConfig *, CUfunction, void **, void **))                    \
  X(funcGetParamInfo, cuFuncGetParamInfo,                                      \
    (CUfunction, size_t, size_t *, size_t *))                                  \
  X(graphCreate, cuGraphCreate, (CUgraph *, unsigned))                         \
  X(graphDestroy, cuGraphDestroy, (CUgraph))                                   \
  X(graphAddKernelNode, cuGraphAddKernelNode_v2,                               \
    (CUgraphNode *, CUgraph, const CUgraphNode *, size_t,                      \
     const CUDA_KERNEL_NODE_PARAMS *))                                         \
  X(graphAddMemcpyNode, cuGraphAddMemcpyNode,                                  \
    (CUgraphNode *, CUgraph, const CUgraphNode *, size_t,                      \
     const CUDA_MEMCPY3D *, CUcontext))                                        \
  X(graphAddDependencies, cuGraphAddDependencies_v2,                           \
    (CUgraph, const CUgraphNode *, const CUgraphNode *,                        \
     const CUgraphEdgeData *, size_t))                                         \
  X(graphKernelNodeSetAttribute, cuGraphKernelNodeSetAttribute,                \
    (CUgraphNode, int, const void *))                                          \
  X(graphInstantiate, cuGraphInstantiateWithFlags,                             \
    (CUgraphExec *, CUgraph, unsigned long long))                              \
  X(graphExecDestroy, cuGraphExecDestroy, (CUgraphExec))                       \
  X(graphExecKernelNodeSetParams, cuGraphExecKernelNodeSetParams_v2,           \
    (CUgraphExec, CUgraphNode, const CUDA_KERNEL_NODE_PARAMS *))               \
  X(graphLaunch, cuGraphLaunch, (CUgraphExec, CUstream))                       \
  X(streamBeginCapture, cuStreamBeginCapture_v2, (CUstream, int))              \
  X(streamEndCapture, cuStreamEndCapture, (CUstream, CUgraph *))               \
  X(graphAddChildGraphNode, cuGraphAddChildGraphNode,                          \
    (CUgraphNode *, CUgraph, const CUgraphNode *, size_t, CUgraph))            \
  X(graphExecChildGraphNodeSetParams, cuGraphExecChildGraphNodeSetParams,      \
    (CUgraphExec, CUgraphNode, CUgraph))

/// The driver's functions.
struct DriverTable {
#define VYRE_DECLARE(member, symbol, parameters)                               \
  CUresult(*member) parameters = nullptr;
  VYRE_CUDA_FUNCTIONS(VYRE_DECLARE)
  VYRE_CUDA_OPTIONAL_FUNCTIONS(VYRE_DECLARE)
#undef VYRE_DECLARE

  /// Code can be compiled without loading it.
  bool hasLinker() const {
    return driverGetVersion && linkCreate && linkAddData && linkComplete &&
           linkDestroy;
  }

  /// Graphs can be built node by node and their nodes be changed (CUDA 12).
  bool hasGraphs() const {
    return graphCreate && graphDestroy && graphAddKernelNode &&
           graphAddMemcpyNode && graphKernelNodeSetAttribute &&
           graphInstantiate && graphExecDestroy &&
           graphExecKernelNodeSetParams && graphLaunch;
  }

  /// What is captured can be a node of such a graph.
  bool hasChildGraphs() const {
    return hasGraphs() && streamBeginCapture && streamEndCapture &&
           graphAddChildGraphNode && graphExecChildGraphNodeSetParams;
  }
};

} // namespace vyre::runtime::internal::cuda

#endif // VYRE_LIB_RUNTIME_CUDA_DRIVERAPI_H
