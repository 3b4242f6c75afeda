"""Runs the snippets of a page, and compares what they print with what the page says.

    . build/interop/environment.sh; "$POLYSHM_PYTHON" tests/readme/snippets.py PAGE [LUA]

A snippet is a fenced block that begins with ```LANGUAGE WORDS; only the language shows when the page is read. What it
prints stands in the block ```text that follows, where "..." is anything, and a tab a blank; without one it prints
nothing. An expression in a line of its own, with two blanks and a comment behind that begins with a value, has that
value ("# 5", "# => 5" in Ruby, "-- 5" in Lua). The words:

    NAME    the process that runs it, as all others of that name, one after the other, so that its variables stay;
            without one it is called as its language. A snippet in C, or for the shell (sh), is a process of its own
    waits   is at work while the next snippet runs; what it prints comes behind what that one prints
    ends    the last one of its process, which ends here, and not with the page
    dies    the last one of its process, which is killed in it
    loud    prints to stderr, too, of which nothing is said
    root    needs the rights of root, and is not run without
    LUA     lua5.4, luajit or lua5.1: is for this one
    unrun   is not run, as what is indented is not; both are counted and listed

The processes must end well, say nothing on stderr and leave no block behind. The status is 1 if anything is not so."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = os.environ["POLYSHM_BUILD"]
LUAS = ("lua5.4", "luajit", "lua5.1")
WORDS = {"waits", "ends", "dies", "loud", "root", "unrun", *LUAS}
DEADLINE, PATIENCE = 60, 10

# Stands behind each snippet that is not the last of its process: says that it is done, and waits for the next turn.
MARK = "-- done --\n"
PAUSES = {
    "python": 'print("-- done --"); __import__("sys").stdin.readline()\n',
    "ruby": 'puts "-- done --"; $stdin.gets\n',
    "lua": 'print("-- done --") io.read()\n',
}
# Nothing that was printed may be lost when a process is killed.
BEGINNINGS = {"ruby": "$stdout.sync = true;", "lua": 'io.stdout:setvbuf("no");', "sh": "set -e\n"}

LITERAL = r'((?:True|False|None|true|false|nil|-?\d+(?:\.\d+)?|\[.*?\]|\(.*?\)|"[^"]*"|' r"'[^']*'))(?=$|[:;,])"
VALUES = {
    "python": (re.compile(r"^( *)(\S.*?) {2,}# " + LITERAL, re.M), r"\1assert (\2) == \3, (\2) #"),
    "ruby": (re.compile(r"^( *)(\S.*?) {2,}# => " + LITERAL, re.M), r"\1(_ = (\2)) == (\3) or raise _.inspect #"),
    "lua": (re.compile(r"^( *)(\S.*?) {2,}-- " + LITERAL, re.M), r"\1assert((\2) == \3) --"),
}


class Wrong(Exception):
    """What a page says is not so, or cannot be understood."""


@dataclass
class Snippet:
    line: int
    language: str
    words: list
    code: str
    output: str = ""

    def __post_init__(self):
        names = [word for word in self.words if word not in WORDS]
        if self.language not in ("c", "sh", *PAUSES) or len(names) > 1:
            raise Wrong(f"{self.line}: what is ```{self.language} {' '.join(self.words)}?")
        self.process = names[0] if names else self.language
        if self.language not in PAUSES:
            self.process += f" {self.line}"

    def is_last(self):
        return self.language not in PAUSES or "ends" in self.words or "dies" in self.words

    def source(self):
        if self.language not in PAUSES:
            return self.code
        return re.sub(*VALUES[self.language], self.code) + ("" if self.is_last() else PAUSES[self.language])

    def why_not(self):
        """Why it is not run, or None."""
        if "root" in self.words and os.geteuid() != 0:
            return "needs root"
        return "marked so" if "unrun" in self.words else None

    def is_for(self, lua):
        return lua in self.words or not set(self.words) & set(LUAS)


FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.M | re.S)


def parse(text):
    """The snippets of a page, and the lines at which what is indented begins."""
    snippets, used = [], False
    for fence in FENCE.finditer(text):
        language, words, code = fence.groups()
        line = text.count("\n", 0, fence.start()) + 1
        if language != "text":
            snippets.append(Snippet(line, language, words.split(), code))
        elif snippets and not snippets[-1].output:
            snippets[-1].output = code
        else:
            raise Wrong(f"{line}: the output of no snippet")
    rest = FENCE.sub(lambda fence: "\n" * fence.group().count("\n"), text)
    indented = [rest.count("\n", 0, block.start()) + 2 for block in re.finditer(r"^\n {4}", rest, re.M)]
    return snippets, indented


def environment():
    return dict(os.environ, PATH=f"{BUILD}:{os.environ['PATH']}", LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")


class Process:
    """Runs snippets, one after the other, each when it is told to."""

    def __init__(self, snippets, folder, lua):
        self.language = snippets[0].language
        self.loud = any("loud" in snippet.words for snippet in snippets)
        self.errors = tempfile.TemporaryFile("w+")
        program = Path(folder, f"{snippets[0].line}.{self.language}")
        source = BEGINNINGS.get(self.language, "") + "".join(snippet.source() for snippet in snippets)
        program.write_text(source, encoding="utf-8")
        self.child = subprocess.Popen(
            self._command(program, lua), cwd=folder, text=True, encoding="utf-8", env=environment(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )
        self.late = False
        self.timer = threading.Timer(DEADLINE, self._give_up)
        self.timer.daemon = True
        self.timer.start()

    def _command(self, program, lua):
        if self.language == "c":
            binary = str(program.with_suffix(""))
            library = [f"-I{ROOT}/abi/include", f"-L{BUILD}", f"-Wl,-rpath,{BUILD}", "-lpolyshm"]
            subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", program, *library, "-o", binary], check=True)
            return [binary]
        python = [os.environ["POLYSHM_PYTHON"], "-u"]
        return [*{"python": python, "ruby": ["ruby"], "lua": [lua], "sh": ["sh"]}[self.language], str(program)]

    def _give_up(self):
        self.late = True
        self.child.kill()

    def go_on(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def printed(self):
        """What the snippet printed that runs now, when it is done."""
        lines = []
        for line in self.child.stdout:
            if line == MARK:
                break
            lines.append(line)
        return "".join(lines)

    def end(self, dies=False):
        self.child.stdin.close()
        self.child.stdout.read()
        status = self.child.wait()
        self.timer.cancel()
        self.errors.seek(0)
        said = self.errors.read()
        if self.late:
            raise Wrong(f"did not end in {DEADLINE} seconds; stderr: {said}")
        if (status >= 0) if dies else (status or said and not self.loud):
            raise Wrong(f"ended with status {status}; stderr: {said}")


class Page:
    """The snippets of a page at work."""

    def __init__(self, snippets, folder, lua):
        self.snippets, self.folder, self.lua = snippets, folder, lua
        self.processes = {}

    def run(self):
        try:
            waiting = None
            for snippet in self.snippets:
                self._begin(snippet)
                if "waits" in snippet.words:
                    if waiting or snippet.output:
                        raise Wrong(f"{snippet.line}: what waits is followed by another snippet, and then by output")
                    waiting = snippet
                    continue
                self._compare(snippet, self._finish(snippet) + (self._finish(waiting) if waiting else ""))
                waiting = None
            if waiting:
                raise Wrong(f"{waiting.line}: waits for nothing")
            for process in self.processes.values():
                process.end()
        finally:
            for process in self.processes.values():
                process.child.kill()
                process.timer.cancel()

    def _begin(self, snippet):
        if snippet.process in self.processes:
            self.processes[snippet.process].go_on()
            return
        own = [other for other in self.snippets if other.process == snippet.process and other.line >= snippet.line]
        last = next((i for i, other in enumerate(own) if other.is_last()), len(own))
        self.processes[snippet.process] = Process(own[: last + 1], self.folder, self.lua)

    def _finish(self, snippet):
        """Gives what the snippet printed, when it is done."""
        process = self.processes[snippet.process]
        printed = process.printed()
        if snippet.is_last() or process.child.poll() is not None:
            del self.processes[snippet.process]
            try:
                process.end("dies" in snippet.words)
            except Wrong as wrong:
                raise Wrong(f"{snippet.line}: {wrong}it printed:\n{printed}") from None
        return printed

    def _compare(self, snippet, printed):
        printed = printed.replace("\t", " ")
        wanted = ".*".join(map(re.escape, snippet.output.replace("\t", " ").split("...")))
        if not re.fullmatch(wanted, printed, re.S):
            raise Wrong(f"{snippet.line}: printed\n{printed}instead of\n{snippet.output}")


def wait_for_blocks_to_go(before):
    """What nobody unlinked is removed by the helper, some milliseconds after the last process that had it."""
    deadline = time.monotonic() + PATIENCE
    while left := set(os.listdir("/dev/shm")) - before:
        if time.monotonic() > deadline:
            raise Wrong(f"left in /dev/shm: {', '.join(sorted(left))}")
        time.sleep(0.01)


def run(text, lua):
    """Runs the snippets of a text. Gives how many that were, and what was not run: lines, and why."""
    snippets, indented = parse(text)
    snippets = [snippet for snippet in snippets if snippet.is_for(lua)]
    left_out = {snippet.line: snippet.why_not() for snippet in snippets if snippet.why_not()}
    snippets = [snippet for snippet in snippets if snippet.line not in left_out]
    before = set(os.listdir("/dev/shm"))
    with tempfile.TemporaryDirectory() as folder:
        Page(snippets, folder, lua).run()
    wait_for_blocks_to_go(before)
    return len(snippets), dict(sorted({**left_out, **dict.fromkeys(indented, "indented")}.items()))


def has_own_folder():
    """Whether /dev/shm is as small as the guard was asked for, "mode=1777,size=64m"."""
    folder = os.statvfs("/dev/shm")
    return folder.f_blocks * folder.f_frsize == 64 << 20


def main(page, lua="lua5.4"):
    if "POLYSHM_GUARD_FOLDER" in os.environ and not has_own_folder():
        print("skipped: this system allows no mount of its own on /dev/shm")
        sys.exit(77)
    try:
        count, left_out = run(Path(page).read_text(encoding="utf-8"), lua)
    except Wrong as wrong:
        sys.exit(f"{page}:{wrong}")
    print(f"{count} snippets ran, {len(left_out)} did not: {Path(page).relative_to(ROOT)}")
    for line, why in left_out.items():
        print(f"  line {line}: {why}")


if __name__ == "__main__":
    main(*sys.argv[1:])
