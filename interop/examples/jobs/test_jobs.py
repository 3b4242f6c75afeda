"""Every job is finished once and right, whoever is killed, and whoever takes it over.

    POLYSHM_BUILD=build python3 interop/examples/jobs/test_jobs.py [TestCase ...]
"""
import os
import pathlib
import signal
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from example import ExampleTest, HERE, primes_below, wait_until  # noqa: E402

import polyshm  # noqa: E402

from columns import FINISHED, FOUND, LANGUAGE, LONGEST, NEXT, TAKEN_OVER, new_job  # noqa: E402

LANGUAGES = {"Python": [sys.executable, "worker.py"], "Ruby": ["ruby", "worker.rb"], "Lua": ["lua5.4", "worker.lua"]}
START, STOP = 900, 2100


class Jobs(ExampleTest):
    name = "jobs"

    def test_every_job_is_finished_and_right_while_workers_are_killed(self):
        count, kills = 8, 5
        lines = self.run_example(count, kills).splitlines()
        rows = [line.split() for line in lines[1:-1]]
        sieve = primes_below(int(rows[-1][1]))
        self.assertEqual(len(rows), count)
        for start, stop, found, language, _ in rows:
            self.assertEqual(int(found), sum(sieve[int(start) : int(stop)]))
            self.assertIn(language, LANGUAGES)
        primes, killed, taken_over = [int(word) for word in lines[-1].split() if word.isdigit()]
        self.assertEqual(primes, sum(sieve[int(rows[0][0]) :]))
        self.assertTrue(1 <= taken_over <= killed <= kills, lines)

    def test_ctrl_c_ends_it_and_the_workers(self):
        self.check_ends_by(signal.SIGINT, 130, self.start(50))

    def test_nothing_is_left_when_the_starter_is_killed(self):
        process = self.start(5, 0)
        wait_until(self.new_blocks)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: not self.new_blocks())

    def test_numbers_that_are_none_are_an_error(self):
        self.check_fails(r"\Ajobs: .*\n\Z", HERE / "run.sh", "jobs", "many")


class Workers(ExampleTest):
    """Each language alone with one job that somebody has begun."""

    def check(self, found, taken_over, prepare, worked=True):
        for language, (interpreter, program) in LANGUAGES.items():
            with self.subTest(language), polyshm.ShareableList(new_job(START, STOP), spare=LONGEST) as job:
                self.addCleanup(job.unlink)
                prepare(job)
                worker = self.popen(interpreter, HERE / "jobs" / program, job.shm.name)
                self.assertEqual(self.finish(worker), (0, "", ""))
                self.assertEqual((job[NEXT], job[FOUND], job[FINISHED]), (STOP, found, 1))
                self.assertEqual(job[TAKEN_OVER], taken_over)
                self.assertEqual(job[LANGUAGE], language if worked else None)

    def in_a_process_that_dies(self, job, change):
        """Has a child change the job under its lock, and be killed there."""
        child = os.fork()
        if child == 0:
            job.lock()
            change()
            os.kill(os.getpid(), signal.SIGKILL)
        self.assertEqual(os.waitpid(child, 0)[1], signal.SIGKILL)

    def stop_half_way(self, job):
        job[NEXT], job[FOUND] = 2000, 5000

    def die_half_way(self, job):
        self.in_a_process_that_dies(job, lambda: self.stop_half_way(job))

    def die_at_the_end(self, job):
        def finish():
            job[NEXT], job[FOUND] = STOP, 77
            job.add(FINISHED)

        self.in_a_process_that_dies(job, finish)

    def test_a_new_job_is_done(self):
        self.check(sum(primes_below(STOP)[START:]), 0, lambda job: None)

    def test_what_somebody_left_in_order_goes_on_from_there(self):
        self.check(5000 + sum(primes_below(STOP)[2000:]), 0, self.stop_half_way)

    def test_what_somebody_left_who_died_is_begun_again(self):
        self.check(sum(primes_below(STOP)[START:]), 1, self.die_half_way)

    def test_a_job_that_was_finished_by_somebody_who_died_stays_as_it_is(self):
        self.check(77, 0, self.die_at_the_end, worked=False)

    def test_a_job_that_somebody_is_at_is_waited_for(self):
        for language, (interpreter, program) in LANGUAGES.items():
            with self.subTest(language), polyshm.ShareableList(new_job(START, STOP), spare=LONGEST) as job:
                self.addCleanup(job.unlink)
                with job.lock():
                    worker = self.popen(interpreter, HERE / "jobs" / program, job.shm.name)
                    # It has to look several times, as it has less patience than this.
                    wait_until(lambda: len(os.listdir(f"/proc/{worker.pid}/fd")) > 3)
                    self.assertRaises(Exception, worker.wait, 0.5)
                    self.assertEqual(job[FINISHED], 0)
                self.assertEqual(self.finish(worker), (0, "", ""))
                self.assertEqual((job[FOUND], job[TAKEN_OVER]), (sum(primes_below(STOP)[START:]), 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
