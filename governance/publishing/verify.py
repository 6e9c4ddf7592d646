"""Look again at what was written, before anybody can read it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contract.sql import literal
from governance.publishing.build import NAMED, PUBLIC, Plan
from governance.publishing.contents import Published
from governance.publishing.pseudonyms import ID_COLUMN, PREFIX
from governance.publishing.quasi import SMALLEST_GROUP, smallest_group


class PublicationError(RuntimeError):
    """A publication that was written breaks a promise; yesterday's stays."""


def verify(con: duckdb.DuckDBPyConnection, plan: Plan, folder: Path) -> None:
    """Check the attached public and named databases and the Parquet files.

    Raises PublicationError listing every broken promise.
    """
    broken = [fault for table in plan.contents for fault in _table_faults(con, plan, table)]
    broken += _meta_faults(con, folder)
    if broken:
        raise PublicationError("Not published; yesterday's publication stays. " + " ".join(broken))


def _table_faults(con: duckdb.DuckDBPyConnection, plan: Plan, table: Published) -> list[str]:
    public = f"{PUBLIC}.{table.name}"
    faults = []
    columns = [row[0] for row in con.execute(f"describe {public}").fetchall()]
    if tuple(columns) != plan.public_columns(table):
        faults.append(f"{table.name}: its public columns are not the documented ones.")
    if _number(con, f"select count(*) from {public}") != _number(
        con, f"select count(*) from {NAMED}.{table.name}"
    ):
        faults.append(f"{table.name}: public and named have different numbers of rows.")
    for column in table.id_columns:
        real = _number(
            con,
            f"select count(*) from {public} left join pseudonyms "
            f'on pseudonyms.customer_id = {public}."{column}" '
            f"where pseudonyms.customer_id is not null "
            f"""or not starts_with({public}."{column}", '{PREFIX}')""",
        )
        if real:
            faults.append(f"{table.name}.{column}: {real} rows are not pseudonyms.")
    return faults + _group_faults(con, plan, table)


def _group_faults(con: duckdb.DuckDBPyConnection, plan: Plan, table: Published) -> list[str]:
    owner = plan.profile_owner()
    if ID_COLUMN in table.columns and table is not owner:
        return []  # repeats the owner's values, customer by customer
    smallest = smallest_group(con, f"{PUBLIC}.{table.name}", plan.quasi(table))
    if smallest is None or smallest >= SMALLEST_GROUP:
        return []
    return [
        f"{table.name}: a combination of quasi-identifiers is shared by {smallest} people only."
    ]


def _meta_faults(con: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    parquet = literal(str(folder / "parquet" / "meta.parquet"))
    metas = {
        tuple(con.execute(f"select * from {source}").fetchall())
        for source in (f"{PUBLIC}.main.meta", f"{NAMED}.main.meta", f"read_parquet({parquet})")
    }
    return [] if len(metas) == 1 else ["meta differs between the files."]


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    found = con.execute(query).fetchone()
    return int(found[0]) if found else 0
