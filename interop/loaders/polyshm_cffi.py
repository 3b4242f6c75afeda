"""polyshm through cffi: one file, without a compiler; all that C declares comes from polyshm.cdef, which is installed.

    with polyshm_cffi.List.create("jobs", ["ready", 0, None], 40) as jobs:  # the slots have 40 bytes to spare
        jobs[0] = "fünf Aufträge"

A function polyshm_NOUN_VERB is the method VERB of the class NOUN. It takes what goes in, in C's order: values, bytes
and buffers bring their lengths, zeros at the end may be left out. It returns what comes out, and raises what fails.
Below is what Python has in another form. POLYSHM_LIBRARY and POLYSHM_CDEF name files that are not installed.
"""
import builtins
import collections.abc
import contextlib
import errno
import json
import os

import cffi

ffi = cffi.FFI()
with open(os.environ.get("POLYSHM_CDEF", "/usr/share/polyshm/polyshm.cdef"), encoding="utf-8") as _declarations:
    ffi.cdef(_declarations.read())
C = ffi.dlopen(os.environ.get("POLYSHM_LIBRARY", "libpolyshm.so.1"))
_errors = {each["number"]: each for each in json.loads(ffi.string(C.polyshm_abi_description()))["errors"]}
_results = {ffi.typeof("char *"): lambda text: ffi.string(text).decode()}  # and the classes below


def _encoded(value):
    if value is None:
        return {"type": C.POLYSHM_TYPE_NONE}
    if isinstance(value, int):
        return {"type": C.POLYSHM_TYPE_BOOL if isinstance(value, bool) else C.POLYSHM_TYPE_INT64, "integer": value}
    if isinstance(value, float):
        return {"type": C.POLYSHM_TYPE_FLOAT64, "real": value}
    type_ = C.POLYSHM_TYPE_STR if isinstance(value, str) else C.POLYSHM_TYPE_BYTES
    content = ffi.from_buffer(value.encode() if isinstance(value, str) else value)
    return {"type": type_, "data": content, "size": len(content)}


def _decoded(value):
    if value.type in (C.POLYSHM_TYPE_STR, C.POLYSHM_TYPE_BYTES):
        content = ffi.buffer(value.data, value.size)[:]
        return content.decode() if value.type == C.POLYSHM_TYPE_STR else content
    numbers = {C.POLYSHM_TYPE_BOOL: bool(value.integer), C.POLYSHM_TYPE_INT64: value.integer}
    return {C.POLYSHM_TYPE_NONE: None, C.POLYSHM_TYPE_FLOAT64: value.real, **numbers}[value.type]


def _arguments(value, kept):
    """What one argument is in C. What has to outlive this is kept."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("embedded null character")
        return [value.encode()]
    if isinstance(value, list):
        kept.append(list(map(_encoded, value)))
        return [ffi.new("polyshm_value[]", kept[-1]), len(value)]
    if isinstance(value, bytes) or isinstance(value, ffi.CData) and ffi.typeof(value).kind == "array":
        return [value, len(value)]
    return [ffi.NULL if value is None else getattr(value, "_handle", value)]


def call(function, *arguments):
    kept, types = [], ffi.typeof(function).args
    arguments = [each for argument in arguments for each in _arguments(argument, kept)]
    has_result = len(arguments) < len(types) and types[-1].kind == "pointer"
    place = [ffi.new(types[-1])] if has_result else []
    zeros = [ffi.NULL if type_.kind == "pointer" else 0 for type_ in types[len(arguments) :]]
    status = function(*arguments, *zeros[: len(zeros) - has_result], *place)
    if isinstance(status, int) and status < 0:
        number = getattr(errno, _errors[status]["errno"] or "", None)
        words = ffi.string(C.polyshm_error_message()).decode()
        raise getattr(builtins, _errors[status]["python"])(*filter(None, [number, words]))
    result = place[0][0] if place else status
    return _results.get(types[-1].item, lambda same: same)(result) if place else result


class _Handle(contextlib.AbstractContextManager):
    """Closed by close(), at the end of its `with`, or when nobody has it any more."""

    def __init_subclass__(cls):
        noun = f"polyshm_{cls.__name__.lower()}"
        for name in dir(C):
            verb = name[len(noun) + 1 :]
            if name.startswith(noun + "_") and verb not in vars(cls):
                setattr(cls, verb, lambda *arguments, _function=getattr(C, name): call(_function, *arguments))
        _results[ffi.typeof(noun + " *")] = lambda handle: cls(ffi.gc(handle, getattr(C, noun + "_unref")))

    def __init__(self, handle):
        self._handle = handle

    def __exit__(self, *_):
        self.close()


class Segment(_Handle):
    def buffer(self):
        """A memoryview of the bytes, which stay mapped, also beyond close, until the last view has gone."""
        self.pin()
        address = ffi.gc(self.address(), lambda _, handle=self._handle: C.polyshm_segment_unpin(handle))
        view = memoryview(ffi.buffer(address, self.size()))
        return view.toreadonly() if self.is_readonly() else view


class List(_Handle, collections.abc.Sequence):
    def __len__(self):
        return self.length()

    def __getitem__(self, index):
        index += len(self) if index < 0 else 0
        buffer = ffi.new("char[]", self.capacity(index, 1))
        return _decoded(call(C.polyshm_list_get, self, index, buffer))

    def __setitem__(self, index, value):
        index += len(self) if index < 0 else 0
        value = _encoded(value)
        call(C.polyshm_list_set, self, index, ffi.new("polyshm_value *", value))

    get, set = __getitem__, __setitem__

    @contextlib.contextmanager
    def lock(self, timeout=10.0):
        """For a `with`; gives POLYSHM_OWNER_DIED if a holder died with it, else 0."""
        status = call(C.polyshm_list_lock, self, timeout)
        try:
            yield status
        finally:
            self.unlock()


class Manager(_Handle):
    def names(self, capacity=1 << 16):
        buffer = ffi.new("char[]", capacity)
        size = call(C.polyshm_manager_names, self, buffer)
        return ffi.buffer(buffer, size)[:].decode().split("\0")[:-1]
