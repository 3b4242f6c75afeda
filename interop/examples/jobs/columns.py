"""What stands in a job: counting the primes from START to before STOP."""

START, STOP = 0, 1
NEXT, FOUND = 2, 3  # int: the number that is to be looked at next, and the primes up to there
LANGUAGE, PID = 4, 5  # str, int: who was the last to work on it; None at first
TAKEN_OVER = 6  # int: how often that was from one who died
FINISHED = 7  # int: how often somebody came to the end, which is once

LONGEST = 16  # bytes of a language's name


def new_job(start, stop):
    return [start, stop, start, 0, None, None, 0, 0]
