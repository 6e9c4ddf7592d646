"""Rare combinations disappear, common ones stay, and the rule always ends."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.publishing.quasi import SMALLEST_GROUP, Combination, generalise

values = st.sampled_from([None, "a", "b", "c"])
populations = st.dictionaries(
    st.tuples(values, values, values), st.integers(1, 25), min_size=1, max_size=40
)


def sizes_of(people: dict[Combination, int]) -> Counter[Combination]:
    sizes: Counter[Combination] = Counter()
    for combination, shown in generalise(people).items():
        sizes[shown] += people[combination]
    return sizes


@settings(print_blob=True)
@given(populations)
def test_nobody_is_shown_in_a_group_of_fewer_than_ten(people: dict[Combination, int]) -> None:
    rare = {c: n for c, n in sizes_of(people).items() if n < SMALLEST_GROUP and any(c)}
    assert rare == {}


@settings(print_blob=True)
@given(populations)
def test_a_value_is_emptied_or_kept_never_changed(people: dict[Combination, int]) -> None:
    published = generalise(people)
    assert published.keys() == people.keys()
    for combination, shown in published.items():
        assert all(new in (None, old) for new, old in zip(shown, combination, strict=True))


@settings(print_blob=True)
@given(populations)
def test_a_common_combination_loses_nothing(people: dict[Combination, int]) -> None:
    published = generalise(people)
    common = [combination for combination, n in people.items() if n >= SMALLEST_GROUP]
    assert all(published[combination] == combination for combination in common)


def test_one_rare_person_loses_only_the_column_that_tells() -> None:
    people: dict[Combination, int] = {("45-54", "owner"): 30, ("45-54", "renter"): 1}
    assert generalise(people)["45-54", "renter"] == (None, None)
    people["45-54", None] = 12
    assert generalise(people)["45-54", "renter"] == ("45-54", None)
