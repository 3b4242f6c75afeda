"""The loaders' test: a list that C made is visited by a loader's program, and changed by Lua while that one waits.

    . build/interop/environment.sh; "$POLYSHM_PYTHON" interop/loaders/test_loaders.py ctypes
"""
import os
import pathlib
import subprocess
import sys

import loaders
import polyshm

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "mixed"))
import agents as cast  # noqa: E402
from values import word  # noqa: E402

NAME = f"t_loaders_{os.getpid()}"
VALUES = ["grüße 😀", 2**63 - 1, 2.5, True, False, None, b"\0\xff\0", "", b"", 37]
CHANGED = -(2**63)
DEADLINE = 120  # seconds
SKIPPED = 77  # as CTest understands it
ITEMS = ["str grüße 😀", "int64 9223372036854775807", "float64 2.5", "bool true", "bool false", "none -", "bytes 00ff00"]
ITEMS += ["str ", "bytes ", "int64 37"]
PRINTED = [*ITEMS, "bytes 0a00000000000000", "sum 42", "waiting"]


def command(name):
    if name == "koffi":
        folder = pathlib.Path(loaders.koffi() or sys.exit(SKIPPED)).parent
        return ["node", loaders.beside(HERE / "visit.mjs", folder)]
    if name in ("ctypes", "cffi"):
        python = os.environ["POLYSHM_PYTHON"] if name == "ctypes" else loaders.python_with_cffi()
        return [python, HERE / "visit.py", f"polyshm_{name}"]
    program, suffix = {"luajit": ("luajit", "lua"), "fiddle": ("ruby", "rb"), "perl": ("perl", "pl")}[name]
    return [program, HERE / f"visit.{suffix}"]


def visit(name, address):
    """Runs the program; gives all that it printed after it was waiting."""
    program = [*command(name), NAME, address]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, encoding="utf-8") as visitor:
        for expected in PRINTED:
            found = visitor.stdout.readline().rstrip("\n")
            assert found == expected, f"printed {found!r}, expected {expected!r}"
        changer = cast.Agent("Lua 5.4", ["lua5.4", HERE.parent / "mixed" / "agent.lua"])
        changer.ask("attach_list", NAME)
        changer.ask("set", NAME, 1, word(CHANGED))
        changer.end()
        rest, _ = visitor.communicate(timeout=DEADLINE)
    assert visitor.returncode == 0, f"ended with {visitor.returncode}"
    return rest.splitlines()


def check(name, manager):
    """Gives the name of the list that the visitor left."""
    changed, left, error = visit(name, manager.address)
    assert changed == f"changed int64 {CHANGED}", changed
    assert left.startswith("left True "), left
    assert error.startswith("error ") and f"cannot attach to block '{NAME}_not'" in error, error
    copy = polyshm.ShareableList(name=left.split()[2])
    assert list(copy) == ["visited", CHANGED, *VALUES[2:-1], 42], list(copy)
    copy.close()
    return copy.shm.name


def main():
    creator = cast.Agent("C", [f"{os.environ['POLYSHM_BUILD']}/interop/mixed_agent"])
    creator.ask("create_list", NAME, *map(word, VALUES))
    try:
        with polyshm.SharedMemoryManager() as manager:
            left = check(sys.argv[1], manager)
        assert not pathlib.Path("/dev/shm", left).exists(), f"the manager left {left}"
        assert creator.ask("get", NAME, 0) == [word("visited")]
    finally:
        creator.ask("unlink", NAME)
        creator.end()
    print(f"{sys.argv[1]}: visited")


main()
