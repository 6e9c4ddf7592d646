"""A shop's database that a test may poison, and the road from it to one raw table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from contract.entity import load_entities
from ingestion.declarations import load_declarations
from ingestion.extract import ExtractReport, extract
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.postgres import connect
from ingestion.raw_tables import prepare
from ingestion.reports import LoadReport
from ingestion.source import Source, SourceTable
from tests.fixtures import databases

Row = tuple[Any, ...]


@dataclass
class Shop:
    """One database, its tables as a source, the landing folder and the raw table `orders`."""

    url: str
    db: psycopg.Connection[Row]
    con: duckdb.DuckDBPyConnection
    root: Path
    entities: dict[str, Any] = field(default_factory=load_entities)

    def run(self, *statements: str) -> None:
        """Do this in the database, each statement for good."""
        for sql in statements:
            self.db.execute(sql)

    def extract(
        self, tables: Sequence[str], *, url: str | None = None, on_progress: Any = None
    ) -> ExtractReport:
        """Read these tables now."""
        source = Source(
            "shop",
            ("shop_url",),
            tuple(
                SourceTable(name, "updated_at", timedelta(minutes=1), ("id",), finds_deletes=True)
                for name in tables
            ),
            lambda settings: connect("shop", settings["shop_url"]),
        )
        more = {"on_progress": on_progress} if on_progress else {}
        place = Place(self.root / "landing", self.root / "work", **more)
        return extract(source, {"shop_url": url or self.url}, place, now=datetime.now(UTC))

    def load(self) -> LoadReport:
        """Load what landed."""
        place = Place(
            self.root / "landing", self.root / "work", quarantine=self.root / "quarantine"
        )
        declared = load_declarations(self.root / "files", self.entities)
        now = datetime.now(UTC)
        report = load_entity(self.con, self.entities["orders"], declared, place, now=now)
        assert report.is_balanced
        return report

    def landed(self) -> list[str]:
        """What lies in the landing folder."""
        return sorted(path.name for path in (self.root / "landing" / "shop").iterdir())

    def landed_now(self, table: str) -> list[Row]:
        """The same by the newest landed file that names each key: what a load makes current."""
        folder = self.root / "landing" / "shop"
        scans = [f"select id, note, total, filename from {_scan(folder, f'{table}-2*')}"]
        if any(folder.glob(f"{table}-deleted-*")):
            scans.append(f"select id, filename from {_scan(folder, f'{table}-deleted-*')}")
        return self.con.execute(f"""
            select id, note, total::decimal(18, 2) from ({" union all by name ".join(scans)})
            qualify row_number() over (partition by id order by right(filename, 28) desc) = 1
                and total is not null
            order by id""").fetchall()

    def current(self, table: str) -> list[Row]:
        """Keys, notes and totals of a table as the warehouse shows them now."""
        return self.con.execute(f"""
            select order_key, email, total_amount from raw_files.orders
            where regexp_matches(file_name, '^{table}(-deleted)?-[0-9]')
            qualify row_number() over (
                partition by source_key order by known_at desc, loaded_at desc) = 1
                and not is_deleted
            order by 1""").fetchall()

    def held(self, table: str) -> list[Row]:
        """The same as the table holds it."""
        return self.db.execute(
            f'select id, note, total::numeric(18,2) from {table} order by id collate "C"'
        ).fetchall()

    def is_set_aside(self, key: str) -> bool:
        """Whether a row with this key is in the quarantine."""
        found = self.con.execute(
            "select 1 from quarantine.files where json_extract_string(row_json, '$.id') = ?", [key]
        )
        return bool(found.fetchall())

    def doubled(self) -> list[Row]:
        """Contents that the raw table holds more than once; no test brings one back."""
        return self.con.execute("""
            select source_key, content_hash, is_deleted, count(*) from raw_files.orders
            group by all having count(*) > 1""").fetchall()


def _scan(folder: Path, pattern: str) -> str:
    return f"read_parquet('{folder / pattern}', filename = true, union_by_name = true)"


@contextmanager
def shop_of(server: str, root: Path, declaration: str) -> Iterator[Shop]:
    """A shop of one empty database, whose tables this declaration tells of."""
    for name in ("landing", "files", "work"):
        (root / name).mkdir()
    (root / "files" / "shop.yml").write_text(declaration, encoding="utf-8")
    with (
        databases.database(server) as url,
        psycopg.connect(url, autocommit=True) as db,
        duckdb.connect(str(root / "warehouse.duckdb"), config={"threads": 2}) as con,
    ):
        shop = Shop(url, db, con, root)
        prepare(con, {"orders": shop.entities["orders"]})
        yield shop
