"""Columns of codes become the words they stand for; a month of a journal is its days."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.world.agenda import Agenda
from demo.world.columns import (
    NOTHING,
    Cents,
    Either,
    Joined,
    Key,
    Text,
    Words,
    concat,
    render,
    rows_of,
    select,
)
from demo.world.facts import FACT_TABLES
from demo.world.journal import Journal

CODES = st.lists(st.integers(-1, 3), min_size=1, max_size=30)
WORDS = ("un", "deux", "trois", "été")


def array(values: list[int]) -> np.ndarray:
    return np.array(values, np.int64)


@given(st.lists(st.one_of(st.just(NOTHING), st.integers(-(10**15), 10**15)), max_size=40))
def test_cents_are_exact_decimals(numbers: list[int]) -> None:
    told = render(Cents(array(numbers)), pa.decimal128(18, 2), len(numbers)).to_pylist()
    expected = [None if n == NOTHING else Decimal(n).scaleb(-2) for n in numbers]
    assert told == expected


@given(CODES)
def test_codes_become_words_and_keys(codes: list[int]) -> None:
    text, key = Text(Words(WORDS), array(codes)), Key("K", array(codes), 3)
    words = [None if code < 0 else WORDS[code] for code in codes]
    keys = [None if code < 0 else f"K{code:03d}" for code in codes]
    assert render(text, pa.string(), len(codes)).to_pylist() == words
    assert render(key, pa.string(), len(codes)).to_pylist() == keys
    both = [None if code < 0 else f"{w}-{k}" for code, w, k in zip(codes, words, keys, strict=True)]
    assert Joined((text, "-", key)).written().to_pylist() == both


@given(CODES, CODES)
def test_batches_of_a_column_are_one_column(one: list[int], other: list[int]) -> None:
    words = Words(WORDS)
    for make in (
        lambda codes: Text(words, array(codes)),
        lambda codes: Key("K", array(codes)),
        lambda codes: Either(Key("K", array(codes)), Text(words, array(codes) * 0 - 1)),
        lambda codes: Joined((Key("a", array(codes)), Text(words, array(codes)))),
    ):
        united, whole = concat([make(one), make(other)]), make(one + other)
        assert rows_of(united) == len(one + other)
        count = len(one + other)
        assert render(united, pa.string(), count).equals(render(whole, pa.string(), count))


@given(CODES, st.data())
def test_selected_rows_are_the_rows(codes: list[int], data: st.DataObject) -> None:
    which = np.array(data.draw(st.lists(st.booleans(), min_size=len(codes), max_size=len(codes))))
    column = Joined(("x", Key("", array(codes))))
    chosen = render(select(column, which), pa.string(), int(which.sum())).to_pylist()
    assert chosen == [None if c < 0 else f"x{c}" for c in array(codes)[which]]


def test_words_that_were_added_later_change_no_code() -> None:
    words = Words(["a"])
    assert words.add(["b", "c"]).tolist() == [1, 2]
    assert words.list(array([2, -1, 0])) == ["c", "", "a"]
    assert words.add(pa.array(["d"])).tolist() == [3]
    assert len(words) == 4


DAYS = st.lists(
    st.lists(st.tuples(st.sampled_from(["one", "two"]), st.integers(0, 4)), max_size=4), max_size=6
)


def note_days(journal: Journal, days: list[list[tuple[str, int]]], first: int) -> None:
    for place, batches in enumerate(days):
        journal.turn_to(first + place)
        for site, count in batches:
            journal.note(
                "contents",
                site,
                {"content_key": Key(site, np.arange(count)), "topic": f"day {first + place}"},
            )


@given(DAYS)
def test_a_month_is_its_days(days: list[list[tuple[str, int]]]) -> None:
    whole = Journal()
    note_days(whole, days, 0)
    parts = []
    for place, day in enumerate(days):
        journal = Journal()
        note_days(journal, [day], place)
        parts.append(journal.close()["contents"])
    month = whole.close()
    assert set(month) == set(FACT_TABLES)
    assert month["contents"].num_rows == sum(part.num_rows for part in parts)
    if parts:
        assert month["contents"].equals(pa.concat_tables(parts))


def test_a_journal_refuses_columns_that_are_none() -> None:
    journal = Journal()
    journal.note("contents", "x", {"content_kye": Key("C", np.arange(2))})
    with pytest.raises(KeyError, match="content_kye"):
        journal.close()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), max_size=30))
def test_what_is_planned_is_due_once(rows: list[tuple[int, int]]) -> None:
    agenda = Agenda()
    for day, what in rows:
        agenda.plan("x", array([day]), array([what]))
    seen: list[int] = []
    for day in range(10):
        due = agenda.due("x", day)
        told = due[0].tolist() if due.size else []
        assert sorted(told) == sorted(what for when, what in rows if when == day)
        seen += told
    assert sorted(seen) == sorted(what for _, what in rows)
