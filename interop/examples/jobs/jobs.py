"""Jobs that are done although those who do them are killed.

    run.sh jobs [JOBS [KILLS]]

Each job is a shared list (columns.py), whose lock is the right to work on it. Workers in Python, Ruby and Lua
(worker.*) look for a job that is not finished and that nobody has locked. When a worker is killed at its job, the next
one that locks the list is told that the owner died, and begins that job again.

This program makes the jobs, kills workers at work with SIGKILL, starts others in their place, and prints the result.
"""
import random
import sys
import time

import polyshm

from columns import FINISHED, FOUND, LANGUAGE, LONGEST, PID, START, STOP, TAKEN_OVER, new_job
from workers import Workers

FIRST, NUMBERS = 1_000_000, 40_000  # a job is to count the primes among so many numbers
TICK = 0.1  # seconds between two kills


def make_jobs(manager, count):
    starts = range(FIRST, FIRST + count * NUMBERS, NUMBERS)
    return [manager.ShareableList(new_job(start, start + NUMBERS), spare=LONGEST) for start in starts]


def supervise(jobs, workers, kills):
    """Until all is done. Gives how many were killed."""
    killed = 0
    while unfinished := [job for job in jobs if not job[FINISHED]]:
        workers.tend()
        if killed < kills:
            killed += workers.kill(random.choice([job[PID] for job in unfinished]))
        time.sleep(TICK)
    return killed


def report(jobs, killed):
    print("   from       to  primes  by      taken over")
    for job in jobs:
        print(f"{job[START]} {job[STOP]:8} {job[FOUND]:7}  {job[LANGUAGE]:8} {job[TAKEN_OVER]}")
    if any(job[FINISHED] != 1 for job in jobs):
        raise ArithmeticError("a job was finished more than once")
    taken_over = sum(job[TAKEN_OVER] for job in jobs)
    print(f"{sum(job[FOUND] for job in jobs)} primes; {killed} workers killed, {taken_over} jobs taken over")


def run(count=12, kills=8):
    # The manager removes its blocks at the end of the with statement, and also if this process is killed before.
    with polyshm.SharedMemoryManager() as manager:
        jobs = make_jobs(manager, count)
        with Workers([job.shm.name for job in jobs]) as workers:
            killed = supervise(jobs, workers, kills)
        report(jobs, killed)


try:
    run(*map(int, sys.argv[1:]))
except KeyboardInterrupt:
    raise SystemExit(130) from None
except (ArithmeticError, OSError, TypeError, ValueError) as error:
    raise SystemExit(f"jobs: {error}") from error
