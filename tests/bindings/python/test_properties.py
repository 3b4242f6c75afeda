"""Random operations: a ShareableList is what a plain list is, and what the standard library's is where that is right.

POLYSHM_TEST_SCALE makes the runs so many times as long.
"""

import copy
import itertools
import os
import pickle
import struct
from contextlib import suppress
from multiprocessing import resource_tracker, shared_memory as stock
from pathlib import Path

import pytest

hypothesis = pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import polyshm
from polyshm import ShareableList, SharedMemory

from conftest import PREFIX, SCALE, same_layout

# What failed stands there, and is tried first the next time.
hypothesis.configuration.set_hypothesis_home_dir(Path(polyshm.__file__).parents[1] / ".hypothesis")
_numbers = itertools.count()

INT64 = st.integers(-(2**63), 2**63 - 1)
EQUAL = st.sampled_from([0, 0.0, -0.0, False, 1, 1.0, True])  # to each other, for a search
NUMBERS = st.one_of(EQUAL, st.none(), INT64, st.sampled_from([-(2**63), 2**63 - 1]), st.floats())
WIDE = st.one_of(st.text(min_size=9, max_size=60), st.binary(min_size=9, max_size=60))  # do not fit where a number was
ENDING_IN_NUL = st.sampled_from(["\0", "a\0", "é\0\0", b"\0", b"a\0", b"\xff\0\0"])  # stock drops these
VALUES = st.one_of(NUMBERS, st.text(max_size=12), st.binary(max_size=12), WIDE, ENDING_IN_NUL)
REFUSED = {2**63: OverflowError, -(2**63) - 1: struct.error, "\ud800": UnicodeEncodeError, (): TypeError, 1j: TypeError}

# What stock holds: it counts characters where a slot is measured, and drops NULs at the end.
STOCK_TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=40)
STOCK_VALUES = st.one_of(NUMBERS, STOCK_TEXT, st.binary(max_size=40).map(lambda value: value.rstrip(b"\0")))

INDICES = st.integers(-7, 7)
HANDLES = st.integers(0, 7)


def exact(values):
    """What makes two lists of values the same: their types and bits. A NaN is a NaN."""
    return [(type(v), struct.pack("d", v) if isinstance(v, float) and v == v else repr(v)) for v in values]


def size_of(value):
    """How many bytes of its slot a value takes."""
    return len(value.encode() if isinstance(value, str) else value) if isinstance(value, (str, bytes)) else 8


def widths_of(items):
    """The slots' widths, from the block's first bytes."""
    offsets = items.shm.buf[8 : 8 * (len(items) + 2)].cast("q").tolist()
    return [end - start for start, end in zip(offsets, offsets[1:])]


class Machine(RuleBasedStateMachine):
    """Blocks with names, which go in the end."""

    def __init__(self):
        super().__init__()
        self.names = []

    def new_name(self):
        self.names.append(f"{PREFIX}property_{next(_numbers)}")
        return self.names[-1]

    def teardown(self):
        for name in self.names:
            with suppress(FileNotFoundError):
                os.unlink(f"/dev/shm/{name}")


class AgainstAList(Machine):
    """Several handles on one list, and a plain list that has what they should all see."""

    @initialize(values=st.lists(VALUES, max_size=6), spare=st.sampled_from([0, 0, 1, 8, 50]))
    def create(self, values, spare):
        self.name = self.new_name()
        self.handles = [ShareableList(iter(values), name=self.name, spare=spare)]
        self.model = list(values)
        self.widths = widths_of(self.handles[0])
        for width, value in zip(self.widths, values):
            assert width % 8 == 0 and width >= size_of(value)
            assert isinstance(value, (bool, int, float)) or width >= spare + (size_of(value) if value else 0)

    def handle(self, number):
        return self.handles[number % len(self.handles)]

    def write(self, number, change, writes, *errors):
        """A write through a handle: it is refused as it should be, or changes what it should, and moves versions."""
        items = self.handle(number)
        before = items.version
        errors = tuple(error for error in errors if error)
        if items.shm.readonly:
            errors += (TypeError,)
        if errors:
            with pytest.raises(errors):
                writes(items)
            return None
        result = writes(items)
        change()
        assert items.version > before
        return result

    def error_of(self, index, value):
        """What writing the value there raises, if anything."""
        if not -len(self.model) <= index < len(self.model):
            return IndexError
        return ValueError if size_of(value) > self.widths[index] and isinstance(value, (str, bytes)) else None

    @rule(number=HANDLES, index=INDICES)
    def get(self, number, index):
        items = self.handle(number)
        if -len(self.model) <= index < len(self.model):
            assert exact([items[index]]) == exact([self.model[index]])
            assert items.type(index) == {type(None): "none", int: "int64", float: "float64"}.get(
                type(self.model[index]), type(self.model[index]).__name__
            )
        else:
            with pytest.raises(IndexError):
                items[index]

    @rule(number=HANDLES, index=INDICES, value=VALUES)
    def set(self, number, index, value):
        def change():
            self.model[index] = value

        self.write(number, change, lambda items: items.__setitem__(index, value), self.error_of(index, value))

    @rule(number=HANDLES, index=INDICES, value=st.sampled_from(list(REFUSED)))
    def set_what_no_list_holds(self, number, index, value):
        errors = REFUSED[value], self.error_of(index, 0)
        self.write(number, None, lambda items: items.__setitem__(index, value), *errors)

    @rule(number=HANDLES, where=st.slices(7))
    def get_slice(self, number, where):
        assert exact(self.handle(number)[where]) == exact(self.model[where])

    @rule(number=HANDLES, start=st.integers(0, 6), values=st.lists(VALUES, max_size=4))
    def set_slice(self, number, start, values):
        where = slice(start, start + len(values))
        span = range(len(self.model))[where]
        fits = all(self.error_of(i, value) is None for i, value in zip(span, values))

        def change():
            self.model[where] = values

        error = None if len(span) == len(values) and fits else ValueError
        if span or error:  # writing nothing moves no version
            self.write(number, change, lambda items: items.__setitem__(where, iter(values)), error)

    @rule(number=HANDLES, value=VALUES)
    def search(self, number, value):
        items, found = self.handle(number), [i for i, one in enumerate(self.model) if one == value]
        assert items.count(value) == len(found)
        assert (value in items) == bool(found)
        if found:
            assert items.index(value) == found[0]
        else:
            with pytest.raises(ValueError):
                items.index(value)

    @precondition(lambda self: self.model)
    @rule(number=HANDLES, index=INDICES)
    def search_for_an_item(self, number, index):
        self.search(number, self.model[index % len(self.model)])

    @rule(number=HANDLES, index=INDICES, delta=st.one_of(st.integers(-9, 9), INT64))
    def add(self, number, index, delta):
        total, error = None, self.error_of(index, 0)
        if not error and type(self.model[index]) is not int:
            error = TypeError
        elif not error:
            total = self.model[index] + delta
            error = None if -(2**63) <= total < 2**63 else ValueError

        def change():
            self.model[index] = total

        assert self.write(number, change, lambda items: items.add(index, delta), error) in (total, None)

    @precondition(lambda self: self.model)
    @rule(number=HANDLES, index=INDICES, expected=NUMBERS, desired=NUMBERS, right=st.booleans())
    def compare_exchange(self, number, index, expected, desired, right):
        index %= len(self.model)
        old, items = self.model[index], self.handle(number)
        if right and not isinstance(old, (str, bytes)) and old == old:
            expected = old
        if items.shm.readonly:
            with pytest.raises(TypeError):
                items.compare_exchange(index, expected, desired)
        elif old == old:  # of a NaN, the bits are compared, which may be any
            same = exact([old]) == exact([expected])
            assert items.compare_exchange(index, expected, desired) == same
            if same:
                self.model[index] = desired

    @precondition(lambda self: self.model)
    @rule(number=HANDLES, writes=st.lists(st.tuples(INDICES, VALUES), max_size=5))
    def write_under_the_lock(self, number, writes):
        items = self.handle(number)
        if items.shm.readonly:
            with pytest.raises(TypeError):
                items.lock()
            return
        seen = items.version
        with items.lock(), ShareableList(name=self.name, readonly=True) as reader:
            for index, value in writes:
                index %= len(self.model)
                if self.error_of(index, value) is None:
                    items[index] = self.model[index] = value
                    assert exact([reader[index]]) == exact([value])
            assert reader.version == seen
        assert exact(items.snapshot()[0]) == exact(self.model)
        assert items.version >= seen

    @rule(number=HANDLES)
    def read_everything(self, number):
        items = self.handle(number)
        assert len(items) == len(self.model)
        assert items.version == self.handles[0].version
        values, version = items.snapshot()
        assert exact(values) == exact(self.model) and version == items.version
        assert repr(items).endswith(f"name={self.name!r})")
        assert exact(reversed(items)) == exact(reversed(self.model))

    @precondition(lambda self: len(self.handles) < 5)
    @rule(readonly=st.booleans())
    def attach(self, readonly):
        self.handles.append(ShareableList(name=self.name, readonly=readonly))

    @precondition(lambda self: len(self.handles) < 5)
    @rule(number=HANDLES, protocol=st.integers(0, pickle.HIGHEST_PROTOCOL), copies=st.booleans())
    def pickle(self, number, protocol, copies):
        items = self.handle(number)
        self.handles.append(copy.copy(items) if copies else pickle.loads(pickle.dumps(items, protocol)))
        assert self.handles[-1].shm.readonly == items.shm.readonly

    @precondition(lambda self: len(self.handles) > 1)
    @rule(number=HANDLES, closes=st.booleans())
    def drop(self, number, closes):
        items = self.handles.pop(number % len(self.handles))
        if closes:
            items.close()
            with pytest.raises(ValueError, match="closed"):
                items[:]

    @rule()
    def reopen(self):
        """Nobody is attached for a moment."""
        while self.handles:
            self.handles.pop().close()
        assert not SharedMemory.attached(self.name)
        self.handles.append(ShareableList(name=self.name))

    @invariant()
    def all_handles_have_what_the_list_has(self):
        for items in self.handles:
            assert exact(items) == exact(self.model)

    def teardown(self):
        for items in getattr(self, "handles", ()):
            items.close()
        super().teardown()


class AgainstStock(Machine):
    """Two blocks, one made by stock and one by us, each open in both. Who writes to the first is not who writes to the
    second. All see the same, and the bytes are the same.
    """

    @initialize(values=st.lists(STOCK_VALUES, max_size=6))
    def create(self, values):
        self.sides = []
        for mine, other in (stock.ShareableList, ShareableList), (ShareableList, stock.ShareableList):
            made = mine(values, name=self.new_name())
            self.sides.append((made, other(name=self.names[-1])))
        for made in self.stock_lists():
            resource_tracker.unregister(made.shm._name, "shared_memory")

    def stock_lists(self):
        return self.sides[0][0], self.sides[1][1]

    def ours(self):
        return self.sides[0][1], self.sides[1][0]

    def both(self, stock_first, function):
        """What the function gives or raises for stock in one block, and for ours in the other: the same."""
        pairs = zip(self.stock_lists(), self.ours())
        theirs, mine = [pair[which] for pair, which in zip(pairs, (not stock_first, stock_first))]
        results = []
        for items in theirs, mine:
            try:
                results.append(exact([function(items)]))
            except Exception as error:
                results.append(type(error).__name__)
        assert results[0] == results[1]

    @rule(stock_first=st.booleans(), index=INDICES)
    def get(self, stock_first, index):
        if index >= -len(self.ours()[0]):  # below, stock reads what it should not
            self.both(stock_first, lambda items: items[index])

    @rule(stock_first=st.booleans(), index=INDICES, value=STOCK_VALUES)
    def set(self, stock_first, index, value):
        if index >= -len(self.ours()[0]):
            self.both(stock_first, lambda items: items.__setitem__(index, value))

    @rule(stock_first=st.booleans(), value=STOCK_VALUES)
    def search(self, stock_first, value):
        self.both(stock_first, lambda items: items.count(value))
        self.both(stock_first, lambda items: items.index(value))
        self.both(stock_first, lambda items: value in items)

    @rule(stock_first=st.booleans())
    def look(self, stock_first):
        self.both(stock_first, len)
        self.both(stock_first, lambda items: items.format)

    @invariant()
    def all_four_see_the_same_in_the_same_bytes(self):
        first, *others = map(exact, itertools.chain(*self.sides))
        assert others == [first] * 3
        size = self.sides[0][0].shm.size
        theirs, mine = (bytes(items.shm.buf[: len_of_stock(items)]) for items in self.ours())
        assert theirs == mine and size >= len(theirs)

    def teardown(self):
        for items in itertools.chain(*getattr(self, "sides", ())):
            items.shm.close()
        super().teardown()


def len_of_stock(items):
    """How many bytes of a block are stock's."""
    count = len(items)
    data = sum(widths_of(items))
    return 8 * (count + 2) + data + 9 * count


RUNS = settings(
    max_examples=max(1, int(150 * SCALE)),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TestAgainstAList = AgainstAList.TestCase
TestAgainstAList.settings = RUNS
TestAgainstStock = same_layout(AgainstStock.TestCase)
TestAgainstStock.settings = RUNS
