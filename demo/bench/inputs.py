"""What the bench of loading reads: orders in a real PostgreSQL, events in files."""

from __future__ import annotations

from pathlib import Path

_ORDERS = """
create table if not exists orders (
    id text primary key, customer_id text, email text, store_id text, channel text, state text,
    total numeric(18,2), currency text, placed_at timestamptz, updated_at timestamptz not null);
create index if not exists orders_updated on orders (updated_at);
"""
_SOME_ORDERS = """
insert into orders
select 'O' || n, 'C' || (n * 7919 %% 200000), null, null, 'web', 'completed',
    (n * 31 %% 20000) / 100.0, 'EUR', moment, moment
from (
    select n, timestamptz '2026-01-01 00:00:00+00' + n * interval '10 seconds' as moment
    from generate_series(%(first)s::bigint, %(last)s::bigint) as numbers (n)
) as numbered
"""
_EVENTS = """
select
    'E' || n as id, 'product_view' as type, 'D' || (hash(n) % 400000) as device,
    case when n % 3 = 0 then 'C' || (hash(n) % 200000) end as account,
    struct_pack(product_id := 'P' || (n % 400), query := null, share := null) as properties,
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' as agent, false as bot,
    strftime(timestamp '2026-01-01' + to_seconds(n), '%Y-%m-%dT%H:%M:%SZ') as at
from range({first}, {last}) as numbers (n)
"""
FILE_ROWS = 1_000_000
DECLARATION = """
system: web
owner: bench
description: Events of the bench.
manifest: optional
settle_seconds: 0
files:
  events: &events
    entity: web_events
    pattern: events-*.{suffix}
    format: {format}
    columns:
      web_event_key: id
      event_type: type
      anonymous_id: device
      customer_key: account
      product_key: properties.product_id
      search_text: properties.query
      watched_share: properties.share
      user_agent: agent
      is_bot: bot
      occurred_at: at
"""
SUFFIXES = {"jsonl": "jsonl.gz", "parquet": "parquet"}


def make_orders(url: str, first: int, count: int) -> None:
    """Add so many orders to the shop's table, made when it is not there."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_ORDERS)
        connection.execute(_SOME_ORDERS, {"first": first, "last": first + count - 1})
        connection.execute("analyze orders")


def make_events(folder: Path, kind: str, first: int, count: int) -> None:
    """Drop so many more events as files of at most a million rows, with their declaration."""
    import duckdb

    landing = folder / kind / "landing" / "web"
    landing.mkdir(parents=True, exist_ok=True)
    declared = folder / kind / "files"
    declared.mkdir(exist_ok=True)
    text = DECLARATION.format(suffix=SUFFIXES[kind], format=kind)
    (declared / "web.yml").write_text(text, encoding="utf-8")
    how = "format json, compression gzip" if kind == "jsonl" else "format parquet"
    with duckdb.connect() as con:
        for begin in range(first, first + count, FILE_ROWS):
            last = min(begin + FILE_ROWS, first + count)
            path = landing / f"events-{begin:012d}.{SUFFIXES[kind]}"
            con.execute(f"copy ({_EVENTS.format(first=begin, last=last)}) to '{path}' ({how})")


def forget_events(folder: Path, kind: str) -> None:
    """Remove the files and the warehouse of one kind."""
    import shutil

    shutil.rmtree(folder / kind)
