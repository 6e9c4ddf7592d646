"""The steps of the ingestion bench: each runs alone in a process; returns the rows it moved."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from contract.sql import literal

MEMORY = "1GB"  # of DuckDB in our own steps: the process stays under twice that
FILE_ROWS = 500_000  # of one file of events: about a day of a large shop

ORDERS = """
system: shop
description: The bench's shop.
owner: bench
manifest: required
files:
  orders:
    entity: orders
    pattern: orders-[0-9]*.parquet
    known_at: updated_at
    columns: {order_key: id, customer_key: customer_id, email: email, store_key: store_id,
              channel: channel, status: state, total_amount: total, currency: currency,
              ordered_at: placed_at}
"""
EVENTS = """
system: web
description: The bench's collector.
owner: bench
settle_seconds: 0
files:
  events:
    entity: web_events
    pattern: events-*.KIND
    known_at: receivedAt
    columns: {web_event_key: messageId, event_type: event, anonymous_id: anonymousId,
              customer_key: userId, page_url: context.page.url, product_key: properties.product_id,
              utm_source: context.campaign.source, device: context.device.type,
              user_agent: context.userAgent, is_bot: context.is_bot, occurred_at: timestamp}
"""
_EVENT = """
select 'm' || n as "messageId", ['page_view', 'product_view', 'search'][1 + n % 3] as event,
    'a' || (n // 17) as "anonymousId",
    case when n % 3 = 0 then 'c' || (n // 51) end as "userId",
    {'page': {'url': 'https://shop.example/p/' || n % 9000},
     'campaign': {'source': case when n % 7 = 0 then 'newsletter' end},
     'device': {'type': 'mobile'}, 'is_bot': n % 97 = 0,
     'userAgent': 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile'
    } as context,
    {'product_id': case when n % 3 = 1 then 'P' || n % 9000 end} as properties,
    timestamp '2026-01-01' + interval (n * 700) millisecond as "timestamp",
    timestamp '2026-01-01' + interval (n * 700 + 900) millisecond as "receivedAt"
from range(FIRST, LAST) as numbers (n)
"""


def import_only(_root: Path, _rows: int, _url: str) -> int:
    """What starting a process of ours costs, before it does anything."""
    from ingestion.extract import extract
    from ingestion.load import load_entity

    return len([extract, load_entity])


def fill_orders(_root: Path, rows: int, url: str) -> int:
    """A table of orders over three years, made in the database."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as db:
        db.execute("""create table orders (id bigint primary key, customer_id text, email text,
            store_id text, channel text, state text, total numeric(18,2), currency text,
            placed_at timestamptz, updated_at timestamptz)""")
        db.execute(_insert_orders(), (1, rows))
        db.execute("create index on orders (updated_at)")
        db.execute("vacuum analyze orders")
    return rows


def one_percent(_root: Path, rows: int, url: str) -> int:
    """A day: nine tenths of a percent new orders, a tenth of a percent changed."""
    import psycopg

    new, changed = rows * 9 // 1000, rows // 1000
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(_insert_orders("now()"), (rows + 1, rows + new))
        db.execute(
            "update orders set state = 'cancelled', updated_at = now() where id <= %s", (changed,)
        )
    return new + changed


def extract_orders(root: Path, rows: int, url: str) -> int:
    """From PostgreSQL into the landing folder."""
    from ingestion.extract import extract
    from ingestion.place import Place
    from ingestion.postgres import connect
    from ingestion.source import Source, SourceTable

    tables = (SourceTable("orders", "updated_at", key=("id",), finds_deletes=True),)
    source = Source("shop", ("url",), tables, lambda settings: connect("shop", settings["url"]))
    place = Place(root / "landing", root / "work")
    extract(source, {"url": url}, place, now=datetime.now(UTC))
    return rows


def load_orders(root: Path, rows: int, _url: str) -> int:
    """From the landing folder into the raw table."""
    return _load(root, "orders", ORDERS, "shop") and rows


def limit_orders(root: Path, _rows: int, _url: str) -> int:
    """DuckDB alone, from the landed files into a table."""
    return _copy(root, f"read_parquet({literal(str(root / 'landing/shop/orders-*.parquet'))})")


def peer_pandas(root: Path, rows: int, url: str) -> int:
    """pandas.read_sql and to_sql, into SQLite."""
    import pandas as pd
    import sqlalchemy as sa

    source = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    target = sa.create_engine(f"sqlite:///{root / 'peer.sqlite'}")
    query = sa.text("select * from orders where id <= :rows")
    for frame in pd.read_sql(query, source, params={"rows": rows}, chunksize=50_000):
        frame.astype({"total": float}).to_sql("orders", target, if_exists="append", index=False)
    return rows


def peer_dlt(root: Path, rows: int, url: str) -> int:
    """Dlt's sql_table into DuckDB with the settings that it comes with."""
    import dlt
    from dlt.common.runtime.telemetry import stop_telemetry
    from dlt.sources.sql_database import sql_table

    dlt.config["runtime.dlthub_telemetry"] = False
    stop_telemetry()
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=str(root / "peer"),
        destination=dlt.destinations.duckdb(str(root / "peer.duckdb")),
        dataset_name="raw",
    )
    table = sql_table(
        url.replace("postgresql:", "postgresql+psycopg:"),
        table="orders",
        query_adapter_callback=lambda query, orders: query.where(orders.c.id <= rows),
    )
    pipeline.run(table)
    return rows


def write_events_jsonl(root: Path, rows: int, _url: str, begin: int = 0) -> int:
    """Gzipped JSON lines, as a collector writes them."""
    folder = _folder(root, "jsonl")
    with duckdb.connect() as con:
        for number, first, last in _files(begin, begin + rows):
            path = folder / f"events-{number:09d}.jsonl"
            sql = _EVENT.replace("FIRST", str(first)).replace("LAST", str(last))
            con.execute(f"copy ({sql}) to {literal(str(path))} (format json)")
            packed = gzip.compress(path.read_bytes(), compresslevel=5)
            path.with_name(f"{path.name}.gz").write_bytes(packed)
            path.unlink()
    return rows


def write_events_parquet(root: Path, rows: int, _url: str, begin: int = 0) -> int:
    """The same events as Parquet, nested as they are."""
    folder = _folder(root, "parquet")
    with duckdb.connect() as con:
        for number, first, last in _files(begin, begin + rows):
            path = folder / f"events-{number:09d}.parquet"
            sql = _EVENT.replace("FIRST", str(first)).replace("LAST", str(last))
            con.execute(f"copy ({sql}) to {literal(str(path))} (format parquet)")
    return rows


def day_of_events_jsonl(root: Path, rows: int, url: str) -> int:
    """One percent more of them."""
    return write_events_jsonl(root, max(rows // 100, 1), url, begin=rows)


def day_of_events_parquet(root: Path, rows: int, url: str) -> int:
    """One percent more of them."""
    return write_events_parquet(root, max(rows // 100, 1), url, begin=rows)


def load_events_jsonl(root: Path, _rows: int, _url: str) -> int:
    """From the landing folder into the raw table."""
    return _load(root / "jsonl", "web_events", EVENTS.replace("KIND", "jsonl.gz"), "web")


def load_events_parquet(root: Path, _rows: int, _url: str) -> int:
    """From the landing folder into the raw table."""
    return _load(root / "parquet", "web_events", EVENTS.replace("KIND", "parquet"), "web")


def limit_events_jsonl(root: Path, _rows: int, _url: str) -> int:
    """DuckDB alone, its columns told, into a table."""
    files = literal(str(root / "jsonl/landing/web/*.gz"))
    return _copy(root / "jsonl", f"read_json({files}, format = 'newline_delimited')")


def limit_events_parquet(root: Path, _rows: int, _url: str) -> int:
    """DuckDB alone, into a table."""
    files = literal(str(root / "parquet/landing/web/*.parquet"))
    return _copy(root / "parquet", f"read_parquet({files})")


def _load(root: Path, entity: str, declaration: str, system: str) -> int:
    from contract.entity import load_entities
    from ingestion.declarations import load_declarations
    from ingestion.load import load_entity
    from ingestion.place import Place
    from ingestion.raw_tables import prepare

    declared = root / "files"
    declared.mkdir(parents=True, exist_ok=True)
    (declared / f"{system}.yml").write_text(declaration, encoding="utf-8")
    entities = load_entities()
    with _warehouse(root, "warehouse.duckdb") as con:
        prepare(con, entities)
        report = load_entity(
            con,
            entities[entity],
            load_declarations(declared, entities),
            Place(root / "landing", root / "work"),
            now=datetime.now(UTC),
        )
    if not report.is_balanced or report.rows_quarantined or not report.rows_loaded:
        raise RuntimeError(json.dumps([report.rows_read, report.rows_loaded, *report.notices]))
    return report.rows_loaded


def _copy(root: Path, scan: str) -> int:
    with _warehouse(root, "limit.duckdb") as con:
        con.execute(f"create or replace table copied as from {scan}")
        return int(con.execute("select count(*) from copied").fetchall()[0][0])


@contextmanager
def _warehouse(root: Path, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, Any] = {"memory_limit": MEMORY, "temp_directory": str(root / "spill")}
    with duckdb.connect(str(root / name), config=config) as con:
        yield con


def _folder(root: Path, kind: str) -> Path:
    folder = root / kind / "landing" / "web"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _files(begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(number in the file's name, first event, the one after the last)."""
    for first in range(begin, end, FILE_ROWS):
        yield first, first, min(first + FILE_ROWS, end)


def _insert_orders(
    updated_at: str = "timestamptz '2023-01-01' + n * interval '90 seconds'",
) -> str:
    return f"""insert into orders
        select n, 'c' || n %% 200000, 'person' || n %% 200000 || '@mail.example',
            's' || n %% 11, case when n %% 3 = 0 then 'store' else 'web' end, 'completed',
            (n %% 20000) / 100.0 + 1, 'EUR', timestamptz '2023-01-01' + n * interval '90 seconds',
            {updated_at}
        from generate_series(%s::bigint, %s::bigint) n"""
