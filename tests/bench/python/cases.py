"""What the topics in Python share: cases, timed by pyperf, and the form in which they are printed (../README.md).

A case is a statement, with the variables that it needs, and who runs it ("polyshm", or a peer's name). All are
measured in this process: the runner starts it once a round, and that is what interleaves ours and the peers.
"""

import json
import os
import sys
from timeit import Timer

import pyperf

QUICK = os.environ.get("BENCH_QUICK") == "1"
LENGTHS = (10, 1000) if QUICK else (10, 1000, 1_000_000)

_runner = pyperf.Runner(values=3, warmups=1, processes=1, min_time=0.002 if QUICK else 0.02)
_runner.parse_args(["--in-process", "--quiet"])


def show(case, side, samples, unit="s"):
    line = {"case": case, "language": "Python", "side": side, "unit": unit, "samples": list(samples)}
    print(json.dumps(line), flush=True)


def measure(case, side, statement, names, *, per=1, repeated=1, after=None, loops=0):
    """Times a statement: the seconds that one run takes, divided by per, the number of items that it goes over.

    repeated   how often the statement stands in the loop, where the loop itself would count
    after      undoes, untimed, what a turn of runs did
    loops      how many runs a turn has, where pyperf shall not find out
    """
    timer = Timer("\n".join([statement] * repeated), globals=names)

    def turn(count):
        try:
            return timer.timeit(count)
        finally:
            if after:
                after()

    _runner.args.loops = loops
    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")  # what pyperf prints is for people
    try:
        bench = _runner.bench_time_func(f"{case}, {side}", turn, inner_loops=repeated)
    finally:
        sys.stdout.close()
        sys.stdout = stdout
    show(case, side, [seconds / per for seconds in bench.get_values()])
