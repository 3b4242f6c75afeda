"""The arithmetic of the runner, and what it says of a bound."""

import unittest

from bounds import Bound
from figures import Figures, ratio

OURS, STOCK = ("Python", "get"), ("Python", "get", "stock")


def figures(**sides):
    made = Figures()
    for side, rounds in sides.items():
        for samples in rounds:
            made.add("items", {"case": "get", "language": "Python", "side": side, "unit": "s", "samples": samples})
    return made


class RunnerTest(unittest.TestCase):
    def test_a_round_counts_by_its_best_sample(self):
        self.assertEqual(figures(polyshm=[[3, 2], [9, 5, 7]]).get(*OURS, "polyshm").best, [2, 5])

    def test_a_ratio_is_taken_round_by_round(self):
        made = figures(polyshm=[[1], [10], [2]], stock=[[3], [40], [10]])
        spread = ratio(made.get(*OURS, "polyshm"), made.get(*STOCK))
        self.assertEqual((spread.low, spread.median, spread.high), (3.5, 4, 4.5))

    def test_a_bound_from_below_holds_from_there_on(self):
        made = figures(polyshm=[[1]], stock=[[12]])
        self.assertEqual(Bound("", OURS, STOCK, "at least", 12).check(made), (12, (12, 12), True))
        self.assertFalse(Bound("", OURS, STOCK, "at least", 12.1).check(made)[2])

    def test_a_bound_from_above_holds_up_to_there(self):
        made = figures(polyshm=[[3]], stock=[[2]])
        self.assertEqual(Bound("", OURS, STOCK, "at most", 1.5).check(made), (1.5, (1.5, 1.5), True))
        self.assertFalse(Bound("", OURS, STOCK, "at most", 1.4).check(made)[2])

    def test_a_bound_without_a_peer_counts_by_the_rounds_or_by_the_worst_of_all(self):
        made = figures(polyshm=[[1, 6], [2], [4]])
        self.assertEqual(Bound("", OURS, None, "at most", 2).check(made), (2, (1.5, 3), True))
        self.assertEqual(Bound("", OURS, None, "never over", 5).check(made), (6, None, False))
        self.assertTrue(Bound("", OURS, None, "never over", 6).check(made)[2])

    def test_what_was_not_measured_is_neither_held_nor_missed(self):
        self.assertIsNone(Bound("", OURS, STOCK, "at least", 1).check(figures(polyshm=[[1]])))
        self.assertIsNone(Bound("", OURS, None, "at most", 1).check(figures(stock=[[1]])))

    def test_the_sides_of_a_case_begin_with_ours(self):
        (_, _, _, sides), = figures(stock=[[2]], polyshm=[[1]]).cases()
        self.assertEqual([figure.side for figure in sides], ["polyshm", "stock"])


if __name__ == "__main__":
    unittest.main()
