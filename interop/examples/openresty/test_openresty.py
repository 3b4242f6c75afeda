"""Workers of one nginx count together, through reloads and kills, and leave nothing behind.

    POLYSHM_BUILD=build python3 interop/examples/openresty/test_openresty.py

Where openresty.sh finds no nginx, it is skipped.
"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import polyshm

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent.parent))
from programs import DEADLINE, wait_until  # noqa: E402

BLOCK = f"t_openresty_{os.getpid()}"
WORKERS = 4
NO_ROOM = "no room for more counters, or for so long a name\n"


class Nginx:
    """A server with this folder's configuration, in a folder of its own."""

    def __init__(self, folder):
        self.socket = folder / "counters.sock"
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen([HERE / "openresty.sh", folder], env=dict(os.environ, COUNTERS=BLOCK),
                                        stdout=self.log, stderr=self.log)
        wait_until(lambda: self.process.poll() is not None or self.listens())

    def listens(self):
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.socket)) == 0

    def workers(self):
        return [int(child) for child in
                pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]

    def get(self, path):
        """The body of the answer; None when the worker that was to give it is gone."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(DEADLINE)
            connection.connect(str(self.socket))
            try:
                connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
            except ConnectionError:
                return None
        return answer.split(b"\r\n\r\n", 1)[1].decode() if answer else None

    def counts(self):
        lines = self.get("/").splitlines()
        return {name: int(count) for count, name in (line.split(" ", 1) for line in lines)}

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.log.close()


class Counting(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="t_openresty_")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)  # workers are nobody's, where root starts them
        self.nginx = Nginx(pathlib.Path(folder.name))
        self.addCleanup(self.nginx.stop)
        if self.nginx.process.poll() == 77:
            print(pathlib.Path(folder.name, "log").read_text(), end="skipped\n")
            raise SystemExit(77)
        self.assertIsNone(self.nginx.process.poll(), (pathlib.Path(folder.name) / "log").read_text())

    def count_from_threads(self, requests, threads=4):
        """Counts so often in each thread, each time another of five counters; gives the answers."""
        answers = []

        def count():
            for i in range(requests):
                answers.append(self.nginx.get(f"/count?name=name{i % 5}"))

        crowd = [threading.Thread(target=count) for _ in range(threads)]
        for thread in crowd:
            thread.start()
        return crowd, answers

    def total(self):
        return sum(count for name, count in self.nginx.counts().items() if name.startswith("name"))

    def test_all_workers_count_together(self):
        crowd, answers = self.count_from_threads(100)
        for thread in crowd:
            thread.join()
        self.assertEqual(sorted(map(int, answers)), sorted(list(range(1, 81)) * 5))
        wait_until(lambda: self.nginx.counts()["workers started"] == WORKERS)
        self.assertEqual(self.nginx.counts(), {"workers started": WORKERS, **{f"name{i}": 80 for i in range(5)}})

    def test_other_languages_count_with_them(self):
        self.nginx.get("/count?name=visits")
        same = polyshm.ShareableList(name=BLOCK)
        place = list(same).index("visits") + 1
        self.assertEqual(same.add(place, 41), 42)
        self.assertEqual(self.nginx.get("/count?name=visits"), "43\n")
        same.close()

    def test_killed_workers_take_nothing_with_them(self):
        crowd, answers = self.count_from_threads(400)
        killed = 0
        while any(thread.is_alive() for thread in crowd):
            workers = self.nginx.workers()
            if workers and killed < 20:
                os.kill(workers[0], signal.SIGKILL)
                killed += 1
            time.sleep(0.02)
        self.assertGreater(killed, 0)
        wait_until(lambda: len(self.nginx.workers()) == WORKERS)
        started = self.nginx.counts()["workers started"]
        self.assertTrue(WORKERS < started <= WORKERS + killed, started)  # some were killed before they could count
        given = [answer for answer in answers if answer]
        self.assertLessEqual(len(given), self.total())
        self.assertLessEqual(self.total(), len(answers))
        before = self.nginx.counts()["name0"]
        self.assertEqual(self.nginx.get("/count?name=name0"), f"{before + 1}\n")

    def reload(self):
        old = set(self.nginx.workers())
        self.nginx.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(self.nginx.workers()) == WORKERS and not old & set(self.nginx.workers()))

    def shared_files(self):
        """What the master process has open of blocks and books."""
        found = []
        for file in pathlib.Path(f"/proc/{self.nginx.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed by now
                found.append(os.readlink(file))
        return sorted(file for file in found if "/polyshm/" in file or file.startswith("/dev/shm/"))

    def test_a_reload_keeps_the_counts_and_loses_nothing(self):
        self.assertEqual(self.nginx.get("/count?name=kept"), "1\n")
        self.reload()
        before = self.shared_files()
        for _ in range(3):
            self.reload()
        wait_until(lambda: self.shared_files() == before)
        self.assertEqual(self.nginx.get("/count?name=kept"), "2\n")

    def test_more_names_than_there_is_room_for_are_refused(self):
        answers = [self.nginx.get(f"/count?name=many{i}") for i in range(64)]
        self.assertEqual(answers, ["1\n"] * 63 + [NO_ROOM])
        self.assertEqual(self.nginx.get("/count?name=many1"), "2\n")

    def test_a_name_that_is_too_long_is_refused(self):
        self.assertEqual(self.nginx.get("/count?name=" + "x" * 63), "1\n")
        self.assertEqual(self.nginx.get("/count?name=" + "x" * 64), NO_ROOM)

    def test_the_block_goes_with_the_server(self):
        self.assertTrue(polyshm.SharedMemory.exists(BLOCK))
        wait_until(lambda: len(self.nginx.workers()) == WORKERS)
        workers = self.nginx.workers()  # once the master has ended they are no longer its children
        self.nginx.process.kill()
        for worker in workers:
            os.kill(worker, signal.SIGTERM)
        wait_until(lambda: not polyshm.SharedMemory.exists(BLOCK))


if __name__ == "__main__":
    unittest.main()
