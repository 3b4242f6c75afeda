"""Waiting for a block to appear: other threads run, and signals are heard."""

import math
import os
import signal
import threading
import time

import pytest

from polyshm import ShareableList, SharedMemory

from conftest import DEADLINE, in_thread, state, until

ATTACH = [
    lambda name, timeout: SharedMemory(name, timeout=timeout),
    lambda name, timeout: ShareableList(name=name, timeout=timeout),
]

VERSION = 64 + 2176  # where that of the one item of a list of one number is (abi/LAYOUT.md)


@pytest.mark.parametrize("attach", ATTACH)
def test_a_block_that_does_not_appear_is_a_timeout_error(name, attach):
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=name):
        attach(name, 0.05)
    assert time.monotonic() - start >= 0.05


@pytest.mark.parametrize("attach", ATTACH)
@pytest.mark.parametrize("timeout", [DEADLINE, math.inf, None])
def test_other_threads_run_while_one_waits(name, attach, timeout):
    made = []
    thread = threading.Thread(target=lambda: made.append(ShareableList([1, 2], name=name)))
    starter = threading.Timer(0.05, thread.start)
    starter.start()
    with attach(name, timeout) as found:
        assert not found.closed
    starter.join()
    thread.join()
    made[0].close()


@pytest.mark.parametrize("attach", ATTACH)
@pytest.mark.parametrize("timeout", [-1, -0.001, math.nan, -math.inf])
def test_a_time_that_is_none_is_a_value_error(name, attach, timeout):
    with pytest.raises(ValueError, match="timeout"):
        attach(name, timeout)


@pytest.mark.parametrize("attach", ATTACH)
def test_a_timeout_is_a_number(name, attach):
    with pytest.raises(TypeError):
        attach(name, "1")


WAITING_CHILD = """
import sys, polyshm
print("ready", flush=True)
try:
    polyshm.{attach}
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    "attach", ["SharedMemory(sys.argv[1], timeout=600)", "ShareableList(name=sys.argv[1], timeout=None)"]
)
def test_ctrl_c_ends_the_wait(start_child, name, attach):
    child = start_child(WAITING_CHILD.format(attach=attach), name)
    assert child.stdout.readline() == "ready\n"
    until(lambda: state(child.pid) == "S")
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=DEADLINE) == ("interrupted\n", "")


SNAPSHOT_CHILD = """
import sys, polyshm
items = polyshm.ShareableList(name=sys.argv[1], readonly=True)
items.timeout = None
try:
    print("ready", flush=True)
    items.snapshot()
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_ends_a_read_only_snapshot_of_a_list_that_is_always_written(start_child, name):
    with ShareableList([1], name=name) as items:
        items.shm.buf[VERSION] = 1  # odd: somebody is writing the item
        child = start_child(SNAPSHOT_CHILD, name)
        assert child.stdout.readline() == "ready\n"
        until(lambda: state(child.pid) == "S")
        child.send_signal(signal.SIGINT)
        assert child.communicate(timeout=DEADLINE) == ("interrupted\n", "")
        items.unlink()


def test_a_read_only_snapshot_gives_up_after_the_lists_timeout(name):
    with ShareableList([1], name=name) as items, ShareableList(name=name, readonly=True) as reader:
        items.shm.buf[VERSION] = 1
        for reader.timeout in (0, 0.2):
            with pytest.raises(TimeoutError):
                reader.snapshot()
        reader.timeout = None
        with in_thread(reader.snapshot) as (_, result):
            items.shm.buf[VERSION] = 2
        assert result == [([1], 0)]
        items.unlink()


@pytest.mark.parametrize("attach", ATTACH)
def test_what_a_signal_handler_raises_ends_the_wait(name, attach, on_alarm):
    def handler(*_):
        signal.setitimer(signal.ITIMER_REAL, 0)  # a second one could come when nobody expects it any more
        raise LookupError("from the handler")

    with pytest.raises(LookupError, match="from the handler"):
        on_alarm(handler)
        attach(name, None)


@pytest.mark.parametrize("attach", ATTACH)
def test_the_wait_goes_on_after_a_signal_handler_that_raises_nothing(name, attach, on_alarm):
    made = []

    def handler(*_):
        made.append(None)
        if len(made) == 5:
            made.append(ShareableList([1, 2], name=name))

    on_alarm(handler)
    with attach(name, DEADLINE) as found:
        assert not found.closed
    signal.setitimer(signal.ITIMER_REAL, 0)
    made[5].close()


@pytest.mark.parametrize("attach", ATTACH)
def test_signals_do_not_make_the_wait_longer(name, attach, on_alarm):
    on_alarm(lambda *_: None)
    with pytest.raises(TimeoutError):
        attach(name, 0.1)


@pytest.mark.parametrize("timeout", [0, 0.1])
@pytest.mark.parametrize("attach", ATTACH)
def test_signals_do_not_make_the_wait_for_the_size_of_a_block_endless(name, attach, timeout, on_alarm):
    os.close(os.open(f"/dev/shm/{name}", os.O_CREAT, 0o600))
    on_alarm(lambda *_: None)
    with pytest.raises((ValueError, InterruptedError)):
        attach(name, timeout)
