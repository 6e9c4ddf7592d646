"""What goes wrong with a shop's database while it is read: nothing half, and the next run is whole.

`one`, `two` and `three` are read in this order; each is the others' neighbour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from postgres_corpus import COLUMNS, FILLED, HEAD, PLAIN, created, feed
from postgres_road import Shop, shop_of
from psycopg.conninfo import make_conninfo

from ingestion.errors import SourceUnavailable

pytestmark = pytest.mark.xdist_group("poison_postgres")
KIND = "PostgreSQL"
TABLES = ("one", "two", "three")
ROWS = 40
WORD = "p"
TOUCH = "update one set note = 'touched', updated_at = now() where id = 'one-00001'"
CUT = """select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'habitue' and {} and datname = current_database()"""


@pytest.fixture
def shop(postgres_server: str, tmp_path) -> Iterator[Shop]:
    declaration = HEAD + "".join(feed(name, FILLED) for name in TABLES)
    with shop_of(postgres_server, tmp_path, declaration) as shop:
        for name in TABLES:
            shop.run(created(name, COLUMNS.items(), PLAIN), _rows(name, 1, ROWS))
        yield shop


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.postgres._PAGE_BYTES", 256)
    monkeypatch.setattr("ingestion.postgres._ROWS_A_CHUNK", 2)


def _rows(table: str, first: int, last: int, note: str = "'good'") -> str:
    return (
        f"insert into {table} (id, note) select '{table}-' || lpad(n::text, 5, '0'), {note} "
        f"from generate_series({first}, {last}) n"
    )


def _has_landed(shop: Shop) -> None:
    for name in TABLES:
        assert shop.landed_now(name) == shop.held(name)


def _as_held(shop: Shop) -> None:
    shop.load()
    for name in TABLES:
        assert shop.current(name) == shop.held(name)


def _once(shop: Shop, table: str, do: Callable[[], object]) -> Callable[[str], None]:
    """Progress of an extraction that does this at the first page of a table."""
    left = [do]

    def heard(text: str) -> None:
        if left and text.startswith(f"shop {table}:"):
            left.pop()()

    return heard


@contextmanager
def _unreachable(shop: Shop, url: str) -> Iterator[pytest.ExceptionInfo[SourceUnavailable]]:
    """A read of that address leaves no trace; the next one, of the right address, is whole."""
    with pytest.raises(SourceUnavailable, match="shop is not available") as caught:
        shop.extract(TABLES, url=url)
    assert shop.landed() == []
    yield caught
    shop.extract(TABLES)
    _has_landed(shop)


def _url(shop: Shop, **changed: object) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(shop.url) | changed
    base = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parts)
    return base + (f"?options={parts['options']}" if "options" in parts else "")


@pytest.mark.parametrize(
    "changed",
    [{"password": "not-this-one"}, {"port": 1}, {"dbname": "gone"}, {"user": "nobody_here"}],
    ids=["wrong_password", "server_down", "no_such_database", "no_such_user"],
)
def test_a_database_that_cannot_be_entered(shop: Shop, poison, changed) -> None:
    poison(KIND, "refused")
    with _unreachable(shop, _url(shop, **changed)) as caught:
        assert "not-this-one" not in str(caught.value)
        assert make_conninfo(shop.url) not in str(caught.value)


def test_a_server_that_takes_one_connection_only(shop: Shop, poison) -> None:
    poison(KIND, "refused")
    role = "single_" + psycopg.conninfo.conninfo_to_dict(shop.url)["dbname"]
    shop.run(f"create role {role} login password '{WORD}' connection limit 1")
    shop.run(f"grant select on all tables in schema public to {role}")
    try:
        with _unreachable(shop, _url(shop, user=role, password=WORD)):
            pass
    finally:
        shop.run(f"drop owned by {role}", f"drop role {role}")


def test_a_table_that_may_not_be_read(shop: Shop, poison) -> None:
    poison(KIND, "refused")
    role = "reader_" + psycopg.conninfo.conninfo_to_dict(shop.url)["dbname"]
    shop.run(f"create role {role} login password '{WORD}'", f"grant select on one, three to {role}")
    url = _url(shop, user=role, password=WORD)
    try:
        report = shop.extract(TABLES, url=url)
        assert [table.name for table in report.tables] == ["one", "three"]
        assert any("no right for reading two" in text for text in report.notices)
        shop.run(f"grant select on two to {role}")
        shop.extract(TABLES, url=url)
    finally:
        shop.run(f"drop owned by {role}", f"drop role {role}")
    _has_landed(shop)


def test_a_question_that_takes_too_long(shop: Shop, poison) -> None:
    poison(KIND, "refused")
    shop.run("alter table two rename to two_below", "create view two as "
             "select b.* from two_below b cross join (select pg_sleep(30)) s")  # fmt: skip
    report = shop.extract(TABLES, url=_url(shop, options="-c%20statement_timeout%3D1500"))
    assert [table.name for table in report.tables] == ["one", "three"]
    assert any("reading two (SQLSTATE 57014)" in text for text in report.notices)
    shop.run("drop view two", "alter table two_below rename to two")
    shop.extract(TABLES)
    _has_landed(shop)


def test_a_table_that_somebody_locks(shop: Shop, poison, monkeypatch) -> None:
    poison(KIND, "refused")
    monkeypatch.setattr("ingestion.postgres.LOCK_SECONDS", 1)
    with psycopg.connect(shop.url) as other:
        other.execute("lock table two in access exclusive mode")
        report = shop.extract(TABLES)
    assert [table.name for table in report.tables] == ["one", "three"]
    assert any("reading two (SQLSTATE 55P03)" in text for text in report.notices)
    shop.extract(TABLES)
    _has_landed(shop)


def test_a_line_cut_at_a_row(shop: Shop, poison, monkeypatch) -> None:
    poison(KIND, "refused")
    monkeypatch.setattr("ingestion.postgres._PAGE_BYTES", 2**16)
    monkeypatch.setattr("ingestion.postgres._ROWS_A_CHUNK", 10)
    shop.run("alter table two alter note set storage plain")
    shop.run(_rows("two", ROWS + 1, 5000, "repeat(md5(n::text), 150)"))
    cut = CUT.format("query like 'copy%'")
    report = shop.extract(TABLES, on_progress=_once(shop, "two", lambda: shop.run(cut)))
    assert [table.name for table in report.tables] == ["one", "three"]
    assert any("reading two" in text for text in report.notices)
    assert not any(name.startswith("two") for name in shop.landed())
    shop.extract(TABLES)
    _has_landed(shop)


def test_the_line_that_holds_the_snapshot_is_cut(shop: Shop, poison) -> None:
    poison(KIND, "refused")
    cut = CUT.format("query like '%pg_export_snapshot%'")
    report = shop.extract(TABLES, on_progress=_once(shop, "one", lambda: shop.run(cut)))
    assert [table.name for table in report.tables] == ["one"]
    shop.extract(TABLES)
    _has_landed(shop)


def test_rows_that_change_while_pages_are_read(shop: Shop, poison, small_pages) -> None:
    poison(KIND, "loaded", 3)

    def change() -> None:
        shop.run(_rows("one", 90, 95), "delete from one where id < 'one-00005'",
                 "update one set note = 'moved', updated_at = now() where id > 'one-00030'",
                 "update one set id = 'one-1' || id where id = 'one-00010'")  # fmt: skip

    report = shop.extract(TABLES, on_progress=_once(shop, "one", change))
    assert report.tables[0].pages > 1
    assert report.tables[0].rows == ROWS
    shop.load()
    shop.extract(TABLES)
    _as_held(shop)
    assert shop.doubled() == []


def test_one_moment_of_change_across_the_end_of_a_page(shop: Shop, poison, small_pages) -> None:
    poison(KIND, "loaded")
    shop.run("update one set updated_at = '2026-05-01 10:00+00'")
    assert shop.extract(TABLES).tables[0].pages > 1
    shop.run("insert into one (id, updated_at) values ('one-late', '2026-05-01 10:00+00')")
    assert shop.extract(TABLES).tables[0].landed == 1
    assert shop.extract(TABLES).tables[0].landed == 0
    _has_landed(shop)


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_a_transaction_open_across_two_reads(shop: Shop, poison, ends: str) -> None:
    poison(KIND, "loaded")
    with psycopg.connect(shop.url) as slow:
        slow.execute(_rows("one", 90, 95).replace("(id, note)", "(id, note, updated_at)")
                     .replace("'good'", "'slow', now() - interval '1 hour'"))  # fmt: skip
        slow.execute("update two set note = 'slow', updated_at = now() where id = 'two-00007'")
        shop.run("update two set note = 'fast', updated_at = now() where id = 'two-00008'")
        shop.extract(TABLES)
        shop.run("update two set note = 'faster', updated_at = now() where id = 'two-00008'")
        shop.extract(TABLES)
        _as_held(shop)
        getattr(slow, ends)()
    shop.extract(TABLES)
    _as_held(shop)


def test_a_column_dropped_while_another_table_is_read(shop: Shop, poison) -> None:
    poison(KIND, "refused")
    shop.extract(TABLES)
    shop.run(TOUCH, "update two set updated_at = now()")
    drop = "alter table two drop column odd"
    report = shop.extract(TABLES, on_progress=_once(shop, "one", lambda: shop.run(drop)))
    assert [table.name for table in report.tables] == ["one", "three"]
    assert "the table changed while reading two" in str(report)
    _has_landed(shop)


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ("truncate two; insert into two select * from kept", "two was written anew"),
        ("alter table two alter note type char(9)", "two was written anew"),
        (
            "create table anew as table two; drop table two; alter table anew rename to two",
            "no table two",
        ),
    ],
    ids=["filled_anew", "rewritten", "swapped"],
)
def test_a_table_written_anew_meanwhile_is_not_taken_for_emptied(
    shop: Shop, poison, filled: str, said: str
) -> None:
    """An older snapshot sees no row of such a table: they are not deleted."""
    poison(KIND, "refused")
    shop.run("create table kept as select * from two")
    shop.extract(TABLES)
    shop.run(TOUCH)
    report = shop.extract(TABLES, on_progress=_once(shop, "one", lambda: shop.run(filled)))
    assert sum(table.deleted for table in report.tables) == 0
    assert said in str(report)
    shop.load()
    assert len(shop.current("two")) == ROWS
    assert shop.extract(TABLES).notices == ()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_in_another_encoding(shop: Shop, poison, encoding: str) -> None:
    """Text is read as what it means; bytes that mean nothing stop their table, and say so."""
    is_read = encoding == "LATIN1"
    poison(KIND, "loaded" if is_read else "refused")
    name = f"other_{encoding.lower()}"
    shop.run(f"create database {name} encoding '{encoding}' locale 'C' template template0")
    url = _url(shop, dbname=name)
    try:
        with psycopg.connect(url, autocommit=True, client_encoding="LATIN1") as other:
            for table in TABLES:
                other.execute(created(table, COLUMNS.items(), PLAIN))
                other.execute(_rows(table, 1, 3))
            other.execute("update two set note = 'é' where id = 'two-00002'")
        report = shop.extract(TABLES, url=url)
        shop.load()
    finally:
        shop.run(f"drop database {name} with (force)")
    assert len(shop.current("one")) == len(shop.current("three")) == 3
    assert len(report.tables) == 2 + is_read
    if is_read:
        assert ("two-00002", "é") in [row[:2] for row in shop.current("two")]
    else:
        assert any("reading two" in text for text in report.notices)
