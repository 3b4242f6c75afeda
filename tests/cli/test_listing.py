"""ls and stat: what is there, and whose."""

import os
from resource import RLIMIT_NOFILE, setrlimit

import pytest
from conftest import BLOCK, COMMAND, SHM, fails, fits, good, kill, polyshm, stat


def row(name):
    lines = polyshm("ls").out.splitlines()
    assert lines[0].split() == "NAME KIND ITEMS SIZE USED MODE USER KEPT ATTACHED".split()
    return next(line.split() for line in lines if line.split()[0] == name)


def test_ls_lists_each_block_on_a_line(made, make):
    raw = make(b"x" * 5000)
    os.chmod(SHM / raw, 0o640)
    assert row(raw)[1:6] == ["raw", "-", "5000", "8192", "0640"]
    assert row(made)[1:3] == ["list", "6"]


def test_ls_in_json_has_its_shape(made, make):
    make(b"")
    done = polyshm("ls", "--json")
    assert fits(done.json, {"blocks": [BLOCK], "unseen_processes": int})
    assert {block["name"]: block["items"] for block in done.json["blocks"]}[made] == 6


def test_columns_are_aligned_without_tabs(made, make):
    make(b"x" * 70000, "漢字")
    lines = polyshm("ls").out.splitlines()
    assert not any("\t" in line or "\033" in line for line in lines)
    wide = next(line for line in lines if "漢字" in line)
    other = next(line for line in lines if made in line)
    assert wide.index("raw") + 2 == other.index("list")


@pytest.mark.parametrize(
    "vector_file, kind, items, synchronized",
    [("sync/example.bin", "list", 6, True), ("example.bin", "list", 6, False), ("empty.bin", "list", 0, False)],
)
def test_stat_tells_lists(vector, vector_file, kind, items, synchronized):
    found = stat(vector(vector_file))
    assert (found["kind"], found["items"], found["synchronized"]) == (kind, items, synchronized)


def test_stat_tells_sparse_from_real_memory(new_name):
    name = new_name()
    with open(SHM / name, "wb") as file:
        file.truncate(1 << 30)
    assert (stat(name)["size"], stat(name)["used"], stat(name)["kind"]) == (1 << 30, 0, "raw")


def test_who_is_attached_is_listed_polyshm_or_not(made, peer, stock):
    own, foreign = peer("attach", made), stock(made)
    found = {one["pid"]: one["command"] for one in stat(made)["attached"]}
    assert found.keys() == {own.pid, foreign.pid}
    assert "python" in found[foreign.pid]
    assert str(foreign.pid) in polyshm("stat", made).out
    for child in own, foreign:
        kill(child)
    assert (stat(made)["attached"], stat(made)["leased"]) == ([], False)


def test_an_open_file_counts_without_a_mapping(make, start):
    name = make(b"x")
    with open(SHM / name) as file:
        child = start("/bin/sh", "-c", "echo ready; read line", pass_fds=[file.fileno()])
    assert [one["pid"] for one in stat(name)["attached"]] == [child.pid]


def test_who_tracks_is_shown_and_whether_it_lives(peer, name):
    owner = peer("track", name)
    (keeper,) = stat(name)["keepers"]
    assert (keeper["kind"], keeper["pid"], keeper["lives"]) == ("tracked", owner.pid, True)
    assert f"tracked by {owner.pid}" in polyshm("ls").out


def test_who_manages_is_shown(peer, name):
    owner = peer("manage", name, "the manager")
    (keeper,) = stat(name)["keepers"]
    assert (keeper["kind"], keeper["book"], keeper["pid"]) == ("manager", "the manager", owner.pid)
    assert f"manager the manager of {owner.pid}" in polyshm("ls").out


def test_a_runtime_folder_that_is_no_good_is_told_of_and_does_no_harm(made, runtime):
    (runtime / "polyshm").mkdir()
    (runtime / "polyshm").chmod(0o755)
    done = polyshm("stat", made)
    assert done.status == 0 and "open to others" in done.err and "list of 6 items" in done.out
    (runtime / "polyshm").chmod(0o700)


def test_what_is_not_there_is_a_failure(new_name):
    fails(1, "No such file", "stat", new_name())


def test_a_folder_is_no_block(new_name):
    name = new_name()
    (SHM / name).mkdir()
    try:
        fails(1, "no block", "stat", name)
        assert name not in good("ls", "--json").out
    finally:
        (SHM / name).rmdir()


@pytest.mark.parametrize("form", ["/{}", "../shm/{}", ""])
def test_what_leads_elsewhere_is_no_name(made, form):
    fails(1, "the block's name", "stat", form.format(made))
    fails(1, "the block's name", "show", form.format(made))


def as_nobody(*arguments):
    """Runs the command as another user, from whom its folder may be closed: so by its descriptor."""
    with open(COMMAND, "rb") as program:

        def run():
            os.setgid(65534)
            os.setuid(65534)
            os.execve(program.fileno(), [COMMAND, *arguments], {**os.environ, "XDG_RUNTIME_DIR": ""})

        return polyshm(*arguments, preexec_fn=run)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_users_block_is_listed_and_not_looked_into(make):
    name = make(b"x" * 100)
    os.chmod(SHM / name, 0)
    done = as_nobody("stat", "--json", name)
    assert (done.json["kind"], done.json["size"], done.json["uid"]) == ("unknown", 100, 0)
    assert "ermission" in done.json["note"] and done.json["unseen_processes"] > 0
    assert as_nobody("ls").unseen


def test_who_cannot_be_looked_at_for_want_of_descriptors_is_counted(make, stock):
    """A script that removes what nobody has open must be able to tell."""
    name = make(b"x" * 8)
    stock(name)
    for files in range(4, 8):
        done = polyshm("stat", "--json", name, preexec_fn=lambda: setrlimit(RLIMIT_NOFILE, (files, files)))
        assert done.status != 0 or done.json["attached"] or done.json["unseen_processes"] > 1, files


@pytest.mark.parametrize("words", [("ls",), ("stat",), ("doctor",), ("gc", "--dry-run"), ("gc",)])
def test_who_only_looks_makes_no_folder(runtime, made, words):
    done = polyshm(*words, *([made] if words == ("stat",) else []))
    assert done.out or words[0] == "gc"
    assert list(runtime.iterdir()) == []
