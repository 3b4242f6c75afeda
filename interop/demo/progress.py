"""A line on the terminal that tells how far the work is; nothing where there is no terminal."""
import sys
import time

INTERVAL = 0.1  # seconds


class Progress:
    def __init__(self, total):
        self._total = total
        self._done = 0
        self._due = 0.0
        self._shows = sys.stderr.isatty()

    def add(self, count):
        """So many more bytes are loaded."""
        self._done += count
        self.show("loading", self._done)

    def show(self, doing, done):
        if self._shows and time.monotonic() >= self._due:
            self._due = time.monotonic() + INTERVAL
            self._write(f"{doing}: {done / 1e6:.1f} of {self._total / 1e6:.1f} MB")

    def clear(self):
        if self._shows:
            self._write("")

    def _write(self, line):
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
