"""SharedMemory.buf and the views of it: they never dangle, whatever goes first."""

import array
import ctypes
import gc
import itertools
import pickle
import struct

import pytest

from polyshm import ShareableList, SharedMemory


def test_buf_is_a_writable_memoryview_of_unsigned_bytes(segment):
    view = segment.buf
    assert type(view) is memoryview
    assert (view.format, view.itemsize, view.ndim, view.nbytes, view.readonly) == ("B", 1, 1, 16, False)
    view[:4] = b"abcd"
    assert segment.read(0, 4) == b"abcd"


def test_buf_is_always_the_same_object(segment):
    assert segment.buf is segment.buf


def test_buf_of_a_read_only_handle_is_read_only(segment):
    with SharedMemory(segment.name, readonly=True) as other:
        assert other.buf.readonly
        with pytest.raises(TypeError):
            ctypes.c_int.from_buffer(other.buf)


def test_buf_reports_misuse_as_any_memoryview_does(segment):
    with pytest.raises(IndexError):
        segment.buf[16]
    with pytest.raises(ValueError):
        segment.buf[0] = 256
    with pytest.raises(ValueError):
        segment.buf[0:2] = b"abc"


def test_no_memory_is_copied(segment):
    number = ctypes.c_uint32.from_buffer(segment.buf, 4)
    number.value = 0x01020304
    assert segment.read(4, 4) == struct.pack("=I", 0x01020304)
    struct.pack_into("=d", segment.buf, 8, 1.5)
    assert segment.buf.cast("d")[1] == 1.5
    assert array.array("d", segment.read(8, 8))[0] == 1.5


def views_of(segment):
    """Views of all kinds, each with a way to read and to write its first byte."""
    view = segment.buf
    return [
        view,
        view[0:8],
        view.cast("I").cast("B"),
        memoryview(view),
        memoryview(pickle.PickleBuffer(view)),
        memoryview((ctypes.c_ubyte * 16).from_buffer(view)).cast("B"),
    ]


KINDS = range(6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_outlives_close(segment, kind):
    view = views_of(segment)[kind]
    segment.close()
    assert segment.buf is None
    view[0] = 42
    assert view[0] == 42
    with SharedMemory(segment.name) as other:
        assert other.buf[0] == 42


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_outlives_the_handle_and_the_name(name, kind):
    view = views_of(SharedMemory(name, create=True, size=16))[kind]
    gc.collect()
    SharedMemory(name).unlink()
    view[0] = 42
    assert view[0] == 42


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_handle_list_and_view_may_go_in_any_order(name, order):
    items = ShareableList([5], name=name)
    objects = [items.shm.buf, items.shm, items]
    items.unlink()
    del items
    for index in order:
        objects[index] = None
        gc.collect()
        if objects[0]:
            assert objects[0][24] == 5
        if objects[1]:
            assert objects[1].read(24, 1) == b"\5"
        if objects[2]:
            assert objects[2][0] == 5


def test_a_block_stays_attached_until_its_last_view_is_gone(segment):
    view = segment.buf[2:4]
    segment.close()
    assert SharedMemory.attached(segment.name)
    view.release()
    del view
    assert not SharedMemory.attached(segment.name)


def test_closing_a_list_lets_go_of_the_buf_of_its_segment(name):
    items = ShareableList([1], name=name)
    shm = items.shm
    assert shm.buf
    items.close()
    assert not SharedMemory.attached(name)


def test_releasing_buf_leaves_the_handle_usable(segment):
    segment.buf.release()
    with pytest.raises(ValueError, match="released"):
        segment.buf[0]
    segment.write(0, b"x")
    segment.close()


def test_views_of_a_handle_that_was_never_named_work():
    view = SharedMemory(create=True, size=1)
    view.unlink()
    view = view.buf
    assert view[0] == 0
