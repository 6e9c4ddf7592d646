"""Lines over time, each named at its own end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards import theme
from dashboards.charts import figure, placed, plain
from dashboards.page import Figure
from dashboards.say import Say

MOST_DATES = 13  # more labels than this would touch


def lines(
    say: Say,
    labels: Sequence[str],
    series: Sequence[tuple[str, str, Sequence[float | None]]],
    *,
    digits: int = 0,
    is_share: bool = False,
) -> Figure:
    """Lines over time, each named at its end: (name, colour, values).

    is_share: the values are shares of 1 and are shown in percent.
    """
    x = list(range(len(labels)))
    factor, sign = (100, say.percent_sign) if is_share else (1, "")
    scaled = [
        [None if value is None else factor * float(value) for value in values]
        for _, _, values in series
    ]
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": plain(name),
            "x": x,
            "y": values,
            "line": {"color": colour, "width": 3},
            "marker": {"size": 7},
            "hovertemplate": f"{plain(name)}: %{{y:,.{digits}f}}{sign}<extra></extra>",
        }
        for (name, colour, _), values in zip(series, scaled, strict=True)
    ]
    names = [(name, colour) for name, colour, _ in series]
    notes = _names_at_ends(names, [values[-1] for values in scaled], len(x) - 1)
    longest = max((len(plain(name)) for name, _, _ in series), default=0)
    return figure(
        say,
        data,
        320,
        xaxis={"showgrid": False, **placed([plain(label) for label in labels], MOST_DATES)},
        yaxis={"tickformat": f",.{digits}f", "ticksuffix": sign},
        annotations=notes,
        margin={"l": 8, "r": 24 + 7 * longest, "t": 12, "b": 36},
    )


def _names_at_ends(
    names: Sequence[tuple[str, str]], ends: Sequence[float | None], last: int
) -> list[dict[str, Any]]:
    """The name of each line, in its colour, to the right of its last point."""
    return [
        {
            "x": last,
            "y": height,
            "xshift": 10,
            "text": plain(name),
            "xanchor": "left",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"color": theme.readable(colour), "size": 12},
        }
        for (name, colour), height in zip(names, _spread(ends), strict=True)
    ]


def _spread(values: Sequence[float | None]) -> list[float]:
    """Heights for the names of lines, pushed apart where they would overlap."""
    numbers = [0.0 if value is None else float(value) for value in values]
    gap = ((max(numbers) - min(numbers)) or abs(max(numbers)) or 1.0) * 0.09 if numbers else 0.0
    placed: dict[int, float] = {}
    last = None
    for index in sorted(range(len(numbers)), key=lambda i: numbers[i]):
        at = numbers[index] if last is None else max(numbers[index], last + gap)
        placed[index] = last = at
    return [placed[index] for index in range(len(numbers))]
