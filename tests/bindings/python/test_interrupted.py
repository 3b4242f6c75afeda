"""What ends a wait for the lock or a change: Ctrl-C, what a signal handler raises, closing; other signals do not."""

import signal
import time

import pytest

from conftest import DEADLINE, await_futex, in_thread, let_go, state, until


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
