"""Whole processes, by hyperfine: an interpreter alone, with polyshm loaded, and with a first block or manager of it.

    startup.py RUNS
"""

import json
import os
import subprocess
import sys
import tempfile

PYTHON, RUBY, LUA, LUAJIT = (os.environ[f"BENCH_{name}"] for name in ("PYTHON", "RUBY", "LUA", "LUAJIT"))

# Language, case, side, command.
PROCESSES = (
    ("Python", "load", "interpreter alone", [PYTHON, "-c", "pass"]),
    ("Python", "load", "polyshm", [PYTHON, "-c", "import polyshm"]),
    ("Python", "load", "stock", [PYTHON, "-c", "import multiprocessing.shared_memory"]),
    ("Python", "load, create, end", "polyshm",
     [PYTHON, "-c", "import polyshm; polyshm.SharedMemory(create=True, size=4096).unlink()"]),
    ("Python", "load, create, end", "stock",
     [PYTHON, "-c", "from multiprocessing.shared_memory import *; SharedMemory(create=True, size=4096).unlink()"]),
    ("Python", "load, start a manager, end", "polyshm",
     [PYTHON, "-c", "import polyshm; m = polyshm.SharedMemoryManager(); m.start(); m.shutdown()"]),
    ("Python", "load, start a manager, end", "stock",
     [PYTHON, "-c", "from multiprocessing.managers import *; m = SharedMemoryManager(); m.start(); m.shutdown()"]),
    ("Ruby", "load", "interpreter alone", [RUBY, "-e", ""]),
    ("Ruby", "load", "polyshm", [RUBY, "-r", "polyshm", "-e", ""]),
    ("Ruby", "load, create, end", "polyshm",
     [RUBY, "-r", "polyshm", "-e", "Polyshm::SharedMemory.create(size: 4096, &:unlink)"]),
    ("Lua 5.4", "load", "interpreter alone", [LUA, "-e", ""]),
    ("Lua 5.4", "load", "polyshm", [LUA, "-e", "require 'polyshm'"]),
    ("Lua 5.4", "load, create, end", "polyshm",
     [LUA, "-e", "require('polyshm').SharedMemory.create{size=4096}:unlink()"]),
    ("LuaJIT", "load", "interpreter alone", [LUAJIT, "-e", ""]),
    ("LuaJIT", "load", "polyshm", [LUAJIT, "-e", "require 'polyshm'"]),
    ("LuaJIT", "load, create, end", "polyshm",
     [LUAJIT, "-e", "require('polyshm').SharedMemory.create{size=4096}:unlink()"]),
)


def quoted(word):
    return "'" + word.replace("'", "'\\''") + "'"


def main():
    with tempfile.NamedTemporaryFile("r", suffix=".json") as results:
        commands = [" ".join(map(quoted, command)) for _, _, _, command in PROCESSES]
        subprocess.run(["hyperfine", "--shell=none", "--runs", sys.argv[1], "--style=none",
                        "--export-json", results.name, *commands], check=True, stdout=subprocess.DEVNULL)
        for (language, case, side, _), result in zip(PROCESSES, json.load(results)["results"]):
            line = {"case": case, "language": language, "side": side, "unit": "s", "samples": result["times"]}
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
