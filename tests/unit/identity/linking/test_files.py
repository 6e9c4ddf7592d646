"""Any two files of persons, with a map of their columns, through the same linker."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from contract.errors import ConfigError
from identity.linking.files import read_map
from orchestration.cli.identity import identity
from tests.fixtures.linked_people import Row, everybody

MAP = """
record_id: no
first_name: prénom
last_name: nom
birth_date: né le
email: e-mail
phone: tél
address_line: [rue]
postal_code: cp
"""
THEIRS = {
    "no": "record_id", "prénom": "first_name", "nom": "last_name", "né le": "birth_date",
    "e-mail": "email", "tél": "phone", "rue": "address_line", "cp": "postal_code",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """crm.csv in Latin-1 with French dates, shop.parquet, and their map."""
    folder = tmp_path_factory.mktemp("files")
    rows = everybody(5, 150)
    write_csv(folder / "crm.csv", [row for row in rows if "shop" in str(row["record_id"])])
    shop = [row for row in rows if "tills" in str(row["record_id"])]
    with duckdb.connect() as con:
        columns = ", ".join(f'{ours} as "{theirs}"' for theirs, ours in THEIRS.items())
        from tests.fixtures.linked_people import store

        store(con, shop)
        con.execute(
            f"copy (select {columns} from intermediate.int_identity__profiles) "
            f"to '{folder}/shop.parquet'"
        )
    (folder / "columns.yml").write_text(MAP)
    return folder


def write_csv(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="latin-1", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(THEIRS)
        for row in rows:
            day = "/".join(reversed((row["birth_date"] or "").split("-")))
            french = row | {"birth_date": day}
            writer.writerow([french[ours] for ours in THEIRS.values()])


def test_two_files_are_linked_and_what_was_found_is_printed(folder: Path) -> None:
    out = folder / "matches.csv"
    asked = ["link", *map(str, (folder / "crm.csv", folder / "shop.parquet"))]
    done = CliRunner().invoke(
        identity, [*asked, "--map", str(folder / "columns.yml"), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "210 records" in done.output
    assert "pairs are one person (accepted)" in done.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8", newline="") as file:
        pairs = [row for row in csv.DictReader(file) if row["status"] == "accepted"]
    right = [row for row in pairs if row["record_id"][-4:] == row["other_record_id"][-4:]]
    assert len(right) / len(pairs) > 0.98
    assert len(right) / 60 > 0.95
    assert {row["record_id"].split("|")[0] for row in pairs} == {"crm"}


def test_a_column_that_is_not_there_and_a_word_that_is_not_known_are_said(
    folder: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(MAP.replace(": nom\n", ": noms\n"))
    asked = ["link", str(folder / "crm.csv"), "--map", str(wrong), "--out", str(tmp_path / "m.csv")]
    refused = CliRunner().invoke(identity, asked)
    assert isinstance(refused.exception, ConfigError)
    assert str(refused.exception).endswith("crm.csv: no column 'noms'. Did you mean 'nom'?")
    assert not (tmp_path / "m.csv").exists()
    wrong.write_text("lastname: nom")
    with pytest.raises(ConfigError, match=r"no 'lastname' is compared. Did you mean 'last_name'"):
        read_map(wrong)


def test_a_file_of_a_few_records_gives_no_match_and_says_so(folder: Path, tmp_path: Path) -> None:
    write_csv(tmp_path / "few.csv", everybody(5, 4))
    asked = ["link", str(tmp_path / "few.csv"), "--map", str(folder / "columns.yml")]
    done = CliRunner().invoke(identity, [*asked, "--out", str(tmp_path / "m.csv")])
    assert done.exit_code == 1
    assert "Too few records" in done.output
    assert not (tmp_path / "m.csv").exists()
