# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Programs of an artifact, run on numpy arrays through the runtime's C API."""

import ctypes

import numpy as np

HOST = 0  # VyreMemoryLocation
DEVICE_UNAVAILABLE = 6  # VyreStatusCode
# VyreElementType
ELEMENT_TYPES = {
    np.dtype(np.int8): 1,
    np.dtype(np.int16): 2,
    np.dtype(np.int32): 3,
    np.dtype(np.int64): 4,
    np.dtype(np.float16): 5,
    np.dtype(np.float32): 7,
    np.dtype(np.float64): 8,
}


class RuntimeFailure(Exception):
    """What the runtime said, and its VyreStatusCode."""

    def __init__(self, message, code):
        super().__init__(message, code)  # both, so that it can leave a process
        self.code = code

    def __str__(self):
        return self.args[0]


class Binding(ctypes.Structure):
    """VyreBinding."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("byte_length", ctypes.c_uint64),
        ("extents", ctypes.POINTER(ctypes.c_int64)),
        ("rank", ctypes.c_uint32),
        ("element_type", ctypes.c_uint32),
        ("location", ctypes.c_uint32),
        ("reserved0", ctypes.c_uint32),
        ("reserved1", ctypes.c_uint64 * 2),
    ]

    @classmethod
    def of(cls, array):
        assert array.flags.c_contiguous
        return cls(
            array.ctypes.data,
            array.nbytes,
            (ctypes.c_int64 * max(array.ndim, 1))(*array.shape),
            array.ndim,
            ELEMENT_TYPES[array.dtype],
            HOST,
        )


class Runtime:
    """The library with one open device."""

    def __init__(self, path, device):
        self.library = ctypes.CDLL(str(path))
        self.library.vyreStatusMessage.restype = ctypes.c_char_p
        for name in ("StatusMessage", "StatusCode", "StatusRelease", "ArtifactRelease"):
            getattr(self.library, f"vyre{name}").argtypes = [ctypes.c_void_p]
        self.device = self.make("vyreDeviceOpen", device.encode(), None)

    def call(self, name, *arguments):
        """Calls a function that returns a VyreStatus; raises what went wrong."""
        function = getattr(self.library, name)
        function.restype = ctypes.c_void_p
        status = function(*arguments)
        if status:
            message = self.library.vyreStatusMessage(status).decode()
            code = self.library.vyreStatusCode(status)
            self.library.vyreStatusRelease(status)
            raise RuntimeFailure(message, code)

    def make(self, name, *arguments):
        """The same for one whose last argument takes what it makes."""
        made = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(made))
        return made

    def load(self, data):
        """An artifact from bytes, which have to stay; released by `release`."""
        return self.make("vyreArtifactLoadMemory", data, ctypes.c_size_t(len(data)))

    def release(self, artifact):
        self.library.vyreArtifactRelease(artifact)

    def run(self, artifact, program, arrays, times):
        """Runs a program `times` times, each on copies of the arrays, which are in the
        order of its arguments, None where the memory is the pipeline's; yields the
        copies."""
        index = ctypes.c_uint32()
        self.call("vyreArtifactFindProgram", artifact, program.encode(), ctypes.byref(index))
        pipeline = self.make("vyrePipelineCreate", self.device, artifact, index, None)
        try:
            for _ in range(times):
                copies = [None if array is None else array.copy() for array in arrays]
                bindings = (Binding * len(copies))(
                    *(Binding() if copy is None else Binding.of(copy) for copy in copies)
                )
                count = ctypes.c_size_t(len(copies))
                self.call("vyrePipelineDispatch", pipeline, bindings, count, None, None)
                yield copies
        finally:
            self.call("vyrePipelineRelease", pipeline)
