"""What the programs printed, and what comes of it.

A program prints a line of JSON a case and side; a round has a few samples of each. A round counts by its best sample:
what else the machine does makes samples longer, never shorter. The spread is that between the rounds. A ratio is
taken in each round, of two sides that ran close together in time, and then has a median and quartiles of its own.
"""

import statistics


class Spread:
    """Median and quartiles."""

    def __init__(self, numbers):
        self.median = statistics.median(numbers)
        quartiles = statistics.quantiles(numbers, n=4, method="inclusive") if len(numbers) > 1 else [self.median] * 3
        self.low, self.high = quartiles[0], quartiles[2]

    def json(self):
        return {"median": self.median, "quartiles": [self.low, self.high]}


class Figure:
    """One side of a case: its samples, round by round."""

    def __init__(self, topic, line):
        self.topic, self.unit = topic, line["unit"]
        self.case, self.language, self.side = line["case"], line["language"], line["side"]
        self.rounds = []

    def add(self, line):
        self.rounds.append(line["samples"])

    @property
    def best(self):
        return [min(samples) for samples in self.rounds]

    @property
    def spread(self):
        return Spread(self.best)

    @property
    def worst(self):
        return max(max(samples) for samples in self.rounds)

    def json(self):
        return {"topic": self.topic, "case": self.case, "language": self.language, "side": self.side,
                "unit": self.unit, "rounds": self.rounds, **self.spread.json()}


class Figures:
    def __init__(self):
        self.all = {}

    def add(self, topic, line):
        key = (line["language"], line["case"], line["side"])
        self.all.setdefault(key, Figure(topic, line)).add(line)

    def get(self, language, case, side):
        return self.all.get((language, case, side))

    def cases(self):
        """Topic, language, case, and the figures of its sides, polyshm's first."""
        grouped = {}
        for (language, case, side), figure in self.all.items():
            grouped.setdefault((figure.topic, language, case), {})[side] = figure
        for key, sides in grouped.items():
            ordered = sorted(sides.values(), key=lambda figure: not figure.side.startswith("polyshm"))
            yield (*key, ordered)


def ratio(figure, other):
    """How often one goes into the other, round by round."""
    return Spread([b / a for a, b in zip(figure.best, other.best)])
