"""SharedMemoryManager of polyshm and of multiprocessing.managers: every case, tried with both; and all signatures."""

import inspect
import pickle
from multiprocessing import ProcessError, managers, shared_memory

import pytest

import polyshm

from cases import DIFFERS, SINCE, Case, Raises, check, parametrize


def unstarted(use):
    return lambda side: use(side.Manager())


def started(use):
    def do(side):
        with side.Manager() as manager:
            return use(side, manager)

    return do


def ended(use):
    def do(side):
        manager = side.Manager()
        manager.start()
        manager.shutdown()
        return use(manager)

    return do


def created(side, manager):
    shm = side.keep(manager.SharedMemory(size=9))
    items = side.keep(manager.ShareableList(sequence=range(3)))
    return type(shm) is side.SharedMemory, shm.size, type(items) is side.ShareableList, list(items)


def what_stays(side, manager):
    """After the end, by an exception."""
    try:
        with side.Manager() as other:
            shm = side.keep(other.SharedMemory(4))
            shm.buf[0] = 7
            raise LookupError
    except LookupError:
        pass
    gone = []
    for use in (lambda: side.SharedMemory(shm.name), shm.unlink):
        try:
            use()
        except FileNotFoundError:
            gone.append(True)
    return gone, shm.buf[0]


def started_then_with(side):
    manager = side.Manager()
    manager.start()
    with manager as same:
        return same is manager


def connected(side, manager):
    other = side.Manager(manager.address)
    other.connect()
    shm = side.keep(other.SharedMemory(4))
    manager.shutdown()
    try:
        side.keep(side.SharedMemory(shm.name))
    except FileNotFoundError:
        return shm.size


def with_all_arguments(side):
    with side.Manager(None, b"key", "pickle", None) as manager:
        return list(side.keep(manager.ShareableList([1])))


def with_all_arguments_by_name(side):
    with side.Manager(address=None, authkey=b"key", serializer="pickle", ctx=None, shutdown_timeout=5) as manager:
        return list(side.keep(manager.ShareableList([1])))


def initialized(side):
    manager = side.Manager()
    manager.start(initializer=print, initargs=())
    manager.shutdown()


def derived(side):
    class Manager(side.Manager):
        def numbers(self, count):
            return self.ShareableList(range(count))

    with Manager() as manager:
        return list(side.keep(manager.numbers(3)))


def named(side, manager):
    return side.keep(manager.SharedMemory(1, name=side.name)).size


def registered(side):
    class Manager(side.Manager):
        pass

    Manager.register("Queue", list)


def joined(manager):
    manager.join()
    manager.join(1)


NO_SERVER = "there is no server process"

CASES = [
    Case("SharedMemory before start", unstarted(lambda manager: manager.SharedMemory(1)), Raises(ValueError)),
    Case("ShareableList before start", unstarted(lambda manager: manager.ShareableList([1])), Raises(ValueError)),
    Case("shutdown before start", unstarted(lambda manager: manager.shutdown()), Raises(ValueError),
         DIFFERS("AttributeError")),
    Case("SharedMemory(size=), ShareableList(sequence=)", started(created), (True, 9, True, [0, 1, 2])),
    Case("SharedMemory(0)", started(lambda side, manager: manager.SharedMemory(0)), Raises(ValueError)),
    Case("SharedMemory(-1)", started(lambda side, manager: manager.SharedMemory(-1)), Raises(ValueError)),
    Case("SharedMemory()", started(lambda side, manager: manager.SharedMemory()), Raises(TypeError)),
    Case("SharedMemory(1, name=)", started(named), 1, DIFFERS("TypeError")),
    Case("ShareableList(None)", started(lambda side, manager: list(side.keep(manager.ShareableList(None)))), []),
    Case("ShareableList([[]])", started(lambda side, manager: manager.ShareableList([[]])), Raises(KeyError)),
    Case("ShareableList()", started(lambda side, manager: manager.ShareableList()), Raises(TypeError)),
    Case("start twice", started(lambda side, manager: manager.start()), Raises(ProcessError)),
    Case("start after shutdown", ended(lambda manager: manager.start()), Raises(ProcessError)),
    Case("shutdown twice", ended(lambda manager: manager.shutdown()), None),
    Case("join after shutdown", ended(joined), None),
    Case("SharedMemory after shutdown", ended(lambda manager: manager.SharedMemory(1)), Raises(FileNotFoundError)),
    Case("ShareableList after shutdown", ended(lambda manager: manager.ShareableList([1])), Raises(FileNotFoundError)),
    Case("the end of with, by an exception", started(what_stays), ([True, True], 7)),
    Case("started, then with", started_then_with, True),
    Case("a second manager, connect() to the first", started(connected), 4),
    Case("pickle", started(lambda side, manager: pickle.dumps(manager)), Raises(TypeError)),
    Case("all arguments by position", with_all_arguments, [1]),
    Case("all arguments by name", with_all_arguments_by_name, [1], SINCE(11, "no shutdown_timeout")),
    Case("a derived class", derived, [0, 1, 2]),
    # What a server process is needed for is refused.
    Case("start(initializer)", initialized, Raises(NotImplementedError), DIFFERS(NO_SERVER)),
    Case("get_server", unstarted(lambda manager: bool(manager.get_server())), Raises(NotImplementedError),
         DIFFERS(NO_SERVER)),
    Case("register", registered, Raises(NotImplementedError), DIFFERS(NO_SERVER)),
    Case("address ('localhost', 0)", lambda side: bool(side.Manager(("localhost", 0))), Raises(TypeError),
         DIFFERS(NO_SERVER)),
    Case("address '/tmp/socket'", lambda side: bool(side.Manager("/tmp/socket")), Raises(ValueError),
         DIFFERS(NO_SERVER)),
]


@parametrize(CASES)
def test_case(case, name, monkeypatch):
    check(case, name, monkeypatch)


@pytest.mark.parametrize(
    "refuse",
    [
        lambda: polyshm.SharedMemoryManager().start(print),
        lambda: polyshm.SharedMemoryManager().get_server(),
        lambda: polyshm.SharedMemoryManager.register("Queue", list, exposed=("put",)),
    ],
)
def test_a_refusal_tells_its_reason(refuse):
    with pytest.raises(NotImplementedError, match="no server"):
        refuse()


# Signatures


CLASSES = [
    (shared_memory.SharedMemory, polyshm.SharedMemory),
    (shared_memory.ShareableList, polyshm.ShareableList),
    (managers.SharedMemoryManager, polyshm.SharedMemoryManager),
]


SPECIAL = {"__init__", "__getitem__", "__setitem__", "__len__", "__class_getitem__", "__enter__", "__exit__"}
MEMBERS = [
    (stock, ours, name)
    for stock, ours in CLASSES
    for name in dir(stock)
    if name[0] != "_" or (name in SPECIAL and (name == "__init__" or not hasattr(object, name)))
]


def positional(parameters):
    return [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]


@pytest.mark.parametrize("stock, ours, name", MEMBERS, ids=lambda value: getattr(value, "__name__", value))
def test_what_it_has_is_here_and_takes_what_it_takes(stock, ours, name):
    theirs, own = getattr(stock, name), getattr(ours, name)
    assert callable(theirs) == callable(own)
    if name == "__exit__" or not inspect.isfunction(theirs) or not inspect.isfunction(own):
        return  # a property, or a method in C, which the cases call
    theirs, own = (list(inspect.signature(method).parameters.values()) for method in (theirs, own))
    if any(one.kind == one.VAR_POSITIONAL for one in theirs):
        theirs = list(inspect.signature(managers.BaseManager.__init__).parameters.values())
    expected, found = positional(theirs), positional(own)
    assert [(one.name, one.default) for one in found[: len(expected)]] == [(one.name, one.default) for one in expected]
    options = {one.name: one.default for one in own if one.kind == one.KEYWORD_ONLY}
    for one in theirs:
        if one.kind == one.KEYWORD_ONLY:
            assert options[one.name] == one.default
