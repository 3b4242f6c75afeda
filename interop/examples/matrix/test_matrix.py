"""The product of matrices is right, whoever computes it, and however large the matrices are.

    POLYSHM_BUILD=build python3 interop/examples/matrix/test_matrix.py [TestCase ...]
"""
import os
import pathlib
import random
import signal
import struct
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from example import BUILD, ExampleTest, need, processes_of, wait_until  # noqa: E402

need("numpy")
import polyshm  # noqa: E402

MULTIPLY = BUILD / "interop/example_multiply"


def product(a, b):
    """By the book, in integers."""
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def packed(*matrices):
    numbers = [number for matrix in matrices for row in matrix for number in row]
    return struct.pack(f"{len(numbers)}d", *numbers)


class Matrix(ExampleTest):
    name = "matrix"

    def test_numpy_agrees(self):
        self.assertRegex(self.run_example(), "The products of 500 x 500 agree.\n")

    def test_numpy_agrees_on_small_ones_and_with_more_workers_than_rows(self):
        for size, workers in (1, 1), (1, 2), (3, 5), (64, 3), (129, 4):
            with self.subTest(size=size, workers=workers):
                output = self.run_example(size, workers)
                self.assertRegex(output, f"The products of {size} x {size} agree.\n")

    def test_whole_numbers_are_multiplied_exactly_and_no_other_row_is_touched(self):
        size, first, end = 17, 5, 12
        a, b, c = [[[random.randint(-999, 999) for _ in range(size)] for _ in range(size)] for _ in range(3)]
        expected = c[:first] + product(a, b)[first:end] + c[end:]
        with polyshm.SharedMemory(create=True, size=len(packed(a, b, c))) as block:
            self.addCleanup(block.unlink)
            block.buf[:] = packed(a, b, c)
            self.assertEqual(self.finish(self.popen(MULTIPLY, block.name, size, first, end)), (0, "", ""))
            self.assertEqual(bytes(block.buf), packed(a, b, expected))

    def test_a_block_that_is_too_small_is_refused(self):
        with polyshm.SharedMemory(create=True, size=3 * 2 * 2 * 8) as block:
            self.addCleanup(block.unlink)
            for size, end in (3, 1), (2, 3), (1 << 32, 1), ("-1", 1):
                self.check_fails(r"\Amultiply: the block is too small", MULTIPLY, block.name, size, 0, end)

    def test_a_size_that_is_none_is_an_error(self):
        for size in "0", "-1", "many":
            status, _, errors = self.finish(self.start(size))
            self.assertEqual(status, 1)
            self.assertRegex(errors, r"\Amatrix: .*\n\Z")

    def test_a_worker_that_is_killed_is_an_error(self):
        process = self.start(1200)
        wait_until(self.new_blocks)
        (block,) = self.new_blocks()
        wait_until(lambda: processes_of(block.name))
        os.kill(processes_of(block.name)[0], signal.SIGKILL)
        status, output, errors = self.finish(process)
        self.assertEqual((status, output, errors), (1, "", "matrix: a worker failed\n"))
        wait_until(lambda: not self.new_blocks())

    def test_ctrl_c_ends_it(self):
        self.check_ends_by(signal.SIGINT, 130, self.start(2000))


if __name__ == "__main__":
    unittest.main(verbosity=2)
