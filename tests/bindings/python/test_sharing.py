"""Many processes and threads on one list: the lock, steps, snapshots and waiting for a change."""

import math
import os
import platform
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from enum import IntEnum
from fractions import Fraction
from multiprocessing import shared_memory as stock

import pytest

from polyshm import IntegerRangeError, ShareableList

from conftest import DEADLINE, attached, in_child, in_thread, same_layout, state, until, untracked

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

FUTEX = {"x86_64": "202", "aarch64": "98"}


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


@pytest.fixture
def numbers(make_list):
    found = make_list([0] * 8)
    yield found
    found.unlink()


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


# Steps


def test_add_gives_the_sum(items):
    assert items.add(0) == 2
    assert items.add(0, 40) == 42
    assert items.add(0, -100) == -58
    assert items.add(-1, 2**63 - 1) == 2**63 - 1
    assert (items[0], items[6]) == (-58, 2**63 - 1)


@pytest.mark.parametrize("index", [1, 2, 3, 4, 5])
def test_only_an_int_can_be_added_to(items, index):
    before = list(items)
    with pytest.raises(TypeError, match=f"item {index}"):
        items.add(index)
    assert list(items) == before


def test_a_sum_beyond_64_bits_leaves_the_item(items):
    items[0] = 2**63 - 1
    with pytest.raises(ValueError, match="64 bits"):
        items.add(0)
    assert items[0] == 2**63 - 1
    items[0] = -(2**63)
    with pytest.raises(ValueError, match="64 bits"):
        items.add(0, -1)
    assert items[0] == -(2**63)


@pytest.mark.parametrize("delta", [2**63, -(2**63) - 1, 2**200])
def test_a_delta_beyond_64_bits_is_an_integer_range_error(items, delta):
    with pytest.raises(IntegerRangeError, match="delta"):
        items.add(0, delta)
    assert items[0] == 1


@pytest.mark.parametrize("delta", [1.0, "1", None])
def test_a_delta_is_an_integer(items, delta):
    with pytest.raises(TypeError):
        items.add(0, delta)


@pytest.mark.parametrize("value", [None, True, False, 0, -1, 2**63 - 1, 0.0, -0.0, 1.5, math.inf, math.nan])
def test_compare_exchange_writes_where_it_finds_what_it_expects(items, value):
    items[0] = value
    assert items.compare_exchange(0, value, 7) is True
    assert items[0] == 7
    assert items.compare_exchange(0, 7, value) is True
    assert struct.pack("<d", items[0] or 0) == struct.pack("<d", value or 0)


@pytest.mark.parametrize("found, expected", [(1, 1.0), (1, True), (0, None), (0.0, -0.0), (None, False), ("1", 1)])
def test_compare_exchange_goes_by_type_and_bits(make_list, found, expected):
    items = make_list([found])
    assert items.compare_exchange(0, expected, 7) is False
    assert items[0] == found
    items.unlink()


@pytest.mark.parametrize("expected, desired", [("text", 1), (1, "text"), (b"bytes", 1), (1, b""), ([], 1), (1, {})])
def test_compare_exchange_takes_scalars_only(items, expected, desired):
    with pytest.raises(TypeError) as raised:
        items.compare_exchange(0, expected, desired)
    assert "item 0" not in str(raised.value), "which of the values is meant has no place in the list"
    assert items[0] == 1


@pytest.mark.parametrize("expected, desired", [(2**63, 1), (1, -(2**63) - 1)])
def test_compare_exchange_takes_64_bits_only(items, expected, desired):
    with pytest.raises(IntegerRangeError):
        items.compare_exchange(0, expected, desired)


# Each method, where it must fail

CALLS = {
    "lock": lambda items: items.lock(),
    "unlock": lambda items: items.unlock(),
    "add": lambda items: items.add(0),
    "compare_exchange": lambda items: items.compare_exchange(0, 1, 2),
    "snapshot": lambda items: items.snapshot(),
    "version": lambda items: items.version,
    "item_version": lambda items: items.item_version(0),
    "wait": lambda items: items.wait(0, 0),
    "wait for an item": lambda items: items.wait(0, 0, item=0),
}
INDEXED = {
    "add": lambda items, index: items.add(index),
    "compare_exchange": lambda items, index: items.compare_exchange(index, 1, 2),
    "item_version": lambda items, index: items.item_version(index),
    "wait": lambda items, index: items.wait(0, 0, item=index),
}


@same_layout
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_list_of_the_standard_library_has_no_lock_and_no_versions(call):
    with untracked(stock.ShareableList([1, 2])) as theirs:
        with ShareableList(name=theirs.shm.name) as items:
            assert items.synchronized is False
            with pytest.raises(ValueError, match="stock CPython"):
                call(items)
            items[0] = 3
            items[:] = [4, 5]
            assert list(theirs) == [4, 5]
            items.unlink()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_closed_list_is_a_value_error(items, call):
    items.close()
    with pytest.raises(ValueError, match="closed"):
        call(items)


@pytest.mark.parametrize("call", INDEXED.values(), ids=INDEXED)
def test_an_index_outside_is_an_index_error(items, call):
    for index in (7, -8, 2**62, 2**100):
        # As the user wrote it, and of which list.
        with pytest.raises(IndexError, match=f"'{items.shm.name}'.* {index}$" if abs(index) < 2**63 else "index"):
            call(items, index)
    for index in (1.0, "0"):
        with pytest.raises(TypeError):
            call(items, index)


class Place(IntEnum):
    FIRST = 0
    LAST = -1


class Number(int):
    pass


def test_subclasses_of_int_count_by_their_value(items):
    assert items.add(Place.FIRST, Number(4)) == 5
    assert items.add(Place.LAST, True) == 1
    assert items.compare_exchange(Place.LAST, Number(1), Place.LAST) is True
    assert items[-1] == -1 and type(items[-1]) is int
    assert items.item_version(Place.LAST) == items.item_version(6)
    assert items.wait(0, 0, item=Place.LAST) == items.item_version(6)


def test_an_empty_list_has_all_but_items(make_list):
    empty = make_list([])
    assert empty.snapshot() == ([], empty.version)
    with attached(empty) as other, empty.lock(), pytest.raises(TimeoutError):
        other.lock(0)
    with pytest.raises(TimeoutError):
        empty.wait(empty.version, 0.01)
    for call in INDEXED.values():
        for index in (0, -1):
            with pytest.raises(IndexError, match="0 items"):
                call(empty, index)
    empty[:] = []
    empty.unlink()


def test_a_list_of_a_million(make_list):
    numbers = list(range(1_000_000))
    items = make_list(numbers)
    with attached(items) as other:
        seen = other.item_version(-1)
        assert items.add(-1) == 1_000_000
        assert other.wait(seen, item=-1) == other.item_version(999_999)
        assert (other.index(1_000_000), other.count(999_999), 5 in other) == (999_999, 0, True)
        with items.lock():
            items[1:] = [0] * 999_999
        values, version = other.snapshot()
        assert version == items.version
        assert values == [0] * 1_000_000
    items.unlink()


@pytest.mark.parametrize("name", ["lock", "add", "compare_exchange"])
def test_a_read_only_list_takes_no_writes(items, name):
    with attached(items, readonly=True) as reader:
        with pytest.raises(TypeError, match="read-only"):
            CALLS[name](reader)


def test_a_read_only_list_has_snapshots_versions_and_changes(items):
    with attached(items, readonly=True) as reader:
        values, version = reader.snapshot()
        assert (values, version) == (list(items), items.version)
        items[0] = 5
        assert reader.wait(version, DEADLINE) == items.version
        assert reader.item_version(0) == items.item_version(0)
        assert reader.synchronized is True


@pytest.mark.parametrize("timeout", [-1, -0.001, math.nan, -math.inf])
def test_a_time_that_is_none_is_a_value_error(items, timeout):
    with pytest.raises(ValueError, match="timeout"):
        items.lock(timeout)
    with pytest.raises(ValueError, match="timeout"):
        items.wait(items.version, timeout)
    with pytest.raises(ValueError, match="timeout"):
        items.wait(items.item_version(0), timeout, item=0)
    with pytest.raises(ValueError, match="timeout"):
        items.timeout = timeout
    assert items.timeout == 10


@pytest.mark.parametrize("timeout", ["1", b"1", [], 1j, object()])
def test_a_timeout_is_a_number(items, timeout):
    for call in (
        items.lock,
        lambda timeout: items.wait(items.version, timeout),
        lambda timeout: setattr(items, "timeout", timeout),
    ):
        with pytest.raises(TypeError, match=type(timeout).__name__):
            call(timeout)
    assert items.timeout == 10


@pytest.mark.parametrize("timeout", [1e308, math.inf, 2**62, True, Fraction(1, 2)])
def test_any_other_number_is_a_timeout(items, timeout):
    with items.lock(timeout):
        items.timeout = timeout
        assert items.timeout == timeout
        assert items.wait(items.version + 1, timeout) == items.version


# The lock


def test_the_lock_is_given_back_by_with_and_by_unlock(items):
    with attached(items) as other:
        with items.lock() as held:
            assert held.owner_died is False
            with pytest.raises(TimeoutError):
                other.lock(0)
        other.lock(0)
        other.unlock()
        items.lock(timeout=None)
        with pytest.raises(TimeoutError, match=items.shm.name):
            other.lock(timeout=0.01)
        items.unlock()
        with other.lock(0):
            pass


def test_an_exception_gives_the_lock_back(items):
    with pytest.raises(LookupError), items.lock():
        raise LookupError
    with attached(items) as other, other.lock(0):
        pass


def test_the_thread_that_has_the_lock_may_take_it_again(items):
    with attached(items) as other:
        with items.lock():
            with items.lock(0):
                items[0] = 5
                assert items.add(0) == 6
            with pytest.raises(TimeoutError):
                other.lock(0)
        with other.lock(0):
            pass


def test_unlocking_what_is_not_locked_is_a_runtime_error(items):
    for _ in range(2):
        with pytest.raises(RuntimeError, match="lock"):
            items.unlock()
        with items.lock():
            pass


def test_the_lock_belongs_to_a_thread(items):
    with items.lock():
        with in_thread(items.unlock) as (_, results):
            pass
        assert isinstance(results[0], RuntimeError)
        with in_thread(lambda: items.lock(0)) as (_, results):
            pass
        assert isinstance(results[0], TimeoutError)


def test_what_is_written_under_the_lock_is_one_step(items):
    before = items.version
    with items.lock():
        items[0] = 2
        items[1] = "other"
        items[2:4] = [1, 2]
        assert items.item_version(0) != 0
    assert items.version == before + 1


def test_readers_are_not_held_up(items, peer):
    child = peer(items, "items[0] = 5; items[1] = 'other'")
    with let_go(child) as release:
        assert items[:2] == [5, "other"]
        assert items.type(0) == "int64"
        assert 5 in items
        release()


@pytest.mark.parametrize(
    "write",
    [
        "items[1] = 5",
        "items[1] = 'other'",
        "items[0:2] = [1, 5]",
        "items.__setitem__(-6, 5)",
        "items.add(0, 4)",
        "items.compare_exchange(0, 1, 5)",
    ],
)
def test_a_write_waits_for_the_lock_of_another_process(items, peer, write):
    before = list(items)
    child = peer(items)
    with let_go(child) as release:
        items.timeout = 0.05
        with pytest.raises(TimeoutError, match=items.shm.name):
            exec(write)
        assert list(items) == before
        items.timeout = DEADLINE
        with in_thread(lambda: exec(write, {"items": items})) as (thread, results):
            await_futex(thread)  # and this thread goes on
            assert list(items) == before
            release()
        assert results == [None]
        assert {5, "other"} & set(items)


def test_texts_may_go_from_their_list_while_it_waits_to_be_written(make_list):
    class Clearing(ShareableList):
        @property
        def timeout(self):  # which a write asks for once it has to wait
            values.clear()
            others.extend(letter * 1000 for letter in "xyz")  # in memory that is free again
            held.__exit__()
            return DEADLINE

    values, others = [letter * 1000 for letter in "abc"], []
    items = make_list([bytes(1000)] * 3)
    held = items.lock().__enter__()
    Clearing(name=items.shm.name)[:] = values
    assert not values
    assert items[:] == [letter * 1000 for letter in "abc"]


def test_a_snapshot_is_had_while_another_process_has_the_lock(items, peer):
    child = peer(items)
    with let_go(child) as release:
        assert items.snapshot() == (list(items), items.version)
        release()


def test_a_snapshot_waits_for_a_step_that_is_under_way(items, peer):
    child = peer(items, "items[0] = 5")
    with let_go(child) as release:
        items.timeout = 0.05
        with pytest.raises(TimeoutError):
            items.snapshot()
        items.timeout = DEADLINE
        with in_thread(lambda: items.snapshot()[0][:2]) as (thread, results):
            await_futex(thread)
            release()
        assert results == [[5, "text"]]


@pytest.mark.parametrize("lock", [lambda items: items.lock(None), lambda items: items.lock(DEADLINE)])
def test_other_threads_run_while_one_waits_for_the_lock(items, peer, lock):
    def take():
        with lock(items) as held:
            return held.owner_died

    child = peer(items)
    with let_go(child) as release, in_thread(take) as (thread, results):
        await_futex(thread)
        release()
    assert results == [False]


def test_a_stopped_holder_keeps_the_lock(items, peer):
    child = peer(items)
    child.send_signal(signal.SIGSTOP)
    until(lambda: state(child.pid) == "T")
    with pytest.raises(TimeoutError):
        items.lock(0.1)
    child.send_signal(signal.SIGCONT)
    with let_go(child) as release:
        release()
    with items.lock(DEADLINE) as held:
        assert held.owner_died is False


def test_a_holder_that_was_killed_loses_the_lock(items, peer):
    child = peer(items, "items[0] = 5")
    child.kill()
    with items.lock(DEADLINE) as held:
        assert held.owner_died is True
        assert items[0] == 5
    with items.lock(0) as held:
        assert held.owner_died is False


def test_a_write_takes_the_lock_from_a_holder_that_was_killed(items, peer):
    for write in (lambda: items.add(0), lambda: items.__setitem__(0, 2), lambda: items.__setitem__(slice(1), [2])):
        peer(items).kill()
        write()
        assert items[0] == 2


# Contention

ADDER = """
import sys, threading, polyshm
items = polyshm.ShareableList(name=sys.argv[1])
items.timeout = 60
def run():
    for _ in range(1000 // {threads}):
        {step}
threads = [threading.Thread(target=run) for _ in range({threads} - 1)]
for thread in threads:
    thread.start()
run()
for thread in threads:
    thread.join()
"""

EXCHANGE = """
        while not items.compare_exchange(0, found := items[0], found + 1):
            pass
""".strip()


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    "step", ["items.add(0)", "with items.lock(60): items[0] += 1", EXCHANGE], ids=["add", "lock", "exchange"]
)
def test_what_processes_and_threads_add_is_all_there(numbers, start_child, step, threads):
    script = ADDER.format(step=step, threads=threads)
    children = [start_child(script, numbers.shm.name) for _ in range(4)]
    for child in children:
        assert (child.communicate(timeout=2 * DEADLINE)[1], child.returncode) == ("", 0)
    assert numbers[0] == 4000


def test_what_threads_add_through_one_handle_is_all_there(numbers):
    def run():
        for _ in range(1000):
            numbers.add(0)
            with numbers.lock(DEADLINE):
                numbers[1] += 1

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers[:2] == [4000, 4000]


WRITER = """
import sys, polyshm
items = polyshm.ShareableList(name=sys.argv[1])
print("ready", flush=True)
n = 0
while True:
    n += 1
    with items.lock():
        for i in range(len(items)):
            items[i] = n
    n += 1
    items[:] = [n] * len(items)
"""


@pytest.mark.parametrize("readonly", [False, True])
def test_a_snapshot_has_all_of_a_step_or_nothing(numbers, start_child, readonly):
    child = start_child(WRITER, numbers.shm.name)
    assert child.stdout.readline() == "ready\n"
    with attached(numbers, readonly=readonly) as reader:
        version = 0
        for _ in range(300):
            values, newer = reader.snapshot()
            assert len(set(values)) == 1
            assert newer >= version
            version = newer


MIXER = """
import sys, polyshm
items = polyshm.ShareableList(name=sys.argv[1])
print("ready", flush=True)
while True:
    for value in (1, 2.5, None, True, "a" * 16, b"b" * 17, "", -1):
        for i in range(len(items)):
            items[i] = value
"""


@pytest.mark.parametrize("readonly", [False, True])
def test_whatever_another_process_writes_is_read_whole(make_list, start_child, readonly):
    mixed = make_list(["a" * 16] * 8, spare=16)
    child = start_child(MIXER, mixed.shm.name)
    assert child.stdout.readline() == "ready\n"
    written = {1, 2.5, None, "a" * 16, b"b" * 17, "", -1}
    with attached(mixed, readonly=readonly) as reader:
        for _ in range(200):
            assert written.issuperset(reader)
            assert written.issuperset(reader[:])
            assert written.issuperset(reader[::-3])
            assert written.issuperset(reader.snapshot()[0])
            assert 0 <= reader.count("a" * 16) <= 8
            assert ("a" * 15 in reader, reader.count(b"b")) == (False, 0)
            assert reader.type(-1) in ("int64", "float64", "none", "bool", "str", "bytes")
    mixed.unlink()


WORKERS = """
import multiprocessing, sys, polyshm

def work(items):
    for _ in range(100):
        items.add(0)
        with items.lock(60):
            items[1] += 1

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[2])
    items = polyshm.ShareableList(name=sys.argv[1])
    with items.lock():
        workers = [context.Process(target=work, args=(items,)) for _ in range(3)]
        for worker in workers:
            worker.start()
        items[1] = 42
    for worker in workers:
        worker.join()
    print([worker.exitcode for worker in workers])
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_multiprocessing_share_a_list(numbers, tmp_path, method):
    script = tmp_path / "workers.py"
    script.write_text(WORKERS)
    command = [sys.executable, str(script), numbers.shm.name, method]
    done = subprocess.run(command, stdout=subprocess.PIPE, universal_newlines=True, timeout=2 * DEADLINE)
    assert (done.stdout, done.returncode) == ("[0, 0, 0]\n", 0)
    assert numbers[:2] == [300, 342]


# Waiting for a change


def test_each_write_moves_the_versions(items):
    writes = [
        lambda: items.__setitem__(0, 2),
        lambda: items.__setitem__(0, "a"),
        lambda: items.__setitem__(slice(0, 2), [3, "b"]),
        lambda: items.add(0),
        lambda: items.compare_exchange(0, 4, 5),
    ]
    for write in writes:
        version, of_item, of_other = items.version, items.item_version(0), items.item_version(-1)
        write()
        assert items.version > version
        assert items.item_version(0) > of_item
        assert items.item_version(-1) == of_other


def test_wait_gives_the_new_version(items):
    version, of_item = items.version, items.item_version(0)
    items[0] = 2
    assert items.wait(version) == items.version
    assert items.wait(version, 0) == items.version
    assert items.wait(of_item, item=0) == items.item_version(0)
    assert items.wait(of_item, timeout=0, item=-7) == items.item_version(0)


def test_nothing_that_changes_is_a_timeout_error(items):
    with pytest.raises(TimeoutError, match=items.shm.name):
        items.wait(items.version, 0)
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=items.shm.name):
        items.wait(items.version, 0.15)
    assert time.monotonic() - start >= 0.15
    items[0] = 2
    with pytest.raises(TimeoutError):
        items.wait(items.item_version(1), 0.01, item=1)


@pytest.mark.parametrize("seen", [-1, 2**64, "1", 1.0])
def test_a_version_is_a_whole_number(items, seen):
    with pytest.raises((ValueError, OverflowError, TypeError)):
        items.wait(seen, 0)


@pytest.mark.parametrize("timeout", [None, DEADLINE])
@pytest.mark.parametrize("item", [None, 1, -6])
def test_other_threads_run_while_one_waits_for_a_change(items, timeout, item):
    seen = items.version if item is None else items.item_version(item)
    with in_thread(lambda: items.wait(seen, timeout, item=item)) as (thread, results):
        await_futex(thread)
        items[1] = "new"
    assert results == [seen + 1]


def test_a_change_in_another_process_wakes(items, start_child):
    child = start_child(
        "import sys, polyshm\n"
        "items = polyshm.ShareableList(name=sys.argv[1])\n"
        "seen = items.version\n"
        "print('ready', flush=True)\n"
        "print(items.wait(seen, 60) > seen, items[0], flush=True)\n",
        items.shm.name,
    )
    assert child.stdout.readline() == "ready\n"
    until(lambda: state(child.pid) == "S")
    items[0] = 5
    assert child.communicate(timeout=DEADLINE) == ("True 5\n", "")


# Signals

WAITS = {
    "lock": "items.lock(None)",
    "lock with a timeout": "items.lock(600)",
    "wait": "items.wait(items.version)",
    "wait for an item": "items.wait(items.item_version(0), 600, item=0)",
    "set": "items[0] = 5",
    "write": "items[0:2] = [5, 6]",
    "add": "items.add(0)",
    "compare_exchange": "items.compare_exchange(0, 1, 2)",
    "snapshot": "items.snapshot()",
}

WAITING = """
import sys, polyshm
items = polyshm.ShareableList(name=sys.argv[1])
items.timeout = None
try:
    print("ready", flush=True)
    {wait}
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("asleep", [True, False], ids=["asleep", "on the way"])
@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_ctrl_c_ends_the_wait(items, start_child, wait, asleep):
    with items.lock():
        items[1] = "step"  # under way: a snapshot waits, too
        child = start_child(WAITING.format(wait=wait), items.shm.name)
        assert child.stdout.readline() == "ready\n"
        if asleep:
            until(lambda: state(child.pid) == "S")
        child.send_signal(signal.SIGINT)
        assert child.communicate(timeout=DEADLINE) == ("interrupted\n", "")


def test_ctrl_c_ends_the_snapshot_of_a_read_only_list(items, start_child):
    with items.lock():
        items[1] = "step"
        script = WAITING.replace("argv[1])", "argv[1], readonly=True)").format(wait="items.snapshot()")
        child = start_child(script, items.shm.name)
        assert child.stdout.readline() == "ready\n"
        until(lambda: state(child.pid) == "S")
        child.send_signal(signal.SIGINT)
        assert child.communicate(timeout=DEADLINE) == ("interrupted\n", "")


BOUNDED = {
    "lock": lambda items: items.lock(0.1),
    "set": lambda items: items.__setitem__(0, 5),
    "add": lambda items: items.add(0),
    "snapshot": lambda items: items.snapshot(),
    "wait": lambda items: items.wait(items.version, 0.1),
}


@pytest.mark.parametrize("wait", BOUNDED.values(), ids=BOUNDED)
def test_signals_make_no_wait_longer_or_shorter(items, peer, wait, on_alarm):
    child = peer(items, "items[1] = 'step'")
    items.timeout = 0.1
    with let_go(child) as release:
        on_alarm(lambda *_: None)
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            wait(items)
        assert time.monotonic() - start >= 0.1
        signal.setitimer(signal.ITIMER_REAL, 0)
        release()


@pytest.mark.parametrize("wait", BOUNDED.values(), ids=BOUNDED)
def test_what_a_signal_handler_raises_ends_the_wait(items, peer, wait, on_alarm):
    def handler(*_):
        signal.setitimer(signal.ITIMER_REAL, 0)  # once is enough: the next could come outside of the block below
        raise LookupError("from the handler")

    child = peer(items, "items[1] = 'step'")
    items.timeout = None
    with let_go(child) as release:
        with pytest.raises(LookupError, match="from the handler"):
            on_alarm(handler)
            while True:
                with pytest.raises(TimeoutError):
                    wait(items)
        release()


def test_a_signal_handler_may_write_under_the_lock_of_its_thread(numbers, on_alarm):
    on_alarm(lambda *_: numbers.add(0))
    while numbers[0] < 20:
        with numbers.lock():
            numbers.add(1)


# fork


def test_a_forked_child_does_not_have_its_parent_s_lock(items):
    def child():
        with pytest.raises(RuntimeError):
            items.unlock()
        with pytest.raises(TimeoutError):
            items.lock(0.05)
        items.timeout = 0.05
        with pytest.raises(TimeoutError):
            items[0] = 5

    with items.lock():
        in_child(child)
        items[0] = 2
    with attached(items) as other, other.lock(0) as held:
        assert held.owner_died is False


def test_a_forked_child_that_dies_with_the_lock_loses_it(items):
    in_child(lambda: items.lock() and items.__setitem__(0, 7))
    with items.lock(DEADLINE) as held:
        assert held.owner_died is True
        assert items[0] == 7


def test_what_forked_children_add_is_all_there(numbers):
    numbers.add(0)  # the parent takes part, and its children must not pass for it

    def child():
        numbers.timeout = DEADLINE
        for _ in range(1000):
            numbers.add(0)

    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            try:
                child()
                os._exit(0)
            except BaseException:
                os._exit(1)
        pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
    assert numbers[0] == 4001


# Closing


@pytest.mark.parametrize(
    "wait",
    [lambda items: items.lock(), lambda items: items.wait(items.version), lambda items: items.add(0)],
    ids=["lock", "wait", "add"],
)
def test_closing_the_list_in_another_thread_ends_the_wait(items, peer, wait):
    child = peer(items)
    with let_go(child) as release:
        with in_thread(lambda: wait(items)) as (thread, results):
            await_futex(thread)
            items.close()
        assert isinstance(results[0], ValueError) and "closed" in str(results[0])
        release()
