"""The few kinds of figure of the site, as plain Plotly descriptions with direct labels.

Every text goes through `plain`: Plotly renders a little HTML of its own, and a customer's or
product's name must not become a link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dashboards import theme
from dashboards.page import Figure
from dashboards.say import Say

BAR_HEIGHT = 34
LABEL_LIMIT = 34
LINE_LIMIT = 30
SIGN_WIDTH = 7  # of a sign of twelve pixels, on average
WIDEST_LABEL = 240


def plain(text: object, limit: int = LABEL_LIMIT) -> str:
    """A text as Plotly shows it letter by letter, cut where it would push the figure aside."""
    words = str(text)
    return escape(words if len(words) <= limit else words[: limit - 1] + "…")


def wrapped(text: object) -> str:
    """A label in at most two lines, letter by letter as `plain`."""
    words, lines_made = str(text).split(" "), [""]
    for word in words:
        fits = len(lines_made[-1]) + len(word) < LINE_LIMIT
        if lines_made[-1] and not fits:
            lines_made.append("")
        lines_made[-1] = f"{lines_made[-1]} {word}".strip()
    kept = lines_made[:2]
    if len(lines_made) > len(kept):
        kept[-1] += "…"
    return "<br>".join(plain(line) for line in kept)


def placed(labels: Sequence[str], most: int = 60) -> dict[str, Any]:
    """Ticks by position: two things of the same name keep their own bar."""
    step = -(-len(labels) // most) or 1
    shown = range(0, len(labels), step)
    return {
        "tickmode": "array",
        "tickvals": list(shown),
        "ticktext": [labels[position] for position in shown],
    }


def figure(say: Say, data: Sequence[Mapping[str, Any]], height: int, **layout: Any) -> Figure:
    """A figure in the style of the site."""
    axis = {
        "gridcolor": theme.LINE,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": theme.MUTED, "size": 12},
        "title": {"font": {"color": theme.MUTED, "size": 12}, "standoff": 10},
    }
    base: dict[str, Any] = {
        "height": height,
        "autosize": True,
        "margin": {"l": 8, "r": 16, "t": 12, "b": 36},
        "font": {"family": theme.FONT, "size": 13, "color": theme.INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "separators": say.separators,
        "hoverlabel": {"bgcolor": theme.NIGHT, "font": {"color": theme.CARD, "size": 13}},
        "bargap": 0.28,
        "dragmode": False,
    }
    axes = {name: layout.pop(name, {}) for name in list(layout) if name[1:5] == "axis"}
    for name in {"xaxis", "yaxis", *axes}:
        base[name] = _merged(axis, axes.get(name, {}))
    config = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
    return {"data": list(data), "layout": base | layout, "config": config}


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in more.items():
        is_deeper = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if is_deeper else value
    return merged


def columns(
    say: Say,
    labels: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    highlight: Sequence[int] = (),
) -> Figure:
    """Upright bars in time order, the highlighted ones dark, each with its value above."""
    colours = [theme.ACCENT if i in highlight else theme.ACCENT_SOFT for i in range(len(values))]
    bar = {
        "type": "bar",
        "x": list(range(len(labels))),
        "y": [float(value) for value in values],
        "text": [plain(text) for text in texts],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "marker": {"color": colours},
        "hoverinfo": "skip",
        "textfont": {"color": theme.INK, "size": 12},
    }
    top = max([float(value) for value in values], default=1.0) * 1.15
    yaxis = {"visible": False, "range": [0, top or 1]}
    ticks = placed([plain(label) for label in labels])
    return figure(say, [bar], 280, xaxis={"showgrid": False, **ticks}, yaxis=yaxis)


def bars(
    say: Say,
    labels: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    colours: Sequence[str] = (),
) -> Figure:
    """Lying bars, the first on top, each with its value at its end."""
    ends = [plain(text, 60) for text in texts]
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(labels))),
        "x": [float(value) for value in values],
        "text": ends,
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "marker": {"color": list(colours) or theme.ACCENT},
        "hoverinfo": "skip",
        "textfont": {"color": theme.INK, "size": 12},
    }
    top = max([float(value) for value in values], default=1.0)
    # Room in pixels, not in parts of the scale: a text is as long in a narrow window.
    longest = max((len(text) for text in ends), default=0)
    return figure(
        say,
        [bar],
        60 + BAR_HEIGHT * max(len(values), 2),
        xaxis={"visible": False, "range": [0, top or 1]},
        yaxis=_names_axis(labels),
        margin={"l": 8, "r": 16 + min(SIGN_WIDTH * longest, WIDEST_LABEL), "t": 12, "b": 36},
    )


def _names_axis(labels: Sequence[str]) -> dict[str, Any]:
    return {
        "range": [max(len(labels), 1) - 0.5, -0.5],
        "showgrid": False,
        "ticks": "",
        "ticklabelstandoff": 6,
        "tickfont": {"color": theme.INK, "size": 13},
        **placed([wrapped(label) for label in labels]),
    }


def twin_bars(
    say: Say,
    labels: Sequence[str],
    left: tuple[str, Sequence[float], Sequence[str]],
    right: tuple[str, Sequence[float], Sequence[str]],
) -> Figure:
    """Two measures of the same groups side by side, each on its own scale, under its name."""
    names = list(range(len(labels)))
    data = []
    for axis, (_, values, texts), colour in (
        ("x", left, theme.CONTEXT),
        ("x2", right, theme.ACCENT),
    ):
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": names,
                "x": [float(value) for value in values],
                "xaxis": axis,
                "text": [plain(text) for text in texts],
                "textposition": "outside",
                "constraintext": "none",
                "cliponaxis": False,
                "marker": {"color": colour},
                "hoverinfo": "skip",
                "textfont": {"color": theme.INK, "size": 12},
            }
        )
    tops = [max([float(v) for v in side[1]], default=1.0) * 1.35 or 1 for side in (left, right)]
    heads = [_head(left[0], 0.0, theme.MUTED), _head(right[0], 0.53, theme.ACCENT)]
    return figure(
        say,
        data,
        80 + BAR_HEIGHT * max(len(names), 2),
        xaxis={"visible": False, "range": [0, tops[0]], "domain": [0, 0.47]},
        xaxis2={"visible": False, "range": [0, tops[1]], "domain": [0.53, 1]},
        yaxis=_names_axis(labels),
        annotations=heads,
        margin={"l": 8, "r": 16, "t": 36, "b": 12},
    )


def _head(text: str, x: float, colour: str) -> dict[str, Any]:
    return {
        "text": plain(text, 60),
        "x": x,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": colour, "size": 13},
    }


def stacks(
    say: Say,
    labels: Sequence[str],
    parts: Sequence[tuple[str, str, Sequence[float], Sequence[str]]],
) -> Figure:
    """Lying bars cut into parts: (name, colour, values, texts); the texts stand in the parts."""
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": plain(name),
            "y": list(range(len(labels))),
            "x": [float(value) for value in values],
            "text": [plain(text, 60) for text in texts],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "constraintext": "none",
            "marker": {"color": colour, "line": {"color": theme.CARD, "width": 2}},
            "textfont": {"color": theme.text_on(colour), "size": 12},
            "hoverinfo": "skip",
        }
        for name, colour, values, texts in parts
    ]
    return figure(
        say,
        data,
        24 + 52 * len(labels),
        barmode="stack",
        margin={"l": 8, "r": 8, "t": 4, "b": 4},
        xaxis={"visible": False},
        yaxis=_names_axis(labels),
    )
