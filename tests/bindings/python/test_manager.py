"""polyshm.SharedMemoryManager: an owner of blocks, those who connect to it, and what it refuses."""

import copy
import multiprocessing
import os
import pickle

import pytest

from polyshm import ShareableList, SharedMemory, SharedMemoryManager

from conftest import DEADLINE, in_child, until


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


# Errors


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
