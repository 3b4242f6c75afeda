"""The processes that the loader starts. None of them outlives it."""
import contextlib
import shutil
import signal
import subprocess

from files import DemoError

TICK = 0.1  # seconds between two looks at all of them

# Should the loader be killed before it can end its workers, the kernel ends them.
GUARD = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def end_of(status):
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


class Processes:
    """A group of processes. Those that still run at the end of the with statement are killed."""

    def __init__(self):
        self._running = {}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for process in self._running:
            process.kill()
            process.wait()

    def start(self, command, *arguments):
        """In a session of its own, so that Ctrl-C goes to the loader alone."""
        words = [str(word) for word in (*command, *arguments)]
        process = subprocess.Popen([*GUARD, *words], stdin=subprocess.DEVNULL, start_new_session=True)
        self._running[process] = command[-1]

    def wait(self, tick):
        """Waits until all have ended; one that fails is an error. Calls tick now and then."""
        while self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                next(iter(self._running)).wait(TICK)
            tick()
            for process in [process for process in self._running if process.poll() is not None]:
                program = self._running.pop(process)
                if process.returncode:
                    raise DemoError(f"{program} {end_of(process.returncode)}")
