"""A scan finds a person wherever bytes can hide one, and nobody's where they are another's."""

import gzip
import json
import sqlite3
import unicodedata
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pytest

from governance.erasure.files import clean_folder, clean_lists
from governance.erasure.scanner import scan

EMAIL, NAME = "ella.canary@example.org", "Ella Canary"
ROW = f"7;{EMAIL};{NAME}"


def _workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([7, EMAIL.upper()])
    book.save(path)


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as con:
        con.execute("create table t (a text, b blob)")
        con.execute("insert into t values (?, ?)", ["x", gzip.compress(ROW.encode())])
    con.close()


def _duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("create schema core")
        con.execute(
            "create table core.people as select range as n, 'p' || range as e from range(5000)"
        )
        con.execute("insert into core.people values (1, ?)", [EMAIL])


def _parquet(path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            f"copy (select {{'mail': '{EMAIL}', 'n': range}} as person from range(3))"
            f" to '{path}' (format parquet, compression zstd)"
        )


def _nested(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.csv.gz", gzip.compress(ROW.encode()))


HIDING = {
    "plain.csv": lambda path: path.write_text(ROW),
    "utf16.txt": lambda path: path.write_bytes(f"a {EMAIL} b".encode("utf-16")),
    "latin1.txt": lambda path: path.write_bytes(f"é {NAME}".encode("latin-1")),
    "late.log": lambda path: path.write_bytes(b"x" * (16 * 2**20 - 5) + f" {EMAIL} ".encode()),
    "packed.gz": lambda path: path.write_bytes(gzip.compress(ROW.encode())),
    "nested.zip": _nested,
    "book.xlsx": _workbook,
    "state.db": _sqlite,
    "habitue.duckdb": _duckdb,
    "landed.parquet": _parquet,
}


@pytest.mark.parametrize("name", HIDING)
def test_a_person_is_found_in(tmp_path: Path, name: str) -> None:
    HIDING[name](tmp_path / name)
    report = scan(tmp_path, [EMAIL, NAME])
    assert report.places(), name
    assert {hit.place for hit in report.hits} == {name}
    assert EMAIL not in str(report.as_evidence())


ACCENTED = "Élodie Mélenchon-Naïve"
SPELLINGS = {
    "upper.csv": lambda path: path.write_text(f"7;{ACCENTED.upper()}"),
    "title.txt": lambda path: path.write_text(ACCENTED.title()),
    "apart.txt": lambda path: path.write_text(unicodedata.normalize("NFD", ACCENTED)),
    "utf16.txt": lambda path: path.write_bytes(f"a {ACCENTED.upper()} b".encode("utf-16")),
    "latin1.txt": lambda path: path.write_bytes(f"1;{ACCENTED.upper()}".encode("latin-1")),
    "run.jsonl": lambda path: path.write_text(json.dumps({"said": ACCENTED.upper()})),
    "state.db": lambda path: _one_cell(path, ACCENTED.upper()),
    "mixed.db": lambda path: _one_cell(path, "éLODIE MÉLENCHON-naïve"),
}


def _one_cell(path: Path, text: str) -> None:
    with sqlite3.connect(path) as con:
        con.execute("create table t (a text)")
        con.executemany("insert into t values (?)", [[text], ["somebody else"]])
    con.close()


@pytest.mark.parametrize("name", SPELLINGS)
def test_letters_with_an_accent_are_found_in_either_case_and_taken_out(tmp_path, name) -> None:
    SPELLINGS[name](tmp_path / name)
    assert {hit.place for hit in scan(tmp_path, [ACCENTED]).hits} == {name}
    clean_folder(tmp_path, {ACCENTED.lower()})
    assert scan(tmp_path, [ACCENTED]).hits == []
    if name.endswith(".db"):
        with sqlite3.connect(tmp_path / name) as con:
            assert con.execute("select a from t").fetchall() == [("somebody else",)]
        con.close()


def test_a_part_of_somebody_elses_address_is_not_the_person(tmp_path: Path) -> None:
    other = f"isab{EMAIL}"
    (tmp_path / "plain.csv").write_text(f"{other};{NAME}ello")
    with sqlite3.connect(tmp_path / "state.db") as con:
        con.execute("create table t as select ? as a", [other])
    con.close()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        con.execute("create table t as select ? as a", [other])
        con.execute(f"copy t to '{tmp_path}/t.parquet' (format parquet)")
    assert scan(tmp_path, [EMAIL, NAME]).hits == []


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing else")
    assert "not readable" in scan(tmp_path, [EMAIL]).places()[0]


def test_working_folders_lose_the_lines_rows_and_files_that_name_the_person(tmp_path: Path) -> None:
    work = tmp_path / "logs"
    work.mkdir()
    (work / "run.log").write_text(f"first\n{ROW}\nlast\n")
    (work / "page.html").write_text(f"<p>{NAME}</p>")
    (work / "other.html").write_text("<p>nobody</p>")
    with sqlite3.connect(work / "events.db") as con:
        con.execute("create table t (a text)")
        con.executemany("insert into t values (?)", [[f"event of {EMAIL}"], ["event"]])
    con.close()
    evidence = clean_folder(work, {EMAIL, NAME.lower()})
    assert (evidence["files"], evidence["hits"]) == (4, 3)
    assert (work / "run.log").read_text() == "first\nlast\n"
    assert sorted(path.name for path in work.iterdir()) == ["events.db", "other.html", "run.log"]
    assert scan(tmp_path, [EMAIL, NAME]).hits == []


def test_decisions_about_others_stay(tmp_path: Path) -> None:
    folder = tmp_path / "identity"
    folder.mkdir()
    lines = ["decision,record_id,other_record_id", "same,shop|7,tills|9", "same,shop|71,tills|9"]
    lines.append(f"same,shop|isab{EMAIL},tills|9")
    about = [f"never_same,a|1,{EMAIL}", "same,shop|8,tills|9"]
    (folder / "overrides.csv").write_text("\n".join([*lines, *about]) + "\n")
    assert clean_lists(folder, {EMAIL}, {"shop|8"})["hits"] == 1
    assert (folder / "overrides.csv").read_text() == "\n".join(lines) + "\n"
