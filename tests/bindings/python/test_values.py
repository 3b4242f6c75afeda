"""What a ShareableList holds: every type comes back as it was written, and the rest is refused."""

import enum
import math
import struct
import sys

import pytest

from polyshm import IntegerRangeError, ShareableList, SharedMemory

VALUES = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**30 - 1,  # of one of CPython's digits
    1 - 2**30,
    2**30,  # of two
    -(2**30),
    2**63 - 1,
    -(2**63),
    2**53 + 1,
    0.0,
    1.5,
    math.inf,
    -math.inf,
    5e-324,
    sys.float_info.max,
    "",
    "text",
    "exactly8",
    "é€𝄞",
    "\0",
    "a\0b",
    "ab\0\0",
    "\ufeff\U0010ffff",
    b"",
    b"bytes",
    b"\0",
    b"a\0b",
    b"ab\0\0",
    bytes(range(256)),
    bytes(1000),
]

LARGE = ["x" * 1_000_000, "€" * 400_000, b"\xff" * 1_000_000]

TYPES = {type(None): "none", bool: "bool", int: "int64", float: "float64", str: "str", bytes: "bytes"}


class Number(int):
    pass


class Real(float):
    pass


class Text(str):
    pass


class Bytes(bytes):
    pass


class Colour(enum.IntEnum):
    RED = 3


def same(one, other):
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("value", VALUES + LARGE, ids=lambda value: repr(value)[:20])
def test_a_value_comes_back_as_it_was_stored(make_list, value):
    items = make_list(["before", value, "after"])
    assert same(items[1], value)
    assert items.type(1) == TYPES[type(value)]
    assert [items[0], items[2]] == ["before", "after"]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_can_be_written_over_any_other(make_list, value):
    for old in (None, True, 7, 1.5, "text", b"bytes"):
        items = make_list([old, "next"], spare=1000) if isinstance(old, (str, bytes)) else make_list([None], spare=1000)
        items[0] = old
        items[0] = value
        assert same(items[0], value)


@pytest.mark.parametrize("value", LARGE, ids=lambda value: repr(value)[:5])
def test_a_large_value_can_be_written_into_a_large_slot(make_list, value):
    items = make_list([None], spare=1_200_000)
    items[0] = value
    assert same(items[0], value)
    assert same(items[0:1][0], value)


def test_nan_and_minus_zero_are_kept(make_list):
    items = make_list([math.nan, -0.0])
    assert math.isnan(items[0])
    assert math.copysign(1, items[1]) == -1


@pytest.mark.parametrize(
    "value, stored",
    [(Number(5), 5), (Real(1.5), 1.5), (Text("text"), "text"), (Bytes(b"bytes"), b"bytes"), (Colour.RED, 3)],
)
def test_subclasses_count_by_their_value(make_list, value, stored):
    items = make_list([value, None], spare=8)
    items[1] = value
    assert same(items[0], stored) and same(items[1], stored)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**5000], ids=["above", "below", "far"])
def test_an_integer_beyond_64_bits_is_refused_and_nothing_changes(make_list, name, value):
    items = make_list([1, 2])
    for error in (IntegerRangeError, OverflowError, struct.error):
        with pytest.raises(error, match=r"item 1: the integer is outside -2\*\*63 to 2\*\*63 - 1"):
            items[1] = value
    with pytest.raises(IntegerRangeError, match="item 1"):
        items[0:2] = [8, value]
    with pytest.raises(IntegerRangeError, match="item 2"):
        ShareableList([1, 2, value], name=name)
    assert list(items) == [1, 2]
    assert not SharedMemory.exists(name)


@pytest.mark.parametrize("value", [[], (), {}, 1j, bytearray(b"x"), memoryview(b"x"), object(), int, range(3)])
def test_another_type_is_a_type_error_that_names_item_and_type(make_list, name, value):
    words = f"item 1: .*{type(value).__name__}"
    items = make_list([1, 2])
    with pytest.raises(TypeError, match=words):
        items[1] = value
    with pytest.raises(TypeError, match=words):
        items[0:2] = [8, value]
    with pytest.raises(TypeError, match=words):
        ShareableList([1, value], name=name)
    assert list(items) == [1, 2]
    assert not SharedMemory.exists(name)


def test_a_lone_surrogate_is_a_unicode_error_and_nothing_changes(make_list, name):
    items = make_list(["text"])
    with pytest.raises(UnicodeEncodeError):
        items[0] = "\ud800"
    with pytest.raises(UnicodeEncodeError):
        ShareableList(["\ud800"], name=name)
    assert items[0] == "text"
    assert not SharedMemory.exists(name)


@pytest.mark.parametrize("value", ["x" * 17, b"x" * 17, "é" * 9])
def test_a_value_longer_than_its_slot_is_a_value_error_and_the_item_keeps_its_own(make_list, value):
    items = make_list(["x" * 15])
    with pytest.raises(ValueError, match="item 0: .*longer than its slot"):
        items[0] = value
    assert items[0] == "x" * 15
    items[0] = value[:8]
    assert items[0] == value[:8]


def test_a_slot_holds_as_many_bytes_as_it_is_wide(make_list):
    items = make_list(["x" * 15])
    items[0] = "y" * 16
    assert items[0] == "y" * 16


def test_spare_makes_room_for_longer_values(make_list):
    items = make_list(["", None, b""], spare=100)
    items[0:3] = ["x" * 100, "y" * 100, b"z" * 100]
    assert list(items) == ["x" * 100, "y" * 100, b"z" * 100]


TOO_LARGE = ["x" * 9_999_992, b"x" * 9_999_992, "x" * 999_999 + "\0", b"x" * 999_999 + b"\0"]


@pytest.mark.parametrize("value", TOO_LARGE, ids=["text", "bytes", "text and NUL", "bytes and NUL"])
def test_a_value_longer_than_any_slot_can_be_is_a_value_error(name, value):
    with pytest.raises(ValueError, match="item 0"):
        ShareableList([value], name=name)
    assert not SharedMemory.exists(name)


@pytest.mark.parametrize(
    "spare, error", [(-1, ValueError), (9_999_992, ValueError), (2**70, OverflowError), ("1", TypeError)]
)
def test_a_bad_spare_is_an_error(name, spare, error):
    with pytest.raises(error):
        ShareableList(["text"], name=name, spare=spare)


def test_a_damaged_item_is_a_value_error_and_the_others_are_served(make_list):
    items = make_list([1, 2, 3])
    data_end = 8 * (3 + 2) + 8 * 3
    items.shm.write(data_end + 8, b"rubbish\0")
    with pytest.raises(ValueError, match="item 1"):
        items[1]
    with pytest.raises(ValueError, match="item 1"):
        list(items)
    with pytest.raises(ValueError, match="item 1"):
        items.count(3)
    assert (items[0], items[2]) == (1, 3)
    items[1] = 5
    assert list(items) == [1, 5, 3]


def test_a_text_that_is_not_utf8_is_a_unicode_error(make_list):
    items = make_list(["text"])
    items.shm.write(8 * 3, b"\xff")
    with pytest.raises(UnicodeError, match="item 0"):
        items[0]
