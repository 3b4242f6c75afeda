"""NumPy arrays over SharedMemory.buf: whatever goes first, they never dangle; the block goes with the last of them."""

import gc
import itertools
import os
import pickle
import threading

import pytest

import polyshm
from polyshm import ShareableList, SharedMemory

from conftest import DEADLINE, in_child

numpy = pytest.importorskip("numpy")

SIZE = 10

# Ways from a buf to an array of ten doubles over its bytes, each of which holds on to them by other means.
ARRAYS = {
    "ndarray": lambda buf: numpy.ndarray((SIZE,), dtype=float, buffer=buf),
    "frombuffer": lambda buf: numpy.frombuffer(buf, dtype=float),
    "asarray": lambda buf: numpy.asarray(buf).view(float),
    "cast": lambda buf: numpy.asarray(buf.cast("d")),
    "memoryview": lambda buf: numpy.frombuffer(memoryview(buf)[:], dtype=float),
    "slice": lambda buf: numpy.ndarray((2, SIZE // 2), dtype=float, buffer=buf)[:, :].reshape(SIZE),
    "reversed": lambda buf: numpy.frombuffer(buf, dtype=float)[::-1][::-1],
    "record": lambda buf: numpy.ndarray((SIZE,), dtype=[("real", float)], buffer=buf)["real"],
}

every_array = pytest.mark.parametrize("make", ARRAYS.values(), ids=ARRAYS)


def make_block(name):
    return SharedMemory(name, create=True, size=8 * SIZE)


def check(array, name=None):
    """The array is alive: what is written there is read, also by another handle."""
    array[:] = range(SIZE)
    array += 1
    assert array.sum() == SIZE * (SIZE + 1) / 2
    if name:
        with SharedMemory(name) as other:
            assert other.buf.cast("d").tolist() == array.tolist()


@every_array
def test_an_array_shares_the_bytes(name, make):
    with make_block(name) as shm:
        check(make(shm.buf), name)
        shm.unlink()


@every_array
def test_an_array_outlives_everything_in_any_order(new_name, make):
    for order in itertools.permutations(["close", "unlink", "buf", "shm"]):
        kept = {"shm": make_block(new_name())}
        kept["buf"] = kept["shm"].buf
        array = make(kept["buf"])
        methods = {"close": kept["shm"].close, "unlink": kept["shm"].unlink}
        for step in order:
            methods.pop(step)() if step in methods else kept.pop(step)
            check(array)
    gc.collect()
    check(array)


@every_array
def test_the_block_goes_with_the_last_array(name, make):
    shm = make_block(name)
    array = make(shm.buf)
    part = array[2:5]
    shm.close()
    del array, shm
    assert SharedMemory.attached(name)
    part[:] = 1
    assert part.sum() == 3
    del part
    assert not SharedMemory.attached(name)


def test_an_array_in_a_cycle_with_its_handle_is_collected(name):
    class Array(numpy.ndarray):
        pass

    shm = make_block(name)
    array = Array((SIZE,), dtype=float, buffer=shm.buf)
    array.shm, shm.array = shm, array
    del array, shm
    gc.collect()
    assert not SharedMemory.attached(name)


@every_array
@pytest.mark.parametrize("closes", [False, True])
def test_an_array_of_a_read_only_handle_cannot_be_written(name, make, closes):
    with make_block(name) as shm:
        check(make(shm.buf))
        other = SharedMemory(name, readonly=True)
        array = make(other.buf)
        if closes:
            other.close()
        del other
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
        with pytest.raises(ValueError):
            array.flags.writeable = True
        assert array.tolist() == list(range(1, SIZE + 1))
        shm.unlink()


@every_array
def test_a_pickled_array_is_a_copy(name, make):
    with make_block(name) as shm:
        array = make(shm.buf)
        check(array)
        copies = [pickle.loads(pickle.dumps(array, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
        array[:] = 0
        shm.unlink()
    for copy in copies:
        assert copy.tolist() == list(range(1, SIZE + 1))


@every_array
def test_a_forked_child_has_the_array_whoever_closes(name, make):
    shm = make_block(name)
    array = make(shm.buf)

    def child():
        shm.close()
        gc.collect()
        assert array[1] == 0
        array[0] = 42

    in_child(child)
    assert array[0] == 42
    shm.close()
    in_child(lambda: array.__setitem__(1, 43))
    assert array[1] == 43
    SharedMemory(name).unlink()


def test_threads_close_and_drop_handles_under_each_others_arrays(name):
    first = make_block(name)
    numbers = numpy.frombuffer(first.buf)
    failures, rounds = [], 300

    def churn(number):
        try:
            for _ in range(rounds):
                shm = SharedMemory(name)
                array = list(ARRAYS.values())[number](shm.buf)
                shared.append(array)
                shm.close()
                del shm
                array[number] += 1
                shared.pop(0)[number]
        except Exception as error:
            failures.append(error)

    shared = []
    threads = [threading.Thread(target=churn, args=(number,)) for number in range(len(ARRAYS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert not failures
    assert numbers[: len(ARRAYS)].tolist() == [rounds] * len(ARRAYS)
    first.unlink()


def test_threads_read_arrays_while_another_closes_the_handle(name):
    make_block(name).close()
    for _ in range(50):
        shm = SharedMemory(name)
        started = threading.Barrier(2)

        def read():
            started.wait(DEADLINE)
            while True:
                buf = shm.buf
                if buf is None:
                    return
                results.append(numpy.frombuffer(buf).sum())

        results = []
        thread = threading.Thread(target=read)
        thread.start()
        started.wait(DEADLINE)
        shm.close()
        thread.join(DEADLINE)
        assert not thread.is_alive() and set(results) <= {0.0}
        results = thread = None
        assert not SharedMemory.attached(name)
    SharedMemory(name).unlink()


def test_the_numbers_of_a_list_are_an_array(name):
    items = ShareableList(range(SIZE), name=name)
    numbers = numpy.frombuffer(items.shm.buf, dtype=numpy.int64, count=SIZE, offset=8 * (SIZE + 2))
    assert numbers.tolist() == list(range(SIZE))
    items.close()
    del items
    gc.collect()
    numbers[3] = 30
    with ShareableList(name=name) as other:
        assert other[3] == 30
        other.unlink()


def test_arrays_that_are_alive_at_exit_are_no_trouble(run_child, name):
    run_child(
        "import sys, numpy, polyshm\n"
        "shm = polyshm.SharedMemory(sys.argv[1], create=True, size=80)\n"
        "numpy.kept = numpy.frombuffer(shm.buf)\n"
        "shm.array = numpy.ndarray((10,), buffer=shm.buf)\n"
        "shm.close(); shm.unlink()\n"
        "numpy.kept[0] = 1\n",
        name,
    )


def test_a_manager_that_shuts_down_leaves_arrays(name):
    with polyshm.SharedMemoryManager() as manager:
        array = numpy.frombuffer(manager.SharedMemory(8 * SIZE, name=name).buf)
    assert not os.path.exists(f"/dev/shm/{name}")
    check(array)
