"""Figures are valid Plotly descriptions and cannot carry somebody's markup."""

from __future__ import annotations

import json
from pathlib import Path

import plotly.graph_objects as go
import pytest

from contract.texts import Texts
from dashboards.charts import bars, columns, plain, stacks, twin_bars
from dashboards.grids import against, grid
from dashboards.page import Figure
from dashboards.render import as_json
from dashboards.say import Say
from dashboards.trends import lines

SAY = Say("fr", "EUR", Texts(Path("t"), {}), Texts(Path("t"), {}))
EVIL = "<a href='https://evil.example'>x</a></script><script>alert(1)</script>"
FIGURES = [
    columns(SAY, [EVIL, "b"], [1, 2], [EVIL, "2"], [0]),
    bars(SAY, [EVIL, "b"], [1, 2], [EVIL, "2"]),
    bars(SAY, [], [], []),
    twin_bars(SAY, [EVIL], (EVIL, [1], [EVIL]), ("r", [2], ["2"])),
    stacks(SAY, [EVIL, "b"], [(EVIL, "#0f5c6e", [0.5, 1], [EVIL, ""])]),
    lines(SAY, ["a", "b"], [(EVIL, "#0f5c6e", [0.1, 0.2]), ("n", "#7b8794", [0.1, 0.2])]),
    grid(SAY, (EVIL, ["5", EVIL]), ("d", ["1", "2"]), [[1, 2], [0, 4]], [["1", EVIL], ["0", "4"]]),
    against(SAY, [0.1, 0.9], [0.2, 0.8], ("x", "y", EVIL)),
]


@pytest.mark.parametrize("figure", FIGURES)
def test_plotly_accepts_the_figure(figure: Figure) -> None:
    go.Figure(data=figure["data"], layout=figure["layout"])


@pytest.mark.parametrize("figure", FIGURES)
def test_no_text_of_a_figure_is_markup(figure: Figure) -> None:
    written = json.dumps(figure).replace("<extra></extra>", "").replace("<br>", "")
    assert "<" not in written


def test_json_inside_a_script_element_cannot_end_it() -> None:
    written = str(as_json({"a": EVIL}))
    assert "<" not in written
    assert json.loads(written) == {"a": EVIL}


def test_a_long_name_is_cut_where_it_would_push_the_figure_aside() -> None:
    assert plain("x" * 90).endswith("…")
    assert len(plain("x" * 90)) < 40


def test_names_at_the_ends_of_lines_do_not_overlap() -> None:
    series = [(name, "#0f5c6e", [0.0, 0.5]) for name in "abc"]
    heights = [note["y"] for note in lines(SAY, ["1", "2"], series)["layout"]["annotations"]]
    assert len(set(heights)) == 3
