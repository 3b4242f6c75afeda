"""polyshm.ShareableList: typed items in a block."""

import copy
import pickle
import sys

import pytest

from polyshm import ShareableList, SharedMemory

MIXED = [7, "hé", b"xyz", None, True, -1.5]


# Creating and attaching


@pytest.mark.parametrize(
    "source", [[], (), range(5), "ab", b"ab", {1: 2, "x": 3}, [1, "a"]], ids=lambda source: type(source).__name__
)
def test_a_list_is_made_of_the_items_of_any_iterable(make_list, source):
    assert list(make_list(source)) == list(source)


def test_a_list_is_made_of_what_a_generator_yields(make_list):
    assert list(make_list(number**2 for number in range(4))) == [0, 1, 4, 9]


def test_without_sequence_and_name_an_empty_list_is_made():
    with ShareableList() as items:
        items.unlink()
        assert (len(items), list(items), items.format, repr(items)[:16]) == (0, [], "", "ShareableList([]")


def test_what_cannot_be_iterated_is_a_type_error_and_leaves_no_block(name):
    with pytest.raises(TypeError, match="'int' object is not iterable"):
        ShareableList(5, name=name)
    assert not SharedMemory.exists(name)


def test_an_error_of_the_iterable_passes_through_and_leaves_no_block(name):
    with pytest.raises(ZeroDivisionError):
        ShareableList((1 // number for number in (1, 0)), name=name)
    assert not SharedMemory.exists(name)


def test_a_sequence_with_a_name_that_is_taken_is_a_file_exists_error(make_list):
    items = make_list([1])
    with pytest.raises(FileExistsError):
        ShareableList([2], name=items.shm.name)
    assert items[0] == 1


def test_a_name_alone_attaches(make_list):
    items = make_list(MIXED)
    with ShareableList(name=items.shm.name) as other:
        assert list(other) == MIXED
        other[0] = 8
        assert items[0] == 8


def test_attaching_to_nothing_is_a_file_not_found_error(name):
    with pytest.raises(FileNotFoundError, match=name):
        ShareableList(name=name)


@pytest.mark.parametrize("content", [b"\xff" * 64, b"text of no meaning at all", b"\x01"])
def test_attaching_to_a_block_that_is_no_list_is_a_value_error(name, content):
    with SharedMemory(name, create=True, size=len(content)) as shm:
        shm.write(0, content)
        with pytest.raises(ValueError, match="cannot attach to list"):
            ShareableList(name=name)


def test_a_read_only_list_can_be_read_but_not_changed(make_list):
    items = make_list(MIXED)
    with ShareableList(name=items.shm.name, readonly=True, same_user=True) as other:
        assert other[:] == MIXED
        assert (items.readonly, other.readonly) == (False, True)
        assert other.shm.readonly
        with pytest.raises(TypeError, match="read-only"):
            other[0] = 1
        with pytest.raises(TypeError, match="read-only"):
            other[0:2] = [1, 2]
    assert list(items) == MIXED


def test_what_is_for_attaching_is_refused_when_creating_and_the_other_way_round(make_list, name):
    with pytest.raises(ValueError, match="for attaching"):
        ShareableList([1], name=name, readonly=True)
    with pytest.raises(ValueError, match="for creating"):
        ShareableList(name=make_list([1]).shm.name, sparse=True)


def test_a_sparse_list_holds_its_values_all_the_same(make_list):
    assert list(make_list(MIXED, sparse=True, mode=0o640)) == MIXED


def test_options_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        ShareableList([1], "name")
    with pytest.raises(TypeError, match="unexpected keyword"):
        ShareableList([1], tracked=False)


def test_a_hundred_thousand_items_are_no_trouble(make_list):
    numbers = range(100_000)
    items = make_list(numbers)
    assert len(items) == 100_000
    assert list(items) == items[:] == list(numbers)
    items[:] = reversed(numbers)
    assert items[0] == 99_999 and items[-1] == 0
    assert items.index(0) == 99_999


# Indices


def test_indices_count_from_the_start_or_from_the_end(make_list):
    items = make_list(MIXED)
    assert [items[index] for index in range(6)] == MIXED
    assert [items[index] for index in range(-6, 0)] == MIXED
    items[-1] = 2.5
    items[True] = "hi"
    assert (items[5], items[1]) == (2.5, "hi")


def test_an_object_may_serve_as_an_index(make_list):
    class Two:
        def __index__(self):
            return 2

    items = make_list(MIXED)
    items[Two()] = b"abc"
    assert items[Two()] == b"abc"


@pytest.mark.parametrize("index", [6, -7, 2**62, -(2**62), 2**63 - 1, -(2**63), 2**70, -(2**70)])
def test_an_index_beyond_either_end_is_an_index_error_and_changes_nothing(make_list, index):
    items = make_list(MIXED)
    with pytest.raises(IndexError):
        items[index]
    with pytest.raises(IndexError):
        items[index] = 1
    with pytest.raises(IndexError):
        items.type(index)
    assert list(items) == MIXED


@pytest.mark.parametrize("index", [0, -1])
def test_an_empty_list_has_no_items(make_list, index):
    with pytest.raises(IndexError):
        make_list([])[index]


@pytest.mark.parametrize("index", [1.0, "1", None, (1, 2), b"1"])
def test_an_index_that_is_no_integer_is_a_type_error(make_list, index):
    items = make_list(MIXED)
    with pytest.raises(TypeError, match="indices must be integers or slices"):
        items[index]
    with pytest.raises(TypeError, match="indices must be integers or slices"):
        items[index] = 1


def test_items_cannot_be_deleted(make_list):
    items = make_list(MIXED)
    for key in (0, slice(0, 2)):
        with pytest.raises(TypeError, match="deletion"):
            del items[key]


def test_the_methods_behind_the_brackets_can_be_called(make_list):
    items = make_list(MIXED)
    items.__setitem__(0, 9)
    assert (items.__getitem__(0), items.__len__()) == (9, 6)


# Ranges

SLICES = [slice(*limits) for limits in [(None,), (2,), (1, 4), (-2, None), (4, 1), (0, 99), (-99, 99), (6, 6)]]
STEPPED = [slice(None, None, step) for step in (2, -1, -2, 99, -99)] + [slice(4, 0, -3)]


@pytest.mark.parametrize("part", SLICES + STEPPED, ids=str)
def test_a_slice_reads_a_plain_list(make_list, part):
    values = make_list(MIXED)[part]
    assert type(values) is list
    assert values == MIXED[part]


@pytest.mark.parametrize("part", SLICES, ids=str)
def test_a_slice_writes_as_many_items_as_it_has(make_list, part):
    items, expected = make_list([0] * 6), [0] * 6
    values = list(range(1, len(expected[part]) + 1))
    items[part] = iter(values)
    expected[part] = values
    assert list(items) == expected


def test_a_range_may_be_written_from_the_list_itself(make_list):
    items = make_list([1, 2, 3])
    items[0:2] = items[1:3]
    assert list(items) == [2, 3, 3]
    items[:] = items
    assert list(items) == [2, 3, 3]


@pytest.mark.parametrize("values", [[], [1], [1, 2, 3]])
def test_a_slice_cannot_change_the_length(make_list, values):
    items = make_list([0] * 6)
    with pytest.raises(ValueError, match=f"{len(values)} values for a range of 2 items"):
        items[1:3] = values
    assert list(items) == [0] * 6


def test_a_range_is_written_whole_or_not_at_all(make_list):
    items = make_list([1, "text", 3])
    with pytest.raises(ValueError, match="item 1"):
        items[0:3] = [7, "longer than the slot", 9]
    assert list(items) == [1, "text", 3]


def test_a_slice_with_a_step_cannot_be_written(make_list):
    items = make_list(MIXED)
    with pytest.raises(ValueError, match="adjacent"):
        items[::2] = [1, 2, 3]
    assert list(items) == MIXED


@pytest.mark.parametrize("part", [slice("a", 2), slice(0, 1.5), slice(None, None, "x")], ids=str)
def test_the_limits_of_a_slice_are_integers(make_list, part):
    with pytest.raises(TypeError):
        make_list(MIXED)[part]


def test_a_step_of_zero_is_a_value_error(make_list):
    with pytest.raises(ValueError, match="step"):
        make_list(MIXED)[::0]


# Iterating and searching


def test_iterating_reads_each_item_when_it_is_its_turn(make_list):
    items = make_list([1, 2, 3])
    iterator = iter(items)
    assert next(iterator) == 1
    items[1] = 9
    assert iterator.__length_hint__() == 2
    assert list(iterator) == [9, 3]
    assert list(iterator) == [] and next(iterator, "end") == "end"


def test_an_iterator_keeps_its_list_alive():
    items = ShareableList([1, 2])
    items.unlink()
    iterator = iter(items)
    del items
    assert list(iterator) == [1, 2]


def test_a_list_can_be_reversed_and_unpacked(make_list):
    items = make_list([1, 2, 3])
    first, *rest = items
    assert (first, rest, list(reversed(items)), max(items)) == (1, [2, 3], [3, 2, 1], 3)


SOUGHT = [
    *MIXED,
    1,
    1.0,
    7.0,
    0,
    "h",
    b"h",
    "xyz",
    float("nan"),
    2**70,
    float(2**63),
    -(2**80),
    "\ud800",
    [],
    object(),
    7 + 0j,
]


@pytest.mark.parametrize("value", SOUGHT, ids=repr)
def test_searching_finds_what_is_equal_as_a_plain_list_does(make_list, value):
    plain = MIXED + [True, 1, 7, 2.0**70, float("nan"), 2**63 - 1]
    items = make_list(plain)
    assert items.count(value) == plain.count(value)
    assert (value in items) == (value in plain)
    if value in plain:
        assert items.index(value) == plain.index(value)
    else:
        with pytest.raises(ValueError, match="not in this container"):
            items.index(value)


def test_an_object_decides_itself_what_it_equals(make_list):
    class Even:
        def __eq__(self, other):
            return isinstance(other, int) and other % 2 == 0

    class Backwards(str):
        def __eq__(self, other):
            return str(self)[::-1] == other

        __hash__ = str.__hash__

    items = make_list([1, 2, 4, "ab"])
    assert (items.count(Even()), items.index(Even()), Even() in items) == (2, 1, True)
    assert items.index(Backwards("ba")) == 3


def test_index_takes_no_start(make_list):
    with pytest.raises(TypeError):
        make_list([1]).index(1, 0)


# What a list tells of itself


def test_format_is_that_of_the_standard_library(make_list):
    assert make_list(MIXED).format == "q8s8sxxxxxx?xxxxxxxx?d"


def test_type_names_the_type_of_an_item(make_list):
    items = make_list(MIXED)
    names = ["int64", "str", "bytes", "none", "bool", "float64"]
    assert [items.type(index) for index in range(6)] == names
    assert [items.type(index) for index in range(-6, 0)] == names
    items[0] = None
    assert items.type(0) == "none"
    with pytest.raises(TypeError):
        items.type("0")


def test_shm_is_the_segment_under_the_list_and_always_the_same_object(make_list):
    items = make_list([5])
    assert type(items.shm) is SharedMemory and items.shm is items.shm
    assert items.shm.buf[8 * 3] == 5
    items.shm.buf[8 * 3] = 6
    assert items[0] == 6


def test_the_representation_shows_the_values_and_the_name(make_list):
    items = make_list([1, "a"])
    assert repr(items) == f"ShareableList([1, 'a'], name={items.shm.name!r})"
    items.close()
    assert repr(items) == f"ShareableList(closed, name={items.shm.name!r})"


def test_the_representation_of_a_long_list_is_bounded(make_list):
    assert len(repr(make_list(range(100_000)))) < 1000
    assert len(repr(make_list(["x" * 1_000_000, b"x" * 1_000_000]))) < 3000


def test_attributes_cannot_be_set(make_list):
    items = make_list([1])
    for attribute in ("shm", "format", "closed"):
        with pytest.raises(AttributeError):
            setattr(items, attribute, 1)


def test_a_list_is_no_number_and_cannot_grow(make_list):
    items = make_list([1])
    with pytest.raises(TypeError):
        int(items)
    assert not hasattr(items, "append")


@pytest.mark.skipif(sys.version_info < (3, 9), reason="generic aliases came with Python 3.9")
def test_the_class_can_be_subscripted_in_annotations():
    assert ShareableList[int].__origin__ is ShareableList


def test_lists_are_equal_only_to_themselves(make_list):
    one, other = make_list([1]), make_list([1])
    assert one == one and one != other and one != [1]
    assert len({one, other, one}) == 2


# Closing, unlinking, pickling

USES = [
    lambda items: items[0],
    lambda items: items[-1],
    lambda items: items[:],
    lambda items: items[::2],
    lambda items: items.__setitem__(0, 1),
    lambda items: items.__setitem__(slice(0, 1), [1]),
    len,
    list,
    lambda items: items.count(1),
    lambda items: items.index(1),
    lambda items: 1 in items,
    lambda items: items.count([]),
    lambda items: items.type(0),
    lambda items: items.format,
]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("close", [ShareableList.close, lambda items: items.shm.close()], ids=["list", "segment"])
def test_using_a_closed_list_is_a_value_error(make_list, use, close):
    items = make_list([1, 2, 3])
    assert items.shm.buf
    close(items)
    close(items)
    assert items.closed and items.shm.closed and items.shm.buf is None
    with pytest.raises(ValueError, match="closed"):
        use(items)


def test_closing_in_the_middle_of_a_loop_ends_it_with_a_value_error(make_list):
    items = make_list([1, 2, 3])
    with pytest.raises(ValueError, match="closed"):
        for _ in items:
            items.close()


def test_an_iterable_may_close_the_list_that_it_is_written_to(make_list):
    items = make_list([1, 2])

    def values():
        yield 1
        items.close()
        yield 2

    with pytest.raises(ValueError, match="closed"):
        items[:] = values()


def test_a_closed_list_can_unlink_and_keeps_its_segment(make_list):
    items = make_list([1])
    with items:
        pass
    assert SharedMemory.exists(items.shm.name)
    items.unlink()
    assert not SharedMemory.exists(items.shm.name)
    with pytest.raises(FileNotFoundError):
        items.unlink()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_attaches_by_name(make_list, protocol):
    items = make_list([1, "x" * 10_000])
    data = pickle.dumps(items, protocol)
    assert len(data) < 500
    with pickle.loads(data) as other:
        other[0] = 5
        assert items[0] == 5


def test_copies_of_a_read_only_list_share_it_read_only(make_list):
    items = make_list([1])
    with ShareableList(name=items.shm.name, readonly=True) as shared, copy.copy(shared) as other:
        assert other.shm.readonly
        items[0] = 2
        assert other[0] == 2


def test_a_list_made_of_a_list_is_another(make_list):
    items = make_list(["x" * 20])
    items[0] = "b"
    other = make_list(items)
    assert list(other) == ["b"] and other.format == "8s"


def test_classes_can_be_derived(make_list, new_name):
    class Doubled(ShareableList):
        def doubled(self, index):
            return self[index] * 2

    class Counting(ShareableList):
        reads = 0

        def __getitem__(self, index):
            self.reads += 1
            return super().__getitem__(index)

    with Doubled([1, 2], name=new_name()) as items, Counting([5], name=new_name()) as counting:
        assert (items.doubled(1), len(items), list(items)) == (4, 2, [1, 2])
        assert (counting[0], counting.reads) == (5, 1)
        assert repr(items).startswith("Doubled([1, 2]")


def test_the_public_names_are_documented():
    for public in [ShareableList, *(getattr(ShareableList, name) for name in vars(ShareableList) if name[0] != "_")]:
        assert public.__doc__
