"""The page of results of the matrix, as text and as HTML."""
import html
import os
import platform
import subprocess

STYLE = """body { font: 14px sans-serif; margin: 2em }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid #ccc; padding: .2em .5em; text-align: right } th { background: #f4f4f4; text-align: left }
thead th { height: 9em; vertical-align: bottom } thead th span { writing-mode: vertical-rl; transform: rotate(180deg) }
.exact { background: #e2f3e2 } .limited { background: #fdf3d0 } .failed { background: #f3b0b0 }"""

WORDS = """A row is who made the list, a column who attached to it. The number is that of values that arrived: read by
who attached, and written by it (first None, then the value) and read by who made the list. Of these, ~N did not arrive as
they were sent, but as documented: a stock CPython drops the NULs at the end of a text, cannot write them at the end
of text or bytes, and cuts a new text to a slot that it sizes by characters. !N did not arrive, which is an error."""

VERSIONS = {"lua5.4": "-v", "luajit": "-v"}  # what is no --version


class Sum:
    """Of some cells."""

    def __init__(self, cells):
        self.exact, self.limited = sum(cell.exact for cell in cells), sum(cell.limited for cell in cells)
        self.failed = sum(len(cell.failures) for cell in cells)
        self.state = "failed" if self.failed else "limited" if self.limited else "exact"

    def __str__(self):
        limited, failed = f" ~{self.limited}" if self.limited else "", f" !{self.failed}" if self.failed else ""
        return f"{self.exact + self.limited}{limited}{failed}"


def version(agent):
    program = str(agent.program)
    if agent.language == "C":
        program = f"{os.environ['POLYSHM_BUILD']}/polyshm"
    query = [program, "-e", "print $^V"] if program == "perl" else [program, VERSIONS.get(program, "--version")]
    answer = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout
    return " ".join(answer.split()[:2])


def tables(agents, kinds, cells):
    """A title and the sums for each: all kinds together, and each kind."""
    yield "All values", {(a, b): Sum([cells[a, b, kind] for kind in kinds]) for a in agents for b in agents}
    for kind, values in kinds.items():
        title = f"{kind}: {len(values)} value{'s' * (len(values) > 1)}"
        yield title, {(a, b): Sum([cells[a, b, kind]]) for a in agents for b in agents}


def head(cells, refused, failures):
    all_ = Sum(cells.values())
    return (
        f"{len(cells)} cells, {all_.exact + all_.limited} values arrived, {all_.limited} of them as documented, "
        f"{refused} refused as they should be; {len(failures)} failures. {platform.system()} {platform.machine()}."
    )


def as_text(agents, kinds, cells, refused, failures):
    lines = ["polyshm: the matrix", "", head(cells, refused, failures), "", WORDS, ""]
    lines += [f"{number:3} {agent.language:20} {version(agent)}" for number, agent in enumerate(agents, 1)]
    for title, sums in tables(agents, kinds, cells):
        width = max(2, *(len(str(sum_)) for sum_ in sums.values())) + 1
        lines += ["", title, " " * 25 + "".join(f"{number:{width}}" for number in range(1, len(agents) + 1))]
        for number, creator in enumerate(agents, 1):
            row = "".join(f"{sums[creator, other]!s:>{width}}" for other in agents)
            lines.append(f"{number:3} {creator.language:20} {row}")
    lines += ["", *(" ".join(map(str, failure)) for failure in failures)]
    return "\n".join(lines).rstrip() + "\n"


def as_html(agents, kinds, cells, refused, failures):
    parts = [f"<!doctype html><meta charset=utf-8><title>polyshm: the matrix</title><style>{STYLE}</style>"]
    parts += ["<h1>polyshm: the matrix</h1>", f"<p>{head(cells, refused, failures)}<p>{WORDS}"]
    parts += [f"<p class=failed>{html.escape(' '.join(map(str, failure)))}" for failure in failures]
    for title, sums in tables(agents, kinds, cells):
        heads = "".join(f"<th><span>{agent.language}</span>" for agent in agents)
        rows = []
        for creator in agents:
            row = "".join(f"<td class={sums[creator, other].state}>{sums[creator, other]}" for other in agents)
            rows.append(f"<tr><th>{creator.language}{row}")
        table = f"<table><thead><tr><th>made by{heads}<tbody>{''.join(rows)}</table>"
        parts.append(f"<h2>{title}</h2>{table}")
    versions = "".join(f"<tr><th>{agent.language}<td>{html.escape(version(agent))}" for agent in agents)
    return "\n".join([*parts, f"<h2>Versions</h2><table>{versions}</table>", ""])


def write(folder, *results):
    (folder / "matrix.txt").write_text(as_text(*results))
    (folder / "matrix.html").write_text(as_html(*results))
