"""Bytes through a view, by NumPy. The floor is the same between two private arrays."""

import numpy
import polyshm
from cases import QUICK, measure

SIZES = {"4 KiB": 4 << 10, "1 MiB": 1 << 20}
if not QUICK:
    SIZES.update({"64 MiB": 64 << 20, "1 GiB": 1 << 30})


def main():
    for words, size in SIZES.items():
        with polyshm.SharedMemory(create=True, size=size) as shm:
            here, private = numpy.ones(size, numpy.uint8), numpy.ones(size, numpy.uint8)
            shared = numpy.frombuffer(shm.buf, numpy.uint8)
            shared[:] = 1
            sides = (("polyshm", shared), ("NumPy alone", private))
            for case, statement in (("out", "copyto(here, there)"), ("in", "copyto(there, here)")):
                for side, there in sides:
                    measure(f"copy bytes {case}, {words}", side, statement,
                            {"copyto": numpy.copyto, "here": here, "there": there})
            shm.unlink()


if __name__ == "__main__":
    main()
