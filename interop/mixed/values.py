"""The values that all languages exchange, as words, and what becomes of them between two languages."""
import struct

INT64_MIN, INT64_MAX = -2**63, 2**63 - 1
UNIT, LONG = 12, 4096  # bytes of what repeats, and of what is not written so yet
NAN, INFINITY = float("nan"), float("inf")


def word(value):
    """A value as the agents' lines have it."""
    if value is None:
        return "none:-"
    if isinstance(value, bool):
        return f"bool:{value:d}"
    if isinstance(value, int):
        return f"int64:{value}"
    if isinstance(value, float):
        return f"float64:{struct.pack('>d', value).hex()}"
    if isinstance(value, str):
        return f"str:{digits(value.encode())}"
    return f"bytes:{digits(value)}"


def digits(content):
    """In hex; what is long and repeats itself is written so (agents.py)."""
    count = len(content) // UNIT
    repeats = len(content) > LONG and content[:UNIT] * count == content
    return f"{content[:UNIT].hex()}*{count}" if repeats else content.hex()


SCALARS = [None, True, False, 0, 1, -1, 2**53 + 1, -2**53 - 1, INT64_MAX, INT64_MIN]
SCALARS += [0.0, -0.0, 3.0, -1.5, 0.1, 5e-324, 1.7976931348623157e308, NAN, INFINITY, -INFINITY]
TEXTS = ["", "a", "seven 7", "eight: 8", "é", "😀", "日本", "a\0b", "\0a"]
BYTES = [b"", b"a", b"\xff\xfe", b"\x80\0\x81", bytes(range(8))]
ENDING_IN_NUL = ["a\0", "\0", "é\0\0", b"a\0", b"\0", b"\xff\0\0", b"\0" * 8]

WIDTH = 48  # of the slots of these two, which every value fits
WIDE = ["w" * 40, b"w" * 40]
ONLY_WIDE = ["日本語" * 5, "x" * WIDTH, bytes(range(255, 255 - WIDTH, -1))]
ONLY_WIDE += ["y" * 40 + "\0" * 8, b"z" * 24 + b"\0" * 16]

NARROW = [word(value) for value in SCALARS + TEXTS + BYTES + ENDING_IN_NUL]
ALL = NARROW + [word(value) for value in ONLY_WIDE]
FIRST = [word(value) for value in WIDE] + NARROW  # what a new list holds
TOO_LONG = [word("x" * (WIDTH + 1)), word(b"x" * (WIDTH + 1)), word("é" * (WIDTH // 2) + "x")]


def without_nuls(value):
    """A text or bytes without the NULs at its end."""
    while value.startswith(("str:", "bytes:")) and value.endswith("00") and len(value.partition(":")[2]) % 2 == 0:
        value = value[:-2]
    return value


def seen(value, reader):
    """What an agent reads where value lies: a stock CPython drops the NULs at the end of a text."""
    return without_nuls(value) if reader.is_stock and value.startswith("str:") else value


def arriving(value, writer, reader):
    """What one agent reads when another wrote value.

    A stock CPython has no way to write NULs at the end of a text or bytes. Between two polyshms a value arrives as it
    is, and so do bytes from polyshm to stock.
    """
    return seen(without_nuls(value) if writer.is_stock else value, reader)


def comparable(value):
    """Every NaN is the same: an interpreter may have one of its own."""
    type_, _, bits = value.partition(":")
    number = struct.unpack(">d", bytes.fromhex(bits))[0] if type_ == "float64" else 0
    return "float64:nan" if number != number else value
