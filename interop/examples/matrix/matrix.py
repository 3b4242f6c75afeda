"""A product of matrices: NumPy lays them out in shared memory, processes in C multiply them there.

    run.sh matrix [SIZE [WORKERS]]

One block holds three matrices, A, B and their product C. For NumPy they are ndarrays, for multiply.c arrays of double;
nothing is copied. Each worker computes some rows of C, so that none writes where another does.
"""
import os
import subprocess
import sys
import time

import numpy as np
import polyshm

PROGRAM = os.environ["POLYSHM_BUILD"] + "/interop/example_multiply"


def multiply(block, size, workers):
    """Has the workers fill C, each its share of the rows."""
    borders = [size * number // workers for number in range(workers + 1)]
    processes = [
        subprocess.Popen([PROGRAM, block.name, str(size), str(first), str(end)])
        for first, end in zip(borders, borders[1:])
    ]
    if any([process.wait() for process in processes]):
        raise ChildProcessError("a worker failed")


def run(size=500, workers=2):
    # The manager removes its blocks at the end of the with statement, and also if this process is killed before.
    with polyshm.SharedMemoryManager() as manager:
        block = manager.SharedMemory(3 * size * size * np.dtype(float).itemsize)
        a, b, c = np.ndarray((3, size, size), buffer=block.buf)
        generator = np.random.default_rng()
        generator.random(out=a)
        generator.random(out=b)

        start = time.perf_counter()
        multiply(block, size, workers)
        between = time.perf_counter()
        expected = a @ b
        end = time.perf_counter()

        print(f"{workers} processes in C: {between - start:.3f} s; NumPy: {end - between:.3f} s")
        print("largest element:", c.max(), "and", expected.max())
        if not np.allclose(c, expected):
            raise ArithmeticError("the products differ")
        print(f"The products of {size} x {size} agree.")


try:
    run(*map(int, sys.argv[1:]))
except KeyboardInterrupt:
    raise SystemExit(130) from None
except (ArithmeticError, OSError, TypeError, ValueError) as error:
    raise SystemExit(f"matrix: {error}") from error
