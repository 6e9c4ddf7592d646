"""Cut-offs: a fixed grid of Mondays, with enough history, up to the day itself."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orchestration.cut_offs import ANCHOR, GRID_DAYS, HISTORY_DAYS, grid

DAYS = st.dates(date(2015, 1, 1), date(2030, 1, 1))


def test_the_retailers_year_has_the_cut_offs_of_the_published_back_tests() -> None:
    days = grid(date(2017, 1, 1), date(2018, 1, 1))
    assert days[0] == ANCHOR
    assert days[-1] == date(2018, 1, 1)
    assert date(2017, 10, 9) in days


@given(DAYS, DAYS)
def test_every_cut_off_is_on_the_grid_has_history_and_is_not_in_the_future(
    first: date, as_of: date
) -> None:
    days = grid(first, as_of)
    assert days == sorted(set(days))
    assert days[-1] == as_of
    for day in days[:-1]:
        assert (day - ANCHOR).days % GRID_DAYS == 0
        assert day - first >= timedelta(days=HISTORY_DAYS)
        assert day < as_of


@given(DAYS, DAYS, st.integers(1, 400))
def test_a_later_day_keeps_every_earlier_cut_off_of_the_grid(
    first: date, as_of: date, later: int
) -> None:
    assert set(grid(first, as_of)[:-1]) <= set(grid(first, as_of + timedelta(days=later)))
