"""The actor in Python (actors.h)."""

import os
import signal
import sys

from polyshm import SharedMemory, SharedMemoryManager

attached, kept = {}, []


def make(name, track):
    kept.append(SharedMemory(name, create=True, size=8, track=track))


def attach(name):
    attached[name] = SharedMemory(name)


def start(address):
    manager = SharedMemoryManager(address)
    manager.start()
    kept.append(manager)


def manage(address, name):
    manager = SharedMemoryManager(address)
    manager.connect()
    kept.append(manager.SharedMemory(8, name=name))


def leave_child():
    """The child outlives its parent."""
    child = os.fork()
    if child:
        return child
    os.close(0)
    os.close(1)
    while True:
        signal.pause()


COMMANDS = {
    "create": lambda name: make(name, False),
    "track": lambda name: make(name, True),
    "attach": attach,
    "detach": lambda name: attached.pop(name).close(),
    "start": start,
    "manage": manage,
    "fork": leave_child,
}

for line in sys.stdin:
    command, *words = line.split()
    if command == "quit":
        break
    try:
        number = COMMANDS[command](*words)
        answer = f"ok {number}" if number else "ok"
    except (OSError, KeyError) as error:
        answer = f"no {error!r:.200}"
    os.write(1, f"{answer}\n".encode())
