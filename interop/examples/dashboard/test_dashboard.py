"""The dashboard shows what the system says, in a pipe and on a terminal.

    POLYSHM_BUILD=build python3 interop/examples/dashboard/test_dashboard.py [TestCase ...]
"""
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from example import BUILD, DEADLINE, ExampleTest, HERE, wait_until  # noqa: E402

import polyshm  # noqa: E402

NAME = f"t_dashboard_{os.getpid()}"
COMMAND = BUILD / "polyshm"
FOREVER, LONGER, EVEN_LONGER = "3600", "5400", "7200"
PERIOD, UPDATES, CPU, MEMORY, LOAD, TASKS = range(6)


class Terminal:
    """A terminal for a program, and what that has written there."""

    def __init__(self, test):
        self._ours, self.theirs = pty.openpty()
        test.addCleanup(os.close, self._ours)
        self.text = ""

    def read_until(self, words):
        while words not in self.text:
            if not select.select([self._ours], [], [], DEADLINE)[0]:
                raise TimeoutError(self.text)
            self.text += os.read(self._ours, 4096).decode()

    def type(self, keys):
        os.write(self._ours, keys)


class Figures(ExampleTest):
    """A writer that reads figures of the test's own, and updates only when it is told."""

    def setUp(self):
        super().setUp()
        self.write_figures([10, 0, 10, 70, 10, 0, 0, 0], 250, "0.25 1.00 2.00 3/456 789")
        self.writer = self.popen("lua5.4", HERE / "dashboard/writer.lua", NAME, self.folder, FOREVER)
        self.assertEqual(self.writer.stdout.readline(), f"{NAME}\n")
        self.list = polyshm.ShareableList(name=NAME)
        self.addCleanup(self.list.shm.close)
        wait_until(lambda: self.list[UPDATES] == 1)  # from here on only a new period makes an update
        self.set_period(LONGER)

    def write_figures(self, cpu, available, loadavg):
        (self.folder / "stat").write_text(f"cpu  {' '.join(map(str, cpu))} 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n")
        (self.folder / "meminfo").write_text(f"MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable:   {available} kB\n")
        (self.folder / "loadavg").write_text(f"{loadavg}\n")

    def set_period(self, period):
        """By the command, as anybody may; gives the number of the update that follows."""
        updates = self.list[UPDATES]
        subprocess.run([COMMAND, "set", "--type", "float", NAME, "0", period], check=True)
        wait_until(lambda: self.list[UPDATES] > updates)

    def update(self):
        """Other figures, and exactly one update: 75 of 100 ticks were busy."""
        self.write_figures([50, 5, 20, 80, 25, 10, 5, 5], 500, "1.50 1.00 2.00 7/456 790")
        self.set_period(EVEN_LONGER)

    def attached(self):
        listed = subprocess.run([COMMAND, "stat", "--json", NAME], stdout=subprocess.PIPE, check=True).stdout
        return len(json.loads(listed)["attached"])

    def start_viewer(self, *command, **options):
        before = self.attached()
        viewer = self.popen(*command, **options)
        wait_until(lambda: self.attached() > before)
        return viewer

    def test_the_first_figures_are_right(self):
        # What was busy since the system's start, at the first update; nothing since then.
        self.assertEqual(self.list[CPU:], [0.0, 75.0, 0.25, "3/456"])

    def test_polyshm_watch_shows_each_change(self):
        watch = self.start_viewer(COMMAND, "watch", "--json", "--count", 6, NAME)
        updates = self.list[UPDATES]
        self.update()
        changes = [json.loads(line) for line in self.finish(watch)[1].splitlines()]
        shown = {change["index"]: change["new"]["value"] for change in changes}
        self.assertEqual(shown.pop(PERIOD), float(EVEN_LONGER))
        self.assertEqual(shown, {UPDATES: updates + 1, CPU: 75.0, MEMORY: 50.0, LOAD: 1.5, TASKS: "7/456"})
        self.assertEqual(len({change["version"] for change in changes if change["index"] != PERIOD}), 1)

    def test_the_panel_draws_them_in_a_pipe(self):
        panel = self.start_viewer("ruby", HERE / "dashboard/panel.rb", NAME)
        self.update()
        output = "".join(iter(panel.stdout.readline, f"update   {self.list[UPDATES]}\n"))
        os.kill(self.writer.pid, signal.SIGINT)
        status, rest, errors = self.finish(panel)
        output += rest
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f"cpu      {'#' * 30}{'.' * 10}  75.0 %\nmemory   {'#' * 20}{'.' * 20}  50.0 %\n", output)
        self.assertIn("load     1.5, tasks 7/456\n", output)
        self.assertTrue(output.endswith("The writer has ended.\n"), output)
        self.assertNotIn("\033", output)

    def test_the_panel_draws_over_itself_on_a_terminal(self):
        terminal = Terminal(self)
        panel = self.start_viewer("ruby", HERE / "dashboard/panel.rb", NAME, stdout=terminal.theirs)
        terminal.read_until(" 0.0 %")
        self.update()
        terminal.read_until(" 50.0 %")
        self.assertIn("\033[4Acpu", terminal.text)
        os.kill(panel.pid, signal.SIGINT)
        self.assertEqual(self.finish(panel)[0], 130)

    def test_several_look_at_once(self):
        panels = [self.start_viewer("ruby", HERE / "dashboard/panel.rb", NAME) for _ in range(3)]
        self.update()
        for panel in panels:
            self.assertIn("load     1.5, tasks 7/456\n", iter(panel.stdout.readline, ""))
        self.writer.send_signal(signal.SIGINT)
        for panel in panels:
            self.assertEqual(self.finish(panel)[0], 0)

    def test_a_writer_that_is_interrupted_takes_the_list_away(self):
        self.writer.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(self.writer), (0, "", ""))
        self.assertIsNone(self.list[PERIOD])
        self.assertFalse(polyshm.SharedMemory.exists(NAME))

    def test_a_writer_that_is_killed_is_missed_and_leaves_nothing(self):
        panel = self.start_viewer("ruby", HERE / "dashboard/panel.rb", NAME)
        self.writer.kill()
        self.assertEqual(panel.stderr.readline(), "panel: no news for 5 seconds\n")
        panel.kill()
        self.list.shm.close()
        wait_until(lambda: not self.new_blocks())

    def test_figures_that_cannot_be_read_end_the_writer(self):
        (self.folder / "meminfo").unlink()
        subprocess.run([COMMAND, "set", NAME, "0", "1"], check=True)
        status, _, errors = self.finish(self.writer)
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"\Awriter: .*meminfo: No such file or directory\n\Z")
        self.assertFalse(polyshm.SharedMemory.exists(NAME))


class Whole(ExampleTest):
    name = "dashboard"

    def check_ctrl_c(self, words, *arguments):
        """Shows the words on a terminal, and ends by Ctrl-C as it is typed there."""
        terminal = Terminal(self)
        streams = dict.fromkeys(["stdin", "stdout", "stderr"], terminal.theirs)
        shell = "exec setsid --ctty --wait \"$@\""
        process = self.popen("sh", "-c", shell, "sh", HERE / "run.sh", "dashboard", NAME, *arguments, **streams)
        for word in words:
            terminal.read_until(word)
        terminal.type(b"\x03")
        self.assertEqual(process.wait(DEADLINE), 130, terminal.text)
        wait_until(lambda: not self.new_blocks())

    def test_the_panel_on_a_terminal(self):
        self.check_ctrl_c(["cpu", "memory", "load", "update   3"])

    def test_polyshm_watch_on_a_terminal(self):
        self.check_ctrl_c(["item 1  ", "2 -> 3"], "watch")

    def test_polyshm_watch_in_a_pipe_with_options(self):
        output = self.run_example(NAME, "watch", "--json", "--count", "9")
        self.assertEqual(len([json.loads(line) for line in output.splitlines()]), 9)

    def test_a_name_that_is_taken_is_an_error(self):
        with polyshm.ShareableList([1], name=NAME) as taken:
            self.addCleanup(taken.unlink)
            self.check_fails(f"{NAME}.*exists", HERE / "run.sh", "dashboard", NAME)
            self.assertEqual(list(taken), [1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
