"""The demo: processes of five languages count the lines, words and bytes of a text that all of them see in one block of
shared memory; another process prints what they found beside the figures of wc.

This program, with polyshm, is the loader. It makes two blocks: one for the text, into which it reads the files, and a
list of results (columns.py). Then it starts the workers: count.c, count.py, count.rb and count.lua with polyshm, and
count_stock.py with nothing but Python's standard library. Each counts its share of the text where it lies, and fills
its row of the results. report_stock.py, standard library only, prints them.

A word is what `wc -w` of GNU coreutils 9.1 takes for one in the C locale: it begins at a graphic ASCII byte, '!' to
'~', and goes on to the next white space or to the end of its file. For that a blank stands behind each file, which is
not counted as a byte; and a share ends behind white space, so that no word lies in two.
"""
import argparse
import bisect
import contextlib
import itertools
import os
import pathlib
import re
import signal
import subprocess
import sys

import polyshm

import columns
import wc
from files import DemoError, collect, read_into
from processes import Processes
from progress import Progress

HERE = pathlib.Path(__file__).resolve().parent
DEFAULT = "/usr/share/common-licenses"
STOPPING = signal.SIGHUP, signal.SIGINT, signal.SIGTERM


def workers(stock):
    """The commands of the workers, each with its weight: the faster a language is, the larger is its share."""
    return [
        (8, [f"{os.environ['POLYSHM_BUILD']}/interop/demo_count"]),
        (3, [sys.executable, HERE / "count.py"]),
        (1, ["ruby", HERE / "count.rb"]),
        (3, ["lua5.4", HERE / "count.lua"]),
        (3, [*stock, HERE / "count_stock.py"]),
    ]


def load(files, text, progress):
    """Reads the files into the text, a blank behind each, and gives where the blanks are."""
    blanks, end = [], 0
    for path, size in files:
        begin, end = end, end + size
        read_into(text[begin:end], path, progress.add)
        text[end] = ord(" ")
        blanks.append(end)
        end += 1
    return blanks


def borders(text, weights):
    """Where shares of these weights end: at the first place from there on that is behind white space."""
    end = 0
    for sum_ in itertools.accumulate(weights):
        space = re.compile(rb"\s").search(text, max(end, len(text) * sum_ // sum(weights)))
        end = space.end() if space else len(text)
        yield end


def new_row(start, stop, blanks):
    row = [0] * columns.COLUMNS
    row[columns.LANGUAGE] = row[columns.LONGEST] = None
    row[columns.START], row[columns.STOP], row[columns.SECONDS] = start, stop, 0.0
    row[columns.BLANKS] = bisect.bisect_left(blanks, stop) - bisect.bisect_left(blanks, start)
    return row


def new_results(name, ends, blanks):
    """The list of results. None gets room for the texts that will stand in its place."""
    rows = [new_row(start, stop, blanks) for start, stop in zip([0, *ends], ends)]
    rows.append(new_row(0, ends[-1], blanks=[]))
    return polyshm.ShareableList(itertools.chain(*rows), name=name, spare=columns.KEPT)


def add_wc(results, paths):
    """Fills the last row."""
    first = len(results) - columns.COLUMNS
    results[first + columns.LINES], results[first + columns.WORDS], results[first + columns.BYTES] = wc.count(paths)
    results[first + columns.LANGUAGE] = wc.version()


def run(files, stock, name):
    """Gives the exit status."""
    size = sum(size for _, size in files) + len(files)
    progress = Progress(size)
    with contextlib.ExitStack() as stack:
        stack.callback(progress.clear)
        block = stack.enter_context(polyshm.SharedMemory(f"{name}-text", create=True, size=size))
        stack.callback(block.unlink)
        blanks = load(files, block.buf, progress)

        weights, commands = zip(*workers(stock))
        ends = list(borders(block.buf, weights))
        results = stack.enter_context(new_results(f"{name}-results", ends, blanks))
        stack.callback(results.unlink)
        processes = stack.enter_context(Processes())
        for row, command in enumerate(commands):
            processes.start(command, block.name, results.shm.name, row)
        processes.wait(lambda: progress.show("counting", sum(results[columns.BYTES :: columns.COLUMNS])))

        add_wc(results, [path for path, _ in files])
        progress.clear()
        return subprocess.run([*stock, HERE / "report_stock.py", results.shm.name], start_new_session=True).returncode


def stop(number, _frame):
    """A signal ends the demo by an exception, so that all is cleaned up. A second one cannot disturb that."""
    for other in STOPPING:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main():
    parser = argparse.ArgumentParser(prog="demo", add_help=False)
    parser.add_argument("--stock", default=sys.executable)
    parser.add_argument("paths", nargs="*", default=[DEFAULT])
    arguments = parser.parse_args()
    for number in STOPPING:
        signal.signal(number, stop)
    try:
        # -E, -s: no PYTHONPATH and no packages of the user's, hence no polyshm.
        status = run(collect(arguments.paths), [arguments.stock, "-E", "-s"], os.environ["POLYSHM_DEMO"])
    except (DemoError, OSError, ValueError) as error:
        raise SystemExit(f"demo: {error}") from error
    raise SystemExit(status)


main()
