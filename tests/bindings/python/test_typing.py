"""The types that the package declares: whole, true, and what a program needs. And each public name has a docstring."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import polyshm

PACKAGE = Path(polyshm.__file__).parent
PROGRAM = Path(__file__).parent / "typed/program.py"
CLASSES = (polyshm.SharedMemory, polyshm.ShareableList, polyshm.SharedMemoryManager)

# The package's own part of the extension, of which nobody else is to know.
INTERNAL = r"polyshm\._polyshm\.(?!IntegerRangeError|ItemTypeError|HeldLock)\w+"


@pytest.fixture
def check(tmp_path):
    """Runs a module of mypy's in a folder of its own; what it finds is the failure."""
    pytest.importorskip("mypy")

    def run(*arguments):
        environment = dict(os.environ, MYPYPATH=str(PACKAGE.parent))
        command = [sys.executable, "-m", *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stdout

    return run


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()


def test_the_package_and_a_program_are_clean_under_mypy_strict(check):
    check("mypy", "--strict", "-p", "polyshm")
    check("mypy", "--strict", PROGRAM)


def test_the_stubs_are_what_the_running_module_is(check, tmp_path):
    (tmp_path / "allowed").write_text(INTERNAL + "\n")
    check("mypy.stubtest", "polyshm", "--allowlist", "allowed")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="typing.assert_type came with 3.11")
def test_the_program_runs(run_child, name):
    run_child(PROGRAM.read_text(), name)


def public(thing):
    return [name for name in vars(thing) if not name.startswith("_")]


def test_the_program_uses_every_public_name():
    words = set(re.findall(r"\w+", PROGRAM.read_text()))
    for thing in (polyshm.ShareableList, polyshm.SharedMemory, polyshm.SharedMemoryManager):
        assert set(public(thing)) <= words
    assert set(polyshm.__all__) <= words


@pytest.mark.parametrize("thing", CLASSES)
def test_every_public_name_has_a_docstring(thing):
    assert inspect.getdoc(thing)
    for name in public(thing):
        assert inspect.getdoc(getattr(thing, name)), name


def test_the_module_and_its_errors_have_docstrings():
    for name in polyshm.__all__:
        assert inspect.getdoc(getattr(polyshm, name)), name
    assert polyshm.__doc__
