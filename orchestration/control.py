"""The control tables that orchestration writes: the run, its cut-offs, what was built from what."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from orchestration.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb

    from ingestion.feed import Declaration

# Cut-offs lie on every fourth Monday; this one is a fixed point of the grid, both ways.
ANCHOR = date(2017, 3, 27)
GRID_DAYS = 28
HISTORY_DAYS = 84  # a feature window that reaches before the first order describes nothing

BUILT = """
create table if not exists raw_control.built (
    asset_key text primary key, digest text, run_id text, built_at timestamp
)
"""


SYSTEMS = """
create table if not exists raw_control.systems (
    source_system text, description text, owner text, cadence_days integer
)
"""


def begin_run(warehouse: Warehouse, run_id: str, as_of: date, started_at: datetime) -> None:
    """Make what must exist before any step (raw tables, score tables) and write this run's row."""
    from activation import segments
    from ingestion import raw_tables
    from ml import store
    from orchestration.declared import entities
    from quality import phone_numbers
    from quality import store as quality_store

    with warehouse.connect() as con:
        raw_tables.prepare(con, entities())
        store.prepare(con)
        segments.prepare(con)
        quality_store.prepare(con)
        phone_numbers.prepare(con)
        con.execute(BUILT)
        con.execute(SYSTEMS)
        con.execute("begin")
        con.execute("delete from raw_control.run")
        con.execute("insert into raw_control.run values (?, ?, ?)", [run_id, as_of, started_at])
        con.execute("commit")


def write_systems(warehouse: Warehouse, declarations: "Sequence[Declaration]") -> None:
    """Make raw_control.systems say what the declarations say; written only when it changed."""
    wanted = sorted((d.system, d.description, d.owner, d.cadence_days) for d in declarations)
    with warehouse.connect() as con:
        con.execute(SYSTEMS)
        if con.execute("from raw_control.systems order by all").fetchall() == wanted:
            return
        con.execute("begin")
        con.execute("delete from raw_control.systems")
        if wanted:
            con.executemany("insert into raw_control.systems values (?, ?, ?, ?)", wanted)
        con.execute("commit")


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


def write_cut_offs(con: "duckdb.DuckDBPyConnection", as_of: date) -> int:
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


def ask_where_people_changed(con: "duckdb.DuckDBPyConnection") -> int:
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


def ask_for_cut_offs(
    con: "duckdb.DuckDBPyConnection", month: str, asked_at: datetime
) -> list[date]:
    """Mark the cut-offs of a month (YYYY-MM) to be computed anew; which ones they are."""
    rows = con.execute(
        "update raw_control.cut_offs set wanted_since = ?"
        " where strftime(as_of_date, '%Y-%m') = ? returning as_of_date",
        [asked_at, month],
    ).fetchall()
    return sorted(row[0] for row in rows)


def ask_for_cut_off(con: "duckdb.DuckDBPyConnection", day: date, asked_at: datetime) -> bool:
    """Mark one cut-off to be computed anew; whether the grid has it."""
    rows = con.execute(
        "update raw_control.cut_offs set wanted_since = ? where as_of_date = ?"
        " returning as_of_date",
        [asked_at, day],
    ).fetchall()
    return bool(rows)
