"""The agent in Python: does with polyshm, a loader of it, or the standard library, what its input says (agents.py).

    python3 agent.py polyshm
    python3 agent.py polyshm_ctypes
    python3 agent.py stock
"""
import importlib
import struct
import sys
from multiprocessing import resource_tracker

if sys.argv[1] == "polyshm":
    from polyshm import ShareableList, SharedMemory
elif sys.argv[1] == "stock":
    from multiprocessing.shared_memory import ShareableList, SharedMemory
else:
    List = importlib.import_module(sys.argv[1]).List
UNIT, LONG = 12, 4096  # bytes of what repeats, and of what is written so

DECODERS = {
    "none": lambda text: None,
    "bool": lambda text: text == "1",
    "int64": int,
    "float64": lambda text: struct.unpack(">d", bytes.fromhex(text))[0],
    "str": lambda text: content(text).decode(),
    "bytes": lambda text: content(text),
}

ENCODERS = {
    type(None): lambda value: "none:-",
    bool: lambda value: f"bool:{value:d}",
    int: lambda value: f"int64:{value}",
    float: lambda value: f"float64:{struct.pack('>d', value).hex()}",
    str: lambda value: f"str:{digits(value.encode())}",
    bytes: lambda value: f"bytes:{digits(value)}",
}


def content(text):
    unit, _, count = text.partition("*")
    return bytes.fromhex(unit) * int(count or 1)


def digits(value):
    count = len(value) // UNIT
    return f"{value[:UNIT].hex()}*{count}" if len(value) > LONG and value[:UNIT] * count == value else value.hex()


def decoded(word):
    type_, _, text = word.partition(":")
    return DECODERS[type_](text)


def encoded(value):
    return ENCODERS[type(value)](value)


def guest(block):
    """A stock CPython would unlink what it attached to when it ends."""
    if sys.argv[1] == "stock":
        resource_tracker.unregister("/" + block.name, "shared_memory")


class Agent:
    """A method a command. Each takes the command's words, and gives those of the answer."""

    def __init__(self):
        self._lists = {}
        self._blocks = {}

    def create_list(self, name, *words):
        self._add(name, ShareableList([decoded(word) for word in words], name=name))

    def attach_list(self, name):
        self._add(name, ShareableList(name=name))
        guest(self._blocks[name])

    def _add(self, name, opened):
        self._lists[name], self._blocks[name] = opened, opened.shm

    def get(self, name, index):
        return [encoded(self._lists[name][int(index)])]

    def set(self, name, index, word):
        self._lists[name][int(index)] = decoded(word)

    def get_range(self, name, index, count):
        return map(encoded, self._lists[name][int(index) : int(index) + int(count)])

    def set_range(self, name, index, *words):
        self._lists[name][int(index) : int(index) + len(words)] = [decoded(word) for word in words]

    def snapshot(self, name):
        return map(encoded, self._lists[name].snapshot()[0])

    def version(self, name):
        return [str(self._lists[name].version)]

    def item_version(self, name, index):
        return [str(self._lists[name].item_version(int(index)))]

    def add(self, name, index, delta):
        return [str(self._lists[name].add(int(index), int(delta)))]

    def exchange(self, name, index, expected, desired):
        done = self._lists[name].compare_exchange(int(index), decoded(expected), decoded(desired))
        return [f"{done:d}"]

    def lock(self, name):
        self._lists[name].lock()

    def unlock(self, name):
        self._lists[name].unlock()

    def all(self, name):
        return map(encoded, self._lists[name])

    def create_block(self, name, size):
        self._blocks[name] = SharedMemory(name, create=True, size=int(size))

    def attach_block(self, name):
        self._blocks[name] = SharedMemory(name)
        guest(self._blocks[name])
        return [str(self._blocks[name].size)]

    def see(self, name, offset, size):
        return [bytes(self._blocks[name].buf[int(offset) : int(offset) + int(size)]).hex()]

    def put(self, name, offset, text):
        content = bytes.fromhex(text)
        self._blocks[name].buf[int(offset) : int(offset) + len(content)] = content

    def read(self, name, offset, size):
        if sys.argv[1] == "stock":  # which has no read and write
            return self.see(name, offset, size)
        return [self._blocks[name].read(int(offset), int(size)).hex()]

    def write(self, name, offset, text):
        if sys.argv[1] == "stock":
            return self.put(name, offset, text)
        return self._blocks[name].write(int(offset), bytes.fromhex(text))

    def close(self, name):
        self._lists.pop(name, None)
        self._blocks.pop(name).close()

    def unlink(self, name):
        self._blocks[name].unlink()


class Loader(Agent):
    """Lists through a loader, whose classes are C's nouns."""

    def create_list(self, name, *words):
        self._add(name, List.create(name, [decoded(word) for word in words]))

    def attach_list(self, name):
        self._add(name, List.attach(name))

    def _add(self, name, opened):
        self._lists[name], self._blocks[name] = opened, opened.segment()


def main():
    agent = Agent() if sys.argv[1] in ("polyshm", "stock") else Loader()
    for line in sys.stdin:
        command, *words = line.rstrip("\n").split(" ")
        try:
            answer = ["ok", *(getattr(agent, command)(*words) or [])]
        except Exception as error:
            answer = ["error", f"{type(error).__name__}: {error}".replace("\n", " ")]
        print(*answer, flush=True)


main()
