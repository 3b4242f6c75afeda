"""What wc says of the same files."""
import os
import subprocess

from files import DemoError


def version():
    return subprocess.run(["wc", "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout.split("\n")[0]


def count(paths):
    """Lines, words and bytes of all files together, as wc counts them in the C locale."""
    names = b"".join(os.fsencode(os.path.abspath(path)) + b"\0" for path in paths)
    environment = {**os.environ, "LC_ALL": "C"}
    answer = subprocess.run(["wc", "-lwc", "--files0-from=-"], input=names, capture_output=True, env=environment)
    if answer.returncode:
        raise DemoError(answer.stderr.decode(errors="replace").strip())
    return map(int, answer.stdout.splitlines()[-1].split()[:3])
