"""One person of the make-believe company asks to be forgotten, or to see what is held."""

from __future__ import annotations

import json
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fixtures.command import habitue
from tests.fixtures.contents import tables
from tests.fixtures.make_believe import MakeBelieve, done

pytestmark = pytest.mark.xdist_group("make_believe")

# Known to many systems, with an address of their own.
SOMEBODY = """
select resolved.customer_id, any_value(person.email), any_value(person.first_name) || ' '
    || any_value(person.last_name)
from intermediate.int_identity__resolved as resolved
inner join marts.customer_360 as person on resolved.customer_id = person.customer_id
inner join intermediate.int_addresses__resolved as owned
    on person.email = owned.value and owned.customer_id = person.customer_id
where person.order_count > 1
group by resolved.customer_id
order by count(distinct resolved.source_system) desc, resolved.customer_id
"""
SENT = """select plan_rows.customer_id from plan_rows inner join plans using (plan_id)
    where plans.destination <> 'files'"""
BOOKS = "select sum(net_amount), count(*) from core.fct_order_lines"


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse" / "habitue.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def somebody(home: Path) -> tuple[Any, ...]:
    """Whom no tool holds: the company's tool is not there to acknowledge a removal."""
    with sqlite3.connect(f"file:{home}/state/state.db?mode=ro", uri=True) as con:
        sent = {row[0] for row in con.execute(SENT)}
    return next(row for row in ask(home, SOMEBODY) if row[0] not in sent)


@pytest.fixture
def home(make_believe: MakeBelieve, tmp_path: Path) -> Path:
    """The company after its first run; what it landed can be landed again."""
    return shutil.copytree(make_believe.first, tmp_path / "var", symlinks=True)


def counts(home: Path) -> dict[str, object]:
    """Rows of every table; of what campaigns and segments count, the content as well."""
    return {
        name: found if name.startswith("segments.") else found[0]
        for name, found in tables(home).items()
    }


def scan(home: Path, tmp_path: Path, *texts: str) -> tuple[int, str]:
    file = tmp_path / "canary.txt"
    file.write_text("\n".join(texts), encoding="utf-8")
    found = habitue(home, "person", "scan", "--file", str(file))
    return found.code, found.output


def erase(home: Path, customer_id: str) -> str:
    words = ("--by", "dpo", "--because", "letter 12", "--yes")
    return done(habitue(home, "person", "erase", customer_id, *words)).output


def test_an_erased_person_is_nowhere_and_the_books_add_up(home: Path, tmp_path: Path) -> None:
    customer_id, email, name = somebody(home)
    books = ask(home, BOOKS)
    assert scan(home, tmp_path, email, customer_id)[0] == 1
    assert "finished" in erase(home, customer_id)
    code, said = scan(home, tmp_path, email, customer_id, name)
    assert (code, "0 hits" in said) == (0, True), said
    assert ask(home, BOOKS) == books
    ((read, counted),) = ask(
        home, "select sum(rows_read), sum(rows_loaded + rows_quarantined + rows_duplicate"
        " + rows_erased) from raw_control.loads",
    )  # fmt: skip
    assert read == counted
    certificate = next((home / "erasures").glob("*.json"))
    content = json.loads(certificate.read_text())
    assert len(content["places"]) == 17
    assert email not in certificate.read_text()


@pytest.mark.slow
def test_after_a_run_that_erased_the_next_one_counts_anew_though_nothing_came(home: Path) -> None:
    customer_id, *_ = somebody(home)
    words = ("person", "erase", customer_id, "--by", "dpo", "--because", "letter 12", "--yes")
    assert habitue(home, *words, more={"HABITUE_CRASH_AT": "erasure.begun"}).code == 137
    done(habitue(home, "run"))
    assert "finished" in done(habitue(home, "person", "erasures")).output
    done(habitue(home, "run"))
    counted = counts(home)
    done(habitue(home, "run", "--force"))
    assert counted == counts(home)


@pytest.mark.slow
def test_neither_old_files_nor_a_full_refresh_bring_an_erased_person_back(
    make_believe: MakeBelieve, home: Path, tmp_path: Path
) -> None:
    customer_id, email, name = somebody(home)
    ((revenue, lines),), ((people,),) = (
        ask(home, BOOKS),
        ask(home, "select count(*) from marts.customer_360"),
    )
    erase(home, customer_id)
    shutil.rmtree(home / "landing")
    shutil.copytree(make_believe.first / "landing", home / "landing")
    shutil.rmtree(home / "warehouse")
    done(habitue(home, "run", "--force"))
    code, said = scan(home, tmp_path, email, customer_id, name)
    assert (code, "0 hits" in said) == (0, True), said
    assert ask(home, BOOKS) == [(Decimal(revenue), lines)]
    assert ask(home, "select count(*) from marts.customer_360") == [(people - 1,)]
    assert ask(home, "select sum(rows_erased) > 0 from raw_control.loads") == [(True,)]


def test_an_access_request_hands_over_everything_and_is_readable_by_its_owner_only(
    home: Path, tmp_path: Path
) -> None:
    customer_id, email, _ = somebody(home)
    out = tmp_path / "handed"
    done(habitue(home, "person", "export", customer_id, "--out", str(out), "--lang", "fr"))
    files = {path.name: path for path in out.iterdir()}
    assert set(files) == {f"{customer_id}.json", f"{customer_id}.fr.html"}
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    held = json.loads(files[f"{customer_id}.json"].read_text())["tables"]
    for table in ("marts.customer_360", "core.fct_orders", "raw_files.customers",
                  "ledger.consent_entries", "intermediate.int_identity__resolved"):  # fmt: skip
        assert held[table], table
    assert {row["customer_id"] for row in held["core.fct_orders"]} == {customer_id}
    page = files[f"{customer_id}.fr.html"].read_text()
    assert email in page
    assert "Consentements, refus et choix" in page
