"""The README's promises: every snippet runs, in its language, and every command is one that a test runs.

Run by pytest. BUILD is the build folder, from the environment."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["BUILD"])
README = (ROOT / "README.md").read_text(encoding="utf-8")

ENVIRONMENT = dict(
    os.environ,
    PYTHONPATH=str(BUILD / "bindings/python"),
    RUBYLIB=str(BUILD / "bindings/ruby"),
    LUA_PATH=f"{BUILD}/bindings/lua/?.lua;;",
    LUA_CPATH=f"{BUILD}/bindings/lua/?.so;;",
    LD_LIBRARY_PATH=str(BUILD),
)

# What runs each of the README's indented commands; .ci/run runs tests/run.sh.
COMMANDS = {"interop/demo.sh": "the CTest test interop.demo", "tests/run.sh": ".ci/run"}


def snippet(language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)
    assert len(found) == 1, f"one snippet in {language}"
    return found[0]


def run(*command):
    before = set(os.listdir("/dev/shm"))
    done = subprocess.run(command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=60)
    left = set(os.listdir("/dev/shm")) - before
    assert "jobs" not in left
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "language, interpreter",
    [("python", os.environ["PYTHON"]), ("ruby", "ruby"), ("lua", "lua5.4"), ("lua", "luajit")],
)
def test_snippet_of_a_script_language_runs(language, interpreter, tmp_path):
    script = tmp_path / "snippet"
    script.write_text(snippet(language), encoding="utf-8")
    assert "fünf Aufträge" in run(interpreter, str(script))


def test_snippet_in_c_compiles_as_the_readme_says_and_runs(tmp_path):
    (tmp_path / "example.c").write_text(snippet("c"), encoding="utf-8")
    command = re.search(r"`cc example\.c (.*?)`", README).group(1).replace("-Lbuild", f"-L{BUILD}")
    program = tmp_path / "example"
    run("cc", "-Wall", "-Wextra", "-Werror", str(tmp_path / "example.c"), *command.split(), "-o", str(program))
    assert run(str(program)) == "ready\n"


def test_commands_are_run_by_a_test():
    commands = re.findall(r"^    (\S.*)$", README.split("## Ten lines")[0], re.M)
    assert sorted(commands) == sorted(COMMANDS)
    for command in commands:
        assert os.access(ROOT / command, os.X_OK)


def test_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)]*)\)", README):
        assert (ROOT / link).exists(), link


def test_snippets_are_about_ten_lines():
    for language in ("python", "ruby", "lua", "c"):
        assert len(snippet(language).splitlines()) <= 16
