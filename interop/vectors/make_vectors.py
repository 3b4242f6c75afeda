"""Writes golden vectors: the blocks that a stock CPython makes of a ShareableList, byte for byte.

    python3 make_vectors.py FOLDER

Each vector is two files. NAME.bin holds the block's bytes, NAME.txt what a reader finds in them: a line with the
CPython that wrote them, then a line an item, `index TAB type TAB value`. A value is a decimal number (int64), 16 hex
digits of the big-endian IEEE bits (float64), 0 or 1 (bool), - (none), or the bytes in hex (str in UTF-8, bytes).

CPython 3.9 and later writes the vectors of today's layout. CPython 3.8 had another layout, and writes only py38_*.
Every vector is read back before it is written: by a list that attaches to it, as any other process would.
"""
import contextlib
import pathlib
import platform
import struct
import sys
from multiprocessing.shared_memory import ShareableList, SharedMemory

INT64_MIN, INT64_MAX = -2**63, 2**63 - 1
NAN, INFINITY = float("nan"), float("inf")
LENGTHS = 0, 1, 7, 8, 15, 16, 17

# CPython sizes the slot of a text by its characters, so only texts whose UTF-8 fits those slots are kept by it.
UTF8_TEXTS = ["é", "€", "😀", "hé", "naïve", "ééé", "日本"]
INNER_NULS = ["a\0b", "\0a", "\0" * 7 + "a", "1234567\0" + "9"]
HUNDRED = range(100)

PLAIN = {
    "empty": [],
    "example": [7, "hé", b"xyz", None, True, -1.5],
    "ints": [0, 1, -1, 255, 256, 2**31 - 1, -2**31, 2**53 + 1, INT64_MAX, INT64_MIN],
    "floats": [0.0, -0.0, 1.0, -1.5, 0.1, NAN, INFINITY, -INFINITY, 5e-324, sys.float_info.min, sys.float_info.max],
    "bools_and_none": [True, False, None, None, False, True],
    "str_lengths": ["abcdefghijklmnopq"[:length] for length in LENGTHS],
    "bytes_lengths": [bytes(range(255, 255 - length, -1)) for length in LENGTHS],
    "str_utf8": UTF8_TEXTS,
    "inner_nuls": INNER_NULS + [text.encode() for text in INNER_NULS],
    "mixed_100": [(i**9, i / 7, f"item {i}" * (i % 4), bytes([i + 1]) * i, i % 3 == 0, None)[i % 6] for i in HUNDRED],
}


@contextlib.contextmanager
def unlinked(block):
    """A block that goes at the end of the with statement."""
    try:
        yield block
    finally:
        block.close()
        block.unlink()


@contextlib.contextmanager
def listed(values):
    """A list of these values, which goes at the end of the with statement."""
    list_ = ShareableList(values)
    with unlinked(list_.shm):
        yield list_


def described(value):
    """The type and value of an item, as NAME.txt has them."""
    if value is None:
        return "none\t-"
    if isinstance(value, bool):
        return f"bool\t{value:d}"
    if isinstance(value, int):
        return f"int64\t{value}"
    if isinstance(value, float):
        return f"float64\t{struct.pack('>d', value).hex()}"
    if isinstance(value, str):
        return f"str\t{value.encode().hex()}"
    return f"bytes\t{value.hex()}"


def check_stock_reads(block, values):
    """Attaches to the list in the block and finds these values; of a text, stock drops the NULs at the end."""
    seen = ShareableList(name=block.name)
    try:
        found = [described(value) for value in seen]
    finally:
        seen.shm.close()
    expected = [described(value.rstrip("\0") if isinstance(value, str) else value) for value in values]
    if found != expected:
        raise SystemExit(f"stock reads {found} where {expected} was written")


def save(folder, name, block, values):
    check_stock_reads(block, values)
    lines = [f"# cpython {platform.python_version()}"]
    lines += [f"{index}\t{described(value)}" for index, value in enumerate(values)]
    (folder / f"{name}.bin").write_bytes(block.buf)
    (folder / f"{name}.txt").write_text("".join(line + "\n" for line in lines), encoding="ascii")


def write_plain(folder, prefix, vectors):
    for name, values in vectors.items():
        with listed(values) as list_:
            save(folder, prefix + name, list_.shm, values)


def poke(list_, index, content, format_, kind):
    """Writes an item past stock's own code: its bytes, its format and its kind."""
    block = list_.shm.buf
    (count,) = struct.unpack_from("q", block, 0)
    offsets = struct.unpack_from(f"{count + 1}q", block, 8)
    data = 8 * (count + 2)
    formats = data + offsets[count]
    kinds = formats + 8 * count
    struct.pack_into(f"{offsets[index + 1] - offsets[index]}s", block, data + offsets[index], content)
    struct.pack_into("8s", block, formats + 8 * index, format_)
    struct.pack_into("b", block, kinds + index, kind)


def write_changed_types(folder):
    """Every type over every other, by stock's own assignment."""
    old = [1, 1.5, True, None, "text", b"byte"]
    new = [2, -2.5, False, None, "new", b"wen"]
    with listed([value for value in old for _ in new]) as list_:
        for index in range(len(list_)):
            list_[index] = new[index % len(new)]
        save(folder, "foreign_changed_types", list_.shm, new * len(old))


def write_changed_sizes(folder):
    """Numbers over wide slots, whose other bytes keep the old text, and texts shorter than the slot or just as long."""
    wide = "0123456789abcdef"
    values = [5, 0.5, True, None, "short", b"short", "", b"", "x" * 24, b"y" * 24]
    with listed([wide] * len(values)) as list_:
        for index, value in enumerate(values):
            list_[index] = value
        save(folder, "foreign_changed_sizes", list_.shm, values)


def write_exact(folder):
    """Formats that tell the length of the value instead of the slot's, closed by a blank: no NUL at the end is lost.

    Kind 0 is bytes, which stock, too, reads exactly; kind 1 is text, of which stock drops the NULs.
    """
    values = [b"hel\0\0", b"\0", b"", b"hello", b"a\0" * 4, "hel\0\0", "\0", "hé\0", "hello", 7]
    with listed([b"0123456789"] * len(values)) as list_:
        for index, value in enumerate(values[:-1]):
            content = value.encode() if isinstance(value, str) else value
            poke(list_, index, content, b"%ds " % len(content), 1 if isinstance(value, str) else 0)
        list_[len(values) - 1] = values[-1]
        save(folder, "foreign_exact", list_.shm, values)

        # A stock writer, seeing a format that does not end in s, puts back the slot's full width.
        values = ["fifteen letters", b"fifteen letters"] * 5
        for index, value in enumerate(values):
            list_[index] = value
        save(folder, "foreign_exact_overwritten", list_.shm, values)


def write_trailer(folder):
    """Bytes behind the list, as in a block that was made larger than its list."""
    values, trailer = [1, "two"], b"\xaa" * 64
    with listed(values) as list_:
        content = bytes(list_.shm.buf) + trailer
    with unlinked(SharedMemory(create=True, size=len(content))) as block:
        block.buf[:] = content
        save(folder, "foreign_trailer", block, values)


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_vectors.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    if sys.version_info < (3, 9):
        write_plain(folder, "py38_", {name: PLAIN[name] for name in ("empty", "example", "ints", "mixed_100")})
        return
    write_plain(folder, "", PLAIN)
    for write in write_changed_types, write_changed_sizes, write_exact, write_trailer:
        write(folder)


if __name__ == "__main__":
    main()
