"""For the tests of the examples."""
import importlib.util
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from programs import DEADLINE, processes_of, wait_until  # noqa: E402, F401

BUILD = pathlib.Path(os.environ["POLYSHM_BUILD"])
SHM = pathlib.Path("/dev/shm")


def need(*modules):
    """Skips the tests of a file whose Python lacks a module."""
    missing = [module for module in modules if not importlib.util.find_spec(module)]
    if missing:
        print(f"skipped: {sys.executable} has no {' and no '.join(missing)}")
        raise SystemExit(77)


def blocks():
    """The blocks that there are; under the guard, those of the test alone."""
    return set(SHM.iterdir())


def primes_below(end):
    """A sieve."""
    sieve = bytearray(b"\1") * end
    sieve[:2] = b"\0\0"
    for number in range(2, int(end**0.5) + 1):
        sieve[number * number :: number] = bytes(len(range(number * number, end, number)))
    return sieve


class ExampleTest(unittest.TestCase):
    """In a folder of its own."""

    name = None  # the example's

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="t_example_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.before = blocks()
        # What a killed program made goes a moment after it, and its name may be the next test's.
        self.addCleanup(wait_until, lambda: not self.new_blocks())

    def new_blocks(self):
        return blocks() - self.before

    def popen(self, *command, **options):
        """Starts a program in a session of its own, which ends with the test."""
        words = [str(word) for word in command]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        environment = {**os.environ, "TMPDIR": str(self.folder)}  # for what a killed one leaves
        process = subprocess.Popen(words, start_new_session=True, text=True, cwd=self.folder, env=environment, **streams)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def start(self, *arguments, **options):
        return self.popen(HERE / "run.sh", self.name, *arguments, **options)

    def finish(self, process):
        """Waits for its end; gives its status, output and errors."""
        output, errors = process.communicate(timeout=DEADLINE)
        return process.returncode, output, errors

    def run_example(self, *arguments):
        """Runs it, which must go well and leave no block; gives its output."""
        status, output, errors = self.finish(self.start(*arguments))
        self.assertEqual((status, errors), (0, ""), output)
        wait_until(lambda: not self.new_blocks())
        return output

    def check_fails(self, expected, *command):
        status, output, errors = self.finish(self.popen(*command))
        self.assertEqual((status, output), (1, ""), errors)
        self.assertRegex(errors, expected)

    def check_ends_by(self, signal_, expected, process):
        """As Ctrl-C does it: the signal goes to all of the terminal's processes."""
        wait_until(self.new_blocks)
        os.killpg(process.pid, signal_)
        self.assertEqual(self.finish(process)[0], expected)
        wait_until(lambda: not self.new_blocks())
