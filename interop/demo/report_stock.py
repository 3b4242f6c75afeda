"""Prints the demo's results as a table, from the shared list that the workers filled. A stock CPython is enough.

    python3 report_stock.py RESULTS

Ends with status 1 if what the workers counted is not together what wc says.
"""
import sys

import stock
from columns import BLANKS, BYTES, COLUMNS, LANGUAGE, LINES, LONGEST, SECONDS, STOP, WORDS

LINE = "{:<40} {:>7} {:>14} {:>12} {:>13} {:>6}  {}"


def shown(word):
    """A word of any bytes, as something that a terminal can take."""
    text = "".join(letter if letter.isprintable() else "?" for letter in word.decode("utf-8", "replace"))
    return text if len(text) <= 24 else text[:21] + "..."


def files_bytes(row):
    return row[BYTES] - row[BLANKS]


def print_worker(row, total):
    share = f"{100 * row[BYTES] / total:.1f} %"
    speed = f"{row[BYTES] / 1e6 / row[SECONDS]:.0f}" if row[BYTES] and row[SECONDS] else ""
    longest = shown(row[LONGEST])
    print(LINE.format(row[LANGUAGE], share, files_bytes(row), row[LINES], row[WORDS], speed, longest).rstrip())


def print_table(workers, sums, wc):
    print(LINE.format("counted by", "share", "bytes", "lines", "words", "MB/s", "longest word"))
    for row in workers:
        print_worker(row, wc[STOP])
    print(LINE.format("together", "", *sums, "", "").rstrip())
    print(LINE.format(wc[LANGUAGE], "", wc[BYTES], wc[LINES], wc[WORDS], "", "").rstrip())


def main():
    (results_name,) = sys.argv[1:]
    results = stock.attach_list(results_name)
    try:
        items = list(results)
    finally:
        results.shm.close()
    *workers, wc = (items[first : first + COLUMNS] for first in range(0, len(items), COLUMNS))
    sums = [sum(files_bytes(row) for row in workers)]
    sums += [sum(row[column] for row in workers) for column in (LINES, WORDS)]
    sys.stdout.reconfigure(errors="replace")
    print_table(workers, sums, wc)
    if sums != [wc[BYTES], wc[LINES], wc[WORDS]]:
        raise SystemExit("demo: the workers and wc DISAGREE; did a file change meanwhile?")
    print("The workers and wc agree.")


main()
