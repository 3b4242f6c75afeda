"""The standard library at the other end: it creates and we attach, and the other way round."""

import struct
import sys
from multiprocessing import resource_tracker, shared_memory as stock

import pytest

from polyshm import ShareableList, SharedMemory

from conftest import same_layout, untracked

MIXED = [7, "hé", b"xyz", None, True, -1.5, 2**63 - 1, "", b"", "exactly8", "a\0b"]


@pytest.fixture
def stock_list(new_name):
    """Makes lists of the standard library, and removes them."""
    lists = []

    def make(items):
        lists.append(stock.ShareableList(items, name=new_name()))
        return lists[-1]

    yield make
    for one in lists:
        one.shm.close()
        one.shm.unlink()


def test_a_block_of_the_standard_library_is_attached_to(name):
    theirs = stock.SharedMemory(name, create=True, size=100)
    try:
        with SharedMemory(name) as ours:
            assert ours.size == theirs.size == 100
            ours.buf[:3] = b"abc"
            assert bytes(theirs.buf[:3]) == b"abc"
    finally:
        theirs.close()
        theirs.unlink()


def test_the_standard_library_attaches_to_our_block(segment):
    with untracked(stock.SharedMemory(segment.name)) as theirs:
        assert theirs.size == 16
        theirs.buf[0] = 9
        assert segment.buf[0] == 9


def test_a_block_that_the_standard_library_made_can_be_unlinked_here(name):
    theirs = stock.SharedMemory(name, create=True, size=1)
    try:
        with SharedMemory(name) as ours:
            ours.unlink()
        assert not SharedMemory.exists(name)
    finally:
        theirs.close()
        resource_tracker.unregister(theirs._name, "shared_memory")


def test_attaching_leaves_the_block_to_its_creator(segment, run_child):
    run_child("import sys, polyshm; polyshm.SharedMemory(sys.argv[1])", segment.name)
    assert SharedMemory.exists(segment.name)


@same_layout
def test_a_list_of_the_standard_library_is_read_and_written(stock_list):
    theirs = stock_list(MIXED)
    with ShareableList(name=theirs.shm.name) as ours:
        assert list(ours) == MIXED
        assert ours.format == theirs.format
        ours[0] = None
        ours[1] = b"\1bytes"
        ours[5:7] = [0.5, False]
        assert list(theirs) == list(ours) == [None, b"\1bytes", *MIXED[2:5], 0.5, False, *MIXED[7:]]
        assert ours.format == theirs.format
        theirs[0] = 5
        theirs[2] = "text"
        assert (ours[0], ours[2]) == (5, "text")


@same_layout
def test_our_list_is_read_and_written_by_the_standard_library(make_list):
    ours = make_list(MIXED)
    with untracked(stock.ShareableList(name=ours.shm.name)) as theirs:
        assert list(theirs) == MIXED
        theirs[0] = -1
        theirs[1] = "text"
        theirs[3] = 2.5
        assert ours[:4] == [-1, "text", b"xyz", 2.5]


@same_layout
def test_both_write_the_same_bytes(stock_list, make_list):
    values = [*MIXED, "encodés"]
    theirs, ours = stock_list(values), make_list(values)
    assert ours.shm.read(0, theirs.shm.size) == bytes(theirs.shm.buf)


@same_layout
def test_what_the_standard_library_loses_is_kept(make_list):
    values = ["é" * 7, "ab\0\0", b"ab\0\0", b"\0"]
    ours = make_list(values)
    assert list(ours) == values
    with untracked(stock.ShareableList(name=ours.shm.name)) as theirs:
        assert list(theirs) == ["é" * 7, "ab", b"ab\0\0", b"\0"]


@pytest.mark.skipif(sys.version_info >= (3, 9), reason="only CPython 3.8 has the other layout")
def test_a_list_of_cpython_38_is_refused_by_name(stock_list):
    with pytest.raises(ValueError, match="3.8"):
        ShareableList(name=stock_list([1, 2]).shm.name)


@pytest.mark.parametrize("index", [0, 1, -1, -2])
def test_items_and_errors_of_both_are_alike(stock_list, make_list, index):
    values = [1, "text"]
    theirs, ours = stock_list(values), make_list(values)
    assert ours[index] == theirs[index]
    assert repr(ours) == repr(theirs).replace(theirs.shm.name, ours.shm.name)
    for one in (ours, theirs):
        with pytest.raises(IndexError):
            one[2]
        with pytest.raises(ValueError, match="'zz' not in this container"):
            one.index("zz")
        with pytest.raises(TypeError):
            one[None]


def test_a_list_that_its_creator_has_not_filled_is_refused_after_a_moment(name):
    with SharedMemory(name, create=True, size=200) as block:
        struct.pack_into("qqq", block.buf, 0, 1, 0, 8)  # the standard library writes formats later
        with pytest.raises(ValueError, match="its last item has no format; its creator has not filled it"):
            ShareableList(name=name)


@same_layout
def test_a_half_written_item_of_the_standard_library_is_a_value_or_an_error_and_never_more(stock_list):
    theirs = stock_list([7, "abcdefg"])
    ours = ShareableList(name=theirs.shm.name)
    buf, format, kind, slot = theirs.shm.buf, 8 * (2 + 2) + 16, 8 * (2 + 2) + 32, 8 * (2 + 2)
    # What it does for ours[0] = "\xff\xfe" in Latin-1, in its order and not in one step.
    buf[format : format + 8] = b"8s\0\0\0\0\0\0"
    assert ours[0] == b"\7" + bytes(7)
    buf[kind] = 1
    assert ours[0] == "\7"
    buf[slot : slot + 2] = b"\xff\xfe"
    with pytest.raises(UnicodeError, match="item 0: its text is not valid UTF-8"):
        ours[0]
    assert ours[1] == "abcdefg"
    ours[0] = 7
    assert list(theirs) == [7, "abcdefg"]
