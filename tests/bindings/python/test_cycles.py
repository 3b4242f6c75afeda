"""Creating, attaching and closing again and again: memory, descriptors, mappings, threads and books stay as they are.

5,000 times, and what takes longer 100 times; POLYSHM_TEST_SCALE=20 makes it 100,000 and 2,000. pytest -s prints figures.
"""

import pytest

from conftest import DEADLINE, SANITIZED, SCALE

CYCLES = int(5000 * SCALE)

SCRIPT = """
import asyncio, copy, ctypes, gc, os, pickle, sys, threading, time
import polyshm
from polyshm import ShareableList, SharedMemory, SharedMemoryManager

name, cycles = sys.argv[1], int(sys.argv[2])
ctypes.CDLL(None).mallopt(-8, 1)  # M_ARENA_MAX: else what threads free stays with them, more or less of it
{kind}

def anonymous_memory():
    with open("/proc/self/statm") as file:
        fields = file.read().split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")

def books():
    folder = os.path.join(os.environ["XDG_RUNTIME_DIR"], "polyshm")
    sizes = [os.stat(os.path.join(folder, book)).st_size for book in os.listdir(folder) if book != "helper"]
    assert all(size < 200_000 for size in sizes), sizes
    return len(sizes)

def figures():
    gc.collect()
    end = time.monotonic() + 1  # by then, a thread that awaited a change has ended
    while threading.active_count() > 1 and time.monotonic() < end:
        time.sleep(0.01)
    with open("/proc/self/maps") as file:
        mappings = sum(1 for line in file if "/dev/shm" in line)
    return len(os.listdir("/proc/self/fd")), mappings, threading.active_count(), books(), anonymous_memory()

for _ in range(1 + cycles // 2):
    cycle()
*before, memory = figures()
for _ in range(cycles):
    cycle()
*after, grown = figures()
print(grown - memory)
assert after == before, (before, after)
"""

KINDS = {
    "segment": """
def cycle():
    with SharedMemory(name, create=True, size=100) as shm:
        SharedMemory(name).close()
        with SharedMemory(name, readonly=True):
            shm.unlink()
""",
    "list": """
def cycle():
    with ShareableList([1, "text" * 100, b"bytes", None], name=name, spare=8) as items:
        with ShareableList(name=name) as other:
            with other.lock():
                other[0] += 1
            other[:] = other[:]
        items.unlink()
""",
    "view": """
def cycle():
    shm = SharedMemory(name, create=True, size=100)
    views = [shm.buf, shm.buf[1:5], shm.buf.cast("b")]
    shm.close()
    views[2][0] = 5
    SharedMemory(name).unlink()
""",
    "pinned": """
try:
    from numpy import frombuffer
except ImportError:
    frombuffer = memoryview
def cycle():
    items = ShareableList([1] * 10, name=name)
    array = frombuffer(items.shm.buf)
    items.array = [items, array]      # the collector's
    items.close()
    items.unlink()
""",
}

FEWER = {
    "copies": """
def cycle():
    with ShareableList([1, 2], name=name) as items:
        copy.copy(items).close()
        pickle.loads(pickle.dumps(items.shm)).close()
        iter(items), repr(items)
        items.unlink()
""",
    "refused": """
def fails(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except Exception:
        return
    raise AssertionError(function)
def cycle():
    fails(SharedMemory, name)
    fails(ShareableList, [1, object()], name=name)
    fails(ShareableList, ["\\ud800"], name=name)
    with ShareableList([1], name=name) as items:
        fails(ShareableList, [1], name=name)
        fails(SharedMemory, name, create=True, size=5)
        fails(items.__setitem__, 0, "too long a text")
        fails(items.wait, items.version, 0)
        items.unlink()
""",
    "manager": """
def cycle():
    with SharedMemoryManager(name) as manager:
        other = SharedMemoryManager(name)
        other.connect()
        manager.ShareableList([1, 2]), other.SharedMemory(10)
""",
    "changed": """
async def await_changes():
    with ShareableList([1], name=name) as items:
        for timeout in None, 0.001:
            task = asyncio.ensure_future(items.changed(items.version))
            await asyncio.sleep(0)
            if timeout is None:
                items[0] += 1
            try:
                await asyncio.wait_for(task, timeout)
            except asyncio.TimeoutError:
                pass
        items.unlink()
def cycle():
    asyncio.run(await_changes())
""",
}

RUNS = [(kind, CYCLES) for kind in KINDS.items()] + [(kind, CYCLES // 50) for kind in FEWER.items()]


LIMIT = 500_000  # bytes that may come and go with the collector and the allocator


@pytest.mark.parametrize("kind, cycles", RUNS, ids=[kind[0] for kind, _ in RUNS])
def test_nothing_grows(run_child, name, kind, cycles):
    grown = int(run_child(SCRIPT.format(kind=kind[1]), name, cycles, deadline=60 + 60 * SCALE))
    print(f"{kind[0]}: {cycles} cycles, memory grew by {grown} bytes")
    assert grown < LIMIT or SANITIZED


LEAKS = {
    "descriptor": "os.dup(0)",
    "mapping": "kept.append(SharedMemory(create=True, size=10)); kept[-1].unlink()",
    "thread": "threading.Thread(target=time.sleep, args=(5,), daemon=True).start()",
    "memory": "kept.append(bytes(10000))",
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_a_leak_is_found(start_child, name, leak):
    kind = f"kept, shm = [], SharedMemory(create=True, size=10)\nshm.unlink()\ndef cycle():\n    {leak}"
    child = start_child(SCRIPT.format(kind=kind), name, 100)
    output, errors = child.communicate(timeout=DEADLINE)
    assert "AssertionError" in errors or int(output) >= LIMIT
