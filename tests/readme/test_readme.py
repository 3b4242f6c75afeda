"""The first page's promises: every snippet runs, in its language, and every command is one that a test runs.

The snippets say nothing of what they print. It stands here."""

import os
import re
import subprocess
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

# What runs each of the commands under "Install": the script in tests/package, and words of it.
INSTALLS = {
    "pip install ./bindings/python": ("test_wheel.sh", 'attempt "$source/bindings/python"'),
    "python -m build bindings/python": ("test_wheel.sh", '-m build --outdir "$folder/dist" "$source/bindings/python"'),
    "gem build bindings/ruby/polyshm.gemspec": ("test_gem.sh", "bindings/ruby/polyshm.gemspec"),
    "gem install polyshm-1.0.0.gem": ("test_gem.sh", "gem install"),
    "luarocks make bindings/lua/polyshm-1.0.0-1.rockspec": ("test_rock.sh", 'make "$rockspec"'),
    "--lua-version 5.1": ("test_rock.sh", "attempt luajit 5.1"),
    "LUA_INCDIR=/usr/include/luajit-2.1": ("test_rock.sh", "LUA_INCDIR=/usr/include/luajit-2.1"),
    "-DCMAKE_INSTALL_PREFIX=/usr": ("test_deb.sh", "-DCMAKE_INSTALL_PREFIX=/usr"),
    "cpack": ("test_deb.sh", '"$folder/build" cpack'),
    "cmake --install build": ("test_install.sh", '--install "$build"'),
    "polyshm.cdef": ("test_install.sh", "polyshm.cdef"),
}


@pytest.mark.parametrize("lua", snippets.LUAS)
def test_snippets_run(lua):
    text = snippets.FENCE.sub(lambda fence: f"{fence[0]}\n```text\n{PRINTED[fence[1]]}```", README)
    assert snippets.run(text, lua)[0] == len(PRINTED)


def test_c_is_compiled_and_runs_as_the_page_says(tmp_path):
    command = re.search(r"^C \(`(.*)`\):$", README, re.M)[1]
    [code] = [fence[3] for fence in snippets.FENCE.finditer(README) if fence[1] == "c"]
    (tmp_path / "example.c").write_text(code, encoding="utf-8")
    (tmp_path / "abi").symlink_to(ROOT / "abi")
    (tmp_path / "build").symlink_to(snippets.BUILD)
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert subprocess.check_output(["./a.out"], cwd=tmp_path, text=True) == PRINTED["c"]


def test_commands_are_run_by_a_test():
    commands = re.findall(r"^    (\S.*)$", README.split("## Ten lines")[0], re.M)
    assert sorted(commands) == sorted(COMMANDS)
    for command in commands:
        assert os.access(ROOT / command, os.X_OK)


def test_what_is_said_of_installing_is_what_the_packages_tests_do():
    said = re.findall(r"^\| [^|`]+ \| (.*`.*) \|$", README.split("## Install")[1].split("## Where")[0], re.M)
    assert sorted(re.findall("`(.*?)`", " ".join(said))) == sorted(INSTALLS)
    for script, words in INSTALLS.values():
        assert words in (ROOT / "tests/package" / script).read_text(encoding="utf-8")


def test_snippets_are_about_ten_lines():
    for fence in snippets.FENCE.finditer(README):
        assert fence[3].count("\n") <= 16
