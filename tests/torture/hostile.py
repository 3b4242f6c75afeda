"""Uses everything on a list that somebody scribbles over, for so many seconds: hostile.py NAME SECONDS

Errors and wrong values are fine. SystemError is not: the interpreter raises it for a binding that breaks its rules.
"""

import random
import sys
import time

from polyshm import ShareableList

TIMEOUT = 0.002
VALUES = (None, True, 7, -(2**63), 0.5, "text", "tëxt" * 20, b"bytes", b"\xff\0", "x" * 300)


def under_lock(items):
    with items.lock(TIMEOUT):
        items[any_index(items)] = random.choice(VALUES)


def any_index(items):
    return random.randrange(len(items))


CALLS = (
    lambda items: items[any_index(items)],
    lambda items: items[:],
    lambda items: items.__setitem__(any_index(items), random.choice(VALUES)),
    lambda items: items.__setitem__(slice(0, 3), random.choices(VALUES, k=3)),
    lambda items: list(items),
    lambda items: repr(items),
    lambda items: random.choice(VALUES) in items,
    lambda items: items.count(random.choice(VALUES)),
    lambda items: items.index(random.choice(VALUES)),
    lambda items: items.type(any_index(items)),
    lambda items: items.format,
    lambda items: items.add(any_index(items)),
    lambda items: items.compare_exchange(any_index(items), random.choice(VALUES), random.choice(VALUES)),
    lambda items: items.snapshot(),
    lambda items: items.wait(items.version, TIMEOUT),
    lambda items: items.wait(items.item_version(0), TIMEOUT, item=0),
    lambda items: items.unlock(),
    under_lock,
)


def attempt(call, *arguments):
    try:
        return call(*arguments)
    except SystemError:
        raise
    except Exception:
        return None


def main():
    name, seconds = sys.argv[1:]
    end = time.monotonic() + float(seconds)
    kept, calls = None, 0
    while time.monotonic() < end:
        kept = kept or attempt(lambda: ShareableList(name=name))
        fresh = attempt(lambda: ShareableList(name=name, readonly=random.random() < 0.5))
        for items in filter(None, (kept, fresh)):
            items.timeout = TIMEOUT
            for call in random.choices(CALLS, k=20):
                attempt(call, items)
                calls += 1
        if fresh is not None:
            fresh.close()
    print(f"FIGURE calls in Python: {calls}")


main()
