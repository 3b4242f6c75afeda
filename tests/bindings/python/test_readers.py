"""What those get who read while others write: whole values, snapshots of whole steps, versions, and the next change."""

import time

import pytest

from conftest import DEADLINE, attached, await_futex, in_thread, let_go, state, until


# While another process writes


def test_readers_are_not_held_up(items, peer):
    child = peer(items, "items[0] = 5; items[1] = 'other'")
    with let_go(child) as release:
        assert items[:2] == [5, "other"]
        assert items.type(0) == "int64"
        assert 5 in items
        release()


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
