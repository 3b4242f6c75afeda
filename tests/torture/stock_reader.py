"""An actor (actors.h) with nothing installed, which only attaches: as CPython's SharedMemory does it, without the tracker that
would remove the block when this process ends (it tells no attaching from creating, up to Python 3.12)."""

import sys
from multiprocessing import resource_tracker, shared_memory

resource_tracker.register = lambda name, kind: None
resource_tracker.unregister = lambda name, kind: None
held = {}


def obey(command, name):
    if command == "attach":
        held[name] = shared_memory.SharedMemory(name)
    elif command == "detach":
        held.pop(name).close()
    else:
        return "can't"
    return "ok"


for line in sys.stdin:
    words = line.split()
    if words[0] == "quit":
        break
    try:
        print(obey(words[0], words[-1]), flush=True)
    except (OSError, KeyError, ValueError) as error:
        print("no", repr(error), flush=True)
