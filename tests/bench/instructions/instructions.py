"""How many instructions hot operations take, by callgrind, beside those of the table: 5 % more or less is a failure.

    instructions.py [--renew] PROGRAM COMPILER

Unlike a time, this number is the same however busy the machine is. It is another with another compiler, C library or
processor, for memcpy and its like have a version for each: the table (table.json) has columns by these. For what has
none, there is nothing to compare with, and the test skips itself. --renew writes the column of this machine.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TABLE = Path(__file__).with_name("table.json")
TOLERANCE = 0.05
SKIPPED = 77


def column(compiler):
    """What the numbers depend on. valgrind's processor has AVX2 if the machine's has, and nothing beyond."""
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    level = "AVX2" if re.search(r"^flags.*\bavx2\b", flags, re.MULTILINE) else "no AVX2"
    return ", ".join((compiler, " ".join(platform.libc_ver()), platform.machine(), level))


def count(program):
    """Instructions of each operation."""
    with tempfile.TemporaryDirectory(prefix="polyshm-bench-") as folder:
        out = os.path.join(folder, "out")
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}", "--collect-atstart=no",
             "--toggle-collect=measured", "--dump-after=measured", program],
            stdout=subprocess.PIPE, text=True, check=True)
        lines = [line.split(maxsplit=1) for line in run.stdout.splitlines()]
        return {words: totals(f"{out}.{number}") / int(times) for number, (times, words) in enumerate(lines, 1)}


def totals(path):
    text = Path(path).read_text(encoding="utf-8")
    return int(re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE).group(1))


def compare(found, expected):
    """Lines for people, and whether all is as expected."""
    good, lines = True, []
    for words in {**expected, **found}:
        now, before = found.get(words), expected.get(words)
        if now is None or before is None:
            good = False
            lines.append(f"{words:34}{'gone' if now is None else 'new':>10}")
            continue
        change = now / before - 1
        within = abs(change) <= TOLERANCE
        good = good and within
        lines.append(f"{words:34}{before:12,.1f}{now:12,.1f}{change:+9.1%}{'' if within else '  <- beyond 5 %'}")
    return lines, good


def main():
    renew = sys.argv[1] == "--renew"
    program, compiler = sys.argv[2 if renew else 1:]
    if not shutil.which("valgrind"):
        print("skipped: there is no valgrind")
        return SKIPPED
    table = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    own = column(compiler)
    if own not in table and not renew:
        print(f"skipped: the table of instructions has no column for {own}")
        return SKIPPED
    found = count(program)
    if renew:
        table[own] = {words: round(number, 1) for words, number in found.items()}
        TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        print(f"written: {own}")
        return 0
    lines, good = compare(found, table[own])
    print(own, f"{'operation':34}{'table':>12}{'found':>12}", *lines, sep="\n")
    if not good:
        print("If that is as it should be: cmake --build build --target renew_instructions")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
