"""The report as one page, which needs nothing but itself."""

from html import escape
from itertools import groupby

from charts import chart
from figures import ratio
from words import quantity, times

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 0.7rem 0 1.6rem; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.15rem 0.9rem 0.15rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
td.number { text-align: right; white-space: nowrap; }
.held { color: #22703c; } .missed { color: #b00020; font-weight: 600; } .absent { color: #777; }
svg { max-width: 100%; height: auto; }
pre { overflow-x: auto; font-size: 0.8rem; background: #f6f6f6; padding: 0.7rem; }
"""

WORDS = {
    "create": "A block's life", "items": "Items of a list", "bytes": "Bytes", "pingpong": "Ping-pong",
    "lock": "The lock", "scaling": "Many at once", "startup": "Starting up",
}


def table(head, rows):
    """Cells are HTML already; a pair is a class and a cell."""
    def cell(content):
        kind, text = content if isinstance(content, tuple) else ("", content)
        return f'<td class="{kind}">{text}</td>' if kind else f"<td>{text}</td>"
    lines = ["<tr>" + "".join(f"<th>{escape(word)}</th>" for word in head) + "</tr>"]
    lines += ["<tr>" + "".join(map(cell, row)) + "</tr>" for row in rows]
    return "<table>\n" + "\n".join(lines) + "\n</table>\n"


def bounds_table(checked):
    rows = []
    for bound, found in checked:
        row = [escape(bound.words), ("number", f"{bound.kind} {bound.bound:g}")]
        if found is None:
            rows.append([*row, "", "", ("absent", "not measured")])
            continue
        value, spread, holds = found
        around = f"{spread[0]:.3g} – {spread[1]:.3g}" if spread else "the worst"
        rows.append([*row, ("number", f"{value:.3g}"), ("number", around),
                     ("held", "held") if holds else ("missed", "not held")])
    return table(("what", "bound", "found", "quartiles", ""), rows)


def cases_table(cases):
    rows = []
    for _, _, case, figures in cases:
        ours = next((figure for figure in figures if figure.side == "polyshm"), None)
        for figure in figures:
            first = figure is figures[0]
            against = times(ratio(ours, figure)) if ours and figure is not ours else ""
            rows.append([escape(case) if first else "", escape(figure.side), ("number", quantity(figure)),
                         ("number", against)])
    return table(("case", "who", "median", "of polyshm's (quartiles)"), rows)


def topic_parts(figures):
    cases = sorted(figures.cases(), key=lambda case: (list(WORDS).index(case[0]), case[1]))
    for topic, in_topic in groupby(cases, key=lambda case: case[0]):
        yield f"<h2>{WORDS[topic]}</h2>\n"
        for language, in_language in groupby(in_topic, key=lambda case: case[1]):
            own = list(in_language)
            timed = [(case, sides) for _, _, case, sides in own if sides[0].unit == "s"]
            yield f"<h3>{escape(language)}</h3>\n{chart(timed)}\n{cases_table(own)}"


def page(given, about, commands, figures, checked):
    machine = table(("", ""), [[escape(key), escape(str(value))] for key, value in about.items()])
    kind = "A quick run" if given.quick else "A full run"
    again = f"tests/bench/run.sh{' --quick' * given.quick} --only {given.only} --rounds {given.rounds}"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>polyshm: how fast it is</title><style>{STYLE}</style></head><body>
<h1>polyshm: how fast it is</h1>
<p>{kind} of {given.rounds} rounds. In each, all programs below run once, one after the other; a round counts by the
best of its samples, and the spread is that between the rounds. ×3: the peer takes three times as long as polyshm.</p>
<h2>What must hold</h2>
{bounds_table(checked)}
{''.join(topic_parts(figures))}
<h2>The machine</h2>
{machine}
<h2>The commands</h2>
<p>All of this: <code>{escape(again)}</code>. In each round:</p>
<pre>{escape(chr(10).join(commands))}</pre>
</body></html>
"""
