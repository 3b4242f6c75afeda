"""The mixed-language test: every language creates, every other one attaches, reads, writes, and all see the same.

    . build/interop/environment.sh; "$POLYSHM_PYTHON" interop/mixed/mixed.py

Prints a line a creator, and the sum. Ends with status 1 if a check failed.
"""
import os
import pathlib

import agents as cast
import values
from values import arriving, seen, word

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
SHM = pathlib.Path("/dev/shm")
PREFIX = f"t_mixed_{os.getpid()}"
SHOWN = 20  # failures


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def same(self, found, expected, *what):
        found, expected = list(map(values.comparable, found)), list(map(values.comparable, expected))
        self.hold(found == expected, *what, f": found {found}, expected {expected}")

    def refused(self, agent, *words, why=""):
        try:
            agent.ask(*words)
        except cast.Refused as refusal:
            self.hold(why in str(refusal), agent, "did not refuse for this reason:", why, ":", refusal)
        else:
            self.hold(False, agent, "did not refuse", *words)

    def hold(self, is_so, *what):
        self.passed += is_so
        self.failed += not is_so
        if not is_so and self.failed <= SHOWN:
            print("FAILED:", *what)


def opened(creator, agents, kind, name, *words):
    """Lets one agent create a list or block and all others attach to it; gives their answers."""
    creator.ask(f"create_{kind}", name, *words)
    return cast.ask_all([agent for agent in agents if agent is not creator], f"attach_{kind}", name)


def close(creator, agents, name):
    creator.ask("unlink", name)
    cast.ask_all(agents, "close", name)


class SharedList:
    """A list that all agents have open, and what it should hold: a value an item, and who wrote it."""

    def __init__(self, creator, agents, checks):
        self.name, self._agents, self._checks = f"{PREFIX}_list", agents, checks
        opened(creator, agents, "list", self.name, *values.FIRST)
        self._items = [(value, creator) for value in values.FIRST]
        self.check_all()

    def set(self, writer, index, value):
        writer.ask("set", self.name, index, value)
        self._items[index] = value, writer
        for reader, found in zip(self._agents, cast.ask_all(self._agents, "get", self.name, index)):
            expected = [arriving(value, writer, reader)]
            self._checks.same(found, expected, reader, "reads what", writer, "wrote:", value, "at", index)

    def check_refused(self, writer, index, value):
        self._checks.refused(writer, "set", self.name, index, value)

    def check_all(self):
        for reader, found in zip(self._agents, cast.ask_all(self._agents, "all", self.name)):
            expected = [arriving(value, writer, reader) for value, writer in self._items]
            self._checks.same(found, expected, reader, "reads the whole list")


def check_list(creator, agents, checks):
    """Everyone writes every value into slots that held every other type, and everyone reads it."""
    shared = SharedList(creator, agents, checks)
    wide_text, wide_bytes, narrow = 0, 1, len(values.WIDE)
    for writer in agents:
        for value in values.ALL:
            shared.set(writer, wide_text, value)
        for value in reversed(values.ALL):
            shared.set(writer, wide_bytes, value)
        for value in values.NARROW:
            shared.set(writer, narrow, value)
        for value in values.TOO_LONG:
            shared.check_refused(writer, wide_text, value)
        shared.check_refused(writer, narrow, word("nine bytes"[:9]))
        shared.check_all()
    close(creator, agents, shared.name)


def check_block(creator, agents, checks):
    """Bytes that one writes, through either way, all others see, through either way; sizes are exact."""
    name, size, step = f"{PREFIX}_block", 5003, 64
    for answer in opened(creator, agents, "block", name, size):
        checks.same(answer, [str(size)], "the size of a block of", creator)
    for number, writer in enumerate(agents):
        for way, offset in ("put", 2 * step * number), ("write", 2 * step * number + step), ("write", size - step):
            content = bytes((number + offset + i) % 256 for i in range(step)).hex()
            writer.ask(way, name, offset, content)
            for command in "see", "read":
                for reader, found in zip(agents, cast.ask_all(agents, command, name, offset, step)):
                    checks.same(found, [content], reader, command, "what", writer, way, "at", offset)
        if not writer.is_stock:
            checks.refused(writer, "read", name, size - 1, 2)
            checks.refused(writer, "write", name, size - 1, "0000")
    close(creator, agents, name)


def vector(path):
    """The values that the vector's description gives, as words."""
    lines = path.with_suffix(".txt").read_text().splitlines()[1:]
    return [":".join(line.split("\t")[1:]) for line in lines]


def check_reading(path, agents, checks):
    """Every agent reads a vector as it is described; a list of CPython 3.8 is refused."""
    name = f"{PREFIX}_vector"
    (SHM / name).write_bytes(path.read_bytes())
    for reader in agents:
        if not path.stem.startswith("py38_"):
            reader.ask("attach_list", name)
            expected = [seen(value, reader) for value in vector(path)]
            checks.same(reader.ask("all", name), expected, reader, "reads the vector", path.stem)
            reader.ask("close", name)
        elif not reader.is_stock:
            checks.refused(reader, "attach_list", name)
    (SHM / name).unlink()


def check_writing(path, agents, checks):
    """Every agent makes, of the values that stock made the vector of, the same bytes; ours with a sync area behind them."""
    name = f"{PREFIX}_vector"
    for writer in agents:
        golden = path if writer.is_stock else VECTORS / "sync" / path.name
        writer.ask("create_list", name, *vector(path))
        checks.hold((SHM / name).read_bytes() == golden.read_bytes(), writer, "makes the bytes of", golden)
        writer.ask("unlink", name)
        writer.ask("close", name)


def check_vectors(agents, checks):
    for path in sorted(VECTORS.glob("*.bin")):
        check_reading(path, agents, checks)
        if not path.stem.startswith(("py38_", "foreign_")):
            check_writing(path, agents, checks)


def check_sync_vectors(agents, checks):
    """Every agent of ours reads what a killed writer left, and refuses an area that it cannot know."""
    name = f"{PREFIX}_vector"
    killed = {"abandoned": "str:68c3a9", "uncleared": "float64:3fe0000000000000"}
    for path in sorted((VECTORS / "sync").glob("*.bin")):
        (SHM / name).write_bytes(path.read_bytes())
        for reader in agents:
            if reader.is_stock:
                continue
            if path.stem.startswith("refused_"):
                checks.refused(reader, "attach_list", name)
                continue
            expected = vector(VECTORS / ("example.bin" if path.stem in killed else path.name))
            if path.stem in killed:
                expected[1] = killed[path.stem]
            reader.ask("attach_list", name)
            checks.same(reader.ask("all", name), [seen(value, reader) for value in expected], reader, "reads", path)
            reader.ask("close", name)
        (SHM / name).unlink()


def remove_blocks():
    """What is left under our names, for which there is no reason if all went well."""
    left = list(SHM.glob(f"{PREFIX}*"))
    for path in left:
        path.unlink()
    return [path.name for path in left]


def run(agents, checks):
    """A line for each creator, and one for the vectors."""
    parts = [(f"created by {agent}", (check_list, check_block), (agent, agents, checks)) for agent in agents]
    parts.append(("golden vectors", (check_vectors, check_sync_vectors), (agents, checks)))
    for title, functions, arguments in parts:
        before = checks.passed
        for function in functions:
            function(*arguments)
        print(f"{title}: {checks.passed - before} checks held", flush=True)


def conclude(agents, work):
    """Does the work, which checks, and ends with the sum."""
    checks = Checks()
    try:
        work(checks)
    except (cast.Refused, RuntimeError) as error:
        checks.hold(False, "the test ended early:", error)
    finally:
        for agent in agents:
            agent.end()
        left = remove_blocks()
    checks.hold(not left, "blocks were left behind:", *left)
    print(f"{checks.passed} passed, {checks.failed} failed")
    raise SystemExit(1 if checks.failed else 0)


def main():
    agents = cast.start()
    conclude(agents, lambda checks: run(agents, checks))


if __name__ == "__main__":
    main()
