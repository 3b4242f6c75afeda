"""Agents: a program a language, which stays alive and does what the lines on its input say, one answer a line.

    create_list NAME VALUE...      attach_list NAME          all NAME -> VALUE...
    get NAME INDEX -> VALUE        set NAME INDEX VALUE
    get_range NAME INDEX COUNT -> VALUE...                   set_range NAME INDEX VALUE...
    snapshot NAME -> VALUE...      version NAME -> NUMBER    item_version NAME INDEX -> NUMBER
    add NAME INDEX DELTA -> SUM    exchange NAME INDEX EXPECTED DESIRED -> BOOL
    lock NAME                      unlock NAME
    create_block NAME SIZE         attach_block NAME -> SIZE
    see NAME OFFSET SIZE -> HEX    put NAME OFFSET HEX       through the bytes as they are mapped
    read NAME OFFSET SIZE -> HEX   write NAME OFFSET HEX     through the functions that copy
    close NAME                     unlink NAME

and the one in C, for machines.py:

    add NAME INDEX NUMBER -> SUM   version NAME -> VERSION   wait NAME VERSION -> VERSION
    lock NAME -> STATUS            unlock NAME

An answer is `ok` with what comes after the arrow, or `error` with words. Indices count from 0. A VALUE is a type and
a text, as in the golden vectors: none:-, bool:1, int64:-7, float64:bff8000000000000, str:6869, bytes:00. A text or
bytes of over 4,096 bytes that repeat their first 12 are those and a number: str:414243444546474849505152*1000. A BOOL
is 0 or 1. A stock CPython knows nothing from get_range to unlock.
"""
import contextlib
import os
import pathlib
import select
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
sys.path.append(str(HERE.parent / "loaders"))
import loaders  # noqa: E402
from interpreters import interpreters  # noqa: E402

DEADLINE = 60  # seconds for an answer


class Refused(Exception):
    """The answer was an error."""


class Agent:
    def __init__(self, language, command, is_stock=False):
        self.language = language
        self.program = command[0]
        self.is_stock = is_stock
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._received = b""

    def __repr__(self):
        return self.language

    def ask(self, *words):
        """Sends a command and gives the words of its answer."""
        self.send(*words)
        return self.answer()

    def send(self, *words):
        with contextlib.suppress(BrokenPipeError):  # it died: answer() tells so
            self._process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
            self._process.stdin.flush()

    def answer(self):
        pipe = self._process.stdout.fileno()
        while b"\n" not in self._received and select.select([pipe], [], [], DEADLINE)[0]:
            received = os.read(pipe, 1 << 16)
            if not received:
                break
            self._received += received
        line, _, self._received = self._received.partition(b"\n")
        answer = line.decode("ascii", "replace").split()
        if answer[:1] == ["ok"]:
            return answer[1:]
        if answer[:1] == ["error"]:
            raise Refused(f"{self.language}: {' '.join(answer[1:])}")
        raise RuntimeError(f"{self.language} does not answer")

    def kill(self):
        self._process.kill()
        self.end()

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def ask_all(agents, *words):
    """The answers of all agents, who work on them at the same time."""
    for agent in agents:
        agent.send(*words)
    return [agent.answer() for agent in agents]


def stock(version, python):
    language = f"stock CPython {version[0]}.{version[1]}"
    return Agent(language, [python, "-E", "-s", HERE / "agent.py", "stock"], is_stock=True)


def start():
    """An agent of every language, and one of every stock CPython on this machine."""
    return start_ours() + start_stock()


def start_ours():
    return [
        Agent("C", [f"{os.environ['POLYSHM_BUILD']}/interop/mixed_agent"]),
        Agent("Python", [os.environ["POLYSHM_PYTHON"], HERE / "agent.py", "polyshm"]),
        Agent("Ruby", ["ruby", HERE / "agent.rb"]),
        Agent("Lua 5.4", ["lua5.4", HERE / "agent.lua"]),
        Agent("LuaJIT", ["luajit", HERE / "agent.lua"]),
    ]


def start_stock():
    return [stock(version, python) for version, python in interpreters(oldest=(3, 9)).items()]


def start_loaders():
    """An agent of every loader, which knows only the commands of lists."""
    agents = [
        Agent("ctypes", [os.environ["POLYSHM_PYTHON"], HERE / "agent.py", "polyshm_ctypes"]),
        Agent("cffi", [loaders.python_with_cffi(), HERE / "agent.py", "polyshm_cffi"]),
        Agent("LuaJIT ffi", ["luajit", HERE / "agent.lua", "ffi"]),
        Agent("Fiddle", ["ruby", HERE / "agent.rb", "fiddle"]),
        Agent("Perl", ["perl", HERE / "agent.pl"]),
    ]
    koffi = loaders.koffi()
    return agents + ([Agent("Node.js", ["node", HERE / "agent.mjs", koffi])] if koffi else [])
