"""The life of a SharedMemoryManager: how it starts, how it ends, and that its blocks go with it, whoever was killed."""

import gc
import multiprocessing
import signal
import threading

import pytest

from polyshm import SharedMemory, SharedMemoryManager

from conftest import DEADLINE, in_thread, state, until

CALLS = {
    "SharedMemory": lambda manager: manager.SharedMemory(1),
    "ShareableList": lambda manager: manager.ShareableList([1]),
    "adopt": lambda manager: manager.adopt("t_python_none"),
    "release": lambda manager: manager.release("t_python_none"),
    "names": lambda manager: manager.names(),
}

every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())

# A process that owns a manager, and tells its address; it ends when its parent says so, in its own way.
OWNER = """
import os, signal, sys
from polyshm import *
manager = SharedMemoryManager()
manager.start()
kept = manager.SharedMemory(8, name=sys.argv[1])
print(manager.address, flush=True)
sys.stdin.readline()
{end}
"""


@pytest.fixture
def start_owner(start_child, name):
    def start(end=""):
        owner = start_child(OWNER.format(end=end), name)
        return owner, owner.stdout.readline().strip()

    return start


# Starting


@every_call
def test_before_it_is_started_every_call_is_a_value_error(call):
    with pytest.raises(ValueError, match="not started"):
        call(SharedMemoryManager("address"))


@pytest.mark.parametrize("method", ["shutdown", "join"])
def test_what_was_not_started_cannot_end(method):
    with pytest.raises(ValueError, match="not started"):
        getattr(SharedMemoryManager(), method)()


def test_a_manager_starts_once(connect):
    with SharedMemoryManager() as manager:
        for one in (manager, connect(manager)):
            with pytest.raises(multiprocessing.ProcessError, match="Already started server"):
                one.start()
    for again in (manager.start, manager.__enter__):
        with pytest.raises(multiprocessing.ProcessError, match="Manager has shut down"):
            again()


def test_an_address_serves_one_manager_at_a_time(name):
    for _ in range(2):
        with SharedMemoryManager(name) as manager:
            assert manager.address == name
            with pytest.raises(FileExistsError, match="connect to it"):
                SharedMemoryManager(name).start()


@pytest.mark.parametrize("folder", ["/nonexistent", "/proc"])
def test_without_a_folder_no_manager_starts(monkeypatch, folder):
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    with pytest.raises(OSError, match="XDG_RUNTIME_DIR"):
        SharedMemoryManager().start()


def test_without_the_helpers_program_no_manager_starts(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("POLYSHM_COMMAND", "/nonexistent")
    with pytest.raises(OSError, match="POLYSHM_COMMAND"):
        SharedMemoryManager().start()
    assert [path.name for path in (tmp_path / "polyshm").iterdir()] == ["helper"]


# Ending


def test_an_exception_ends_it_as_well(name):
    with pytest.raises(LookupError):
        with SharedMemoryManager() as manager:
            manager.SharedMemory(1, name=name)
            raise LookupError
    assert not SharedMemory.exists(name)


def test_a_with_statement_takes_one_that_was_started(name):
    manager = SharedMemoryManager()
    manager.start()
    with manager as same:
        assert same is manager
        manager.SharedMemory(1, name=name)
    assert not SharedMemory.exists(name)


def test_shutting_down_again_is_fine(name):
    manager = SharedMemoryManager()
    manager.start()
    manager.SharedMemory(1, name=name)
    manager.shutdown()
    manager.shutdown()
    manager.join()
    assert not SharedMemory.exists(name)


def test_collecting_it_ends_it(name):
    manager = SharedMemoryManager()
    manager.start()
    manager.SharedMemory(1, name=name)
    manager.itself = manager
    del manager
    gc.collect()
    assert not SharedMemory.exists(name)


@every_call
def test_after_its_end_every_call_is_a_file_not_found_error(connect, call):
    with SharedMemoryManager() as manager:
        other = connect(manager)
    for one in (manager, other):
        with pytest.raises(FileNotFoundError):
            call(one)


def test_a_block_that_exists_cannot_be_released_from_a_manager_that_has_ended(connect, segment):
    with SharedMemoryManager() as manager:
        other = connect(manager)
    with pytest.raises(FileNotFoundError, match="has shut down"):
        other.release(segment.name)


def test_a_connected_object_that_is_closed_leaves_the_manager_as_it_is(manager, connect, name):
    other = connect(manager)
    assert (other.owner, other.closed) == (False, False)
    other.SharedMemory(1, name=name)
    other.close()
    other.close()
    assert (other.owner, other.closed) == (False, True)
    with pytest.raises(FileNotFoundError):
        other.names()
    assert (manager.names(), manager.owner, manager.closed) == ([name], True, False)
    other.connect()
    assert (other.closed, other.names()) == (False, [name])


@pytest.mark.parametrize("end", ["close", "shutdown"])
def test_the_owner_that_is_closed_or_shut_down_is_closed_and_owns_nothing(end, name):
    manager = SharedMemoryManager()
    assert (manager.owner, manager.closed) == (False, False)
    with pytest.raises(ValueError, match="not started"):
        manager.close()
    manager.start()
    manager.SharedMemory(1, name=name)
    assert (manager.owner, manager.closed) == (True, False)
    getattr(manager, end)()
    manager.close()
    assert (manager.owner, manager.closed) == (False, True)
    assert not SharedMemory.exists(name)
    with pytest.raises(multiprocessing.ProcessError, match="has shut down"):
        manager.start()


# Blocks that the standard library's managers leave behind


def test_a_block_that_somebody_unlinked_is_no_trouble_to_the_rest(run_child, new_name):
    names = [new_name() for _ in range(3)]
    run_child(
        "import sys, polyshm\n"
        "with polyshm.SharedMemoryManager() as manager:\n"
        "    blocks = [manager.SharedMemory(1, name=name) for name in sys.argv[1:]]\n"
        "    polyshm.SharedMemory(sys.argv[2]).unlink()\n"
        "assert not any(map(polyshm.SharedMemory.exists, sys.argv[1:]))\n",
        *names,
    )


ENDS = {
    "returns": "",
    "exits": "sys.exit(3)",
    "raises": "raise LookupError",
    "_exits": "os._exit(0)",
    "is terminated": "os.kill(os.getpid(), signal.SIGTERM)",
    "is killed": "os.kill(os.getpid(), signal.SIGKILL)",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_everything_goes_however_the_owner_ends(start_owner, connect, new_name, name, end):
    other = new_name()
    owner, address = start_owner(end)
    manager = connect(address)
    with SharedMemory(name), manager.SharedMemory(1, name=other):  # being attached to keeps nothing
        owner.communicate("\n", timeout=DEADLINE)
        until(lambda: not SharedMemory.exists(name) and not SharedMemory.exists(other))
    manager.join(DEADLINE)
    for call in CALLS.values():
        with pytest.raises(FileNotFoundError):
            call(manager)
    with pytest.raises(FileNotFoundError, match="no manager is at the address"):
        connect(address)


def test_everything_goes_when_the_owner_becomes_another_program(start_owner, name):
    owner, _ = start_owner("os.execv('/bin/sh', ['sh', '-c', 'echo new; read line'])")
    owner.stdin.write("\n")
    owner.stdin.flush()
    assert owner.stdout.readline() == "new\n"
    until(lambda: not SharedMemory.exists(name))
    assert owner.poll() is None


def test_ctrl_c_ends_it_as_any_exception(start_child, name):
    child = start_child(
        "import sys, polyshm\n"
        "with polyshm.SharedMemoryManager() as manager:\n"
        "    manager.SharedMemory(1, name=sys.argv[1])\n"
        "    print('joining', flush=True)\n"
        "    manager.join()\n",
        name,
    )
    assert child.stdout.readline() == "joining\n"
    until(lambda: state(child.pid) == "S")
    child.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in child.communicate(timeout=DEADLINE)[1]
    assert not SharedMemory.exists(name)


def test_a_killed_helper_is_replaced(start_owner, connect, name, new_name, runtime):
    other = new_name()
    owner, address = start_owner()
    runtime.kill_helper()
    connect(address).SharedMemory(1, name=other).close()
    owner.kill()
    owner.communicate(timeout=DEADLINE)
    until(lambda: not SharedMemory.exists(name) and not SharedMemory.exists(other))


def test_what_was_left_when_all_were_killed_goes_with_the_next_manager(start_owner, name, runtime):
    owner, address = start_owner()
    runtime.kill_helper()
    owner.kill()
    owner.communicate(timeout=DEADLINE)
    assert SharedMemory.exists(name)
    with SharedMemoryManager(address):
        until(lambda: not SharedMemory.exists(name))


# Threads


def test_joining_lets_other_threads_run_and_ends_with_the_manager(connect):
    manager = SharedMemoryManager()
    manager.start()
    other = connect(manager)
    with in_thread(other.join) as (thread, results):
        assert thread.is_alive()
        manager.shutdown()
    assert results == [None]


@pytest.mark.parametrize(
    "timeout, error", [(0, TimeoutError), (0.05, TimeoutError), (-1, ValueError), ("1", TypeError)]
)
def test_joining_takes_its_time(manager, connect, timeout, error):
    for one in (manager, connect(manager)):
        with pytest.raises(error):
            one.join(timeout)


def test_signals_do_not_make_it_longer(manager, on_alarm):
    on_alarm(lambda *_: None)
    with pytest.raises(TimeoutError):
        manager.join(0.1)


def test_a_manager_may_be_shut_down_under_the_threads_that_create(new_name):
    for _ in range(20):
        manager = SharedMemoryManager()
        manager.start()
        started = threading.Barrier(3)

        def create():
            started.wait(DEADLINE)
            made = []
            with pytest.raises(FileNotFoundError):
                while True:
                    made.append(new_name())
                    manager.SharedMemory(1, name=made[-1]).close()
            return made

        with in_thread(create) as (_, first), in_thread(create) as (_, second):
            started.wait(DEADLINE)
            with in_thread(manager.shutdown) as (_, third):
                manager.shutdown()
        assert third == [None]
        assert not any(map(SharedMemory.exists, first[0] + second[0]))


def test_of_threads_that_start_it_at_once_one_does():
    manager = SharedMemoryManager()
    started = threading.Barrier(4)

    def start():
        started.wait(DEADLINE)
        manager.start()

    with in_thread(start) as (_, a), in_thread(start) as (_, b), in_thread(start) as (_, c), in_thread(start) as (_, d):
        pass
    assert sorted(str(result) for (result,) in (a, b, c, d)) == ["Already started server"] * 3 + ["None"]
    manager.shutdown()
