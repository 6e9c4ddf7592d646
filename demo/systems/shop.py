"""The web shop's database: tables of its own in PostgreSQL, written as a shop writes them.

A period is one transaction, kept once. A row that changes is changed in place with a new
updated_at; carts that were left, and accounts and addresses that nobody uses, vanish without a
word, as clean-up jobs make them.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import psycopg

from demo.systems.shop_tables import TABLES, ShopTable

if TYPE_CHECKING:
    import pyarrow as pa

    from demo.world.facts import Facts, Period

SYSTEM = "shop"
_EVENING = time(22)
_LEFT_DAYS = 120
_PERIODS = """
create table if not exists demo_periods (
    first_day date primary key, carts_gone bigint, addresses_gone bigint, customers_gone bigint
);
"""
# A share of rows that depends on nothing but their keys and the day: the same every time.
_DRAWN = "('x' || substr(md5({column} || %(day)s), 1, 8))::bit(32)::bigint %% {one_in} = 0"


class Shop:
    """The shop's records in the database at url (postgresql://…), whose tables it makes."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(table.ddl)
            cursor.execute(_PERIODS)

    def record(self, facts: Facts, period: Period) -> None:
        """Keep what the shop learnt in the period; a period recorded before changes nothing."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(
                "insert into demo_periods (first_day) values (%s) on conflict do nothing",
                (period.first_day,),
            )
            if cursor.rowcount == 0:
                return
            for table in TABLES:
                _write(cursor, table, facts, period)
            if not period.is_history:
                _clean_up(cursor, period)

    def close(self) -> None:
        """Leave the database."""
        self._connection.close()


def _write(cursor: psycopg.Cursor[Any], table: ShopTable, facts: Facts, period: Period) -> None:
    rows = _rows_of(facts, table)
    if rows is None or rows.num_rows == 0:
        return
    columns = ", ".join(table.columns)
    typed = ", ".join(f"{name} {kind}" for name, (_, kind) in table.columns.items())
    cursor.execute(f"create temp table incoming (place bigserial, {typed}) on commit drop")
    with cursor.copy(f"copy incoming ({columns}) from stdin with (format csv)") as copy:
        copy.write(_as_csv(rows))
    key = ", ".join(table.key)
    others = [name for name in table.columns if name not in table.key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in (*others, "updated_at"))
    ours = ", ".join(f"{table.name}.{name}" for name in others)
    theirs = ", ".join(f"excluded.{name}" for name in others)
    cursor.execute(
        f"""
        insert into {table.name} ({columns}, updated_at)
        select distinct on ({key}) {columns}, {_written_at(table)}
        from incoming order by {key}, place desc
        on conflict ({key}) do update set {changes}
        where ({ours}) is distinct from ({theirs})
        """,
        _moments(period),
    )
    cursor.execute("drop table incoming")


def _written_at(table: ShopTable) -> str:
    """When the row was written: as it happened, or in the evening when that was told late."""
    if table.happened is None:
        return "%(evening)s::timestamptz"
    return (
        f"case when {table.happened} >= %(begins)s and {table.happened} < %(ends)s "
        f"then {table.happened} else %(evening)s end"
    )


def _moments(period: Period) -> dict[str, datetime]:
    last = datetime.combine(period.last_day, time(), tzinfo=UTC)
    return {
        "begins": datetime.combine(period.first_day, time(), tzinfo=UTC),
        "ends": last + timedelta(days=1),
        "evening": datetime.combine(period.last_day, _EVENING, tzinfo=UTC),
    }


def _clean_up(cursor: psycopg.Cursor[Any], period: Period) -> None:
    """Delete what the shop's jobs of that day delete, and note how many rows."""
    left = period.last_day - timedelta(days=_LEFT_DAYS)
    values = {"day": period.last_day.isoformat(), "left": left}
    is_unused = (
        "not exists (select 1 from orders where orders.customer_id = customers.id) "
        "and created_at < %(left)s"
    )
    counts = []
    for statement in (
        f"delete from carts where state = 'open' and changed_at < %(left)s and {_drawn('id', 40)}",
        f"delete from addresses where not confirmed and {_drawn('id', 4_000)}",
        f"delete from customers where {is_unused} and {_drawn('id', 2_000)}",
    ):
        cursor.execute(statement, values)
        counts.append(cursor.rowcount)
    cursor.execute(
        "update demo_periods set carts_gone = %s, addresses_gone = %s, customers_gone = %s "
        "where first_day = %s",
        (*counts, period.first_day),
    )


def _drawn(column: str, one_in: int) -> str:
    return _DRAWN.format(column=column, one_in=one_in)


def _rows_of(facts: Facts, table: ShopTable) -> pa.Table | None:
    import pyarrow.compute as pc

    if table.entity not in facts:
        return None
    found = facts[table.entity]
    names = [fact for fact, _ in table.columns.values()]
    return found.filter(pc.equal(found["system"], SYSTEM)).select(names)


def _as_csv(rows: pa.Table) -> bytes:
    """Rows as CSV; an empty text is quoted, a null is not, which is how PostgreSQL tells them."""
    import pyarrow as pa
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(rows, sink, csv.WriteOptions(include_header=False))
    return bytes(sink.getvalue().to_pybytes())
