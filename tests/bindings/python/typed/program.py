"""All of the public interface, as a typed program uses it. mypy reads it, and it runs (test_typing.py).

An ignored error is one that mypy must find: it reports what is ignored for nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from typing import Any, Optional, Tuple, Union
from typing import assert_type

import polyshm
from polyshm import IntegerRangeError, ItemTypeError, ShareableList, SharedMemory, SharedMemoryManager

Mixed = Union[int, str, None]


class Block(SharedMemory):
    """A class of one's own keeps its type."""


def segments(prefix: str) -> None:
    with Block(prefix, True, 16, track=True, mode=0o600, sparse=False) as block:
        assert_type(block, Block)
        assert_type(block.name, str)
        assert_type(block.size, int)
        assert_type(block.closed, bool)
        assert_type(block.readonly, bool)
        block.buf[0:2] = b"ab"
        assert block.buf is not None
        block.write(2, bytearray(b"cd"))
        block.write(4, memoryview(b"ef"))
        assert_type(block.read(0, 6), bytes)
        assert block.read(0, 6) == b"abcdef"
        assert_type(SharedMemory.exists(prefix), bool)
        assert_type(SharedMemory.attached(prefix), bool)
        assert_type(Block.create_or_attach(prefix, 16), Tuple[Block, bool])
        other = SharedMemory(prefix, readonly=True, same_user=True, timeout=None)
        other.close()
        assert_type(pickle.loads(pickle.dumps(block)), Any)
        block.unlink()


def refused() -> None:
    """Never called: what a type checker is to refuse."""
    SharedMemory(5)  # type: ignore[arg-type]
    SharedMemory("name").size = 3  # type: ignore[misc]
    SharedMemory("name").write(0, "text")  # type: ignore[arg-type]
    SharedMemory("name", size=1.5)  # type: ignore[arg-type]
    SharedMemory("name", True, 16, False)  # type: ignore[misc]
    ShareableList([1], readonly=True)  # type: ignore[call-overload]
    ShareableList([[1]])  # type: ignore[type-var]
    ShareableList([object()])  # type: ignore[type-var]
    numbers: ShareableList[int] = ShareableList([1])
    numbers[0] = "text"  # type: ignore[call-overload]
    numbers[0:1] = ["text"]  # type: ignore[list-item]
    numbers["0"]  # type: ignore[call-overload]
    numbers.compare_exchange(0, "text", 1)  # type: ignore[arg-type]
    SharedMemoryManager(("localhost", 0))  # type: ignore[arg-type]
    SharedMemoryManager().start(print)  # type: ignore[arg-type]


def lists(prefix: str) -> None:
    numbers = ShareableList([1, 2, 3], name=prefix, spare=8)
    assert_type(numbers, ShareableList[int])
    assert_type(numbers[0], int)
    assert_type(numbers[0:2], "list[int]")
    assert_type(list(numbers), "list[int]")
    numbers[0] += 1
    numbers[1:] = (4, 5)
    assert_type(len(numbers), int)
    assert_type(numbers.count(4), int)
    assert_type(numbers.index(4), int)
    assert_type("text" in numbers, bool)
    assert_type(numbers.type(0), str)
    assert_type(numbers.format, str)
    assert_type(numbers.readonly, bool)
    assert_type(numbers.closed, bool)
    assert_type(numbers.shm, SharedMemory)
    assert_type(numbers.synchronized, bool)
    assert_type(numbers.timeout, Optional[float])
    numbers.timeout = None
    numbers.timeout = 5
    steps(numbers)
    numbers.unlink()
    numbers.close()


def steps(numbers: ShareableList[int]) -> None:
    assert_type(numbers.version, int)
    assert_type(numbers.item_version(0), int)
    assert_type(numbers.add(0, 5), int)
    assert_type(numbers.compare_exchange(0, 7, 8), bool)
    with numbers.lock(timeout=2) as held:
        assert_type(held.owner_died, bool)
    numbers.lock()
    numbers.unlock()
    values, version = numbers.snapshot()
    assert_type(values, "list[int]")
    numbers[0] = 9
    assert_type(numbers.wait(version, 1, item=None), int)
    assert_type(asyncio.run(numbers.changed(version)), int)


def mixed(prefix: str) -> None:
    """Lists of several types: as declared, or of Any."""
    declared: ShareableList[Mixed] = ShareableList([1, "text", None], name=prefix)
    assert_type(declared[0], Mixed)
    declared[0] = "a"
    assert_type(ShareableList([1, 2.5, "text", b"bytes", None, True]), ShareableList[Any])
    attached: ShareableList[Mixed] = ShareableList(name=prefix)
    assert_type(attached[1], Mixed)
    again = ShareableList[Mixed](name=prefix, readonly=True)
    assert_type(again, ShareableList[Mixed])
    declared.unlink()


def managers(prefix: str) -> None:
    with SharedMemoryManager(prefix, authkey=b"key") as manager:
        assert_type(manager.address, Optional[str])
        other = SharedMemoryManager(manager.address, b"key")
        other.connect()
        block = other.SharedMemory(16, name=prefix, mode=0o600, sparse=False)
        assert_type(block, SharedMemory)
        assert_type(manager.ShareableList([1, 2], spare=8), ShareableList[int])
        assert_type(manager.ShareableList([1, "a"]), ShareableList[Any])
        assert_type(manager.names(), "list[str]")
        assert_type(manager.owner, bool)
        assert_type(other.closed, bool)
        other.close()
        manager.release(prefix)
        manager.adopt(prefix)
        manager.shutdown()
        manager.join(timeout=5)
    started = SharedMemoryManager()
    started.start()
    started.shutdown()
    with contextlib.suppress(NotImplementedError):
        started.get_server()
    with contextlib.suppress(NotImplementedError):
        started.register("Queue")


def errors() -> None:
    try:
        ShareableList([2**64])
    except IntegerRangeError as error:
        assert isinstance(error, OverflowError)
    try:
        ShareableList([[]])  # type: ignore
    except ItemTypeError as error:
        assert isinstance(error, KeyError)


if __name__ == "__main__":
    assert_type(polyshm.__version__, str)
    assert_type(polyshm.version(), str)
    assert_type(polyshm.abi_version(), int)
    assert_type(polyshm.status_name(-5), str)
    assert_type(polyshm.block_names(), "list[str]")
    polyshm.install()
    for part in (segments, lists, mixed, managers):
        part(sys.argv[1])
    errors()
