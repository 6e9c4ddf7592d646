"""Write the files of one publication: the public one, the named one, the public one as Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from contract.errors import ConfigError
from contract.sql import literal
from governance.publishing.contents import Published
from governance.publishing.documents import TableDocument
from governance.publishing.pseudonyms import ID_COLUMN, write_pseudonyms
from governance.publishing.quasi import write_generalised

PUBLIC, NAMED = "public", "named"  # database names while writing, and file names
PROFILES = "profiles"


@dataclass(frozen=True)
class Stamp:
    """What a publication says about itself, and the key of its pseudonyms.

    duckdb_config: settings of the connection that writes (threads, memory_limit, temp_directory).
    """

    run_id: str
    published_at: datetime
    product_version: str
    pseudonym_key: bytes = field(repr=False)
    duckdb_config: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The tables to write, what is said about them, and where quasi-identifiers are."""

    contents: Sequence[Published]
    documents: Mapping[str, TableDocument]

    def privacy(self, table: Published, column: str) -> str:
        """public, quasi or direct."""
        return self.documents[table.name].columns[column].privacy

    def quasi(self, table: Published) -> tuple[str, ...]:
        """The quasi-identifying columns of a table, in its order."""
        return tuple(c for c in table.columns if self.privacy(table, c) == "quasi")

    def public_columns(self, table: Published) -> tuple[str, ...]:
        """The columns of the public file: customer ids are replaced there, so they stay."""
        kept = (
            c for c in table.columns if self.privacy(table, c) != "direct" or c in table.id_columns
        )
        return tuple(kept)

    def profile_owner(self) -> Published | None:
        """The table whose quasi columns describe people; every other repeats some of them.

        Raises ConfigError when another table adds a quasi column of its own: combinations over
        two tables would escape the rule of ten.
        """
        owners = [t for t in self.contents if ID_COLUMN in t.columns and self.quasi(t)]
        if not owners:
            return None
        owner = max(owners, key=lambda table: (len(self.quasi(table)), table.name))
        for table in owners:
            strays = set(self.quasi(table)) - set(self.quasi(owner))
            if strays:
                raise ConfigError(
                    f"{table.name}: quasi-identifier {', '.join(sorted(strays))} is not in "
                    f"{owner.name}. Keep all of them in {owner.name}, or tag it direct."
                )
        return owner


def prepare_people(con: duckdb.DuckDBPyConnection, plan: Plan, key: bytes) -> int:
    """Make the temporary tables `pseudonyms` and `profiles`; returns the number of customers.

    Raises ConfigError when the table of quasi-identifiers repeats a customer.
    """
    ids = [(f"({t.query})", column) for t in plan.contents for column in t.id_columns]
    customers = write_pseudonyms(con, ids, key)
    owner = plan.profile_owner()
    if owner is None:
        return customers
    names = ", ".join(f'"{column}"' for column in (ID_COLUMN, *plan.quasi(owner)))
    con.execute(f"create or replace temp table {PROFILES} as select {names} from ({owner.query})")
    found = con.execute(f"select count(*) - count(distinct {ID_COLUMN}) from {PROFILES}").fetchone()
    if found and found[0]:
        raise ConfigError(
            f"{owner.name}: {found[0]} rows repeat a customer. Quasi-identifiers belong in a "
            "table of one row per customer."
        )
    write_generalised(con, PROFILES, plan.quasi(owner))
    return customers


def write_tables(con: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, int]:
    """Write every table into both attached databases; returns rows by table."""
    for database in (PUBLIC, NAMED):
        # One transaction per database: DuckDB writes to one at a time, and hundreds of comments
        # committed one by one would cost more than the rows.
        con.begin()
        for table in plan.contents:
            _write_table(con, plan, table, database)
        con.commit()
    return {table.name: _count(con, f"{PUBLIC}.{table.name}") for table in plan.contents}


def _write_table(
    con: duckdb.DuckDBPyConnection, plan: Plan, table: Published, database: str
) -> None:
    full = f"{database}.{table.name}"
    con.execute(f"create schema if not exists {database}.{table.name.split('.')[0]}")
    if database == NAMED:
        con.execute(f"create table {full} as {table.query}")
        _comment(con, full, plan.documents[table.name], table.columns)
        return
    con.execute(f"create table {full} as {public_query(plan, table)}")
    if ID_COLUMN not in table.columns:
        write_generalised(con, full, plan.quasi(table))
    _comment(con, full, plan.documents[table.name], plan.public_columns(table))


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    found = con.execute(f"select count(*) from {table}").fetchone()
    return int(found[0]) if found else 0


def public_query(plan: Plan, table: Published) -> str:
    """The rows of a table with pseudonyms for ids and profiles for quasi-identifiers."""
    has_profile = ID_COLUMN in table.columns and bool(plan.quasi(table))
    expressions = []
    for column in plan.public_columns(table):
        if column in table.id_columns:
            expressions.append(f'ids_{table.id_columns.index(column)}.pseudonym as "{column}"')
        elif has_profile and column in plan.quasi(table):
            expressions.append(f'{PROFILES}."{column}"')
        else:
            expressions.append(f'source."{column}"')
    joins = [
        f'left join pseudonyms as ids_{i} on ids_{i}.customer_id = source."{column}"'
        for i, column in enumerate(table.id_columns)
    ]
    if has_profile:
        joins.append(f"left join {PROFILES} on {PROFILES}.{ID_COLUMN} = source.{ID_COLUMN}")
    # By pseudonym, so that the order of the rows says nothing about the real ids.
    order = " order by ids_0.pseudonym" if table.id_columns else ""
    return (
        f"select {', '.join(expressions)} from ({table.query}) as source {' '.join(joins)}{order}"
    )


def _comment(
    con: duckdb.DuckDBPyConnection, table: str, document: TableDocument, columns: Sequence[str]
) -> None:
    con.execute(f"comment on table {table} is {literal(document.description)}")
    for column in columns:
        text = literal(document.columns[column].description)
        con.execute(f'comment on column {table}."{column}" is {text}')


def write_meta(
    con: duckdb.DuckDBPyConnection, stamp: Stamp, through: str | None, digest: str
) -> None:
    """Write the one-row table `meta`, the same in both databases."""
    for database in (PUBLIC, NAMED):
        con.execute(
            f"create table {database}.main.meta as select ?::varchar as run_id, "
            "?::timestamp as data_through, ?::timestamp as published_at, "
            "?::varchar as product_version, ?::varchar as content_digest",
            [stamp.run_id, through, stamp.published_at, stamp.product_version, digest],
        )


def write_dictionary(con: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Write `dictionary`: one row per column of the database it is in, with its meaning."""
    for database in (PUBLIC, NAMED):
        con.execute(
            f"create table {database}.main.dictionary (table_name varchar, column_name varchar, "
            "position integer, data_type varchar, privacy varchar, origin varchar, "
            "description varchar, label_en varchar, label_fr varchar)"
        )
        rows = [row for table in plan.contents for row in _entries(con, plan, table, database)]
        con.begin()
        con.executemany(f"insert into {database}.main.dictionary values (?,?,?,?,?,?,?,?,?)", rows)
        con.commit()


def _entries(
    con: duckdb.DuckDBPyConnection, plan: Plan, table: Published, database: str
) -> list[list[object]]:
    described = con.execute(f"describe {database}.{table.name}").fetchall()
    documents = plan.documents[table.name].columns
    entries: list[list[object]] = []
    for position, (name, data_type, *_) in enumerate(described, start=1):
        it = documents[name]
        texts = [it.privacy, it.origin, it.description, it.label_en, it.label_fr]
        entries.append([table.name, name, position, data_type, *texts])
    return entries


def write_parquet(con: duckdb.DuckDBPyConnection, plan: Plan, folder: Path) -> None:
    """Write every public table as `<schema>.<table>.parquet`, with `meta` and `dictionary`."""
    folder.mkdir()
    for name in [table.name for table in plan.contents] + ["meta", "dictionary"]:
        target = literal(str(folder / f"{name}.parquet"))
        full = name if "." in name else f"main.{name}"
        con.execute(f"copy {PUBLIC}.{full} to {target} (format parquet, compression zstd)")
