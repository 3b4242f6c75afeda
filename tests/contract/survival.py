"""What survives what: every cell of the table in runtime/README.md, done for real, with an interpreter that has nothing
installed and loads the library by itself.

    survival.py LIBRARY README
    survival.py --act ROLE HOW LIBRARY PREFIX    an actor: says "ready", and ends as it is told
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

TRACK = 8  # POLYSHM_SEGMENT_TRACK
PREFIX = os.environ.get("POLYSHM_TEST_PREFIX", "t_") + f"{os.getpid()}_"
# Seconds: until a cell must be so, on a machine that is never late; until it is given up; to watch what stays for.
WANTED, SOON, SETTLED = 0.2, 30.0, 0.2


class Library:
    def __init__(self, path):
        self.calls = ctypes.CDLL(path)
        self.calls.polyshm_error_message.restype = ctypes.c_char_p

    def __call__(self, function, *arguments):
        status = getattr(self.calls, "polyshm_" + function)(*arguments)
        if status:
            raise OSError(self.calls.polyshm_error_message().decode())

    def create(self, name, flags):
        handle = ctypes.c_void_p()
        self("segment_create", name.encode(), ctypes.c_uint64(1), 0, flags, ctypes.byref(handle))

    def start(self, name):
        manager, handle = ctypes.c_void_p(), ctypes.c_void_p()
        self("manager_start", b"address", None, ctypes.c_uint64(0), ctypes.byref(manager))
        self("manager_create_segment", manager, name.encode(), ctypes.c_uint64(1), 0, 0, ctypes.byref(handle))

    def reap(self):
        size = ctypes.c_uint64()
        names = ctypes.create_string_buffer(4096)
        self("reap", 0, names, ctypes.c_uint64(4096), ctypes.byref(size))


def act(role, how, library, prefix):
    """Runs in a process of its own. Interpreters hold blocks as others do: by the library, or by opening the file."""
    if role == "creator":
        Library(library).create(prefix + "untracked", 0)
        Library(library).create(prefix + "tracked", TRACK)
    elif role == "manager":
        Library(library).start(prefix + "managed")
    else:
        held = [open("/dev/shm/" + prefix + name, "rb") for name in ("untracked", "tracked", "managed")]
    print("ready", flush=True)
    sys.stdin.readline()
    if how == "exception":
        raise RuntimeError("as it is told")
    if how == "exit":
        sys.exit()
    signal.pause()


class Bystander(threading.Thread):
    """Sleeps all the time, and adds up by how much too long: that much the machine is late, for others, too."""

    NAP = 0.001

    def __init__(self):
        super().__init__(daemon=True)
        self.late = 0.0
        self.start()

    def run(self):
        while True:
            begin = time.monotonic()
            time.sleep(self.NAP)
            self.late += time.monotonic() - begin - self.NAP


class Scene:
    """A creator, a manager's owner and a reader, with their helper."""

    def __init__(self, library, ending):
        self.library, self.actors, self.ending = library, {}, ending
        for role in ("creator", "manager", "reader"):
            command = [sys.executable, __file__, "--act", role, ending, library, PREFIX]
            self.actors[role] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            assert self.actors[role].stdout.readline() == "ready\n", role

    def helper(self):
        with open(os.environ["XDG_RUNTIME_DIR"] + "/polyshm/helper", encoding="ascii") as file:
            return int(file.read(16).split("\n")[0].strip("\0") or 0)

    def end(self, role):
        if role == "helper":
            return self.end_helper()
        actor = self.actors.pop(role)
        if self.ending in ("exit", "exception"):
            actor.stdin.write("\n")
            actor.stdin.flush()
        else:
            actor.send_signal(getattr(signal, self.ending))
        actor.wait()  # without a timeout, with which it would look from time to time only
        actor.stdin.close()
        actor.stdout.close()

    def end_helper(self):
        """It does not end by itself, nor by a Ctrl-C that is for others."""
        helper = self.helper()
        ends = self.ending not in ("exit", "exception", "SIGINT")
        if self.ending not in ("exit", "exception"):
            os.kill(helper, getattr(signal, self.ending))
        if ends:
            until(lambda: not lives(helper))
        else:
            time.sleep(0.02)
            assert lives(helper)

    def close(self):
        for actor in self.actors.values():
            actor.kill()
            actor.wait()
            actor.stdin.close()
            actor.stdout.close()
        Library(self.library).reap()
        for name in blocks():
            os.unlink("/dev/shm/" + PREFIX + name)
        until(lambda: os.listdir(os.environ["XDG_RUNTIME_DIR"] + "/polyshm") == ["helper"])


def lives(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def until(condition):
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() < begin + SOON, "it never came to be so"
        time.sleep(0.0005)


def blocks():
    return {name[len(PREFIX) :] for name in os.listdir("/dev/shm") if name.startswith(PREFIX)}


def reboot(scene):
    """What can be had of it: everybody is dead, the blocks are gone, the books are of another start of the system. Blocks of
    the same names that somebody makes then are not touched."""
    scene.ending = "SIGKILL"
    for role in ("helper", "creator", "manager", "reader"):
        scene.end(role)
    folder = os.environ["XDG_RUNTIME_DIR"] + "/polyshm/"
    for book in set(os.listdir(folder)) - {"helper"}:
        with open(folder + book, "r+b") as file:
            file.seek(32)
            file.write(b"00000000-0000-0000-0000-000000000000")
    for name in blocks():
        assert name in ("untracked", "tracked", "managed")
    Library(scene.library).reap()
    assert os.listdir(folder) == ["helper"], "the books go"
    assert blocks() == {"untracked", "tracked", "managed"}, "what is in no book of this start is not touched"
    for name in blocks():
        os.unlink("/dev/shm/" + PREFIX + name)


def read_table(readme):
    """The rows of the table below its heading: what ended, how it ended, and which blocks are there then."""
    with open(readme, encoding="utf-8") as file:
        text = file.read().split("## What survives what", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    hows = rows[0][1:]
    return [(row[0], how.strip("`"), cell) for row in rows[2:] for how, cell in zip(hows, row[1:])]


ROLES = {
    "the creator of the blocks": ["creator"],
    "the creator, and then the reader": ["creator", "reader"],
    "the process that started the manager": ["manager"],
    "the helper": ["helper"],
    "a reader": ["reader"],
    "all of them at once": ["helper", "creator", "manager", "reader"],
}


def try_cell(library, who, how, expected, bystander):
    """How long it took, in seconds, from the death (where the helper died, too: from the call that cleans up) until
    /dev/shm was as expected, and by how much the machine was late meanwhile. A reboot takes no time of ours."""
    scene = Scene(library, "SIGKILL" if how == "reboot" else how)
    if how == "reboot":
        reboot(scene)
    for role in ROLES[who] if how != "reboot" else ():
        scene.end(role)
    begin, late = time.monotonic(), bystander.late
    if who == "all of them at once" and how in ("SIGTERM", "SIGKILL"):
        Library(library).reap()
    until(lambda: blocks() == expected)
    took, late = time.monotonic() - begin, bystander.late - late
    assert took <= WANTED + late, f"it took {took * 1000:.1f} ms, and the machine was only {late * 1000:.1f} ms late"
    time.sleep(SETTLED)
    assert blocks() == expected, "a moment later"
    scene.close()
    return took, late


def main(library, readme):
    table, slowest, bystander = read_table(readme), 0.0, Bystander()
    assert {who for who, _, _ in table} == set(ROLES), "the rows of the table are others than those of this program"
    for who, how, cell in table:
        expected = set() if cell == "none" else {word.strip() for word in cell.split(",")}
        try:
            took, late = try_cell(library, who, how, expected, bystander)
        except AssertionError as error:
            raise AssertionError(f"{who}, {how}: expected {cell}, found {sorted(blocks())}: {error}") from error
        slowest = max(slowest, took - late)
        print(f"{who}, {how}: {cell} after {took * 1000:.1f} ms, the machine was {late * 1000:.1f} ms late")
    print(f"{len(table)} cells, the slowest {slowest * 1000:.1f} ms later than the machine, of {WANTED * 1000:.0f} ms")


if sys.argv[1] == "--act":
    act(*sys.argv[2:])
else:
    main(*sys.argv[1:])
