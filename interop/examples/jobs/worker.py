"""Works on jobs, in Python, until all are finished. columns.py tells what stands in a job.

    python3 worker.py JOB...
"""
import contextlib
import os
import sys

import polyshm

from columns import FINISHED, FOUND, LANGUAGE, NEXT, PID, START, STOP, TAKEN_OVER

PATIENCE = 0.05  # seconds that a job may be locked before we look for another one


def is_prime(number):
    return number % 2 == 1 and all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2))


def work(job):
    with job.lock(timeout=PATIENCE) as held:
        if job[FINISHED]:
            return
        if held.owner_died:  # perhaps between two writes: NEXT and FOUND may not fit together
            job[NEXT], job[FOUND] = job[START], 0
            job.add(TAKEN_OVER)
        job[LANGUAGE], job[PID] = "Python", os.getpid()
        for number in range(job[NEXT], job[STOP]):
            job[FOUND] += is_prime(number)
            job[NEXT] += 1
        job.add(FINISHED)


jobs = [polyshm.ShareableList(name=name) for name in sys.argv[1:]]
while unfinished := [job for job in jobs if not job[FINISHED]]:
    for job in unfinished:
        with contextlib.suppress(TimeoutError):  # somebody is at it
            work(job)
