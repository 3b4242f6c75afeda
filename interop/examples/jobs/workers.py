"""The processes that work on the jobs: one a language, and another one in its place when it was killed."""
import pathlib
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
COMMANDS = [[sys.executable, HERE / "worker.py"], ["ruby", HERE / "worker.rb"], ["lua5.4", HERE / "worker.lua"]]


class Workers:
    """Those that still run at the end of the with statement are killed."""

    def __init__(self, names):
        self._commands = [[*command, *names] for command in COMMANDS]
        self._processes = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for process in self._processes:
            process.kill()
            process.wait()

    def tend(self):
        """Starts those that do not run. They get no Ctrl-C, which is for the program that started them."""
        for process in self._processes:
            if process.poll() not in (None, 0, -signal.SIGKILL):
                raise ChildProcessError(f"{process.args[1].name} ended with status {process.returncode}")
        self._processes = [process for process in self._processes if process.returncode is None]
        for command in self._commands:
            if command not in [process.args for process in self._processes]:
                self._processes.append(subprocess.Popen(command, start_new_session=True))

    def kill(self, pid):
        """Kills the worker of this pid, if it is one of ours; True if so."""
        for process in self._processes:
            if process.pid == pid and process.poll() is None:
                process.kill()
                return True
        return False
