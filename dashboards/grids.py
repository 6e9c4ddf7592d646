"""Figures over two dimensions: a grid of counts, and predictions beside what happened."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards import theme
from dashboards.charts import figure, plain
from dashboards.page import Figure
from dashboards.say import Say


def grid(
    say: Say,
    across: tuple[str, Sequence[str]],
    down: tuple[str, Sequence[str]],
    values: Sequence[Sequence[float]],
    texts: Sequence[Sequence[str]],
) -> Figure:
    """A table of cells, darker for more, each with its value: (title, labels) across and down."""
    x = [plain(label) for label in across[1]]
    y = [plain(label) for label in down[1]]
    top = max((value for row in values for value in row), default=1.0) or 1.0
    heat = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": [[float(value) for value in row] for row in values],
        "zmin": 0,
        "zmax": top,
        "colorscale": theme.SCALE,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hoverinfo": "skip",
    }
    notes = [
        {
            # Positions, not labels: Plotly reads a label like "5" as a position.
            "x": column,
            "y": row,
            "text": plain(texts[row][column]),
            "showarrow": False,
            "font": {"size": 12, "color": theme.text_on(_shade(values[row][column] / top))},
        }
        for row in range(len(y))
        for column in range(len(x))
    ]
    plain_axis = {"showgrid": False, "type": "category"}
    return figure(
        say,
        [heat],
        110 + 44 * len(y),
        xaxis={**plain_axis, "title": {"text": plain(across[0], 60)}, "side": "top"},
        yaxis={**plain_axis, "title": {"text": plain(down[0], 60)}, "autorange": "reversed"},
        annotations=notes,
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
    )


def _shade(share: float) -> str:
    """The colour that the scale gives to `share`, from 0 to 1."""
    steps = list(zip(theme.SCALE, theme.SCALE[1:], strict=False))
    (low, one), (high, other) = next(s for s in steps if share <= s[1][0] or s is steps[-1])
    weight = (share - low) / (high - low)
    mixed = (
        round(int(one[i : i + 2], 16) * (1 - weight) + int(other[i : i + 2], 16) * weight)
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def against(
    say: Say, predicted: Sequence[float], observed: Sequence[float], titles: tuple[str, str, str]
) -> Figure:
    """Observed shares over predicted probabilities; on the diagonal they agree.

    titles: name of the x axis, of the y axis, and of the diagonal.
    """
    top = min(1.0, max([*predicted, *observed, 0.1]) * 1.12)
    diagonal = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 100 * top],
        "y": [0, 100 * top],
        "line": {"color": theme.CONTEXT, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    points = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [100 * float(value) for value in predicted],
        "y": [100 * float(value) for value in observed],
        "line": {"color": theme.ACCENT, "width": 3},
        "marker": {"size": 9, "color": theme.ACCENT},
        "hovertemplate": "%{x:.1f} → %{y:.1f} %<extra></extra>",
    }
    note = {
        "x": 100 * top,
        "y": 100 * top,
        "text": plain(titles[2]),
        "xanchor": "right",
        "yanchor": "bottom",
        "showarrow": False,
        "xshift": -14,
        "font": {"color": theme.MUTED, "size": 12},
    }
    percent = {"ticksuffix": say.percent_sign, "range": [0, 106 * top]}
    return figure(
        say,
        [diagonal, points],
        340,
        xaxis={**percent, "title": {"text": plain(titles[0], 60)}},
        yaxis={**percent, "title": {"text": plain(titles[1], 60)}},
        annotations=[note],
        margin={"l": 8, "r": 16, "t": 16, "b": 48},
    )
