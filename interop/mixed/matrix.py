"""The matrix: every language makes lists of every value, every one attaches, reads them and writes them back. What
arrives is what was sent, or what is documented instead.

    . build/interop/environment.sh; "$POLYSHM_PYTHON" interop/mixed/matrix.py

Writes a page of results, matrix.txt and matrix.html, into build/interop. Ends with status 1 if a value did not arrive.
"""
import os
import pathlib
import time

import agents as cast
import page
import values
from values import arriving, word

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
SHM = pathlib.Path("/dev/shm")
NAME = f"t_matrix_{os.getpid()}"
SHOWN = 20  # failures


def numbers(type_):
    return [value for value in values.SCALARS if type(value) is type_]


KINDS = {
    "none": [None],
    "bool": numbers(bool),
    "int64": numbers(int),
    "float64": numbers(float) + [2.2250738585072011e-308, -5e-324],
    "str": values.TEXTS + ["\U0010ffff", "😀" * 3, "a😀", "x" * 4000],
    "bytes": values.BYTES + [bytes(range(256))],
    "str with NULs at its end": [value for value in values.ENDING_IN_NUL if isinstance(value, str)],
    "bytes with NULs at their end": [value for value in values.ENDING_IN_NUL if isinstance(value, bytes)],
    "str of 9 MB": ["twelve bytes" * 750_000, "😀" * 2_249_994],
    "bytes of 9 MB": [b"\xff\0twelve\x80\xfe\xfd\n" * 750_000],
}
TOO_LONG = ["eleven text\0" * 100_000, b"eleven byte\0" * 100_000, "twelve bytes" * 833_333]


class Cell:
    """What became of one kind of values between a creator and one who attached."""

    def __init__(self):
        self.exact = self.limited = 0
        self.failures = []

    def compare(self, found, expected, sent, *what):
        if values.comparable(found) != values.comparable(expected):
            self.failures.append((*what, f"sent {sent[:80]}, expected {expected[:80]}, found {found[:80]}"))
        elif values.comparable(expected) == values.comparable(sent):
            self.exact += 1
        else:
            self.limited += 1


def slotted(value, creator):
    """The value as the creator keeps it: stock sizes the slot of a text by its characters, and cuts its bytes."""
    if not creator.is_stock or not isinstance(value, str):
        return value
    return value.encode()[: 8 * (len(value) // 8 + 1)].decode()


def one(agent, *words):
    """The answer; words that no value has if it is an error."""
    agent.send(*words)
    return answer(agent)


def answer(agent):
    try:
        return " ".join(agent.answer())
    except cast.Refused as refused:
        return f"error:{refused}"


def read(readers, count):
    """All items as each agent reads them, at the same time; where one fails, its words in the place of the item."""
    for reader in readers:
        reader.send("all", NAME)
    for reader, found in [(reader, answer(reader).split()) for reader in readers]:
        if len(found) != count or found[0].startswith("error:"):
            found = [one(reader, "get", NAME, index) for index in range(count)]
        yield reader, found


def write(writer, words):
    """Sets all items; gives what each answered, nothing if all went well."""
    for index, value in enumerate(words):
        writer.send("set", NAME, index, value)
    return [answer(writer) for _ in words]


def try_writing(creator, writer, sent, kept, cell):
    """None over every item, so that what is there then is the writer's; then the values. The creator reads both."""
    nothing = [word(None)] * len(kept)
    for values_, originals in (nothing, nothing), (kept, sent):
        refused = write(writer, values_)
        ((_, found),) = read([creator], len(kept))
        for seen, error, value, original in zip(found, refused, values_, originals):
            expected = arriving(value, writer, creator)
            cell.compare(error or seen, expected, original, writer, "writes,", creator, "reads:")


def try_kind(creator, agents, kind, cells):
    """All cells of one creator and kind. The creator itself attaches, too, as any other would."""
    sent = [word(value) for value in KINDS[kind]]
    kept = [word(slotted(value, creator)) for value in KINDS[kind]]
    creator.ask("create_list", NAME, *sent)
    creator.ask("close", NAME)
    cast.ask_all(agents, "attach_list", NAME)
    for reader, found in read(agents, len(kept)):
        for seen, value, original in zip(found, kept, sent):
            cell = cells[creator, reader, kind]
            cell.compare(seen, arriving(value, creator, reader), original, creator, "made,", reader, "reads:")
    for writer in agents:
        try_writing(creator, writer, sent, kept, cells[creator, writer, kind])
    agents[0].ask("unlink", NAME)  # it is none of stock's, which would complain
    cast.ask_all(agents, "close", NAME)


def refusals(agents):
    """What every polyshm refuses: lists of CPython 3.8, by name, and what no slot holds. How many did, and who not."""
    old = SHM / NAME
    old.write_bytes((VECTORS / "py38_mixed_100.bin").read_bytes())
    answers = [(agent, "a list of CPython 3.8", one(agent, "attach_list", NAME), "CPython 3.8") for agent in agents]
    old.unlink()
    for value in map(word, TOO_LONG):
        answers += [(agent, value, one(agent, "create_list", NAME, value), "error:") for agent in agents]
    wrong = [(agent, "on", what, "says", said) for agent, what, said, words in answers if words not in said]
    return len(answers) - len(wrong), wrong


def run(agents):
    cells = {(a, b, kind): Cell() for a in agents for b in agents for kind in KINDS}
    for creator in agents:
        before = time.monotonic()
        for kind in KINDS:
            try_kind(creator, agents, kind, cells)
        print(f"created by {creator}: {time.monotonic() - before:.1f} s", flush=True)
    return cells


def main():
    started = time.monotonic()
    agents = cast.start()
    agents[5:5] = cast.start_loaders()
    wanted = {f"stock CPython 3.{minor}" for minor in range(9, 14)}
    for language in sorted(wanted - {agent.language for agent in agents}):
        print(f"skipped {language}: not there")
    try:
        cells = run(agents)
        refused, failures = refusals([agent for agent in agents if not agent.is_stock])
    finally:
        for agent in agents:
            agent.end()
        for path in SHM.glob(f"{NAME}*"):
            path.unlink()
    failures += [failure for cell in cells.values() for failure in cell.failures]
    page.write(pathlib.Path(os.environ["POLYSHM_BUILD"], "interop"), agents, KINDS, cells, refused, failures)
    for failure in failures[:SHOWN]:
        print("FAILED:", *failure)
    passed = refused + sum(cell.exact + cell.limited for cell in cells.values())
    print(f"{len(cells)} cells in {time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {len(failures)} failed")
    raise SystemExit(1 if failures else 0)


main()
