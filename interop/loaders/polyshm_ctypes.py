"""polyshm through ctypes: one file, nothing to compile; all that C declares comes from the library's own description.

    with polyshm_ctypes.List.create("jobs", ["ready", 0, None], spare=40) as jobs:
        jobs[0] = "fünf Aufträge"

A function polyshm_NOUN_VERB is the method VERB of the class NOUN. It takes what goes in, by C's order and names:
lengths come with what they measure, what is left out is 0. It returns what comes out, and raises what fails. Below is
what Python has in another form. POLYSHM_LIBRARY names a library that is not installed.
"""
import builtins
import collections.abc
import contextlib
import ctypes
import errno
import json
import os
import weakref

_library = ctypes.CDLL(os.environ.get("POLYSHM_LIBRARY", "libpolyshm.so.1"))
_library.polyshm_abi_description.restype = _library.polyshm_error_message.restype = ctypes.c_char_p
_description = json.loads(_library.polyshm_abi_description())
_errors = {error["number"]: error for error in _description["errors"]}
constants = {constant["name"]: constant["value"] for constant in _description["constants"]}
_TYPES = "NONE BOOL INT64 FLOAT64 STR BYTES".split()
NONE, BOOL, INT64, FLOAT64, STR, BYTES = (constants["POLYSHM_TYPE_" + name] for name in _TYPES)
_NUMBERS = ["int32", "uint32", "int64", "uint64"]
_ctypes = {"void": None, "double": ctypes.c_double, **{f"{name}_t": getattr(ctypes, f"c_{name}") for name in _NUMBERS}}


def _ctype(described, pointers):
    if pointers == 1 and _ctypes.get(described["base"]) is None:  # text, memory, or a handle
        return ctypes.c_char_p if described["base"] == "char" else ctypes.c_void_p
    return ctypes.POINTER(_ctype(described, pointers - 1)) if pointers else _ctypes[described["base"]]


def _argument(ctype, value):
    if isinstance(value, str) and "\0" in value:
        raise ValueError("embedded null character")
    if isinstance(value, int) and ctype is ctypes.c_char_p:
        if value:
            raise TypeError(f"a text is needed, not {value}")  # ctypes would take it for an address
        return None
    if isinstance(value, int) and ctype is not ctypes.c_void_p and ctype(value).value != value:
        raise OverflowError(f"{value} does not fit {ctype.__name__}")  # ctypes would cut it to size
    if isinstance(value, list):
        return (_Value * len(value))(*map(_encoded, value))
    return value.encode() if isinstance(value, str) else value


def _function(described):
    function, parameters, returns = _library[described["name"]], described["parameters"], described["returns"]
    function.argtypes = [_ctype(each, each["pointers"]) for each in parameters]
    function.restype = _ctype(returns, returns["pointers"])
    measured = {each["length"]: each["name"] for each in parameters if "length" in each}
    results = [p for p in parameters if p["direction"] == "out" and not {"length", "length_function"} & p.keys()]
    inputs = [each["name"] for each in parameters if each not in results]
    takes = [name for name in inputs if name not in measured]

    def call(*arguments, **named):
        if len(arguments) > len(takes) or not named.keys() <= set(takes):
            raise TypeError(f"{described['name']} takes {', '.join(takes)}")
        given = dict(zip(takes, arguments), **named)
        given.update({length: len(given.get(of) or ()) for length, of in measured.items()})
        out = [_ctype(each, each["pointers"] - 1)() for each in results]
        arguments = map(_argument, function.argtypes, [given.get(name, 0) for name in inputs])
        status = function(*arguments, *map(ctypes.byref, out))
        if returns["kind"] == "status" and status < 0:
            number = getattr(errno, _errors[status]["errno"] or "", None)
            words = _library.polyshm_error_message().decode()
            raise getattr(builtins, _errors[status]["python"])(*filter(None, [number, words]))
        result = getattr(out[0], "value", out[0]) if out else status
        return _results.get((results or [returns])[0]["base"], lambda same: same)(result)

    call.__name__, call.__doc__ = described["name"], f"Takes {', '.join(takes)}."
    return call


for _struct in _description["structs"]:
    _fields = {"_fields_": [(field["name"], _ctype(field, field["pointers"])) for field in _struct["fields"]]}
    _ctypes[_struct["name"]] = type(_struct["name"], (ctypes.Structure,), _fields)
_Value, _results = _ctypes["polyshm_value"], {"char": bytes.decode}  # and the classes below
functions = {each["name"]: _function(each) for each in _description["functions"]}


def _encoded(value):
    if value is None:
        return _Value(type=NONE)
    if isinstance(value, int):
        return _Value(type=BOOL if isinstance(value, bool) else INT64, integer=_argument(ctypes.c_int64, value))
    if isinstance(value, float):
        return _Value(type=FLOAT64, real=value)
    content = value.encode() if isinstance(value, str) else bytes(memoryview(value))
    data = ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p)
    return _Value(type=STR if isinstance(value, str) else BYTES, data=data, size=len(content))


class _Handle(contextlib.AbstractContextManager):
    """Closed by close(), at the end of its `with`, or when nobody has it any more."""

    def __init_subclass__(cls):
        _results[f"polyshm_{cls.__name__.lower()}"] = cls
        for name, function in functions.items():
            noun, _, verb = name[8:].partition("_")
            if noun == cls.__name__.lower() and verb not in vars(cls):
                setattr(cls, verb, function)

    def __init__(self, handle):
        self._as_parameter_ = handle
        weakref.finalize(self, self.unref.__func__, handle)

    def __exit__(self, *_):
        self.close()


class Segment(_Handle):
    def buffer(self):
        """A memoryview of the bytes, which stay mapped, also beyond close, until the last view has gone."""
        self.pin()
        array = (ctypes.c_ubyte * self.size()).from_address(self.address())
        weakref.finalize(array, self.unpin.__func__, self._as_parameter_)
        return memoryview(array).toreadonly() if self.is_readonly() else memoryview(array).cast("B")


class List(_Handle, collections.abc.Sequence):
    __len__ = functions["polyshm_list_length"]

    def __getitem__(self, index):
        index += len(self) if index < 0 else 0
        buffer = ctypes.create_string_buffer(self.capacity(index, 1))
        value = functions["polyshm_list_get"](self, index, buffer)
        content = ctypes.string_at(value.data, value.size)
        decoded = {NONE: None, BOOL: bool(value.integer), INT64: value.integer, FLOAT64: value.real, BYTES: content}
        return content.decode() if value.type == STR else decoded[value.type]

    def __setitem__(self, index, value):
        functions["polyshm_list_set"](self, index + len(self) if index < 0 else index, _encoded(value))

    get, set = __getitem__, __setitem__

    @contextlib.contextmanager
    def lock(self, timeout=10.0):
        """For a `with`; gives POLYSHM_OWNER_DIED if a holder died with it, else 0."""
        status = functions["polyshm_list_lock"](self, timeout)
        try:
            yield status
        finally:
            self.unlock()


class Manager(_Handle):
    def names(self, capacity=1 << 16):
        buffer = ctypes.create_string_buffer(capacity)
        size = functions["polyshm_manager_names"](self, buffer)
        return buffer.raw[:size].decode().split("\0")[:-1]
