"""Runs a Python program with polyshm in place of the standard library's shared memory:

    python -m polyshm.run program.py arguments...
    python -m polyshm.run -m module arguments...

The program, and the processes that it starts by multiprocessing, are not changed: see polyshm.install.
"""

import os
import runpy
import sys
import types

import polyshm


def _run_file(path):
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        sys.path[0] = os.path.dirname(os.path.realpath(path))  # instead of the current folder
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"polyshm.run: cannot open {path!r}: {error.strerror}", file=sys.stderr)
        sys.exit(2)  # as python does
    code = compile(source, path, "exec")
    main = sys.modules["__main__"]
    main.__file__ = path
    exec(code, main.__dict__)


def _run(arguments):
    polyshm.install()
    # For good: threads of the program may go on when its main module has come to the end.
    sys.modules["__main__"] = types.ModuleType("__main__")
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy._run_module_as_main(arguments[1])  # as python -m does
    else:
        sys.argv = arguments
        _run_file(arguments[0])


if __name__ == "__main__":
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
    elif sys.argv[1:] in ([], ["-m"]):
        sys.exit(__doc__)
    else:
        _run(sys.argv[1:])
