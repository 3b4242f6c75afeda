"""The limiter never lets more through than its limit, in whatever window, and whoever is killed.

    POLYSHM_BUILD=build python3 interop/examples/limiter/test_limiter.py [TestCase ...]
"""
import os
import pathlib
import random
import re
import signal
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from example import DEADLINE, HERE, ExampleTest, wait_until  # noqa: E402

import polyshm  # noqa: E402

CLIENTS = [["ruby", HERE / "limiter/client.rb"], ["luajit", HERE / "limiter/client.lua"]]
LIMIT, WINDOW = 20, 250  # of limiter.rb
UNTIL, ALLOWED, PLACES = 0, 2, 4  # of client.rb


class Limiter(ExampleTest):
    name = "limiter"

    def setUp(self):
        super().setUp()
        self.log = self.folder / "log"

    def requests(self):
        return [line.split() for line in self.log.read_text().splitlines()]

    def check_windows(self, limit, window):
        """From each request to the one that comes limit later, a window has passed; and somewhere it was close."""
        times = sorted(int(moment) for moment, _ in self.requests())
        gaps = [later - time for time, later in zip(times, times[limit:])]
        self.assertGreaterEqual(min(gaps), window, times)
        self.assertLess(min(gaps), 2 * window, "the limit was never reached")

    def test_the_limit_holds_while_one_of_many_is_killed(self):
        output = self.run_example(3, self.log)
        self.check_windows(LIMIT, WINDOW)
        logged = self.requests()
        self.assertEqual({language for _, language in logged}, {"Lua", "Ruby"})
        self.assertIn("killing one of 6 clients\n", output)
        allowed = int(re.search(r"together: (\d+) allowed", output)[1])
        self.assertLessEqual(abs(allowed - len(logged)), 1)  # the one that was killed may have been in between
        self.assertIn(f"milliseconds: {LIMIT}; the limit is {LIMIT}\n", output)

    def test_the_limit_holds_while_clients_are_killed_all_the_time(self):
        limit, window, kills = 5, 100, 20
        with polyshm.ShareableList([1 << 50, window, 0, 0, *[0] * limit]) as list_, self.log.open("a") as log:
            self.addCleanup(list_.unlink)
            clients = []
            for kill in range(kills):
                while len(clients) < 8:
                    command = random.choice(CLIENTS)
                    clients.append(self.popen(*command, list_.shm.name, stdout=log))
                seen = list_[ALLOWED]
                wait_until(lambda: list_[ALLOWED] > seen)
                time.sleep(0.02 * random.random())
                clients.pop(random.randrange(len(clients))).kill()
            for client in clients:
                client.kill()
                client.wait()
            self.assertTrue(all(list_[PLACES:]))
        self.check_windows(limit, window)

    def test_of_many_who_take_the_same_place_at_once_one_succeeds(self):
        limit, window = 3, 1000
        for interpreter, program in CLIENTS:
            self.log.write_text("")
            with (
                self.subTest(interpreter),
                polyshm.ShareableList([1 << 50, window, 0, 0, *[0] * limit]) as list_,
                self.log.open("a") as log,
            ):
                self.addCleanup(list_.unlink)
                with list_.lock():  # all have looked, and none can take
                    clients = [self.popen(interpreter, program, list_.shm.name, stdout=log) for _ in range(6)]
                    wait_until(lambda: all(self.is_attached(client, list_.shm.name) for client in clients))
                    time.sleep(0.2)  # to look takes less; if it took more, this would see less, but not fail
                wait_until(lambda: list_[ALLOWED] > limit)  # a window has passed
                list_[UNTIL] = 0
                for client in clients:
                    self.assertEqual(client.wait(DEADLINE), 0)
                self.check_windows(limit, window)

    def is_attached(self, process, name):
        return name in pathlib.Path(f"/proc/{process.pid}/maps").read_text()

    def test_too_many_requests_would_be_noticed(self):
        self.log.write_text("1000 Ruby\n" * LIMIT + f"{1000 + WINDOW - 1} Lua\n")
        status, _, errors = self.finish(self.start(0, self.log))
        self.assertEqual((status, errors), (1, "limiter: that is too much\n"))

    def test_just_not_too_many_are_fine(self):
        self.log.write_text("1000 Ruby\n" * LIMIT + f"{1000 + WINDOW} Lua\n" * LIMIT)
        self.run_example(0, self.log)

    def test_a_time_that_is_none_is_an_error(self):
        self.check_fails(r"\Alimiter: invalid value.*\n\Z", HERE / "run.sh", "limiter", "long")

    def test_ctrl_c_and_sigterm_end_it_and_the_clients(self):
        for signal_, status in (signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM):
            with self.subTest(signal=signal_):
                self.check_ends_by(signal_, status, self.start(600))

    def test_nothing_is_left_when_the_starter_is_killed(self):
        process = self.start(2)
        wait_until(self.new_blocks)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: not self.new_blocks())


if __name__ == "__main__":
    unittest.main(verbosity=2)
