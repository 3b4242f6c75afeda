"""How much faster polyshm is than the standard library's shared_memory, in one run of one interpreter.

Both are timed in turns and each keeps its best time, so that whatever else the machine does falls on both alike.

    PYTHONPATH=build/bindings/python python3 tests/bench/python_ratios.py [--check] [--repeat N]

--check makes a ratio below its minimum an error (exit code 1).
"""

import argparse
import platform
import sys
from multiprocessing import shared_memory as stock
from timeit import Timer

import polyshm

SIDES = (polyshm, stock)
ITEMS = 1000
SEGMENT_SIZE = 4096

# What is measured, the statement, how often it runs in one turn, what one run of it counts for, the minimum.
CASES = (
    ("get an int", "items[500]", 50_000, 1, 10),
    ("set an int", "items[500] = 7", 50_000, 1, 12),
    ("iterate, per item", "for item in items: pass", 50, ITEMS, 25),
    ("create 1,000 items", "made.append(side.ShareableList(values))", 20, 1, 10),
    ("attach and close 4 KiB", "side.SharedMemory(name).close()", 1_000, 1, 1.5),
)


class Bench:
    """One side's objects, and the clock."""

    def __init__(self, side):
        self.values = list(range(ITEMS))
        self.items = side.ShareableList(self.values)
        self.segment = side.SharedMemory(create=True, size=SEGMENT_SIZE)
        self.made = []
        self.names = {
            "side": side,
            "values": self.values,
            "items": self.items,
            "name": self.segment.name,
            "made": self.made,
        }

    def seconds(self, statement, number):
        """How long one run takes, in a turn of number runs."""
        try:
            return Timer(statement, globals=self.names).timeit(number) / number
        finally:
            self.discard(self.made)

    def discard(self, lists):
        while lists:
            shm = lists.pop().shm
            shm.close()
            shm.unlink()

    def end(self):
        self.discard([self.items])
        self.segment.close()
        self.segment.unlink()


def measure(benches, statement, number, repeat):
    """The best time of each bench."""
    turns = [[bench.seconds(statement, number) for bench in benches] for _ in range(repeat)]
    return [min(times) for times in zip(*turns)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if a ratio is below its minimum")
    parser.add_argument("--repeat", type=int, default=15, metavar="N", help="turns of each side (default: 15)")
    options = parser.parse_args()

    benches = [Bench(side) for side in SIDES]
    slow = False
    try:
        print(f"CPython {platform.python_version()}, best of {options.repeat} turns")
        print(f"{'':24}{'polyshm':>12}{'stock':>12}{'ratio':>9}{'minimum':>9}")
        for what, statement, number, per, minimum in CASES:
            ours, theirs = (seconds / per for seconds in measure(benches, statement, number, options.repeat))
            ratio = theirs / ours
            slow = slow or ratio < minimum
            note = "  below" if ratio < minimum else ""
            print(f"{what:24}{ours * 1e9:9,.0f} ns{theirs * 1e9:9,.0f} ns{ratio:9.1f}{minimum:9}{note}")
    finally:
        for bench in benches:
            bench.end()
    return 1 if slow and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
