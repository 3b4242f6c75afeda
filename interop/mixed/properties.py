"""Random operations by agents of all languages on one list: each does what it should, and all see the same.

    . build/interop/environment.sh; "$POLYSHM_PYTHON" interop/mixed/properties.py

POLYSHM_TEST_SCALE makes it so many times as long. Hypothesis shrinks a failure to the few steps that it takes.
"""
import itertools
import os
import pathlib

import hypothesis
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test

import agents as cast
from values import INT64_MAX, INT64_MIN, comparable, word

hypothesis.configuration.set_hypothesis_home_dir(pathlib.Path(os.environ["POLYSHM_BUILD"]) / "interop/.hypothesis")

INT64 = st.integers(INT64_MIN, INT64_MAX)
NUMBERS = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), INT64, st.floats())
VALUES = st.one_of(NUMBERS, st.text(max_size=24), st.binary(max_size=24))
WHO = st.integers(0, 4)
INDICES = st.integers(0, 7)


def size_of(value):
    return len(value.encode() if isinstance(value, str) else value)


def same(words, others):
    return list(map(comparable, words)) == list(map(comparable, others))


class Languages(RuleBasedStateMachine):
    """A list that all agents have open, and what it should hold."""

    agents = []
    numbers = itertools.count()
    steps = 0

    @initialize(who=WHO, values=st.lists(VALUES, min_size=1, max_size=6))
    def create(self, who, values):
        self.name = f"t_properties_{os.getpid()}_{next(self.numbers)}"
        self.holder = None
        self.model = list(values)
        self.widths = [8 * (size_of(v) // 8 + 1) if isinstance(v, (str, bytes)) else 8 for v in values]
        self.agents[who].ask("create_list", self.name, *map(word, values))
        others = [agent for agent in self.agents if agent is not self.agents[who]]
        cast.ask_all(others, "attach_list", self.name)

    def writer(self, who):
        """Others would wait for who has the lock."""
        return self.holder or self.agents[who]

    def fits(self, index, value):
        inside = index < len(self.model)
        return inside and (not isinstance(value, (str, bytes)) or size_of(value) <= self.widths[index])

    def write(self, who, succeeds, *words):
        """Asks for a write; gives the answer, or None where the agent refused, as it should."""
        Languages.steps += 1
        try:
            answer = self.writer(who).ask(*words)
        except cast.Refused:
            assert not succeeds, words
            return None
        assert succeeds, words
        return answer

    @rule(who=WHO, index=INDICES, value=VALUES)
    def set(self, who, index, value):
        if self.write(who, self.fits(index, value), "set", self.name, index, word(value)) is not None:
            self.model[index] = value

    @rule(who=WHO, index=INDICES, values=st.lists(VALUES, min_size=1, max_size=3))
    def set_range(self, who, index, values):
        succeeds = all(self.fits(index + i, value) for i, value in enumerate(values))
        if self.write(who, succeeds, "set_range", self.name, index, *map(word, values)) is not None:
            self.model[index : index + len(values)] = values

    @rule(who=WHO, index=INDICES, delta=st.one_of(st.integers(-9, 9), INT64))
    def add(self, who, index, delta):
        old = self.model[index] if index < len(self.model) else None
        succeeds = type(old) is int and INT64_MIN <= old + delta <= INT64_MAX
        answer = self.write(who, succeeds, "add", self.name, index, delta)
        if answer is not None:
            self.model[index] += delta
            assert answer == [str(self.model[index])]

    @rule(who=WHO, index=INDICES, expected=NUMBERS, desired=NUMBERS, right=st.booleans())
    def exchange(self, who, index, expected, desired, right):
        old = self.model[index] if index < len(self.model) else None
        if right and not isinstance(old, (str, bytes)):
            expected = old
        if expected != expected:
            return  # of a NaN, the bits are compared, and an interpreter may have its own
        answer = self.write(
            who, index < len(self.model), "exchange", self.name, index, word(expected), word(desired)
        )
        if answer is not None:
            equal = word(old) == word(expected)
            assert answer == [str(int(equal))]
            if equal:
                self.model[index] = desired

    @precondition(lambda self: self.holder is None)
    @rule(who=WHO)
    def lock(self, who):
        self.holder = self.agents[who]
        self.seen = self.holder.ask("version", self.name)
        self.holder.ask("lock", self.name)

    @precondition(lambda self: self.holder)
    @rule()
    def unlock(self):
        assert self.holder.ask("version", self.name) == self.seen
        self.holder.ask("unlock", self.name)
        self.holder = None

    @precondition(lambda self: self.holder is None)
    @rule(who=WHO)
    def attach_again(self, who):
        self.agents[who].ask("close", self.name)
        self.agents[who].ask("attach_list", self.name)

    @rule(start=INDICES, count=INDICES)
    def read_a_range(self, start, count):
        part = self.model[start : start + count]
        if part:
            for words in cast.ask_all(self.agents, "get_range", self.name, start, len(part)):
                assert same(words, map(word, part))

    @rule(index=INDICES)
    def compare_versions(self, index):
        for words in (["item_version", self.name, index % len(self.model)], ["version", self.name]):
            first, *others = cast.ask_all(self.agents, *words)
            assert others == [first] * len(others)

    @precondition(lambda self: self.holder is None)
    @rule()
    def take_snapshots(self):
        for words in cast.ask_all(self.agents, "snapshot", self.name):
            assert same(words, map(word, self.model))

    @invariant()
    def all_see_the_same(self):
        for words in cast.ask_all(self.agents, "all", self.name):
            assert same(words, map(word, self.model))

    def teardown(self):
        if not hasattr(self, "name"):
            return
        self.agents[0].ask("unlink", self.name)
        cast.ask_all(self.agents, "close", self.name)


def main():
    Languages.agents = cast.start_ours()
    examples = max(1, int(60 * float(os.environ.get("POLYSHM_TEST_SCALE", 1))))
    try:
        run_state_machine_as_test(
            Languages,
            settings=settings(
                max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    finally:
        for agent in Languages.agents:
            agent.end()
    print(f"{Languages.steps} writes by agents in {', '.join(map(str, Languages.agents))}: all saw the same")


main()
