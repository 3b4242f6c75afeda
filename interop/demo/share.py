"""Counting a share of the text, for the workers in Python.

It does not know whose memory it reads: polyshm's block and list or the standard library's, they are used alike.
"""
import re
import time

from columns import BYTES, COLUMNS, KEPT, LANGUAGE, LINES, LONGEST, SECONDS, START, STOP, WORDS

PIECE = 1 << 20  # bytes that are copied out of the block at a time
WORD = re.compile(rb"[!-~]\S*")


class Tally:
    """What was found so far in a text that comes in pieces."""

    def __init__(self):
        self.bytes = self.lines = self.words = 0
        self.longest = b""
        self._unfinished = b""  # a word, or its first megabyte, that may go on in the next piece

    def add(self, piece):
        text = self._unfinished + piece
        words = WORD.findall(text)
        self.bytes += len(piece)
        self.lines += piece.count(b"\n")
        self.words += len(words) - bool(self._unfinished)  # that one counted already
        self.longest = max([self.longest, *words], key=len)
        self._unfinished = words[-1][:PIECE] if words and text.endswith(words[-1]) else b""


def count(text, results, row, language):
    """Counts the share of text that a row of results gives, and fills the row."""
    first = row * COLUMNS
    begin, end = results[first + START], results[first + STOP]
    start = time.monotonic()
    tally = Tally()
    for at in range(begin, end, PIECE):
        tally.add(bytes(text[at : min(at + PIECE, end)]))
        results[first + BYTES] = tally.bytes
    results[first + LINES] = tally.lines
    results[first + WORDS] = tally.words
    results[first + LONGEST] = tally.longest[:KEPT]
    results[first + SECONDS] = time.monotonic() - start
    results[first + LANGUAGE] = language
