"""The demo does what it says, also when it is given bad files, interrupted or killed; and it leaves nothing behind.

    POLYSHM_BUILD=build python3 interop/demo/test_demo.py [TestCase ...]
"""
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from multiprocessing.shared_memory import ShareableList

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from interpreters import interpreters  # noqa: E402
from programs import DEADLINE, processes_of, wait_until  # noqa: E402

DEMO = HERE.parent / "demo.sh"
SHM = pathlib.Path("/dev/shm")


class DemoTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="t_demo_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def start(self, *arguments, **options):
        """Starts the demo in a session of its own, and sees to it that it ends and leaves nothing."""
        demo = subprocess.Popen([DEMO, *arguments], start_new_session=True, text=True, **options)
        self.addCleanup(self.check_nothing_is_left, demo)
        return demo

    def check_nothing_is_left(self, demo):
        name = f"polyshm-demo-{demo.pid}-"
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
        wait_until(lambda: not processes_of(name))
        left = list(SHM.glob(f"{name}*"))
        for path in left:
            path.unlink()
        self.assertEqual(left, [])

    def run_demo(self, *arguments):
        """Runs it to the end; gives its status, output and errors."""
        demo = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = demo.communicate(timeout=DEADLINE)
        return demo.returncode, output, errors

    def check_agrees(self, *arguments):
        status, output, errors = self.run_demo(*arguments)
        self.assertEqual((status, errors), (0, ""), output)
        self.assertTrue(output.endswith("The workers and wc agree.\n"), output)
        return output


class Counting(DemoTest):
    def test_the_default_text_is_counted_by_five_programs_and_agrees_with_wc(self):
        output = self.check_agrees()
        for counter in "C, gcc", "Python 3", "Ruby", "Lua 5.4", "standard library only", "together", "wc (GNU":
            self.assertIn(counter, output)

    def test_programs_and_random_bytes_agree_with_wc(self):
        random = self.file("random", os.urandom(3_000_000))
        self.check_agrees("/usr/bin/perl", random, sys.executable)

    def test_words_at_the_borders_of_files_and_shares_agree_with_wc(self):
        contents = [b"no newline", b"", b"\x80\x81", b"word", b"\xe9lan", b" "]
        contents += [b"a" * 3_000_000, b"\0" * 3_000_000, b"z"]
        self.check_agrees(*[self.file(f"{number}", content) for number, content in enumerate(contents)])

    def test_an_empty_file_has_nothing_in_it(self):
        output = self.check_agrees(self.file("empty", b""))
        self.assertRegex(output, r"together +0 +0 +0\n")

    def test_a_folder_is_walked_and_links_to_files_count_as_files(self):
        self.file("folder/one", b"one\n")
        self.file("folder/deep/deeper/two", b"two words\n")
        (self.folder / "folder/link").symlink_to("one")
        (self.folder / "folder/loop").symlink_to(".")
        (self.folder / "folder/lost").symlink_to("nowhere")
        output = self.check_agrees(self.folder / "folder")
        self.assertRegex(output, r"together +18 +3 +4\n")

    def test_every_stock_cpython_can_be_the_guest(self):
        for version, python in interpreters(oldest=(3, 9)).items():
            with self.subTest(version=version):
                output = self.check_agrees("--stock", python, "/etc/passwd")
                self.assertIn("Python %d.%d" % version, output)

    def test_over_100_MB_agree_with_wc_and_show_their_progress_on_a_terminal(self):
        texts = b"".join(path.read_bytes() for path in sorted(pathlib.Path("/usr/share/common-licenses").iterdir()))
        large = self.file("large", texts * (105_000_000 // len(texts) + 1))
        terminal, end = pty.openpty()
        with os.fdopen(end, "wb") as errors, self.start(large, stdout=subprocess.PIPE, stderr=errors) as demo:
            output, _ = demo.communicate(timeout=DEADLINE)
        with os.fdopen(terminal, "rb") as shown:
            progress = shown.read1(1 << 16).decode()
        self.assertIn("The workers and wc agree.", output)
        self.assertRegex(progress, r"loading: [0-9.]+ of 10\d\.\d MB")
        self.assertRegex(progress, r"counting: [0-9.]+ of 10\d\.\d MB")


class Refusing(DemoTest):
    def check_fails(self, expected, *arguments):
        status, output, errors = self.run_demo(*arguments)
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, rf"\Ademo: .*{re.escape(expected)}\n\Z")

    def test_help_tells_how_to_use_it(self):
        for word in "--help", "-h":
            status, output, errors = self.run_demo(word)
            self.assertEqual((status, errors), (0, ""))
            self.assertIn("usage: interop/demo.sh", output)

    def test_an_unknown_option_is_an_error(self):
        status, _, errors = self.run_demo("--no-such-option")
        self.assertEqual(status, 2)
        self.assertIn("--no-such-option", errors)

    def test_a_missing_file_is_an_error(self):
        path = self.folder / "missing"
        self.check_fails(f"{path}: No such file or directory", path)

    def test_a_folder_without_files_is_an_error(self):
        (self.folder / "deep").mkdir()
        self.check_fails(f"{self.folder}: no files in this folder", self.folder)

    def test_a_pipe_is_no_file(self):
        path = self.folder / "pipe"
        os.mkfifo(path)
        self.check_fails(f"{path}: neither a regular file nor a folder", path)

    @unittest.skipIf(os.geteuid() == 0, "root may read every file")
    def test_a_file_that_may_not_be_read_is_an_error(self):
        path = self.file("secret", b"text")
        path.chmod(0)
        self.check_fails(f"{path}: Permission denied", path)

    def test_a_file_whose_size_the_system_does_not_tell_is_an_error(self):
        path = "/proc/self/status"
        self.check_fails(f"{path}: the file changed while it was read, or has another size than the system says", path)

    def test_a_worker_that_fails_is_named(self):
        environment = {**os.environ, "RUBYOPT": "-rno_such_library"}
        demo = self.start(stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        output, errors = demo.communicate(timeout=DEADLINE)
        self.assertEqual((demo.returncode, output), (1, ""))
        self.assertRegex(errors, r"demo: .*count\.rb ended with status 1\n\Z")


    def test_counts_that_are_not_those_of_wc_are_an_error(self):
        worker = ["somebody", 0, 10, 1, 10, 1, 2, b"longest", 0.5]  # one of the 10 bytes is a blank of the loader's
        for words, status in (2, 0), (3, 1):
            results = ShareableList([*worker, "wc", 0, 10, 1, 9, 1, words, None, 0.0])
            self.addCleanup(results.shm.unlink)
            self.addCleanup(results.shm.close)
            command = [sys.executable, HERE / "report_stock.py", results.shm.name]
            report = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
            self.assertEqual((report.returncode, "DISAGREE" in report.stderr), (status, status == 1), report.stdout)


class Interrupted(DemoTest):
    def start_large(self):
        """A demo that has long to read and count, of which the block is there."""
        path = self.file("large", b"")
        os.truncate(path, 1 << 28)
        demo = self.start(path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until((SHM / f"polyshm-demo-{demo.pid}-text").exists)
        return demo

    def workers_of(self, demo):
        return processes_of(f"polyshm-demo-{demo.pid}-results")

    def test_ctrl_c_while_it_loads_ends_it(self):
        demo = self.start_large()
        os.killpg(demo.pid, signal.SIGINT)
        self.assertEqual(demo.wait(DEADLINE), 130)

    def test_ctrl_c_while_it_counts_ends_it(self):
        demo = self.start_large()
        wait_until(lambda: self.workers_of(demo))
        os.killpg(demo.pid, signal.SIGINT)
        self.assertEqual(demo.wait(DEADLINE), 130)

    def test_ctrl_c_again_and_again_does_not_disturb_the_cleaning_up(self):
        demo = self.start_large()
        while demo.poll() is None:
            os.killpg(demo.pid, signal.SIGINT)
        self.assertEqual(demo.returncode, 130)

    def test_a_killed_loader_leaves_neither_blocks_nor_workers(self):
        demo = self.start_large()
        wait_until(lambda: self.workers_of(demo))
        (loader,) = pathlib.Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        os.kill(int(loader), signal.SIGKILL)
        self.assertEqual(demo.wait(DEADLINE), 128 + signal.SIGKILL)


if __name__ == "__main__":
    unittest.main(verbosity=2)
