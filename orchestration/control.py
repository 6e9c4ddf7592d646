"""The control tables that orchestration writes: the run, the systems, what was built from what."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from orchestration.warehouse import Warehouse

if TYPE_CHECKING:
    from ingestion.feed import Declaration

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
