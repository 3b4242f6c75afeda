"""Charts, as SVG by matplotlib: a topic in a language is one, a case is a row, a side is a dot with its quartiles."""

import io
import re

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "polyshm"  # the same figures make the same file
matplotlib.rcParams["font.size"] = 9
from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import FuncFormatter  # noqa: E402

from words import seconds  # noqa: E402

OURS = "#c1121f"
PEERS = matplotlib.colormaps["tab10"].colors


def chart(rows):
    """rows: a case's name, and the figures of its sides."""
    sides = list(dict.fromkeys(figure.side for _, figures in rows for figure in figures))
    peers = [side for side in sides if side != "polyshm"]
    colors = {side: PEERS[number % len(PEERS)] for number, side in enumerate(peers)}
    picture, axes = pyplot.subplots(figsize=(9, 1.1 + 0.28 * len(rows)), layout="constrained")
    for side in sides:
        points = [(row, figure.spread) for row, (_, figures) in enumerate(rows) for figure in figures
                  if figure.side == side]
        middle = [spread.median for _, spread in points]
        around = [[spread.median - spread.low for _, spread in points],
                  [spread.high - spread.median for _, spread in points]]
        axes.errorbar(middle, [row for row, _ in points], xerr=around, linestyle="none", label=side,
                      color=OURS if side == "polyshm" else colors[side], marker="D" if side == "polyshm" else "o",
                      markersize=6 if side == "polyshm" else 5, zorder=3 if side == "polyshm" else 2)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: seconds(number)))
    axes.set_yticks(range(len(rows)), [case for case, _ in rows])
    axes.invert_yaxis()
    axes.grid(True, axis="both", color="#dddddd", linewidth=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    text = io.StringIO()
    picture.savefig(text, format="svg", metadata={"Date": None})
    pyplot.close(picture)
    return re.sub(r"\A.*?(?=<svg)", "", text.getvalue(), flags=re.DOTALL)
