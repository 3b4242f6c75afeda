"""The object that `items.lock()` gives: whatever comes between, the lock is given back, once, and by who has it."""

import copy
import gc
import os
import pickle
import random
import signal
import sys
import threading
import time

import pytest

from polyshm import ShareableList

from conftest import DEADLINE, attached, in_child, in_thread


def assert_free(items):
    """Whether somebody else gets the lock at once, and nobody died with it."""
    with attached(items) as other, other.lock(0) as held:
        assert held.owner_died is False


def assert_taken(items):
    with attached(items) as other, pytest.raises(TimeoutError):
        other.lock(0)


# Exceptions


def with_statement(items):
    with items.lock():
        pass


def with_statement_of_an_object(items):
    held = items.lock()
    with held as same:
        assert same is held


def nested_with_statements(items):
    with items.lock(), items.lock(0):
        pass


def lock_and_unlock(items):
    items.lock()
    try:
        pass
    finally:
        items.unlock()


# An interrupt behind `held = items.lock()`, or in a finally, is for the caller to mind, as with any lock.
@pytest.mark.parametrize("use", [with_statement, nested_with_statements])
def test_an_interrupt_at_any_instant_leaves_no_lock_behind(items, use):
    def handler(*_):
        raise InterruptedError

    before = signal.signal(signal.SIGALRM, handler)
    hits = 0
    try:
        with attached(items) as other:
            deadline = time.monotonic() + DEADLINE
            while hits < 2000 and time.monotonic() < deadline:
                try:
                    signal.setitimer(signal.ITIMER_REAL, random.uniform(5e-6, 3e-5))
                    while True:
                        use(items)
                except InterruptedError:
                    hits += 1
                with other.lock(0) as held:
                    assert held.owner_died is False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert hits == 2000


@pytest.mark.parametrize("use", [with_statement_of_an_object, lock_and_unlock])
def test_the_other_ways_to_use_the_lock_give_it_back(items, use):
    use(items)
    assert_free(items)


def test_an_exception_before_the_with_statement_gives_the_lock_back(items):
    with pytest.raises(ZeroDivisionError):
        with_statement((items.lock(), 1 / 0))
    assert_free(items)


def test_without_an_exception_the_lock_stays_until_unlock(items):
    try:
        raise LookupError
    except LookupError:
        items.lock()  # drops what lock gives, while an exception is being handled
    gc.collect()
    assert_taken(items)
    items.unlock()
    assert_free(items)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, LookupError])
def test_exceptions_inside_come_out_and_give_the_lock_back(items, error):
    with pytest.raises(error), items.lock(), items.lock():
        items[0] = 5
        raise error
    assert items[0] == 5
    assert_free(items)


# The object


def test_it_serves_one_with_statement(items):
    held = items.lock()
    with held:
        with pytest.raises(RuntimeError, match=r"lock\(\)"):
            held.__enter__()
    with pytest.raises(RuntimeError, match=r"lock\(\)"), held:
        raise AssertionError("no lock is held here")
    assert_free(items)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_duplicated(items, duplicate):
    with items.lock() as held, pytest.raises(TypeError, match="HeldLock"):
        duplicate(held)


def test_owner_died_cannot_be_set(items):
    with items.lock() as held, pytest.raises((AttributeError, TypeError)):
        held.owner_died = True


def test_unlock_inside_is_a_runtime_error_in_the_end(items):
    with pytest.raises(RuntimeError, match=items.shm.name), items.lock():
        items.unlock()
    assert_free(items)


def test_it_keeps_the_list_alive(make_list):
    with make_list([1]).lock() as held:
        gc.collect()
        assert held.owner_died is False


def test_a_cycle_through_it_is_collected(items):
    other = ShareableList(name=items.shm.name)
    other.held = other.lock()
    del other
    gc.collect()
    assert_free(items)


def test_neither_waiting_nor_failing_leaks(items):
    def fail():
        with pytest.raises(TimeoutError):
            items.lock(0)
        for timeout, error in ((-1, ValueError), ("1", TypeError)):
            with pytest.raises(error):
                items.lock(timeout)

    with attached(items) as other, other.lock():
        fail()
        before = sys.getrefcount(items), len(gc.get_objects())
        for _ in range(100):
            fail()
        gc.collect()
        after = sys.getrefcount(items), len(gc.get_objects())
    assert after[0] == before[0]
    assert after[1] - before[1] < 50


# Closing


@pytest.mark.parametrize("view", [False, True], ids=["", "with a view"])
def test_closing_inside_gives_the_lock_back(items, view):
    with attached(items) as other:
        buf = other.shm.buf[:8] if view else None
        with other.lock(), other.lock():
            other[0] = 5
            other.close()
            assert_free(items)
        assert items[0] == 5
        del buf


@pytest.mark.parametrize("view", [False, True], ids=["", "with a view"])
def test_a_list_that_is_collected_gives_the_lock_back(items, view):
    other = ShareableList(name=items.shm.name)
    buf = other.shm.buf[:8] if view else None
    other.lock()
    del other
    gc.collect()
    assert_free(items)
    del buf


def test_a_list_that_another_thread_closes_loses_the_lock(items):
    with attached(items) as other:
        with other.lock():
            with in_thread(other.close) as (_, results):
                pass
            assert results == [None]
        with items.lock(DEADLINE) as held:
            assert held.owner_died is True


# Threads


def test_a_thread_that_ends_does_not_leave_its_lock_to_the_next(items):
    with in_thread(lambda: items.lock() and None):
        pass
    with in_thread(lambda: items.lock(0)) as (_, results):
        pass
    assert isinstance(results[0], TimeoutError)
    with in_thread(items.unlock) as (_, results):
        pass
    assert isinstance(results[0], RuntimeError)


def test_a_generator_that_another_thread_ends_leaves_the_lock_to_the_first(items):
    def generator():
        with items.lock():
            yield

    suspended = generator()
    next(suspended)
    with in_thread(suspended.close) as (_, results):
        pass
    assert isinstance(results[0], RuntimeError) and "thread" in str(results[0])
    assert_taken(items)
    items.unlock()
    assert_free(items)


def test_threads_take_turns_through_one_object(items):
    inside, most = [], []

    def run():
        for _ in range(200):
            with items.lock(DEADLINE):
                inside.append(None)
                most.append(len(inside))
                time.sleep(0)  # lets others run
                inside.pop()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (800, 1)


# fork


@pytest.mark.parametrize("leave", [lambda: None, lambda: sys.exit(3)], ids=["by its end", "by sys.exit"])
def test_a_forked_child_that_leaves_the_with_statement_unlocks_nothing(items, leave):
    code = 0
    pid = None
    try:
        with items.lock():
            pid = os.fork()
            if pid == 0:
                leave()
            else:
                code = os.WEXITSTATUS(os.waitpid(pid, 0)[1])
                assert_taken(items)
    except BaseException as error:
        if pid != 0:
            raise
        os._exit(error.code if isinstance(error, SystemExit) else 99)
    if pid == 0:
        os._exit(3)
    assert code == 3
    assert_free(items)


def test_a_forked_child_takes_the_lock_for_itself(items):
    def child():
        with items.lock(DEADLINE):
            items.add(0)

    held = items.lock()
    pid = os.fork()
    if pid == 0:
        try:
            child()
            os._exit(0)
        finally:
            os._exit(1)
    items[0] = 41
    with held:
        pass
    assert os.waitpid(pid, 0)[1] == 0
    assert items[0] == 42
    in_child(child)
    assert items[0] == 43
