"""The stock CPythons of this machine."""
import pathlib
import subprocess
import sys

DEADLINE = 60  # seconds


def version_of(python):
    """The version as a pair, or None if this is no CPython that runs."""
    query = "import sys; print(*sys.version_info[:2], sys.implementation.name)"
    try:
        answer = subprocess.run([python, "-c", query], capture_output=True, text=True, timeout=DEADLINE).stdout.split()
    except OSError:
        return None
    return (int(answer[0]), int(answer[1])) if answer[2:] == ["cpython"] else None


def interpreters(oldest):
    """One interpreter a version, from the oldest to 3.13: /usr/bin/python3, this one, and those under ~/.pyenv."""
    candidates = ["/usr/bin/python3", sys.executable]
    candidates += sorted(map(str, pathlib.Path.home().glob(".pyenv/versions/*/bin/python")))
    found = {version_of(python): python for python in reversed(candidates)}
    return {version: found[version] for version in sorted(filter(None, found)) if oldest <= version <= (3, 13)}
