"""Which tables of the warehouse are published, under which name, and whether they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import duckdb

from governance.publishing.pseudonyms import is_customer_id

WAREHOUSE = "warehouse"  # name under which the warehouse is attached
WHOLE_SCHEMAS = ("marts", "ml", "quality", "segments")
RENAMED = {
    "core.consent_current": "core.consent_current",  # of core, this one alone
    "raw_control.loads": "quality.loads",
    "raw_control.sources": "quality.sources",
    "raw_control.systems": "quality.systems",
}
QUARANTINED = "quality.quarantined"

# Columns that change with every run although nothing was learnt: a publication is not made for
# them. What is published then shows the earlier check, so freshness is under-stated, never over.
BOOKKEEPING = frozenset(
    {"checked_at", "computed_at", "last_checked_at", "load_id", "loaded_at", "run_id"}
    | {"since_run_id", "trained_at"}
)


@dataclass(frozen=True)
class Published:
    """One table to publish: its public name, the query that reads it, its columns in order."""

    name: str
    query: str
    columns: tuple[str, ...]

    @property
    def id_columns(self) -> tuple[str, ...]:
        """The columns that hold customer ids."""
        return tuple(column for column in self.columns if is_customer_id(column))


def list_contents(con: duckdb.DuckDBPyConnection) -> list[Published]:
    """Every table to publish from the attached warehouse, by name."""
    found = con.execute(
        "select schema_name || '.' || table_name from ("
        "select schema_name, table_name, database_name from duckdb_tables() union "
        "select schema_name, view_name, database_name from duckdb_views() where not internal) "
        "where database_name = ? order by 1",
        [WAREHOUSE],
    ).fetchall()
    names = {
        RENAMED.get(name, name): f"select * from {WAREHOUSE}.{name}"
        for (name,) in found
        if name.split(".")[0] in WHOLE_SCHEMAS or name in RENAMED
    }
    if ("quarantine.files",) in found:
        names[QUARANTINED] = (
            "select entity, source_system, reason_code, column_name, count(*) as row_count "
            f"from {WAREHOUSE}.quarantine.files group by all"
        )
    return [Published(name, names[name], _columns(con, names[name])) for name in sorted(names)]


def _columns(con: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    return tuple(row[0] for row in con.execute(f"describe {query}").fetchall())


def digest_contents(
    con: duckdb.DuckDBPyConnection, contents: Sequence[Published], *other: str
) -> str:
    """A digest of all rows, whatever their order, and of `other` texts that shape the files."""
    digest = sha256("|".join(other).encode())
    for table in contents:
        kept = [f'"{column}"' for column in table.columns if column not in BOOKKEEPING]
        # md5 and not hash(): DuckDB's hash() differs between its versions.
        found = con.execute(
            f"select count(*), sum(md5_number_lower(cast(kept as varchar))) "
            f"from (select {', '.join(kept)} from ({table.query})) as kept"
        ).fetchone()
        digest.update(f"{table.name}{table.columns}{found}".encode())
    return digest.hexdigest()


def data_through(con: duckdb.DuckDBPyConnection, contents: Sequence[Published]) -> str | None:
    """Up to when the data are known to be complete (ISO text); None when nobody can say."""
    names = {table.name: table for table in contents}
    mart = names.get("marts.customer_360")
    if mart and "data_as_of" in mart.columns:
        found = con.execute(
            f"select cast(min(data_as_of) as varchar) from ({mart.query})"
        ).fetchone()
        if found and found[0]:
            return str(found[0])
    if "quality.sources" in names:
        found = con.execute(
            "select cast(min(data_through) as varchar) "
            f"from ({names['quality.sources'].query}) where is_connected"
        ).fetchone()
        return str(found[0]) if found and found[0] else None
    return None
