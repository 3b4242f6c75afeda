"""The runner of snippets notices what is not so."""

import pytest

import snippets


def run(text, lua="lua5.4"):
    return snippets.run(text.replace("'''", "```"), lua)


def wrong(text, words):
    with pytest.raises(snippets.Wrong, match=words):
        run(text)


PRINTS_1 = [("python", "print(1)"), ("ruby", "p 1"), ("lua", "print(1)"), ("sh", "echo 1")]


@pytest.mark.parametrize("language, code", PRINTS_1)
def test_what_is_printed_is_compared(language, code):
    assert run(f"'''{language}\n{code}\n'''\n'''text\n1\n'''\n") == (1, {})
    wrong(f"'''{language}\n{code}\n'''\n'''text\n2\n'''\n", "printed\n1\ninstead of\n2")
    wrong(f"'''{language}\n{code}\n'''\n", "printed\n1")


def test_a_program_in_c_is_compared():
    text = "'''c\n#include <stdio.h>\nint main(void)\n{\n    puts(\"1\");\n}\n'''\n'''text\n%d\n'''\n"
    assert run(text % 1) == (1, {})
    wrong(text % 2, "printed\n1")


@pytest.mark.parametrize(
    "language, line",
    [("python", "1 + 1  # %d: a sum"), ("ruby", "1 + 1  # => %d, a sum"), ("lua", "tostring(2)  -- '%d'")],
)
def test_values_beside_expressions_are_compared(language, line):
    assert run(f"'''{language}\n{line % 2}\n'''\n") == (1, {})
    wrong(f"'''{language}\n{line % 3}\n'''\n", "ended with status 1")


@pytest.mark.parametrize("language, one, two", [
    ("python", "x = 1", "print(x)"), ("ruby", "x = 1", "p x"), ("lua", "local x = 1", "print(x)")])
def test_a_process_keeps_its_variables_until_it_ends(language, one, two):
    between = "'''sh\necho between\n'''\n'''text\nbetween\n'''\n"
    text = f"'''{language}%s\n{one}\n'''\n{between}'''{language}\n{two}\n'''\n'''text\n1\n'''\n"
    assert run(text % "") == (3, {})
    with pytest.raises(snippets.Wrong):
        run(text % " ends")


def test_another_process_has_its_own():
    wrong("'''python\nx = 1\n'''\n'''python other\nprint(x)\n'''\n", "NameError")


def test_a_snippet_that_waits_is_done_after_the_next_one():
    text = "'''sh waits\nuntil [ -e there ]; do sleep 0.01; done; echo seen\n'''\n"
    text += "'''sh\necho made; : >there\n'''\n'''text\n%s'''\n"
    assert run(text % "made\nseen\n") == (2, {})
    wrong(text % "seen\nmade\n", "instead of")


def test_what_waits_for_nothing_is_refused():
    wrong("'''sh waits\n:\n'''\n", "waits for nothing")
    wrong("'''sh waits\n:\n'''\n'''sh waits\n:\n'''\n'''sh\n:\n'''\n", "is followed by")
    wrong("'''sh waits\necho 1\n'''\n'''text\n1\n'''\n'''sh\n:\n'''\n", "is followed by")


def test_what_does_not_end_is_not_taken_for_dead(monkeypatch):
    monkeypatch.setattr(snippets, "DEADLINE", 0.2)
    wrong("'''sh dies\nexec sleep 60\n'''\n", "did not end")


def test_a_death_is_noticed_and_so_is_survival():
    assert run("'''sh dies\necho last; kill -KILL $$\n'''\n'''text\nlast\n'''\n") == (1, {})
    wrong("'''sh\nkill -KILL $$\n'''\n", "status -9")
    wrong("'''sh dies\n:\n'''\n", "status 0")
    wrong("'''python\nraise SystemExit(3)\n'''\n", "status 3")


def test_words_on_stderr_are_noticed():
    wrong("'''sh\necho no >&2\n'''\n", "stderr: no")
    assert run("'''sh loud\necho no >&2\n'''\n") == (1, {})


def test_what_is_not_run_is_counted_and_listed():
    assert run("'''sh unrun\nfalse\n'''\n\n    false\n    false\n") == (0, {1: "marked so", 5: "indented"})


def test_snippets_for_one_lua_are_for_that_one():
    text = "'''lua luajit\nprint(jit ~= nil)\n'''\n'''text\ntrue\n'''\n"
    assert run(text, "luajit") == (1, {})
    assert run(text, "lua5.1") == (0, {})


def test_blocks_that_stay_are_noticed(monkeypatch):
    monkeypatch.setattr(snippets, "PATIENCE", 0.1)
    wrong("'''sh\n: >/dev/shm/left\n'''\n", "left in /dev/shm: left")
    assert run("'''sh\nrm /dev/shm/left\n'''\n") == (1, {})


@pytest.mark.parametrize("text", ["'''text\n1\n'''\n", "'''perl\n1\n'''\n", "'''sh one two\n:\n'''\n"])
def test_what_cannot_be_understood_is_refused(text):
    with pytest.raises(snippets.Wrong):
        run(text)
