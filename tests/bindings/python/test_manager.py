"""polyshm.SharedMemoryManager: an owner of blocks, and those who connect to it."""

import copy
import gc
import multiprocessing
import os
import pickle
import signal
import threading

import pytest

from polyshm import ShareableList, SharedMemory, SharedMemoryManager

from conftest import DEADLINE, in_child, in_thread, state, until

CALLS = {
    "SharedMemory": lambda manager: manager.SharedMemory(1),
    "ShareableList": lambda manager: manager.ShareableList([1]),
    "adopt": lambda manager: manager.adopt("t_python_none"),
    "release": lambda manager: manager.release("t_python_none"),
    "names": lambda manager: manager.names(),
}

every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


@pytest.fixture
def manager():
    with SharedMemoryManager() as started:
        yield started


@pytest.fixture
def connect():
    """Gives a manager that is connected to another."""

    def do(to, authkey=None):
        manager = SharedMemoryManager(getattr(to, "address", to), authkey)
        manager.connect()
        return manager

    return do


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


# Owning


def test_what_is_created_through_a_manager_goes_with_it(new_name):
    first, second = new_name(), new_name()
    with SharedMemoryManager() as manager:
        shm = manager.SharedMemory(16, name=first, mode=0o640, sparse=True)
        items = manager.ShareableList([1, "two"], name=second, spare=8)
        assert (type(shm), shm.size, shm.name) == (SharedMemory, 16, first)
        assert (type(items), list(items), items.shm.name) == (ShareableList, [1, "two"], second)
        assert sorted(manager.names()) == [first, second]
    assert not SharedMemory.exists(first) and not SharedMemory.exists(second)
    shm.buf[0], items[1] = 7, "longer"  # who is attached stays attached
    assert (shm.read(0, 1), items[1]) == (b"\7", "longer")
    with pytest.raises(FileNotFoundError):
        shm.unlink()
    shm.close()
    items.close()


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


def test_it_adopts_and_releases_blocks(manager, new_name):
    stays, goes = new_name(), new_name()
    SharedMemory(goes, create=True, size=1).close()
    manager.SharedMemory(1, name=stays).close()
    manager.adopt(goes)
    manager.adopt(goes)
    manager.release(stays)
    assert set(manager.names()) == {goes}
    manager.shutdown()
    assert SharedMemory.exists(stays) and not SharedMemory.exists(goes)


def test_it_releases_only_what_it_owns(manager, segment):
    with pytest.raises(ValueError, match=f"does not own block '{segment.name}'"):
        manager.release(segment.name)
    for call in (manager.adopt, manager.release):
        with pytest.raises(FileNotFoundError):
            call(segment.name + "x")


def test_it_names_many_blocks(manager, new_name):
    names = [new_name() for _ in range(300)]
    for name in names:
        manager.SharedMemory(1, name=name).close()
    assert sorted(manager.names()) == sorted(names)


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


# Connecting


def test_who_connects_creates_what_the_owner_owns(manager, connect, name):
    other = connect(manager)
    other.ShareableList([5], name=name).close()
    assert manager.names() == other.names() == [name]
    assert other.address == manager.address
    del other
    assert SharedMemory.exists(name)
    manager.shutdown()
    assert not SharedMemory.exists(name)


def test_another_process_connects(manager, run_child, name):
    output = run_child(
        "import sys, polyshm\n"
        "manager = polyshm.SharedMemoryManager(sys.argv[1], b'')\n"
        "manager.connect()\n"
        "with manager: print(manager.ShareableList([1], name=sys.argv[2]).shm.name)\n",
        manager.address,
        name,
    )
    assert output.strip() == name
    assert manager.names() == [name]


def create_through(address, name):
    manager = SharedMemoryManager(address)
    manager.connect()
    manager.ShareableList([1], name=name)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_connect(manager, name, method):
    child = multiprocessing.get_context(method).Process(target=create_through, args=(manager.address, name))
    child.start()
    child.join(DEADLINE)
    assert child.exitcode == 0
    assert manager.names() == [name]


def test_a_child_of_fork_creates_but_does_not_own(manager, new_name):
    name, its = new_name(), new_name()
    manager.SharedMemory(1, name=name).close()

    def child():
        assert manager.names() == [name]
        assert "connected" in repr(manager)
        with manager:
            manager.SharedMemory(1, name=its)
        with pytest.raises(FileNotFoundError):
            manager.names()

    def careless_child():
        with pytest.raises(RuntimeError, match="was started by another process"):
            manager.shutdown()

    in_child(child)
    in_child(careless_child)
    assert sorted(manager.names()) == [name, its]


def test_a_child_of_fork_that_exits_shuts_nothing_down(run_child, name):
    run_child(
        "import os, sys, polyshm\n"
        "manager = polyshm.SharedMemoryManager()\n"
        "manager.start()\n"
        "manager.SharedMemory(1, name=sys.argv[1])\n"
        "child = os.fork()\n"
        "if child == 0: sys.exit()\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "assert polyshm.SharedMemory.exists(sys.argv[1]) and manager.names() == [sys.argv[1]]\n",
        name,
    )
    until(lambda: not SharedMemory.exists(name))


def test_a_connected_manager_only_disconnects(manager, connect):
    other = connect(manager)
    with pytest.raises(RuntimeError, match="was started by another process"):
        other.shutdown()
    with other:
        pass
    with pytest.raises(FileNotFoundError):
        other.names()
    assert manager.names() == []
    other.connect()
    assert other.names() == []


def test_connecting_again_joins_whatever_manager_is_there_now(connect, name):
    with SharedMemoryManager(name) as first:
        other = connect(name)
        first.connect()  # it is there, and stays the owner
    with pytest.raises(FileNotFoundError):
        other.connect()
    with SharedMemoryManager(name) as second:
        other.connect()
        first.connect()
        other.SharedMemory(1, name=name).close()
        assert first.names() == second.names() == [name]
        assert "connected" in repr(first)


@pytest.mark.parametrize("authkey", [b"secret", b"\0", b"k" * 255])
def test_the_authkey_is_asked_for(connect, authkey):
    with SharedMemoryManager(authkey=authkey) as manager:
        assert connect(manager, bytearray(authkey)).names() == []
        for other in (None, b"", b"other", authkey[:-1], b"k" * 254):
            with pytest.raises(multiprocessing.AuthenticationError, match="another authkey"):
                connect(manager, other)


def test_a_manager_without_an_authkey_takes_none(manager, connect):
    assert connect(manager, b"").names() == []
    with pytest.raises(multiprocessing.AuthenticationError):
        connect(manager, b"key")


# States and errors


@every_call
def test_before_it_is_started_every_call_is_a_value_error(call):
    with pytest.raises(ValueError, match="not started"):
        call(SharedMemoryManager("address"))


@pytest.mark.parametrize("method", ["shutdown", "join"])
def test_what_was_not_started_cannot_end(method):
    with pytest.raises(ValueError, match="not started"):
        getattr(SharedMemoryManager(), method)()


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


@pytest.mark.parametrize("address", ["/tmp/socket", "a/b", "/"])
def test_a_path_is_no_address(address):
    with pytest.raises(ValueError, match="a name without '/', no path and no pair"):
        SharedMemoryManager(address)


@pytest.mark.parametrize("address", [("localhost", 5000), b"name", 5])
def test_an_address_is_a_str(address):
    with pytest.raises(TypeError, match="a name without '/', no path and no pair"):
        SharedMemoryManager(address)


@pytest.mark.parametrize("address, error", [("", OSError), (".", OSError), ("n" * 251, OSError), ("a\0b", ValueError)])
@pytest.mark.parametrize("method", ["start", "connect"])
def test_a_name_that_is_none_is_no_address(address, error, method):
    with pytest.raises(error):
        getattr(SharedMemoryManager(address), method)()


def test_connecting_needs_an_address():
    with pytest.raises(ValueError, match="address"):
        SharedMemoryManager().connect()


def test_connecting_to_what_is_no_manager_is_a_value_error(connect, runtime):
    (tracked,) = runtime.own
    with pytest.raises(ValueError, match="is no manager's"):
        connect(tracked)


@pytest.mark.parametrize("authkey, error", [("text", TypeError), (5, TypeError), (b"k" * 256, ValueError)])
def test_an_authkey_is_up_to_255_bytes(authkey, error):
    with pytest.raises(error, match="bytes"):
        SharedMemoryManager(authkey=authkey).start()


def test_there_is_no_server():
    with pytest.raises(NotImplementedError, match="server process"):
        SharedMemoryManager().start(print)
    with pytest.raises(NotImplementedError, match="no server"):
        SharedMemoryManager().get_server()


@pytest.mark.parametrize(
    "create, error",
    [
        (lambda manager: manager.SharedMemory(0), ValueError),
        (lambda manager: manager.SharedMemory(-1), ValueError),
        (lambda manager: manager.SharedMemory(1.5), TypeError),
        (lambda manager: manager.SharedMemory(), TypeError),
        (lambda manager: manager.SharedMemory(2**62), OSError),
        (lambda manager: manager.SharedMemory(1, mode=-1), ValueError),
        (lambda manager: manager.SharedMemory(1, name="a/b"), OSError),
        (lambda manager: manager.SharedMemory(1, track=False), TypeError),
        (lambda manager: manager.ShareableList(), TypeError),
        (lambda manager: manager.ShareableList([[]]), TypeError),
        (lambda manager: manager.ShareableList([2**63]), OverflowError),
    ],
)
def test_what_cannot_be_created_is_not_owned(manager, create, error):
    with pytest.raises(error):
        create(manager)
    assert manager.names() == []


def test_a_name_that_is_taken_is_a_file_exists_error_and_stays(manager, segment):
    with pytest.raises(FileExistsError):
        manager.SharedMemory(1, name=segment.name)
    manager.shutdown()
    assert SharedMemory.exists(segment.name)


def test_a_list_of_none_is_empty(manager):
    with manager.ShareableList(None) as items:
        assert list(items) == []


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


# Closing


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


# As an object


def test_the_representation_tells_the_address_and_the_state(name, connect):
    manager = SharedMemoryManager(name)
    assert repr(manager) == f"SharedMemoryManager({name!r}, not started)"
    with manager:
        assert repr(manager) == f"SharedMemoryManager({name!r}, started)"
        assert repr(connect(name)) == f"SharedMemoryManager({name!r}, connected)"
    assert repr(manager) == f"SharedMemoryManager({name!r}, ended)"


def test_a_fresh_address_is_made_at_the_start():
    manager = SharedMemoryManager()
    assert manager.address is None
    with manager:
        assert manager.address.startswith("manager-")
    assert manager.address.startswith("manager-")
    with pytest.raises(AttributeError):
        manager.address = "other"


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_manager_cannot_be_pickled(manager, duplicate):
    for one in (manager, SharedMemoryManager(authkey=b"secret")):
        with pytest.raises(TypeError, match="cannot be pickled"):
            duplicate(one)


def test_what_a_manager_made_can_be_pickled(manager, name):
    items = manager.ShareableList([1], name=name)
    with pickle.loads(pickle.dumps(items)) as other, pickle.loads(pickle.dumps(items.shm)) as shm:
        assert (list(other), shm.name) == ([1], name)
    items.close()


def test_no_descriptor_stays_behind(connect):
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(20):
        with SharedMemoryManager() as manager:
            connect(manager).SharedMemory(1).close()
    assert set(os.listdir("/proc/self/fd")) == before


def test_the_public_names_are_documented():
    public = [SharedMemoryManager, *(value for name, value in vars(SharedMemoryManager).items() if name[0] != "_")]
    assert all(one.__doc__ for one in public)
