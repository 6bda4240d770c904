#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""The C API of the runtime through ctypes: as much of it as measure.py needs."""

import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_int64, c_size_t, c_uint32
from ctypes import c_uint64, c_void_p

F32 = 7
ON_DEVICE = 1


class Binding(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("byte_length", c_uint64),
        ("extents", POINTER(c_int64)),
        ("rank", c_uint32),
        ("element_type", c_uint32),
        ("location", c_uint32),
        ("reserved0", c_uint32),
        ("reserved1", c_uint64 * 2),
    ]


class DispatchConfig(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("cuda_stream", c_void_p),
        ("results", c_void_p),
        ("result_count", c_size_t),
    ]


class Runtime:
    """Pipelines of one device whose buffers are device memory of f32."""

    def __init__(self, path, device):
        self.library = ctypes.CDLL(str(path))
        for name in [
            "vyreArtifactLoadFile",
            "vyreDeviceOpen",
            "vyrePipelineCreate",
            "vyrePipelineDispatch",
        ]:
            getattr(self.library, name).restype = c_void_p
        self.library.vyreStatusMessage.restype = c_char_p
        self.library.vyreStatusMessage.argtypes = [c_void_p]
        self.device = c_void_p()
        self.call("vyreDeviceOpen", device.encode(), None, byref(self.device))

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status:
            raise RuntimeError(self.library.vyreStatusMessage(status).decode())

    def load(self, path):
        """The pipeline of the only program of an artifact."""
        artifact, pipeline = c_void_p(), c_void_p()
        self.call("vyreArtifactLoadFile", str(path).encode(), byref(artifact))
        self.call(
            "vyrePipelineCreate", self.device, artifact, c_uint32(0), None, byref(pipeline)
        )
        return pipeline

    def prepare(self, pipeline, tensors, stream):
        """A function that dispatches with these tensors on this stream."""
        bindings = (Binding * len(tensors))()
        extents = []
        for binding, tensor in zip(bindings, tensors):
            extents.append((c_int64 * tensor.dim())(*tensor.shape))
            binding.data = tensor.data_ptr()
            binding.byte_length = tensor.numel() * 4
            binding.extents = extents[-1]
            binding.rank = tensor.dim()
            binding.element_type = F32
            binding.location = ON_DEVICE
        config = DispatchConfig(ctypes.sizeof(DispatchConfig), stream, None, 0)

        def dispatch(keep=extents):
            self.call(
                "vyrePipelineDispatch",
                pipeline,
                bindings,
                c_size_t(len(tensors)),
                byref(config),
                None,
            )

        return dispatch
