"""Files that people double-click and machines read: typed, whole, private, logged, expiring."""

import csv
import json
import stat
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from activation.cells import guarded
from activation.destination import DeliveryFailed
from activation.export_index import write_index
from activation.export_log import tidy_exports
from activation.file_export import export_folder, is_intact
from activation.tables import exports
from tests.fixtures.small_company import FILES, LETTER, Company

NASTY = {
    "00001": "=1+1",
    "00002": "=HYPERLINK(\"http://x\")",
    "00003": "@SUM(A1)",
    "00004": "+33612345678",
    "00005": "-2+3",
    "00006": "\t=1",
    "00007": "＝1+1",
    "00008": "Œuvre d’été à 5 €; \"citée\"\nsur deux lignes",
    "00009": "http://example.com",
    "00010": "0123",
}  # fmt: skip


@pytest.fixture
def exported(company: Company) -> Path:
    company.con.execute("update marts.customer_360 set net_amount = 2000.5 where true")
    for key, text in NASTY.items():
        company.con.execute(
            "update marts.customer_360 set rfm_group = ? where customer_key = ?", [text, key]
        )
    company.run(FILES)
    return company.settings.exports_dir / "rich"


def sheet_rows(path: Path) -> list[dict[str, object]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    header, *rows = sheet.iter_rows()
    names = [str(cell.value) for cell in header]
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_the_workbook_holds_typed_cells_and_no_formula(exported: Path) -> None:
    rows = sheet_rows(exported / "rich_en.xlsx")
    by_key = {row["Customer key"].value: row for row in rows}
    assert len(by_key) == 60
    for key, text in NASTY.items():
        cell = by_key[key]["Rfm group"]
        assert (cell.value, cell.data_type) == (text.replace("\r", ""), "s")
        assert by_key[key]["Customer key"].data_type == "s"
    one = by_key["00001"]
    assert (one["Net amount"].value, one["Net amount"].data_type) == (2000.5, "n")
    assert one["Last ordered on"].is_date
    assert isinstance(one["Data as of"].value, datetime)


def test_headers_and_reasons_come_in_the_language_of_the_workbook(exported: Path) -> None:
    french = openpyxl.load_workbook(exported / "rich_fr.xlsx")
    assert french.sheetnames == ["Clients", "Dictionnaire", "Du segment à la liste"]
    headers = [cell.value for cell in french.worksheets[0][1]]
    assert "Pourquoi cette personne" in headers
    assert "Pourquoi cette personne (anglais)" not in headers
    _, *lines = french.worksheets[1].iter_rows(values_only=True)
    assert {line[0] for line in lines} == set(headers)
    explained = {line[4]: line for line in lines}
    # No English word in a French workbook: its description, or the label where there is none.
    amount = ("Net amount (fr)", "Ventes moins retours.", "EUR", "observé", "net_amount")
    assert explained["order_count"][1] == "Order count (fr)"
    assert explained["net_amount"] == amount
    assert explained["days_since_last_order"][2] == "jours"
    assert explained["score_probability"][2] == "%"
    waterfall = {row[0].value: row[1].value for row in french.worksheets[2].iter_rows(min_row=2)}
    assert waterfall["Dans le segment"] == waterfall["Dans la liste"] == 60


def test_the_french_csv_is_what_excel_in_french_expects(exported: Path) -> None:
    raw = (exported / "rich_fr.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True), delimiter=";"))
    by_key = {row["Customer key (fr)"]: row for row in rows}
    assert by_key["00001"]["Net amount (fr)"] == "2000,5000"
    assert by_key["00008"]["Rfm group (fr)"] == NASTY["00008"]
    day = by_key["00001"]["Last ordered on (fr)"]
    assert datetime.strptime(day, "%d/%m/%Y")  # noqa: DTZ007
    for key in ("00001", "00002", "00003", "00004", "00005", "00006", "00007"):
        assert by_key[key]["Rfm group (fr)"] == "'" + NASTY[key]


def test_the_machines_csv_is_byte_exact(exported: Path) -> None:
    text = (exported / "machine" / "rich.csv").read_bytes().decode("utf-8")
    rows = {row["customer_key"]: row for row in csv.DictReader(text.splitlines(keepends=True))}
    assert {key: rows[key]["rfm_group"] for key in NASTY} == NASTY
    assert date.fromisoformat(rows["00001"]["last_ordered_on"])
    assert not text.startswith("\ufeff")
    assert "\r" not in text


@given(st.text(max_size=20))
def test_guarded_text_never_starts_like_a_formula(text: str) -> None:
    safe = guarded(text)
    assert safe in (text, "'" + text)
    assert not safe.lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


def test_files_are_private_and_match_their_manifest(exported: Path) -> None:
    files = [path for path in exported.rglob("*") if path.is_file()]
    assert len(files) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert is_intact(exported)
    manifest = json.loads((exported / "manifest.json").read_text())
    assert manifest["row_count"] == manifest["waterfall"]["sent"] == 60


def test_an_unchanged_list_is_not_written_again_and_a_changed_one_is(company: Company) -> None:
    company.run(FILES)
    folder = company.settings.exports_dir / "rich"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    company.run(FILES)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    company.next_day()
    company.con.execute("update marts.customer_360 set order_count = order_count + 1")
    company.run(FILES)
    assert (folder / "manifest.json").stat().st_mtime_ns != before[folder / "manifest.json"]


def test_an_objection_empties_the_row_and_is_counted(company: Company) -> None:
    company.run(FILES)
    folder = company.settings.exports_dir / "rich"
    rows = sheet_rows(folder / "rich_en.xlsx")
    objector = str(rows[0]["Customer key"].value)
    company.object_to_post(objector)
    company.run(FILES)
    keys = {row["Customer key"].value for row in sheet_rows(folder / "rich_en.xlsx")}
    assert objector not in keys
    assert len(keys) == len(rows) - 1


def test_every_export_is_logged_and_expires(company: Company) -> None:
    company.run(FILES)
    with company.engine.connect() as connection:
        [line] = connection.execute(select(exports)).mappings()
    assert (line["requested_by"], line["purpose"], line["channel"]) == (
        "habitue", "marketing", "post",
    )  # fmt: skip
    folder = company.settings.exports_dir
    assert tidy_exports(company.engine, folder, ["rich"], now=company.now) == []
    for _ in range(30):
        company.next_day()
    removed = tidy_exports(company.engine, folder, ["rich"], now=company.now)
    assert removed == [("rich", "expired")]
    assert not (folder / "rich").exists()
    [plan], _ = company.run(FILES)
    assert plan.add_count > 0
    assert is_intact(folder / "rich")


def test_a_tampered_or_orphaned_export_is_removed(company: Company) -> None:
    company.run(FILES)
    root = company.settings.exports_dir
    (root / "rich" / "rich_fr.csv").write_text("mine now")
    removed = tidy_exports(company.engine, root, ["rich"], now=company.now)
    assert removed == [("rich", "missing or changed on disk")]
    company.run(FILES)
    removed = tidy_exports(company.engine, root, [], now=company.now)
    assert removed == [("rich", "segment no longer defined")]


@pytest.mark.parametrize("name", ["../up", "/etc", "a/b", "", ".", "con\x00", "a" * 300, "é", "A"])
def test_a_folder_name_stays_under_the_root(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryFailed, match="cannot be a folder name"):
        export_folder(tmp_path, name)


def test_the_index_escapes_everything_and_lists_the_files(company: Company) -> None:
    objector = min(company.keys("net_amount >= 1500"))
    company.object_to_post(objector)
    company.run(FILES)
    segments = {
        name: replace(one, title={"en": "<script>alert(1)</script>", "fr": '"><img src=x>'})
        for name, one in company.segments.items()
    }
    page = write_index(company.con, company.engine, segments, company.settings)
    text = page.read_text(encoding="utf-8")
    english = page.with_name("index_en.html").read_text(encoding="utf-8")
    assert "<script" not in english
    assert "<img" not in text
    assert "default-src 'none'" in text
    assert 'href="rich/rich_fr.xlsx"' in text
    assert "Sans consentement: 1" in text
    before = page.stat().st_mtime_ns
    write_index(company.con, company.engine, segments, company.settings)
    assert page.stat().st_mtime_ns == before


def test_the_index_says_first_count_and_who_is_in_another_segment_of_the_campaign(
    company: Company,
) -> None:
    plans, _ = company.run(LETTER)
    both = len(company.keys("net_amount >= 1500 and is_silence_unusual"))
    silent = len(company.keys("is_silence_unusual"))
    page = write_index(company.con, company.engine, company.segments, company.settings)
    text = page.read_text(encoding="utf-8")
    assert plans[0].matched_count < len(company.keys("net_amount >= 1500")) + silent
    assert f"Dans le segment: {silent} → dans un autre segment de cette campagne: {both}" in text
    assert text.count("(premier calcul)") == 2
