"""polyshm.ShareableList beside multiprocessing.shared_memory's: every case, tried with both."""

import copy
import math
import pickle
import struct
import sys
from decimal import Decimal

from cases import BUG, DIFFERS, Case, Raises, check, parametrize
from test_values import Bytes, Colour, Number, Real, Text


class One:
    def __index__(self):
        return 1


SEVEN = (1, "two", 3.5, None, True, b"six", 7)


def kept(*values):
    return lambda side: list(side.items(*values))


def made(sequence):
    """From what the function gives anew each time."""
    return lambda side: list(side.list(sequence()))


def read(index, *values):
    return lambda side: side.items(*(values or SEVEN))[index]


def write(index, value, *values):
    """What the items are afterwards, and their formats."""

    def do(side):
        items = side.items(*(values or SEVEN))
        items[index] = value
        return list(items), items.format

    return do


# In this order: an exception of ours may be several of them, and is to be the standard library's.
REFUSALS = (KeyError, struct.error, UnicodeError, IndexError, ValueError)


def refused(index, value, *values):
    """What writing raises, and what the items are afterwards."""

    def do(side):
        items = side.items(*(values or SEVEN))
        try:
            items[index] = value
        except REFUSALS as error:
            return next(kind.__name__ for kind in REFUSALS if isinstance(error, kind)), list(items)

    return do


def search(method, value, *values):
    return lambda side: getattr(side.items(*values), method)(value)


def words_of_a_missing_value(side):
    try:
        side.items(1).index("zz")
    except ValueError as error:
        return str(error)


def words_of_a_long_value(side):
    try:
        side.items("ab")[0] = "123456789"
    except ValueError as error:
        return "exceeds available storage" in str(error)


def after_close(use):
    def do(side):
        items = side.items(1, 2)
        items.shm.close()
        use(items)

    return do


def pickled(protocol):
    def do(side):
        items = side.items("x" * 1000, 2)
        other = side.keep(pickle.loads(pickle.dumps(items, protocol)))
        other[1] = 5
        return type(other) is type(items), items[1], len(pickle.dumps(items, protocol)) < 500

    return do


def pickled_when_closed(side):
    items = side.items(1, 2)
    items.shm.close()
    return list(side.keep(pickle.loads(pickle.dumps(items))))


def copied(side):
    items = side.items(1)
    side.keep(copy.copy(items))[0] = 5
    return items[0]


def list_of_a_list(side):
    items = side.items("x" * 20)
    items[0] = "b"
    other = side.keep(side.ShareableList(items, name=side.name + "_other"))
    return list(other), items.format, other.format


def name_taken(side):
    side.items(1)
    side.items(2)


def block_of(content):
    """Attaches to a block that is no list, and looks at what is in it."""

    def do(side):
        side.create(len(content)).buf[:] = content
        items = side.attach_list()
        return len(items), list(items)

    return do


def of_none(side):
    items = side.keep(side.ShareableList())
    items.shm.unlink()
    return list(items)


def delete(side):
    del side.items(1)[0]


def damaged(offset, content):
    """A list of two integers, of 66 bytes, in which something else is written."""

    def do(side):
        items = side.items(1, 2)
        start = offset - 8 * (side.is_stock and sys.version_info < (3, 9))  # whose layout has one offset less
        items.shm.buf[start : start + len(content)] = content
        return side.attach_list()[0]

    return do


def numbers(*values):
    return struct.pack(f"={len(values)}q", *values)


def formats(*values):
    return lambda side: side.items(*values).format


UNSUPPORTED = {
    "list": [], "tuple": (), "dict": {}, "complex": 1j, "bytearray": bytearray(b"x"), "memoryview": memoryview(b"x"),
    "Decimal": Decimal(1), "type": int,
}
ADDED = "stored as its value here, a KeyError there"
NO_LIST = "another error, or a list that is none"

CASES = [
    # Making
    *(Case(f"of {sequence!r}", made(lambda sequence=sequence: sequence), list(sequence))
      for sequence in ([], (), range(3), "ab", b"ab", {1: 2, "x": 3})),
    Case("of a set", made(lambda: {7}), [7]),
    Case("of None", of_none, []),
    Case("of a generator", made(lambda: (number for number in range(3))), [0, 1, 2], BUG("struct.error, left")),
    Case("of an iterator", made(lambda: iter([1, 2])), [1, 2], BUG("struct.error, left")),
    Case("of an empty generator", made(lambda: iter(())), []),
    Case("of 5", lambda side: side.list(5), Raises(TypeError)),
    Case("a sequence, name taken", name_taken, Raises(FileExistsError, left=True)),
    *(Case(f"an item of type {name}", kept(1, value), Raises(KeyError)) for name, value in UNSUPPORTED.items()),
    Case("subclass of int", kept(Number(5)), [5], DIFFERS(ADDED)),
    Case("subclass of float", kept(Real(1.5)), [1.5], DIFFERS(ADDED)),
    Case("subclass of str", kept(Text("x")), ["x"], DIFFERS(ADDED)),
    Case("subclass of bytes", kept(Bytes(b"x")), [b"x"], DIFFERS(ADDED)),
    Case("IntEnum", kept(Colour.RED), [3], DIFFERS(ADDED)),
    Case("int -2**63 and 2**63 - 1", kept(-(2**63), 2**63 - 1), [-(2**63), 2**63 - 1]),
    Case("int 2**63", kept(2**63), Raises(struct.error), BUG("a block is left")),
    Case("int -2**63 - 1", kept(-(2**63) - 1), Raises(struct.error), BUG("a block is left")),
    Case("nan, inf, -0.0, 5e-324", kept(math.nan, math.inf, -math.inf, -0.0, 5e-324),
         [math.nan, math.inf, -math.inf, -0.0, 5e-324]),
    Case("slots of str: 7, 8, 16 characters", formats("x" * 7, "x" * 8, "x" * 16), "8s16s24s"),
    Case("slots of bytes: 7, 8, 16", formats(b"x" * 7, b"x" * 8, b"x" * 16), "8s16s24s"),
    Case("slot of a str whose UTF-8 just fills it", formats("encodés"), "8s"),
    Case("non-ASCII, é * 7", kept("é" * 7), ["é" * 7], BUG("cut to é * 4")),
    Case("non-ASCII, €€€", kept("€€€"), ["€€€"], BUG("UnicodeDecodeError when it is read")),
    Case("non-ASCII that fits", kept("hé", "日本", "😀"), ["hé", "日本", "😀"]),
    Case("lone surrogate", kept("\ud800"), Raises(UnicodeEncodeError), BUG("a block is left")),
    Case("trailing NULs of str", kept("ab\0\0"), ["ab\0\0"], BUG("lost")),
    Case("trailing NULs of bytes", kept(b"\0", b"ab\0"), [b"\0", b"ab\0"], BUG("lost")),
    Case("inner NULs", kept("a\0b", b"\0a"), ["a\0b", b"\0a"]),
    Case("str of 9,999,991", lambda side: side.items("x" * 9_999_991)[0] == "x" * 9_999_991, True),
    Case("str of 9,999,992", kept("x" * 9_999_992), Raises(ValueError), DIFFERS("AssertionError")),
    # Indices
    Case("get, index N", read(7), Raises(IndexError, left=True)),
    Case("get, index 2**70", read(2**70), Raises(IndexError, left=True)),
    Case("set, index N", write(7, 1), Raises(IndexError, left=True)),
    Case("set, index 2**70", write(2**70, 1), Raises(IndexError, left=True)),
    Case("get, index -N", read(-7), 1),
    Case("get, index -N - 1", read(-8), Raises(IndexError, left=True), BUG("reads the format area")),
    Case("get, index -N - 2", read(-9), Raises(IndexError, left=True), BUG("reads the format area")),
    Case("set, index -N - 1", refused(-8, 1), ("IndexError", list(SEVEN)), BUG("overwrites a format")),
    Case("empty[0]", lambda side: side.items()[0], Raises(IndexError, left=True)),
    Case("empty[-1]", lambda side: side.items()[-1], Raises(IndexError, left=True), BUG("ValueError")),
    Case("index slice", read(slice(1, 3)), ["two", 3.5], DIFFERS("TypeError")),
    Case("index str", read("1"), Raises(TypeError, left=True)),
    Case("index None", read(None), Raises(TypeError, left=True)),
    Case("index tuple", read((1, 2)), Raises(TypeError, left=True)),
    Case("index 1.0", read(1.0), Raises(TypeError, left=True)),
    Case("index True", read(True), "two"),
    Case("index with __index__ alone", read(One()), "two", DIFFERS("TypeError")),
    # Writing
    Case("set str longer than the slot", refused(0, "123456789", "ab"), ("ValueError", ["ab"])),
    Case("set bytes longer than the slot", refused(0, b"123456789", b"ab"), ("ValueError", [b"ab"])),
    Case("set str longer than the slot in UTF-8", refused(0, "encodées", "ab"), ("ValueError", ["ab"])),
    Case("set longer: the words", words_of_a_long_value, True),
    Case("set exactly the slot's bytes", write(0, "12345678", "ab"), (["12345678"], "8s")),
    Case("set int over str", write(0, 5, "ab", "cd"), ([5, "cd"], "q8s")),
    Case("set str over int", write(0, "12345678", 5, 6), (["12345678", 6], "8sq")),
    Case("set str over int, 9 bytes", refused(0, "123456789", 5), ("ValueError", [5])),
    Case("set bytes over None", write(0, b"ab", None), ([b"ab"], "8s")),
    Case("set None over str", write(0, None, "x" * 20), ([None], "xxxxxx?x")),
    Case("set str over what int was set over", write(0, "y" * 9, "x" * 20), (["y" * 9], "24s")),
    *(Case(f"set {name}", refused(0, value), ("KeyError", list(SEVEN))) for name, value in UNSUPPORTED.items()),
    Case("set subclass of str", write(0, Text("cd"), "ab"), (["cd"], "8s")),
    Case("set subclass of bytes", write(0, Bytes(b"cd"), b"ab"), ([b"cd"], "8s")),
    Case("set subclass of int", write(0, Number(6), 5), ([6], "q"), DIFFERS(ADDED)),
    Case("set IntEnum", write(0, Colour.RED, 5), ([3], "q"), DIFFERS(ADDED)),
    Case("set int 2**63", refused(0, 2**63, 5), ("error", [5]), BUG("the item is 0 afterwards")),
    Case("set lone surrogate", refused(0, "\ud800", "ab"), ("UnicodeError", ["ab"])),
    # Searching and iterating
    Case("count(1) with True stored", search("count", 1, 1, True, 2, 1.0), 3),
    Case("index(1) with True stored", search("index", 1, 2, True, 1), 1),
    Case("index(nan)", search("index", math.nan, math.nan), Raises(ValueError, left=True)),
    Case("index missing", words_of_a_missing_value, "'zz' not in this container"),
    Case("index with start", lambda side: side.items(1).index(1, 0), Raises(TypeError, left=True)),
    Case("iteration, in, reversed, unpacking",
         lambda side: (lambda items: ([*items], 7 in items, 8 in items, [*reversed(items)]))(side.items(*SEVEN)),
         ([*SEVEN], True, False, [*reversed(SEVEN)])),
    Case("== is identity", lambda side: side.items(1) == side.attach_list(), False),
    Case("hash is identity", lambda side: len({side.items(1), side.attach_list()}), 2),
    Case("del", delete, Raises(TypeError, left=True), DIFFERS("AttributeError")),
    Case("+", lambda side: side.items(1) + [2], Raises(TypeError, left=True)),
    Case("repr", lambda side: repr(side.items(1, "a")).replace(side.name, "n"), "ShareableList([1, 'a'], name='n')"),
    Case("setting format", lambda side: setattr(side.items(1), "format", ""), Raises(AttributeError, left=True)),
    # Closing, pickling
    *(Case(f"{name} after shm.close()", after_close(use), Raises(ValueError, left=True), DIFFERS("TypeError"))
      for name, use in {"get": lambda items: items[0], "set": lambda items: items.__setitem__(0, 1), "list()": list,
                        "count": lambda items: items.count(1), "format": lambda items: items.format}.items()),
    *(Case(f"pickle, protocol {protocol}", pickled(protocol), (True, 5, True)) for protocol in range(6)),
    Case("pickle after shm.close()", pickled_when_closed, [1, 2]),
    Case("copy.copy", copied, 5),
    Case("ShareableList(other)", list_of_a_list, (["b"], "24s", "8s")),
    # Blocks that are no list
    Case("attach, missing", lambda side: side.attach_list(), Raises(FileNotFoundError)),
    Case("attach to 1 byte", block_of(b"\1"), Raises(ValueError, left=True), DIFFERS("struct.error")),
    Case("attach to zeros, 16 bytes", block_of(bytes(16)), (0, [])),
    Case("attach to zeros, 64 bytes", block_of(bytes(64)), Raises(ValueError, left=True),
         DIFFERS("an empty list, and stays one when its creator comes to fill it")),
    Case("attach, N < 0", block_of(numbers(-1, *range(20))), Raises(ValueError, left=True)),
    Case("attach, N too large", block_of(numbers(1000, 0, 8)), Raises(ValueError, left=True), DIFFERS(NO_LIST)),
    Case("attach to text", block_of(b"text of no meaning".ljust(64)), Raises(ValueError, left=True), DIFFERS(NO_LIST)),
    Case("foreign code", damaged(64, b"\7"), Raises(ValueError, left=True), DIFFERS("KeyError")),
    Case("bad format", damaged(48, b"rubbish\0"), Raises(ValueError, left=True), DIFFERS("struct.error")),
    Case("a format of two values", damaged(48, b"ii\0"), Raises(ValueError, left=True)),
    Case("a format past the block", damaged(48, b"999s\0"), Raises(ValueError, left=True), DIFFERS("struct.error")),
]


@parametrize(CASES)
def test_case(case, name, monkeypatch):
    check(case, name, monkeypatch)
