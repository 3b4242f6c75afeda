"""Garbage collection, fork, threads, and the end of the process."""

import gc
import os
import threading
import weakref

import pytest

import polyshm
from polyshm import ShareableList, SharedMemory

from conftest import DEADLINE, SANITIZED


def test_collecting_a_handle_closes_it_and_keeps_the_block(name):
    SharedMemory(name, create=True, size=1)
    gc.collect()
    assert SharedMemory.exists(name)
    assert not SharedMemory.attached(name)


def test_collecting_a_list_closes_it(name):
    ShareableList([1, 2], name=name)
    gc.collect()
    assert not SharedMemory.attached(name)


@pytest.mark.parametrize(
    "make", [lambda name: SharedMemory(name, create=True, size=1), lambda name: ShareableList([1], name=name)]
)
def test_a_handle_in_a_cycle_is_collected(name, make):
    handle = make(name)
    handle.myself = [handle]
    gone = weakref.ref(handle)
    del handle
    gc.collect()
    assert gone() is None
    assert not SharedMemory.attached(name)


def test_a_list_iterated_over_in_a_cycle_is_collected(name):
    items = ShareableList([1], name=name)
    items.iterator = iter(items)
    del items
    gc.collect()
    assert not SharedMemory.attached(name)


def test_many_handles_leave_no_descriptors_behind(segment):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(2000):
        SharedMemory(segment.name).close()
        SharedMemory(segment.name).buf[0]
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.skipif(SANITIZED, reason="AddressSanitizer keeps what is freed")
def test_values_do_not_leak(make_list):
    items = make_list(["x" * 500, b"x" * 500, 2**40, 1.5, None] * 20)

    def churn():
        for _ in range(200):
            items[:] = list(items)
            items[0] = items[0]
            with pytest.raises(TypeError):
                items[:] = [object()] * 100
            ("x" in items, items.count(1.5), items[::2], items.format)

    churn()
    gc.collect()
    before = memory()
    churn()
    gc.collect()
    assert memory() - before < 500_000


def memory():
    """The anonymous memory of this process, in bytes."""
    with open("/proc/self/statm") as file:
        fields = file.read().split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")


def test_a_forked_child_uses_what_it_inherited_and_closing_it_there_leaves_the_parent_alone(make_list):
    items = make_list([0, "text"])
    view = items.shm.buf
    child = os.fork()
    if child == 0:
        status = 1
        try:
            items[0] = 7
            items[1] = "child"
            items.close()
            del items
            status = 0 if view[32] == 7 else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert list(items) == [7, "child"]


def test_handles_that_are_alive_at_exit_are_no_trouble(run_child, name):
    run_child(
        "import sys, polyshm\n"
        "items = polyshm.ShareableList([1], name=sys.argv[1])\n"
        "view, iterator = items.shm.buf, iter(items)\n"
        "sys.keep = items, view, iterator\n"
        "class Late:\n"
        "    def __del__(self, items=items): assert items[0] == 1\n"
        "late = Late()\n",
        name,
    )


def test_other_processes_write_the_same_items(run_child, make_list):
    items = make_list([0, "", b"", None], spare=32)
    output = run_child(
        "import sys, polyshm\n"
        "with polyshm.ShareableList(name=sys.argv[1]) as items:\n"
        "    items[:] = [2**40, 'é', b'a\\0', 1.5]\n"
        "    print(items.shm.name)\n",
        items.shm.name,
    )
    assert output.strip() == items.shm.name
    assert list(items) == [2**40, "é", b"a\0", 1.5]


def run_together(*functions):
    """Runs each function in a thread of its own, and raises what one of them raised."""
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(function,), daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_threads_share_a_list(make_list):
    items = make_list([0] * 8)

    def writer(index):
        def write():
            for number in range(2000):
                items[index] = number
                assert items[index] == number

        return write

    run_together(*(writer(index) for index in range(8)))
    assert list(items) == [1999] * 8


def test_a_list_may_be_closed_under_the_threads_that_use_it(new_name):
    for _ in range(20):
        items = ShareableList(range(100), name=new_name())
        started = threading.Barrier(3)

        def use():
            started.wait(DEADLINE)
            with pytest.raises(ValueError, match="closed"):
                while True:
                    items[5] = sum(items[:]) % 7

        def close():
            started.wait(DEADLINE)
            items.close()

        run_together(use, use, close)


def test_all_threads_get_the_same_buf_and_shm(make_list):
    items = make_list([1])
    started = threading.Barrier(8)
    seen = []

    def look():
        started.wait(DEADLINE)
        seen.append((items.shm, items.shm.buf))

    run_together(*[look] * 8)
    assert len({id(shm) for shm, _ in seen}) == len({id(view) for _, view in seen}) == 1


def test_the_version_is_that_of_the_library():
    assert polyshm.__version__.count(".") == 2
