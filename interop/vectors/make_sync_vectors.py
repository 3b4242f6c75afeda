"""Writes golden vectors of lists with a sync area, from the golden vectors of stock CPython and from abi/LAYOUT.md alone.

    python3 make_sync_vectors.py FOLDER

Each is a whole block, NAME.bin. For each list that a stock CPython made, one of the same name has the bytes that polyshm
makes of the same values. The others are the list `example` as one that shared it left it, or might have:

    abandoned   its writer was killed while it wrote a float over item 1: the item is half of each, the journal has it as
                it was. Readers find the old value; who takes the lock puts it back.
    uncleared   its writer was killed behind that, before it cleared the journal: item 1 is the float.
    refused_*   the area is of another version, or does not fit the list.
"""
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent

MAGIC, VERSION, PARTICIPANTS = b"pshsync1", 1, 1024
LOCK, LIST_VERSION, GENERATIONS, ITEM_VERSIONS = 64, 72, 128, 2176
JOURNAL_SIZE = 64

WRITER, GENERATION = 5, 3  # a participant that is no more


def up(size):
    return (size + 63) // 64 * 64


class Block:
    """A list that stock made, with an area behind it."""

    def __init__(self, stock):
        (self.count,) = struct.unpack_from("<q", stock)
        self.offsets = struct.unpack_from(f"<{self.count + 1}q", stock, 8)
        widths = [end - begin for begin, end in zip(self.offsets, self.offsets[1:])]
        self.widest = max(widths, default=0)
        self.formats = 8 * (self.count + 2) + self.offsets[-1]
        self.area = up(len(stock))
        self.journal = self.area + up(ITEM_VERSIONS + 8 * self.count)
        self.bytes = bytearray(self.journal + JOURNAL_SIZE + self.widest)
        self.bytes[: len(stock)] = stock
        self.put(0, "8sIIQQQ", MAGIC, VERSION, PARTICIPANTS, self.count, self.widest, len(self.bytes) - self.area)

    def put(self, offset, format_, *values):
        """Packs the values at an offset of the area."""
        struct.pack_into("<" + format_, self.bytes, self.area + offset, *values)

    def put_item(self, index, content, format_, kind):
        """Changes a slot, from its first byte on, a format and a kind."""
        at = 8 * (self.count + 2) + self.offsets[index]
        self.bytes[at : at + len(content)] = content
        struct.pack_into("8s", self.bytes, self.formats + 8 * index, format_)
        self.bytes[self.formats + 8 * self.count + index] = kind

    def kill_writer(self, index, version):
        """Leaves the lock with a dead participant, the list's version odd, an item at a version, and it in the journal."""
        at = 8 * (self.count + 2) + self.offsets[index]
        width = self.offsets[index + 1] - self.offsets[index]
        format_ = self.bytes[self.formats + 8 * index :][:8]
        kind = self.bytes[self.formats + 8 * self.count + index]
        self.put(LOCK, "I", (WRITER + 1) << 16 | GENERATION)
        self.put(LIST_VERSION, "Q", 9)
        self.put(GENERATIONS + 2 * WRITER, "H", GENERATION)
        self.put(ITEM_VERSIONS + 8 * index, "Q", version)
        journal = self.journal - self.area
        self.put(journal, "Q8sB", index + 1, bytes(format_), kind)
        self.put(journal + JOURNAL_SIZE, f"{width}s", bytes(self.bytes[at : at + width]))


def vectors():
    """All of them: bytes by name."""
    stocks = [path for path in HERE.glob("*.bin") if not path.stem.startswith(("py38_", "foreign_"))]
    blocks = {path.stem: Block(path.read_bytes()) for path in stocks}
    example = (HERE / "example.bin").read_bytes()
    for name, version, content in ("abandoned", 3, b"half"), ("uncleared", 4, struct.pack("<d", 0.5)):
        blocks[name] = Block(example)
        blocks[name].kill_writer(1, version)
        blocks[name].put_item(1, content, b"d", 0)
    refused = ("version", 8, "I", 2), ("participants", 12, "I", 9), ("count", 16, "Q", 7), ("copy", 24, "Q", 16)
    for name, offset, format_, value in (*refused, ("size", 32, "Q", 8)):
        blocks[f"refused_{name}"] = Block(example)
        blocks[f"refused_{name}"].put(offset, format_, value)
    return {name: bytes(block.bytes) for name, block in blocks.items()}


def write(folder):
    for name, content in vectors().items():
        (folder / f"{name}.bin").write_bytes(content)


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
