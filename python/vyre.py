# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Compiles MLIR and runs programs on NumPy arrays, by the two C APIs.

    artifact = vyre.compile(source)        # or vyre.load("distance.vyre")
    distance = artifact.program("distance", device="auto")
    lengths = distance(points, centre)

A program is called with its arguments in the order of its signature or by their names, but for
the arrays that it returns: these are made for it. A scalar is a number. An array has the argument's element
type: nothing is converted, but integers may be unsigned, and bf16 is uint16, its bits. One that
is only read may have any layout; one that the program writes is written in place and has to be
contiguous. Any thread may call; calls of one program take turns.

libvyre_runtime.so, and for `compile` libvyre_compiler.so, are taken from the folder that
VYRE_LIBRARY_DIR names, else from beside the folder of an installed vyre.py, else from where the
system looks.
"""

import ctypes
import operator
import os
import threading
import weakref
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_int64, c_size_t
from ctypes import c_uint32, c_uint64, c_void_p
from pathlib import Path

import numpy as np

# The values of VyreElementType are the positions.
_DTYPES = [
    np.dtype(name)
    for name in ("?", "i1", "i2", "i4", "i8", "f2", "u2", "f4", "f8", "i8")
]
_ROLES = ("input", "output", "input_output", "shared", "state")
_SEVERITIES = ("note", "remark", "warning", "error")
_SCALAR = 0
_BF16 = 6


class Error(Exception):
    """What a call of the runtime ended with: the message, and `code`, its kind in words."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


class CompileError(Exception):
    """Why a source could not be compiled: all errors and their notes, a line each."""


class _Binding(ctypes.Structure):
    _fields_ = [
        ("data", c_void_p),
        ("byte_length", c_uint64),
        ("extents", POINTER(c_int64)),
        ("rank", c_uint32),
        ("element_type", c_uint32),
        ("location", c_uint32),
        ("flags", c_uint32),
        ("reserved", c_uint64 * 2),
    ]


class _ResultInfo(ctypes.Structure):
    _fields_ = [
        ("status", c_uint32),
        ("route", c_uint32),
        ("count", c_int64),
        ("rows", c_int64),
        ("meaningful_bytes", c_uint64),
        ("capacity_bytes", c_uint64),
        ("data", c_void_p),
        ("reserved", c_uint64),
    ]


class _ResultSlot(ctypes.Structure):
    _fields_ = [
        ("data", c_void_p),
        ("capacity_bytes", c_uint64),
        ("alignment", c_uint64),
        ("extents", POINTER(c_int64)),
        ("extent_capacity", c_uint32),
        ("rank", c_uint32),
        ("element_type", c_uint32),
        ("reserved", c_uint32),
        ("info", _ResultInfo),
    ]


class _ProgramInfo(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("digest", c_char_p),
        ("argument_count", c_uint32),
        ("result_count", c_uint32),
        ("launch_count", c_uint32),
    ]


class _ArgumentInfo(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("kind", c_int),
        ("element_type", c_int),
        ("role", c_int),
        ("rank", c_uint32),
        ("extents", POINTER(c_int64)),
    ]


class _CompileOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("targets", c_char_p),
        ("cpu", c_char_p),
        ("math", c_char_p),
        ("fuse", c_char_p),
        ("compact", c_char_p),
        ("default_capacity", c_uint64),
        ("verify_launches", c_bool),
        ("file_name", c_char_p),
        ("capture", c_char_p),
        ("programmatic_edges", c_char_p),
        ("persistent", c_bool),
        ("max_unroll", c_uint64),
        ("remarks_filter", c_char_p),
    ]


class _Diagnostic(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("severity", c_int),
        ("message", c_char_p),
        ("file", c_char_p),
        ("line", c_uint32),
        ("column", c_uint32),
    ]


_Handler = ctypes.CFUNCTYPE(None, POINTER(_Diagnostic), c_void_p)
_libraries = {}


def _library(name):
    """One of the two libraries, loaded when it is first asked for."""
    if name in _libraries:
        return _libraries[name]
    file = f"lib{name}.so.0"
    folder = os.environ.get("VYRE_LIBRARY_DIR", Path(__file__).resolve().parent.parent)
    path = Path(folder) / file
    try:
        library = ctypes.CDLL(str(path) if path.exists() else file)
    except OSError as problem:
        raise OSError(f"{problem}. Fix: let VYRE_LIBRARY_DIR name the folder of {file}.") from None
    if name == "vyre_compiler":
        library.vyreCompile.restype = c_bool
        library.vyreCompiledArtifactData.restype = c_void_p
        library.vyreCompiledArtifactSize.restype = c_size_t
    else:
        library.vyreStatusMessage.restype = c_char_p
        library.vyreStatusCodeName.restype = c_char_p
        library.vyreArtifactProgramCount.restype = c_uint32
        for function in (
            "ArtifactLoadFile ArtifactLoadMemory ArtifactFindProgram ArtifactProgramInfo "
            "ArtifactArgumentInfo ArtifactResultArgument DeviceOpen DeviceRelease PipelineCreate "
            "PipelineRelease PipelineDispatchInto"
        ).split():
            getattr(library, "vyre" + function).restype = c_void_p
    _libraries[name] = library
    return library


def _call(name, *arguments):
    """Calls a function of the runtime, and raises the error that it returns."""
    runtime = _library("vyre_runtime")
    status = getattr(runtime, name)(*arguments)
    if not status:
        return
    status = c_void_p(status)
    message = runtime.vyreStatusMessage(status).decode()
    code = runtime.vyreStatusCodeName(runtime.vyreStatusCode(status)).decode()
    runtime.vyreStatusRelease(status)
    raise Error(message, code)


def _release(name, handle):
    """Gives a handle back; nobody is there any more to hear of a failure."""
    runtime = _library("vyre_runtime")
    status = getattr(runtime, name)(handle)
    if name != "vyreArtifactRelease":
        runtime.vyreStatusRelease(c_void_p(status))


def compile(source, on_diagnostic=None, **options):
    """The artifact of an MLIR module, text or bytecode.

    Options are the fields of VyreCompileOptions (vyre-c/Compiler.h), for example
    targets="cpu,sm_90" or fuse="off". `on_diagnostic` is called with the severity ("note",
    "remark", "warning", "error") and the message of whatever the compiler says. Raises
    CompileError.
    """
    library = _library("vyre_compiler")
    fields = _CompileOptions(struct_size=ctypes.sizeof(_CompileOptions))
    for name, value in options.items():
        if name == "struct_size" or not hasattr(fields, name):
            raise TypeError(f"compile has no option '{name}'")
        setattr(fields, name, value.encode() if isinstance(value, str) else value)
    said, problems = [], []

    def hear(diagnostic, _):
        one = diagnostic.contents
        severity = _SEVERITIES[one.severity]
        place = f"{one.file.decode()}:{one.line}:{one.column}: " if one.line else ""
        said.append(f"{place}{severity}: {one.message.decode()}")
        # An exception cannot pass the compiler.
        try:
            if on_diagnostic:
                on_diagnostic(severity, place + one.message.decode())
        except Exception as problem:
            problems.append(problem)

    data = source.encode() if isinstance(source, str) else bytes(source)
    handle = c_void_p()
    done = library.vyreCompile(
        data, c_size_t(len(data)), byref(fields), _Handler(hear), None, byref(handle)
    )
    try:
        if problems:
            raise problems[0]
        if not done:
            raise CompileError("\n".join(said))
        return Artifact(
            ctypes.string_at(
                library.vyreCompiledArtifactData(handle), library.vyreCompiledArtifactSize(handle)
            )
        )
    finally:
        library.vyreCompiledArtifactRelease(handle)


def load(path):
    """The artifact in a file."""
    return Artifact(Path(path).read_bytes())


class Artifact:
    """A checked artifact. `data` is its bytes, as they stand in a file."""

    def __init__(self, data):
        self.data = bytes(data)
        self._handle = c_void_p()
        _call("vyreArtifactLoadMemory", self.data, c_size_t(len(self.data)), byref(self._handle))
        weakref.finalize(self, _release, "vyreArtifactRelease", self._handle)

    @property
    def programs(self):
        """The programs' names."""
        count = _library("vyre_runtime").vyreArtifactProgramCount(self._handle)
        return [self._info(number).name.decode() for number in range(count)]

    def program(self, name=None, device="auto"):
        """The program of that name, or the only one, ready on "cpu", "cuda:0" or "auto"."""
        number = c_uint32()
        if name is not None:
            _call("vyreArtifactFindProgram", self._handle, name.encode(), byref(number))
        elif len(self.programs) != 1:
            raise TypeError(f"the artifact has the programs {self.programs}: name one")
        return Program(self, number.value, device)

    def _info(self, program):
        info = _ProgramInfo(struct_size=ctypes.sizeof(_ProgramInfo))
        _call("vyreArtifactProgramInfo", self._handle, c_uint32(program), byref(info))
        return info


class Argument:
    """What a program takes: `name`, `dtype`, `role` ("scalar", "input", "output", "input_output",
    "shared", "state"), and `shape`, with None where only a call says."""

    def __init__(self, info):
        self.name = info.name.decode()
        self.dtype = _DTYPES[info.element_type]
        self.role = "scalar" if info.kind == _SCALAR else _ROLES[info.role]
        extents = info.extents[: info.rank] if info.kind != _SCALAR else []
        self.shape = tuple(None if extent < 0 else extent for extent in extents)
        self.element_type = info.element_type

    def fits(self, dtype):
        """Whether arrays of this type can be passed."""
        areIntegers = dtype.kind in "iu" and self.dtype.kind in "iu" and dtype.isnative
        isBrain = self.element_type == _BF16 and dtype.kind in "fV" and dtype.name == "bfloat16"
        sameSize = dtype.itemsize == self.dtype.itemsize
        return dtype == self.dtype or sameSize and (areIntegers or isBrain)

    def number(self, value):
        """The value of a scalar, as a number that becomes its type without a loss of digits."""
        if self.dtype.kind == "f":
            return float(value)
        if self.dtype.kind != "b":
            return operator.index(value)
        if value not in (False, True):
            raise TypeError(f"{self.name} is {value!r}, expected a truth value")
        return bool(value)


class Program:
    """A program that is ready to run; call it. `arguments` describes all of its arguments, and
    `results` has the positions of those that it returns."""

    def __init__(self, artifact, number, device):
        info = artifact._info(number)
        self.name = info.name.decode()
        self.arguments, self.results = [], []
        for position in range(info.argument_count):
            one = _ArgumentInfo(struct_size=ctypes.sizeof(_ArgumentInfo))
            _call(
                "vyreArtifactArgumentInfo", artifact._handle, c_uint32(number),
                c_uint32(position), byref(one),
            )  # fmt: skip
            self.arguments.append(Argument(one))
        for position in range(info.result_count):
            argument = c_uint32()
            _call(
                "vyreArtifactResultArgument", artifact._handle, c_uint32(number),
                c_uint32(position), byref(argument),
            )  # fmt: skip
            self.results.append(argument.value)
        self._slots = (_ResultSlot * max(len(self.results), 1))()
        self._lock = threading.Lock()
        self._device, self._pipeline = c_void_p(), c_void_p()
        _call("vyreDeviceOpen", device.encode(), None, byref(self._device))
        weakref.finalize(self, _release, "vyreDeviceRelease", self._device)
        _call(
            "vyrePipelineCreate", self._device, artifact._handle, c_uint32(number), None,
            byref(self._pipeline),
        )  # fmt: skip
        weakref.finalize(self, _release, "vyrePipelineRelease", self._pipeline)
        weakref.finalize(self, self._releaseSlots, self._slots)

    @property
    def taken(self):
        """The positions of the arguments that a call passes, in order."""
        return [
            position
            for position, argument in enumerate(self.arguments)
            if position not in self.results and argument.role not in ("shared", "state")
        ]

    def __call__(self, *values, **named):
        taken = self.taken
        names = [self.arguments[position].name for position in taken]
        wanted = names[len(values) :]
        if len(values) > len(names) or sorted(wanted) != sorted(named):
            found = ", ".join([f"{len(values)} by position", *named])
            raise TypeError(f"{self.name} takes ({', '.join(names)}), found {found}")
        values += tuple(named[name] for name in wanted)
        bindings = (_Binding * max(len(self.arguments), 1))()
        # What the bindings point at lives until the call is done.
        kept = [self._bind(bindings[p], self.arguments[p], v) for p, v in zip(taken, values)]
        with self._lock:
            _call(
                "vyrePipelineDispatchInto", self._pipeline, bindings,
                c_size_t(len(self.arguments)), None, self._slots, c_size_t(len(self.results)),
                None, None,
            )  # fmt: skip
            results = tuple(self._copy(self._slots[i]) for i in range(len(self.results)))
        del kept
        return results[0] if len(results) == 1 else results or None

    @staticmethod
    def _bind(binding, argument, value):
        """Lets a binding refer to a value; returns the memory that holds it."""
        binding.element_type = argument.element_type
        if argument.role == "scalar":
            array = np.array(argument.number(value), argument.dtype)
        else:
            array = np.asarray(value)
            if not argument.fits(array.dtype):
                raise TypeError(
                    f"{argument.name} has element type {array.dtype}, expected {argument.dtype}"
                )
            if argument.role == "input":
                array = np.ascontiguousarray(array).reshape(array.shape)
            elif array is not value or not array.flags.carray:
                raise TypeError(
                    f"{argument.name} is written by the program, expected an array that is "
                    "contiguous and writeable"
                )
        extents = (c_int64 * max(array.ndim, 1))(*array.shape)
        binding.data = array.ctypes.data
        binding.byte_length = array.nbytes
        binding.extents = extents
        binding.rank = array.ndim
        return array, extents

    @staticmethod
    def _copy(slot):
        """The meaningful part of a result."""
        shape = slot.extents[: slot.rank]
        size = slot.info.meaningful_bytes
        memory = (ctypes.c_ubyte * size).from_address(slot.data) if size else b""
        return np.frombuffer(memory, _DTYPES[slot.element_type]).reshape(shape).copy()

    @staticmethod
    def _releaseSlots(slots):
        for slot in slots:
            _library("vyre_runtime").vyreResultSlotRelease(byref(slot))
