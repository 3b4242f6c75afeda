"""Runs CPython's own tests of shared memory, those of the interpreter that this is run with, against polyshm:

    python -m polyshm.run cpython.py fork|spawn|forkserver [--all]

These are the tests of test._test_multiprocessing that name the classes or their module; with --all, which takes
minutes, all tests there, whatever they are about. What cannot pass stands in cpython_left_out.md.

The processes that the tests start by multiprocessing have polyshm in place as well, as this file, which they import,
makes sure. Those that the tests start with python -c have not.
"""

import inspect
import re
import sys
import unittest
from multiprocessing import managers, shared_memory
from pathlib import Path

import polyshm

assert shared_memory.SharedMemory is polyshm.SharedMemory and shared_memory.ShareableList is polyshm.ShareableList
assert managers.SharedMemoryManager is polyshm.SharedMemoryManager

VERSION = sys.version_info[:2]
PACKAGE = "libpython{}.{}-testsuite".format(*VERSION)
METHOD = sys.argv[1]

try:
    from test import _test_multiprocessing
except ImportError as error:
    sys.exit(f"CPython's tests are not there: {error}\n(on Debian: apt-get install {PACKAGE})")
_test_multiprocessing.install_tests_in_module_dict(globals(), METHOD)

NAMES = re.compile(r"\b(shared_memory|SharedMemory|ShareableList|SharedMemoryManager)\b")
TABLE = Path(__file__).with_name("cpython_left_out.md")
ROW = re.compile(r"\| `(\w+)` \| (\d+\.\d+)-(\d+\.\d+) \| `(.+)` \| .+ \|")


def left_out():
    """What the table has for this version: for each test a part of what it fails with."""
    listed = {}
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    for line in rows:
        test, first, last, failure = ROW.fullmatch(line).groups()
        first, last = (tuple(map(int, version.split("."))) for version in (first, last))
        assert (3, 8) <= first <= last <= (3, 13), line
        if first <= VERSION <= last:
            listed[test] = failure
    return listed


def tests_in(suite):
    for one in suite:
        if isinstance(one, unittest.TestCase):
            yield one
        else:
            yield from tests_in(one)


def method_name(test):
    return test.id().rsplit(".", 1)[1]


def is_about_shared_memory(test):
    return NAMES.search(inspect.getsource(getattr(test, method_name(test))))


def fails_as_listed(test, failure):
    result = unittest.TestResult()
    unittest.TestSuite([test]).run(result)
    words = "".join(text for _, text in result.errors + result.failures)
    if result.wasSuccessful():
        print(f"{test.id()} passes: take it out of {TABLE.name}")
    elif failure not in words:
        print(f"{test.id()} fails, but not with {failure!r} as {TABLE.name} says:\n{words}")
    return failure in words


def run():
    listed = left_out()
    tests = list(tests_in(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])))
    about = [test for test in tests if is_about_shared_memory(test)]
    missing = set(listed) - set(map(method_name, about))
    for name in missing:
        print(f"there is no {name} in {sys.version.split()[0]}: take it out of {TABLE.name}")
    chosen = tests if "--all" in sys.argv else about
    passing = [test for test in chosen if method_name(test) not in listed]
    assert passing, "no test was found"

    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(passing))
    as_listed = [fails_as_listed(test, listed[method_name(test)]) for test in about if method_name(test) in listed]
    passed = result.testsRun - len(result.skipped) - len(result.failures) - len(result.errors)
    print(f"{passed} of CPython's tests passed, {len(as_listed)} left out: {sys.version.split()[0]}, {METHOD}")
    return result.wasSuccessful() and all(as_listed) and not missing


if __name__ == "__main__":
    sys.exit(not run())
