"""show, get, set and watch: what is in a list."""

import json
import re
import select
import signal
import subprocess

import pytest
from conftest import COMMAND, DEADLINE, VALUE, fails, fits, good, kill, polyshm

ITEM = {**VALUE, "type": (*VALUE["type"], None), "error": (str, None), "format": str, "kind": int, "slot": int,
        "used": int, "spare": int, "exact": bool}  # fmt: skip
LOCK = {"participant": int, "generation": int, "lives": bool, "waiting": bool}
SYNC = {"version": int, "writing": bool, "lock": (LOCK, None), "orphaned": bool, "participants": int,
        "journal": (int, None)}  # fmt: skip
LIST = {"name": str, "kind": "list", "size": int, "note": None, "parts": [{"part": str, "from": int, "bytes": int}],
        "items": [ITEM], "sync": (SYNC, None)}  # fmt: skip


def shown(name):
    found = good("show", "--json", name).json
    assert fits(found, LIST)
    assert sum(part["bytes"] for part in found["parts"]) + 64 > found["size"]
    return found


def test_show_draws_slots_and_what_they_have_to_spare(made):
    text = good("show", made).out
    assert re.search(r'4 +str +16s +16 +3 +13 +\[##\.{8}\] +"hé"', text)
    assert re.search(r'5 +bytes +2s +16 +2 exact +14 +\[#\.{9}\] +b"a\\x00"', text)
    assert re.search(r"lock +free", text) and "journal" in text and "sync area" in text


def test_show_in_json_has_all(made):
    items = shown(made)["items"]
    assert [item["value"] for item in items] == [7, 0.1, True, None, "hé", "6100"]
    assert [(item["slot"], item["spare"], item["exact"]) for item in items[4:]] == [(16, 13, False), (16, 14, True)]


def test_show_tells_the_holder_of_the_lock_alive_and_dead(made, peer):
    holder = peer("lock", made)
    assert shown(made)["sync"]["lock"]["lives"] is True
    assert "which lives" in good("show", made).out
    kill(holder)
    assert shown(made)["sync"]["lock"]["lives"] is False
    assert "which is dead" in good("show", made).out


def test_show_tells_of_an_item_that_a_dead_writer_left(vector):
    name = vector("sync/abandoned.bin")
    assert shown(name)["sync"]["journal"] == 1
    assert "item 1 is being written" in good("show", name).out


def test_show_shortens_long_lists_unless_told(vector):
    name = vector("sync/mixed_100.bin")
    short, long = good("show", name).out, good("show", "--all", name).out
    assert "\n  50 " not in short and "\n  99 " in short and "\n ..." in short and '..."' in short
    assert "\n  50 " in long and "\n ..." not in long and "d" * 99 in long
    assert len(shown(name)["items"]) == 100


def test_show_of_a_stock_list_says_that_it_has_no_sync_area(vector):
    name = vector("example.bin")
    assert shown(name)["sync"] is None
    assert "a stock CPython made it" in good("show", name).out


def test_show_dumps_other_bytes_shortened(make):
    name = make(bytes(range(256)) * 2)
    lines = good("show", name).out.splitlines()
    assert lines[0].endswith("raw, 512 bytes") and lines[-1] == "... of 512 bytes" and len(lines) == 18
    assert lines[5].startswith("00000040  40 41") and lines[5].endswith("@ABCDEFGHIJKLMNO")
    assert len(good("show", "--all", name).out.splitlines()) == 33
    assert good("show", "--all", "--json", name).json["bytes"] == (bytes(range(256)) * 2).hex()


@pytest.mark.parametrize(
    "index, plain, value",
    [(0, b"7", 7), (1, b"0.1", 0.1), (2, b"true", True), (3, b"none", None), (4, "hé".encode(), "hé"),
     (5, b"a\0", "6100")],
)  # fmt: skip
def test_get_gives_each_type(made, index, plain, value):
    assert good("get", made, index).raw == plain + b"\n"
    found = good("get", made, index, "--json").json
    assert fits(found, VALUE) and found["value"] == value


@pytest.mark.parametrize("number, text", [("nan", "nan"), ("-inf", "-inf"), ("3", "3.0"), ("1e300", "1e+300")])
def test_floats_look_like_floats(made, number, text):
    good("set", made, 1, number) if number[0] != "-" else good("set", "--", made, 1, number)
    assert good("get", made, 1).out == text + "\n"
    assert good("get", "--json", made, 1).json["type"] == "float"


def test_get_of_what_is_not_there_is_a_failure(made, new_name):
    fails(1, "no item 6", "get", made, 6)
    fails(1, "no item -1", "get", "--", made, -1)
    fails(1, "", "get", new_name(), 0)
    fails(2, "no index", "get", made, "one")


@pytest.mark.parametrize(
    "index, options, value, json_type, result",
    [(0, [], "-12", "int", -12), (1, [], "2", "float", 2.0), (2, [], "false", "bool", False),
     (3, [], "none", "none", None), (4, [], "", "str", ""), (5, [], "\\", "bytes", "5c"),
     (0, ["--type", "float"], "0.5", "float", 0.5), (3, ["--type", "str"], "néw", "str", "néw"),
     (4, ["--type", "none"], "none", "none", None), (4, ["--type", "int"], "9223372036854775807", "int", 2**63 - 1)],
)  # fmt: skip
def test_set_takes_the_items_type_or_the_one_that_is_given(made, index, options, value, json_type, result):
    assert good("set", *options, made, index, value).out == ""
    assert good("get", "--json", made, index).json == {"type": json_type, "value": result}


@pytest.mark.parametrize(
    "index, value, words",
    [(0, "seven", "'seven' is no int"), (0, "1.5", "is no int"), (0, "", "is no int"),
     (0, "9223372036854775808", "does not fit 64 bits"), (1, "x", "is no float"), (1, "1e999", "larger than a float"),
     (2, "1", "true or false"), (3, "x", "--type"), (4, "x" * 17, "has 17 bytes, the slot of item 4 has 16"),
     (6, "1", "no item 6")],
)  # fmt: skip
def test_set_says_why_a_value_does_not_fit_and_changes_nothing(made, index, value, words):
    before = shown(made)["items"]
    fails(1, words, "set", made, index, value)
    assert shown(made)["items"] == before


def test_set_tells_of_the_option_for_another_type_unless_it_was_given(made):
    for index in range(4):
        fails(1, "--type gives the item another type", "set", made, index, "x")
    for index, type in enumerate(["int", "float", "bool", "none"]):
        assert "--type" not in fails(1, "'x' is no", "set", "--type", type, made, index, "x").err


def test_set_refuses_bytes_that_are_no_text(made):
    assert polyshm("set", made, 4, "\udcff").status == 1
    assert good("set", "--type", "bytes", made, 4, "\udcff").status == 0


def test_set_with_a_type_that_is_none_is_misuse(made):
    fails(2, "no type 'complex'", "set", "--type", "complex", made, 0, "1")


@pytest.fixture
def watch(made):
    """Starts to watch; it is at it when its attachment shows."""
    started = []

    def start(*options, **more):
        command = [COMMAND, "watch", *options, made]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        started.append(child)
        child.line = lambda: child.stdout.readline().decode()
        # It sees what changed after its first look, which nobody sees: so something is changed until it tells.
        number = 100
        while not select_line(child):
            number += 1
            good("set", made, 0, number)
        child.line()
        return child

    yield start
    for child in started:
        kill(child)


def select_line(child):
    return bool(select.select([child.stdout], [], [], 0.05)[0])


def drain(child, wanted):
    while wanted not in (line := child.line()):
        assert line
    return line


def test_watch_prints_changes(watch, made):
    child = watch()
    good("set", made, 4, "new\033")
    line = drain(child, "item 4")
    assert re.fullmatch(r'\d\d:\d\d:\d\d\.\d{3}  item 4  "hé" -> "new\\x1b"\n', line)


def test_watch_in_json_prints_an_object_a_line(watch, made):
    child = watch("--json")
    good("set", made, 5, "zz")
    change = json.loads(drain(child, '"index":5'))
    assert fits(change, {"time": str, "version": int, "index": int, "old": VALUE, "new": VALUE})
    assert (change["old"]["value"], change["new"]["value"]) == ("6100", "7a7a")


def test_watch_ends_after_a_count(watch, made):
    child = watch("--count", "2")
    good("set", made, 2, "false")
    assert child.wait(DEADLINE) == 0


def test_watch_ends_by_ctrl_c_as_any_program(watch):
    child = watch()
    child.send_signal(signal.SIGINT)
    assert child.wait(DEADLINE) == -signal.SIGINT  # the shell makes it 130


def test_watch_ends_when_the_block_is_removed(watch, made):
    child = watch()
    good("rm", made)
    assert child.wait(DEADLINE) == 1
    assert b"was removed" in child.stderr.read()


def test_watch_ends_after_a_time_and_fails_if_changes_are_missing(made):
    assert good("watch", "--timeout", "0.05", made).out == ""
    fails(1, "time is over", "watch", "--timeout", "0.05", "--count", "1", made)


def test_watch_ends_when_nobody_can_read_it(watch, made):
    """Even where a broken pipe is no signal, as under systemd."""
    child = watch(preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
    child.stdout.close()
    good("set", made, 0, 8)
    assert child.wait(DEADLINE) == 1 and b"cannot write: Broken pipe" in child.stderr.read()


def test_watch_needs_a_sync_area(vector):
    fails(1, "no sync area", "watch", vector("example.bin"))


@pytest.mark.parametrize("options", [["--count", "0"], ["--count", "x"], ["--timeout", "-1"], ["--timeout", "soon"]])
def test_watch_with_numbers_that_are_none_is_misuse(made, options):
    fails(2, options[0], "watch", *options, made)
