"""A case of what the standard library does, tried with its classes and with ours.

A case is a function of a side: the classes of one of the two, a name, and what it made. What ours is to give stands
with the case, and how the standard library's compares: SAME, or BUG or DIFFERS with a reason. Each word is checked on
the interpreter that runs, so that a table neither claims nor hides anything.
"""

import sys
from contextlib import suppress
from multiprocessing import managers, resource_tracker, shared_memory
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

import polyshm

FOLDER = Path("/dev/shm")


class Raises(NamedTuple):
    """The class of an exception, and whether a block is there after it, under the name or one that begins with it."""

    error: type
    left: bool = False


class Stock(NamedTuple):
    is_same: bool
    since: tuple = (3, 8)  # before this version it is not the same
    why: str = ""


SAME = Stock(True)


def SINCE(minor, why):
    return Stock(True, (3, minor), why)


def BUG(why):
    return Stock(False, why=why)


DIFFERS = BUG  # no fault of the standard library: ours can do more, or does it in another way


class Case(NamedTuple):
    text: str
    do: Callable
    ours: Any
    stock: Stock = SAME


class Side:
    def __init__(self, name, is_stock):
        self.name, self.is_stock = name, is_stock
        self.SharedMemory = shared_memory.SharedMemory if is_stock else polyshm.SharedMemory
        self.ShareableList = shared_memory.ShareableList if is_stock else polyshm.ShareableList
        self.Manager = managers.SharedMemoryManager if is_stock else polyshm.SharedMemoryManager
        self.path = FOLDER / name
        self._handles = []

    def keep(self, handle):
        self._handles.append(getattr(handle, "shm", handle))
        return handle

    def memory(self, *args, **kwargs):
        return self.keep(self.SharedMemory(*args, **kwargs))

    def create(self, size=16):
        return self.memory(self.name, create=True, size=size)

    def attach(self):
        return self.memory(self.name)

    def items(self, *values):
        return self.list(values)

    def list(self, sequence):
        return self.keep(self.ShareableList(sequence, name=self.name))

    def attach_list(self):
        return self.keep(self.ShareableList(name=self.name))

    def end(self):
        for handle in self._handles:
            with suppress(BufferError):
                handle.close()
        for path in self.left():
            path.unlink()

    def left(self):
        return [path for path in FOLDER.iterdir() if path.name.startswith(self.name)]


def outcome(case, side):
    try:
        return case.do(side)
    except Exception as error:
        return Raises(type(error), bool(side.left()))
    finally:
        side.end()


def agree(found, expected):
    if isinstance(found, Raises) and isinstance(expected, Raises):
        return issubclass(found.error, expected.error) and found.left == expected.left
    return repr(found) == repr(expected)


def check(case, name, monkeypatch):
    """Tries the case with both. The standard library's tracker, which would tell of what ends here, hears nothing."""
    ours = outcome(case, Side(name, False))
    assert agree(ours, case.ours), ours

    for call in ("register", "unregister"):
        monkeypatch.setattr(resource_tracker, call, lambda name, kind: name.encode("ascii"))
    theirs = outcome(case, Side(name, True))
    if case.stock.is_same and sys.version_info >= case.stock.since:
        assert agree(ours, theirs), f"the standard library: {theirs}; ours: {ours}"
    else:
        assert not agree(theirs, case.ours), f"the standard library, too: {theirs}"


def parametrize(cases):
    assert len({case.text for case in cases}) == len(cases)
    return pytest.mark.parametrize("case", cases, ids=[case.text for case in cases])
