"""The first page's promises: every snippet runs, in its language, and every command is one that a test runs.

The snippets say nothing of what they print. It stands here."""

import os
import re
from pathlib import Path

import pytest

import snippets

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PRINTED = {
    "python": "ShareableList(['fünf Aufträge', 5, 2.5, None], name='jobs') 4 1 True\n",
    "ruby": '["fünf Aufträge", 5, 2.5, nil]\ntrue\n',
    "lua": "fünf Aufträge 5 2.5 4\n",
    "c": "ready\n",
}

# What runs each of the README's indented commands; .ci/run runs tests/run.sh.
COMMANDS = {"interop/demo.sh": "the CTest test interop.demo", "tests/run.sh": ".ci/run"}


@pytest.mark.parametrize("lua", snippets.LUAS)
def test_snippets_run(lua):
    text = snippets.FENCE.sub(lambda fence: f"{fence[0]}\n```text\n{PRINTED[fence[1]]}```", README)
    assert snippets.run(text, lua)[0] == len(PRINTED)


def test_c_is_compiled_as_the_page_says():
    assert "`cc example.c -Iabi/include -Lbuild -lpolyshm`" in README


def test_commands_are_run_by_a_test():
    commands = re.findall(r"^    (\S.*)$", README.split("## Ten lines")[0], re.M)
    assert sorted(commands) == sorted(COMMANDS)
    for command in commands:
        assert os.access(ROOT / command, os.X_OK)


def test_snippets_are_about_ten_lines():
    for fence in snippets.FENCE.finditer(README):
        assert fence[3].count("\n") <= 16
