"""Records of one person are linked; a day later only what changed is looked at, with one result."""

from __future__ import annotations

import json
import random
from pathlib import Path

import duckdb
import pytest

from identity.linking.link import LinkReport, link_records
from tests.fixtures.linked_people import Row, again, everybody, person, store

SEED = 11
LINKS = "from intermediate.identity_links order by all"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return everybody(SEED, 240)


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> Path:
    """A model trained on everybody."""
    path = tmp_path_factory.mktemp("model") / "linking.json"
    linked(rows, path)
    return path


def linked(rows: list[Row], model_file: Path) -> tuple[LinkReport, list[tuple[object, ...]]]:
    with duckdb.connect() as con:
        store(con, rows)
        report = link_records(con, seed=SEED, model_file=model_file)
        return report, con.execute(LINKS).fetchall()


def test_two_records_of_one_person_are_linked_and_nobody_else(
    rows: list[Row], model_file: Path
) -> None:
    report, links = linked(rows, model_file)
    accepted = [link for link in links if link[4] == "accepted"]
    right = [link for link in accepted if str(link[0])[-4:] == str(link[1])[-4:]]
    assert not report.is_trained_now
    assert report.accepted_count == len(accepted)
    assert len(right) / len(accepted) > 0.99
    assert len(right) / 96 > 0.95
    assert all(str(link[0]) < str(link[1]) for link in links)
    assert all("first_name:" in str(link[6]) for link in right)


def test_what_is_scored_again_a_day_later_equals_scoring_everything(
    rows: list[Row], model_file: Path
) -> None:
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    newcomer = person(rng, 9001)
    later = [row for row in rows if not str(row["record_id"]).endswith("0007")]
    later[3] = later[3] | {"last_name": "Quemener", "email": None}
    later += [newcomer, again(rng, newcomer), again(rng, rows[5]) | {"record_id": "web|0005"}]
    with duckdb.connect() as con:
        store(con, rows)
        first = link_records(con, seed=SEED, model_file=model_file)
        store(con, later)
        second = link_records(con, seed=SEED, model_file=model_file)
        grown = con.execute(LINKS).fetchall()
        nothing_new = link_records(con, seed=SEED, model_file=model_file)
        assert con.execute(LINKS).fetchall() == grown
    _, whole = linked(later, model_file)
    assert grown == whole
    assert 4 <= second.changed_count < first.changed_count / 4
    assert second.scored_pair_count < first.scored_pair_count / 4
    assert (nothing_new.changed_count, nothing_new.scored_pair_count) == (0, 0)


def test_the_same_seed_trains_the_same_model_and_holds_no_value_of_anybody(
    rows: list[Row], model_file: Path, tmp_path: Path
) -> None:
    report, _ = linked(list(reversed(rows)), tmp_path / "again.json")
    assert report.is_trained_now
    text = (tmp_path / "again.json").read_text()
    assert json.loads(text) == json.loads(model_file.read_text())
    assert "garnier" not in text.lower()


def test_too_few_records_give_no_link_and_say_so(tmp_path: Path) -> None:
    for count in (0, 1, 12):
        report, links = linked(everybody(SEED, count), tmp_path / "none.json")
        assert links == []
        assert "too few" in report.note
    assert not (tmp_path / "none.json").exists()


def test_a_block_that_splink_cannot_learn_from_is_left_out_of_the_training(tmp_path: Path) -> None:
    # Among the pairs of one address in this base, the probability of a level sinks to 0.
    report, links = linked(everybody(23, 200), tmp_path / "model.json")
    right = [link for link in links if str(link[0])[-4:] == str(link[1])[-4:]]
    assert report.is_trained_now
    assert report.accepted_count / 80 > 0.9
    assert len(right) / 80 > 0.9


def test_nothing_is_left_in_the_connection(
    rows: list[Row], model_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect() as con:
        store(con, rows)
        before = con.execute("select current_database(), current_schema()").fetchall()
        link_records(con, seed=SEED, model_file=model_file)
        assert con.execute("select current_database(), current_schema()").fetchall() == before
        tables = con.execute("select table_name from duckdb_tables() order by 1").fetchall()
        databases = con.execute("select database_name from duckdb_databases()").fetchall()
    assert [name for (name,) in tables] == [
        "identity_link_count",
        "identity_link_rows",
        "identity_links",
        "int_identity__profiles",
    ]
    assert ("linking",) not in databases
    assert capfd.readouterr() == ("", "")


def test_a_family_at_one_address_with_one_mailbox_stays_several_persons(
    rows: list[Row], model_file: Path
) -> None:
    family = [
        rows[0] | {"record_id": f"shop|f{number}", "first_name": name, "birth_date": None}
        for number, name in enumerate(["Julie", "Julien", "Karim", None])
    ]
    usual = [
        rows[number] | {"record_id": f"shop|u{number}", "first_name": name}
        for number, name in enumerate(["Julie", "Julien"] * 6, start=20)
    ]
    _, links = linked([*rows[1:], *usual, *family], model_file)
    inside = [link for link in links if {str(link[0])[:6], str(link[1])[:6]} == {"shop|f"}]
    assert [link for link in inside if link[4] == "accepted"] == []
