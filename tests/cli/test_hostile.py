"""Blocks that are garbage, or change under one's eyes: the command shows them, or says why not; it neither crashes nor
lets anything through to a terminal."""

import os
import random
import struct
import sys
import threading
import time

import pytest
from conftest import SHM, VECTORS, fails, polyshm, stat

VECTOR_FILES = sorted(path.relative_to(VECTORS) for path in VECTORS.rglob("*.bin"))
LOOKS = [["stat"], ["show"], ["show", "--json", "--all"]]

EVIL = "\x1b]0;owned\x07\x1b[31m\x9b\u202e\n"


def survives(name):
    for look in LOOKS:
        done = polyshm(*look, name)
        assert done.status in (0, 1), (look, done.err)
        assert "Sanitizer" not in done.err and "runtime error" not in done.err
        shown = done.out + done.err
        assert not any(ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160 or c == "\u202e" for c in shown)
    return done


@pytest.mark.parametrize("path", VECTOR_FILES, ids=str)
def test_every_vector_can_be_looked_at(vector, path):
    done = survives(vector(path))
    assert done.status == 0


def test_damaged_lists_can_be_looked_at(make):
    dice = random.Random(7)
    for path in ["sync/mixed_100.bin", "sync/abandoned.bin", "mixed_100.bin"]:
        for _ in range(2):
            content = bytearray((VECTORS / path).read_bytes())
            for _ in range(dice.choice([1, 8, 200])):
                content[dice.randrange(len(content))] = dice.randrange(256)
            survives(make(bytes(content)))
            survives(make(bytes(content[: dice.randrange(len(content))])))


def test_random_blocks_are_raw(make):
    dice = random.Random(1)
    for size in (1, 7, 8, 15, 16, 17, 4096, 100000):
        assert stat(make(b"\xff" * 8 + dice.randbytes(size)))["kind"] == "raw"


@pytest.mark.parametrize("count", [1, 1 << 20, (1 << 40) // 25, (1 << 40) // 26, 1 << 62, (1 << 64) - 1])
def test_a_block_that_claims_many_items_is_not_believed(new_name, count):
    """It is a hole of a terabyte: whoever read it through would not come to an end."""
    name = new_name()
    with open(SHM / name, "wb") as file:
        file.write(struct.pack("<Q", count))
        file.truncate(1 << 40)
    assert stat(name)["kind"] == "raw"
    assert polyshm("show", name).out.endswith("... of 1099511627776 bytes\n")


def test_an_empty_block_is_empty(make):
    name = make(b"")
    assert stat(name)["kind"] == "empty"
    assert survives(name).json["bytes"] == ""


@pytest.mark.parametrize("suffix", [EVIL, "\\x1b", "\u200b", "\u3164\ufe0f", "\udcff\udc80", "é\udcc3"], ids=ascii)
def test_names_are_shown_escaped(make, suffix):
    name = make(b"x", suffix)
    shown = polyshm("ls")
    line = next(line for line in shown.out.splitlines() if line.startswith(name[: -len(suffix)]))
    assert "\x1b" not in shown.out and "\u202e" not in shown.out and "\\" in line
    found = [one for one in polyshm("ls", "--json").json["blocks"] if one["name"].startswith(name[: -len(suffix)])]
    assert [one["valid"] for one in found] == [ascii(suffix).find("udc") < 0]
    survives(name)
    assert "\x1b" not in polyshm("rm", name + "\x1b").err
    os.unlink(os.fsencode(SHM / name))


def test_only_a_name_in_the_folder_is_a_block(make):
    name = make(b"x")
    longest = make(b"x", "x" * (255 - len(name)))
    fails(1, "has a '/'", "stat", f"../shm/{name}")
    fails(1, "longer", "stat", longest + "x")
    assert not stat(longest)["valid"]


def test_a_process_cannot_speak_to_the_terminal_by_its_name(make, start):
    name = make(b"x")
    script = (
        "import sys; open('/proc/self/comm', 'wb').write(b'\\x1b[31mevil'); file = open(sys.argv[1])\n"
        "print('ready', flush=True); sys.stdin.read()"
    )
    start(sys.executable, "-S", "-c", script, str(SHM / name))
    assert "\\x1b[31mevil" in polyshm("ls").out and "\\x1b[31mevil" in polyshm("stat", name).out


def test_contents_are_shown_escaped(vector):
    name = vector("sync/mixed_100.bin")
    assert polyshm("set", name, 2, "\x1b[2J\x9b").status == 0
    assert r'"\x1b[2J\xc2\x9b"' in polyshm("show", name).out


def test_blocks_that_shrink_grow_and_vanish_are_looked_at(vector, new_name):
    content, name = (VECTORS / "sync/mixed_100.bin").read_bytes(), new_name()
    (SHM / name).write_bytes(content)
    done = threading.Event()

    def disturb():
        dice = random.Random(3)
        while not done.is_set():
            (SHM / name).write_bytes(content)
            os.truncate(SHM / name, dice.randrange(len(content)))
            (SHM / name).unlink()

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        end = time.monotonic() + 4
        while time.monotonic() < end:
            for look in [["ls"], ["stat", name], ["show", name], ["show", "--all", "--json", name], ["get", name, "2"]]:
                result = polyshm(*look)
                assert result.status in (0, 1), (look, result.status, result.err)
                assert "Sanitizer" not in result.err
                assert look != ["ls"] or result.status == 0
    finally:
        done.set()
        thread.join()
