"""The agent in Python (agents.h): agent.py write|read|wait NAME SEED"""

import os
import random
import sys

from polyshm import ShareableList

# As in checked.h.
PAIR_FIRST, COUNTERS, NUMBERS, TEXTS, BIG, PAIR_SECOND, ITEMS = 0, 1, 5, 9, 16, 17, 18
TEXT_MAX, BIG_MAX, SERIALS = 200, 20000, 1 << 24
LETTERS = "abcdefghijklmnopqrstuvwxyz" * (BIG_MAX // 26 + 2)
SECTION_MAX = 32


def checksum(text):
    total = 0
    for byte in text.encode():
        total = (total * 31 + byte) % 4294967296
    return total


def checked_text(index, serial):
    text = f"{index}:{serial}:"
    letters = serial * 7 % ((BIG_MAX if index == BIG else TEXT_MAX) - 9 - len(text))
    first = (serial + len(text)) % 26
    text += LETTERS[first : first + letters]
    return f"{text}{checksum(text):08x}" + "\0" * (serial % 2)


def checked_int(index, serial):
    content = serial * 64 + index
    return content * 65536 + content * 31 % 65521


def make(index):
    serial = random.randrange(SERIALS)
    kind = random.randrange(4 if index < TEXTS else 8)
    if kind in (0, 3):
        return checked_int(index, serial)
    if kind == 1:
        return checked_int(index, serial) + 0.5
    if kind == 2:
        return random.choice((True, None))
    text = checked_text(index, serial)
    return text.encode() if kind == 4 else text


def write_one(items):
    index = random.randrange(NUMBERS, PAIR_SECOND)
    items[index] = make(index)


def exchange(items):
    index = random.randrange(NUMBERS, TEXTS)
    items.compare_exchange(index, items[index], checked_int(index, random.randrange(SERIALS)))


def write_pair(items):
    with items.lock():
        first = items[PAIR_FIRST]
        if items[PAIR_SECOND] != first:  # a writer died in between
            items[PAIR_SECOND] = first
        items[PAIR_FIRST] = first + 1
        for _ in range(random.randrange(SECTION_MAX)):
            write_one(items)
        items[PAIR_SECOND] = first + 1


def say(text):
    os.write(1, text.encode())


def write(items):
    acts = {2: exchange, 4: write_pair}
    while True:
        act = random.randrange(8)
        if act < 2:
            counter = random.randrange(COUNTERS, NUMBERS)
            say(f"{counter - COUNTERS} {items.add(counter)}\n")
        else:
            acts.get(act, write_one)(items)


def is_written(index, value):
    if index in (PAIR_FIRST, PAIR_SECOND) or COUNTERS <= index < NUMBERS:
        return type(value) is int
    if value is None or value is True:
        return True
    if isinstance(value, (int, float)):
        number = int(value)
        return value - number in ((0.5,) if isinstance(value, float) else (0,)) and number == checked_int(
            index, number // 65536 // 64
        )
    text = value if isinstance(value, str) else value.decode()
    return index >= TEXTS and text == checked_text(index, int(text.split(":")[1]))


def look(values):
    for index, value in enumerate(values):
        try:
            written = is_written(index, value)
        except (ValueError, IndexError, UnicodeDecodeError):
            written = False
        if not written:
            print(f"item {index} has a value that nobody wrote: {value!r:.256}", file=sys.stderr)
            say("x")


def read(items):
    half = 0
    while True:
        look([items[index] for index in range(ITEMS)])
        look(items[:])
        values, version = items.snapshot()
        look(values)
        if values[PAIR_FIRST] not in (values[PAIR_SECOND], half):
            half = values[PAIR_FIRST]
            say("h" if half == values[PAIR_SECOND] + 1 else "x")
        say(".")
        try:
            items.wait(version, 0.01)
        except TimeoutError:
            pass


def wait(items):
    try:
        items.lock(0.1)
    except TimeoutError as error:
        if "kept the lock" in str(error):
            say("timed out")


def main():
    job, name, seed = sys.argv[1:]
    random.seed(int(seed))
    {"write": write, "read": read, "wait": wait}[job](ShareableList(name=name))


main()
