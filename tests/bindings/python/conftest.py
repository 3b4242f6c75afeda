"""What tests of the Python binding share: names, lists, managers, children with a deadline, a guard around each one."""

import gc
import itertools
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

import polyshm

FOLDER = Path("/dev/shm")
PREFIX = f"t_python_{os.getpid()}_"
DEADLINE = 60
SCALE = float(os.environ.get("POLYSHM_TEST_SCALE", 1))  # how many times as long the long tests run
SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")  # AddressSanitizer keeps what is freed for a while

same_layout = pytest.mark.skipif(sys.version_info < (3, 9), reason="CPython 3.8 has another layout of lists")

_numbers = itertools.count()

# A shell's job in the background ignores Ctrl-C, and so would the children whose waits it is to end.
signal.signal(signal.SIGINT, signal.default_int_handler)


def _blocks():
    return [path for path in FOLDER.iterdir() if path.name.startswith(PREFIX)]


def _open_blocks():
    """The blocks that this process has descriptors of."""
    links = []
    for descriptor in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):
            links.append(os.readlink(f"/proc/self/fd/{descriptor}"))
    return [link for link in links if link.startswith(f"{FOLDER}/")]


def until(condition):
    """Waits until the condition holds."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it has not come to that"
        time.sleep(0.001)


def state(pid):
    """The letter that /proc has for what the process does; X when there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


class Runtime:
    """A runtime folder of one's own, for this process and its children, with books and a helper in it."""

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="polyshm-test-"))
        self.folder = self.root / "polyshm"

    def books(self):
        return {path.name for path in self.folder.iterdir()} - {"helper"}

    def helper(self):
        return int((self.folder / "helper").read_text().split("\n", 1)[0])

    def kill_helper(self):
        pid = self.helper()
        os.kill(pid, signal.SIGKILL)
        until(lambda: state(pid) in "ZX")


@pytest.fixture(scope="session", autouse=True)
def runtime():
    one = Runtime()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(one.root))
        with polyshm.SharedMemory(create=True, size=1) as shm:
            shm.unlink()
        one.own = one.books()  # what this process tracks; it has that to its end
        yield one
    shutil.rmtree(one.root)


@pytest.fixture(autouse=True)
def guard(runtime):
    """Fails a test that leaves a block, a handle on one, or a manager behind; and cleans up after it."""
    yield
    gc.collect()
    until(lambda: runtime.books() == runtime.own)
    left, opened = _blocks(), _open_blocks()
    for path in left:
        path.unlink()
    assert not left, "the test left blocks behind"
    assert not opened, "the test left handles open"


@pytest.fixture
def new_name():
    """Gives names that no other test has; what stands under them in the end is removed."""
    names = []

    def new():
        names.append(f"{PREFIX}{next(_numbers)}")
        return names[-1]

    yield new
    for name in names:
        with suppress(FileNotFoundError):
            (FOLDER / name).unlink()


@pytest.fixture
def name(new_name):
    return new_name()


@pytest.fixture
def segment(name):
    """A block of 16 bytes."""
    with polyshm.SharedMemory(name, create=True, size=16) as shm:
        yield shm


@pytest.fixture
def make_list(new_name):
    """Makes lists that the end of the test closes."""
    lists = []

    def make(items, **options):
        lists.append(polyshm.ShareableList(items, name=new_name(), **options))
        return lists[-1]

    yield make
    for one in lists:
        one.close()


@pytest.fixture
def items(make_list):
    found = make_list([1, "text", None, 2.5, True, b"bytes", 0], spare=16)
    yield found
    found.unlink()


@pytest.fixture
def numbers(make_list):
    found = make_list([0] * 8)
    yield found
    found.unlink()


@pytest.fixture
def start_child():
    """Starts Python with a script; gives the process, and kills it when the test ends."""
    children = []

    def start(script, *arguments):
        command = [sys.executable, "-c", script, *map(str, arguments)]
        children.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.communicate()


@pytest.fixture
def run_child(start_child):
    """Runs a script to its end, which must be a good one, and gives what it printed."""

    def run(script, *arguments, deadline=DEADLINE):
        child = start_child(script, *arguments)
        output, errors = child.communicate(timeout=deadline)
        assert (child.returncode, errors) == (0, "")
        return output

    return run


# A child that attaches to the list argv[1], holds its lock, and says so; a line from its parent ends that.
HOLDER = """
import sys, polyshm
items = polyshm.ShareableList(name=sys.argv[1])
with items.lock():
    {body}
    print("held", flush=True)
    sys.stdin.readline()
print("done", flush=True)
"""


@pytest.fixture
def peer(start_child):
    """Starts a child that holds the lock of a list, and has done what body says."""

    def start(items, body="pass"):
        child = start_child(HOLDER.format(body=body), items.shm.name)
        assert child.stdout.readline() == "held\n"
        return child

    return start


@contextmanager
def let_go(child):
    """Lets the holder give the lock back, at the end of the block at the latest."""

    def release():
        child.stdin.write("\n")
        child.stdin.flush()

    yield release
    assert child.stdout.readline() == "done\n"


@pytest.fixture
def manager():
    with polyshm.SharedMemoryManager() as started:
        yield started


@pytest.fixture
def connect():
    """Gives a manager that is connected to another."""

    def do(to, authkey=None):
        manager = polyshm.SharedMemoryManager(getattr(to, "address", to), authkey)
        manager.connect()
        return manager

    return do


@contextmanager
def untracked(handle):
    """A handle of the standard library that does not remove the block when this process ends, as it would otherwise.

    It is closed in the end.
    """
    shm = getattr(handle, "shm", handle)
    try:
        yield handle
    finally:
        shm.close()
        resource_tracker.unregister(shm._name, "shared_memory")


@pytest.fixture
def on_alarm():
    """Sets what a signal does that comes every few milliseconds."""
    before = signal.getsignal(signal.SIGALRM)

    def start(handler):
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.003)

    yield start
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@contextmanager
def attached(items, **options):
    with polyshm.ShareableList(name=items.shm.name, **options) as other:
        yield other


@contextmanager
def in_thread(function):
    """Runs the function in a thread; gives that, and a list for its result."""
    results = []

    def run():
        try:
            results.append(function())
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield thread, results
    thread.join(DEADLINE)
    assert not thread.is_alive()


FUTEX = {"x86_64": "202", "aarch64": "98"}  # the system call's number


def await_futex(thread):
    """Returns when the thread of this process sleeps on a word of shared memory, which the interpreter never does."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        with open(f"/proc/self/task/{thread.native_id}/syscall") as file:
            call = file.read().split()
        if call[0] == FUTEX[platform.machine()] and int(call[2], 16) == 0:  # FUTEX_WAIT, not private
            return
        time.sleep(0)
    raise AssertionError("the thread never slept")


def in_child(function):
    """Runs the function in a forked child, which must end well."""
    pid = os.fork()
    if pid == 0:
        try:
            function()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            assert status == 0
            return
        time.sleep(0)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("the child did not end")
