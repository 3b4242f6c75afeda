"""The lock has one holder at a time, a thread of a process: writes of all others wait, and nothing added is lost."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from polyshm import ShareableList

from conftest import DEADLINE, attached, await_futex, in_child, in_thread, let_go, state, until


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
