"""How much faster polyshm's tracking and managers are than the standard library's, in one run of one interpreter.

Both are timed in turns and each keeps its best time, so that whatever else the machine does falls on both alike.

    PYTHONPATH=build/bindings/python python3 tests/bench/python_managers.py [--check] [--repeat N]

--check makes a ratio below its minimum an error (exit code 1).
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from multiprocessing import managers, shared_memory

import polyshm

SIZE = 4096
STOCK_UNTRACKED = {"track": False} if sys.version_info >= (3, 13) else {}


class Side:
    """polyshm or the standard library: its classes, and a manager."""

    def __init__(self, manager, memory, untracked):
        self.make_manager, self.make_segment, self.untracked = manager, memory, untracked
        self.manager = manager()
        self.manager.start()
        self.made = []

    def create_managed(self):
        self.made.append(self.manager.SharedMemory(SIZE))

    def create_tracked(self):
        self.made.append(self.make_segment(create=True, size=SIZE))

    def live_tracked(self):
        self.live(self.make_segment(create=True, size=SIZE))

    def live_untracked(self):
        """Stock tracks all the same, before CPython 3.13."""
        self.live(self.make_segment(create=True, size=SIZE, **self.untracked))

    @staticmethod
    def live(shm):
        shm.buf[0] = 1
        shm.close()
        shm.unlink()

    def start_and_shut_down(self):
        manager = self.make_manager()
        manager.start()
        manager.shutdown()

    def seconds(self, what, number):
        """How long one run takes, in a turn of number runs; what is closed and unlinked behind it is not counted."""
        run = getattr(self, what)
        begun = time.perf_counter()
        for _ in range(number):
            run()
        seconds = (time.perf_counter() - begun) / number
        self.discard(unlink=what == "create_tracked")
        return seconds

    def discard(self, unlink):
        """What a manager owns stays for it to unlink: the standard library's one stops at what is gone."""
        while self.made:
            shm = self.made.pop()
            shm.close()
            if unlink:
                shm.unlink()


# What is measured, how often it runs in one turn, the minimum. A turn is short, so that some of them are not interrupted.
# To live is to be created, written to, closed and unlinked; of that no ratio is promised.
CASES = (
    ("create_managed", 50, 20),
    ("create_tracked", 50, 1),
    ("live_tracked", 50, 0),
    ("live_untracked", 50, 0),
    ("start_and_shut_down", 1, 2),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if a ratio is below its minimum")
    parser.add_argument("--repeat", type=int, default=60, metavar="N", help="turns of each side (default: 60)")
    options = parser.parse_args()

    slow = False
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="t_bench_") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder  # not beside what the user's own processes have there
        sides = [
            Side(polyshm.SharedMemoryManager, polyshm.SharedMemory, {"track": False}),
            Side(managers.SharedMemoryManager, shared_memory.SharedMemory, STOCK_UNTRACKED),
        ]
        try:
            print(f"CPython {platform.python_version()}, best of {options.repeat} turns")
            print(f"{'':24}{'polyshm':>12}{'stock':>12}{'ratio':>9}{'minimum':>9}")
            for what, number, minimum in CASES:
                turns = [[side.seconds(what, number) for side in sides] for _ in range(options.repeat)]
                ours, theirs = map(min, zip(*turns))
                ratio = theirs / ours
                slow = slow or ratio < minimum
                note = "  below" if ratio < minimum else ""
                words = what.replace("_", " ")
                print(f"{words:24}{ours * 1e6:9,.1f} µs{theirs * 1e6:9,.1f} µs{ratio:9.1f}{minimum:9}{note}")
        finally:
            for side in sides:
                side.manager.shutdown()
    return 1 if slow and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
