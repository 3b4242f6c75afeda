"""What the tests of the command share: runs of it, processes for it to look at, shapes of its JSON.

COMMAND is the command, PEER a program that uses polyshm (peer.c)."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

COMMAND, PEER = os.environ["COMMAND"], os.environ["PEER"]
ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "interop/vectors"
SHM = Path("/dev/shm")
PREFIX = os.environ.get("POLYSHM_TEST_PREFIX", f"t_{os.getpid()}_") + "cli"
DEADLINE = 60
UNSEEN = " cannot be looked at (other users'"  # a container's first process, as a rule

_numbers = itertools.count()

# A shell's job in the background ignores Ctrl-C, and so would those whom the tests send one.
signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    """A runtime folder of the test's own; in the end its helper has ended."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    wait_until(lambda: "none is at work" in polyshm("doctor").out)


@pytest.fixture
def new_name():
    names = []

    def new(suffix=""):
        names.append(f"{PREFIX}{next(_numbers)}{suffix}")
        return names[-1]

    yield new
    for name in names:
        with suppress(FileNotFoundError):
            (SHM / name).unlink()


@pytest.fixture
def name(new_name):
    return new_name()


@pytest.fixture
def make(new_name):
    """Makes a block of these bytes."""

    def make(content, suffix=""):
        name = new_name(suffix)
        (SHM / name).write_bytes(content)
        return name

    return make


@pytest.fixture
def vector(make):
    return lambda path: make((VECTORS / path).read_bytes())


class Result:
    def __init__(self, done):
        self.status = done.returncode
        self.raw = done.stdout
        self.err = "".join(line for line in done.stderr.decode().splitlines(True) if UNSEEN not in line)
        self.unseen = UNSEEN in done.stderr.decode()

    @property
    def out(self):
        return self.raw.decode()

    @property
    def json(self):
        return json.loads(self.out)


def polyshm(*arguments, **options):
    return Result(subprocess.run([COMMAND, *map(os.fsencode, map(str, arguments))], stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=DEADLINE, **options))


def good(*arguments):
    done = polyshm(*arguments)
    assert (done.status, done.err) == (0, "")
    return done


def fails(status, words, *arguments):
    done = polyshm(*arguments)
    assert done.status == status and done.out == "", done.out + done.err
    assert words in done.err and done.err.startswith("polyshm: ")
    return done


@pytest.fixture
def start():
    """Starts a program that prints a line when it is ready; it is killed when the test ends."""
    children = []

    def start(*command, **options):
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        children.append(child)
        assert child.stdout.readline() == "ready\n"
        return child

    yield start
    for child in children:
        kill(child)


def kill(child):
    child.kill()
    child.communicate()


@pytest.fixture
def peer(start):
    return lambda *words: start(PEER, *words)


@pytest.fixture
def made(peer, name):
    """A list of polyshm's: [7, 0.1, True, None, "hé", b"a\\0"], with 8 bytes to spare."""
    peer("make", name).communicate("")
    return name


@pytest.fixture
def stock(start):
    """Starts a stock CPython that attaches to a block, and removes nothing when it ends."""
    script = (
        "import sys; from multiprocessing import resource_tracker, shared_memory\n"
        "block = shared_memory.SharedMemory(sys.argv[1])\n"
        "resource_tracker.unregister(block._name, 'shared_memory')\n"
        "print('ready', flush=True); sys.stdin.read()"
    )
    return lambda name: start(sys.executable, "-S", "-c", script, name)


def fits(value, shape):
    """Whether a JSON value is of a shape: a type, (alternatives), [of each element], {of each key}, or itself."""
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and value.keys() == shape.keys() and all(fits(value[k], shape[k]) for k in shape)
    if isinstance(shape, type):
        return type(value) is shape
    return value == shape and type(value) is type(shape)


KEEPER = {"kind": ("tracked", "manager"), "book": str, "pid": (int, None), "lives": bool}
BLOCK = {
    "name": str,
    "valid": bool,
    "kind": ("list", "raw", "empty", "unknown"),
    "items": (int, None),
    "synchronized": (bool, None),
    "note": (str, None),
    "size": int,
    "used": int,
    "mode": str,
    "uid": int,
    "user": (str, None),
    "attached": [{"pid": int, "command": str}],
    "leased": (bool, None),
    "keepers": [KEEPER],
}
VALUE = {"type": ("none", "bool", "int", "float", "str", "bytes"), "value": (None, bool, int, float, str)}


def stat(name):
    done = polyshm("stat", "--json", name)
    assert done.status == 0 and fits(done.json, {**BLOCK, "unseen_processes": int})
    return done.json
