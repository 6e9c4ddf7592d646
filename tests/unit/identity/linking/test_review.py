"""The work list says what speaks for a pair, runs no formula, and its answers come back signed."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from contract.errors import ConfigError
from identity.linking.link import ensure_tables
from identity.linking.review import pairs_to_review, read_answers, words, write_review
from tests.fixtures.linked_people import store

EVIDENCE = "first_name:7.1|phone:13.2|home:-5.5"
KNOWN = {frozenset(("a|1", "b|1")), frozenset(("a|2", "b|2"))}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Two pairs to review, one of one person by other evidence, one accepted."""
    con = duckdb.connect()
    names = ("a|1", "b|1", "a|2", "b|2", "a|3", "b|3", "a|4", "b|4")
    blank = dict.fromkeys(
        ("birth_date", "email", "address_line", "postal_code", "city", "loyalty_card_key")
    )
    store(
        con,
        [
            blank | {"record_id": name, "first_name": "=1+1", "last_name": "@x", "phone": "+336"}
            for name in names
        ],
    )
    ensure_tables(con)
    con.execute(
        "create table intermediate.identity_clusters (record_id varchar, cluster_id varchar)"
    )
    con.execute("insert into intermediate.identity_clusters values ('a|3', 'a|3'), ('b|3', 'a|3')")
    con.execute(
        "insert into intermediate.identity_clusters select r, r from (values ('a|1'), "
        "('b|1'), ('a|2'), ('b|2')) as t (r)"
    )
    for number, status in ((1, "review"), (2, "review"), (3, "review"), (4, "accepted")):
        con.execute(
            "insert into intermediate.identity_links values (?, ?, ?, 2, ?, null, ?)",
            [f"a|{number}", f"b|{number}", 0.6 + number / 100, status, EVIDENCE],
        )
    return con


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_answers_come_back_as_decisions_and_no_cell_is_a_formula(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, lang: str
) -> None:
    path = tmp_path / "review.xlsx"
    pairs = pairs_to_review(con, decided=())
    assert [pair.record_id for pair in pairs] == ["a|2", "a|1"]
    write_review(path, pairs, lang)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    book = load_workbook(path)
    sheet = book.worksheets[0]
    types = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert types == {"s", "n"}
    assert "=1+1" in {cell.value for cell in sheet[2]}
    choices = sheet.data_validations.dataValidation[0].formula1
    same, never = ("the same", "not the same") if lang == "en" else ("la même", "pas la même")
    assert same in choices
    sheet["C2"], sheet["D2"] = never, "Father and son"
    sheet["C3"] = same
    book.save(path)
    assert [(one.decision, one.record_id, one.reason) for one in read_answers(path, KNOWN)] == [
        ("never_same", "a|2", "Father and son"),
        ("same", "a|1", ""),
    ]


def test_a_pair_that_was_decided_is_not_asked_again(con: duckdb.DuckDBPyConnection) -> None:
    pairs = pairs_to_review(con, decided={frozenset(("b|2", "a|2"))})
    assert [pair.record_id for pair in pairs] == ["a|1"]


def test_an_answer_that_is_none_and_a_pair_that_was_never_compared_are_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "review.xlsx"
    write_review(path, pairs_to_review(con, decided=()), "en")
    book = load_workbook(path)
    book.worksheets[0]["C2"] = "the sam"
    book.save(path)
    with pytest.raises(ConfigError, match=r"row 2: no answer 'the sam'. Did you mean 'the same'"):
        read_answers(path, KNOWN)
    book.worksheets[0]["C2"] = "unsure"
    book.worksheets[0]["C3"] = "the same"
    book.worksheets[0]["E3"] = "x|9"
    book.save(path)
    with pytest.raises(ConfigError, match=r"row 3: x\|9 and b\|1 were never compared"):
        read_answers(path, KNOWN)


def test_what_speaks_is_said_in_words_of_the_language() -> None:
    assert words(EVIDENCE, "en") == "for: telephone, first name; against: address"
    assert words(EVIDENCE, "fr") == "pour : téléphone, prénom; contre : adresse"
    assert words("", "en") == ""
