"""For tests that run other programs."""
import contextlib
import pathlib
import time

DEADLINE = 120  # seconds


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(condition)
        time.sleep(0.01)


def processes_of(name):
    """The processes whose command line has this name in it."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if name.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found
