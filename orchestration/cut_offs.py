"""Cut-offs: the days for which features and labels are kept, and which are to be computed anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from contract.sql import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Cut-offs lie on every fourth Monday; this one is a fixed point of the grid, both ways.
ANCHOR = date(2017, 3, 27)
GRID_DAYS = 28
HISTORY_DAYS = 84  # a feature window that reaches before the first order describes nothing
# Tables of raw_files whose rows are counted in features and labels.
FEATURES_READ = (
    "orders", "order_lines", "refunds", "products", "campaigns", "campaign_contacts",
    "message_events", "interactions", "redemptions",
)  # fmt: skip

_DATA = """
create table if not exists raw_control.features_data (loaded_at timestamp, as_of_date date)
"""
_ASK_LATE = """
update raw_control.cut_offs set wanted_since = (select started_at from raw_control.run)
where timezone('UTC', timezone($zone, as_of_date::timestamp)) > $first
    or exists (
        select 1 from (select unnest($horizons::integer[]) as days) as horizons
        where as_of_date + days <= $looked_on
            and timezone('UTC', timezone($zone, (as_of_date + days)::timestamp)) > $first
    )
"""


def grid(first_ordered_on: date | None, as_of: date) -> list[date]:
    """Every cut-off of the grid with enough history, oldest first, and the day itself."""
    if first_ordered_on is None:
        return [as_of]
    first = first_ordered_on + timedelta(days=HISTORY_DAYS)
    steps = -((ANCHOR - first).days // GRID_DAYS)
    day = ANCHOR + timedelta(days=GRID_DAYS * steps)
    days = []
    while day < as_of:
        days.append(day)
        day += timedelta(days=GRID_DAYS)
    return [*days, as_of]


def write_cut_offs(con: DuckDBPyConnection, as_of: date) -> int:
    """Add the missing cut-offs and drop the days that are no longer wanted; how many there are."""
    first = con.execute(
        "select least((select min(ordered_at) from raw_files.order_lines),"
        " (select min(ordered_at) from raw_files.orders))::date"
    ).fetchall()[0][0]
    wanted = [(day,) for day in grid(first, as_of)]
    con.execute("create or replace temp table wanted (as_of_date date)")
    con.executemany("insert into wanted values (?)", wanted)
    con.execute(
        "delete from raw_control.cut_offs where as_of_date not in (select as_of_date from wanted)"
    )
    con.execute(
        "insert into raw_control.cut_offs select as_of_date, timestamp '1970-01-01' from wanted"
        " where as_of_date not in (select as_of_date from raw_control.cut_offs)"
    )
    return len(wanted)


def ask_where_people_changed(con: DuckDBPyConnection) -> int:
    """Ask for every cut-off anew when a record that was there belongs to another cluster, or is
    gone; how many such records.

    Features of the past are kept per person, so a merge, an unmerge and an erasure must reach them.
    raw_control.features_people remembers the clusters that the features were last computed for.
    """
    clusters, remembered = "intermediate.identity_clusters", "raw_control.features_people"
    con.execute("create schema if not exists intermediate")
    for table in (clusters, remembered):
        con.execute(f"create table if not exists {table} (record_id varchar, cluster_id varchar)")
    moved = con.execute(
        f"select count(*) from {remembered} as before_ left join {clusters} as now_"
        " on before_.record_id = md5(now_.record_id)"
        " where before_.cluster_id is distinct from md5(now_.cluster_id)"
    ).fetchall()[0][0]
    if moved:
        started = "(select started_at from raw_control.run)"
        con.execute(f"update raw_control.cut_offs set wanted_since = {started}")
    # As digests: whoever is erased before the next run must not be found here by a key.
    con.execute(
        f"create or replace table {remembered} as select md5(record_id) as record_id,"
        f" md5(cluster_id) as cluster_id from {clusters} order by record_id"
    )
    return int(moved)


def ask_where_late(con: DuckDBPyConnection, as_of: date, time_zone: str) -> datetime | None:
    """Ask for every cut-off anew of which the features, or a label that is out, did not know rows
    that have come since; when the first of these rows was known (naive UTC), None without any.

    raw_control.features_data remembers up to which loading rows were looked at, and on which day:
    labels of then were out.
    """
    from ml.registry import specs

    con.execute(_DATA)
    since, looked_on = con.execute(
        "select max(loaded_at), max(as_of_date) from raw_control.features_data"
    ).fetchall()[0]
    rows = " union all ".join(
        f"select known_at, loaded_at from raw_files.{t}" for t in FEATURES_READ
    )
    first, loaded_at = con.execute(
        f"select min(known_at), max(loaded_at) from ({rows})"
        " where loaded_at > coalesce(?, timestamp '1970-01-01')",
        [since],
    ).fetchall()[0]
    late = first if since is not None else None  # before the first look nothing was computed
    # At once: what was looked at and not asked for would be lost.
    with transaction(con):
        if late is not None:
            out_after = sorted({spec.known_after_days for spec in specs().values()})
            known = {"looked_on": looked_on, "horizons": out_after}
            con.execute(_ASK_LATE, {"zone": time_zone, "first": late, **known})
        con.execute("delete from raw_control.features_data")
        con.execute(
            "insert into raw_control.features_data values (coalesce(?, ?), greatest(?, ?))",
            [loaded_at, since, looked_on, as_of],
        )
    return late


def ask_for_cut_offs(con: DuckDBPyConnection, month: str, asked_at: datetime) -> list[date]:
    """Mark the cut-offs of a month (YYYY-MM) to be computed anew; which ones they are."""
    rows = con.execute(
        "update raw_control.cut_offs set wanted_since = ?"
        " where strftime(as_of_date, '%Y-%m') = ? returning as_of_date",
        [asked_at, month],
    ).fetchall()
    return sorted(row[0] for row in rows)


def ask_for_cut_off(con: DuckDBPyConnection, day: date, asked_at: datetime) -> bool:
    """Mark one cut-off to be computed anew; whether the grid has it."""
    rows = con.execute(
        "update raw_control.cut_offs set wanted_since = ? where as_of_date = ?"
        " returning as_of_date",
        [asked_at, day],
    ).fetchall()
    return bool(rows)
