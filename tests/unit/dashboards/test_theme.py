"""Every colour pair of the site can be read."""

from __future__ import annotations

import pytest

from dashboards import theme


@pytest.mark.parametrize(("text", "ground"), theme.TEXT_PAIRS)
def test_text_has_the_contrast_of_wcag_aa(text: str, ground: str) -> None:
    assert theme.contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("mark", "ground"), theme.MARK_PAIRS)
def test_marks_have_the_contrast_of_wcag_aa(mark: str, ground: str) -> None:
    assert theme.contrast(mark, ground) >= 3


@pytest.mark.parametrize(
    "colour", [*theme.PMG_COLOURS.values(), *theme.OUTCOME_COLOURS.values(), theme.ACCENT]
)
def test_words_inside_a_bar_can_be_read(colour: str) -> None:
    assert theme.contrast(theme.text_on(colour), colour) >= 4.5


def test_the_contrast_of_black_on_white_is_twenty_one() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
