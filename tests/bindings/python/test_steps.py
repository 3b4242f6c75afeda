"""Steps on one item, add and compare_exchange; and where these, the lock, snapshots and waiting are refused."""

import math
import struct
from enum import IntEnum
from fractions import Fraction
from multiprocessing import shared_memory as stock

import pytest

from polyshm import IntegerRangeError, ShareableList

from conftest import DEADLINE, attached, same_layout, untracked


# Steps


def test_add_gives_the_sum(items):
    assert items.add(0) == 2
    assert items.add(0, 40) == 42
    assert items.add(0, -100) == -58
    assert items.add(-1, 2**63 - 1) == 2**63 - 1
    assert (items[0], items[6]) == (-58, 2**63 - 1)


@pytest.mark.parametrize("index", [1, 2, 3, 4, 5])
def test_only_an_int_can_be_added_to(items, index):
    before = list(items)
    with pytest.raises(TypeError, match=f"item {index}"):
        items.add(index)
    assert list(items) == before


def test_a_sum_beyond_64_bits_leaves_the_item(items):
    items[0] = 2**63 - 1
    with pytest.raises(ValueError, match="64 bits"):
        items.add(0)
    assert items[0] == 2**63 - 1
    items[0] = -(2**63)
    with pytest.raises(ValueError, match="64 bits"):
        items.add(0, -1)
    assert items[0] == -(2**63)


@pytest.mark.parametrize("delta", [2**63, -(2**63) - 1, 2**200])
def test_a_delta_beyond_64_bits_is_an_integer_range_error(items, delta):
    with pytest.raises(IntegerRangeError, match="delta"):
        items.add(0, delta)
    assert items[0] == 1


@pytest.mark.parametrize("delta", [1.0, "1", None])
def test_a_delta_is_an_integer(items, delta):
    with pytest.raises(TypeError):
        items.add(0, delta)


@pytest.mark.parametrize("value", [None, True, False, 0, -1, 2**63 - 1, 0.0, -0.0, 1.5, math.inf, math.nan])
def test_compare_exchange_writes_where_it_finds_what_it_expects(items, value):
    items[0] = value
    assert items.compare_exchange(0, value, 7) is True
    assert items[0] == 7
    assert items.compare_exchange(0, 7, value) is True
    assert struct.pack("<d", items[0] or 0) == struct.pack("<d", value or 0)


@pytest.mark.parametrize("found, expected", [(1, 1.0), (1, True), (0, None), (0.0, -0.0), (None, False), ("1", 1)])
def test_compare_exchange_goes_by_type_and_bits(make_list, found, expected):
    items = make_list([found])
    assert items.compare_exchange(0, expected, 7) is False
    assert items[0] == found
    items.unlink()


@pytest.mark.parametrize("expected, desired", [("text", 1), (1, "text"), (b"bytes", 1), (1, b""), ([], 1), (1, {})])
def test_compare_exchange_takes_scalars_only(items, expected, desired):
    with pytest.raises(TypeError) as raised:
        items.compare_exchange(0, expected, desired)
    assert "item 0" not in str(raised.value), "which of the values is meant has no place in the list"
    assert items[0] == 1


@pytest.mark.parametrize("expected, desired", [(2**63, 1), (1, -(2**63) - 1)])
def test_compare_exchange_takes_64_bits_only(items, expected, desired):
    with pytest.raises(IntegerRangeError):
        items.compare_exchange(0, expected, desired)


# Each method, where it must fail

CALLS = {
    "lock": lambda items: items.lock(),
    "unlock": lambda items: items.unlock(),
    "add": lambda items: items.add(0),
    "compare_exchange": lambda items: items.compare_exchange(0, 1, 2),
    "snapshot": lambda items: items.snapshot(),
    "version": lambda items: items.version,
    "item_version": lambda items: items.item_version(0),
    "wait": lambda items: items.wait(0, 0),
    "wait for an item": lambda items: items.wait(0, 0, item=0),
}

INDEXED = {
    "add": lambda items, index: items.add(index),
    "compare_exchange": lambda items, index: items.compare_exchange(index, 1, 2),
    "item_version": lambda items, index: items.item_version(index),
    "wait": lambda items, index: items.wait(0, 0, item=index),
}


@same_layout
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_list_of_the_standard_library_has_no_lock_and_no_versions(call):
    with untracked(stock.ShareableList([1, 2])) as theirs:
        with ShareableList(name=theirs.shm.name) as items:
            assert items.synchronized is False
            with pytest.raises(ValueError, match="stock CPython"):
                call(items)
            items[0] = 3
            items[:] = [4, 5]
            assert list(theirs) == [4, 5]
            items.unlink()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_closed_list_is_a_value_error(items, call):
    items.close()
    with pytest.raises(ValueError, match="closed"):
        call(items)


@pytest.mark.parametrize("call", INDEXED.values(), ids=INDEXED)
def test_an_index_outside_is_an_index_error(items, call):
    for index in (7, -8, 2**62, 2**100):
        # As the user wrote it, and of which list.
        with pytest.raises(IndexError, match=f"'{items.shm.name}'.* {index}$" if abs(index) < 2**63 else "index"):
            call(items, index)
    for index in (1.0, "0"):
        with pytest.raises(TypeError):
            call(items, index)


class Place(IntEnum):
    FIRST = 0
    LAST = -1


class Number(int):
    pass


def test_subclasses_of_int_count_by_their_value(items):
    assert items.add(Place.FIRST, Number(4)) == 5
    assert items.add(Place.LAST, True) == 1
    assert items.compare_exchange(Place.LAST, Number(1), Place.LAST) is True
    assert items[-1] == -1 and type(items[-1]) is int
    assert items.item_version(Place.LAST) == items.item_version(6)
    assert items.wait(0, 0, item=Place.LAST) == items.item_version(6)


def test_an_empty_list_has_all_but_items(make_list):
    empty = make_list([])
    assert empty.snapshot() == ([], empty.version)
    with attached(empty) as other, empty.lock(), pytest.raises(TimeoutError):
        other.lock(0)
    with pytest.raises(TimeoutError):
        empty.wait(empty.version, 0.01)
    for call in INDEXED.values():
        for index in (0, -1):
            with pytest.raises(IndexError, match="0 items"):
                call(empty, index)
    empty[:] = []
    empty.unlink()


def test_a_list_of_a_million(make_list):
    numbers = list(range(1_000_000))
    items = make_list(numbers)
    with attached(items) as other:
        seen = other.item_version(-1)
        assert items.add(-1) == 1_000_000
        assert other.wait(seen, item=-1) == other.item_version(999_999)
        assert (other.index(1_000_000), other.count(999_999), 5 in other) == (999_999, 0, True)
        with items.lock():
            items[1:] = [0] * 999_999
        values, version = other.snapshot()
        assert version == items.version
        assert values == [0] * 1_000_000
    items.unlink()


@pytest.mark.parametrize("name", ["lock", "add", "compare_exchange"])
def test_a_read_only_list_takes_no_writes(items, name):
    with attached(items, readonly=True) as reader:
        with pytest.raises(TypeError, match="read-only"):
            CALLS[name](reader)


def test_a_read_only_list_has_snapshots_versions_and_changes(items):
    with attached(items, readonly=True) as reader:
        values, version = reader.snapshot()
        assert (values, version) == (list(items), items.version)
        items[0] = 5
        assert reader.wait(version, DEADLINE) == items.version
        assert reader.item_version(0) == items.item_version(0)
        assert reader.synchronized is True


@pytest.mark.parametrize("timeout", [-1, -0.001, math.nan, -math.inf])
def test_a_time_that_is_none_is_a_value_error(items, timeout):
    with pytest.raises(ValueError, match="timeout"):
        items.lock(timeout)
    with pytest.raises(ValueError, match="timeout"):
        items.wait(items.version, timeout)
    with pytest.raises(ValueError, match="timeout"):
        items.wait(items.item_version(0), timeout, item=0)
    with pytest.raises(ValueError, match="timeout"):
        items.timeout = timeout
    assert items.timeout == 10


@pytest.mark.parametrize("timeout", ["1", b"1", [], 1j, object()])
def test_a_timeout_is_a_number(items, timeout):
    for call in (
        items.lock,
        lambda timeout: items.wait(items.version, timeout),
        lambda timeout: setattr(items, "timeout", timeout),
    ):
        with pytest.raises(TypeError, match=type(timeout).__name__):
            call(timeout)
    assert items.timeout == 10


@pytest.mark.parametrize("timeout", [1e308, math.inf, 2**62, True, Fraction(1, 2)])
def test_any_other_number_is_a_timeout(items, timeout):
    with items.lock(timeout):
        items.timeout = timeout
        assert items.timeout == timeout
        assert items.wait(items.version + 1, timeout) == items.version
