"""Tracking: what becomes of blocks whose creator has ended."""

import copy
import multiprocessing
import os
import pickle
import signal
import sys
from multiprocessing import shared_memory as stock

import pytest

from polyshm import ShareableList, SharedMemory

from conftest import DEADLINE, until, untracked

MAKE = [
    "SharedMemory(sys.argv[1], create=True, size=8{})",
    "SharedMemory.create_or_attach(sys.argv[1], 8{})[0]",
    "ShareableList([1, 'two'], name=sys.argv[1]{})",
]

# Creates, says so, and ends when its parent says so, in its own way.
CREATOR = """
import os, signal, sys
from polyshm import *
made = {make}
print("made", flush=True)
sys.stdin.readline()
{end}
"""

ENDS = {
    "returns": "",
    "closes": "made.close()",
    "exits": "sys.exit(3)",
    "raises": "raise LookupError",
    "_exits": "os._exit(0)",
    "aborts": "os.abort()",
    "is terminated": "os.kill(os.getpid(), signal.SIGTERM)",
    "is interrupted": "os.kill(os.getpid(), signal.SIGINT)",
    "is killed": "os.kill(os.getpid(), signal.SIGKILL)",
}


@pytest.fixture
def start_creator(start_child):
    """Starts a process that has made a block; its end is up to the test."""

    def start(name, make=MAKE[0].format(""), end=""):
        child = start_child(CREATOR.format(make=make, end=end), name)
        assert child.stdout.readline() == "made\n"
        return child

    return start


@pytest.mark.parametrize("make", MAKE)
def test_a_block_goes_when_its_creator_has_ended(start_creator, name, make):
    creator = start_creator(name, make.format(""))
    assert SharedMemory.exists(name)
    creator.communicate(timeout=DEADLINE)
    until(lambda: not SharedMemory.exists(name))


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_a_block_goes_however_its_creator_ends(start_creator, name, end):
    creator = start_creator(name, end=end)
    creator.communicate("\n", timeout=DEADLINE)
    until(lambda: not SharedMemory.exists(name))


@pytest.mark.parametrize("make", MAKE)
def test_an_untracked_block_stays(start_creator, name, runtime, make):
    start_creator(name, make.format(", track=False")).communicate(timeout=DEADLINE)
    until(lambda: runtime.books() == runtime.own)
    assert SharedMemory.exists(name)
    assert not SharedMemory.attached(name)


@pytest.mark.parametrize("attach", [SharedMemory, lambda name: ShareableList(name=name)])
def test_a_block_stays_while_somebody_is_attached(start_creator, name, runtime, attach):
    creator = start_creator(name, MAKE[2].format(""))
    with attach(name):
        creator.kill()
        creator.communicate(timeout=DEADLINE)
        runtime.kill_helper()  # the next one is as patient
        with SharedMemory(create=True, size=1) as other:
            other.unlink()
        assert SharedMemory.exists(name)
    until(lambda: not SharedMemory.exists(name))


def test_a_block_stays_while_a_process_of_the_standard_library_is_attached(start_creator, name, runtime):
    creator = start_creator(name)
    with untracked(stock.SharedMemory(name)) as theirs:
        creator.communicate(timeout=DEADLINE)
        until(lambda: len(runtime.books() - runtime.own) == 1)
        assert SharedMemory.exists(name)
        theirs.buf[0] = 1
    until(lambda: not SharedMemory.exists(name))


@pytest.mark.parametrize("track", [True, False])
@pytest.mark.parametrize("attach", ["SharedMemory(sys.argv[1]{})", "ShareableList(name=sys.argv[1]{})"])
def test_a_process_that_attached_removes_nothing(run_child, make_list, track, attach):
    items = make_list([1], track=track)
    attach = attach.format(f", track={track}")
    run_child(f"import sys; from polyshm import *; kept = {attach}; kept.close()", items.shm.name)
    run_child(f"import os, sys; from polyshm import *; kept = {attach}; os._exit(0)", items.shm.name)
    assert SharedMemory.exists(items.shm.name)


def test_unlinking_and_making_anew_is_no_trouble_to_the_new_block(start_creator, name):
    creator = start_creator(name)
    SharedMemory(name).unlink()
    with SharedMemory(name, create=True, size=8):
        creator.communicate(timeout=DEADLINE)
        assert creator.returncode == 0
        assert SharedMemory.exists(name)


def test_tracking_goes_on_when_the_helper_was_killed(start_creator, new_name, runtime):
    before, after = new_name(), new_name()
    creator = start_creator(before)
    runtime.kill_helper()
    start_creator(after).communicate(timeout=DEADLINE)
    until(lambda: not SharedMemory.exists(after))
    creator.communicate(timeout=DEADLINE)
    until(lambda: not SharedMemory.exists(before))


def test_what_was_left_when_all_were_killed_goes_with_the_next_helper(start_creator, name, runtime):
    creator = start_creator(name)
    runtime.kill_helper()
    creator.kill()
    creator.communicate(timeout=DEADLINE)
    assert SharedMemory.exists(name)
    with SharedMemory(create=True, size=1) as other:
        other.unlink()
    until(lambda: not SharedMemory.exists(name))


def test_a_process_that_becomes_another_program_has_ended(start_creator, name):
    creator = start_creator(name, end="os.execv('/bin/sh', ['sh', '-c', 'echo new; read line'])")
    creator.stdin.write("\n")
    creator.stdin.flush()
    assert creator.stdout.readline() == "new\n"
    until(lambda: not SharedMemory.exists(name))
    assert creator.poll() is None


def make_untidily(name):
    ShareableList([1], name=name)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_of_multiprocessing_tracks_what_it_creates(new_name, method):
    ours, its = new_name(), new_name()
    with SharedMemory(ours, create=True, size=1):
        child = multiprocessing.get_context(method).Process(target=make_untidily, args=(its,))
        child.start()
        child.join(DEADLINE)
        assert child.exitcode == 0
        until(lambda: not SharedMemory.exists(its))
        assert SharedMemory.exists(ours)


# Where it cannot be done


REFUSED = """
import os, sys
from polyshm import *
for create in (lambda **options: SharedMemory(sys.argv[1], create=True, size=1, **options),
               lambda **options: ShareableList([1], name=sys.argv[1], **options)):
    try:
        create()
    except OSError as error:
        print(type(error).__name__, error)
    assert not SharedMemory.exists(sys.argv[1])
    create(track=False).unlink()
"""


def refusal(run_child, name):
    first, second = run_child(REFUSED, name).splitlines()
    assert first == second
    return first


def test_without_the_helpers_program_only_untracked_blocks_can_be_created(run_child, name, monkeypatch, tmp_path):
    monkeypatch.setenv("POLYSHM_COMMAND", "/nonexistent")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert refusal(run_child, name).startswith("OSError [Errno 5] the program polyshm, which cleans up")


def test_in_a_folder_open_to_others_only_untracked_blocks_can_be_created(run_child, name, monkeypatch, tmp_path):
    (tmp_path / "polyshm").mkdir()
    (tmp_path / "polyshm").chmod(0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    words = refusal(run_child, name)
    assert words.startswith("PermissionError") and "chmod 700" in words


def test_without_a_folder_only_untracked_blocks_can_be_created(run_child, name, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    words = refusal(run_child, name)
    assert words.startswith("OSError") and "without tracking" in words


# The choice


@pytest.mark.parametrize("track", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        lambda name, **options: SharedMemory(name, create=True, size=1, **options),
        lambda name, **options: SharedMemory.create_or_attach(name, 1, **options)[0],
        lambda name, **options: ShareableList([1], name=name, **options),
        lambda name, **options: ShareableList([1], name=name, **options).shm,
    ],
)
def test_the_choice_survives_pickling(name, make, track):
    with make(name, track=track) as handle:
        with pickle.loads(pickle.dumps(handle)) as first, copy.deepcopy(first) as second:
            assert second.__reduce__()[0].keywords["track"] is track


def test_the_choice_is_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        SharedMemory(None, True, 1, False)
