"""What the site reads: the public publication, and what the state database says was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from dashboards.say import is_missing

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Engine


def open_public(published: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the publication that the link shows now.

    The link is resolved first: one connection then sees one version, and DuckDB, which keeps one
    instance per path, never hands out an older file under the same name.
    """
    return duckdb.connect(str(published.resolve() / "public.duckdb"), read_only=True)


def read_frames(
    con: duckdb.DuckDBPyConnection, queries: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """The rows of each query; none for a table that this company does not have."""
    import pandas as pd

    frames = {}
    for name, query in queries.items():
        try:
            frames[name] = con.execute(query).df()
        except duckdb.CatalogException:
            frames[name] = pd.DataFrame()
    return frames


def read_meta(con: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """The one row of `meta`, by column."""
    cursor = con.execute("select * from meta")
    names = [column[0] for column in cursor.description or []]
    return dict(zip(names, cursor.fetchone() or (), strict=False))


def read_currency(con: duckdb.DuckDBPyConnection, fallback: str) -> str:
    """The currency of the marts; the company's own while nobody bought anything."""
    frames = read_frames(con, {"c": "select max(currency) as c from marts.customer_360"})
    found = frames["c"]["c"].iloc[0] if len(frames["c"]) else None
    return found if isinstance(found, str) else fallback


def late_sources(con: duckdb.DuckDBPyConnection, as_of: date) -> list[str] | None:
    """Connected entities whose source is overdue by its own cadence; None when nobody knows."""
    frames = read_frames(
        con,
        {
            "sources": "select entity, max(data_through) as data_through, "
            "max(cadence_days) as cadence_days from quality.sources "
            "where is_connected group by entity order by entity"
        },
    )
    sources = frames["sources"]
    if sources.empty:
        return None
    return [str(row.entity) for row in sources.itertuples() if is_late(row, as_of)]


def sales_through(con: duckdb.DuckDBPyConnection, time_zone: str) -> date | None:
    """The last day whose sales are known, in the business time zone; None when nobody knows.

    A source known until midnight knows the day before.
    """
    query = (
        "select max(data_through) as until from quality.sources "
        "where is_connected and entity in ('order_lines', 'orders')"
    )
    frame = read_frames(con, {"sales": query})["sales"]
    until = frame["until"].iloc[0] if len(frame) else None
    if is_missing(until) or not isinstance(until, datetime):
        return None
    local = until.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone))
    return (local - timedelta(microseconds=1)).date()


def is_late(source: object, as_of: date) -> bool:
    """Whether a source should have delivered again: a day of grace beyond its cadence."""
    through, cadence = getattr(source, "data_through", None), getattr(source, "cadence_days", None)
    if is_missing(through) or is_missing(cadence) or not isinstance(through, datetime):
        return False
    return through.date() + timedelta(days=int(cadence or 0) + 1) < as_of


def read_deliveries(state: Engine | None) -> pd.DataFrame:
    """Rows acknowledged by destinations: campaign, destination, channel, people, last one."""
    import pandas as pd

    empty = pd.DataFrame(
        columns=["campaign", "destination", "channel", "people", "last_acknowledged_at"]
    )
    if state is None:
        return empty
    from sqlalchemy import inspect, text

    if not inspect(state).has_table("deliveries"):
        return empty
    query = text(
        "select campaign, destination, channel, count(*) as people, "
        "max(acknowledged_at) as last_acknowledged_at from deliveries where is_present = :yes "
        "group by campaign, destination, channel order by campaign, destination, channel"
    )
    with state.connect() as connection:
        rows = connection.execute(query, {"yes": True}).mappings().all()
    return pd.DataFrame([dict(row) for row in rows]) if rows else empty
