"""One candidate of the bench of loading: does its work, prints what it cost as one line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from contract.entity import load_entities
from demo.bench.inputs import SUFFIXES

if TYPE_CHECKING:
    import duckdb

URL = "HABITUE_BENCH_POSTGRES"
ROOT = Path(__file__).parents[2]
MEMORY = "1200MB"  # of DuckDB, so that a whole process stays under 2 GB
NOW = datetime(2026, 7, 1, 6, tzinfo=UTC)


def orders_extract(folder: Path) -> int:
    """Read what is new in the shop's orders and land it."""
    from dataclasses import replace

    from ingestion.extract import extract
    from ingestion.place import Place
    from ingestion.sources.shop import SOURCE

    tables = tuple(table for table in SOURCE.tables if table.name == "orders")
    place = Place(folder / "orders" / "landing", folder / "orders" / "work")
    source = replace(SOURCE, tables=tables)
    report = extract(source, {"shop_url": os.environ[URL]}, place, now=NOW)
    return report.tables[0].landed


def orders_load(folder: Path) -> int:
    """Judge and append what landed."""
    return _load(folder / "orders", ROOT / "ingestion" / "files", "orders")


def orders_limit_copy(folder: Path) -> int:
    """The bytes of the table over the wire, thrown away."""
    import psycopg

    del folder
    with psycopg.connect(os.environ[URL]) as connection, connection.cursor() as cursor:
        with cursor.copy("copy orders to stdout") as copy:
            for _ in copy:
                pass
        return cursor.rowcount


def orders_limit_parquet(folder: Path) -> int:
    """DuckDB takes what landed into a table, unjudged."""
    return _into_table(f"read_parquet('{folder}/orders/landing/shop/orders-[0-9]*.parquet')")


def orders_peer_dlt(folder: Path) -> int:
    """Bare dlt: its PostgreSQL source on Arrow pages, appended to DuckDB."""
    import dlt
    from dlt.sources.sql_database import sql_table

    rows = sql_table(_sqlalchemy_url(), table="orders", backend="pyarrow", chunk_size=50_000)
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=str(folder / "peer"),
        destination=dlt.destinations.duckdb(str(folder / "peer.duckdb")),
        dataset_name="raw",
    )
    pipeline.run(rows, loader_file_format="parquet")
    return _count_orders()


def orders_peer_pandas(folder: Path) -> int:
    """What a script does: pandas reads the table and writes it to a local database."""
    import pandas as pd
    import sqlalchemy as sa

    source = sa.create_engine(_sqlalchemy_url())
    target = sa.create_engine(f"sqlite:///{folder}/peer.db")
    count = 0
    for part in pd.read_sql("select * from orders", source, chunksize=50_000):
        part.astype({"total": float}).to_sql("orders", target, if_exists="append", index=False)
        count += len(part)
    return count


def events_load(kind: str, folder: Path) -> int:
    """Judge and append the files of events that are new."""
    return _load(folder / kind, folder / kind / "files", "web_events")


def events_limit(kind: str, folder: Path) -> int:
    """DuckDB's own reader into a table, unjudged."""
    files = f"{folder}/{kind}/landing/web/events-*.{SUFFIXES[kind]}"
    reader = "read_json" if kind == "jsonl" else "read_parquet"
    return _into_table(f"{reader}('{files}')")


CANDIDATES: dict[str, Callable[[Path], int]] = {
    "orders_extract": orders_extract,
    "orders_load": orders_load,
    "orders_limit_copy": orders_limit_copy,
    "orders_limit_parquet": orders_limit_parquet,
    "orders_peer_dlt": orders_peer_dlt,
    "orders_peer_pandas": orders_peer_pandas,
    **{f"events_{kind}_load": partial(events_load, kind) for kind in SUFFIXES},
    **{f"events_{kind}_limit": partial(events_limit, kind) for kind in SUFFIXES},
}


def main(name: str, folder: Path) -> None:
    """Run one candidate and print its figures. Raises KeyError for an unknown one."""
    started = time.perf_counter()
    rows = CANDIDATES[name](folder)
    wall = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures = {
        "wall": wall,
        "cpu": sum(one.ru_utime + one.ru_stime for one in used),
        "peak_mb": max(one.ru_maxrss for one in used) / 1024,
        "rows": rows,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def _load(root: Path, declarations: Path, entity: str) -> int:
    from ingestion.declarations import load_declarations
    from ingestion.load import load_entity
    from ingestion.place import Place
    from ingestion.raw_tables import prepare

    entities = load_entities()
    with _warehouse(root / "warehouse.duckdb") as con:
        prepare(con, entities)
        place = Place(root / "landing", root / "work")
        declared = load_declarations(declarations, entities)
        report = load_entity(con, entities[entity], declared, place, now=NOW)
    if not report.is_balanced or report.rows_quarantined:
        raise RuntimeError(f"{entity}: {report.rows_quarantined} rows quarantined")
    return report.rows_loaded


def _into_table(reader: str) -> int:
    with _warehouse(None) as con:
        row = con.execute(f"create table rows as from {reader}").fetchone()
    return int(row[0]) if row else 0


def _sqlalchemy_url() -> str:
    return os.environ[URL].replace("postgresql://", "postgresql+psycopg://")


def _count_orders() -> int:
    import psycopg

    with psycopg.connect(os.environ[URL]) as connection:
        row = connection.execute("select count(*) from orders").fetchone()
    return int(row[0]) if row else 0


def _warehouse(path: Path | None) -> duckdb.DuckDBPyConnection:
    import duckdb

    where = str(path) if path else ":memory:"
    return duckdb.connect(where, config={"memory_limit": MEMORY, "threads": "2"})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
