"""A writer of a checked list (checked.h), for whoever kills it: agent.py write NAME SEED

Puts a '+' on its output for each add that came back.
"""

import os
import random
import sys

from polyshm import ShareableList

# As in checked.h.
PAIR_FIRST, COUNTERS, NUMBERS, TEXTS, PAIR_SECOND, TEXT_MAX = 0, 1, 5, 9, 17, 200
LETTERS = "abcdefghijklmnopqrstuvwxyz" * 10
SECTION_MAX = 32


def checksum(text):
    total = 0
    for byte in text.encode():
        total = (total * 31 + byte) % 4294967291
    return total


def checked_text(index, serial):
    text = f"{index}:{serial}:"
    letters = serial * 7 % (TEXT_MAX - 8 - len(text))
    first = (serial + len(text)) % 26
    text += LETTERS[first : first + letters]
    return f"{text}{checksum(text):08x}"


def checked_int(index, serial):
    content = serial * 64 + index
    return content * 65536 + content * 31 % 65521


def make(index):
    serial = random.randrange(1 << 24)
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
    items.compare_exchange(index, items[index], checked_int(index, random.randrange(1 << 24)))


def write_pair(items):
    with items.lock():
        first = items[PAIR_FIRST]
        if items[PAIR_SECOND] != first:  # a writer died in between
            items[PAIR_SECOND] = first
        items[PAIR_FIRST] = first + 1
        for _ in range(random.randrange(SECTION_MAX)):
            write_one(items)
        items[PAIR_SECOND] = first + 1


def main():
    job, name, seed = sys.argv[1:]
    if job != "write":
        sys.exit("this agent only writes")
    random.seed(int(seed))
    items = ShareableList(name=name)
    acts = {2: exchange, 4: write_pair}
    while True:
        act = random.randrange(8)
        if act < 2:
            items.add(random.randrange(COUNTERS, NUMBERS))
            os.write(1, b"+")
        else:
            acts.get(act, write_one)(items)


main()
