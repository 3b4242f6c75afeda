"""The README of the binding: what it shows runs, and gives the results that stand beside it."""

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[3] / "bindings/python/README.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)

# An expression in a line of its own, and behind it a comment that begins with its value.
RESULT = re.compile(r"^( *)(\S.*?) {2,}# (True|False|None|\d+|\[.*?\])(?=$|[:;,])", re.M)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_runs_and_gives_what_it_says(run_child, name, snippet):
    (given,) = set(re.findall(r'name="(\w+)"', snippet))  # this test cleans up after lists with names
    script = re.sub(rf"""(["']){given}\1""", repr(name), snippet)
    run_child(RESULT.sub(r"\1assert (\2) == \3 #", script))


def test_snippets_have_results():
    assert len(RESULT.findall("".join(SNIPPETS))) >= 4
