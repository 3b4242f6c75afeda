"""Calls, help, the terminal, the manual page and completion: what people meet first."""

import os
import pty
import re
import shutil
import subprocess

import pytest
from conftest import COMMAND, ROOT, SHM, fails, good, polyshm

CLI = ROOT / "runtime/cli"
COMMANDS = "ls stat show get set watch rm gc doctor manager".split()


def options(command):
    return re.findall(r"^  (--[a-z-]+)", good(command, "--help").out, re.M)


def test_help_names_every_command():
    assert re.findall(r"^  ([a-z]+) ", good("--help").out, re.M) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    text = good(command, "--help").out
    assert text.startswith(f"usage: polyshm {command}") and options(command)[-1] == "--help"
    assert all(len(line) <= 120 and line == line.rstrip() for line in text.splitlines())


def test_version():
    assert re.fullmatch(r"polyshm \d+\.\d+\.\d+\n", good("--version").out)


@pytest.mark.parametrize(
    "arguments, words",
    [([], "a command is missing"), (["lss"], "no command 'lss'"), (["--json"], "no command"),
     (["ls", "x"], "no argument"),
     (["stat"], "it takes NAME"), (["get", "x"], "it takes NAME I"), (["set", "x", "1"], "it takes NAME I VALUE"),
     (["rm"], "it takes NAME..."), (["ls", "--all"], "no option --all"), (["ls", "-j"], "no option"),
     (["ls", "-jx"], "no option -j"), (["stat", "x", "-jx"], "no option -j"), (["ls", "--json=3"], "--json=3"),
     (["watch", "x", "--count"], "--count needs an argument"), (["lss\x1b[31m"], "lss\\x1b[31m")],
)  # fmt: skip
def test_a_wrong_call_has_status_2(arguments, words):
    done = fails(2, words, *arguments)
    assert "--help" in done.err


def test_what_cannot_be_written_is_a_failure():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([COMMAND, "ls"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"cannot write" in done.stderr


@pytest.mark.parametrize("stream", [1, 2])
def test_what_is_said_to_a_closed_stream_goes_into_no_block(made, stream):
    before = (SHM / made).read_bytes()
    polyshm("set", made, 99, 1, preexec_fn=lambda: os.close(stream))
    assert (SHM / made).read_bytes() == before


def on_terminal(*arguments, **variables):
    """What the command writes to a terminal."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **variables}
    child = subprocess.Popen([COMMAND, *arguments], stdout=slave, stderr=subprocess.DEVNULL, env=environment)
    os.close(slave)
    output = b""
    try:
        while chunk := os.read(master, 65536):
            output += chunk
    except OSError:  # the other side is closed
        pass
    os.close(master)
    assert child.wait() == 0
    return output.decode()


def test_there_is_colour_on_a_terminal_only(made):
    assert "\033[32mok\033[0m" in on_terminal("doctor")
    assert "\033[1mNAME\033[0m" in on_terminal("ls")
    for variables in {"NO_COLOR": "1"}, {"TERM": "dumb"}:
        assert "\033" not in on_terminal("ls", **variables)
    assert "\033" not in good("ls").out


def test_colour_takes_no_columns(made):
    plain = re.sub(r"\033\[\d*m", "", on_terminal("show", made)).replace("\r\n", "\n")
    assert plain == good("show", made).out


def test_a_terminal_gets_text_escaped_and_a_pipe_as_it_is(made):
    good("set", made, 4, "\033[31m")
    assert on_terminal("get", made, "4") == "\\x1b[31m\r\n"
    assert good("get", made, 4).out == "\033[31m\n"


def test_a_locale_without_utf8_gets_ascii(made):
    done = polyshm("show", made, env={**os.environ, "LC_ALL": "C"})
    assert r'"h\xc3\xa9"' in done.raw.decode("ascii")


@pytest.mark.skipif(not shutil.which("mandoc"), reason="no mandoc")
def test_the_manual_page_is_well_formed():
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", CLI / "polyshm.1"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_manual_page_has_every_command_and_option():
    page = (CLI / "polyshm.1").read_text()
    for command in COMMANDS:
        assert re.search(rf"^\.It Cm {command}\b", page, re.M)
        synopsis = re.search(rf"^\.Cm {command}\n((?:\.(?:Op|Ar).*\n)*)", page, re.M).group(1)
        known = re.findall(r"Fl -([a-z-]+)", synopsis)
        assert sorted(["--help", *("--" + one for one in known)]) == sorted(options(command))


def offered(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.split("\0")[:-1]


def complete(*words):
    """What bash offers for the last word."""
    script = (
        'source "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); _polyshm "$2"\n'
        '((${#COMPREPLY[@]})) && printf "%s\\0" "${COMPREPLY[@]}"; true'
    )
    return offered("bash", "-c", script, "bash", CLI / "completion/polyshm.bash", COMMAND, *words)


def complete_in_zsh(*words):
    script = 'compadd() { shift; print -rN -- "$@" }; words=("${@:2}"); CURRENT=$#words; source "$1"'
    return offered("zsh", "-fc", script, "zsh", CLI / "completion/polyshm.zsh", COMMAND, *words)


no_zsh = pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh")


@pytest.mark.parametrize("shell", [complete, pytest.param(complete_in_zsh, marks=no_zsh)])
def test_completion_offers_commands_options_and_blocks(shell, make, tmp_path):
    trap = make(b"x", "$(touch trap) `touch trap`;")
    assert set(shell("")) >= set(COMMANDS)
    assert shell("show", "--") == options("show")
    assert shell("set", "--type", "") == ["none", "bool", "int", "float", "str", "bytes"]
    assert trap in shell("show", "") and trap in shell("rm", "one", trap[:4])
    assert shell("ls", "") == [] and not any(shell("lss", "--"))
    assert not os.path.exists("trap") and not (SHM / "trap").exists()
    assert shell is not complete or complete("s") == ["stat", "show", "set"]
