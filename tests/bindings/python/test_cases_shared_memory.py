"""polyshm.SharedMemory beside multiprocessing.shared_memory's: every case, tried with both."""

import copy
import ctypes
import errno
import gc
import os
import pickle
import re
import stat
import subprocess
import sys

import pytest

from polyshm import SharedMemory

from cases import BUG, DIFFERS, SINCE, Case, Raises, check, parametrize
from conftest import SANITIZED, in_child


def set_attribute(name):
    return lambda side: setattr(side.create(), name, 1)


def attach_with_negative_size(side):
    side.create()
    side.memory(side.name, size=-1)


def attach_to_what_is_taken(side):
    side.create()
    side.create()


def size_after_growth(side):
    side.create()
    other = side.attach()
    os.truncate(side.path, 64)
    return other.size


def attach_to_an_empty_block(side):
    side.path.touch()
    side.attach()


def slash_in_front(side):
    made = side.memory(f"/{side.name}", create=True, size=16)
    made.buf[0] = 7
    return side.attach().buf[0], side.path.exists()


def named(name):
    """With a name that goes on after the test's own."""

    def create(side):
        made = side.memory(side.name + name, create=True, size=1)
        made.unlink()
        return made.size

    return create


def error_number(name):
    def create(side):
        try:
            side.memory(name, create=True, size=1)
        except OSError as error:
            return error.errno

    return create


def of_length(length):
    return lambda side: named("n" * (length - len(side.name)))(side)


def page_aligned(side):
    bytes_ = ctypes.c_char.from_buffer(side.create().buf)
    return ctypes.addressof(bytes_) % 4096


def after_close(use):
    def do(side):
        shm = side.create()
        shm.close()
        return use(shm)

    return do


def view_after_close(side):
    view = side.create().buf
    side.attach().buf[0] = 5
    gc.collect()
    side._handles[0].close()
    return view[0]


def view_of_a_temporary(side):
    side.create()
    return side.SharedMemory(side.name).buf[0]


def close_while_exported(export):
    def do(side):
        shm = side.create()
        exported = export(shm.buf)
        shm.close()
        return bool(exported), shm.buf

    return do


def unlinked(use):
    def do(side):
        shm = side.create()
        shm.unlink()
        return use(side, shm)

    return do


def another_of_that_name(side, shm):
    other = side.create()
    other.buf[0] = 9
    return shm.buf[0], other.buf[0]


def unlinked_by_another(side):
    shm = side.create()
    side.attach().unlink()
    shm.unlink()


def duplicates(duplicate):
    def do(side):
        shm = side.create()
        shm.close()
        other = side.keep(duplicate(shm))
        other.buf[0] = 3
        return type(other) is type(shm), other.name == shm.name, side.attach().buf[0]

    return do


def pickled(protocol):
    return lambda shm: pickle.loads(pickle.dumps(shm, protocol))


def mode_under(umask):
    def do(side):
        before = os.umask(umask)
        try:
            side.create()
        finally:
            os.umask(before)
        return oct(stat.S_IMODE(side.path.stat().st_mode))

    return do


def inheritable_descriptors(side):
    side.create()
    numbers = [int(number) for number in os.listdir("/proc/self/fd")]
    return [number for number in numbers if os.path.exists(f"/proc/self/fd/{number}") and
            os.readlink(f"/proc/self/fd/{number}") == str(side.path) and os.get_inheritable(number)]


def closed_by_a_child(side):
    shm = side.create()

    def child():
        shm.buf[0] = 5
        shm.close()

    in_child(child)
    return shm.buf[0], side.path.exists()


def features(view):
    return type(view).__name__, view.format, view.itemsize, view.readonly, view.ndim, len(view)


CASES = [
    Case("create, size 0", lambda side: side.create(0), Raises(ValueError)),
    Case("create, size missing", lambda side: side.memory(side.name, True), Raises(ValueError)),
    Case("create, size < 0", lambda side: side.create(-1), Raises(ValueError)),
    Case("attach, size < 0", attach_with_negative_size, Raises(ValueError, left=True)),
    Case("name None, create False", lambda side: side.memory(), Raises(ValueError)),
    Case("size 1.5", lambda side: side.create(1.5), Raises(TypeError), BUG("truncated; from 3.10 on a block is left")),
    Case("size '5'", lambda side: side.create("5"), Raises(TypeError)),
    Case("size None", lambda side: side.create(None), Raises(TypeError)),
    Case("size True", lambda side: side.create(True).size, 1),
    Case("size 2**63", lambda side: side.create(2**63), Raises(OverflowError), BUG("a block is left")),
    Case("size 2**62, past the address space", lambda side: side.create(2**62), Raises(OSError)),
    Case("create, name taken", attach_to_what_is_taken, Raises(FileExistsError, left=True)),
    Case("attach, missing", lambda side: side.attach(), Raises(FileNotFoundError)),
    Case("attach with size=N", lambda side: side.create() and side.memory(side.name, size=99).size, 16),
    Case("attach, later growth", size_after_growth, 16),
    Case("attach to a size-0 block", attach_to_an_empty_block, Raises(ValueError, left=True)),
    Case("name ''", lambda side: side.memory("", True, 1), Raises(OSError)),
    Case("name '/'", lambda side: side.memory("/", True, 1), Raises(OSError)),
    Case("name 'a/b'", named("/b"), Raises(OSError)),
    Case("name 'a/'", named("/"), Raises(OSError)),
    Case("name '/a' is the block 'a'", slash_in_front, (7, True)),
    Case("name '/a', .name", lambda side: side.memory("/" + side.name, True, 1).name[0], "t", DIFFERS("it stays '/a'")),
    Case("name '.'", error_number("."), errno.EINVAL, DIFFERS("EEXIST: there is a folder of that name")),
    Case("name '..'", error_number(".."), errno.EINVAL, DIFFERS("EEXIST: there is a folder of that name")),
    Case("name of 250 bytes", of_length(250), 1),
    Case("name of 255 bytes", of_length(255), Raises(OSError), DIFFERS("works")),
    Case("name of 256 bytes", of_length(256), Raises(OSError)),
    Case("name bytes", lambda side: side.memory(b"t_bytes", True, 1), Raises(TypeError)),
    Case("name int", lambda side: side.memory(5, True, 1), Raises(TypeError)),
    Case("name with NUL", named("\0tail"), Raises(ValueError), SINCE(13, "cut short at the NUL")),
    Case("name not ASCII", named("é"), 1, BUG("UnicodeEncodeError, and a block is left")),
    Case("name with a lone surrogate", named("\ud800"), Raises(UnicodeEncodeError)),
    Case("name with ':'", named(":"), 1),
    Case("name with a newline", named("\n"), 1),
    Case("4 positional arguments", lambda side: side.SharedMemory(side.name, True, 1, True), Raises(TypeError)),
    Case("unknown keyword", lambda side: side.SharedMemory(side.name, True, 1, tracked=1), Raises(TypeError)),
    Case("setting name", set_attribute("name"), Raises(AttributeError, left=True)),
    Case("setting size", set_attribute("size"), Raises(AttributeError, left=True)),
    Case("setting buf", set_attribute("buf"), Raises(AttributeError, left=True)),
    Case("repr", lambda side: repr(side.create()).replace(side.name, "n"), "SharedMemory('n', size=16)"),
    # buf
    Case("buf: a memoryview, its format, itemsize, readonly, ndim, length",
         lambda side: features(side.create().buf), ("memoryview", "B", 1, False, 1, 16)),
    Case("buf: page aligned", page_aligned, 0),
    Case("buf: zero-filled", lambda side: bytes(side.create(5000).buf) == bytes(5000), True),
    Case("buf: always the same object", lambda side: (lambda shm: shm.buf is shm.buf)(side.create()), True),
    Case("buf[16] of 16", lambda side: side.create().buf[16], Raises(IndexError, left=True)),
    Case("buf[0] = 256", lambda side: side.create().buf.__setitem__(0, 256), Raises(ValueError, left=True)),
    Case("buf, a slice of another length",
         lambda side: side.create().buf.__setitem__(slice(0, 2), b"abc"), Raises(ValueError, left=True)),
    # Lifetime
    Case("after close(): buf", after_close(lambda shm: shm.buf), None),
    Case("after close(): buf[0]", after_close(lambda shm: shm.buf[0]), Raises(TypeError, left=True)),
    Case("after close(): size", after_close(lambda shm: shm.size), 16),
    Case("after close(): close()", after_close(lambda shm: shm.close()), None),
    Case("after close(): unlink()", after_close(lambda shm: shm.unlink()), None),
    Case("after close(): repr", after_close(lambda shm: repr(shm)[-18:]), ", size=16, closed)", DIFFERS("no 'closed'")),
    Case("v = s.buf kept, s.close()", view_after_close, 5, DIFFERS("ValueError: the view is released")),
    Case("SharedMemory(...).buf[0] on a temporary", view_of_a_temporary, 0, DIFFERS("ValueError")),
    Case("close() while a slice is alive", close_while_exported(lambda buf: buf[2:4]), (True, None),
         DIFFERS("BufferError, and buf is None")),
    Case("close() while a memoryview is alive", close_while_exported(memoryview), (True, None), DIFFERS("BufferError")),
    Case("close() while ctypes has it", close_while_exported(lambda buf: (ctypes.c_char * 16).from_buffer(buf)),
         (True, None), DIFFERS("BufferError")),
    Case("close() while the view itself is exported", close_while_exported(pickle.PickleBuffer), (True, None),
         DIFFERS("BufferError, and buf stays")),
    Case("unlink(), then use", unlinked(lambda side, shm: shm.buf[0]), 0),
    Case("unlink(), then a new block of that name", unlinked(another_of_that_name), (0, 9)),
    Case("unlink() twice", unlinked(lambda side, shm: shm.unlink()), Raises(FileNotFoundError)),
    Case("unlink() after someone else's", unlinked_by_another, Raises(FileNotFoundError)),
    Case("unlink() before close()", unlinked(lambda side, shm: shm.close()), None),
    *(Case(f"pickle, protocol {protocol}, also when closed", duplicates(pickled(protocol)), (True, True, 3))
      for protocol in range(6)),
    Case("copy", duplicates(copy.copy), (True, True, 3)),
    Case("deepcopy", duplicates(copy.deepcopy), (True, True, 3)),
    Case("pickle, gone", unlinked(lambda side, shm: pickled(2)(shm)), Raises(FileNotFoundError)),
    Case("mode bits, umask 022", mode_under(0o022), "0o600"),
    Case("mode bits, umask 277", mode_under(0o277), "0o600", DIFFERS("0400")),
    Case("the descriptor is not inheritable", inheritable_descriptors, []),
    Case("fork: the child's close() does not touch the parent's", closed_by_a_child, (5, True)),
]


@parametrize(CASES)
def test_case(case, name, monkeypatch):
    check(case, name, monkeypatch)


def test_name_none_in_both(monkeypatch, name):
    fresh = Case("", lambda side: (lambda shm: (shm.unlink(), bool(re.fullmatch("psm_[0-9a-f]{8}", shm.name))))(
        side.memory(create=True, size=1)), (None, True))
    check(fresh, name, monkeypatch)


# Where the standard library prints tracebacks, and warnings of its tracker, ours prints nothing: run_child wants that.

QUIET = {
    "size past the address space": "try: SharedMemory(NAME, create=True, size=2**62)\nexcept OSError: pass",
    "name with ':' and a newline": "shm = SharedMemory(NAME + ':\\n', create=True, size=1); shm.unlink()",
    "name not ASCII": "shm = SharedMemory(NAME + 'é', create=True, size=1); shm.unlink()",
    "collected while a slice is alive": "view = SharedMemory(NAME, create=True, size=16).buf[2:4]; view[0] = 1",
    "the creator exits without unlink()": "SharedMemory(NAME, create=True, size=16)",
    "create and attach in one process, one unlink()": (
        "SharedMemory(NAME, create=True, size=1); SharedMemory(NAME).unlink()"
    ),
    "the block is removed behind its back": "SharedMemory(NAME, create=True, size=1); os.unlink('/dev/shm/' + NAME)",
    "unlink() by a handle with track=False": (
        "a = SharedMemory(NAME, create=True, size=1); SharedMemory(NAME, track=False).unlink()"
    ),
    "os.fork() before the first block": (
        "pid = os.fork()\n"
        "shm = SharedMemory(NAME + str(pid == 0), create=True, size=1)\n"
        "if pid == 0: sys.exit()\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        "assert SharedMemory.exists(NAME + 'False')"
    ),
}


@pytest.mark.parametrize("script", QUIET.values(), ids=QUIET.keys())
def test_nothing_is_printed_at_the_end(run_child, name, script):
    run_child(f"import os, sys\nfrom polyshm import SharedMemory\nNAME = sys.argv[1]\n{script}\n", name)


def test_two_unrelated_processes_both_unlink(run_child, name):
    """The second one's is a FileNotFoundError, and its end is quiet."""
    script = (
        "import sys\n"
        "from polyshm import SharedMemory\n"
        "shm = SharedMemory(sys.argv[1])\n"
        "SharedMemory(sys.argv[1]).unlink()\n"
        "try: shm.unlink()\n"
        "except FileNotFoundError: print('gone')\n"
    )
    with SharedMemory(name, create=True, size=1) as shm:
        assert run_child(script, name) == "gone\n"
        with pytest.raises(FileNotFoundError):
            shm.unlink()


@pytest.mark.skipif(SANITIZED, reason="AddressSanitizer does without a limit of addresses")
def test_attach_mmap_fails(run_child, segment):
    """The standard library unlinks a block that it cannot map."""
    os.truncate(f"/dev/shm/{segment.name}", 2**33)  # sparse
    run_child(
        "import resource, sys\n"
        "from polyshm import SharedMemory\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))\n"
        "try: SharedMemory(sys.argv[1])\n"
        "except OSError: sys.exit()\n"
        "sys.exit('attached')\n",
        segment.name,
    )
    assert SharedMemory.exists(segment.name)


def test_size_1_tib(name):
    """Sparse there; here a block is reserved unless it is asked to be sparse."""
    with SharedMemory(name, create=True, size=2**40, sparse=True) as shm:
        assert (shm.size, os.stat(f"/dev/shm/{name}").st_blocks) == (2**40, 0)


@pytest.mark.parametrize("create", ["SharedMemory(create=True, size=2**23)", "ShareableList(['x' * 2**19] * 16)"])
def test_full_dev_shm(create, monkeypatch, tmp_path):
    """There the first write past the space is a SIGBUS; here creating is an OSError."""
    script = (
        "import errno, os\n"
        "from polyshm import *\n"
        f"try: {create}\n"
        "except OSError as error: assert error.errno == errno.ENOSPC, error\n"
        "else: raise SystemExit('created')\n"
        "assert not [name for name in os.listdir('/dev/shm')]\n"
    )
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # a helper for that /dev/shm
    mount = 'mount -t tmpfs -o size=1m tmpfs /dev/shm || exit 77; exec "$@"'
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh", sys.executable, "-c", script]
    done = subprocess.run(command, stderr=subprocess.PIPE, timeout=60)
    if done.returncode == 77 or b"unshare" in done.stderr:
        pytest.skip("the system permits no mount of our own")
    assert (done.returncode, done.stderr) == (0, b"")
