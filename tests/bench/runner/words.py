"""Figures in words, for the terminal and the page."""

SCALES = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def seconds(number):
    scale, unit = next((pair for pair in SCALES if number >= pair[0]), SCALES[-1])
    return f"{number / scale:.3g} {unit}"


def quantity(figure):
    return f"{figure.spread.median:,.4g} B" if figure.unit == "B" else seconds(figure.spread.median)


def times(spread):
    return f"×{spread.median:.3g} ({spread.low:.3g}–{spread.high:.3g})"
