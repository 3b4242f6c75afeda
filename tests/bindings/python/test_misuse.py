"""No misuse crashes the interpreter: what is not there, or not yet, is an exception."""

import pytest

from polyshm import ShareableList, SharedMemory, _polyshm

from conftest import DEADLINE


class LazyMemory(SharedMemory):
    """Does not call its parent's __init__."""

    def __init__(self):
        pass


class LazyList(ShareableList):
    def __init__(self):
        pass


SEGMENT_USES = [
    repr,
    lambda shm: shm.name,
    lambda shm: shm.size,
    lambda shm: shm.buf,
    lambda shm: shm.readonly,
    lambda shm: shm.closed,
    lambda shm: shm.read(0, 1),
    lambda shm: shm.write(0, b""),
    lambda shm: shm.close(),
    lambda shm: shm.unlink(),
    lambda shm: shm.__reduce__(),
]

LIST_USES = [
    repr,
    len,
    iter,
    lambda items: items[0],
    lambda items: items[-1],
    lambda items: items[:],
    lambda items: items.__setitem__(0, 1),
    lambda items: items.__setitem__(slice(None), []),
    lambda items: 1 in items,
    lambda items: items.count(1),
    lambda items: items.index(1),
    lambda items: items.type(0),
    lambda items: items.format,
    lambda items: items.shm,
    lambda items: items.closed,
    lambda items: items.close(),
    lambda items: items.unlink(),
    lambda items: items.__reduce__(),
]


@pytest.mark.parametrize("make", [LazyMemory, lambda: SharedMemory.__new__(SharedMemory)])
@pytest.mark.parametrize("use", SEGMENT_USES)
def test_a_segment_that_was_not_initialised_is_a_value_error_to_use(make, use):
    with pytest.raises(ValueError, match="not initialised"):
        use(make())


@pytest.mark.parametrize("make", [LazyList, lambda: ShareableList.__new__(ShareableList)])
@pytest.mark.parametrize("use", LIST_USES)
def test_a_list_that_was_not_initialised_is_a_value_error_to_use(make, use):
    with pytest.raises(ValueError, match="not initialised"):
        use(make())


def test_initialising_again_is_a_runtime_error_and_changes_nothing(segment, make_list, name):
    items = make_list([1])
    for again in (
        lambda: segment.__init__(name + "x", create=True, size=1),
        lambda: segment.__init__(segment.name),
        lambda: items.__init__([2], name=name + "x"),
        lambda: items.__init__(name=items.shm.name),
    ):
        with pytest.raises(RuntimeError, match="initialised already"):
            again()
    assert (segment.size, list(items)) == (16, [1])
    assert not SharedMemory.exists(name + "x")


def test_a_failed_init_may_be_repeated(name):
    shm = SharedMemory.__new__(SharedMemory)
    with pytest.raises(FileNotFoundError):
        shm.__init__(name)
    shm.__init__(name, create=True, size=1)
    assert shm.size == 1


@pytest.mark.parametrize("other", [5, None, "text", [], object(), SharedMemory.__new__(SharedMemory)])
def test_methods_refuse_what_is_no_list(other):
    for method in ("__getitem__", "__len__", "__iter__", "_count", "_close"):
        with pytest.raises(TypeError):
            getattr(_polyshm.ShareableList, method)(other, *([0] if method in ("__getitem__", "_count") else []))


def test_the_types_underneath_cannot_be_made_directly():
    for hidden in (_polyshm.SharedMemory, _polyshm.ShareableList):
        with pytest.raises(TypeError):
            hidden()


def test_inner_types_cannot_be_made_at_all(segment, items):
    with items.lock() as held:
        for inner in (segment.buf.obj, iter(items), held):
            with pytest.raises(TypeError, match="cannot create"):
                type(inner)()


@pytest.mark.parametrize("other", [5, None, object(), ShareableList.__new__(ShareableList), SharedMemory])
def test_a_handle_goes_into_an_object_of_its_type_only(segment, name, other):
    with pytest.raises(TypeError):
        _polyshm.SharedMemory._attach(segment.name, 0, 0, other)
    with pytest.raises(TypeError):
        _polyshm.SharedMemory._create(name + "x", 1, 0o600, 0, other)
    assert not SharedMemory.exists(name + "x")


@pytest.mark.parametrize("kind", [SharedMemory, ShareableList])
def test_what_is_initialised_while_it_waits_for_its_block_stays_as_it_is(make_list, name, on_alarm, kind):
    once, first, handle = iter([True]), make_list([1]), kind.__new__(kind)

    def meanwhile(*_):
        if next(once, False):
            handle.__init__(name=first.shm.name)
            ShareableList([2], name=name).close()

    on_alarm(meanwhile)
    with pytest.raises(RuntimeError, match="initialised already"):
        handle.__init__(name=name, timeout=DEADLINE)
    assert getattr(handle, "shm", handle).name == first.shm.name
    assert not SharedMemory.attached(name)
    SharedMemory(name).unlink()


def test_swig_leaves_no_way_to_the_pointer(segment, make_list):
    for handle in (segment, make_list([1])):
        for name in ("this", "thisown", "own", "disown", "acquire", "append", "next", "__int__"):
            assert not hasattr(handle, name)
